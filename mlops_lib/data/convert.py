"""Text columns to numbers, dates or labels, by rules that are stated and never lose a digit.

A column becomes numeric where every filled cell reads as a number of one form; a date where every filled cell has one
and the same date form; everything else stays text. Leading zeros and whole numbers of more than 15 digits stay text.
"Yes", "true" and the like stay labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops_lib.data.converted import Converted, Rules
from mlops_lib.data.number_finding import usual_decimal
from mlops_lib.data.straight import straight
from mlops_lib.data.typing_cells import Cells, typed
from mlops_lib.objects.dataset import ReadingOptions

__all__ = ["Converted", "Rules", "convert", "convert_column", "decimal_used", "rules_of"]

_SNIFFED = 1_000


def rules_of(options: ReadingOptions, columns: Sequence[pa.ChunkedArray]) -> Rules:
    """The rules under which text columns are converted: what the user said, and the decimal sign that they show."""
    sniff = options.decimal is None and not options.thousands
    return Rules(
        missing=options.missing or (),
        decimal=options.decimal or None,
        thousands=options.thousands,
        usual_decimal=usual_decimal([_first_cells(c, options.missing or ()) for c in columns]) if sniff else None,
        expected_decimal=options.expected_decimal if sniff else None,
        text_columns=options.text_columns,
        number_columns=options.number_columns,
        date_columns=options.date_columns,
        day_first=options.day_first,
        month_first=options.month_first,
    )


def convert(columns: Iterable[pa.ChunkedArray], names: Sequence[str], rules: Rules) -> list[Converted]:
    """Every column under the rules, in order; a text column that nobody else holds is freed as soon as it is done."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda pair: convert_column(pair[0], pair[1], rules), zip(columns, names, strict=True)))


def convert_column(column: pa.ChunkedArray, name: str, rules: Rules) -> Converted:
    """One text column; decisions are made on its distinct values and hold for every row."""
    found = straight(column, name, rules)
    if found is not None:
        return found
    encoded = _encoded(column)
    trimmed = pc.utf8_trim_whitespace(encoded.dictionary)
    repairs = _trim_note(encoded.dictionary, trimmed, name)
    cells = _without_missing(trimmed, rules.missing)
    # A missing row has no index; bincount takes no holes, so such rows are counted behind the last cell.
    places = pc.fill_null(encoded.indices, len(cells)).to_numpy(zero_copy_only=False)
    rows = np.bincount(places, minlength=len(cells) + 1)[: len(cells)]
    values = typed(Cells(name, cells, rows, rules))
    return values.spread(encoded.indices, repairs)


def decimal_used(names: Sequence[str], columns: Sequence[Converted]) -> tuple[str | None, tuple[str, ...]]:
    """The decimal sign of all columns (None where they differ or none has decimals), and what to say about it."""
    commas = [name for name, column in zip(names, columns, strict=True) if column.decimal == ","]
    points = any(column.decimal == "." for column in columns)
    if commas and points:
        return None, tuple(f"The decimal sign in '{name}' is a comma." for name in commas)
    if commas:
        return ",", ("The decimal sign is a comma.",)
    return ("." if points else None), ()


def _first_cells(column: pa.ChunkedArray, missing: tuple[str, ...]) -> pa.Array:
    """Distinct cells of the first rows, trimmed; None where missing."""
    return _without_missing(pc.utf8_trim_whitespace(_encoded(column.slice(0, _SNIFFED)).dictionary), missing)


def _without_missing(trimmed: pa.Array, missing: tuple[str, ...]) -> pa.Array:
    absent = pc.is_in(trimmed, pa.array(["", *missing], pa.string()))
    return pc.if_else(absent, pa.scalar(None, pa.string()), trimmed)


def _encoded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    # One array before encoding: unifying the dictionaries of many chunks takes ten times as long.
    return pa.concat_arrays(column.chunks or [pa.array([], pa.string())]).dictionary_encode()


def _trim_note(before: pa.Array, after: pa.Array, name: str) -> tuple[str, ...]:
    filled = pc.and_(pc.not_equal(after, ""), pc.not_equal(before, after))
    return (f"Blanks around the cells of '{name}' were removed.",) if pc.any(filled).as_py() else ()
