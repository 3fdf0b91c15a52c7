"""How strongly columns of any kinds go together, pair by pair, each on the rows where both have a value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlops_lib.stats.chi_square import bias_corrected_v
from mlops_lib.stats.features import Feature
from mlops_lib.stats.missing_patterns import Gaps
from mlops_lib.stats.moments import Moments, moments
from mlops_lib.stats.rank_matrix import spearman_by_gaps

_DENSE = 4
"""Cells per row up to which a table of two columns is counted in full; above, only the pairs that occur are sorted."""

_LEAST, _MOST = 1e-100, 1e100

_CANCELLED = 1e-4
"""Share of a column's squares left as its variance in a pair, below which the pair is centred anew."""


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


def association_matrix(columns: Sequence[Feature], ranks: bool = True) -> AssociationMatrix:
    """All pairs of columns of one length; an infinite number counts as missing.

    `ranks=False` leaves Spearman's correlations NaN: sorting is most of the work on many rows.
    """
    numeric = [i for i, c in enumerate(columns) if c.kind != "categorical"]
    categorical = [i for i, c in enumerate(columns) if c.kind == "categorical"]
    values, codes = [_within_reach(columns[i].values) for i in numeric], [columns[i].values for i in categorical]
    gaps = Gaps.among([np.isfinite(v) for v in values] + [c >= 0 for c in codes])
    sums = moments(values, codes, gaps)
    pearson, spearman, plain, corrected = (np.full((len(columns), len(columns)), np.nan) for _ in range(4))
    both = np.ix_(numeric, numeric)
    pearson[both] = _pearson(values, gaps, sums)
    if ranks:
        spearman[both] = spearman_by_gaps(values, gaps.of_first(len(values)))
    for place, i in enumerate(categorical):
        for j in categorical[: place + 1]:
            pair = cramers_v(columns[i].values, columns[j].values)
            plain[i, j], corrected[i, j] = plain[j, i], corrected[j, i] = pair
        ratios = _ratios(codes[place], values, gaps, sums, place)
        plain[i, numeric], corrected[i, numeric] = plain[numeric, i], corrected[numeric, i] = ratios
    order = np.empty(len(columns), dtype=np.int64)
    order[numeric + categorical] = gaps.of
    names, kinds = tuple(c.name for c in columns), tuple(c.kind for c in columns)
    counts = sums.rows.astype(np.int64)[np.ix_(order, order)]
    return AssociationMatrix(names, kinds, pearson, spearman, plain, corrected, counts)


def _within_reach(values: np.ndarray) -> np.ndarray:
    """Numbers too large or too small to be squared times a power of two; no association depends on it."""
    size = max(abs(float(np.fmax.reduce(values, initial=0.0))), abs(float(np.fmin.reduce(values, initial=0.0))))
    if _LEAST < size < _MOST:
        return values
    size = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    return values if size == 0 or _LEAST < size < _MOST else np.ldexp(values, -math.frexp(size)[1])


