"""Dates and times in the forms that can be told for sure; stored as UTC microseconds without a zone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops_lib.data.date_forms import BASIC, BASIC_TIME, FORMS, MONTHS, ZONES, DateForm

STAMP = pa.timestamp("us")

Order = Literal["day", "month"]
"""Which of day and month comes first."""

_SAMPLE = 200
_ENOUGH = 20
_HALF = 0.5
_FIRST: Mapping[str, Order] = {"day/month/year": "day", "month/day/year": "month"}
_PIVOT = 69
"""Two-digit years from 69 on are of the last century, as POSIX has it (strptime, %y)."""
_FARTHEST = 14
"""No zone is more hours away from UTC."""

_DATE_NAME = re.compile(r"date|datum|fecha|day$|^day|dt$|ymd|time|일자|날짜|일시|년월일", re.IGNORECASE)
_OFFSET = re.compile(r"^(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?$")

Parts = Mapping[str, pa.Array]


@dataclass(frozen=True, eq=False)
class Dates:
    """Distinct cells as timestamps (null: missing or no date of this form), and what is worth saying.

    `fits` says which cells are dates. Where `ambiguous`, day and month cannot be told apart. `why_not` is a sentence
    that says why the cells stay text although they look like dates. `order` is that of day and month where the form
    leaves it open.
    """

    values: pa.Array
    fits: np.ndarray
    repairs: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()
    ambiguous: bool = False
    why_not: str = ""
    order: Order | None = None


def read_dates(
    cells: pa.Array, rows: np.ndarray, name: str, order: Order | None = None, asked: bool = False
) -> Dates | None:
    """The cells as dates in the form that most of them have; None where not half of them have it.

    Parameters
    ----------
    cells : distinct texts, trimmed; None where missing.
    rows : how many rows each stands for, shape (cells,).
    order : whether day or month comes first, where the user has said so.
    asked : the user says that these are dates, so that fewer cells of that form will do.
    """
    form = _form(cells, rows, 0 if asked else _HALF)
    if form is None:
        return None
    parts = _parts(cells, form)
    if form.order:
        return _ordered(parts, rows, name, order)
    days, valid = _calendar(_years(parts["year"]), _months(parts), _number(parts.get("day"), 1))
    found = _with_clock(parts, days, valid, name)
    said = _says(form, parts, name)
    return Dates(found.values, found.fits, found.repairs, (*said, *found.guessed), why_not=found.why_not)


def read_basic_dates(cells: pa.Array, name: str, asked: bool = False) -> Dates | None:
    """Whole numbers of eight digits such as 20210304; None where some cell is no day of the calendar.

    They are dates where the user or the column's name says so, or where that many different ones, from more than one
    month, cannot all be days by chance; else `why_not` says what they might be.
    """
    parts = _parts(cells, BASIC)
    days, valid = _calendar(_number(parts["year"]), _number(parts["month"]), _number(parts["day"]))
    filled = cells.is_valid().to_numpy(zero_copy_only=False)
    if not valid.any() or (not asked and not valid[filled].all()):
        return None
    stamps = _stamps(days, valid)
    months = len(np.unique(days[valid].astype("M8[M]")))
    if asked or _DATE_NAME.search(name) or (valid.sum() >= _ENOUGH and months > 1):
        return Dates(stamps, valid, guessed=(f"'{name}' holds dates of eight digits: 20210304 is 4 March 2021.",))
    example = cells.filter(pa.array(valid))[0].as_py()
    why = f"'{name}' may hold dates of eight digits ({example}), but that is not sure, so it is kept as numbers."
    return Dates(stamps, valid, why_not=why)


def _form(cells: pa.Array, rows: np.ndarray, least: float) -> DateForm | None:
    """The form of most rows, by the commonest cells and by others picked evenly."""
    filled = np.flatnonzero(cells.is_valid().to_numpy(zero_copy_only=False))
    if not len(filled):
        return None
    even = filled[np.linspace(0, len(filled) - 1, _SAMPLE).astype(np.int64)]
    common = filled[np.argpartition(-rows[filled], _SAMPLE)[:_SAMPLE]] if len(filled) > _SAMPLE else filled
    picked = np.union1d(even, common)
    sample, weights = cells.take(pa.array(picked)), rows[picked]
    counts = [(int(weights[_matches(sample, form)].sum()), form) for form in (*FORMS, BASIC_TIME)]
    most, form = max(counts, key=lambda pair: pair[0])
    return form if most and most >= least * weights.sum() else None


def _matches(cells: pa.Array, form: DateForm) -> np.ndarray:
    matches: np.ndarray = pc.match_substring_regex(cells, form.expression).to_numpy(zero_copy_only=False)
    return matches


def _parts(cells: pa.Array, form: DateForm) -> dict[str, pa.Array]:
    found = pc.extract_regex(cells, form.expression)
    held = found.is_valid()
    none = pa.scalar(None, pa.string())
    names = [found.type.field(k).name for k in range(found.type.num_fields)]
    return {part: pc.if_else(held, pc.struct_field(found, part), none) for part in names}


def _number(part: pa.Array | None, default: int = 0) -> np.ndarray:
    """Digits as int64; `default` where there are none."""
    if part is None:
        return np.int64(default)  # type: ignore[return-value]
    filled = pc.fill_null(pc.if_else(pc.equal(part, ""), str(default), part), str(default))
    numbers: np.ndarray = pc.cast(filled, pa.int64()).to_numpy(zero_copy_only=False)
    return numbers


def _years(part: pa.Array) -> np.ndarray:
    """Years of four digits, or of two in the century they most likely mean; 0 where there is none."""
    years = _number(part)
    short = pc.fill_null(pc.equal(pc.utf8_length(part), 2), False).to_numpy(zero_copy_only=False)
    return np.where(short, np.where(years >= _PIVOT, 1900, 2000) + years, years)


def _months(parts: Parts) -> np.ndarray:
    if "name" not in parts:
        return _number(parts["month"])
    names = pc.utf8_lower(parts["name"]).dictionary_encode()
    numbers = np.array([*(MONTHS.get(n, 0) for n in names.dictionary.to_pylist()), 0], dtype=np.int64)
    places: np.ndarray = pc.fill_null(names.indices, len(numbers) - 1).to_numpy(zero_copy_only=False)
    found: np.ndarray = numbers[places]
    return found


def _calendar(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Days (datetime64[D]) and which of them exist in the calendar."""
    possible = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    first = (np.where(possible, year, 1970) - 1970).astype("M8[Y]").astype("M8[M]") + (np.where(possible, month, 1) - 1)
    days = first.astype("M8[D]") + (np.where(possible, day, 1) - 1)
    return days, possible & (days.astype("M8[M]") == first)


