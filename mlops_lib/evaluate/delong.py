"""DeLong's interval and paired test for ROC-AUC on rows that no model was trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from mlops_lib.evaluate.compiled import compiled, place_rows
from mlops_lib.evaluate.sorting import SORTED_FROM, ordered
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.stats.auc_interval import placement_interval, placement_variance


@dataclass(frozen=True)
class DeLong:
    """ROC-AUC of two scores on the same rows, each with its 95 % interval, their difference and its two-sided test.

    `z` is the difference over its standard error, `df` the degrees of freedom on which p and the interval read it.
    """

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
    df: float = float("inf")


def delong(truth: np.ndarray, score: np.ndarray, other: np.ndarray) -> DeLong:
    """Paired DeLong test (DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44).

    `truth` (n,) of 0 and 1, both scores (n,). Placements come from one sort of each score (the idea of Sun & Xu
    2014), so the work is n log n. Where both scores order the rows alike, the difference is 0 and p is 1.

    With few rows of a class the normal distribution finds differences too often, so Student's t takes its place, on
    degrees of freedom that grow with the smaller class; each interval stands on the logit scale (docs/statistics.md).

    Raises
    ------
    InputError : the lengths differ. NotPossibleError : a class has fewer than two rows.
    """
    if not len(truth) == len(score) == len(other):
        raise InputError("The two scores are not of the same rows.", "Compare two runs of one split.")
    positive = _checked(truth)
    first, second = placements(positive, score), placements(positive, other)
    up, down = (_covariance(one, two) for one, two in zip(first, second, strict=True))
    return _compared(float(first[0].mean()), float(second[0].mean()), up, down, (len(first[0]), len(first[1])))


def auc_spread(truth: np.ndarray, score: np.ndarray) -> tuple[float, float, float]:
    """ROC-AUC of one score with its 95 % interval, as `delong` gives it. Raises NotPossibleError as it does."""
    up, down = placements(_checked(truth), score)
    auc = float(up.mean())
    spread = float(np.var(up, ddof=1)), float(np.var(down, ddof=1))
    return auc, *placement_interval(auc, spread, (len(up), len(down)))


def _checked(truth: np.ndarray) -> np.ndarray:
    positive = np.asarray(truth == 1)
    m, n = int(positive.sum()), int((~positive).sum())
    if min(m, n) < 2:
        raise NotPossibleError(
            f"The hold-out has {m:,} positive and {n:,} negative rows.", "DeLong's test needs two of each."
        )
    return positive


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


def _compared(auc: float, other: float, up: np.ndarray, down: np.ndarray, rows: tuple[int, int]) -> DeLong:
    """`up` and `down` are the covariances of the placements of each class, `rows` how many there are of each."""
    own, others = (
        placement_interval(value, (float(up[i, i]), float(down[i, i])), rows) for i, value in enumerate((auc, other))
    )
    difference = auc - other
    apart = [max(float(c[0, 0] + c[1, 1] - 2 * c[0, 1]), 0.0) for c in (up, down)]
    variance, df = placement_variance((apart[0], apart[1]), rows)
    error = np.sqrt(variance)
    if not error > 1e-12:
        alike = abs(difference) < 1e-12
        z, p, reach = (0.0, 1.0, 0.0) if alike else (float(np.copysign(np.inf, difference)), 0.0, 0.0)
    else:
        z = float(difference / error)
        p, reach = float(2 * special.stdtr(df, -abs(z))), float(special.stdtrit(df, 0.975) * error)
    return DeLong(auc, *own, other, *others, difference, difference - reach, difference + reach, z, p, *rows, df)
