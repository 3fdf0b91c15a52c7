"""Kruskal-Wallis test of a number across classes, with tie correction and epsilon squared."""

from __future__ import annotations

import math

import numpy as np

from mlops_lib.stats.power import detectable_rank_effect
from mlops_lib.stats.ranks import RankSums, rank_sums
from mlops_lib.stats.result import TestResult, not_tested
from mlops_lib.stats.tails import chi2_tail, noncentrality_interval

ENOUGH = 5
"""Values in every class from which the chi-square distribution describes H well (Kruskal & Wallis 1952)."""

ONE_CLASS, ONE_VALUE = "the target has one class in these rows", "it has one value in these rows"
NO_ROW = "no row has both values"


def kruskal(
    values: np.ndarray,
    codes: np.ndarray,
    n_classes: int,
    *,
    intervals: bool = False,
    reasons: tuple[str, str] = (ONE_CLASS, ONE_VALUE),
) -> TestResult:
    """H of float64 `values` across `codes` (0 .. n_classes-1); rows with a NaN or a negative code are left out.

    `reasons` say why there is no test where only one class, or only one value, occurs.

    epsilon squared = H / (n-1); bias-corrected (H - k + 1) / (n - k), Tomczak & Tomczak (2014, Trends in Sport
    Sciences 21, 19-25), not below 0. The intervals divide the bounds of the noncentrality by the same n-1 and n-k.
    `detectable` is `power.detectable_rank_effect`.
    """
    return kruskal_of(rank_sums(*known_pairs(values, codes), n_classes), intervals=intervals, reasons=reasons)


def kruskal_of(
    ranks: RankSums, *, intervals: bool = False, reasons: tuple[str, str] = (ONE_CLASS, ONE_VALUE)
) -> TestResult:
    """The same from rank sums that were made before."""
    n, k = ranks.n, len(ranks.counts)
    if k < 2:
        return not_tested(n, reasons[0] if k else NO_ROW)
    if ranks.untied == 0:
        return not_tested(n, reasons[1])
    h = h_statistic(ranks)
    p, log_p = chi2_tail(h, k - 1)
    corrected = _share(h - k + 1, n - k)
    bounds = noncentrality_interval(h, k - 1) if intervals else None
    fewest = int(ranks.counts.min())
    return TestResult(
        "Kruskal-Wallis", h, k - 1, p, log_p, n, min(1.0, h / (n - 1)), corrected, math.sqrt(corrected),
        fewest >= ENOUGH, f"smallest group {fewest:,}",
        effect_interval=bounds and (_share(bounds[0], n - 1), _share(bounds[1], n - 1)),
        strength_interval=bounds and (math.sqrt(_share(bounds[0], n - k)), math.sqrt(_share(bounds[1], n - k))),
        p_reference=p, detectable=detectable_rank_effect(n, k),
    )  # fmt: skip


def h_statistic(ranks: RankSums) -> float:
    """H with tie correction, 12 / (n(n+1)) times the sum of (R - c(n+1)/2)² / c over classes of c rows, / untied.

    Everything but the division by c is done in integers of any length, so that its error does not grow with n.
    """
    n = ranks.n
    away = [int(t) - int(c) * (n + 1) for t, c in zip(ranks.twice, ranks.counts, strict=True)]
    between = math.fsum(d * d / int(c) for d, c in zip(away, ranks.counts, strict=True))
    return 3 * between / (n * (n + 1)) / ranks.untied


def known_pairs(values: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values as float64 and codes of the rows where both are known: no NaN, no negative code."""
    values = np.asarray(values, dtype=np.float64)
    known = ~np.isnan(values) & (codes >= 0)
    if known.all():
        return values, codes
    rows = np.flatnonzero(known)
    return values[rows], codes[rows]


def _share(part: float, whole: float) -> float:
    return min(1.0, max(0.0, part / whole)) if whole > 0 else 0.0
