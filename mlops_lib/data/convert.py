"""Text columns to numbers, dates or labels, by rules that are stated and never lose a digit.

A column becomes numeric where every filled cell reads as a number; a date where every filled cell has one and the
same date form; everything else stays text. Leading zeros and whole numbers of more than 15 digits stay text. "Yes",
"true" and the like stay labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from mlops_lib.data.dates import to_dates
from mlops_lib.data.numbers import LEADING_ZERO, MISSING_TOKENS, NUMBER, TOO_LONG, WHOLE

_FEW_TOKENS = 3
_SAMPLE = 10_000


@dataclass(frozen=True, eq=False)
class Converted:
    """One column after conversion, and what is worth saying about it, as sentences.

    `suggested` are cell texts that keep a column from being numeric and probably mean "missing".
    """

    values: pa.ChunkedArray
    repairs: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()
    suggested: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rules:
    """What counts as missing beside empty cells, the decimal sign and the columns that stay text."""

    missing: tuple[str, ...] = ()
    decimal: str = "."
    text_columns: tuple[str, ...] = ()


def convert(columns: Sequence[pa.ChunkedArray], names: Sequence[str], rules: Rules) -> list[Converted]:
    """Every column under the rules, in order."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda pair: convert_column(pair[0], pair[1], rules), zip(columns, names, strict=True)))


def convert_column(column: pa.ChunkedArray, name: str, rules: Rules) -> Converted:
    """One text column; decisions are made on its distinct values and hold for every row."""
    plain = None if name in rules.text_columns or rules.decimal != "." else _plain_decimals(column, rules.missing)
    if plain is not None:
        return Converted(plain)
    encoded = _encoded(column)
    trimmed = pc.utf8_trim_whitespace(encoded.dictionary)
    repairs = _trim_note(encoded.dictionary, trimmed, name)
    empty = pc.equal(trimmed, "")
    missing = pc.or_(empty, pc.is_in(trimmed, pa.array(rules.missing, pa.string()))) if rules.missing else empty
    cells = pc.if_else(missing, pa.scalar(None, pa.string()), trimmed)
    typed = _Typing(name, cells, rules).typed()
    values = typed.values.take(encoded.indices)
    return Converted(pa.chunked_array([values]), (*repairs, *typed.repairs), typed.guessed, typed.suggested)


def _plain_decimals(column: pa.ChunkedArray, missing: tuple[str, ...]) -> pa.ChunkedArray | None:
    """The short way for a long column of mostly different decimals; None where anything else is in it.

    Distinct values help little there, and finding them would take most of the time of reading.
    """
    sample = column.slice(0, _SAMPLE)
    if len(sample) < _SAMPLE or pc.count_distinct(sample).as_py() < 0.5 * _SAMPLE:
        return None
    if not pc.any(pc.match_substring(sample, ".")).as_py():
        return None
    try:
        absent = pc.is_in(column, pa.array(["", *missing], pa.string()))
        numbers = pc.cast(pc.if_else(absent, pa.scalar(None, pa.string()), column), pa.float64())
    except pa.ArrowInvalid:
        return None
    # Beyond 1e15 a whole number may have lost digits, and "inf" and "nan" are no numbers here: both go the long way.
    usual = pc.all(pc.less(pc.abs(numbers), 1e15)).as_py()
    return numbers if usual and not pc.any(pc.match_substring_regex(column, LEADING_ZERO)).as_py() else None


def sniff_decimal(columns: Sequence[pa.ChunkedArray], rows: int = 1000) -> str:
    """A comma where some column is made of decimal commas and none of decimal points; else a point."""
    comma = point = False
    for column in columns:
        cells = pc.utf8_trim_whitespace(_encoded(column.slice(0, rows)).dictionary)
        cells = cells.filter(pc.not_equal(cells, ""))
        if not len(cells):
            continue
        if pc.all(pc.match_substring_regex(cells, r"^[+-]?\d*(,\d+)?$")).as_py():
            comma |= pc.any(pc.match_substring(cells, ",")).as_py()
        if pc.all(pc.match_substring_regex(cells, NUMBER)).as_py():
            point |= pc.any(pc.match_substring(cells, ".")).as_py()
    return "," if comma and not point else "."


def _encoded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    # One array before encoding: unifying the dictionaries of many chunks takes ten times as long.
    return pa.concat_arrays(column.chunks or [pa.array([], pa.string())]).dictionary_encode()


def _trim_note(before: pa.Array, after: pa.Array, name: str) -> tuple[str, ...]:
    filled = pc.and_(pc.not_equal(after, ""), pc.not_equal(before, after))
    return (f"Blanks around the cells of '{name}' were removed.",) if pc.any(filled).as_py() else ()


@dataclass(frozen=True)
class _Typing:
    """The distinct cells of one column (None: missing) on the way to their type."""

    name: str
    cells: pa.Array
    rules: Rules

    def typed(self) -> Converted:
        filled = self.cells.drop_null()
        if not len(filled) or self.name in self.rules.text_columns:
            return Converted(self.cells)
        dates = to_dates(self.cells, self.name)
        if dates is not None:
            return Converted(dates.values, dates.repairs, dates.guessed)
        plain = self._with_points(filled)
        numeric = pc.match_substring_regex(plain, NUMBER)
        count = pc.sum(numeric).as_py()
        if count == len(filled):
            return self._numbers(plain)
        return self._labels(filled, filled.filter(pc.invert(numeric)), count)

    def _with_points(self, cells: pa.Array) -> pa.Array:
        return cells if self.rules.decimal == "." else pc.replace_substring(cells, self.rules.decimal, ".")

    def _numbers(self, plain: pa.Array) -> Converted:
        if pc.any(pc.match_substring_regex(plain, LEADING_ZERO)).as_py():
            return Converted(self.cells, (f"'{self.name}' has numbers with leading zeros, so it is kept as text.",))
        if pc.any(pc.match_substring_regex(plain, TOO_LONG)).as_py():
            reason = f"'{self.name}' has whole numbers of more than 15 digits, so it is kept as text to lose none."
            return Converted(self.cells, (reason,))
        whole = pc.all(pc.match_substring_regex(plain, WHOLE)).as_py()
        numbers = pc.cast(self._with_points(self.cells), pa.int64() if whole else pa.float64())
        if not whole and pc.any(pc.is_inf(numbers)).as_py():
            return Converted(self.cells, (f"'{self.name}' has numbers beyond 1.8e308, so it is kept as text.",))
        return Converted(numbers)

    def _labels(self, filled: pa.Array, odd: pa.Array, numbers: int) -> Converted:
        """A column that stays text; where only a token or two keep it from being numeric, they are suggested."""
        tokens = odd.to_pylist() if len(odd) <= _FEW_TOKENS else []
        known = [t for t in tokens if t in MISSING_TOKENS]
        if tokens and numbers and (len(known) == len(tokens) or (len(tokens) == 1 and numbers >= 20)):
            return Converted(self.cells, suggested=tuple(tokens))
        known = [t for t in filled.to_pylist() if t in MISSING_TOKENS] if len(filled) <= 1000 else []
        if known:
            listed = " and ".join(f"'{t}'" for t in known)
            return Converted(self.cells, guessed=(f"In '{self.name}', {listed} is kept as a label, not as missing.",))
        return Converted(self.cells)
