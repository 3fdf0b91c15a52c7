"""Metrics of scores, from the rows at every score.

Each takes a `Sweep` whose rows have shape (..., d) and gives an array (...): one value for the data, or one a resample.
Rows may be weighted. NaN where a metric is not defined, as with one class only.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from functools import reduce
from itertools import pairwise

import numpy as np

from mlops_lib.evaluate.sweep import Counts, Sweep

BINS = 10
"""Bins of the calibration error and the reliability curve."""

BLOCK = 1 << 13
"""Levels or cuts worked on at a time: what is made of them stays in the fastest memory."""

_TINY = float(np.finfo(np.float64).eps)


def roc_auc(swept: Sweep) -> np.ndarray:
    """Share of pairs (positive, negative) whose positive scores higher; ties count half (Mann & Whitney 1947)."""
    tn = swept.counts.tn
    twice = _gathered(np.add, lambda p, a, b: _inner(p, a + b), swept.positives_at, tn[..., :-1], tn[..., 1:])
    return over(twice, 2.0 * np.asarray(swept.counts.tp[..., 0] * tn[..., -1].astype(np.float64)))


def average_precision(swept: Sweep) -> np.ndarray:
    """Sum over thresholds of (recall gained) x precision, without interpolation."""
    tp, fp = swept.counts.tp[..., :-1], swept.counts.fp[..., :-1]
    gained = _gathered(np.add, lambda p, tp, fp: _inner(p, _precision(tp, fp)), swept.positives_at, tp, fp)
    return over(gained, tp[..., 0])


def brier(swept: Sweep) -> np.ndarray:
    """Mean squared distance of the probability from the answer (Brier 1950)."""
    return over(_lost(swept, lambda p: (1.0 - p) ** 2, np.square), _rows(swept.counts))


def log_loss(swept: Sweep) -> np.ndarray:
    """Mean of -log(probability given to what happened), in nats; probabilities are kept 2.2e-16 away from 0 and 1."""
    lost = _lost(
        swept,
        lambda p: -np.log(np.clip(p, _TINY, 1.0 - _TINY)),
        lambda p: -np.log1p(-np.clip(p, _TINY, 1.0 - _TINY)),
    )
    return over(lost, _rows(swept.counts))


def bins_of(swept: Sweep, bins: int = BINS) -> np.ndarray:
    """The bin of every level, from 0: bins of about equally many rows, equal scores in one bin; shape of the rows."""
    below = swept.counts.fn + swept.counts.tn
    return _bins(below[..., :-1], below[..., 1:], below[..., -1:], bins)


def _bins(below: np.ndarray, up_to: np.ndarray, n: np.ndarray, bins: int) -> np.ndarray:
    middle = (below + up_to) / (2.0 * np.maximum(n, _TINY)) * bins
    return np.asarray(np.minimum(middle, bins - 1).astype(np.int64))


def calibration_error(swept: Sweep, bins: int = BINS) -> np.ndarray:
    """Expected calibration error: mean distance between predicted and observed share over bins of equally many rows,
    weighted by rows (Naeini, Cooper & Hauskrecht 2015, with bins of equal size)."""
    gaps = _gaps_of_one(swept, bins) if swept.positives_at.ndim == 1 else _gaps_of_many(swept, bins)
    return over(np.abs(gaps).sum(axis=-1), _rows(swept.counts))


def _gaps_of_one(swept: Sweep, bins: int) -> np.ndarray:
    """Predicted minus observed positives of each bin, (bins,): a bin is a run of levels whose ends are searched for."""
    fn, tn, levels = swept.counts.fn, swept.counts.tn, range(len(swept.levels))

    def bin_at(level: int) -> int:
        return int(_bins(fn[level] + tn[level], fn[level + 1] + tn[level + 1], fn[-1] + tn[-1], bins))

    ends = [bisect_left(levels, b, key=bin_at) for b in range(bins + 1)]
    parts = (swept.levels, swept.positives_at, swept.negatives_at)
    return np.array([_gathered(np.add, _apart, *(part[i:j] for part in parts)) for i, j in pairwise(ends) if j > i])


def _apart(levels: np.ndarray, positives: np.ndarray, negatives: np.ndarray) -> np.ndarray:
    return np.asarray(_inner(positives + negatives, levels) - positives.sum())


def _gaps_of_many(swept: Sweep, bins: int) -> np.ndarray:
    """The same for each of the resamples, (..., bins)."""
    shape = swept.positives_at.shape
    bin_of = bins_of(swept, bins).reshape(-1, shape[-1])
    apart = swept.levels * (swept.positives_at + swept.negatives_at) - swept.positives_at
    cell = bin_of + bins * np.arange(len(bin_of))[:, None]
    gaps = np.bincount(cell.ravel(), apart.ravel(), minlength=bins * len(bin_of))
    return gaps.reshape(*shape[:-1], bins)


def recall_at_precision(swept: Sweep, minimum: float) -> np.ndarray:
    """The largest recall of all thresholds with that precision or a better one; 0 where none has it."""

    def found(tp: np.ndarray, fp: np.ndarray) -> np.ndarray:
        return np.asarray((tp * (_precision(tp, fp) >= minimum)).max(axis=-1))

    counts = swept.counts
    return over(_gathered(np.maximum, found, counts.tp, counts.fp), counts.tp[..., 0])


def precision_at_k(swept: Sweep, k: float) -> np.ndarray:
    """Share of positives among the k highest scores: k below 1 is a share of the rows, else a number of them (at most
    all). Of rows that tie at the edge, or of one that is only partly within, the same part of each counts."""
    counts, n = swept.counts, _rows(swept.counts)
    top = np.asarray(k * n if k < 1 else np.minimum(k, n), dtype=np.float64)
    cut = _last_cut(counts, top)
    (tp, fp), (tp_inner, fp_inner) = _at(counts, cut), _at(counts, np.minimum(cut + 1, counts.tp.shape[-1] - 1))
    part = over(top - tp_inner - fp_inner, tp + fp - tp_inner - fp_inner)
    return over(tp_inner + (tp - tp_inner) * part, top)


def _at(counts: Counts, cut: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """tp and fp at a cut of each, (..., 1)."""
    return np.take_along_axis(counts.tp, cut, -1)[..., 0], np.take_along_axis(counts.fp, cut, -1)[..., 0]


def _last_cut(counts: Counts, top: np.ndarray) -> np.ndarray:
    """The last cut with at least `top` alarms, (..., 1)."""
    if counts.tp.ndim == 1:
        fewer = bisect_right(range(len(counts.tp)), -float(top), key=lambda j: -float(counts.tp[j] + counts.fp[j]))
        return np.array([fewer - 1])
    return np.asarray((counts.alarms >= top[..., None]).sum(axis=-1, keepdims=True) - 1)


def over(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, NaN where the whole is 0 (and so is the part)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.true_divide(part, whole))


def _rows(counts: Counts) -> np.ndarray:
    return np.asarray(counts.tp[..., 0] + counts.fp[..., 0])


def _precision(tp: np.ndarray, fp: np.ndarray) -> np.ndarray:
    """tp / (tp + fp), 0 without an alarm."""
    return np.asarray(tp / np.maximum(tp + fp, _TINY))


def _lost(
    swept: Sweep, of_positives: Callable[[np.ndarray], np.ndarray], of_negatives: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """The sum of what each row loses at its level."""

    def lost(levels: np.ndarray, positives: np.ndarray, negatives: np.ndarray) -> np.ndarray:
        return np.asarray(_inner(positives, of_positives(levels)) + _inner(negatives, of_negatives(levels)))

    return _gathered(np.add, lost, swept.levels, swept.positives_at, swept.negatives_at)


def _gathered(
    join: Callable[[np.ndarray, np.ndarray], np.ndarray], of: Callable[..., np.ndarray], *arrays: np.ndarray
) -> np.ndarray:
    """What `of` gives for blocks of the last axis, joined."""
    starts = range(0, arrays[0].shape[-1], BLOCK)
    return np.asarray(reduce(join, (of(*(a[..., start : start + BLOCK] for a in arrays)) for start in starts)))


def _inner(rows_at: np.ndarray, values: np.ndarray) -> np.ndarray:
    first, second = (np.asarray(part, dtype=np.float64) for part in (rows_at, values))
    if second.ndim == 1:
        return np.asarray(first @ second)
    summed: np.ndarray = np.einsum("...i,...i->...", first, second)
    return summed
