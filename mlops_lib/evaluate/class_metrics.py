"""Metrics of many classes: one line each, from sums over rows that carry weights.

The class with the highest probability is decided for. "macro" counts every class alike, "weighted" by its rows; a class
against all others is judged as a question with two answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mlops_lib.evaluate.score_metrics import average_precision, calibration_error, over, roc_auc
from mlops_lib.evaluate.sweep import Sweep

BINS = 2_048
"""Above this many distinct scores, resamples work on groups of neighbouring scores."""


@dataclass(frozen=True, eq=False)
class Levels:
    """Scores (n,) by value: `code` (n,) is the place of each row's score in `values` (d,), ascending and distinct."""

    code: np.ndarray
    values: np.ndarray

    def swept(self, positive: np.ndarray, weight: np.ndarray) -> Sweep:
        """The sweep of the rows with a weight above 0; `positive` bool (n,), `weight` float64 (n,)."""
        d = len(self.values)
        up = np.bincount(self.code[positive], weight[positive], minlength=d)
        down = np.bincount(self.code[~positive], weight[~positive], minlength=d)
        there = up + down > 0
        return Sweep(self.values[there], up[there], down[there])

    def grouped(self, most: int = BINS) -> Levels:
        """The same with neighbouring scores put together, so that at most `most` are left, about equally many rows in
        each; a group's score is the mean of its rows."""
        if len(self.values) <= most:
            return self
        rows = np.bincount(self.code)
        group = np.minimum((np.cumsum(rows) - rows / 2) / len(self.code) * most, most - 1).astype(np.int64)
        _, group = np.unique(group, return_inverse=True)
        return Levels(group[self.code], np.bincount(group, self.values * rows) / np.bincount(group, rows))


def levels(score: np.ndarray) -> Levels:
    """Scores (n,) by value."""
    values, code = np.unique(score, return_inverse=True)
    return Levels(code, values)


@dataclass(frozen=True, eq=False)
class ClassRows:
    """Rows made ready for judging under any weights.

    `truth` and `decided` are codes (n,), `by_class` the scores of each class by value, `top` those of the class decided
    for; `log_losses` and `squared` are what each row adds to log loss and Brier score, (n,).
    """

    truth: np.ndarray
    decided: np.ndarray
    by_class: tuple[Levels, ...]
    top: Levels
    log_losses: np.ndarray
    squared: np.ndarray

    @property
    def classes(self) -> int:
        return len(self.by_class)

    def grouped(self) -> ClassRows:
        """The same with scores in groups, which resamples are judged on."""
        few = tuple(one.grouped() for one in self.by_class)
        return ClassRows(self.truth, self.decided, few, self.top.grouped(), self.log_losses, self.squared)


def class_rows(truth: np.ndarray, score: np.ndarray) -> ClassRows:
    """Rows from their codes (n,) and probabilities (n, classes)."""
    n, k = score.shape
    truth, decided = truth.astype(np.int64), score.argmax(axis=1)
    tiny = np.finfo(np.float64).eps
    own = np.clip(score[np.arange(n), truth], tiny, 1.0 - tiny)
    squared = (score**2).sum(axis=1) - 2.0 * score[np.arange(n), truth] + 1.0
    by_class = tuple(levels(score[:, c]) for c in range(k))
    return ClassRows(truth, decided, by_class, levels(score.max(axis=1)), -np.log(own), squared)


@dataclass(frozen=True, eq=False)
class ClassSums:
    """What all metrics are made of: `confusion` (classes, classes), sums of weights by truth and decision; area and
    average precision of each class against the rest, (classes,), NaN where it has no row; three means over rows."""

    confusion: np.ndarray
    roc_auc: np.ndarray
    average_precision: np.ndarray
    log_loss: float
    brier: float
    ece: float

    @property
    def support(self) -> np.ndarray:
        """Rows (or weight) of each class, (classes,)."""
        return np.asarray(self.confusion.sum(axis=1))


def class_sums(rows: ClassRows, weight: np.ndarray) -> ClassSums:
    """Judge rows under weights, float64 (n,)."""
    k, total = rows.classes, float(weight.sum())
    confusion = np.bincount(rows.truth * k + rows.decided, weight, minlength=k * k).reshape(k, k)
    swept = [one.swept(rows.truth == code, weight) for code, one in enumerate(rows.by_class)]
    return ClassSums(
        confusion=confusion,
        roc_auc=np.array([float(roc_auc(one)) for one in swept]),
        average_precision=np.array([float(average_precision(one)) for one in swept]),
        log_loss=float(rows.log_losses @ weight) / total,
        brier=float(rows.squared @ weight) / total,
        ece=float(calibration_error(rows.top.swept(rows.truth == rows.decided, weight))),
    )


def precision_by_class(sums: ClassSums) -> np.ndarray:
    """Of the rows decided for a class, how many are of it; 0 where none is, NaN where the class has no row either."""
    return _share(np.diag(sums.confusion), sums.confusion.sum(axis=0), sums)


def recall_by_class(sums: ClassSums) -> np.ndarray:
    """Of the rows of a class, how many are decided for it; NaN where it has none."""
    return over(np.diag(sums.confusion), sums.support)


def f1_by_class(sums: ClassSums) -> np.ndarray:
    """Harmonic mean of the two, (classes,); 0 where nothing is right, NaN where the class occurs nowhere."""
    return _share(2.0 * np.diag(sums.confusion), sums.support + sums.confusion.sum(axis=0), sums)


