"""The metrics: one line each. Columns, help texts, intervals and tests derive from this list.

A metric with numbers of its own is built by a function and found again by its name: `recall_at_precision(0.8)` is
`metric("recall_at_precision:0.8")`, so that pages, files and the criterion of a charter can name it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from mlops_lib.evaluate import decision_metrics as decided
from mlops_lib.evaluate import score_metrics as scored
from mlops_lib.evaluate.sweep import Counts, Sweep
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.words import number, percent

SHARE = (0.0, 1.0)


def _zero(_: float) -> float:
    return 0.0


def _half(_: float) -> float:
    return 0.5


def _rate(rate: float) -> float:
    return rate


def _entropy(rate: float) -> float:
    shares = np.clip([rate, 1.0 - rate], np.finfo(np.float64).tiny, 1.0)
    return -float((shares * np.log(shares)).sum())


def _f_of_all(rate: float, beta: float = 1.0) -> float:
    return (1.0 + beta**2) * rate / (beta**2 * rate + 1.0)


@dataclass(frozen=True)
class ScoreMetric:
    """A metric of the scores themselves, NaN where it is not defined (one class only).

    `each` gives a value for every set of rows in a `Sweep` (`score_metrics.py`). `bounds` are the values it can take.
    `nothing` is what knowing nothing gets, by the share of positives: every row scored with that share, and an alarm on
    every row. `by_fold` says whether the value of a fold means the same as that of all rows; where it does not, the
    metric stands on all rows. `biased` says that a sample moves it, so that its interval is approximate always.
    """

    name: str
    label: str
    higher_is_better: bool
    each: Callable[[Sweep], np.ndarray]
    help: str
    bounds: tuple[float, float] = SHARE
    nothing: Callable[[float], float] = _zero
    by_fold: bool = True
    biased: bool = False
    needs_threshold: bool = False

    def of(self, swept: Sweep) -> float:
        """The value of one set of rows."""
        return float(self.each(swept))


@dataclass(frozen=True)
class DecisionMetric:
    """A metric of decisions at a threshold; `of` keeps the shape of the counts, NaN where it is not defined."""

    name: str
    label: str
    higher_is_better: bool
    of: Callable[[Counts], np.ndarray]
    help: str
    bounds: tuple[float, float] = SHARE
    nothing: Callable[[float], float] = _zero
    by_fold: bool = True
    biased: bool = False
    needs_threshold: bool = True


Metric = ScoreMetric | DecisionMetric


def recall_at_precision(minimum: float) -> ScoreMetric:
    """Recall at the largest number of alarms of which at least the share `minimum` (0 to 1) is right."""
    if not 0.0 < minimum <= 1.0:
        raise InputError(f"A precision of {number(minimum)} cannot be asked for.", "Give a share above 0, up to 1.")
    return ScoreMetric(
        f"recall_at_precision:{minimum:g}", f"Recall at precision {minimum:g}", True,
        partial(scored.recall_at_precision, minimum=minimum),
        f"How many positives are found while at least {percent(minimum)} of the alarms are right.",
    )  # fmt: skip


def precision_at_k(k: float) -> ScoreMetric:
    """Precision among the k highest scores: k below 1 is a share of the rows, else a number of rows."""
    if not (0.0 < k < 1.0 or (k >= 1.0 and float(k).is_integer())):
        raise InputError(f"The top {number(k)} rows cannot be taken.", "Give a share below 1, or a whole number.")
    top = f"top {100 * k:g} %" if k < 1 else f"top {k:,.0f}"
    return ScoreMetric(
        f"precision_at_k:{k:.12g}", f"Precision, {top}", True, partial(scored.precision_at_k, k=k),
        f"Of the {top} rows by score, how many are truly positive.", SHARE, _rate, by_fold=k < 1,
    )  # fmt: skip


def f_beta(beta: float) -> DecisionMetric:
    """F-score in which recall weighs `beta` times as much as precision."""
    if not 0.0 < beta < np.inf:
        raise InputError(f"A beta of {number(beta)} makes no F-score.", "Give a number above 0, such as 2.")
    return DecisionMetric(
        f"f_beta:{beta:g}", f"F{beta:g}", True, partial(decided.f_score, beta=beta),
        f"One number for precision and recall, in which recall weighs {number(beta)} times as much.", SHARE,
        partial(_f_of_all, beta=beta),
    )  # fmt: skip


def expected_cost(miss: float, false_alarm: float) -> DecisionMetric:
    """What the mistakes cost on average, a row, in the unit of the two costs."""
    if not (min(miss, false_alarm) >= 0.0 and 0.0 < max(miss, false_alarm) < np.inf):
        raise InputError(
            f"A miss costs {number(miss)} and a false alarm {number(false_alarm)}.",
            "Give two amounts of 0 or more, not both 0.",
        )
    return DecisionMetric(
        f"expected_cost:{miss:.12g}:{false_alarm:.12g}", "Expected cost a row", False,
        partial(decided.cost_per_row, miss=miss, false_alarm=false_alarm),
        f"Where a miss costs {number(miss)} and a false alarm {number(false_alarm)}. Lower is better.",
        (0.0, float(max(miss, false_alarm))), lambda rate: min(rate * miss, (1.0 - rate) * false_alarm),
    )  # fmt: skip


BUILT: Mapping[str, Callable[..., Metric]] = {
    "recall_at_precision": recall_at_precision,
    "precision_at_k": precision_at_k,
    "f_beta": f_beta,
    "expected_cost": expected_cost,
}
"""Metrics that are built from numbers, which follow their name after colons."""

METRICS: tuple[Metric, ...] = (
    ScoreMetric("roc_auc", "ROC-AUC", True, scored.roc_auc,
                "Of one row of each class, how often the positive one scores higher. 0.5 is a coin, 1 is perfect.",
                SHARE, _half),
    ScoreMetric("average_precision", "Average precision", True, scored.average_precision,
                "How many alarms are right, averaged over all thresholds. Knowing nothing gets the positive rate.",
                SHARE, _rate),
    recall_at_precision(0.5),
    precision_at_k(0.1),
    ScoreMetric("brier", "Brier score", False, scored.brier,
                "Mean squared distance between the probability and what happened. Lower is better.",
                SHARE, lambda rate: rate * (1.0 - rate)),
    ScoreMetric("log_loss", "Log loss", False, scored.log_loss,
                "How surprised the model is by what happened; sure and wrong costs most. Lower is better.",
                (0.0, np.inf), _entropy),
    ScoreMetric("ece", "Calibration error", False, scored.calibration_error,
                "How far predicted and observed shares lie apart, over ten bins of equally many rows (ECE). Lower is "
                "better.", SHARE, lambda rate: min(rate, 1.0 - rate), by_fold=False, biased=True),
    DecisionMetric("f1", "F1", True, decided.f_score,
                   "One number for precision and recall (their harmonic mean). 0 finds nobody, 1 is perfect.",
                   SHARE, _f_of_all),
    f_beta(2.0),
    DecisionMetric("mcc", "MCC", True, decided.mcc,
                   "Correlation between decision and answer. 0 is no better than chance, 1 is perfect.", (-1.0, 1.0)),
    DecisionMetric("g_mean", "G-mean", True, decided.g_mean,
                   "Share found right in each class, multiplied and rooted. 0 where one class is never found."),
    DecisionMetric("balanced_accuracy", "Balanced accuracy", True, decided.balanced_accuracy,
                   "Share found right, averaged over the two classes. Always saying No gets 0.5.", SHARE, _half),
    DecisionMetric("precision", "Precision", True, decided.precision,
                   "Of the rows that raise an alarm, how many are truly positive.", SHARE, _rate),
    DecisionMetric("recall", "Recall", True, decided.recall,
                   "Of the truly positive rows, how many raise an alarm."),
)  # fmt: skip

SCORE_METRICS: tuple[ScoreMetric, ...] = tuple(m for m in METRICS if isinstance(m, ScoreMetric))
DECISION_METRICS: tuple[DecisionMetric, ...] = tuple(m for m in METRICS if isinstance(m, DecisionMetric))
_BY_NAME = {m.name: m for m in METRICS}


def at_every_cut(swept: Sweep, metrics: Sequence[DecisionMetric] = DECISION_METRICS) -> dict[str, np.ndarray]:
    """Metrics of decisions at all thresholds of a sweep, by name, arrays (d + 1,) beside `swept.thresholds`."""
    counts = swept.counts
    found = {m.name: np.empty(len(counts.tp)) for m in metrics}
    for start in range(0, len(counts.tp), scored.BLOCK):  # blocks that stay in the fastest memory
        part = slice(start, start + scored.BLOCK)
        here = Counts(*(c[part].astype(np.float64) for c in (counts.tp, counts.fp, counts.fn, counts.tn)))
        for m in metrics:
            found[m.name][part] = m.of(here)
    return found


@lru_cache(maxsize=256)
def metric(name: str) -> Metric:
    """The metric of that name, such as "roc_auc", "recall_at_precision:0.8" or "expected_cost:5:1" (a miss, a false
    alarm). Raises InputError where there is none, or where its numbers make no sense."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    family, *numbers = name.split(":")
    try:
        found = BUILT[family](*(float(text) for text in numbers))
    except (KeyError, TypeError, ValueError):
        raise InputError(f"There is no metric '{name}'.", f"The metrics are: {', '.join(_BY_NAME)}.") from None
    return _BY_NAME.get(found.name, found)


def decision_metric(name: str) -> DecisionMetric:
    """The metric of that name that judges decisions. Raises InputError where there is none."""
    found = metric(name)
    if not isinstance(found, DecisionMetric):
        names = ", ".join(m.name for m in DECISION_METRICS)
        raise InputError(f"{found.label} does not depend on a threshold.", f"Choose one of: {names}.")
    return found
