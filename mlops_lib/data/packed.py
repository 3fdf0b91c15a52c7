"""A table packed as gzip, ZIP or Zstandard, unpacked into a file that vanishes after use, within the limits."""

from __future__ import annotations

import contextlib
import gzip
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Protocol, cast

import pyarrow as pa

from mlops_lib.data.formats import CONTAINERS, Container, Format, detect_format, format_of_head
from mlops_lib.data.limits import check_decoded
from mlops_lib.objects.errors import FulcrumError, InputError, TooLargeError
from mlops_lib.objects.words import listed

_CHUNK = 1 << 20
_NO_TABLES = ("thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Unpacked:
    """Where the unpacked file lies while it is needed, what messages call it and what it is, its container and size."""

    path: Path
    name: str
    format: Format
    container: str
    size: int


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class _Opened:
    """The bytes of the one table in a container, what messages call it and how the container is described."""

    stream: _Stream
    name: str
    container: str


@contextmanager
def unpacked(path: Path, name: str, kind: Container) -> Iterator[Unpacked]:
    """The one table inside a packed file, for as long as the block lasts.

    Raises InputError where it is damaged, has a password or does not hold exactly one table, and TooLargeError as soon
    as more than `limits.MAX_DECODED_BYTES` have come out of it.
    """
    with _scratch() as (file, place):
        with _reported(name), _OPENERS[kind](path, name) as opened:
            size = _copy(opened, file, name)
        inner = detect_format(place, opened.name)
        if inner in CONTAINERS:
            raise InputError(
                f"'{name}' holds another archive ({inner}) instead of a table.",
                "Unpack it once and upload what is inside.",
            )
        yield Unpacked(place, opened.name, cast("Format", inner), opened.container, size)


def _copy(opened: _Opened, file: IO[bytes], name: str) -> int:
    """Write everything out, and give up early: at the limit, or where the first bytes are those of no table."""
    size = 0
    while chunk := opened.stream.read(_CHUNK):
        if size == 0 and not chunk.startswith((b"PK", b"\xd0\xcf")):
            format_of_head(chunk, opened.name)
        size += len(chunk)
        check_decoded(size, name)
        file.write(chunk)
    file.flush()
    if not size:
        raise InputError(
            f"'{opened.name}' is empty.", "Pack a file with a row of names and at least one row of values."
        )
    return size


@contextmanager
def _scratch() -> Iterator[tuple[IO[bytes], Path]]:
    """A file without a name where the system has such, so that nothing is left behind even by a killed process."""
    with tempfile.TemporaryFile(prefix="fulcrum-") as file:
        place = Path(f"/proc/self/fd/{file.fileno()}")
        if place.exists():
            yield file, place
            return
    with tempfile.NamedTemporaryFile(prefix="fulcrum-") as named:
        yield named, Path(named.name)


@contextmanager
def _reported(name: str) -> Iterator[None]:
    damaged = InputError(f"'{name}' is damaged or cut off and cannot be unpacked.", "Pack it again and upload that.")
    try:
        yield
    except (FulcrumError, MemoryError):
        raise
    except NotImplementedError:
        raise InputError(f"'{name}' is packed in an unusual way.", "Pack it as an ordinary ZIP or gzip file.") from None
    except OSError as error:
        if error.errno is None or isinstance(error, FileNotFoundError):
            raise damaged from None
        raise TooLargeError(
            f"'{name}' could not be unpacked: {os.strerror(error.errno)}.", "Make room on the server's disk."
        ) from None
    except Exception:  # noqa: BLE001  (zipfile and zlib raise whatever a damaged file makes them stumble over)
        raise damaged from None


@contextmanager
def _gzip(path: Path, name: str) -> Iterator[_Opened]:
    with gzip.open(path) as stream:
        yield _Opened(stream, name, "gzip")


@contextmanager
def _zstd(path: Path, name: str) -> Iterator[_Opened]:
    with pa.OSFile(str(path)) as file, pa.CompressedInputStream(file, "zstd") as stream:
        yield _Opened(stream, name, "zstd")


@contextmanager
def _zip(path: Path, name: str) -> Iterator[_Opened]:
    with zipfile.ZipFile(path) as archive:
        entry = _only_table(archive, name)
        if entry.flag_bits & 1:
            raise InputError(f"'{name}' has a password.", "Pack the table again without one.")
        with contextlib.closing(archive.open(entry)) as stream:
            inner = PurePosixPath(entry.filename).name
            yield _Opened(stream, f"{inner} in {name}", f"zip: {inner}")


def _only_table(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_hidden(entry.filename)]
    if not entries:
        raise InputError(f"The ZIP archive '{name}' holds no file.", "Pack one table into it.")
    if len(entries) > 1:
        names = listed([PurePosixPath(entry.filename).name for entry in entries], most=3)
        raise InputError(
            f"The ZIP archive '{name}' holds {len(entries):,} files ({names}); only one table can be read at a time.",
            "Pack the one you want alone, or upload it unpacked.",
        )
    return entries[0]


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any(part.startswith((".", "__MACOSX")) for part in parts) or parts[-1].lower() in _NO_TABLES


_OPENERS: dict[Container, Callable[[Path, str], AbstractContextManager[_Opened]]] = {
    "gzip": _gzip,
    "zip": _zip,
    "zstd": _zstd,
}
