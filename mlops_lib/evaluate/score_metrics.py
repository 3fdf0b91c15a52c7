"""Metrics of scores, from the rows at every score.

Each takes a `Sweep` whose rows have shape (..., d) and gives an array (...): one value for the data, or one a resample.
Rows may be weighted. NaN where a metric is not defined, as with one class only.
"""

from __future__ import annotations

import numpy as np

from mlops_lib.evaluate.sweep import Sweep

BINS = 10
"""Bins of the calibration error and the reliability curve."""

_TINY = float(np.finfo(np.float64).eps)


def roc_auc(swept: Sweep) -> np.ndarray:
    """Share of pairs (positive, negative) whose positive scores higher; ties count half (Mann & Whitney 1947)."""
    tn = swept.counts.tn
    below = tn[..., :-1] + tn[..., 1:]
    return over(_sum_of_products(swept.positives_at, below), 2.0 * _total(swept.positives_at) * tn[..., -1])


def average_precision(swept: Sweep) -> np.ndarray:
    """Sum over thresholds of (recall gained) x precision, without interpolation."""
    counts = swept.counts
    alarms = counts.alarms[..., :-1]
    precision = np.divide(counts.tp[..., :-1], alarms, out=np.zeros(alarms.shape), where=alarms > 0)
    return over(_sum_of_products(swept.positives_at, precision), counts.tp[..., 0])


def brier(swept: Sweep) -> np.ndarray:
    """Mean squared distance of the probability from the answer (Brier 1950)."""
    loss = _dot(swept.positives_at, (1.0 - swept.levels) ** 2) + _dot(swept.negatives_at, swept.levels**2)
    return over(loss, _rows(swept))


def log_loss(swept: Sweep) -> np.ndarray:
    """Mean of -log(probability given to what happened), in nats; probabilities are kept 2.2e-16 away from 0 and 1."""
    p = np.clip(swept.levels, _TINY, 1.0 - _TINY)
    gain = _dot(swept.positives_at, np.log(p)) + _dot(swept.negatives_at, np.log1p(-p))
    return over(-gain, _rows(swept))


def bins_of(swept: Sweep, bins: int = BINS) -> np.ndarray:
    """The bin of every level, from 0: bins of about equally many rows, equal scores in one bin; shape of the rows."""
    rows = swept.positives_at + swept.negatives_at
    middle = np.cumsum(rows, axis=-1) - rows / 2
    n = np.maximum(rows.sum(axis=-1, keepdims=True), _TINY)
    return np.asarray(np.minimum((middle / n * bins).astype(np.int64), bins - 1))


def calibration_error(swept: Sweep, bins: int = BINS) -> np.ndarray:
    """Expected calibration error: mean distance between predicted and observed share over bins of equally many rows,
    weighted by rows (Naeini, Cooper & Hauskrecht 2015, with bins of equal size)."""
    rows = swept.positives_at + swept.negatives_at
    shape, bin_of = rows.shape[:-1], bins_of(swept, bins).reshape(-1, rows.shape[-1])
    apart = (swept.levels * rows - swept.positives_at).ravel()
    cell = bin_of + bins * np.arange(len(bin_of))[:, None]
    gaps = np.bincount(cell.ravel(), apart, minlength=bins * len(bin_of)).reshape(*shape, bins)
    return over(np.abs(gaps).sum(axis=-1), rows.sum(axis=-1))


def recall_at_precision(swept: Sweep, minimum: float) -> np.ndarray:
    """The largest recall of all thresholds with that precision or a better one; 0 where none has it."""
    counts = swept.counts
    alarms = counts.alarms
    precise = np.divide(counts.tp, alarms, out=np.zeros(alarms.shape), where=alarms > 0) >= minimum
    return over(np.where(precise, counts.tp, 0).max(axis=-1), counts.tp[..., 0])


def precision_at_k(swept: Sweep, k: float) -> np.ndarray:
    """Share of positives among the k highest scores: k below 1 is a share of the rows, else a number of them (at most
    all). Of rows that tie at the edge, or of one that is only partly within, the same part of each counts."""
    counts = swept.counts
    alarms, n = counts.alarms, counts.n[..., 0]
    top = np.asarray(k * n if k < 1 else np.minimum(k, n), dtype=np.float64)
    cut = (alarms >= top[..., None]).sum(axis=-1, keepdims=True) - 1
    inner = np.minimum(cut + 1, alarms.shape[-1] - 1)
    many, fewer = (np.take_along_axis(alarms, at, -1)[..., 0] for at in (cut, inner))
    tp, tp_fewer = (np.take_along_axis(counts.tp, at, -1)[..., 0] for at in (cut, inner))
    return over(tp_fewer + (tp - tp_fewer) * over(top - fewer, many - fewer), top)


def over(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, NaN where the whole is 0."""
    whole = np.asarray(whole, dtype=np.float64)
    return np.asarray(np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole != 0))


def _total(rows_at: np.ndarray) -> np.ndarray:
    return np.asarray(rows_at.sum(axis=-1), dtype=np.float64)


def _rows(swept: Sweep) -> np.ndarray:
    return np.asarray(_total(swept.positives_at) + _total(swept.negatives_at))


def _dot(rows_at: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.asarray(rows_at.astype(np.float64, copy=False) @ values)


def _sum_of_products(rows_at: np.ndarray, values: np.ndarray) -> np.ndarray:
    exact = (part.astype(np.float64, copy=False) for part in (rows_at, values))
    summed: np.ndarray = np.einsum("...i,...i->...", *exact)
    return summed