def _share(part: np.ndarray, whole: np.ndarray, sums: ClassSums) -> np.ndarray:
    nowhere = (sums.support == 0) & (sums.confusion.sum(axis=0) == 0)
    share = np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)
    return np.where(nowhere, np.nan, share)


def _macro(of: Callable[[ClassSums], np.ndarray]) -> Callable[[ClassSums], float]:
    return lambda sums: float(np.nanmean(of(sums)))


def _weighted(of: Callable[[ClassSums], np.ndarray]) -> Callable[[ClassSums], float]:
    return lambda sums: float(np.nansum(of(sums) * sums.support) / sums.support.sum())


def _ranked(name: str, weighted: bool) -> Callable[[ClassSums], float]:
    def of(sums: ClassSums) -> float:
        value: np.ndarray = getattr(sums, name)
        there = sums.support > 0
        if not weighted:
            return float(value.mean())
        return float(value[there] @ sums.support[there] / sums.support.sum())

    return of


def accuracy(sums: ClassSums) -> float:
    """Share of rows decided rightly."""
    return float(np.trace(sums.confusion) / sums.confusion.sum())


def mcc(sums: ClassSums) -> float:
    """Correlation of decision and answer over all classes (Gorodkin 2004, equation 8); 0 where either is constant."""
    truth, decided, n = sums.support, sums.confusion.sum(axis=0), sums.confusion.sum()
    together = np.trace(sums.confusion) * n - truth @ decided
    apart = (n * n - truth @ truth) * (n * n - decided @ decided)
    return float(together / np.sqrt(apart)) if apart > 1e-9 * n**4 * np.finfo(np.float64).eps else 0.0


@dataclass(frozen=True)
class ClassMetric:
    """A metric of many classes; `of` returns NaN where it is not defined. `bounds` are the values it can take; `biased`
    says that a sample moves it, so that its interval is approximate always."""

    name: str
    label: str
    higher_is_better: bool
    of: Callable[[ClassSums], float]
    help: str
    bounds: tuple[float, float] = (0.0, 1.0)
    needs_threshold: bool = False
    biased: bool = False


CLASS_METRICS: tuple[ClassMetric, ...] = (
    ClassMetric("average_precision_macro", "Macro average precision", True, _ranked("average_precision", False),
                "Each class against the rest, how many of the rows ranked first are truly of it; the mean of the "
                "classes, so that a rare class counts as much as a common one."),
    ClassMetric("roc_auc_macro", "Macro ROC-AUC", True, _ranked("roc_auc", False),
                "Of one row of a class and one of another, how often the first scores higher for that class; the mean "
                "of the classes. 0.5 is a coin."),
    ClassMetric("f1_macro", "Macro F1", True, _macro(f1_by_class),
                "Precision and recall in one number for each class, then the mean: a class that is never found costs "
                "as much as a common one."),
    ClassMetric("balanced_accuracy", "Balanced accuracy", True, _macro(recall_by_class),
                "The share of each class that is found, the mean of the classes (macro recall). Always naming the most "
                "frequent class gets 1 / classes."),
    ClassMetric("precision_macro", "Macro precision", True, _macro(precision_by_class),
                "Of the rows decided for a class, how many are of it; the mean of the classes."),
    ClassMetric("mcc", "MCC", True, mcc,
                "Correlation between decision and answer over all classes. 0 is no better than chance, 1 is perfect.",
                bounds=(-1.0, 1.0)),
    ClassMetric("f1_weighted", "Weighted F1", True, _weighted(f1_by_class),
                "F1 of each class, weighed by its rows: common classes decide it."),
    ClassMetric("precision_weighted", "Weighted precision", True, _weighted(precision_by_class),
                "Precision of each class, weighed by its rows."),
    ClassMetric("roc_auc_weighted", "Weighted ROC-AUC", True, _ranked("roc_auc", True),
                "ROC-AUC of each class against the rest, weighed by its rows."),
    ClassMetric("average_precision_weighted", "Weighted average precision", True, _ranked("average_precision", True),
                "Average precision of each class against the rest, weighed by its rows."),
    ClassMetric("accuracy", "Accuracy", True, accuracy,
                "Share of rows decided rightly (weighted recall). Always naming the most frequent class may get most "
                "of it, so read it beside balanced accuracy."),
    ClassMetric("log_loss", "Log loss", False, lambda sums: sums.log_loss,
                "How surprised the model is by what happened; sure and wrong costs most. Lower is better.",
                bounds=(0.0, np.inf)),
    ClassMetric("brier", "Brier score", False, lambda sums: sums.brier,
                "Squared distance between the probabilities and what happened, summed over the classes, from 0 to 2. "
                "Lower is better.", bounds=(0.0, 2.0)),
    ClassMetric("ece", "Calibration error", False, lambda sums: sums.ece,
                "How far the probability of the class decided for lies from how often it is right, in ten bins. Lower "
                "is better.", biased=True),
)  # fmt: skip

BY_CLASS: dict[str, Callable[[ClassSums], np.ndarray]] = {
    "precision": precision_by_class,
    "recall": recall_by_class,
    "f1": f1_by_class,
    "roc_auc": lambda sums: sums.roc_auc,
    "average_precision": lambda sums: sums.average_precision,
}
"""The metrics of single classes, arrays (classes,)."""
