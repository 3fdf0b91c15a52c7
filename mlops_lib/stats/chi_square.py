"""Chi-square test of independence: Cramér's V, residuals, Yates' correction, and p where expected counts are small."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mlops_lib.stats.exact import fisher, fisher_detectable, matched_moments, monte_carlo, occurring
from mlops_lib.stats.power import LEVEL, POWER, detectable_noncentrality
from mlops_lib.stats.proportions import NORMAL_975
from mlops_lib.stats.result import OneTest, PFrom, TestResult, not_tested
from mlops_lib.stats.tails import chi2_tail, noncentrality_interval

SMALL, TINY, SMALL_SHARE = 5.0, 1.0, 0.2
"""Cochran (1954, Biometrics 10, 417-451): at most a fifth of the expected counts below 5, and none below 1."""

CELLS, ROWS = 400, 10_000_000
"""Most cells and rows of a table for which tables are drawn where that rule fails (about 0.3 s at most)."""

_FROM: dict[str, PFrom] = {"Fisher": "Fisher", "Monte Carlo": "Monte Carlo", "Matched moments": "Matched moments"}
_EXACT_ROWS = 3_000_000_000


@dataclass(frozen=True)
class OddsRatio:
    """ad / bc of a 2 x 2 table with its 95 % interval; `adjusted` says that 0.5 was added to each count."""

    value: float
    low: float
    high: float
    adjusted: bool


def contingency(rows: np.ndarray, columns: np.ndarray, n_rows: int, n_columns: int) -> np.ndarray:
    """Counts int64 of shape (n_rows, n_columns) of two arrays of codes of one length and any integer type.

    Codes lie below `n_rows` and `n_columns`; -1 is missing, and such pairs are left out.
    """
    # One more row and column for what is missing are cheaper than a mask, and cells in the narrowest type that holds
    # them than in int64.
    width = n_columns + 1
    narrow = np.min_scalar_type(-(n_rows + 1) * width - 1)
    cells = rows.astype(narrow)
    cells += 1
    cells *= width
    cells += columns.astype(narrow, copy=False)
    cells += 1
    return np.bincount(cells, minlength=(n_rows + 1) * width).reshape(n_rows + 1, width)[1:, 1:].copy()


def chi_square(table: np.ndarray, *, intervals: bool = False, seed: int = 0) -> TestResult:
    """Test of independence on a table of counts; empty rows and columns do not count. No continuity correction.

    `corrected` is the V of Bergsma (2013, J. Korean Stat. Soc. 42, 323-328). Where Cochran's rule on expected counts
    fails, p is that of Fisher's exact test (2 x 2), or of tables drawn with `seed` up to `CELLS` cells and `ROWS` rows
    (`stats.exact`); beyond, it is that of the gamma distribution with the moments that the margins give chi-square.
    `detectable` is on the scale of V.
    """
    table = occurring(table)
    n = int(table.sum())
    r, c = table.shape
    if min(r, c) < 2:
        if n == 0:
            return not_tested(0, "no row has both values")
        return not_tested(n, "it has one value in these rows" if r < 2 else "the target has one class in these rows")
    statistic, expected = _statistic(table)
    df = (r - 1) * (c - 1)
    reference = chi2_tail(statistic, df)
    effect, corrected = _ratio(statistic / n, min(r, c) - 1), bias_corrected_v(statistic / n, r, c, n)
    effect_interval, strength_interval = v_intervals(statistic, r, c, n) if intervals else (None, None)
    met, words = _expected_rule(expected)
    exact = None if met else _exact(table, seed)
    p, log_p = (exact.p, exact.log_p) if exact else reference
    return TestResult(
        "chi-square", statistic, df, p, log_p, n, effect, corrected, corrected, met, words,
        effect_interval=effect_interval, strength_interval=strength_interval,
        p_from=_FROM[exact.name] if exact else "reference", p_words=exact.words if exact else "",
        p_reference=reference[0],
        detectable=_detectable(table, exact),
    )  # fmt: skip


def yates(table: np.ndarray) -> OneTest | None:
    """Chi-square with Yates' continuity correction (1934) of a table with two rows and columns that occur, else None.

    Each difference from the expected count is made smaller by 0.5, but not beyond 0.
    """
    table = occurring(table)
    if table.shape != (2, 2):
        return None
    expected = _expected(table)
    apart = np.maximum(np.abs(table - expected) - 0.5, 0)
    statistic = float((apart**2 / expected).sum())
    return OneTest("Yates", statistic, 1, *chi2_tail(statistic, 1), "chi-square with Yates' continuity correction")


def pearson_residuals(table: np.ndarray) -> np.ndarray:
    """(O - E) / sqrt(E) of each cell, float64; their squares add up to chi-square. NaN in empty rows and columns."""
    expected = _expected(table)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((table - expected) / np.sqrt(expected))


def adjusted_residuals(table: np.ndarray) -> np.ndarray:
    """Residuals over their standard errors, about standard normal under independence; float64 of the table's shape.

    (O - E) / sqrt(E (1 - row share) (1 - column share)), Haberman (1973, Biometrics 29, 205-220). NaN in empty rows
    and columns, and in one that holds all rows.
    """
    table = table.astype(np.int64, copy=False)
    n = table.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        others = np.outer(1 - table.sum(axis=1) / n, 1 - table.sum(axis=0) / n)
        return np.asarray(pearson_residuals(table) / np.sqrt(others))


def odds_ratio(table: np.ndarray) -> OddsRatio | None:
    """Sample odds ratio with Woolf's 95 % interval (1955, Ann. Hum. Genet. 19, 251-253); None but for a 2 x 2 table.

    Where a count is 0, 0.5 is added to each (Haldane 1956; Anscombe 1956), so that value and interval are finite.
    """
    if table.shape != (2, 2):
        return None
    adjusted = bool((table == 0).any())
    (a, b), (c, d) = table.astype(np.float64) + (0.5 if adjusted else 0.0)
    value, reach = float(a * d / (b * c)), NORMAL_975 * math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    return OddsRatio(value, value * math.exp(-reach), value * math.exp(reach), adjusted)


Interval = tuple[float, float]


def v_intervals(statistic: float, r: int, c: int, n: int) -> tuple[Interval, Interval]:
    """Approximate 95 % intervals of Cramér's V, plain and bias-corrected, from chi-square of an r x c table of n rows.

    The bounds of the noncentrality (Steiger & Fouladi 1997; Smithson 2003, Confidence Intervals, chapter 4) over n
    times the smaller of rows - 1 and columns - 1, or over Bergsma's sizes. Of drawn tables (docs/statistics.md) 93 to
    97 % held the true V of their population where it was 0.1 to 0.3, and 95 to 98.5 % around 0.4. Where it is 0, 97 to
    98 % do, because only the lower bound can miss it; around 0.6, 97 to 99.7 % do: there the intervals are too wide.
    """
    low, high = (bound / n for bound in noncentrality_interval(statistic, (r - 1) * (c - 1)))
    size, corrected = min(r, c) - 1, _corrected_size(r, c, n)
    return (_ratio(low, size), _ratio(high, size)), (_ratio(low, corrected), _ratio(high, corrected))


def bias_corrected_v(phi_squared: float, r: int, c: int, n: int) -> float:
    """Bergsma's V of an r x c table of n rows from phi² = chi-square / n; 0 where n is too small for the table."""
    return _ratio(max(0.0, phi_squared - (r - 1) * (c - 1) / (n - 1)), _corrected_size(r, c, n))


