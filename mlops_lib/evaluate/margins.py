"""The smallest difference that matters, in each metric's own scale: a share of the way from doing nothing to perfect.

A fixed 0.01 would be a fine step in ROC-AUC and most of the scale in the Brier score of a rare event.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mlops_lib.evaluate.judged import AnyMetric
from mlops_lib.evaluate.metrics import METRICS

MARGIN_SHARE: Final = 0.02
"""Of the way from doing nothing to perfect: 0.01 in ROC-AUC, whatever the table."""


def nothing_values(rate: float) -> dict[str, float]:
    """What doing nothing gets in every metric of two answers, where `rate` is the share of positives."""
    return {one.name: one.nothing(rate) for one in METRICS}


def perfect(metric: AnyMetric) -> float:
    """The best value there is."""
    return 1.0 if metric.higher_is_better else 0.0


def margin_of(metric: AnyMetric, nothing: Mapping[str, float], share: float = MARGIN_SHARE) -> float:
    """The margin in the metric's own unit: `share` of the way from doing nothing (`nothing`, by metric) to perfect.

    Where a metric is not among them, or doing nothing is perfect, the whole scale counts as 1.
    """
    way = abs(perfect(metric) - nothing.get(metric.name, 1.0 - perfect(metric)))
    return share * (way if way > 0.0 else 1.0)
