"""The distinct cells of one text column on the way to their type."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops_lib.data.converted import Converted, Kind, Rules
from mlops_lib.data.date_forms import BASIC
from mlops_lib.data.dates import Dates, read_basic_dates, read_dates
from mlops_lib.data.misfits import misfit, worth_offering
from mlops_lib.data.number_finding import FoundForm, find_form
from mlops_lib.data.number_forms import mask, some
from mlops_lib.data.numbers import LEADING_ZERO, MISSING_TOKENS, TOO_LONG, TOO_LONG_DECIMAL, WHOLE, without_numbers

_FEW_TOKENS = 3
_ENOUGH = 20
_MANY_LABELS = 1000
_NUMBERED = r"^[1-9]\d{2}([ \x{a0}\x{202f}\x{2009}]\d{3})+$"


@dataclass(frozen=True, eq=False)
class Cells:
    """Distinct texts of a column (None: missing), how many rows each stands for, and the rules."""

    name: str
    texts: pa.Array
    rows: np.ndarray
    rules: Rules

    @cached_property
    def filled(self) -> np.ndarray:
        """Which of them are not missing: bool, shape (texts,)."""
        return mask(self.texts.is_valid())

    def all_fit(self, fits: np.ndarray) -> bool:
        """Whether every filled cell does."""
        return bool(fits[self.filled].all())

    def only(self, fits: np.ndarray) -> pa.Array:
        """The texts that fit; None elsewhere."""
        return pc.if_else(pa.array(fits), self.texts, pa.scalar(None, pa.string()))


def typed(cells: Cells) -> Converted:
    """The cells as int64, float64, timestamp or text, one value for each, with what is worth saying."""
    name, rules = cells.name, cells.rules
    told = rules.kind_of(name)
    if not cells.filled.any() or told == "text":
        return Converted(cells.texts)
    if told is not None:
        return _asked_numbers(cells) if told == "number" else _asked_dates(cells)
    dates = read_dates(cells.texts, cells.rows, name, rules.order(name))
    if dates is not None and (dates.why_not or cells.all_fit(dates.fits)):
        return _dates(cells, dates)
    found = find_form(cells.texts, cells.rows, rules.signs)
    if found is not None and cells.all_fit(found.fits):
        return _numbers(cells, found)
    return _labels(cells, dates, found)


def _asked_numbers(cells: Cells) -> Converted:
    found = find_form(cells.texts, cells.rows, cells.rules.signs)
    if found is None or not found.fits.any():
        return Converted(cells.texts, (f"No cell of '{cells.name}' reads as a number, so it is kept as text.",))
    return _with_misfits(cells, found.fits, "number", _numbers(cells, found, asked=True))


def _asked_dates(cells: Cells) -> Converted:
    name, texts, rows = cells.name, cells.texts, cells.rows
    order = cells.rules.order(name)
    dates = read_dates(texts, rows, name, order, asked=True) or read_basic_dates(texts, name, asked=True)
    if dates is None or not (dates.fits.any() or dates.why_not):
        return Converted(texts, (f"No cell of '{name}' reads as a date, so it is kept as text.",))
    return _with_misfits(cells, dates.fits, "date", _dates(cells, dates))


def _with_misfits(cells: Cells, fits: np.ndarray, kind: Kind, read: Converted) -> Converted:
    """What the user asked for: cells that do not fit are missing, counted and listed."""
    if cells.all_fit(fits) or pa.types.is_string(read.values.type):
        return read
    return replace(read, misfits=(misfit(cells.texts, cells.rows, fits, cells.name, kind, missing=True),))


def _dates(cells: Cells, dates: Dates) -> Converted:
    if dates.why_not:
        return Converted(cells.texts, guessed=(dates.why_not,))
    if dates.ambiguous:
        return Converted(cells.texts, guessed=dates.guessed, ambiguous="date")
    return Converted(dates.values, dates.repairs, dates.guessed, order=dates.order)


def _numbers(cells: Cells, found: FoundForm, asked: bool = False) -> Converted:
    fitting = cells.only(found.fits)
    plain = found.form.plain(fitting)
    if found.ambiguous:
        return Converted(cells.texts, guessed=(_open_question(fitting, cells.name),), ambiguous="number")
    why_text = _why_text(cells, plain, found.form.thousands, asked)
    if why_text:
        return Converted(cells.texts, (why_text,))
    plain = without_numbers(plain, cells.rules.missing)
    whole = not some(pc.invert(pc.match_substring_regex(plain, WHOLE)))
    numbers = pc.cast(plain, pa.int64() if whole else pa.float64())
    if not whole and some(pc.is_inf(numbers)):
        return Converted(cells.texts, (f"'{cells.name}' has numbers beyond 1.8e308, so it is kept as text.",))
    days = read_basic_dates(plain, cells.name) if whole and not asked and _may_be_days(plain) else None
    if days is not None and not days.why_not:
        return Converted(days.values, guessed=days.guessed)
    decimal = _decimal(cells, found)
    return Converted(
        numbers,
        found.form.removed(fitting.drop_null(), cells.name),
        (*_how_decided(found, decimal, cells.name), *([days.why_not] if days is not None else [])),
        decimal=decimal,
    )


def _decimal(cells: Cells, found: FoundForm | None) -> str:
    """The decimal sign in the numbers of a column; "" where they have none or it is not sure."""
    if found is None or found.ambiguous:
        return ""
    plain = found.form.plain(cells.only(found.fits))
    return found.form.decimal if some(pc.match_substring(plain, ".")) else ""


def _open_question(fitting: pa.Array, name: str) -> str:
    example = fitting.filter(pc.match_substring(fitting, ","))[0].as_py()
    return f"The comma in '{name}' ('{example}') may separate thousands or decimals, so it is kept as text."


def _how_decided(found: FoundForm, decimal: str, name: str) -> tuple[str, ...]:
    if not found.decided:
        return ()
    sign, meaning = (decimal, "the decimal sign") if decimal else (found.form.thousands, "the sign between thousands")
    return (f"The '{sign}' in '{name}' is read as {meaning}, {found.decided}.",)


def _may_be_days(plain: pa.Array) -> bool:
    return not some(pc.invert(pc.match_substring_regex(plain, BASIC.expression)))


def _why_text(cells: Cells, plain: pa.Array, thousands: str, asked: bool) -> str:
    """Why numbers stay text, "" where they need not: an identifier would lose its zeros or its digits."""
    name = cells.name
    if not asked and some(pc.match_substring_regex(plain, LEADING_ZERO)):
        return f"'{name}' has numbers with leading zeros, so it is kept as text."
    if some(pc.match_substring_regex(plain, TOO_LONG)):
        return f"'{name}' has whole numbers of more than 15 digits, so it is kept as text to lose none."
    if some(pc.match_substring_regex(plain, TOO_LONG_DECIMAL)):
        return f"'{name}' has numbers of more than 16 digits before the decimal point, so it is kept as text."
    asked = asked or cells.rules.thousands == " "
    if thousands == " " and not asked and not some(pc.invert(pc.match_substring_regex(cells.texts, _NUMBERED))):
        return f"'{name}' holds groups of three digits that may name things, so it is kept as text."
    return ""


def _labels(cells: Cells, dates: Dates | None, found: FoundForm | None) -> Converted:
    """A column that stays text, and what else it might be: where a token or two or a few cells are in the way."""
    kind, fits = _nearest(cells, dates, found)
    if fits is not None and fits.any():
        odd = cells.texts.filter(pa.array(cells.filled & ~fits))
        tokens = odd.to_pylist() if len(odd) <= _FEW_TOKENS else []
        if _mean_missing(tokens, int(cells.rows[fits].sum())):
            return Converted(cells.texts, suggested=tuple(tokens), suggested_kind=kind, decimal=_decimal(cells, found))
        if worth_offering(cells.rows, fits, cells.filled):
            odd_cells = misfit(cells.texts, cells.rows, fits, cells.name, kind)
            return Converted(cells.texts, misfits=(odd_cells,), decimal=_decimal(cells, found))
    if found is not None and len(found.currencies) > 1:
        signs = " and ".join(f"'{sign}'" for sign in found.currencies)
        return Converted(cells.texts, guessed=(f"'{cells.name}' holds amounts in {signs}, so it is kept as text.",))
    return Converted(cells.texts, guessed=_kept_as_labels(cells))


def _nearest(cells: Cells, dates: Dates | None, found: FoundForm | None) -> tuple[Kind, np.ndarray | None]:
    """The kind that most rows read as."""
    by_date = int(cells.rows[dates.fits].sum()) if dates is not None else 0
    by_number = int(cells.rows[found.fits].sum()) if found is not None else 0
    if dates is not None and by_date > by_number:
        return "date", dates.fits
    return "number", found.fits if found is not None else None


def _mean_missing(tokens: list[str], fitting: int) -> bool:
    """Whether the only cells in the way probably mean "missing": known tokens, or one word in a long column."""
    if not tokens or not fitting:
        return False
    one_word = len(tokens) == 1 and fitting >= _ENOUGH and not any(sign.isdigit() for sign in tokens[0])
    return one_word or all(token in MISSING_TOKENS for token in tokens)


def _kept_as_labels(cells: Cells) -> tuple[str, ...]:
    texts = cells.texts.drop_null()
    known = [t for t in texts.to_pylist() if t in MISSING_TOKENS] if len(texts) <= _MANY_LABELS else []
    listed = " and ".join(f"'{token}'" for token in known)
    return (f"In '{cells.name}', {listed} is kept as a label, not as missing.",) if known else ()
