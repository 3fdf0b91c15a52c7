"""A verdict in words: which run to take, and whether these data can tell it from the others at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops_lib.evaluate.metrics import Metric
from mlops_lib.evaluate.planned import BETTER, LEVEL, REFERENCE, WORSE, fold_values, paired_test
from mlops_lib.evaluate.simplicity import preference, recipe_label
from mlops_lib.objects.run import Run
from mlops_lib.objects.words import counted, interval, number


@dataclass(frozen=True)
class Verdict:
    """`sentence` is the conclusion, `why` what it rests on; `recommended` the fingerprint of the run to take.

    `detectable` says whether any run is detectably better than the reference.
    """

    sentence: str
    why: str
    recommended: str
    detectable: bool


@dataclass(frozen=True, eq=False)
class _Evidence:
    runs: Mapping[str, Run]
    table: pd.DataFrame
    values: dict[str, np.ndarray]
    reference: str
    metric: Metric
    margin: float
    ratio: float | None

    def label(self, run: str) -> str:
        return recipe_label(self.runs[run].recipe)

    def signed(self, run: str) -> float:
        return float(self.values[run].mean()) * (1.0 if self.metric.higher_is_better else -1.0)

    def like(self, run: str, other: str) -> bool:
        """Whether two runs cannot be told apart (unadjusted, so that few are called alike), or not by the margin."""
        test = paired_test(self.values[run], self.values[other], self.ratio)
        return not test.p < LEVEL or abs(test.mean) <= self.margin

    def simplest(self, pool: list[str]) -> str:
        brier = dict(zip(self.table["run"], self.table["brier"], strict=True))
        return min(pool, key=lambda r: preference(self.runs[r].recipe, self.runs[r].fit_seconds, float(brier[r])))

    def stated(self, run: str) -> str:
        row = self.table.loc[self.table["run"] == run].iloc[0]
        name = self.metric.name
        return f"{number(float(row[name]))}, {interval(float(row[f'{name}_low']), float(row[f'{name}_high']))}"


def verdict(
    runs: Mapping[str, Run],
    table: pd.DataFrame,
    folds: pd.DataFrame,
    planned: pd.DataFrame,
    reference: str,
    metric: Metric,
    margin: float,
    ratio: float | None = None,
) -> Verdict:
    """The verdict on runs (all complete) from their planned comparisons."""
    evidence = _Evidence(runs, table, fold_values(folds, metric), reference, metric, margin, ratio)
    if reference not in runs:
        return _without_reference(evidence)
    against = planned[planned["kind"] == REFERENCE]
    better = [str(r) for r in against.loc[against["outcome"] == BETTER, "first"]]
    worse = set(against.loc[against["outcome"] == WORSE, "first"])
    if better:
        return _some_better(evidence, better, len(against))
    return _none_better(evidence, [r for r in runs if r not in worse], len(against))


def _without_reference(evidence: _Evidence) -> Verdict:
    best = max(evidence.runs, key=evidence.signed)
    chosen = evidence.simplest([r for r in evidence.runs if evidence.like(r, best)])
    return Verdict(
        "The reference has no result, so no run can be compared with it.",
        f"{evidence.label(chosen)} is the simplest that cannot be told from the best. Choose another reference.",
        chosen,
        False,
    )


def _some_better(evidence: _Evidence, better: list[str], compared: int) -> Verdict:
    best = max(better, key=evidence.signed)
    pool = [r for r in better if evidence.like(r, best)]
    chosen = evidence.simplest(pool)
    sentence = (
        f"{evidence.label(chosen)} is detectably better than the reference, {evidence.label(evidence.reference)} "
        f"({evidence.metric.label} {number(float(evidence.values[chosen].mean()))} against "
        f"{number(float(evidence.values[evidence.reference].mean()))})."
    )
    return Verdict(
        sentence, f"{_counted_better(better, compared)} {_choice(evidence, chosen, best, pool)}", chosen, True
    )


def _counted_better(better: list[str], compared: int) -> str:
    verb = "is" if len(better) == 1 else "are"
    return f"{counted(len(better), 'recipe')} of the {compared} compared {verb} detectably better."


def _choice(evidence: _Evidence, chosen: str, best: str, pool: list[str]) -> str:
    if len(pool) == 1:
        return "It has the highest value." if evidence.metric.higher_is_better else "It has the lowest value."
    if chosen == best:
        return f"{counted(len(pool) - 1, 'other')} cannot be told from it; it is the simplest of them."
    return (
        f"{evidence.label(best)} has the best value ({evidence.stated(best)}), but these data cannot tell them apart, "
        "and the simpler, faster one is preferred."
    )


def _none_better(evidence: _Evidence, alike: list[str], compared: int) -> Verdict:
    real = [r for r in alike if evidence.runs[r].recipe.model.name != "dummy"] or alike
    chosen = evidence.simplest(real)
    reference = evidence.label(evidence.reference)
    if compared == 0:
        return Verdict(f"{reference} is the only run with a result.", f"{evidence.metric.label}: "
                       f"{evidence.stated(evidence.reference)}.", chosen, False)  # fmt: skip
    sentence = (
        f"No detectable difference: none of the {counted(compared, 'other recipe')} is detectably better than the "
        f"reference, {reference} ({evidence.metric.label} {evidence.stated(evidence.reference)})."
    )
    kept = (
        "It is also the simplest of those that cannot be told from it, so keep it."
        if chosen == evidence.reference
        else f"{evidence.label(chosen)} cannot be told from it and is simpler, so it is preferred."
    )
    return Verdict(sentence, f"{kept}{_nothing_gained(evidence, chosen)}", chosen, False)


def _nothing_gained(evidence: _Evidence, chosen: str) -> str:
    dummies = [r for r in evidence.runs if evidence.runs[r].recipe.model.name == "dummy" and r != chosen]
    if dummies and evidence.like(chosen, dummies[0]):
        return (
            " But it cannot be told from doing nothing either: these data do not show that the target can be predicted."
        )
    return ""
