"""Planned comparisons: every run against the reference, and the runs of one model against each other."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
import pandas as pd

from mlops_lib.evaluate.intervals import FoldTest, corrected_t
from mlops_lib.evaluate.metrics import Metric
from mlops_lib.objects.run import Run
from mlops_lib.stats.multiple import holm
from mlops_lib.train.ladder import recipe_title

LEVEL = 0.05
REFERENCE, WITHIN = "against the reference", "within one model"
BETTER, WORSE, SAME, UNKNOWN = "better", "worse", "practically equal", "no detectable difference"
UNDEFINED = "not defined in every fold"


def planned_comparisons(
    runs: Mapping[str, Run],
    folds: pd.DataFrame,
    reference: str,
    metric: Metric,
    margin: float,
    ratio: float | None = None,
) -> pd.DataFrame:
    """The corrected resampled t-test of each planned pair, Holm-adjusted over all of them.

    `folds` has a row a run and fold. Columns: `kind` (REFERENCE or WITHIN), `first`, `second` (fingerprints),
    `first_recipe`, `second_recipe`, `difference` (first - second, mean of the folds), `low`, `high` (95 %), `t`, `df`,
    `p`, `p_holm`, `outcome` (of the first: BETTER, WORSE, SAME, UNKNOWN or UNDEFINED).
    A difference counts when p_holm < 0.05 and its interval is not wholly inside ± margin.
    """
    values = fold_values(folds, metric)
    tests = {
        (a, b, kind): paired_test(values[a], values[b], ratio) for a, b, kind in _pairs(runs, reference)
    }  # fmt: skip
    adjusted = holm(np.array([t.p for t in tests.values()]))
    rows = [
        {
            "kind": kind, "first": a, "second": b, "first_recipe": recipe_title(runs[a].recipe),
            "second_recipe": recipe_title(runs[b].recipe), "difference": test.mean, "low": test.low, "high": test.high,
            "t": test.statistic, "df": test.df, "p": test.p, "p_holm": p,
            "outcome": outcome(test, p, metric.higher_is_better, margin),
        }
        for ((a, b, kind), test), p in zip(tests.items(), adjusted, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(_COLUMNS))


_COLUMNS = (
    "kind", "first", "second", "first_recipe", "second_recipe", "difference", "low", "high", "t", "df", "p", "p_holm",
    "outcome",
)  # fmt: skip


def fold_values(folds: pd.DataFrame, metric: Metric) -> dict[str, np.ndarray]:
    """The metric of every run in each fold, arrays (k,) in fold order."""
    return {
        str(run): part.sort_values("fold")[metric.name].to_numpy() for run, part in folds.groupby("run", sort=False)
    }


def paired_test(first: np.ndarray, second: np.ndarray, ratio: float | None = None) -> FoldTest:
    """Corrected resampled t-test of two runs' values (k,) on the same folds."""
    difference = first - second
    return corrected_t(difference, 1.0 / max(len(difference) - 1, 1) if ratio is None else ratio)


def _pairs(runs: Mapping[str, Run], reference: str) -> list[tuple[str, str, str]]:
    pairs = [(run, reference, REFERENCE) for run in runs if run != reference and reference in runs]
    planned = {frozenset((a, b)) for a, b, _ in pairs}
    for a, b in itertools.combinations(runs, 2):
        if runs[a].recipe.model.name == runs[b].recipe.model.name and frozenset((a, b)) not in planned:
            pairs.append((b, a, WITHIN))
    return pairs


def outcome(test: FoldTest, p_holm: float, higher_is_better: bool, margin: float) -> str:
    """What a test says of the first run, in words."""
    if np.isnan(p_holm):
        return UNDEFINED
    if -margin <= test.low and test.high <= margin:
        return SAME
    if p_holm >= LEVEL:
        return UNKNOWN
    return BETTER if (test.mean > 0) == higher_is_better else WORSE
