"""Resamples of rows, each class keeping its size: a metric on all of them, and the difference of two runs on the same.

The draws depend on the seed and on how many rows each class has, on nothing else. So two runs on the same rows are
judged on the same resamples, together or one after the other, and the compiled and the plain form give the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mlops_lib.evaluate.compiled import COMPILED_FROM, add_draws, compiled, pair_wins
from mlops_lib.evaluate.intervals import grouped_levels, percentile_bounds
from mlops_lib.evaluate.metrics import DecisionMetric, Metric
from mlops_lib.evaluate.score_metrics import roc_auc
from mlops_lib.evaluate.sweep import Counts, Sweep, counts_of, sweep, sweep_of
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.predictions import Predictions

PAIRED = "paired bootstrap"
TIMES = 1_000

_CHUNK = 1 << 21
_GAMMA, _FIRST, _SECOND = (np.uint64(v) for v in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


@dataclass(frozen=True)
class PairedDifference:
    """A metric of one run minus that of another on the same rows, its 95 % interval, and a two-sided p of "it is 0"."""

    value: float
    low: float
    high: float
    p: float
    method: str = PAIRED


def paired_bootstrap(
    first: Predictions,
    second: Predictions,
    metric: Metric,
    times: int = TIMES,
    seed: int = 0,
    thresholds: tuple[float | np.ndarray, float | np.ndarray] = (0.5, 0.5),
) -> PairedDifference:
    """The difference in a metric of two runs on the same rows (`first` - `second`), on common resamples.

    `thresholds` are the runs' own, for metrics of decisions; each may be one a fold, (folds,). Raises InputError where
    the runs are not of the same rows.
    """
    return paired_differences(first, second, [metric], times, seed, thresholds)[metric.name]


def paired_differences(
    first: Predictions,
    second: Predictions,
    metrics: Sequence[Metric],
    times: int = TIMES,
    seed: int = 0,
    thresholds: tuple[float | np.ndarray, float | np.ndarray] = (0.5, 0.5),
) -> dict[str, PairedDifference]:
    """`paired_bootstrap` of several metrics by name, on one set of resamples."""
    if not (np.array_equal(first.row, second.row) and np.array_equal(first.truth, second.truth)):
        raise InputError("The two runs were not judged on the same rows.", "Compare two runs of one split.")
    pairs = list(zip((first, second), thresholds, strict=True))
    own, other = (_values(one, metrics, at) for one, at in pairs)
    drawn, others = (replicates(one, metrics, times, seed, at) for one, at in pairs)
    return {m.name: difference(own[m.name] - other[m.name], drawn[m.name] - others[m.name]) for m in metrics}


def difference(value: float, apart: np.ndarray) -> PairedDifference:
    """A difference with its percentile interval from its values on resamples (b,), and twice the share beyond 0 as p.

    Efron & Tibshirani (1993), An Introduction to the Bootstrap, sections 13.3 and 15.4; one is added to both counts, so
    that no p is 0 (Davison & Hinkley 1997, section 4.2.3).
    """
    known = apart[np.isfinite(apart)]
    if not (np.isfinite(value) and len(known)):
        return PairedDifference(value, float("nan"), float("nan"), float("nan"))
    low, high = percentile_bounds(known)
    beyond = min(int((known <= 0).sum()), int((known >= 0).sum()))
    return PairedDifference(value, low, high, min(1.0, 2.0 * (beyond + 1) / (len(known) + 1)))


def replicates(
    predictions: Predictions,
    metrics: Sequence[Metric],
    times: int = TIMES,
    seed: int = 0,
    threshold: float | np.ndarray = 0.5,
) -> dict[str, np.ndarray]:
    """Each metric on `times` resamples of the rows, by name, arrays (times,).

    With more than `intervals.BINS` distinct scores, metrics of scores work on groups of neighbouring ones; ROC-AUC of a
    large table is exact.
    """
    parts = [_judged(part, metrics) for part in _resampled(predictions, times, seed, threshold)]
    found = {m.name: np.concatenate([part[m.name] for part in parts]) for m in metrics}
    if "roc_auc" in found and predictions.n >= COMPILED_FROM and predictions.weight is None:
        found["roc_auc"] = auc_replicates(predictions.truth, predictions.score, times, seed)
    return found


def auc_replicates(
    truth: np.ndarray, score: np.ndarray, times: int = TIMES, seed: int = 0, loops: bool | None = None
) -> np.ndarray:
    """ROC-AUC on `times` resamples of the rows, (times,), exact.

    `loops` forces the compiled (True) or the plain form; by default large tables take the compiled one.
    """
    positive = truth == 1
    if not (len(truth) >= COMPILED_FROM if loops is None else loops):
        return _plain_auc(positive, score, times, seed)
    few_positive = bool(2 * positive.sum() <= len(truth))
    few, many = score[positive == few_positive], score[positive != few_positive]
    levels, place = np.unique(few, return_inverse=True)
    below = np.searchsorted(levels, many, "left")
    tied = levels[np.minimum(below, len(levels) - 1)] == many
    twice = np.empty(times, dtype=np.int64)
    starts = [_starts(seed, np.arange(times), stream) for stream in (int(not few_positive), int(few_positive))]
    compiled(pair_wins)(*starts, place.astype(np.int32), (2 * below + tied).astype(np.int32), len(levels), twice)
    share = twice / (2.0 * len(few) * len(many))
    return np.asarray(share if few_positive else 1.0 - share)


def _plain_auc(positive: np.ndarray, score: np.ndarray, times: int, seed: int) -> np.ndarray:
    levels, place = np.unique(score, return_inverse=True)
    found = []
    for chunk in _chunks(times, len(score)):
        up = _counted(place[positive], None, len(levels), seed, chunk, 0)
        down = _counted(place[~positive], None, len(levels), seed, chunk, 1)
        found.append(roc_auc(Sweep(levels, up, down)))
    return np.concatenate(found)


def picks(seed: int, resamples: np.ndarray, stream: int, rows: int) -> np.ndarray:
    """The rows (0 .. rows - 1) drawn for each of the resamples (b,), int64 (b, rows): SplitMix64 (Steele, Lea & Flood
    2014), which starts anew for each resample and stream (0 for positives, 1 for negatives)."""
    state = _starts(seed, resamples, stream)[:, None] + _GAMMA * np.arange(1, rows + 1, dtype=np.uint64)
    return np.asarray(((_mixed(state) >> np.uint64(11)).astype(np.float64) * 2.0**-53 * rows).astype(np.int64))


def _starts(seed: int, resamples: np.ndarray, stream: int) -> np.ndarray:
    base = _mixed(np.array([seed], dtype=np.uint64) + _GAMMA)
    return _mixed(base + _GAMMA * (2 * resamples + stream).astype(np.uint64))


def _mixed(state: np.ndarray) -> np.ndarray:
    z = (state ^ (state >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    return np.asarray(z ^ (z >> np.uint64(31)))


def _chunks(times: int, cells: int) -> Iterator[np.ndarray]:
    size = max(1, min(times, _CHUNK // max(cells, 1)))
    return (np.arange(start, min(start + size, times)) for start in range(0, times, size))


def _counted(
    codes: np.ndarray, weight: np.ndarray | None, width: int, seed: int, resamples: np.ndarray, stream: int
) -> np.ndarray:
    """Rows (or weights) drawn in each of the resamples by code, float64 (b, width)."""
    shape = (len(resamples), width)
    if len(codes) >= COMPILED_FROM:
        cells = np.zeros(shape)
        none = np.empty(0) if weight is None else weight
        compiled(add_draws)(_starts(seed, resamples, stream), codes.astype(np.int32), none, cells)
        return cells
    drawn = picks(seed, resamples, stream, len(codes))
    place = codes[drawn] + width * np.arange(len(resamples))[:, None]
    worth = None if weight is None else weight[drawn].ravel()
    return np.bincount(place.ravel(), worth, minlength=shape[0] * width).reshape(shape).astype(np.float64)


def _resampled(
    predictions: Predictions, times: int, seed: int, threshold: float | np.ndarray
) -> Iterator[tuple[Sweep, Counts]]:
    """Chunks of resamples: rows by (grouped) score, and by decision. A code is a group and whether a row alarms."""
    at = threshold[predictions.fold] if isinstance(threshold, np.ndarray) else threshold
    levels, firsts = grouped_levels(sweep(predictions.truth, predictions.score, predictions.weight))
    group = np.maximum(np.searchsorted(firsts, predictions.score, "right") - 1, 0)
    codes, width = 2 * group + (predictions.score >= at), 2 * len(levels)
    counted = True if predictions.weight is None else predictions.weight > 0
    sides = [(predictions.truth == 1) & counted, (predictions.truth == 0) & counted]
    weights = [None if predictions.weight is None else predictions.weight[side] for side in sides]
    for chunk in _chunks(times, max(predictions.n, width)):
        up, down = (
            _counted(codes[side], weight, width, seed, chunk, stream).reshape(len(chunk), -1, 2)
            for stream, (side, weight) in enumerate(zip(sides, weights, strict=True))
        )
        (fn, tp), (tn, fp) = (part.sum(axis=1).T for part in (up, down))
        yield Sweep(levels, up.sum(axis=-1), down.sum(axis=-1)), Counts(tp, fp, fn, tn)


def _judged(part: tuple[Sweep, Counts], metrics: Sequence[Metric]) -> dict[str, np.ndarray]:
    swept, counts = part
    return {m.name: m.of(counts) if isinstance(m, DecisionMetric) else m.each(swept) for m in metrics}


def _values(predictions: Predictions, metrics: Sequence[Metric], threshold: float | np.ndarray) -> dict[str, float]:
    at = threshold[predictions.fold] if isinstance(threshold, np.ndarray) else threshold
    swept, counts = sweep_of(predictions), counts_of(predictions, at)
    return {m.name: float(m.of(counts)) if isinstance(m, DecisionMetric) else m.of(swept) for m in metrics}
