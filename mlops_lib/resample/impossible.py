"""Values of made rows that no real row can have, told by original column in the column's own unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from mlops_lib.objects.words import interval, listed, number, quoted

PartKind = Literal["category", "share", "flag", "number", "date"]

HALF, FRACTION, OUTSIDE = KINDS = "half a category", "a fraction", "outside the range"
FLAG_SEEN = "missing or not"
"""What real rows have where a column says whether a number was missing."""

_WHOLE = 1e-6
_PARTLY = 1e-9
_SHARES = 5_000


@dataclass(frozen=True)
class Part:
    """What the columns `start` to `stop` of an encoded matrix say about the original column `source`.

    A "category" has a one-hot part for each of `levels`. The others are one column: how common the level is ("share"),
    whether the cell was missing ("flag"), days since 1970 ("date"), else a "number". Their own unit is
    value·`width` + `shift`, and sign(v)·(exp|v| - 1) of that where `log`. `placed` are the values in that unit that a
    treatment put in (what was filled in, the limits of a clip): they need not be whole.
    """

    source: str
    label: str
    kind: PartKind
    start: int
    stop: int
    levels: tuple[str, ...] = ()
    shift: float = 0.0
    width: float = 1.0
    log: bool = False
    placed: tuple[float, ...] = ()

    def own_unit(self, x: np.ndarray) -> np.ndarray:
        """The column of a matrix in its own unit, float64 (rows,); not for a category."""
        values: np.ndarray = x[:, self.start] * self.width + self.shift
        return np.sign(values) * np.expm1(np.abs(values)) if self.log else values


@dataclass(frozen=True)
class ImpossibleValue:
    """How many made rows have such a value in a column, one of them, and what real rows have instead (plain text)."""

    column: str
    kind: str
    rows: int
    example: str
    seen: str


@dataclass(frozen=True, eq=False)
class Impossible:
    """Which made rows have half a category, a fraction where all are whole, or a value outside the range.

    All three are boolean of shape (made rows,); `values` says the same by column, the most frequent first.
    """

    half: np.ndarray
    fraction: np.ndarray
    outside: np.ndarray
    values: tuple[ImpossibleValue, ...] = field(default=())

    @property
    def any(self) -> np.ndarray:
        """Made rows with at least one of them."""
        found: np.ndarray = self.half | self.fraction | self.outside
        return found


def find_impossible(real: np.ndarray, made: np.ndarray, parts: Sequence[Part]) -> Impossible:
    """Hold made rows against the real rows they stand beside; both float64 matrices of the same columns."""
    masks = {kind: np.zeros(len(made), dtype=bool) for kind in KINDS}
    values = []
    for part in parts if len(made) and len(real) else ():
        for kind, rows, example, seen in _of_part(real, made, part):
            if rows.any():
                masks[kind] |= rows
                values.append(ImpossibleValue(part.label, kind, int(rows.sum()), example, seen))
    order = sorted(values, key=lambda v: (KINDS.index(v.kind), -v.rows, v.column))
    return Impossible(masks[HALF], masks[FRACTION], masks[OUTSIDE], tuple(order))


_Found = list[tuple[str, np.ndarray, str, str]]


def _of_part(real: np.ndarray, made: np.ndarray, part: Part) -> _Found:
    if part.kind == "category":
        return _half_levels(made[:, part.start : part.stop], part)
    observed, values = part.own_unit(real), part.own_unit(made)
    if part.kind == "flag":
        return _half_flags(values)
    if part.kind == "share":
        return _shares_of_no_level(observed, values)
    return _fractions(observed, values, part) + _beyond(observed, values, part)


def _half_levels(parts: np.ndarray, part: Part) -> _Found:
    """Rows that are no level, or several, or each of them partly."""
    whole = (np.abs(parts - 1.0) <= _PARTLY).sum(axis=1) == 1
    rows = ~(whole & ((np.abs(parts) > _PARTLY).sum(axis=1) == 1))
    if not rows.any():
        return []
    # A mixture of about two to three says it best.
    mixed = parts[rows][np.argmin(np.abs(parts[rows].max(axis=1) - 0.6))]
    levels = [f"{mixed[k]:.2g} {quoted(part.levels[k])}" for k in np.argsort(-mixed) if mixed[k] >= 0.01]
    return [(HALF, rows, listed(levels, 3) or "none of the levels", f"one of {len(part.levels)} levels")]


def _half_flags(values: np.ndarray) -> _Found:
    rows = np.abs(values - np.rint(values)) > _WHOLE
    return [(HALF, rows, f"{_middle(values[rows]):.2g} missing", FLAG_SEEN)] if rows.any() else []


def _shares_of_no_level(observed: np.ndarray, values: np.ndarray) -> _Found:
    known = np.unique(observed)
    if len(known) > _SHARES:
        return []
    above = np.clip(np.searchsorted(known, values), 1, len(known) - 1) if len(known) > 1 else np.zeros(len(values), int)
    gap = np.minimum(np.abs(values - known[above]), np.abs(values - known[above - 1]))
    rows = gap > _WHOLE
    return [(HALF, rows, f"a share of {_middle(values[rows]):.3g}", "the share of a level")] if rows.any() else []


def _fractions(observed: np.ndarray, values: np.ndarray, part: Part) -> _Found:
    if not (_whole(observed[:1000], part).all() and _whole(observed, part).all()):
        return []
    rows = ~_whole(values, part)
    if not rows.any():
        return []
    inside = np.abs(values - np.floor(values) - 0.5) < 0.3  # one that still shows its fraction when rounded
    shown = _middle(values[rows & inside] if (rows & inside).any() else values[rows])
    return [(FRACTION, rows, _said(shown, part, fraction=True), f"whole, {_range(observed, part)}")]


def _beyond(observed: np.ndarray, values: np.ndarray, part: Part) -> _Found:
    low, high = float(observed.min()), float(observed.max())
    room = _PARTLY * max(high - low, abs(high), 1.0)
    rows = (values < low - room) | (values > high + room)
    if not rows.any():
        return []
    furthest = values[rows][np.argmax(np.maximum(low - values[rows], values[rows] - high))]
    return [(OUTSIDE, rows, _said(furthest, part, fraction=False), _range(observed, part))]


def _whole(values: np.ndarray, part: Part) -> np.ndarray:
    whole: np.ndarray = np.abs(values - np.rint(values)) <= np.maximum(_WHOLE, 1e-12 * np.abs(values))
    for value in part.placed:
        whole |= np.abs(values - value) <= _WHOLE * max(1.0, abs(value))
    return whole


def _middle(values: np.ndarray) -> float:
    """A value that occurs, in the middle of the others."""
    return float(np.sort(values)[len(values) // 2])


def _range(observed: np.ndarray, part: Part) -> str:
    low, high = float(observed.min()), float(observed.max())
    if part.kind == "date":
        return f"{_said(low, part, fraction=False)} to {_said(high, part, fraction=False)}"
    return interval(round(low, 9), round(high, 9))


def _said(value: float, part: Part, *, fraction: bool) -> str:
    if part.kind == "date":
        minutes = np.datetime64(0, "m") + np.timedelta64(round(value * 1440), "m")
        return str(minutes).replace("T", " ") if fraction else str(minutes.astype("datetime64[D]"))
    return f"{value:,.1f}".replace("-", "\N{MINUS SIGN}") if fraction else number(value)
