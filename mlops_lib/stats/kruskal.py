"""Kruskal-Wallis test of a number across classes, with tie correction and epsilon squared."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mlops_lib.stats.result import TestResult, not_tested
from mlops_lib.stats.tails import chi2_tail, noncentrality_interval

ENOUGH = 5
"""Values in every class from which the chi-square distribution describes H well (Kruskal & Wallis 1952)."""

_NARROW = 1 << 16


@dataclass(frozen=True)
class RankSums:
    """Counts and sums of midranks of each class that occurs, shape (classes,), and the sum of t³ - t over ties."""

    counts: np.ndarray
    sums: np.ndarray
    ties: float


ONE_CLASS, ONE_VALUE = "the target has one class in these rows", "it has one value in these rows"


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
    """
    known = ~np.isnan(values) & (codes >= 0)
    if not known.all():
        values, codes = values[known], codes[known]
    n = len(values)
    ranks = rank_sums(values, codes, n_classes)
    k = len(ranks.counts)
    if k < 2:
        return not_tested(n, reasons[0] if k else "no row has both values")
    untied = 1.0 - ranks.ties / (float(n) ** 3 - n)
    if untied <= 0:
        return not_tested(n, reasons[1])
    distance = ranks.sums / ranks.counts - (n + 1) / 2
    h = float((ranks.counts * distance**2).sum() * 12 / (n * (n + 1.0)) / untied)
    p, log_p = chi2_tail(h, k - 1)
    corrected = _share(h - k + 1, n - k)
    bounds = noncentrality_interval(h, k - 1) if intervals else None
    fewest = int(ranks.counts.min())
    return TestResult(
        "Kruskal-Wallis", h, k - 1, p, log_p, n, min(1.0, h / (n - 1)), corrected, math.sqrt(corrected),
        fewest >= ENOUGH, f"smallest group {fewest:,}",
        effect_interval=bounds and (_share(bounds[0], n - 1), _share(bounds[1], n - 1)),
        strength_interval=bounds and (math.sqrt(_share(bounds[0], n - k)), math.sqrt(_share(bounds[1], n - k))),
    )  # fmt: skip


def rank_sums(values: np.ndarray, codes: np.ndarray, n_classes: int) -> RankSums:
    """Midranks summed by class without ranking every row: counted for narrow whole numbers, else one sort."""
    counts = np.bincount(codes, minlength=n_classes)
    present = np.flatnonzero(counts)
    low = _narrow_start(values)
    if low is not None:
        sums, ties = _counted(values, low, codes, n_classes)
    elif len(present) == 2:
        sums, ties = _two_classes(values, codes, counts, present)
    else:
        sums, ties = _sorted(values, codes, n_classes)
    return RankSums(counts[present], sums[present], ties)


def midranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1, float64 of shape (n,), equal values sharing the mean of their ranks. No NaN."""
    order = np.argsort(values)
    starts, lengths = _runs(values[order])
    ranks = np.empty(len(values))
    ranks[order] = np.repeat(starts + (lengths + 1) / 2, lengths)
    return ranks


def _narrow_start(values: np.ndarray) -> float | None:
    """The smallest value where all are whole numbers in a range that is cheaper to count than to sort."""
    head = values[:1000]
    if len(values) == 0 or not np.array_equal(head, np.floor(head)):
        return None
    low, high = float(values.min()), float(values.max())
    if not high - low < min(_NARROW, 4 * len(values)) or abs(low) > 2.0**52:
        return None
    return low if np.array_equal(values, np.floor(values)) else None


def _counted(values: np.ndarray, low: float, codes: np.ndarray, n_classes: int) -> tuple[np.ndarray, float]:
    place = (values - low).astype(np.int64)
    width = int(place.max()) + 1
    table = np.bincount(codes.astype(np.int64) * width + place, minlength=n_classes * width).reshape(n_classes, width)
    lengths = table.sum(axis=0)
    twice = 2 * (np.cumsum(lengths) - lengths) + lengths + 1
    return (table @ twice) / 2, _tie_sum(lengths)


def _two_classes(
    values: np.ndarray, codes: np.ndarray, counts: np.ndarray, present: np.ndarray
) -> tuple[np.ndarray, float]:
    """Only the smaller class is ranked; the other's sum is what is left of n(n+1)/2."""
    everything = np.sort(values)
    small, large = sorted(present, key=counts.__getitem__)
    sought = np.sort(values[codes == small])
    left, right = np.searchsorted(everything, sought, "left"), np.searchsorted(everything, sought, "right")
    twice = int(left.sum()) + int(right.sum()) + len(sought)
    n = len(values)
    sums = np.zeros(len(counts))
    sums[small], sums[large] = twice / 2, (n * (n + 1) - twice) / 2
    return sums, _tie_sum(_runs(everything)[1])


def _sorted(values: np.ndarray, codes: np.ndarray, n_classes: int) -> tuple[np.ndarray, float]:
    order = np.argsort(values)
    starts, lengths = _runs(values[order])
    twice = np.repeat(2 * starts + lengths + 1, lengths)
    return np.bincount(codes[order], weights=twice, minlength=n_classes) / 2, _tie_sum(lengths)


def _runs(ordered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Start and length of each run of equal values in a sorted array."""
    if len(ordered) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    starts = np.concatenate(([0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1))
    return starts, np.diff(starts, append=len(ordered))


def _tie_sum(lengths: np.ndarray) -> float:
    tied = lengths[lengths > 1].astype(np.float64)
    return float((tied**3 - tied).sum())


def _share(part: float, whole: float) -> float:
    return min(1.0, max(0.0, part / whole)) if whole > 0 else 0.0
