"""Metrics of decisions: functions of `Counts` that keep their shape, so all thresholds or resamples at once.

NaN where a metric is not defined, as precision without an alarm.
"""

from __future__ import annotations

import numpy as np

from mlops_lib.evaluate.score_metrics import over
from mlops_lib.evaluate.sweep import Counts


def precision(counts: Counts) -> np.ndarray:
    """tp / (tp + fp); NaN without an alarm."""
    return over(counts.tp, counts.alarms)


def recall(counts: Counts) -> np.ndarray:
    """tp / (tp + fn); NaN without a positive."""
    return over(counts.tp, counts.positives)


def specificity(counts: Counts) -> np.ndarray:
    """tn / (tn + fp); NaN without a negative."""
    return over(counts.tn, counts.negatives)


def f_score(counts: Counts, beta: float = 1.0) -> np.ndarray:
    """(1 + b²) tp / (b² (tp + fn) + (tp + fp)), the harmonic mean of precision and recall in which recall weighs beta
    times as much (van Rijsbergen 1979, chapter 7); NaN where there is neither an alarm nor a positive."""
    return over((1.0 + beta**2) * counts.tp, beta**2 * counts.positives + counts.alarms)


def mcc(counts: Counts) -> np.ndarray:
    """Correlation of decision and answer (Matthews 1975); 0 where either is constant."""
    tp, fp, fn, tn = (np.asarray(c, dtype=np.float64) for c in (counts.tp, counts.fp, counts.fn, counts.tn))
    scale = np.sqrt(np.asarray(counts.alarms, dtype=np.float64) * counts.positives)
    scale = scale * np.sqrt(np.asarray(tn + fn) * counts.negatives)
    return np.asarray((tp * tn - fp * fn) / np.maximum(scale, np.finfo(np.float64).tiny))


def balanced_accuracy(counts: Counts) -> np.ndarray:
    """Mean of the shares found right among positives and among negatives; NaN where a class is missing."""
    return np.asarray((recall(counts) + specificity(counts)) / 2)


def g_mean(counts: Counts) -> np.ndarray:
    """Geometric mean of the shares found right among positives and among negatives (Kubat & Matwin 1997)."""
    return np.asarray(np.sqrt(recall(counts) * specificity(counts)))


def cost_per_row(counts: Counts, miss: float, false_alarm: float) -> np.ndarray:
    """(miss x fn + false_alarm x fp) / rows, in the unit of the costs (Elkan 2001)."""
    return over(counts.fn * miss + counts.fp * false_alarm, counts.n)
