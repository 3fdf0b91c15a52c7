"""Exact counts at every distinct threshold: what all metrics and curves derive from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.predictions import Predictions


@dataclass(frozen=True, eq=False)
class Counts:
    """Rows by answer and decision: four int64 arrays of one common shape, which may be ()."""

    tp: np.ndarray
    fp: np.ndarray
    fn: np.ndarray
    tn: np.ndarray

    @property
    def n(self) -> np.ndarray:
        """All rows."""
        return np.asarray(self.tp + self.fp + self.fn + self.tn)

    @property
    def alarms(self) -> np.ndarray:
        """Rows at or above the threshold."""
        return np.asarray(self.tp + self.fp)

    @property
    def positives(self) -> np.ndarray:
        """Rows whose answer is the positive class."""
        return np.asarray(self.tp + self.fn)

    def at(self, index: int | np.ndarray) -> Counts:
        """The counts at one place (or several) of the last axis."""
        return Counts(self.tp[..., index], self.fp[..., index], self.fn[..., index], self.tn[..., index])


@dataclass(frozen=True, eq=False)
class Sweep:
    """Scores grouped by value: `levels` (d,) ascending and distinct, with the positives and negatives that have each.

    A *cut* j (0 .. d) raises an alarm on levels[j:], so there are d + 1 of them: cut 0 flags everyone, cut d nobody.
    """

    levels: np.ndarray
    positives_at: np.ndarray
    negatives_at: np.ndarray

    @property
    def positives(self) -> int:
        return int(self.positives_at.sum())

    @property
    def negatives(self) -> int:
        return int(self.negatives_at.sum())

    @property
    def n(self) -> int:
        return self.positives + self.negatives

    @cached_property
    def counts(self) -> Counts:
        """Counts at every cut, arrays of shape (d + 1,)."""
        return cut_counts(self.positives_at, self.negatives_at)

    @cached_property
    def thresholds(self) -> np.ndarray:
        """The threshold of every cut, float64 (d + 1,), strictly ascending, applied as `score >= threshold`.

        Midway between neighbouring scores; the ends lie midway to 0 and 1. Where two scores are neighbouring floats
        the upper one is taken, which makes the same cut.
        """
        lower = np.concatenate(([0.0], self.levels))
        upper = np.concatenate((self.levels, [1.0]))
        middle = lower + (upper - lower) / 2
        middle[1:] = np.where(middle[1:] > lower[1:], middle[1:], np.maximum(upper[1:], np.nextafter(lower[1:], 2.0)))
        return middle

    @cached_property
    def gaps(self) -> np.ndarray:
        """Distance between the scores on either side of every cut, (d + 1,); infinite at the two ends."""
        return np.concatenate(([np.inf], np.diff(self.levels), [np.inf]))

    def cut_of(self, threshold: float) -> int:
        """The cut that a threshold makes."""
        return int(np.searchsorted(self.levels, threshold, side="left"))


def cut_counts(positives_at: np.ndarray, negatives_at: np.ndarray) -> Counts:
    """Counts at every cut from the rows at every level; levels on the last axis (..., d), cuts on it (..., d + 1)."""
    fn, tn = _before(positives_at), _before(negatives_at)
    return Counts(tp=fn[..., -1:] - fn, fp=tn[..., -1:] - tn, fn=fn, tn=tn)


def _before(rows_at: np.ndarray) -> np.ndarray:
    below = np.zeros((*rows_at.shape[:-1], rows_at.shape[-1] + 1), dtype=np.int64)
    np.cumsum(rows_at, axis=-1, out=below[..., 1:])
    return below


def sweep(truth: np.ndarray, score: np.ndarray) -> Sweep:
    """Group scores (n,) by value. `truth` holds 0 and 1. Two value sorts, whatever the number of rows.

    Raises
    ------
    InputError : an answer is not 0 or 1, a score is not a number in [0, 1], or the lengths differ.
    NotPossibleError : there are no rows.
    """
    positive = _checked(truth, score)
    ordered = np.sort(score)
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    levels = ordered[starts]
    totals = np.diff(np.concatenate((starts, [len(ordered)])))
    among = np.searchsorted(np.sort(score[positive]), levels, side="right")
    positives_at = np.diff(np.concatenate(([0], among)))
    return Sweep(levels=levels, positives_at=positives_at, negatives_at=totals - positives_at)


def _checked(truth: np.ndarray, score: np.ndarray) -> np.ndarray:
    if truth.shape != score.shape or truth.ndim != 1:
        raise InputError(f"There are {len(truth):,} answers and {len(score):,} scores.", "Give one score an answer.")
    if len(truth) == 0:
        raise NotPossibleError("There are no rows to judge.", "Choose a run that has predictions.")
    positive: np.ndarray = truth == 1
    unknown = len(truth) - int(np.count_nonzero(positive)) - int(np.count_nonzero(truth == 0))
    if unknown:
        raise InputError(f"{unknown:,} rows have no known answer.", "Leave them out: only answered rows can be judged.")
    if not (score.min() >= 0.0 and score.max() <= 1.0):
        raise InputError("Some scores are not probabilities between 0 and 1.", "Give the model's probabilities.")
    return positive


def sweep_of(predictions: Predictions, rows: np.ndarray | None = None, raw: bool = False) -> Sweep:
    """The sweep of calibrated (or raw) scores, on all rows or on those that a mask or index picks."""
    score = predictions.raw if raw else predictions.score
    if rows is None:
        return sweep(predictions.truth, score)
    return sweep(predictions.truth[rows], score[rows])


def counts_at(truth: np.ndarray, score: np.ndarray, threshold: float | np.ndarray) -> Counts:
    """Counts of `score >= threshold`, each of shape (); `threshold` may be one for each row."""
    alarm, positive = score >= threshold, truth == 1
    tp = np.count_nonzero(alarm & positive)
    alarms, positives = np.count_nonzero(alarm), np.count_nonzero(positive)
    fp, fn = alarms - tp, positives - tp
    return Counts(*(np.asarray(c, dtype=np.int64) for c in (tp, fp, fn, len(truth) - tp - fp - fn)))
