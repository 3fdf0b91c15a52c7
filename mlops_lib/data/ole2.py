"""The container of .xls files (OLE2, also called a compound file): one stream taken out, or put into a plain one.

The format is [MS-CFB] of Microsoft's open specifications. Files of other programs, and spoiled ones, hold chains of
sectors that run in circles; here such a file is refused before anything follows them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FREE, _END, _FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_HEADER = struct.Struct("<8s16xHHHHH6xIIIIIIIII")
_IN_HEADER = 109
"""FAT sectors whose place the header itself tells."""

_SECTOR = 4096


class DamagedError(ValueError):
    """The container contradicts itself."""


@dataclass(frozen=True)
class _Layout:
    """What the header says."""

    content: bytes
    sector: int
    mini_sector: int
    directory: int
    cutoff: int
    mini_fat: int
    fat: np.ndarray

    def chain(self, first: int, table: np.ndarray) -> Iterator[int]:
        """Numbers of the sectors from `first` on. Raises DamagedError where they leave the table or run in a circle."""
        at, steps = first, 0
        while at != _END:
            if at >= len(table) or steps > len(table):
                raise DamagedError("a chain of sectors leads nowhere")
            yield at
            at, steps = int(table[at]), steps + 1

    def stream(self, first: int) -> bytes:
        """The sectors of a chain, one after the other."""
        return b"".join(self._sector(k) for k in self.chain(first, self.fat))

    def _sector(self, number: int) -> bytes:
        return self.content[(number + 1) * self.sector : (number + 2) * self.sector]


def stream_of(content: bytes, names: tuple[str, ...]) -> bytes | None:
    """The stream of the first of these names that there is, None where there is none. Raises DamagedError."""
    layout = _layout(content)
    directory = layout.stream(layout.directory)
    entries = [directory[k : k + 128] for k in range(0, len(directory) - 127, 128)]
    found = {_name(entry).lower(): entry for entry in entries if entry[66] in (2, 5)}
    entry = next((found[name.lower()] for name in names if name.lower() in found), None)
    if entry is None:
        return None
    first, size = struct.unpack_from("<II", entry, 116)
    stream = layout.stream(first) if size >= layout.cutoff else _mini_stream(layout, found.get("root entry"), first)
    if len(stream) < size:
        raise DamagedError("a stream is shorter than it says")
    return stream[:size]


def plain_container(name: str, stream: bytes) -> bytes:
    """A container that holds this one stream and nothing else."""
    # Streams below 4,096 bytes would lie in a container of their own; zeros at the end are no records.
    body = stream.ljust(max(_SECTOR, -(-len(stream) // _SECTOR) * _SECTOR), b"\0")
    data = len(body) // _SECTOR
    fats = -(-(data + 2) // (_SECTOR // 4 - 1))
    if fats > _IN_HEADER:
        raise DamagedError("a stream is longer than any workbook")
    chain = np.arange(1, data + 1, dtype="<u4")
    chain[-1] = _END
    fat = np.full(fats * _SECTOR // 4, _FREE, "<u4")
    fat[:data], fat[data : data + 2], fat[data + 2 : data + 2 + fats] = chain, _END, _FAT_SECTOR
    places = [data + 2 + k for k in range(fats)] + [_FREE] * (_IN_HEADER - fats)
    head = _HEADER.pack(SIGNATURE, 0x3E, 4, 0xFFFE, 12, 6, 1, fats, data, 0, _SECTOR, _END, 0, _END, 0)
    head += struct.pack(f"<{_IN_HEADER}I", *places)
    # Readers want the root entry to have a sector of short streams, be it blank.
    directory = _entry("Root Entry", 5, data + 1, _SECTOR, child=1) + _entry(name, 2, 0, len(body), child=_FREE)
    blank = bytes(64) + struct.pack("<HBBIII", 0, 0, 0, _FREE, _FREE, _FREE) + bytes(48)
    directory += blank * ((_SECTOR - len(directory)) // len(blank))
    return head.ljust(_SECTOR, b"\0") + body + directory + bytes(_SECTOR) + fat.tobytes()


def _entry(name: str, kind: int, first: int, size: int, child: int) -> bytes:
    letters = name.encode("utf-16-le")
    links = struct.pack("<HBBIII", len(letters) + 2, kind, 1, _FREE, _FREE, child)
    return letters.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", first, size)


def _layout(content: bytes) -> _Layout:
    if len(content) < 512 or not content.startswith(SIGNATURE):
        raise DamagedError("the header is cut off")
    _, _, _, _, shift, mini_shift, _, fats, directory, _, cutoff, mini_fat, _, more, _ = _HEADER.unpack_from(content)
    if shift not in (9, 12) or mini_shift != 6:
        raise DamagedError("the header names sectors of an unheard-of size")
    sector = 1 << shift
    sectors = list(struct.unpack_from(f"<{_IN_HEADER}I", content, 76))
    seen = 0
    while more not in (_END, _FREE):
        entries = np.frombuffer(_sector_at(content, more, sector), "<u4")
        sectors += entries[:-1].tolist()
        more, seen = int(entries[-1]), seen + 1
        if seen > len(content) // sector:
            raise DamagedError("a chain of sectors runs in a circle")
    used = [k for k in sectors if k < _FAT_SECTOR][:fats]
    table = b"".join(_sector_at(content, k, sector) for k in used)
    return _Layout(content, sector, 1 << mini_shift, directory, cutoff, mini_fat, np.frombuffer(table, "<u4"))


def _sector_at(content: bytes, number: int, sector: int) -> bytes:
    found = content[(number + 1) * sector : (number + 2) * sector]
    if len(found) < sector:
        raise DamagedError("a sector lies beyond the end")
    return found


def _mini_stream(layout: _Layout, root: bytes | None, first: int) -> bytes:
    """A short stream; these lie in pieces in the stream of the root entry."""
    if root is None:
        raise DamagedError("there is no root entry")
    pieces = layout.stream(struct.unpack_from("<I", root, 116)[0])
    table = np.frombuffer(layout.stream(layout.mini_fat), "<u4")
    size = layout.mini_sector
    return b"".join(pieces[k * size : (k + 1) * size] for k in layout.chain(first, table))


def _name(entry: bytes) -> str:
    length = max(0, min(64, struct.unpack_from("<H", entry, 64)[0]) - 2)
    return entry[:length].decode("utf-16-le", "replace")
