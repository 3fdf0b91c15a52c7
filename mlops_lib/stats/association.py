"""How strongly columns of any kinds go together, pair by pair, each on the rows where both have a value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlops_lib.stats.chi_square import bias_corrected_v
from mlops_lib.stats.features import Feature

_DENSE = 1 << 22
"""Cells up to which a table of two columns is counted in full; above, only the pairs that occur."""


@dataclass(frozen=True, eq=False)
class AssociationMatrix:
    """Associations of p columns; matrices have shape (p, p), with NaN where a pair has none.

    `pearson` and `spearman` are signed and filled for pairs of numbers; `plain` and `corrected` for pairs with a
    category: Cramér's V, or the correlation ratio eta of a number across levels; `corrected` without their bias
    (Bergsma 2013; Kelley 1935, PNAS 21, 554-559), which is large where levels are many. `n` counts the rows of a pair.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    pearson: np.ndarray
    spearman: np.ndarray
    plain: np.ndarray
    corrected: np.ndarray
    n: np.ndarray

    def values(self, numbers: str = "spearman") -> np.ndarray:
        """One signed matrix: `numbers` ("pearson" or "spearman") for pairs of numbers, else the corrected measure."""
        signed = self.pearson if numbers == "pearson" else self.spearman
        return np.where(np.isnan(signed), self.corrected, signed)


def association_matrix(columns: Sequence[Feature]) -> AssociationMatrix:
    """All pairs of columns of one length."""
    p = len(columns)
    pearson, spearman, plain, corrected = (np.full((p, p), np.nan) for _ in range(4))
    known = np.array([c.known for c in columns])
    counts = np.round(_products(known, known)).astype(np.int64)
    numeric = [i for i, c in enumerate(columns) if c.kind != "categorical"]
    categorical = [i for i, c in enumerate(columns) if c.kind == "categorical"]
    if numeric:
        both = np.ix_(numeric, numeric)
        values = [columns[i].values for i in numeric]
        pearson[both], spearman[both] = pearson_matrix(values), spearman_matrix(values)
    for place, i in enumerate(categorical):
        for j in categorical[: place + 1]:
            pair = cramers_v(columns[i].values, columns[j].values)
            plain[i, j], corrected[i, j] = plain[j, i], corrected[j, i] = pair
        for j in numeric:
            pair = correlation_ratio(columns[i].values, columns[j].values)
            plain[i, j], corrected[i, j] = plain[j, i], corrected[j, i] = pair
    names, kinds = tuple(c.name for c in columns), tuple(c.kind for c in columns)
    return AssociationMatrix(names, kinds, pearson, spearman, plain, corrected, counts)


