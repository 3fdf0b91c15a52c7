"""Columns that follow from others, with the combination in the columns' own units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlops_lib.objects.words import MINUS, exact, listed, number
from mlops_lib.stats.correlation import Correlations
from mlops_lib.stats.inflation import Follows, followers

MOST_PARTS = 6
"""Columns that a combination is written out with; a longer one is named by its columns."""

_CLOSE = 1e-6
"""Relative distance within which a coefficient is taken for the simple number beside it, if the cells agree."""

_AGREES = 1e-9
"""Largest remainder, relative to the values that are added up, of a combination that holds exactly."""


@dataclass(frozen=True)
class Combination:
    """`name` = sum of coefficient x column over `parts` + `constant`.

    `off` is the largest distance of a row from it; 0 where that is no more than rounding. `n` rows were looked at.
    """

    name: str
    parts: tuple[tuple[str, float], ...]
    constant: float
    off: float
    n: int

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns in it."""
        return (self.name, *(name for name, _ in self.parts))

    @property
    def words(self) -> str:
        """Written out: "total_minutes = 60 x hours + minutes"."""
        if len(self.parts) > MOST_PARTS:
            names = listed([name for name, _ in self.parts], MOST_PARTS)
            return f"{self.name} follows from {names}"
        terms = [_term(weight, name) for name, weight in self.parts]
        if self.constant:
            terms.append((self.constant < 0, _written(abs(self.constant))))
        first = f"{MINUS}{terms[0][1]}" if terms[0][0] else terms[0][1]
        rest = "".join(f" {MINUS if negative else '+'} {text}" for negative, text in terms[1:])
        within = f", at most {number(self.off)} off" if self.off else ""
        return f"{self.name} {'≈' if self.off else '='} {first}{rest}{within}"


def combinations(columns: Mapping[str, np.ndarray], found: Correlations) -> tuple[Combination, ...]:
    """All columns that follow from others, of float64 columns (n,) whose correlations were found before.

    Empty where there are not more rows than columns: then every column follows from the others by chance.
    """
    names, values = list(columns), list(columns.values())
    varies = np.flatnonzero(found.deviations > 0).tolist()
    if found.n <= len(varies) + 1:
        return ()
    relations = followers(found.matrix[np.ix_(varies, varies)])
    return tuple(
        _simplest(
            [varies[f.column], *(varies[i] for i, _ in f.parts)], _weights(f, varies, found), names, values, found
        )
        for f in relations
        if f.parts
    )


def _weights(follows: Follows, varies: Sequence[int], found: Correlations) -> np.ndarray:
    """Coefficients of the relation "sum = constant" in the columns' own units; the column that follows has -1."""
    own = found.deviations[varies[follows.column]]
    return np.array([-1.0, *(w * own / found.deviations[varies[i]] for i, w in follows.parts)])


def _simplest(
    places: list[int], weights: np.ndarray, names: Sequence[str], values: Sequence[np.ndarray], found: Correlations
) -> Combination:
    """The relation solved for the column that leaves the simplest coefficients, checked on the rows."""
    solved = [_solved(weights, k) for k in range(len(places))]
    k = min(range(len(places)), key=lambda i: _cost(solved[i]))
    own, others = places[k], [place for i, place in enumerate(places) if i != k]
    rows = slice(None) if found.rows is None else found.rows
    used = [values[place][rows] for place in others]
    checked = [_checked(values[own][rows], used, tried) for tried in (_rounded(solved[k]), solved[k])]
    coefficients, (constant, off) = min(zip((_rounded(solved[k]), solved[k]), checked, strict=True), key=_off)
    parts = sorted(zip([names[i] for i in others], coefficients.tolist(), strict=True), key=lambda part: -abs(part[1]))
    return Combination(names[own], tuple(parts), constant, off, found.n)


def _off(tried: tuple[np.ndarray, tuple[float, float]]) -> float:
    return tried[1][1]


def _solved(weights: np.ndarray, k: int) -> np.ndarray:
    """Coefficients of the other columns where the relation is solved for the k-th."""
    others: np.ndarray = np.delete(weights, k) / -weights[k]
    return others


def _cost(coefficients: np.ndarray) -> tuple[int, int, float]:
    """Fewest fractions, then fewest negatives, then coefficients nearest to 1."""
    rounded = _rounded(coefficients)
    fractions = int(np.count_nonzero(rounded != np.rint(rounded)))
    return fractions, int(np.count_nonzero(rounded < 0)), float(np.abs(np.log(np.abs(coefficients))).sum())


def _rounded(coefficients: np.ndarray) -> np.ndarray:
    return np.array([_simple(float(c)) for c in coefficients])


def _simple(value: float) -> float:
    """The number of few digits that a coefficient stands for: whole, one over a whole, or four significant digits."""
    tries = [float(round(value)), 1 / round(1 / value) if value and round(1 / value) else value, float(f"{value:.4g}")]
    return next((t for t in tries if t and abs(t - value) <= _CLOSE * abs(value)), value)


def _checked(own: np.ndarray, others: Sequence[np.ndarray], coefficients: np.ndarray) -> tuple[float, float]:
    """The constant, and how far the farthest row is from the combination (0: no farther than rounding)."""
    rest, size = own.copy(), np.abs(own[np.isfinite(own)]).max(initial=0.0)
    for column, weight in zip(others, coefficients.tolist(), strict=True):
        rest -= weight * column
        size = max(size, abs(weight) * np.abs(column[np.isfinite(column)]).max(initial=0.0))
    rest = rest[np.isfinite(rest)]
    middle = float(np.median(rest)) if len(rest) else 0.0
    if abs(middle) <= _AGREES * size:
        middle = 0.0
    constant = _constant(middle, _AGREES * size)
    off = float(np.abs(rest - constant).max(initial=0.0))
    return constant, 0.0 if off <= _AGREES * size else off


def _constant(value: float, within: float) -> float:
    """The number of fewest digits within that distance."""
    return next((t for digits in range(16) if abs((t := float(f"{value:.{digits}e}")) - value) <= within), value)


def _term(weight: float, name: str) -> tuple[bool, str]:
    return weight < 0, name if abs(weight) == 1 else f"{_written(abs(weight))} × {name}"


def _written(value: float) -> str:
    """All digits of a simple number, six of another, one over a whole as that."""
    if float(f"{value:.6g}") == value:
        return exact(value)
    if value < 1 and 1 / round(1 / value) == value:
        return f"1/{round(1 / value):,}"
    return number(value, 6)
