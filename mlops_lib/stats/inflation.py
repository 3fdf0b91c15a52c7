"""Variance inflation from a correlation matrix, and which columns it shows to follow from others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

COLLINEAR = 1e6
"""Inflation above which a column counts as collinear: the others leave less than a millionth of its variance."""

EXACT = 1e-10
"""Share of a column's variance, left by the others, below which it counts as none."""

LOADING = 1e-6
"""Standardised coefficient below which a column has no part in what another follows from."""


@dataclass(frozen=True)
class Follows:
    """A column by its place, and the places of those it follows from with their standardised coefficients."""

    column: int
    parts: tuple[tuple[int, float], ...]


def inflation(matrix: np.ndarray) -> np.ndarray:
    """1 / (1 - R²) of each column on the others, shape (p,), from correlations (p, p) without NaN.

    inf above `COLLINEAR`. Columns that repeat others exactly add nothing to them, so the others are inverted alone.
    """
    if len(matrix) == 0:
        return np.zeros(0)
    plain = _inverted(matrix)
    if plain is not None:
        return np.where(plain > COLLINEAR, np.inf, plain)
    basis, repeats = repeated(matrix, EXACT)
    result = np.full(len(matrix), np.inf)
    inside = np.diag(np.linalg.inv(matrix[np.ix_(basis, basis)]))
    result[basis] = np.where(inside > COLLINEAR, np.inf, np.maximum(inside, 1.0))
    result[[place for follows in repeats for place, _ in follows.parts]] = np.inf
    return result


def followers(matrix: np.ndarray) -> tuple[Follows, ...]:
    """Columns that follow from others, each with as few of them as there are; p columns without NaN, shape (p, p).

    Pairs that repeat each other come first, so that a longer relation names one of them only.
    """
    twins = _twins(matrix)
    single = [i for i in range(len(matrix)) if i not in {t.column for t in twins}]
    inside = matrix[np.ix_(single, single)]
    basis, repeats = repeated(inside, EXACT)
    rest = np.linalg.inv(inside[np.ix_(basis, basis)]) if basis else np.zeros((0, 0))
    if (np.diag(rest) > COLLINEAR).any():
        near = repeated(inside[np.ix_(basis, basis)], 1 / COLLINEAR)[1]
        repeats += [Follows(basis[f.column], tuple((basis[i], w) for i, w in f.parts)) for f in near]
    found = [Follows(single[f.column], tuple((single[i], w) for i, w in f.parts)) for f in repeats]
    return (*twins, *found)


def repeated(matrix: np.ndarray, least: float) -> tuple[list[int], list[Follows]]:
    """Places of columns that add at least the share `least` to those before them, and of those that do not."""
    basis: list[int] = []
    repeats: list[Follows] = []
    factor = np.zeros((len(matrix), len(matrix)))
    for i in range(len(matrix)):
        size = len(basis)
        known = factor[:size, :size]
        row = np.linalg.solve(known, matrix[i, basis]) if size else np.zeros(0)
        rest = matrix[i, i] - float((row * row).sum())
        if rest > least:
            factor[size, :size], factor[size, size] = row, np.sqrt(rest)
            basis.append(i)
        else:
            weights = np.linalg.solve(known.T, row)
            parts = [(basis[j], float(weights[j])) for j in np.flatnonzero(np.abs(weights) > LOADING)]
            repeats.append(Follows(i, tuple(parts)))
    return basis, repeats


def _inverted(matrix: np.ndarray) -> np.ndarray | None:
    """The diagonal of the inverse; None where the matrix is too near to a singular one for it to be trusted."""
    try:
        factor = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return None
    if np.diag(factor).min() ** 2 < EXACT:
        return None
    result = np.maximum(np.diag(np.linalg.inv(matrix)), 1.0)
    return result if result.max() < 1 / EXACT else None


def _twins(matrix: np.ndarray) -> list[Follows]:
    """Columns of which an earlier one is a multiple."""
    found: list[Follows] = []
    seen: set[int] = set()
    for i in range(len(matrix)):
        earlier = [j for j in range(i) if j not in seen and 1 - abs(matrix[i, j]) < EXACT / 2]
        if earlier:
            seen.add(i)
            found.append(Follows(i, ((earlier[0], float(np.sign(matrix[i, earlier[0]]))),)))
    return found
