"""Pearson correlations of many columns on one set of rows, for what needs all columns at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlops_lib.stats.moments import BLOCK

ENOUGH_ROWS, ENOUGH_PER_COLUMN = 50, 10
"""Complete rows from which they stand for all: fewer than so many would be overfitted."""


_TINY = 1e-270


@dataclass(frozen=True, eq=False)
class Correlations:
    """Correlations (p, p) of p columns, their means (p,) and standard deviations (p,; 0 for one value).

    `rows` is None where all rows count, else a boolean array (n,) of those that have every column. `filled` says that
    too few rows have every column, so that all rows count and a missing cell stands at its column's mean. `n` counts
    the rows that were used. A column with one value has NaN in its row and column of `matrix`.
    """

    matrix: np.ndarray
    means: np.ndarray
    deviations: np.ndarray
    n: int
    rows: np.ndarray | None = None
    filled: bool = False


def correlations(columns: Sequence[np.ndarray]) -> Correlations:
    """Of float64 columns (n,) on the rows where all are finite; on all rows, missing cells filled, where those are few.

    Sums go over blocks of rows, so no second copy of the table is made.
    """
    p, n = len(columns), len(columns[0]) if columns else 0
    with np.errstate(over="ignore", invalid="ignore"):  # the sum of a column with a gap or of huge numbers is looked at
        means = np.array([column.mean() if n else 0.0 for column in columns])
    if np.isfinite(means).all():
        return _from(columns, means, n, None)
    finite = [np.isfinite(column) for column in columns]
    rows = np.logical_and.reduce(finite)
    complete = int(np.count_nonzero(rows))
    if complete == n:
        return _from(columns, _halved_means(columns), n, None)
    if complete >= max(ENOUGH_ROWS, ENOUGH_PER_COLUMN * p):
        return _from(columns, np.array([column[rows].mean() for column in columns]), complete, rows)
    means = np.array([c[known].mean() if known.any() else 0.0 for c, known in zip(columns, finite, strict=True)])
    return _from(columns, means, n, None, filled=True)


def _halved_means(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Means of columns whose sum is too large for a float."""
    return np.array([float((column / len(column)).sum()) for column in columns])


def _from(
    columns: Sequence[np.ndarray], means: np.ndarray, n: int, rows: np.ndarray | None, *, filled: bool = False
) -> Correlations:
    units = np.ones(len(columns))
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        covariance = _products(columns, means, units, rows, filled)
    if not np.isfinite(covariance).all() or _vanishing(columns, covariance, rows):
        units = np.array([_unit(column, mean) for column, mean in zip(columns, means, strict=True)])
        covariance = _products(columns, means, units, rows, filled)
    squares = np.diag(covariance).copy()
    for i in np.flatnonzero(np.sqrt(np.abs(squares) / max(n, 1)) * units <= 1e-12 * np.abs(means)).tolist():
        if _one_value(columns[i], rows):
            squares[i] = 0.0
    deviations = np.sqrt(np.maximum(squares, 0.0) / max(n, 1)) * units
    sizes = np.where(squares > 0, np.sqrt(np.maximum(squares, 0.0)), np.nan)
    matrix = np.clip(covariance / np.outer(sizes, sizes), -1.0, 1.0)
    np.fill_diagonal(matrix, np.where(np.isnan(sizes), np.nan, 1.0))
    return Correlations(matrix, means, deviations, n, rows, filled)


def _products(
    columns: Sequence[np.ndarray], means: np.ndarray, units: np.ndarray, rows: np.ndarray | None, filled: bool
) -> np.ndarray:
    """Sums of products of the centred columns in their units, shape (p, p)."""
    p, n = len(columns), len(columns[0]) if columns else 0
    sums, products, used = np.zeros(p), np.zeros((p, p)), 0
    space = np.empty((p, BLOCK))
    scaled = bool((units != 1).any())
    for start in range(0, n, BLOCK):
        within = slice(start, start + BLOCK)
        known = None if rows is None else rows[within]
        size = min(BLOCK, n - start) if known is None else int(np.count_nonzero(known))
        block = space[:, :size]
        for i, column in enumerate(columns):
            values = column[within]
            np.subtract(values if known is None else values[known], means[i], out=block[i])
        if scaled:
            block /= units[:, None]
        if filled:
            block[~np.isfinite(block)] = 0.0
        products += block @ block.T
        sums += block.sum(axis=1)
        used += size
    return np.asarray(products - np.outer(sums, sums) / max(used, 1))


def _vanishing(columns: Sequence[np.ndarray], covariance: np.ndarray, rows: np.ndarray | None) -> bool:
    """Whether squares are too small for a float though the values differ."""
    return any(not _one_value(columns[i], rows) for i in np.flatnonzero(np.diag(covariance) < _TINY).tolist())


def _unit(column: np.ndarray, mean: float) -> float:
    """The largest distance from the mean, so that squares neither overflow nor vanish; 1 where there is none."""
    known = column[np.isfinite(column)]
    if len(known) == 0:
        return 1.0
    with np.errstate(over="ignore"):  # as far apart as floats go
        reach = max(abs(known.max() - mean), abs(known.min() - mean))
    return float(min(reach, np.finfo(float).max)) or 1.0


def _one_value(column: np.ndarray, rows: np.ndarray | None) -> bool:
    known = column[np.isfinite(column)] if rows is None else column[rows]
    return len(known) == 0 or bool(known.min() == known.max())
