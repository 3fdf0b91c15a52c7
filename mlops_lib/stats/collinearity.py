"""How well each numeric column is predicted by the others: variance inflation, and columns that repeat others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mlops_lib.stats.combinations import Combination, combinations
from mlops_lib.stats.correlation import correlations
from mlops_lib.stats.inflation import EXACT, inflation, repeated


@dataclass(frozen=True, eq=False)
class Collinearity:
    """Correlations of p numeric columns and what follows from them.

    `vif` has shape (p,): 1 / (1 - R²) of each column on the others; inf above a million, NaN for a column with one
    value. `perfect` groups the names of columns that follow from each other, `combinations` says how. They count the
    `n` of `rows` rows that have every column; where those are few, all rows, with missing cells at the column's mean
    (`filled`), which makes inflation smaller than it is.
    """

    names: tuple[str, ...]
    correlation: np.ndarray
    vif: np.ndarray
    perfect: tuple[tuple[str, ...], ...]
    combinations: tuple[Combination, ...] = ()
    n: int = 0
    rows: int = 0
    filled: bool = False


@dataclass(frozen=True)
class Dropped:
    """A column left out for its inflation: how large it was, and with which kept columns it goes together most."""

    name: str
    vif: float
    like: tuple[str, ...]


def collinearity(columns: Mapping[str, np.ndarray]) -> Collinearity:
    """Inflation of float64 columns of one length n, from the inverse of their correlation matrix.

    Centred columns, so that the intercept is not counted (statsmodels: `variance_inflation_factor` with a constant).
    """
    names = tuple(columns)
    found = correlations(list(columns.values()))
    inside = np.flatnonzero(found.deviations > 0)
    vif = np.full(len(names), np.nan)
    vif[inside] = inflation(found.matrix[np.ix_(inside, inside)])
    combined = combinations(columns, found) if np.isinf(vif).any() else ()
    rows = len(next(iter(columns.values()))) if columns else 0
    return Collinearity(names, found.matrix, vif, _groups(names, combined), combined, found.n, rows, found.filled)


def _groups(names: tuple[str, ...], found: tuple[Combination, ...]) -> tuple[tuple[str, ...], ...]:
    """Columns that share a combination, in the order of `names`."""
    groups: list[set[str]] = []
    for combination in found:
        touched = [group for group in groups if group & set(combination.columns)]
        groups = [group for group in groups if group not in touched]
        groups.append(set(combination.columns).union(*touched))
    ordered = [tuple(name for name in names if name in group) for group in groups]
    return tuple(sorted(ordered, key=lambda group: names.index(group[0])))


def prune(
    found: Collinearity, strength: dict[str, float], max_vif: float, forced: tuple[str, ...]
) -> tuple[Dropped, ...]:
    """Columns to leave out, one by one, until no inflation among the named ones in `strength` exceeds `max_vif`.

    First, columns that repeat stronger (or forced) ones exactly; then always the most inflated, the weaker of equals.
    Forced columns stay in whatever their inflation.
    """
    position = {name: i for i, name in enumerate(found.names)}
    usable = [c for c in strength if c in position and not np.isnan(found.vif[position[c]])]
    ordered = sorted(usable, key=lambda c: (c not in forced, -strength[c], position[c]))
    matrix = found.correlation[np.ix_([position[c] for c in ordered], [position[c] for c in ordered])]
    free = np.array([c not in forced for c in ordered], dtype=bool)
    basis, repeats = _basis(matrix, free)
    left, out = _lowered(matrix, basis, free, max_vif)
    back = _readmitted(matrix, left, list(repeats), free, max_vif) if out else []
    exact = {i: tuple(ordered[j] for j in like) for i, like in repeats.items() if i not in back}
    dropped = [Dropped(ordered[i], np.inf, like) for i, like in exact.items()]
    dropped += [Dropped(ordered[i], vif, _like(matrix, i, left, ordered)) for i, vif in out]
    return tuple(dropped)


def _lowered(
    matrix: np.ndarray, basis: list[int], free: np.ndarray, max_vif: float
) -> tuple[list[int], list[tuple[int, float]]]:
    """Positions that stay, and those that went with the inflation that each had when it was its turn."""
    left, out = list(basis), []
    inverse = np.linalg.inv(matrix[np.ix_(basis, basis)]) if basis else np.zeros((0, 0))
    while left:
        inflation = np.where(free[left], np.diag(inverse), 0.0)
        worst = int(np.flatnonzero(inflation >= inflation.max() * (1 - 1e-9))[-1])
        if not inflation[worst] > max_vif:
            break
        out.append((left.pop(worst), float(inflation[worst])))
        inverse = _without(inverse, worst)
    return left, out


def _readmitted(matrix: np.ndarray, left: list[int], repeats: list[int], free: np.ndarray, max_vif: float) -> list[int]:
    """Columns that repeated others of which some have gone since, and that inflate nothing now; added to `left`."""
    back = []
    for i in repeats:
        tried = [*left, i]
        inside = matrix[np.ix_(tried, tried)]
        if np.linalg.eigvalsh(inside)[0] > EXACT and np.diag(np.linalg.inv(inside))[free[tried]].max() <= max_vif:
            left.append(i)
            back.append(i)
    return back


def _basis(matrix: np.ndarray, free: np.ndarray) -> tuple[list[int], dict[int, list[int]]]:
    """Positions of columns that add something to those before them, and of those that repeat them, with which ones.

    A forced column that repeats other forced ones is in neither: it stays, and has no inflation to compare.
    """
    basis, repeats = repeated(matrix, EXACT)
    return basis, {f.column: [place for place, _ in f.parts] for f in repeats if free[f.column]}


def _without(inverse: np.ndarray, out: int) -> np.ndarray:
    """The inverse of a matrix after one row and column left it."""
    others = np.delete(np.arange(len(inverse)), out)
    column = inverse[others, out]
    result: np.ndarray = inverse[np.ix_(others, others)] - np.outer(column, column) / inverse[out, out]
    return result


def _like(matrix: np.ndarray, out: int, among: list[int], names: list[str]) -> tuple[str, ...]:
    """Up to two columns with which a dropped one correlates most."""
    closest = sorted((i for i in among if i != out), key=lambda i: -abs(matrix[out, i]))[:2]
    return tuple(names[i] for i in closest if abs(matrix[out, i]) >= 0.3) or tuple(names[i] for i in closest[:1])