def pearson_matrix(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Pearson correlations, shape (p, p), of float64 columns (n,), each pair on the rows where both are known."""
    known = np.array([np.isfinite(c) for c in columns])
    scaled = np.array([_standardised(c, k) for c, k in zip(columns, known, strict=True)])
    n, sums, squares = _products(known, known), _products(scaled, known), _products(scaled, known, power=2)
    with np.errstate(divide="ignore", invalid="ignore"):  # a pair without rows or variance has no correlation
        covariance = _products(scaled, scaled) - sums * sums.T / n
        variance = squares - sums**2 / n
        variance[variance <= 1e-12 * np.maximum(squares, 1e-300)] = np.nan
        return np.asarray(np.clip(covariance / np.sqrt(variance * variance.T), -1.0, 1.0))


def spearman_matrix(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Spearman correlations, shape (p, p); a pair with different gaps is ranked anew on the rows that both have."""
    places = [_dense_places(c) for c in columns]
    gaps = [p < 0 for p in places]
    full = [_ranked(p, ~g) for p, g in zip(places, gaps, strict=True)]
    matrix = pearson_matrix(full)
    for i in range(len(columns)):
        for j in range(i):
            if (gaps[i].any() or gaps[j].any()) and not np.array_equal(gaps[i], gaps[j]):
                matrix[i, j] = matrix[j, i] = _rank_pair(places[i], places[j])
    return matrix


def cramers_v(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Cramér's V of two code arrays, plain and bias-corrected; NaN where a column has one value."""
    known = (a >= 0) & (b >= 0)
    a, b = a[known], b[known]
    n = len(a)
    if n == 0:
        return math.nan, math.nan
    rows, columns = np.bincount(a), np.bincount(b)
    r, c = int(np.count_nonzero(rows)), int(np.count_nonzero(columns))
    if min(r, c) < 2:
        return math.nan, math.nan
    cells = a.astype(np.int64) * len(columns) + b
    if len(rows) * len(columns) <= _DENSE:
        counts = np.bincount(cells)
        occurring = np.flatnonzero(counts)
        counts = counts[occurring]
    else:
        occurring, counts = np.unique(cells, return_counts=True)
    # The mean of O/E over all rows needs only cells that occur; phi² is what exceeds 1.
    expected = rows[occurring // len(columns)] * (columns[occurring % len(columns)] / n)
    share = float((counts.astype(np.float64) ** 2 / expected).sum()) / n
    phi_squared = max(0.0, share - 1)
    return min(1.0, math.sqrt(phi_squared / (min(r, c) - 1))), bias_corrected_v(phi_squared, r, c, n)


def correlation_ratio(codes: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """Eta of float64 `values` across the levels in `codes`, plain and without its bias (root of Kelley's epsilon²)."""
    known = (codes >= 0) & ~np.isnan(values)
    codes, values = codes[known], values[known]
    n = len(values)
    if n == 0 or values.min() == values.max():
        return math.nan, math.nan
    centred = values - values.mean()
    counts = np.bincount(codes)
    present = counts > 0
    k = int(np.count_nonzero(present))
    if k < 2:
        return math.nan, math.nan
    sums = np.bincount(codes, weights=centred)[present]
    share = min(1.0, float((sums**2 / counts[present]).sum() / _dot(centred, centred)))
    corrected = 1 - (1 - share) * (n - 1) / (n - k) if n > k else 0.0
    return math.sqrt(share), math.sqrt(max(0.0, corrected))


def _products(a: np.ndarray, b: np.ndarray, power: int = 1) -> np.ndarray:
    """a**power times bᵀ, summed over blocks of rows in float64; a and b have shape (p, n)."""
    block = 1 << 16
    total = np.zeros((len(a), len(b)))
    for start in range(0, a.shape[1], block):
        rows = slice(start, start + block)
        total += a[:, rows].astype(np.float64) ** power @ b[:, rows].astype(np.float64).T
    return total


def _standardised(column: np.ndarray, known: np.ndarray) -> np.ndarray:
    values = column[known]
    result = np.zeros(len(column))
    if len(values):
        spread = float(values.std())
        result[known] = (values - values.mean()) / (spread if spread > 0 else 1.0)
    return result


def _dense_places(column: np.ndarray) -> np.ndarray:
    """The place of each value among the distinct values, int32; -1 for missing."""
    known = ~np.isnan(column)
    places = np.full(len(column), -1, dtype=np.int32)
    places[known] = np.unique(column[known], return_inverse=True)[1]
    return places


def _ranked(places: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Midranks among `rows` by counting; NaN elsewhere."""
    counts = np.bincount(places[rows])
    ranks = np.cumsum(counts) - counts + (counts + 1) / 2
    result = np.full(len(places), np.nan)
    result[rows] = ranks[places[rows]]
    return result


def _rank_pair(a: np.ndarray, b: np.ndarray) -> float:
    rows = (a >= 0) & (b >= 0)
    if not rows.any():
        return math.nan
    x, y = _ranked(a, rows)[rows], _ranked(b, rows)[rows]
    x, y = x - x.mean(), y - y.mean()
    size = math.sqrt(_dot(x, x) * _dot(y, y))
    return max(-1.0, min(1.0, _dot(x, y) / size)) if size > 0 else math.nan


def _dot(x: np.ndarray, y: np.ndarray) -> float:
    """Not `x @ y`: for a vector BLAS wakes its threads, which on a busy machine costs fifty times the sum itself."""
    return float((x * y).sum())
