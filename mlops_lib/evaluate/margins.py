"""The smallest difference that matters, in each metric's own scale: a share of the way from doing nothing to perfect.

A fixed 0.01 would be a fine step in ROC-AUC and most of the scale in the Brier score of a rare event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from mlops_lib.evaluate.metrics import METRICS, Metric

MARGIN_SHARE: Final = 0.02
"""Of the way from doing nothing to perfect: 0.01 in ROC-AUC, whatever the table."""


def _entropy(rate: float) -> float:
    shares = np.clip([rate, 1.0 - rate], np.finfo(np.float64).tiny, 1.0)
    return -float((shares * np.log(shares)).sum())


def _half(_: float) -> float:
    return 0.5


def _zero(_: float) -> float:
    return 0.0


_NOTHING: Mapping[str, Callable[[float], float]] = {
    "roc_auc": _half,
    "average_precision": lambda rate: rate,
    "brier": lambda rate: rate * (1.0 - rate),
    "log_loss": _entropy,
    "ece": lambda rate: min(rate, 1.0 - rate),
    "f1": lambda rate: 2.0 * rate / (1.0 + rate),
    "f2": lambda rate: 5.0 * rate / (4.0 * rate + 1.0),
    "f_half": lambda rate: 1.25 * rate / (0.25 * rate + 1.0),
    "balanced_accuracy": _half,
    "precision": lambda rate: rate,
    "precision_at_k": lambda rate: rate,
}
"""What knowing nothing gets, by the share of positives: the base rate as every row's score, and an alarm on every row
for the F measures. The calibration error of the base rate is 0, so the scale is that of always giving 0 or 1. Metrics
without a line start at 0."""


def nothing_values(rate: float) -> dict[str, float]:
    """What doing nothing gets in every metric of two answers, where `rate` is the share of positives."""
    return {one.name: _NOTHING.get(one.name, _zero)(rate) for one in METRICS}


def perfect(metric: Metric) -> float:
    """The best value there is."""
    return 1.0 if metric.higher_is_better else 0.0


def margin_of(metric: Metric, nothing: Mapping[str, float], share: float = MARGIN_SHARE) -> float:
    """The margin in the metric's own unit: `share` of the way from doing nothing (`nothing`, by metric) to perfect.

    Where a metric is not among them, or doing nothing is perfect, the whole scale counts as 1.
    """
    way = abs(perfect(metric) - nothing.get(metric.name, 1.0 - perfect(metric)))
    return share * (way if way > 0.0 else 1.0)
