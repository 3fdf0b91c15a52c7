"""The short way for long columns of mostly different cells: one cast for all of them.

Distinct values help little there, and finding them would take most of the time of reading.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops_lib.data.converted import Converted, Rules
from mlops_lib.data.dates import STAMP, read_dates
from mlops_lib.data.number_finding import find_form
from mlops_lib.data.numbers import LEADING_ZERO, NUMBER, WHOLE, without_numbers

_ROWS = 10_000
_VARIED = 0.5
_FEW = 0.01
_MOST = 10**15
"""Beyond it a whole number may have lost digits."""

_ISO = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?$"
_BASIC_DAYS = (19_000_101, 21_001_231)
_FIRST_DAY = datetime(1, 1, 1)  # noqa: DTZ001 -- a column of dates has no zone


def straight(column: pa.ChunkedArray, name: str, rules: Rules) -> Converted | None:
    """The column as whole numbers, decimals, ISO dates or plain text where that is sure; None where it is not."""
    if len(column) < _ROWS:
        return None
    sample = _sample(column)
    if pc.count_distinct(sample).as_py() < _VARIED * len(sample):
        return None
    filled = sample.filter(pc.invert(_absent(sample, rules)))
    if not len(filled):
        return None
    told = rules.kind_of(name)
    if told in (None, "number") and _all(filled, WHOLE):
        return _whole(column, rules)
    if told in (None, "number") and _all(filled, NUMBER):
        return _decimals(column, rules)
    if told in (None, "date") and _all(filled, _ISO):
        return _dates(column, rules)
    is_text = told == "text" or (told is None and _is_text(filled, name, rules))
    return _text(column, rules) if is_text else None


def _sample(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Rows from the beginning, the middle and the end."""
    third = _ROWS // 3
    starts = (0, (len(column) - third) // 2, len(column) - third)
    return pa.chunked_array([chunk for start in starts for chunk in column.slice(start, third).chunks])


def _all(cells: pa.ChunkedArray, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(cells, pattern)).as_py())


def _absent(column: pa.ChunkedArray, rules: Rules) -> pa.ChunkedArray:
    return pc.is_in(column, pa.array(["", *rules.missing], pa.string()))


def _cast(column: pa.ChunkedArray, rules: Rules, kind: pa.DataType) -> pa.ChunkedArray | None:
    try:
        return pc.cast(pc.if_else(_absent(column, rules), pa.scalar(None, pa.string()), column), kind)
    except pa.ArrowInvalid:
        return None


def _whole(column: pa.ChunkedArray, rules: Rules) -> Converted | None:
    numbers = _cast(column, rules, pa.int64())
    if numbers is None:
        return None
    lowest, highest = pc.min_max(numbers).as_py().values()
    if lowest <= -_MOST or highest >= _MOST:
        return None
    maybe_days = lowest >= _BASIC_DAYS[0] and highest <= _BASIC_DAYS[1]
    # Arrow takes 0x10 for a number; here it is none.
    odd = pc.match_substring_regex(column, rf"{LEADING_ZERO}|[xX]")
    return None if maybe_days or pc.any(odd).as_py() else Converted(without_numbers(numbers, rules.missing))


def _decimals(column: pa.ChunkedArray, rules: Rules) -> Converted | None:
    if "." not in rules.signs.decimals() or (rules.usual_decimal or rules.expected_decimal) == ",":
        return None
    numbers = _cast(column, rules, pa.float64())
    # "inf" and "nan" are no numbers here: they go the long way, as do those that are too long.
    if numbers is None or not pc.all(pc.less(pc.abs(numbers), _MOST)).as_py():
        return None
    if pc.any(pc.match_substring_regex(column, LEADING_ZERO)).as_py():
        return None
    return Converted(without_numbers(numbers, rules.missing), decimal=".")


def _dates(column: pa.ChunkedArray, rules: Rules) -> Converted | None:
    stamps = _cast(column, rules, STAMP)
    # Arrow has a year 0; the calendar has none.
    if stamps is None or pc.any(pc.less(stamps, pa.scalar(_FIRST_DAY, STAMP))).as_py():
        return None
    return Converted(stamps)


def _is_text(sample: pa.ChunkedArray, name: str, rules: Rules) -> bool:
    """Whether hardly any cell of the sample reads as a number or a date: no such column is all numbers or dates."""
    cells = pc.utf8_trim_whitespace(sample.unique())
    rows = np.ones(len(cells), dtype=np.int64)
    found = find_form(cells, rows, rules.signs)
    few = found is None or found.fits.sum() < _FEW * len(cells)
    return few and read_dates(cells, rows, name) is None


def _text(column: pa.ChunkedArray, rules: Rules) -> Converted | None:
    if not pc.utf8_trim_whitespace(column).equals(column):
        return None
    return Converted(pc.if_else(_absent(column, rules), pa.scalar(None, pa.string()), column))
