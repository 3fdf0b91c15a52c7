"""The leak meter: what the wrong order of steps pretends on one's own table, beside the right one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from mlops_lib.evaluate.comparison import Entry, judge
from mlops_lib.evaluate.intervals import Interval
from mlops_lib.evaluate.judged import Judged
from mlops_lib.evaluate.metrics import METRICS
from mlops_lib.objects.decision import Best, Policy
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.recipe import Leak, Model, Recipe, Sampler, Selection, Treatment
from mlops_lib.objects.run import Run
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.words import count, interval, listed, number
from mlops_lib.resample.catalogue import sampler_spec
from mlops_lib.threshold.choosing import thresholds_by_fold
from mlops_lib.threshold.compared import tested_to_trained
from mlops_lib.train.ladder import recipe_title
from mlops_lib.train.runs import load_run, out_of_fold
from mlops_lib.workspace.folder import Workspace

MEASURED = ("roc_auc", "average_precision", "f1", "balanced_accuracy", "brier")
VISIBLE = 0.005
"""A pretended gain in ROC-AUC below this is called none: it would not show in two decimals."""

DONE: dict[Leak, str] = {
    "sample": "Sampled before the split",
    "select": "Columns chosen before the split",
    "scale": "Filled and scaled before the split",
}
WHY: dict[Leak, str] = {
    "sample": "Copies and blends of a row land on both sides of the split: the model is tested on rows it has learnt "
    "from, and on rows that no one observed, in a mix of classes that does not exist.",
    "select": "The columns were chosen with a look at the answers of the rows that the model is tested on. The price "
    "grows with the number of columns that mean nothing.",
    "scale": "The means, levels and limits of the test rows were known in training. The answers were not, so the price "
    "is small on most tables; it is large where test rows are few or drift away.",
}


@dataclass(frozen=True, eq=False)
class LeakMeter:
    """The same recipe in the right order and in the wrong one.

    `table` has one row a metric: `metric`, `label`, `higher_is_better`, `honest`, `wrong`, each also with `_low` and
    `_high` (95 %), and `gain`, what the wrong order pretends (above 0 is better than the truth). `rows`, `positives`
    are those the honest run is judged on, `judged`, `judged_positives` those of the wrong one.
    """

    honest: str
    wrong: str
    recipe: str
    leak: tuple[Leak, ...]
    table: pd.DataFrame
    rows: int
    positives: int
    judged: int
    judged_positives: int
    positive: str

    @property
    def sentence(self) -> str:
        """What the mistake pretends, in points of ROC-AUC."""
        line = self.table[self.table["metric"] == "roc_auc"].iloc[0]
        honest = f"{number(line['honest'])} ({interval(line['honest_low'], line['honest_high'])})"
        said = f"{_done(self.leak)}, {self.recipe} shows a ROC-AUC of {number(line['wrong'])}"
        if abs(line["gain"]) < VISIBLE:
            return f"{said}; in the right order it is {honest}. Here the mistake pretends next to nothing."
        if line["gain"] < 0:
            return f"{said}; in the right order it is {honest}. Here the mistake does not even flatter."
        return f"{said}; in the right order it is {honest}: {number(100 * line['gain'])} points are not real."

    @property
    def why(self) -> str:
        """Where the difference comes from, with the rows that each run was judged on."""
        reasons = " ".join(WHY[leak] for leak in self.leak)
        if self.judged == self.rows and self.judged_positives == self.positives:
            return reasons
        return (
            f"{reasons} It was judged on {count(self.judged)} rows, {count(self.judged_positives)} of them "
            f"'{self.positive}'; the training rows are {count(self.rows)} and {count(self.positives)}."
        )


def _done(leak: tuple[Leak, ...]) -> str:
    first, *more = [DONE[one] for one in leak]
    return listed([first, *(words[0].lower() + words[1:] for words in more)])


def leak_recipes(
    leak: Leak,
    model: Model,
    sampler: Sampler,
    selection: Selection,
    treatments: tuple[Treatment, ...] = (),
) -> tuple[Recipe, Recipe]:
    """A recipe in the right order and the same in the wrong one; only what the mistake is about is in it.

    Raises InputError for sampling without a sampler.
    """
    if leak == "sample" and sampler.name == "none":
        raise InputError("Without a sampler nothing is sampled before the split.", "Choose a sampler.")
    rung = {"sample": sampler_spec(sampler.name).label, "select": "selection", "scale": "base"}[leak]
    right = Recipe(
        model,
        rung=rung,
        treatments=treatments,
        selection=selection if leak == "select" else None,
        sampler=sampler if leak == "sample" else None,
        calibration="sigmoid" if leak == "sample" else "none",
    )
    return right, replace(right, leak=(leak,))


def leak_meter(workspace: Workspace, honest: Run, wrong: Run, policy: Policy | None = None) -> LeakMeter:
    """Hold a run against the same recipe in the wrong order, each at thresholds chosen as it would choose them.

    Raises
    ------
    InputError : `wrong` has no leak, or the two are not the same recipe otherwise.
    NotPossibleError : one of them has no result.
    """
    if not wrong.recipe.leak or replace(wrong.recipe, leak=()) != honest.recipe:
        raise InputError("These runs are not one recipe in the right and in the wrong order.", "Train both of them.")
    for run in (honest, wrong):
        if run.state != "complete":
            why = f"{run.failure.message} {run.failure.hint}".strip() if run.failure else "It was not finished."
            raise NotPossibleError(f"The run {recipe_title(run.recipe)} has no result. {why}", "Mend that first.")
    plan = workspace.get(SplitPlan, honest.split)
    right, pretended = (_judged(workspace, run, policy or Best("f1"), plan) for run in (honest, wrong))
    first, second = out_of_fold(workspace, honest), out_of_fold(workspace, wrong)
    return LeakMeter(
        honest.fingerprint,
        wrong.fingerprint,
        recipe_title(honest.recipe),
        wrong.recipe.leak,
        _table(right, pretended),
        first.n,
        first.positives,
        second.n,
        second.positives,
        first.names[-1],
    )


def leak_spec(honest: Run, wrong: Run) -> dict[str, str]:
    """The spec of the job kind "leak_meter"."""
    return {"honest": honest.fingerprint, "wrong": wrong.fingerprint}


def leak_job(workspace: Workspace, spec: Mapping[str, str], emit: Callable[[object], None] | None = None) -> LeakMeter:
    """The job kind "leak_meter"; for few rows it may as well be called at once."""
    if emit is not None:
        emit(Progress(0, 1, "Judging both orders"))
    return leak_meter(workspace, load_run(workspace, spec["honest"]), load_run(workspace, spec["wrong"]))


def _judged(workspace: Workspace, run: Run, policy: Policy, plan: SplitPlan) -> Judged:
    predictions, forward = out_of_fold(workspace, run), plan.kind == "time"
    thresholds = thresholds_by_fold(predictions, policy, run.calibrator.odds, forward)
    return judge(Entry(run, predictions, thresholds, forward), tested_to_trained(plan))


def _table(honest: Judged, wrong: Judged) -> pd.DataFrame:
    rows = []
    for one in (m for m in METRICS if m.name in MEASURED):
        right, other = honest.intervals[one.name], wrong.intervals[one.name]
        gain = (other.value - right.value) * (1 if one.higher_is_better else -1)
        told = {"metric": one.name, "label": one.label, "higher_is_better": one.higher_is_better, "gain": gain}
        rows.append({**told, **_spread("honest", right), **_spread("wrong", other)})
    return pd.DataFrame(rows)


def _spread(name: str, found: Interval) -> dict[str, float]:
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