def _stamps(days: np.ndarray, valid: np.ndarray) -> pa.Array:
    return pa.array(days.astype("M8[us]"), STAMP, mask=~valid)


def _ordered(parts: Parts, rows: np.ndarray, name: str, order: Order | None) -> Dates | None:
    """Dates such as 3/4/2021: the one order under which every cell is a day, or the one that was asked for."""
    a, b, c = _number(parts["first"]), _number(parts["second_part"]), _years(parts["last"])
    short = bool(pc.any(pc.equal(pc.utf8_length(parts["last"]), 2)).as_py())
    read = {"day/month/year": _calendar(c, b, a), "month/day/year": _calendar(c, a, b)}
    if short and pc.all(pc.equal(pc.utf8_length(parts["last"]), 2)).as_py():
        read["year/month/day"] = _calendar(_years(_two_digits(parts["first"])), b, _number(parts["last"]))
    wanted = {k: v for k, v in read.items() if order is None or k.startswith("day") == (order == "day")}
    most = max(int(rows[valid].sum()) for _, valid in wanted.values())
    best = {k: v for k, v in wanted.items() if int(rows[v[1]].sum()) == most}
    if not most:
        return None
    form, (days, valid) = next(iter(best.items()))
    if order is None and any(not _same(days, valid, *other) for other in best.values()):
        says = f"'{name}' looks like dates, but day and month cannot be told apart, so it is kept as text."
        return Dates(_stamps(days, valid), valid, guessed=(says,), ambiguous=True)
    found = _with_clock(parts, days, valid, name)
    said = [f"The dates in '{name}' are {form}."] + ([_short_years(name)] if short else [])
    guessed = (*said, *found.guessed)
    return Dates(found.values, found.fits, found.repairs, guessed, why_not=found.why_not, order=_FIRST.get(form))


def _two_digits(part: pa.Array) -> pa.Array:
    """One digit is no year."""
    return pc.if_else(pc.equal(pc.utf8_length(part), 2), part, pa.scalar("0000"))


def _same(days: np.ndarray, valid: np.ndarray, other: np.ndarray, other_valid: np.ndarray) -> bool:
    return bool(np.array_equal(valid, other_valid) and np.array_equal(days[valid], other[valid]))


