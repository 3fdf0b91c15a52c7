"""Exact counts at every distinct threshold: what all metrics and curves derive from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from mlops_lib.evaluate.sorting import in_order, labelled_keys, ordered, scores_of
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.predictions import Predictions


@dataclass(frozen=True, eq=False)
class Counts:
    """Rows by answer and decision: four arrays of one common shape, which may be ().

    They are int64, or float64 sums of row weights; then `squares` holds the sums of squared weights and `rows` how many
    positive and negative rows there are, which intervals need.
    """

    tp: np.ndarray
    fp: np.ndarray
    fn: np.ndarray
    tn: np.ndarray
    squares: Counts | None = field(default=None, kw_only=True)
    rows: tuple[int, int] | None = field(default=None, kw_only=True)

    @property
    def n(self) -> np.ndarray:
        """All rows."""
        return np.asarray(self.tp + self.fp + self.fn + self.tn)

    @cached_property
    def alarms(self) -> np.ndarray:
        """Rows at or above the threshold."""
        return np.asarray(self.tp + self.fp)

    @cached_property
    def positives(self) -> np.ndarray:
        """Rows whose answer is the positive class."""
        return np.asarray(self.tp + self.fn)

    @cached_property
    def negatives(self) -> np.ndarray:
        """Rows whose answer is the other class."""
        return np.asarray(self.tn + self.fp)

    @property
    def rows_each(self) -> tuple[int, int]:
        """Positive and negative rows, whatever they weigh; for counts of shape ()."""
        return self.rows or (int(self.positives), int(self.n - self.positives))

    def at(self, index: int | np.ndarray) -> Counts:
        """The counts at one place (or several) of the last axis."""
        squares = None if self.squares is None else self.squares.at(index)
        cells = (c[..., index] for c in (self.tp, self.fp, self.fn, self.tn))
        return Counts(*cells, squares=squares, rows=self.rows)


@dataclass(frozen=True, eq=False)
class Sweep:
    """Scores grouped by value: `levels` (d,) ascending and distinct, with the positives and negatives that have each.

    A *cut* j (0 .. d) raises an alarm on levels[j:], so there are d + 1 of them: cut 0 flags everyone, cut d nobody.

    `positives_at` and `negatives_at` are int64 rows, or float64 sums of row weights, for which a weight of 2 is a row
    that occurs twice; then `squares` holds the sums of squared weights and `rows` how many positive and negative rows
    there are. Resamples have leading axes, (..., d).
    """

    levels: np.ndarray
    positives_at: np.ndarray
    negatives_at: np.ndarray
    squares: Sweep | None = None
    rows: tuple[int, int] | None = None

    @cached_property
    def positives(self) -> float:
        """Positive rows, or the sum of their weights."""
        return _total(self.positives_at)

    @cached_property
    def negatives(self) -> float:
        """Negative rows, or the sum of their weights."""
        return _total(self.negatives_at)

    @property
    def n(self) -> float:
        return self.positives + self.negatives

    @property
    def rows_each(self) -> tuple[int, int]:
        """Positive and negative rows, whatever they weigh."""
        return self.rows or (int(self.positives), int(self.negatives))

    @cached_property
    def counts(self) -> Counts:
        """Counts at every cut, arrays of shape (..., d + 1)."""
        cut = cut_counts(self.positives_at, self.negatives_at)
        return cut if self.squares is None else replace(cut, squares=self.squares.counts, rows=self.rows)

    @cached_property
    def thresholds(self) -> np.ndarray:
        """The threshold of every cut, float64 (d + 1,), strictly ascending, applied as `score >= threshold`.

        Midway between neighbouring scores; the ends lie midway to 0 and 1. Where two scores are neighbouring floats
        the upper one is taken, which makes the same cut.
        """
        middle = np.empty(len(self.levels) + 1)
        middle[0], middle[-1] = self.levels[0] / 2, self.levels[-1] + (1.0 - self.levels[-1]) / 2
        inner = np.subtract(self.levels[1:], self.levels[:-1], out=middle[1:-1])
        inner *= 0.5
        inner += self.levels[:-1]
        close = np.flatnonzero(middle[1:] <= self.levels)
        upper = np.append(self.levels[1:], 1.0)[close] if len(close) else close
        middle[close + 1] = np.maximum(upper, np.nextafter(self.levels[close], 2.0))
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


def _total(rows_at: np.ndarray) -> float:
    """A whole number where rows are counted, so that it is shown as one."""
    total: float = rows_at.sum().item()
    return total


def _before(rows_at: np.ndarray) -> np.ndarray:
    kind = np.float64 if rows_at.dtype.kind == "f" else np.int64
    below = np.zeros((*rows_at.shape[:-1], rows_at.shape[-1] + 1), dtype=kind)
    np.cumsum(rows_at, axis=-1, out=below[..., 1:])
    return below


def sweep(truth: np.ndarray, score: np.ndarray, weight: np.ndarray | None = None) -> Sweep:
    """Group scores (n,) by value. `truth` holds 0 and 1, `weight` (n,) how much each row counts (0 leaves it out).

    One sort, whatever the number of rows; an indirect one with weights.

    Raises
    ------
    InputError : an answer is not 0 or 1, a score is not a number in [0, 1], a weight is negative or no number, or the
        lengths differ. NotPossibleError : there are no rows, or none that counts.
    """
    positive = _checked(truth, score)
    if weight is not None:
        return _weighted(positive, score, _checked_weight(weight, len(score)))
    keys = in_order(labelled_keys(positive, score))
    answers = (keys & np.uint64(1)).view(np.int64)
    levels = scores_of(keys)
    differs = levels[1:] != levels[:-1]
    if differs.all():
        return Sweep(levels=levels, positives_at=answers, negatives_at=1 - answers)
    starts = np.concatenate(([0], np.flatnonzero(differs) + 1))
    positives_at = np.add.reduceat(answers, starts)
    totals = np.diff(np.concatenate((starts, [len(keys)])))
    return Sweep(levels=levels[starts], positives_at=positives_at, negatives_at=totals - positives_at)


def _weighted(positive: np.ndarray, score: np.ndarray, weight: np.ndarray) -> Sweep:
    counted = np.flatnonzero(weight > 0)
    order = counted[ordered(score[counted])[1]]
    levels, positive, weight = score[order], positive[order], weight[order]
    starts = np.flatnonzero(np.concatenate(([True], levels[1:] != levels[:-1])))
    levels = levels[starts]
    up, down = np.where(positive, weight, 0.0), np.where(positive, 0.0, weight)
    squares = Sweep(levels, np.add.reduceat(up * up, starts), np.add.reduceat(down * down, starts))
    many = int(positive.sum())
    rows = (many, len(positive) - many)
    return Sweep(levels, np.add.reduceat(up, starts), np.add.reduceat(down, starts), squares, rows)


def _checked_weight(weight: np.ndarray, rows: int) -> np.ndarray:
    if weight.shape != (rows,):
        raise InputError(f"There are {len(weight):,} weights and {rows:,} scores.", "Give one weight a row.")
    if not (np.isfinite(weight).all() and weight.min() >= 0.0):
        raise InputError("Some weights are negative or no numbers.", "Give weights of 0 or more.")
    if not weight.max() > 0.0:
        raise NotPossibleError("Every row has a weight of 0.", "Give at least one row a weight above 0.")
    return weight.astype(np.float64)


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
    """The sweep of calibrated (or raw) scores, on all rows or on those that a mask or index picks, with their weights
    where they have some."""
    truth, score, weight = predictions.truth, predictions.raw if raw else predictions.score, predictions.weight
    if rows is None:
        return sweep(truth, score, weight)
    return sweep(truth[rows], score[rows], None if weight is None else weight[rows])


def counts_at(
    truth: np.ndarray, score: np.ndarray, threshold: float | np.ndarray, weight: np.ndarray | None = None
) -> Counts:
    """Counts of `score >= threshold`, each of shape (); `threshold` may be one for each row."""
    alarm, positive = score >= threshold, truth == 1
    if weight is not None:
        return _weighted_counts(alarm, positive, _checked_weight(weight, len(score)))
    tp = np.count_nonzero(alarm & positive)
    alarms, positives = np.count_nonzero(alarm), np.count_nonzero(positive)
    fp, fn = alarms - tp, positives - tp
    return Counts(*(np.asarray(c, dtype=np.int64) for c in (tp, fp, fn, len(truth) - tp - fp - fn)))


def _weighted_counts(alarm: np.ndarray, positive: np.ndarray, weight: np.ndarray) -> Counts:
    cell = np.where(positive, np.where(alarm, 0, 2), np.where(alarm, 1, 3))
    sums, squares = np.bincount(cell, weight, minlength=4), np.bincount(cell, weight * weight, minlength=4)
    counted = weight > 0
    rows = (int(np.count_nonzero(counted & positive)), int(np.count_nonzero(counted & ~positive)))
    return Counts(*(np.asarray(c) for c in sums), squares=Counts(*(np.asarray(c) for c in squares)), rows=rows)


def counts_of(predictions: Predictions, threshold: float | np.ndarray) -> Counts:
    """`counts_at` of calibrated scores, with the rows' weights where they have some."""
    return counts_at(predictions.truth, predictions.score, threshold, predictions.weight)
