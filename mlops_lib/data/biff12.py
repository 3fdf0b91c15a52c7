"""The records of an .xlsb workbook ([MS-XLSB], "BIFF12"), walked through before its reader makes room for the cells.

That reader lays a sheet out as a rectangle from its first to its last cell, whatever the number of those between.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

_ROW = 0
_CELLS = range(1, 12)
"""Blank, number, error, yes/no, text and the results of formulas: each begins with the number of its column."""


def extents(path: Path) -> Iterator[tuple[int, int]]:
    """Rows and columns up to the last cell, sheet by sheet. Raises ValueError where a record is cut off."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".bin"):
                yield _extent(archive.read(name))


def _extent(part: bytes) -> tuple[int, int]:
    rows = columns = row = 0
    for kind, at, size in _records(part):
        if kind != _ROW and kind not in _CELLS:
            continue
        if size < 4:
            raise ValueError("a cell is cut off")
        place = struct.unpack_from("<I", part, at)[0]
        if kind == _ROW:
            row = place
        else:
            rows, columns = max(rows, row + 1), max(columns, place + 1)
    return rows, columns


def _records(part: bytes) -> Iterator[tuple[int, int, int]]:
    """Kind, place and size of each record. Both numbers come seven bits at a time, low ones first."""
    at = 0
    while at < len(part):
        kind = part[at]
        at += 1
        if kind & 128:
            kind, at = (kind & 127) | ((_byte(part, at) & 127) << 7), at + 1
        size = shift = 0
        while True:
            byte = _byte(part, at)
            size, at, shift = size | ((byte & 127) << shift), at + 1, shift + 7
            if not byte & 128 or shift == 28:
                break
        if at + size > len(part):
            raise ValueError("a record is cut off")
        yield kind, at, size
        at += size


def _byte(part: bytes, at: int) -> int:
    if at >= len(part):
        raise ValueError("a record is cut off")
    return part[at]
