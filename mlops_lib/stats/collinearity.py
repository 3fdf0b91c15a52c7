"""How well each numeric column is predicted by the others: variance inflation, and columns that repeat others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PERFECT = 1e-10
"""A share of a column's variance, unexplained by the others, below which it counts as none."""

_LOADING = 1e-6
_BLOCK = 1 << 16


@dataclass(frozen=True, eq=False)
class Collinearity:
    """Correlations of p numeric columns and what follows from them; missing cells stand at the column's mean.

    `vif` has shape (p,): 1 / (1 - R²) of each column on the others; inf for perfectly collinear ones, NaN for a column
    with one value. `perfect` groups the names of columns of which each is an exact combination of the rest.
    """

    names: tuple[str, ...]
    correlation: np.ndarray
    vif: np.ndarray
    perfect: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Dropped:
    """A column left out for its inflation: how large it was, and with which kept columns it goes together most."""

    name: str
    vif: float
    like: tuple[str, ...]


def collinearity(columns: dict[str, np.ndarray]) -> Collinearity:
    """Inflation of float64 columns of one length n, from the inverse of their correlation matrix.

    Centred columns, so that the intercept is not counted (statsmodels: `variance_inflation_factor` with a constant).
    """
    names = tuple(columns)
    correlation = correlations([columns[name] for name in names])
    varies = ~np.isnan(np.diag(correlation)) if names else np.zeros(0, bool)
    vif = np.full(len(names), np.nan)
    inside = np.flatnonzero(varies)
    values, null = _inflation(correlation[np.ix_(inside, inside)])
    vif[inside] = values
    groups = tuple(tuple(names[inside[i]] for i in group) for group in _groups(null))
    return Collinearity(names, correlation, vif, groups)


def correlations(columns: list[np.ndarray]) -> np.ndarray:
    """Pearson correlations, shape (p, p), of float64 columns (n,); a missing or infinite cell stands at the mean.

    A column with one value has NaN in its row. Sums go over blocks of rows, so no second copy of the table is made.
    """
    p, n = len(columns), len(columns[0]) if columns else 0
    centres = np.array([_mean(c) for c in columns])
    scales = np.array([_spread(c, m) for c, m in zip(columns, centres, strict=True)])
    sums, products = np.zeros(p), np.zeros((p, p))
    for start in range(0, n, _BLOCK):
        block = np.array([c[start : start + _BLOCK] for c in columns]) - centres[:, None]
        block = np.where(np.isfinite(block), block, 0.0) / np.where(scales > 0, scales, 1)[:, None]
        sums += block.sum(axis=1)
        products += block @ block.T
    covariance = products - np.outer(sums, sums) / max(n, 1)
    sizes = np.sqrt(np.diag(covariance)) if p else np.zeros(0)
    sizes[(scales == 0) | (sizes == 0)] = np.nan
    result: np.ndarray = np.clip(covariance / np.outer(sizes, sizes), -1.0, 1.0)
    np.fill_diagonal(result, np.where(np.isnan(sizes), np.nan, 1.0))
    return result


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
        if np.linalg.eigvalsh(inside)[0] > PERFECT and np.diag(np.linalg.inv(inside))[free[tried]].max() <= max_vif:
            left.append(i)
            back.append(i)
    return back


def _mean(column: np.ndarray) -> float:
    known = column[np.isfinite(column)]
    return float(known.mean()) if len(known) else 0.0


def _spread(column: np.ndarray, mean: float) -> float:
    known = column[np.isfinite(column)]
    if len(known) == 0 or known.min() == known.max():
        return 0.0
    return float(np.sqrt(np.mean((known - mean) ** 2)))


def _inflation(correlation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Variance inflation of each column and the projection onto what the columns leave empty, shape (p, p).

    A column outside that empty space has the diagonal of the pseudo-inverse as its inflation; one inside has none.
    """
    if len(correlation) == 0:
        return np.zeros(0), np.zeros((0, 0))
    eigenvalues, vectors = np.linalg.eigh(correlation)
    empty = vectors[:, eigenvalues < PERFECT]
    null = empty @ empty.T
    rest = eigenvalues >= PERFECT
    inflation = (vectors[:, rest] ** 2 / eigenvalues[rest]).sum(axis=1)
    if rest.all():
        inflation = np.diag(np.linalg.inv(correlation)).copy()
    inflation[np.diag(null) > _LOADING] = np.inf
    return np.maximum(inflation, 1.0), null


def _groups(null: np.ndarray) -> list[list[int]]:
    """Columns that share an exact relation: connected parts of the empty space."""
    touching = np.abs(null) > _LOADING
    waiting = [int(i) for i in np.flatnonzero(np.diag(touching))] if len(null) else []
    groups: list[list[int]] = []
    while waiting:
        group, reached = [], [waiting[0]]
        while reached:
            column = reached.pop()
            if column in waiting:
                waiting.remove(column)
                group.append(column)
                reached.extend(int(i) for i in np.flatnonzero(touching[column]))
        groups.append(sorted(group))
    return [g for g in groups if len(g) > 1]


def _basis(matrix: np.ndarray, free: np.ndarray) -> tuple[list[int], dict[int, list[int]]]:
    """Positions of columns that add something to those before them, and of those that repeat them, with which ones.

    A forced column that repeats other forced ones is in neither: it stays, and has no inflation to compare.
    """
    basis: list[int] = []
    repeats: dict[int, list[int]] = {}
    factor = np.zeros((len(matrix), len(matrix)))
    for i in range(len(matrix)):
        size = len(basis)
        known = factor[:size, :size]
        row = np.linalg.solve(known, matrix[i, basis]) if size else np.zeros(0)
        rest = matrix[i, i] - float(row @ row)
        if rest > PERFECT:
            factor[size, :size], factor[size, size] = row, np.sqrt(rest)
            basis.append(i)
        elif free[i]:
            weights = np.abs(np.linalg.solve(known.T, row))
            repeats[i] = [basis[j] for j in np.flatnonzero(weights > _LOADING)]
    return basis, repeats


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
