"""Dates and times in the forms that can be told for sure; stored as UTC microseconds without a zone."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

STAMP = pa.timestamp("us")

_CLOCK = r"([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?"
_ISO = rf"^\d{{4}}-\d{{2}}-\d{{2}}{_CLOCK}$"
_ISO_ZONE = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})$"
_YEAR_FIRST = rf"^\d{{4}}([/.])\d{{1,2}}[/.]\d{{1,2}}{_CLOCK}$"
_YEAR_MONTH = r"^(19|20)\d{2}[-/.](0[1-9]|1[0-2])$"
_YEAR_LAST = rf"^\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{4}}{_CLOCK}$"


@dataclass(frozen=True, eq=False)
class Dates:
    """Distinct cells as timestamps (None: missing), and what is worth saying."""

    values: pa.Array
    repairs: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()


def to_dates(cells: pa.Array, name: str) -> Dates | None:
    """The cells as timestamps where every filled one has the same date form and exists in the calendar; else None."""
    filled = cells.drop_null()
    first = filled[0].as_py()
    if not first[:1].isdigit() or not 7 <= len(first) <= 32:
        return None
    if _all(filled, _YEAR_MONTH):
        return _months(cells, name)
    if _all(filled, _ISO_ZONE):
        return _parsed(cells, name, zone=True)
    if _all(filled, _ISO):
        return _parsed(cells, name)
    if _all(filled, _YEAR_FIRST):
        return _parsed(pc.replace_substring_regex(cells, r"[/.]", "-", max_replacements=2), name)
    if _all(filled, _YEAR_LAST):
        return _year_last(cells, filled, name)
    return None


def _all(cells: pa.Array, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(cells, pattern)).as_py())


def _months(cells: pa.Array, name: str) -> Dates | None:
    found = _parsed(pc.replace_substring_regex(cells, r"^(\d{4})[-/.](\d\d)$", r"\1-\2-01"), name)
    says = f"'{name}' holds year and month; each is kept as the first day of that month."
    return None if found is None else Dates(found.values, guessed=(says,))


def _parsed(cells: pa.Array, name: str, zone: bool = False) -> Dates | None:
    text = pd.Series(_padded(cells).to_pandas(), dtype="str")
    stamps = pd.to_datetime(text, format="ISO8601", errors="coerce", utc=zone)
    if stamps.isna().sum() != cells.null_count:
        return None
    if zone:
        stamps = stamps.dt.tz_localize(None)
    repairs = (f"The times in '{name}' have a time zone; they are kept as UTC.",) if zone else ()
    return Dates(pa.Array.from_pandas(stamps).cast(STAMP, safe=False), repairs)


def _padded(cells: pa.Array) -> pa.Array:
    """ISO 8601 wants two digits for month and day."""
    month = pc.replace_substring_regex(cells, r"^(\d{4})-(\d)-", r"\1-0\2-")
    return pc.replace_substring_regex(month, r"^(\d{4}-\d\d)-(\d)($|[ T])", r"\1-0\2\3")


def _year_last(cells: pa.Array, filled: pa.Array, name: str) -> Dates | None:
    parts = pc.extract_regex(filled, r"^(?P<a>\d{1,2})[/.-](?P<b>\d{1,2})[/.-]")
    first = pc.max(pc.cast(pc.struct_field(parts, "a"), pa.int32())).as_py()
    second = pc.max(pc.cast(pc.struct_field(parts, "b"), pa.int32())).as_py()
    if first > 12 and second > 12:
        return None
    if first <= 12 and second <= 12:
        says = f"'{name}' looks like dates, but day and month cannot be told apart, so it is kept as text."
        return Dates(cells, guessed=(says,))
    month_first = second > 12
    order = r"\3-\1-\2" if month_first else r"\3-\2-\1"
    turned = pc.replace_substring_regex(cells, r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", order)
    found = _parsed(turned, name)
    if found is None:
        return None
    form = "month/day/year" if month_first else "day/month/year"
    return Dates(found.values, found.repairs, (f"The dates in '{name}' are {form}.",))
