"""A metric of any kind of target as one number a fold, for what asks it of the same run again and again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mlops_lib.evaluate.class_metrics import ClassMetric, class_rows, class_sums
from mlops_lib.evaluate.judged import AnyMetric
from mlops_lib.evaluate.metrics import DecisionMetric, ScoreMetric
from mlops_lib.evaluate.number_metrics import NumberMetric
from mlops_lib.evaluate.outcomes import metric_of
from mlops_lib.evaluate.sweep import counts_at, sweep
from mlops_lib.objects.target import Outcome


@dataclass(frozen=True)
class Measure:
    """A metric as these parts need it: `of(truth, score, threshold, weight)` gives one number, NaN where undefined.

    `perfect` is its best value: 1, or 0 where lower is better.
    """

    name: str
    label: str
    higher_is_better: bool
    of: Callable[[np.ndarray, np.ndarray, float, np.ndarray | None], float]
    needs_threshold: bool = False

    @property
    def perfect(self) -> float:
        return 1.0 if self.higher_is_better else 0.0

    @property
    def sign(self) -> float:
        return 1.0 if self.higher_is_better else -1.0


@dataclass(frozen=True, eq=False)
class Scores:
    """Truth, score and fold of some rows, (n,) each (score (n, classes) for many classes); `thresholds` by fold."""

    truth: np.ndarray
    score: np.ndarray
    fold: np.ndarray
    thresholds: np.ndarray | None = None
    weight: np.ndarray | None = None

    def by_fold(self, measure: Measure) -> np.ndarray:
        """The metric in each fold that has rows, in fold order, (k,)."""
        return np.array([self._one(measure, int(k)) for k in np.unique(self.fold)])

    def _one(self, measure: Measure, fold: int) -> float:
        mine = self.fold == fold
        threshold = 0.5 if self.thresholds is None else float(self.thresholds[fold])
        weight = None if self.weight is None else self.weight[mine]
        return measure.of(self.truth[mine], self.score[mine], threshold, weight)


def measure_of(kind: Outcome, name: str) -> Measure:
    """The metric of that name for a kind of target ("": the one that leads). Raises InputError where there is none."""
    one = metric_of(kind, name)
    return Measure(one.name, one.label, one.higher_is_better, _value(one), one.needs_threshold)


def _value(one: AnyMetric) -> Callable[[np.ndarray, np.ndarray, float, np.ndarray | None], float]:
    def of(truth: np.ndarray, score: np.ndarray, threshold: float, weight: np.ndarray | None) -> float:
        if isinstance(one, ScoreMetric):
            return float(one.of(sweep(truth, score, weight)))
        if isinstance(one, DecisionMetric):
            return float(one.of(counts_at(truth, score, threshold, weight)))
        counted = np.ones(len(truth)) if weight is None else weight
        if isinstance(one, ClassMetric):
            return one.of(class_sums(class_rows(truth, score), counted))
        assert isinstance(one, NumberMetric)
        return one.of(truth, score, counted)

    return of
