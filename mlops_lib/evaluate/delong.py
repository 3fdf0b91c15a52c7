"""DeLong's interval and paired test for ROC-AUC on one set of rows judged by one model each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

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

    `truth` (n,) of 0 and 1, both scores (n,). Placements come from value sorts and binary searches (the idea of Sun &
    Xu 2014), so the work is n log n. Where both scores order the rows alike, the difference is 0 and p is 1.

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
    of_positives = np.cov(np.vstack([first[0], second[0]]))
    of_negatives = np.cov(np.vstack([first[1], second[1]]))
    return _compared(float(first[0].mean()), float(second[0].mean()), of_positives / m + of_negatives / n, m, n)


def placements(positive: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each positive the share of negatives below it, for each negative the share of positives above; ties half."""
    up, down = score[positive], score[~positive]
    up_sorted, down_sorted = np.sort(up), np.sort(down)
    below = np.searchsorted(down_sorted, up, "left") + np.searchsorted(down_sorted, up, "right")
    not_above = np.searchsorted(up_sorted, down, "left") + np.searchsorted(up_sorted, down, "right")
    return below / (2.0 * len(down)), 1.0 - not_above / (2.0 * len(up))


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
