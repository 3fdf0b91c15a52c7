"""A verdict in words: which run to take, and whether these data can tell it from the others at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from mlops_lib.evaluate.judged import AnyMetric
from mlops_lib.evaluate.planned import BETTER, LEVEL, REFERENCE, UNDEFINED, WORSE, Paired
from mlops_lib.evaluate.simplicity import preference
from mlops_lib.objects.run import Run
from mlops_lib.objects.words import counted, interval, number, p_value
from mlops_lib.train.ladder import recipe_title
from mlops_lib.train.remedies import REFERENCES


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
    paired: Paired
    reference: str
    metric: AnyMetric
    margin: float

    def label(self, run: str) -> str:
        return recipe_title(self.runs[run].recipe)

    def signed(self, run: str) -> float:
        return self.paired.value(run) * (1.0 if self.metric.higher_is_better else -1.0)

    def told_apart(self, run: str, other: str) -> bool:
        """Whether the data tell two runs apart, however small the difference (unadjusted: few are called alike)."""
        return bool(self.paired.test(run, other).p < LEVEL)

    def like(self, run: str, other: str) -> bool:
        """Whether two runs cannot be told apart, or differ by no more than the margin."""
        return not self.told_apart(run, other) or abs(self.paired.test(run, other).mean) <= self.margin

    def beats(self, run: str, other: str) -> bool:
        """Whether a run is detectably better than another, however little."""
        return self.told_apart(run, other) and self.signed(run) > self.signed(other)

    def key(self, run: str) -> tuple[int, int, int, float]:
        """What `preference` says of a run."""
        loss = dict(zip(self.table["run"], self.table["brier" if "brier" in self.table else "rmse"], strict=True))
        return preference(self.runs[run].recipe, self.runs[run].fit_seconds, float(loss[run]))

    def simplest(self, pool: list[str]) -> str:
        return min(pool, key=self.key)

    def advantage(self, run: str, other: str) -> str:
        """Why `preference` puts a run before another one."""
        own, others = self.key(run), self.key(other)
        return "simpler" if own[:2] != others[:2] else "faster" if own[2] != others[2] else self._last

    @property
    def _last(self) -> str:
        """What the last part of `preference` says: the Brier score, or for a number the RMSE, is lower."""
        return "better calibrated" if "brier" in self.table else "closer"

    def stated(self, run: str) -> str:
        row = self.table.loc[self.table["run"] == run].iloc[0]
        name = self.metric.name
        return f"{number(float(row[name]))}, {interval(float(row[f'{name}_low']), float(row[f'{name}_high']))}"


def verdict(
    runs: Mapping[str, Run],
    table: pd.DataFrame,
    paired: Paired,
    planned: pd.DataFrame,
    reference: str,
    metric: AnyMetric,
    margin: float,
) -> Verdict:
    """The verdict on runs (all complete, made in the right order) from their planned comparisons."""
    evidence = _Evidence(runs, table, paired, reference, metric, margin)
    if reference not in runs:
        return _without_reference(evidence)
    against = planned[planned["kind"] == REFERENCE]
    if len(against) and (against["outcome"] == UNDEFINED).all():
        return _nothing_known(evidence)
    better = [str(r) for r in against.loc[against["outcome"] == BETTER, "first"]]
    worse = set(against.loc[against["outcome"] == WORSE, "first"])
    if better:
        return _some_better(evidence, better, len(against))
    return _none_better(evidence, [r for r in runs if r not in worse and evidence.like(r, reference)], against)


def _nothing_known(evidence: _Evidence) -> Verdict:
    return Verdict(
        f"{evidence.metric.label} is not defined in every fold, so it cannot tell the runs apart.",
        "Choose another metric, or draw the rows again for a paired bootstrap.",
        evidence.reference,
        False,
    )


def _without_reference(evidence: _Evidence) -> Verdict:
    best = max(evidence.runs, key=evidence.signed)
    chosen = evidence.simplest([r for r in evidence.runs if evidence.like(r, best)])
    return Verdict(
        "The reference has no result, so no run can be compared with it.",
        f"{evidence.label(chosen)} is the simplest of those about as good as the best. Choose another reference.",
        chosen,
        False,
    )


def _some_better(evidence: _Evidence, better: list[str], compared: int) -> Verdict:
    best = max(better, key=evidence.signed)
    pool = [r for r in better if evidence.like(r, best)]
    chosen = evidence.simplest(pool)
    sentence = (
        f"{evidence.label(chosen)} is detectably better than the reference, {evidence.label(evidence.reference)} "
        f"({evidence.metric.label} {number(evidence.paired.value(chosen))} against "
        f"{number(evidence.paired.value(evidence.reference))})."
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
        verb = "is" if len(pool) == 2 else "are"
        return f"{counted(len(pool) - 1, 'other')} {verb} about as good; it is preferred as the simplest."
    apart = evidence.told_apart(chosen, best)
    why = f"the difference is below {number(evidence.margin)}" if apart else "these data cannot tell them apart"
    return (
        f"{evidence.label(best)} has the best value ({evidence.stated(best)}), but {why}, "
        f"and the {evidence.advantage(chosen, best)} one is preferred."
    )


def _none_better(evidence: _Evidence, alike: list[str], against: pd.DataFrame) -> Verdict:
    compared = len(against)
    real = [r for r in alike if evidence.runs[r].recipe.model.name not in REFERENCES] or alike
    chosen = evidence.simplest(real)
    reference = evidence.label(evidence.reference)
    if compared == 0:
        return Verdict(f"{reference} is the only run with a result.", f"{evidence.metric.label}: "
                       f"{evidence.stated(evidence.reference)}.", chosen, False)  # fmt: skip
    sentence = (
        f"No detectable difference: {_none_of(compared)} detectably better than the "
        f"reference, {reference} ({evidence.metric.label} {evidence.stated(evidence.reference)})."
    )
    why = f"{_ahead(evidence, chosen, against)}{_kept(evidence, chosen)}{_nothing_gained(evidence, chosen)}"
    return Verdict(sentence, why, chosen, False)


def _none_of(compared: int) -> str:
    return "the other recipe is not" if compared == 1 else f"none of the {compared} other recipes is"


def _ahead(evidence: _Evidence, chosen: str, against: pd.DataFrame) -> str:
    """Why the run with the best value is not preferred, where it is another one; ends with a blank."""
    known = against.dropna(subset=["p_holm"]).set_index("first")
    pool = [r for r in evidence.runs if r in (chosen, evidence.reference) or r in known.index]
    best = max(pool, key=evidence.signed)
    if best in (chosen, evidence.reference):
        return ""
    if not evidence.told_apart(best, evidence.reference):
        why = "these data cannot tell it from the reference"
    elif evidence.like(best, evidence.reference):
        why = f"it is ahead by less than {number(evidence.margin)}, the margin that matters"
    else:
        adjusted = p_value(float(known["p_holm"].loc[best]))
        why = f"among so many comparisons such a lead may be chance (adjusted p {adjusted})"
    return f"{evidence.label(best)} has the best value ({evidence.stated(best)}), but {why}. "


def _kept(evidence: _Evidence, chosen: str) -> str:
    if chosen == evidence.reference:
        return f"None that is about as good is simpler, so keep {evidence.label(chosen)}."
    apart = evidence.told_apart(chosen, evidence.reference)
    how = "is practically equal to the reference" if apart else "cannot be told from the reference"
    return (
        f"{evidence.label(chosen)} {how} and is {evidence.advantage(chosen, evidence.reference)}, so it is preferred."
    )


def _nothing_gained(evidence: _Evidence, chosen: str) -> str:
    dummies = [r for r in evidence.runs if evidence.runs[r].recipe.model.name == "dummy" and r != chosen]
    if dummies and not evidence.beats(chosen, dummies[0]):
        return (
            f" But in {evidence.metric.label} it is not detectably better than doing nothing: these data do not show "
            "that the target can be predicted."
        )
    return ""
