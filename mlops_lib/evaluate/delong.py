"""DeLong's interval and paired test for ROC-AUC on one set of rows judged by one model each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from mlops_lib.evaluate.compiled import compiled, place_rows
from mlops_lib.evaluate.sorting import SORTED_FROM, ordered
from mlops_lib.objects.errors import InputError, NotPossibleError


@dataclass(frozen=True)
class DeLong:
    """ROC-AUC of two scores on the same rows, each with its 95 % interval, their difference and its two-sided test."""

    auc: float
    auc_low: float
    auc_high: float
    other: float
    other_low: float
    other_high: float
    difference: float
    low: float
    high: float
    z: float
    p: float
    positives: int
    negatives: int


def delong(truth: np.ndarray, score: np.ndarray, other: np.ndarray) -> DeLong:
    """Paired DeLong test (DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44).

    `truth` (n,) of 0 and 1, both scores (n,). Placements come from one sort of each score (the idea of Sun & Xu
    2014), so the work is n log n. Where both scores order the rows alike, the difference is 0 and p is 1.

    Raises
    ------
    InputError : the lengths differ. NotPossibleError : a class has fewer than two rows.
    """
    if not len(truth) == len(score) == len(other):
        raise InputError("The two scores are not of the same rows.", "Compare two runs of one split.")
    positive = truth == 1
    m, n = int(positive.sum()), int((~positive).sum())
    if min(m, n) < 2:
        raise NotPossibleError(
            f"The hold-out has {m:,} positive and {n:,} negative rows.", "DeLong's test needs two of each."
        )
    first, second = placements(positive, score), placements(positive, other)
    spread = _covariance(first[0], second[0]) / m + _covariance(first[1], second[1]) / n
    return _compared(float(first[0].mean()), float(second[0].mean()), spread, m, n)


def _covariance(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Sample covariance (2, 2) of two arrays (n,)."""
    apart = [part - part.mean() for part in (first, second)]
    return np.array([[one @ other for other in apart] for one in apart]) / (len(first) - 1)


def placements(positive: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each positive the share of negatives below it, for each negative the share of positives above; ties half.

    Both in the order of the rows of their class.
    """
    keys, rows = ordered(score)
    if len(score) >= SORTED_FROM:
        placed = np.empty(len(score))
        compiled(place_rows)(keys, rows, positive, placed)
        return placed[positive], placed[~positive]
    answer = positive[rows]
    last = np.flatnonzero(np.append(keys[1:] != keys[:-1], True))
    ups = np.cumsum(answer)
    up, down = ups[last], last + 1 - ups[last]
    below, above = down - np.diff(down, prepend=0) / 2, ups[-1] - up + np.diff(up, prepend=0) / 2
    level = np.empty(len(score), dtype=np.int64)
    level[rows] = np.repeat(np.arange(len(last)), np.diff(last, prepend=-1))
    return below[level[positive]] / (len(score) - ups[-1]), above[level[~positive]] / ups[-1]


def _compared(auc: float, other: float, covariance: np.ndarray, m: int, n: int) -> DeLong:
    reach = float(stats.norm.ppf(0.975))
    own, others = np.sqrt(np.maximum(np.diag(covariance), 0.0)) * reach
    difference = auc - other
    variance = float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    error = np.sqrt(max(variance, 0.0))
    z = (
        difference / error
        if error > 1e-12
        else (0.0 if abs(difference) < 1e-12 else float(np.copysign(np.inf, difference)))
    )
    return DeLong(
        auc, max(auc - own, 0.0), min(auc + own, 1.0), other, max(other - others, 0.0), min(other + others, 1.0),
        difference, difference - reach * error, difference + reach * error,
        float(z), float(2 * stats.norm.sf(abs(z))), m, n,
    )  # fmt: skip
