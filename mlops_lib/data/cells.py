"""What the cells of a workbook become before the rules for text columns find their types."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any


class Duration(str):
    """A time span as HH:MM:SS. `declared` says that the workbook calls it a span and not a time of day."""

    __slots__ = ("declared", "seconds")
    seconds: float
    declared: bool

    def __new__(cls, seconds: float, declared: bool = True) -> Duration:
        """A span of that many seconds."""
        whole = int(abs(seconds))
        sign = "-" if seconds < 0 else ""
        new = super().__new__(cls, f"{sign}{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}")
        new.seconds, new.declared = seconds, declared
        return new


ERROR: Any = object()
"""Stands for a cell with an error such as #N/A."""

Cell = str | None | Any


@dataclass(frozen=True, eq=False)
class Cells:
    """All cells of one sheet as text, None (empty) or `ERROR`, row by row from row 1, and the names of all sheets.

    `notes` are sentences about what the cells do not show (merged areas, formulas without a stored value); `errors` of
    the empty cells hold an error that the reader does not show.
    """

    sheets: tuple[str, ...]
    hidden: tuple[str, ...]
    chosen: str
    rows: list[list[Cell]]
    notes: tuple[str, ...] = ()
    errors: int = 0


def as_text(value: Any) -> str | None:
    """A cell's value as text that loses nothing; None for an empty one."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, datetime.timedelta):
        return Duration(value.total_seconds())
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def merged_note(areas: int) -> tuple[str, ...]:
    """What is said of merged areas."""
    many = "areas of cells are" if areas > 1 else "area of cells is"
    return (f"{areas:,} {many} merged; the value stands in the first cell and the others are empty.",) if areas else ()
