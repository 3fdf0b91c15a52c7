"""Which form the numbers of a column are written in, and whether that is sure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops_lib.data.money import COMMA_BETWEEN_THOUSANDS, CURRENCIES, PERCENT, pattern
from mlops_lib.data.number_forms import APOSTROPHES, BETWEEN, BLANKS, NumberForm, mask, some, with_minus

_OTHER = {".": ",", ",": "."}
_SAMPLE = 5_000
_MANY_GROUPS = 20
_NEARLY_ALL = 0.9

_UNITS = {**CURRENCIES, **PERCENT}
_PARTS = (
    rf"^\(?[+-]?[{BLANKS}]?(?P<before>{pattern(tuple(_UNITS))})?[{BLANKS}]?[+-]?[{BLANKS}]?"
    rf"(?P<body>[.,]?\d(?:[\d.,{APOSTROPHES}{BLANKS}]*\d)?[.,]?)(?:[eE][+-]?\d+)?"
    rf"[{BLANKS}]?(?P<after>{pattern(tuple(_UNITS))})?\)?$"
)


@dataclass(frozen=True)
class Signs:
    """What is known of the signs in numbers before a column is looked at.

    `decimal` and `thousands` are what the user said (None: find out; thousands "": there are none), `usual_decimal`
    is what other columns of the file show, `expected_decimal` what an earlier table had.
    """

    decimal: str | None = None
    thousands: str | None = None
    usual_decimal: str | None = None
    expected_decimal: str | None = None

    def decimals(self) -> tuple[str, ...]:
        """The decimal signs that may be meant."""
        if self.decimal:
            return (self.decimal,)
        return (_OTHER[self.thousands],) if self.thousands in _OTHER else (".", ",")


@dataclass(frozen=True, eq=False)
class FoundForm:
    """The form that reads most rows of a column and which distinct cells it reads.

    `ambiguous` where a decimal point and a decimal comma read the same cells as different numbers and nothing tells
    which is meant; `decided` says what told. `currencies` are all that were seen.
    """

    form: NumberForm
    fits: np.ndarray
    ambiguous: bool = False
    decided: str = ""
    currencies: tuple[str, ...] = ()


def find_form(cells: pa.Array, rows: np.ndarray, signs: Signs) -> FoundForm | None:
    """The form of most rows; None where no cell is a number in any form.

    Parameters
    ----------
    cells : distinct texts, trimmed; None where missing.
    rows : how many rows each stands for, shape (cells,).
    signs : what is known before.
    """
    filled = np.flatnonzero(mask(cells.is_valid()))
    seen = _look(cells, rows, filled)
    if not seen.units:
        return None
    found = _find(cells, rows, signs, seen)
    odd = np.flatnonzero(mask(cells.is_valid()) & ~found.fits)
    if len(filled) > _SAMPLE and len(odd):
        # What a sample did not show may stand among the cells that do not fit: a sign that only large numbers have.
        found = _find(cells, rows, signs, seen.with_more(_look(cells, rows, odd)))
    return found


def usual_decimal(columns: Sequence[pa.Array]) -> str | None:
    """The decimal sign that some columns show beyond doubt and none contradicts; None where there is no such sign.

    Parameters
    ----------
    columns : of each column some distinct cells, trimmed; None where missing.
    """
    shown = {sign for cells in columns if (sign := _sure_decimal(cells))}
    return shown.pop() if len(shown) == 1 else None


@dataclass(frozen=True)
class _Seen:
    """What a sample of cells shows: rows by unit ("": none) and which of , . ' and blank stand inside numbers."""

    units: Counter[str]
    marks: frozenset[str]

    @property
    def unit(self) -> str:
        return self.units.most_common(1)[0][0]

    @property
    def currencies(self) -> tuple[str, ...]:
        return tuple(unit for unit, count in self.units.items() if unit not in ("", "%") and count)

    def with_more(self, other: _Seen) -> _Seen:
        return _Seen(self.units + other.units, self.marks | other.marks)


