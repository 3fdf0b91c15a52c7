"""Whether a selection rule keeps the same features on the training rows of every fold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from mlops_lib.explore.rows import features, look
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.recipe import Selection
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.stats.selection import Measured, decide, measure

Tell: TypeAlias = Callable[[int, int], None]
"""Takes how many folds are measured, and of how many."""


@dataclass(frozen=True, eq=False)
class MeasuredFolds:
    """What a rule looks at in each fold, and how many rows each fold trains on; depends on the rows alone."""

    folds: tuple[Measured, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Survival:
    """What a rule makes of each feature in every fold.

    `by_fold` has a row for each fold and feature: fold (from 1), feature, n, strength, adjusted_p, significant, kept,
    rank (1 the strongest; NaN where there is no test) and reason. `table` has a row a feature: feature; kept,
    significant and tested, each a number of folds; effect_low, effect_mean and effect_high (the strength over folds);
    rank_low and rank_high (its best and its worst place). `rows` counts what each fold trains on.
    """

    rule: Selection
    rows: tuple[int, ...]
    table: pd.DataFrame
    by_fold: pd.DataFrame

    @property
    def folds(self) -> int:
        """Number of folds."""
        return len(self.rows)


def measure_folds(dataset: Dataset, schema: Schema, plan: SplitPlan, tell: Tell | None = None) -> MeasuredFolds:
    """Test every feature on the training rows of each fold, as training does; no treatment, no intervals.

    Raises what `explore.feature_tests.run_tests` raises.
    """
    looked = look(dataset, schema, plan)
    columns = features(dataset, schema, looked.rows, schema.features())
    answers, measured, sizes = looked.answers, [], []
    for fold in range(plan.folds):
        if tell is not None:
            tell(fold, plan.folds)
        inside = np.searchsorted(looked.rows, plan.fold_training_rows(fold))
        taken = {name: column.take(inside) for name, column in columns.items()}
        measured.append(measure(taken, answers[inside], intervals=False))
        sizes.append(len(inside))
    return MeasuredFolds(tuple(measured), tuple(sizes))


def apply_in_folds(folds: MeasuredFolds, rule: Selection) -> Survival:
    """What a rule keeps in each fold, from tests that were made before; takes milliseconds whatever the rows."""
    parts = [_fold(number, measured, rule) for number, measured in enumerate(folds.folds, start=1)]
    return Survival(rule, folds.rows, _over_folds(parts), pd.concat(parts, ignore_index=True))


def survival(dataset: Dataset, schema: Schema, plan: SplitPlan, rule: Selection) -> Survival:
    """Measuring and deciding in one call."""
    return apply_in_folds(measure_folds(dataset, schema, plan), rule)


def _fold(number: int, measured: Measured, rule: Selection) -> pd.DataFrame:
    table = decide(measured, rule).table
    return pd.DataFrame(
        {
            "fold": number,
            "feature": table["feature"],
            "n": table["n"],
            "strength": table["strength"],
            "adjusted_p": table["adjusted_p"],
            "significant": table["adjusted_p"] <= rule.max_p,
            "kept": table["kept"],
            "rank": table["strength"].rank(ascending=False, method="min"),
            "reason": table["reason"],
        }
    )


def _over_folds(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """One row a feature; the features come in the same order in every part."""
    kept, significant, strength, rank = (
        np.array([part[name] for part in parts]) for name in ("kept", "significant", "strength", "rank")
    )
    tested = np.count_nonzero(~np.isnan(rank), axis=0)
    return pd.DataFrame(
        {
            "feature": parts[0]["feature"],
            "kept": kept.sum(axis=0),
            "significant": significant.sum(axis=0),
            "tested": tested,
            "effect_low": np.fmin.reduce(strength),
            "effect_mean": np.where(tested > 0, np.nansum(strength, axis=0) / np.maximum(tested, 1), np.nan),
            "effect_high": np.fmax.reduce(strength),
            "rank_low": np.fmin.reduce(rank),
            "rank_high": np.fmax.reduce(rank),
        }
    )