def _says(form: DateForm, parts: Parts, name: str) -> tuple[str, ...]:
    if form.months:
        return (f"'{name}' holds {form.months}; each is kept as the first day of that month.",)
    short = pc.any(pc.equal(pc.utf8_length(parts["year"]), 2)).as_py()
    return (_short_years(name),) if short else ()


def _short_years(name: str) -> str:
    return f"The years in '{name}' have two digits: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068."


def _with_clock(parts: Parts, days: np.ndarray, valid: np.ndarray, name: str) -> Dates:
    """Days with the time and the zone that stand behind them."""
    stamps = days.astype("M8[us]")
    if "hour" not in parts or not pc.any(pc.not_equal(parts["hour"], "")).as_py():
        return Dates(pa.array(stamps, STAMP, mask=~valid), valid)
    clock, real = _clock(parts)
    zones, known, why_not = _offsets(parts.get("zone"), valid & real, name)
    fits = valid & real & known
    values = pa.array(stamps + clock - zones, STAMP, mask=~fits)
    zoned = bool(pc.any(pc.not_equal(parts["zone"], "")).as_py())
    repairs = [f"The times in '{name}' have a time zone; they are kept as UTC."] if zoned and not why_not else []
    if "fraction" in parts and (pc.max(pc.utf8_length(parts["fraction"])).as_py() or 0) > 6:
        repairs.append(f"The times in '{name}' are kept to the microsecond.")
    return Dates(values, fits, tuple(repairs), why_not=why_not)


def _clock(parts: Parts) -> tuple[np.ndarray, np.ndarray]:
    """The time since midnight (timedelta64[us]) and whether a clock can show it."""
    hour, minute, second = (_number(parts.get(part)) for part in ("hour", "minute", "second"))
    fraction = (
        _number(pc.utf8_slice_codeunits(pc.utf8_rpad(parts["fraction"], 6, "0"), 0, 6)) if "fraction" in parts else 0
    )
    half = _halves(parts)
    twelve = half != ""
    real = (minute < 60) & (second < 60) & np.where(twelve, (hour >= 1) & (hour <= 12), hour < 24)
    hour = np.where(twelve, hour % 12 + 12 * (half == "p"), hour)
    micro = ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction
    return micro.astype("m8[us]"), real


def _halves(parts: Parts) -> np.ndarray:
    """ "a" before noon, "p" after it, "" where the clock has 24 hours."""
    if "late" not in parts:
        return np.array([""])
    said = pc.fill_null(pc.binary_join_element_wise(parts["early"], parts["late"], ""), "")
    korean = pc.replace_substring(pc.replace_substring(said, "오전", "a"), "오후", "p")
    halves: np.ndarray = pc.utf8_slice_codeunits(pc.utf8_lower(korean), 0, 1).to_numpy(zero_copy_only=False)
    return halves.astype(str)


def _offsets(zone: pa.Array | None, valid: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray, str]:
    """Each cell's distance from UTC (timedelta64[us]), whether it is known, and why the column has to stay text."""
    none = np.zeros(len(valid), "m8[us]")
    if zone is None or not pc.any(pc.not_equal(zone, "")).as_py():
        return none, np.ones(len(valid), dtype=bool), ""
    encoded = pc.fill_null(zone, "").dictionary_encode()
    names = encoded.dictionary.to_pylist()
    minutes = [_minutes(z) if z else None for z in names]
    index = encoded.indices.to_numpy(zero_copy_only=False)
    known = np.array([m is not None for m in minutes])[index]
    offsets = np.array([m or 0 for m in minutes], dtype="m8[m]").astype("m8[us]")[index]
    unsure = [z for z, m in zip(names, minutes, strict=True) if z and m is None]
    if unsure:
        meaning = "which there is not" if _OFFSET.match(unsure[0]) else "which may mean several"
        why = f"The times in '{name}' name the zone '{unsure[0]}', {meaning}, so it is kept as text."
    elif not known[valid].all():
        why = f"Some times in '{name}' have a time zone and others have none, so it is kept as text."
    else:
        why = ""
    return offsets, known, why


def _minutes(zone: str) -> int | None:
    """Minutes ahead of UTC; None where the name is not sure."""
    if zone in ZONES:
        return ZONES[zone]
    match = _OFFSET.match(zone)
    if match is None:
        return None
    sign, hours, minutes = match.groups()
    if int(hours) > _FARTHEST or int(minutes or 0) >= 60:
        return None
    return (1 if sign == "+" else -1) * (int(hours) * 60 + int(minutes or 0))
