"""Kruskal-Wallis test of a number across classes, with tie correction and epsilon squared."""

from __future__ import annotations

import math

import numpy as np

from mlops_lib.stats.auc_interval import auc_interval
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
    Sciences 21, 19-25), not below 0. The intervals of more than two classes divide the bounds of the noncentrality by
    the same n-1 and n-k; those of two classes follow from that of the ROC-AUC (`auc_interval`), because epsilon squared
    is the squared rank-biserial correlation times 3ab / ((n² - 1) untied) for classes of a and b rows.
    `detectable` is `power.detectable_rank_effect`.
    """
    ranks = rank_sums(*known_pairs(values, codes), n_classes, spread=intervals)
    return kruskal_of(ranks, intervals=intervals, reasons=reasons)


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
    effect_interval, strength_interval = _intervals(ranks, h, corrected) if intervals else (None, None)
    fewest = int(ranks.counts.min())
    return TestResult(
        "Kruskal-Wallis", h, k - 1, p, log_p, n, min(1.0, h / (n - 1)), corrected, math.sqrt(corrected),
        fewest >= ENOUGH, f"smallest group {fewest:,}",
        effect_interval=effect_interval, strength_interval=strength_interval,
        p_reference=p, detectable=detectable_rank_effect(n, k),
    )  # fmt: skip


Interval = tuple[float, float]


def _intervals(ranks: RankSums, h: float, corrected: float) -> tuple[Interval, Interval]:
    """Of epsilon squared, and of the square root of the bias-corrected one."""
    n, k = ranks.n, len(ranks.counts)
    if k > 2 or ranks.spread is None:
        low, high = noncentrality_interval(h, k - 1)
        return (
            (_share(low, n - 1), _share(high, n - 1)),
            (math.sqrt(_share(low, n - k)), math.sqrt(_share(high, n - k))),
        )
    a, b = (int(c) for c in ranks.counts)
    low, high = auc_interval((int(ranks.twice[1]) - b * (b + 1)) / (2 * a * b), ranks)
    ends = sorted((abs(2 * low - 1), abs(2 * high - 1)))
    scale = 3 * a * b / ((n * n - 1) * ranks.untied)
    least, most = 0.0 if low <= 0.5 <= high else _share(scale * ends[0] ** 2, 1), _share(scale * ends[1] ** 2, 1)
    return (least, most), (min(corrected**0.5, math.sqrt(least)), math.sqrt(most))


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
