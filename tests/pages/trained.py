"""A small ladder trained once on the employee sample, for the tests of every page that needs runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from streamlit.testing.v1 import AppTest

from mlops_lib.data.profile import propose_columns
from mlops_lib.data.samples import SAMPLES, load_sample
from mlops_lib.data.splits import plan_split
from mlops_lib.objects.run import Failure, Run
from mlops_lib.objects.schema import Schema
from mlops_lib.threshold.compared import stored_runs
from mlops_lib.train.experiment_opening import new_experiment
from mlops_lib.train.ladder import ladder
from mlops_lib.train.runs import run_fingerprint, save_failed
from mlops_lib.train.training import train
from mlops_lib.workspace.folder import Workspace, open_workspace
from tests.pages.conftest import texts


def train_small(folder: Path) -> dict[str, str]:
    """Train three recipes and note a fourth as failed; returns the nouns a session would have chosen."""
    workspace = open_workspace(folder)
    sample = SAMPLES["employees"]
    dataset = load_sample(workspace, "employees")
    columns = tuple(replace(c, role="target") if c.name == sample.target else c for c in propose_columns(dataset))
    schema = Schema(dataset.fingerprint, columns, sample.question)
    plan = plan_split(dataset, schema)
    recipes = ladder(models=["logistic_regression"], rungs=["nothing", "base", "selection", "sampling"])
    experiment = new_experiment(plan, recipes)
    for noun in (schema, plan, experiment):
        workspace.put(noun)
    for _ in train(workspace, replace(experiment, recipes=recipes[:3])):
        pass
    _note_failure(workspace, Run(
        run_fingerprint(experiment, recipes[3]), dataset.fingerprint, schema.fingerprint, plan.fingerprint, 0,
        recipes[3], "failed", failure=Failure("SMOTEENN left no row of 'Yes'.", "Choose another sampler."),
    ))  # fmt: skip
    runs = stored_runs(workspace, experiment)
    return {
        "dataset": dataset.fingerprint, "schema": schema.fingerprint, "split": plan.fingerprint,
        "experiment": experiment.fingerprint, "dummy": runs[0].fingerprint, "run": runs[1].fingerprint,
        "selection": runs[2].fingerprint,
    }  # fmt: skip


def said(app: AppTest) -> str:
    """Everything the page says, without the escapes of Markdown."""
    return texts(app).replace("\\", "")


def view_of(app: AppTest) -> str:
    """The id of the state that the address shows."""
    view = app.query_params["view"]
    return view if isinstance(view, str) else view[0]


def _note_failure(workspace: Workspace, run: Run) -> None:
    save_failed(workspace, run)