def pearson_matrix(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Pearson correlations, shape (p, p), of float64 columns (n,), each pair on the rows where both are finite."""
    gaps = Gaps.among([np.isfinite(c) for c in columns])
    columns = [_within_reach(c) for c in columns]
    return _pearson(columns, gaps, moments(columns, [], gaps))


def cramers_v(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Cramér's V of two code arrays, plain and bias-corrected; NaN where a column has one value."""
    rows, columns, counts = _cells(a, b)
    n = int(counts.sum())
    in_rows = np.bincount(rows, weights=counts)
    in_columns = np.bincount(columns, weights=counts)
    r, c = int(np.count_nonzero(in_rows)), int(np.count_nonzero(in_columns))
    if min(r, c) < 2:
        return math.nan, math.nan
    # The mean of O/E over all rows needs only cells that occur; phi² is what exceeds 1.
    share = float((counts / in_rows[rows] * (counts / in_columns[columns])).sum())
    phi_squared = max(0.0, share - 1)
    return min(1.0, math.sqrt(phi_squared / (min(r, c) - 1))), bias_corrected_v(phi_squared, r, c, n)


def correlation_ratio(codes: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """Eta of float64 `values` across the levels in `codes`, plain and without its bias (root of Kelley's epsilon²)."""
    known = (codes >= 0) & np.isfinite(values)
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


def _cells(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The pairs of codes that occur, and in how many rows each does."""
    height, width = int(a.max(initial=-1)) + 2, int(b.max(initial=-1)) + 2
    cells = np.multiply(a, width, dtype=np.int64)
    cells += b
    cells += width + 1  # a missing code has the row or the column 0
    if height * width <= _DENSE * len(cells):
        counts = np.bincount(cells)
        occurring = np.flatnonzero(counts)
        counts = counts[occurring]
    else:
        occurring, counts = np.unique(cells, return_counts=True)
    rows, columns = occurring // width - 1, occurring % width - 1
    known = (rows >= 0) & (columns >= 0)
    return rows[known], columns[known], counts[known]


def _pearson(columns: Sequence[np.ndarray], gaps: Gaps, m: Moments) -> np.ndarray:
    of = gaps.of[: len(columns)]
    n, sums, squares = m.rows[np.ix_(of, of)], m.sums[:, of], m.squares[:, of]
    with np.errstate(divide="ignore", invalid="ignore"):  # a pair without rows or variance has no correlation
        covariance = m.products - sums * sums.T / n
        variance = squares - sums**2 / n
        result = np.clip(covariance / np.sqrt(np.maximum(variance * variance.T, 0)), -1.0, 1.0)
    cancelled = (variance <= _CANCELLED * squares) | (n < 2)
    for i, j in np.argwhere(cancelled | cancelled.T).tolist():
        if i <= j:
            result[i, j] = result[j, i] = _pearson_pair(columns[i], columns[j])
    return np.asarray(result)


def _pearson_pair(x: np.ndarray, y: np.ndarray) -> float:
    rows = np.isfinite(x) & np.isfinite(y)
    x, y = x[rows], y[rows]
    if len(x) == 0 or x.min() == x.max() or y.min() == y.max():
        return math.nan
    x, y = x - x.mean(), y - y.mean()
    size = math.sqrt(_dot(x, x)) * math.sqrt(_dot(y, y))
    return max(-1.0, min(1.0, _dot(x, y) / size)) if size > 0 else math.nan


def _ratios(
    codes: np.ndarray, columns: Sequence[np.ndarray], gaps: Gaps, m: Moments, place: int
) -> tuple[np.ndarray, np.ndarray]:
    """Correlation ratios of all numbers across the levels of one column, plain and corrected, each of shape (p,)."""
    p = len(columns)
    own, of = gaps.of[p + place], gaps.of[:p]
    n, sums, squares = m.rows[own, of], m.sums[:, own], m.squares[:, own]
    counts = m.level_rows[place][:, of]
    k = (counts > 0).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):  # pairs without rows or variety are done below
        between = (m.level_sums[place] ** 2 / np.maximum(counts, 1)).sum(axis=0) - sums**2 / n
        total = squares - sums**2 / n
        share = np.clip(between / total, 0.0, 1.0)
        corrected = np.where(n > k, 1 - (1 - share) * (n - 1) / (n - k), 0.0)
    ratios = np.sqrt(share), np.sqrt(np.maximum(corrected, 0.0))
    for j in np.flatnonzero((total <= _CANCELLED * squares) | (k < 2) | (n < 2)).tolist():
        ratios[0][j], ratios[1][j] = correlation_ratio(codes, columns[j])
    return ratios


def _dot(x: np.ndarray, y: np.ndarray) -> float:
    """Not `x @ y`: for a vector BLAS wakes its threads, which on a busy machine costs fifty times the sum itself."""
    return float((x * y).sum())