def _expected(table: np.ndarray) -> np.ndarray:
    rows, columns = table.sum(axis=1, dtype=np.float64), table.sum(axis=0, dtype=np.float64)
    return np.asarray(np.outer(rows, columns) / max(1.0, rows.sum()))


def _statistic(table: np.ndarray) -> tuple[float, np.ndarray]:
    """Chi-square and the expected counts. n(O - E) is a whole number and computed as one while it fits in 64 bits, so
    that no digit is lost where O and E are large and close."""
    n = int(table.sum())
    expected = _expected(table)
    apart = table - expected
    if n < _EXACT_ROWS:
        apart = (table * n - np.outer(table.sum(axis=1), table.sum(axis=0))) / n
    return float((apart**2 / expected).sum()), expected


def _exact(table: np.ndarray, seed: int) -> OneTest:
    """Where p comes from when expected counts are too small."""
    if table.shape == (2, 2):
        return fisher(table)
    drawable = table.size <= CELLS and table.sum() <= ROWS
    return monte_carlo(table, seed) if drawable else matched_moments(table)


def _detectable(table: np.ndarray, exact: OneTest | None) -> float:
    """Of Fisher's test by its own distribution, because it finds less than the chi-square distribution promises."""
    if exact and exact.name == "Fisher":
        return fisher_detectable(table, POWER, LEVEL)
    r, c = table.shape
    return _ratio(detectable_noncentrality((r - 1) * (c - 1)) / int(table.sum()), min(r, c) - 1)


def _corrected_size(r: int, c: int, n: int) -> float:
    """Bergsma's smaller of rows - 1 and columns - 1."""
    return min(r - 1 - (r - 1) ** 2 / (n - 1), c - 1 - (c - 1) ** 2 / (n - 1))


def _ratio(phi_squared: float, size: float) -> float:
    return min(1.0, math.sqrt(phi_squared / size)) if size > 0 else 0.0


def _expected_rule(expected: np.ndarray) -> tuple[bool, str]:
    smallest, small = float(expected.min()), int(np.count_nonzero(expected < SMALL))
    met = smallest >= TINY and small <= SMALL_SHARE * expected.size
    return met, f"smallest expected count {smallest:.3g}; {small:,} of {expected.size:,} below 5"
