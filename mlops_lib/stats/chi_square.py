"""Chi-square test of independence with Cramér's V."""

from __future__ import annotations

import math

import numpy as np

from mlops_lib.stats.result import TestResult, not_tested
from mlops_lib.stats.tails import chi2_tail, noncentrality_interval

SMALL, TINY, SMALL_SHARE = 5.0, 1.0, 0.2
"""Cochran (1954): at most a fifth of the expected counts below 5, and none below 1."""


def contingency(rows: np.ndarray, columns: np.ndarray, n_rows: int, n_columns: int) -> np.ndarray:
    """Counts of shape (n_rows, n_columns) of two code arrays of one length; pairs with a code of -1 are left out."""
    known = (rows >= 0) & (columns >= 0)
    if not known.all():
        rows, columns = rows[known], columns[known]
    cells = rows.astype(np.int64) * n_columns + columns
    return np.bincount(cells, minlength=n_rows * n_columns).reshape(n_rows, n_columns)


def chi_square(table: np.ndarray, *, intervals: bool = False) -> TestResult:
    """Test of independence on a table of counts; empty rows and columns do not count.

    `corrected` is the V of Bergsma (2013, J. Korean Stat. Soc. 42, 323-328). The intervals divide the bounds of the
    noncentrality by n times the smaller of rows - 1 and columns - 1 (bias-corrected sizes for `strength`).
    No continuity correction.
    """
    table = table[table.any(axis=1)][:, table.any(axis=0)]
    n = int(table.sum())
    r, c = table.shape
    if min(r, c) < 2:
        if n == 0:
            return not_tested(0, "no row has both values")
        return not_tested(n, "it has one value in these rows" if r < 2 else "the target has one class in these rows")
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    statistic = float(((table - expected) ** 2 / expected).sum())
    df = (r - 1) * (c - 1)
    p, log_p = chi2_tail(statistic, df)
    size, corrected_size = min(r, c) - 1, _corrected_size(r, c, n)
    corrected = bias_corrected_v(statistic / n, r, c, n)
    effect = min(1.0, math.sqrt(statistic / (n * size)))
    bounds = noncentrality_interval(statistic, df) if intervals else None
    met, words = _expected_rule(expected)
    return TestResult(
        "chi-square", statistic, df, p, log_p, n, effect, corrected, corrected, met, words,
        effect_interval=bounds and (_ratio(bounds[0] / n, size), _ratio(bounds[1] / n, size)),
        strength_interval=bounds and (_ratio(bounds[0] / n, corrected_size), _ratio(bounds[1] / n, corrected_size)),
    )  # fmt: skip


def bias_corrected_v(phi_squared: float, r: int, c: int, n: int) -> float:
    """Bergsma's V of an r x c table of n rows from phi² = chi-square / n; 0 where n is too small for the table."""
    return _ratio(max(0.0, phi_squared - (r - 1) * (c - 1) / (n - 1)), _corrected_size(r, c, n))


def _corrected_size(r: int, c: int, n: int) -> float:
    """Bergsma's smaller of rows - 1 and columns - 1."""
    return min(r - 1 - (r - 1) ** 2 / (n - 1), c - 1 - (c - 1) ** 2 / (n - 1))


def _ratio(phi_squared: float, size: float) -> float:
    return min(1.0, math.sqrt(phi_squared / size)) if size > 0 else 0.0


def _expected_rule(expected: np.ndarray) -> tuple[bool, str]:
    smallest, small = float(expected.min()), int(np.count_nonzero(expected < SMALL))
    met = smallest >= TINY and small <= SMALL_SHARE * expected.size
    return met, f"smallest expected count {smallest:.3g}; {small:,} of {expected.size:,} below 5"
