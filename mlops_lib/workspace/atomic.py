"""Writes that are either whole or not there: a temporary name beside the final one, then a rename."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def new_folder(final: Path) -> Iterator[Path]:
    """A folder to fill; it gets its final name when the block ends without an error.

    Where another process made the same folder meanwhile, that one stays: equal names mean equal content.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{final.name}-", dir=final.parent))
    try:
        yield temporary
        try:
            temporary.rename(final)
        except OSError:
            if not final.is_dir():
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_bytes(final: Path, content: bytes | bytearray | memoryview) -> None:
    """Write a file whole, replacing the one that is there."""
    final.parent.mkdir(parents=True, exist_ok=True)
    with new_file(final) as file:
        file.write(content)


@contextmanager
def new_file(final: Path) -> Iterator[BinaryIO]:
    """A file to write into, in a folder that is there; it takes its final name when the block ends without an error."""
    handle, name = tempfile.mkstemp(prefix=f".{final.name}-", dir=final.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(final)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
