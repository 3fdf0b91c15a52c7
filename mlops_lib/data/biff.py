"""The records of an .xls workbook ([MS-XLS], "BIFF"), walked through to learn what its reader does not tell.

The reader lays a sheet out as a rectangle from its first to its last cell and shows errors as empty cells. Here the
extent is checked before it does, and errors are counted.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from mlops_lib.data.ole2 import DamagedError

_BOF, _EOF, _SHEET, _PASSWORD = (0x0009, 0x0209, 0x0409, 0x0809), 0x000A, 0x0085, 0x002F
_FORMULA, _ERROR = (0x0006, 0x0206, 0x0406), (0x0005, 0x0205)
_CELLS = {*_FORMULA, *_ERROR, 0x0201, 0x0203, 0x0204, 0x027E, 0x00FD, 0x00D6}
_ROWS_OF_CELLS = (0x00BD, 0x00BE)
"""Records of several cells of one row, which end with the number of the last column."""


@dataclass
class SheetFacts:
    """Extent of the cells of one sheet, and how many of them hold an error."""

    rows: int = 0
    columns: int = 0
    errors: int = 0


def has_password(stream: bytes) -> bool:
    """Whether the workbook is encrypted."""
    return any(kind == _PASSWORD for kind, _, _ in _records(stream, 0))


def sheet_facts(stream: bytes) -> tuple[SheetFacts, ...]:
    """The facts of all sheets, in the order of the workbook. Raises DamagedError for records that contradict it."""
    starts = [
        struct.unpack_from("<I", stream, at)[0] for kind, at, size in _records(stream, 0) if kind == _SHEET and size > 6
    ]
    return tuple(_facts(stream, start) for start in starts)


def _facts(stream: bytes, start: int) -> SheetFacts:
    found = SheetFacts()
    for kind, at, size in _records(stream, start):
        if kind not in _CELLS and kind not in _ROWS_OF_CELLS:
            continue
        if size < 6:
            raise DamagedError("a cell is cut off")
        row, column = struct.unpack_from("<HH", stream, at)
        last = struct.unpack_from("<H", stream, at + size - 2)[0] if kind in _ROWS_OF_CELLS else column
        found.rows, found.columns = max(found.rows, row + 1), max(found.columns, column + 1, last + 1)
        found.errors += _is_error(stream[at : at + size], kind)
    return found


def _is_error(record: bytes, kind: int) -> bool:
    if kind in _ERROR:
        return len(record) >= 8 and record[7] == 1
    # A formula's result that is no number ends with two bytes of ones and begins with what it is: 2 is an error.
    return kind in _FORMULA and record[12:14] == b"\xff\xff" and record[6] == 2


def _records(stream: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """Kind, place and size of the records from `start` to the end of that part of the workbook."""
    at, depth = start, 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if at + 4 + size > len(stream):
            raise DamagedError("a record is cut off")
        # A chart inside a sheet is a part within the part.
        depth += (kind in _BOF) - (kind == _EOF)
        if depth == 1:
            yield kind, at + 4, size
        at += 4 + size
        if depth <= 0:
            return
