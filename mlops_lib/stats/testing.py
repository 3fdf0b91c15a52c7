"""The test that suits a feature and a target, by their kinds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mlops_lib.stats.chi_square import chi_square, contingency
from mlops_lib.stats.features import Feature
from mlops_lib.stats.kruskal import ONE_VALUE, kruskal
from mlops_lib.stats.ranks import Ranked, ranked
from mlops_lib.stats.result import TestResult
from mlops_lib.stats.spearman import spearman


@dataclass(frozen=True, eq=False)
class Answers:
    """The target on n rows: integer class codes (`n_classes` of them), or float64 numbers (`n_classes` 0).

    Codes are of the smallest integer type that holds them; products need a wider one.
    """

    values: np.ndarray
    n_classes: int

    @cached_property
    def ranks(self) -> Ranked | None:
        """Ranks of a numeric target that every feature without gaps shares; None where it has gaps itself."""
        return None if np.isnan(self.values).any() else ranked(self.values)

    @classmethod
    def of(cls, values: np.ndarray) -> Answers:
        """Integers and booleans are class codes, floats are numbers."""
        if values.dtype.kind == "f":
            return cls(values, 0)
        n_classes = int(values.max()) + 1 if len(values) else 0
        return cls(values.astype(np.min_scalar_type(-n_classes - 1), copy=False), n_classes)


def run_test(feature: Feature, answers: Answers, *, intervals: bool = False) -> TestResult:
    """Chi-square (categories, classes), Kruskal-Wallis (a number across groups) or Spearman (two numbers)."""
    categorical, classes = feature.kind == "categorical", answers.n_classes > 0
    if categorical and classes:
        table = contingency(feature.values, answers.values, len(feature.levels), answers.n_classes)
        return chi_square(table, intervals=intervals)
    if classes:
        return kruskal(feature.values, answers.values, answers.n_classes, intervals=intervals)
    if categorical:
        reasons = (ONE_VALUE, "the target has one value in these rows")
        return kruskal(answers.values, feature.values, len(feature.levels), intervals=intervals, reasons=reasons)
    return spearman(feature.values, answers.values, intervals=intervals, target_ranks=answers.ranks)
