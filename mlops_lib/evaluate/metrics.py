"""The metrics: one line each. Columns, help texts and tests derive from this list.

A score metric is a function of a `Sweep`, a decision metric one of `Counts` (of any shape, so all thresholds at once).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mlops_lib.evaluate.sweep import Counts, Sweep
from mlops_lib.objects.errors import InputError


@dataclass(frozen=True)
class ScoreMetric:
    """A metric of the scores themselves; `of` returns NaN where it is not defined (one class only)."""

    name: str
    label: str
    higher_is_better: bool
    of: Callable[[Sweep], float]
    help: str
    needs_threshold: bool = False


@dataclass(frozen=True)
class DecisionMetric:
    """A metric of decisions at a threshold; `of` keeps the shape of the counts, NaN where it is not defined."""

    name: str
    label: str
    higher_is_better: bool
    of: Callable[[Counts], np.ndarray]
    help: str
    needs_threshold: bool = True


Metric = ScoreMetric | DecisionMetric


def roc_auc(swept: Sweep) -> float:
    """Share of pairs (positive, negative) whose positive scores higher; ties count half (Mann & Whitney 1947)."""
    if not swept.positives or not swept.negatives:
        return float("nan")
    below = np.cumsum(swept.negatives_at) - swept.negatives_at / 2
    return float(swept.positives_at @ below) / swept.positives / swept.negatives


def average_precision(swept: Sweep) -> float:
    """Sum over thresholds of (recall gained) x precision, without interpolation."""
    if not swept.positives:
        return float("nan")
    alarms = np.maximum(swept.counts.alarms[:-1], 1)
    return float((swept.positives_at * (swept.counts.tp[:-1] / alarms)).sum()) / swept.positives


def brier(swept: Sweep) -> float:
    """Mean squared distance of the probability from the answer (Brier 1950)."""
    loss = swept.positives_at * (1.0 - swept.levels) ** 2 + swept.negatives_at * swept.levels**2
    return float(loss.sum()) / swept.n


def log_loss(swept: Sweep) -> float:
    """Mean of -log(probability given to what happened), in nats; probabilities are kept 2.2e-16 away from 0 and 1."""
    tiny = np.finfo(np.float64).eps
    p = np.clip(swept.levels, tiny, 1.0 - tiny)
    return -float((swept.positives_at * np.log(p) + swept.negatives_at * np.log1p(-p)).sum()) / swept.n


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    whole = np.asarray(whole, dtype=np.float64)
    return np.asarray(np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole != 0))


def precision(counts: Counts) -> np.ndarray:
    """tp / (tp + fp); NaN without an alarm."""
    return _ratio(counts.tp, counts.alarms)


def recall(counts: Counts) -> np.ndarray:
    """tp / (tp + fn); NaN without a positive."""
    return _ratio(counts.tp, counts.positives)


def f1(counts: Counts) -> np.ndarray:
    """2 tp / (2 tp + fp + fn); NaN where there is neither an alarm nor a positive."""
    return _ratio(2 * counts.tp, 2 * counts.tp + counts.fp + counts.fn)


def mcc(counts: Counts) -> np.ndarray:
    """Correlation of decision and answer (Matthews 1975); 0 where either is constant."""
    tp, fp, fn, tn = (np.asarray(c, dtype=np.float64) for c in (counts.tp, counts.fp, counts.fn, counts.tn))
    scale = np.sqrt((tp + fp) * (tp + fn)) * np.sqrt((tn + fp) * (tn + fn))
    return np.asarray(np.divide(tp * tn - fp * fn, scale, out=np.zeros(scale.shape), where=scale != 0))


def balanced_accuracy(counts: Counts) -> np.ndarray:
    """Mean of the shares found right among positives and among negatives; NaN where a class is missing."""
    return np.asarray((recall(counts) + _ratio(counts.tn, counts.tn + counts.fp)) / 2)


METRICS: tuple[Metric, ...] = (
    ScoreMetric("roc_auc", "ROC-AUC", True, roc_auc,
                "Of one row of each class, how often the positive one scores higher. 0.5 is a coin, 1 is perfect."),
    ScoreMetric("average_precision", "Average precision", True, average_precision,
                "How many alarms are right, averaged over all thresholds. Knowing nothing gets the positive rate."),
    ScoreMetric("brier", "Brier score", False, brier,
                "Mean squared distance between the probability and what happened. Lower is better."),
    ScoreMetric("log_loss", "Log loss", False, log_loss,
                "How surprised the model is by what happened; sure and wrong costs most. Lower is better."),
    DecisionMetric("f1", "F1", True, f1,
                   "One number for precision and recall (their harmonic mean). 0 finds nobody, 1 is perfect."),
    DecisionMetric("mcc", "MCC", True, mcc,
                   "Correlation between decision and answer. 0 is no better than chance, 1 is perfect."),
    DecisionMetric("balanced_accuracy", "Balanced accuracy", True, balanced_accuracy,
                   "Share found right, averaged over the two classes. Always saying No gets 0.5."),
    DecisionMetric("precision", "Precision", True, precision,
                   "Of the rows that raise an alarm, how many are truly positive."),
    DecisionMetric("recall", "Recall", True, recall,
                   "Of the truly positive rows, how many raise an alarm."),
)  # fmt: skip

SCORE_METRICS: tuple[ScoreMetric, ...] = tuple(m for m in METRICS if isinstance(m, ScoreMetric))
DECISION_METRICS: tuple[DecisionMetric, ...] = tuple(m for m in METRICS if isinstance(m, DecisionMetric))
_BY_NAME = {m.name: m for m in METRICS}


def metric(name: str) -> Metric:
    """The metric of that name. Raises InputError where there is none."""
    if name not in _BY_NAME:
        raise InputError(f"There is no metric '{name}'.", f"The metrics are: {', '.join(_BY_NAME)}.")
    return _BY_NAME[name]


def decision_metric(name: str) -> DecisionMetric:
    """The metric of that name that judges decisions. Raises InputError where there is none."""
    found = metric(name)
    if not isinstance(found, DecisionMetric):
        names = ", ".join(m.name for m in DECISION_METRICS)
        raise InputError(f"{found.label} does not depend on a threshold.", f"Choose one of: {names}.")
    return found
