"""What each kind of target is judged by: two answers, many classes, a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mlops_lib.evaluate.class_judging import classes_doing_nothing, judge_classes
from mlops_lib.evaluate.class_metrics import CLASS_METRICS
from mlops_lib.evaluate.judged import AnyMetric, Judged
from mlops_lib.evaluate.margins import nothing_values
from mlops_lib.evaluate.metrics import METRICS, metric
from mlops_lib.evaluate.number_judging import judge_number, number_doing_nothing
from mlops_lib.evaluate.number_metrics import NUMBER_METRICS
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.predictions import Predictions
from mlops_lib.objects.target import Outcome

METRICS_OF: Mapping[Outcome, tuple[AnyMetric, ...]] = {
    "binary": METRICS,
    "classes": CLASS_METRICS,
    "number": NUMBER_METRICS,
}
LEADS: Mapping[Outcome, str] = {
    "binary": "average_precision",
    "classes": "average_precision_macro",
    "number": "rmse",
}
"""The metric that decides where nobody chose another."""


def metric_of(kind: Outcome, name: str = "") -> AnyMetric:
    """The metric of that name ("": the one that leads). Raises InputError where this kind of target has none."""
    wanted = name or LEADS[kind]
    if kind == "binary":
        return metric(wanted)
    found = next((one for one in METRICS_OF[kind] if one.name == wanted), None)
    if found is None:
        what = "many classes" if kind == "classes" else "a number"
        names = ", ".join(one.name for one in METRICS_OF[kind])
        raise InputError(f"There is no metric '{name}' for {what}.", f"The metrics are: {names}.")
    return found


def judge_outcome(repeats: Sequence[Predictions], ratio: float | None = None, seed: int = 0) -> Judged:
    """One run of a target with many classes or a number, judged on each of its `repeats`."""
    return (judge_classes if repeats[0].kind == "classes" else judge_number)(repeats, ratio, seed)


def positive_rate(predictions: Predictions) -> float:
    """The share of positives, by weight where rows have one; NaN where the target has not two answers."""
    if predictions.kind != "binary":
        return float("nan")
    return float(np.average(predictions.truth == 1, weights=predictions.weight))


def doing_nothing(predictions: Predictions) -> dict[str, float]:
    """What doing nothing gets in every metric: the base rate, the shares of the classes or the mean for every row."""
    if predictions.kind == "binary":
        return nothing_values(positive_rate(predictions))
    return (classes_doing_nothing if predictions.kind == "classes" else number_doing_nothing)(predictions)