def _look(cells: pa.Array, rows: np.ndarray, among: np.ndarray) -> _Seen:
    if len(among) > _SAMPLE:
        among = among[np.linspace(0, len(among) - 1, _SAMPLE).astype(np.int64)]
    parts = pc.extract_regex(with_minus(cells.take(pa.array(among))), _PARTS)
    read = mask(parts.is_valid())
    parts, weights = parts.filter(pa.array(read)), rows[among][read]
    before, after, bodies = (pc.struct_field(parts, field) for field in ("before", "after", "body"))
    words = pc.binary_join_element_wise(before, after, "").to_pylist()
    zero = mask(pc.match_substring_regex(bodies, r"^0+([.,]0+)?$"))
    units: Counter[str] = Counter()
    for word, is_zero, weight in zip(words, zero.tolist(), weights.tolist(), strict=True):
        # A zero needs no currency, so a bare one says nothing about the unit.
        units[_UNITS.get(word, "")] += 0 if is_zero and not word else weight
    return _Seen(units, frozenset(m for m in BETWEEN if m and some(pc.match_substring_regex(bodies, BETWEEN[m]))))


def _find(cells: pa.Array, rows: np.ndarray, signs: Signs, seen: _Seen) -> FoundForm:
    read = {decimal: _with_thousands(decimal, cells, rows, signs, seen) for decimal in signs.decimals()}
    if len(read) == 1 or not seen.marks & {",", "."}:
        form, fits = next(iter(read.values()))
        return FoundForm(form, fits, currencies=seen.currencies)
    (point, by_point), (comma, by_comma) = read["."], read[","]
    points, commas = int(rows[by_point].sum()), int(rows[by_comma].sum())
    if points != commas:
        form, fits = (point, by_point) if points > commas else (comma, by_comma)
        return FoundForm(form, fits, currencies=seen.currencies)
    return _decide(point, comma, by_point, cells.filter(pa.array(by_point)), signs, seen)


def _decide(
    point: NumberForm, comma: NumberForm, fits: np.ndarray, fitting: pa.Array, signs: Signs, seen: _Seen
) -> FoundForm:
    """Both signs read the same cells: the other columns decide, then the currency, then how the cells are written."""
    marks = {mark for mark in (",", ".") if some(pc.match_substring(fitting, mark))}
    if not marks:
        return FoundForm(point, fits, currencies=seen.currencies)
    if sign := signs.usual_decimal or signs.expected_decimal:
        why = "as in other columns" if signs.usual_decimal else "as in the earlier table"
        return FoundForm(point if sign == "." else comma, fits, decided=why, currencies=seen.currencies)
    if marks == {"."}:
        return FoundForm(point, fits, decided="as is most usual", currencies=seen.currencies)
    if point.unit in COMMA_BETWEEN_THOUSANDS:
        return FoundForm(point, fits, decided=f"as is usual with '{point.unit}'", currencies=seen.currencies)
    sure = marks == {","} and _grown_past_thousand(fitting)
    return FoundForm(point, fits, ambiguous=not sure, currencies=seen.currencies)


def _grown_past_thousand(cells: pa.Array) -> bool:
    """Many cells with a comma, and whole numbers without one only below a thousand: no decimals are written so."""
    grouped = mask(pc.match_substring(cells, ","))
    if grouped.sum() < _MANY_GROUPS or grouped.all():
        return False
    return bool(mask(pc.match_substring_regex(cells.filter(pa.array(~grouped)), r"^\D*\d{1,3}\D*$")).all())


def _with_thousands(
    decimal: str, cells: pa.Array, rows: np.ndarray, signs: Signs, seen: _Seen
) -> tuple[NumberForm, np.ndarray]:
    """The form with this decimal sign that reads most rows; without a sign between thousands where that is as good."""
    forms = [NumberForm(decimal, thousands, seen.unit) for thousands in _thousands(decimal, signs, seen)]
    read = [(form, form.fits(cells)) for form in forms]
    return max(read, key=lambda pair: int(rows[pair[1]].sum()))


def _thousands(decimal: str, signs: Signs, seen: _Seen) -> Iterator[str]:
    yield ""
    for mark in (_OTHER[decimal], " ", "'"):
        if mark in seen.marks and signs.thousands in (None, mark):
            yield mark


def _sure_decimal(cells: pa.Array) -> str | None:
    """The decimal sign of a column of numbers, nine cells in ten or more, that only this sign reads."""
    rows = np.ones(len(cells), dtype=np.int64)
    seen = _look(cells, rows, np.flatnonzero(mask(cells.is_valid())))
    if not seen.units or not seen.marks & {",", "."}:
        return None
    fits = {d: _with_thousands(d, cells, rows, Signs(), seen)[1] for d in _OTHER}
    filled = len(cells) - cells.null_count
    for sign, other in _OTHER.items():
        alone = (fits[sign] & ~fits[other]).any() and not (fits[other] & ~fits[sign]).any()
        if alone and fits[sign].sum() >= _NEARLY_ALL * filled:
            return sign
    return None
