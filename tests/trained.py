"""A small table with every kind of column, trained with every model: built once a session, copied for each test."""

from __future__ import annotations

import atexit
import functools
import io
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from mlops_lib.data.datasets import keep_upload, read_and_keep
from mlops_lib.data.splits import plan_split
from mlops_lib.objects.decision import Cost, Decision
from mlops_lib.objects.experiment import Experiment
from mlops_lib.objects.recipe import Model, Recipe, Selection
from mlops_lib.objects.run import Run
from mlops_lib.objects.schema import Classes, Column, Schema
from mlops_lib.registry.settings import prepare_store
from mlops_lib.threshold.choosing import choose
from mlops_lib.train.runs import load_run, out_of_fold, run_fingerprint
from mlops_lib.train.training import train
from mlops_lib.workspace.folder import Workspace

ROWS = 360
SMALL = {
    "logistic_regression": (),
    "random_forest": (("n_estimators", 20),),
    "extra_trees": (("n_estimators", 20),),
    "hist_gradient_boosting": (("max_iter", 20),),
    "lightgbm": (("n_estimators", 20),),
}
KINDS = {
    "age": "numeric",
    "income": "numeric",
    "grade": "categorical",
    "dept": "categorical",
    "city": "categorical",
    "joined": "date",
}


@dataclass(frozen=True)
class Trained:
    """A workspace with runs. `runs` has one base run a model, "dummy" and "weights" (selection, weights, sigmoid)."""

    workspace: Workspace
    experiment: Experiment
    runs: dict[str, Run]

    def decision(self, name: str = "logistic_regression") -> Decision:
        """The least costly threshold of a run, kept in the workspace."""
        made = choose(out_of_fold(self.workspace, self.runs[name]), Cost(10.0, 1.0, "EUR"), resamples=50)
        self.workspace.put(made)
        return made


def people(rows: int = ROWS, seed: int = 0) -> pd.DataFrame:
    """Employees: numbers, codes and labels (one of each with gaps), a date, an id and an answer."""
    rng = np.random.default_rng(seed)
    age = rng.integers(20, 60, rows).astype(float)
    income = np.round(rng.lognormal(8, 0.4, rows), 2)
    dept = rng.choice(["Sales", "R&D", "HR"], rows, p=[0.5, 0.35, 0.15])
    chance = 1 / (1 + np.exp(-(-1.2 - 0.06 * (age - 40) + 1.4 * (dept == "Sales") - 0.8 * (np.log(income) - 8))))
    return pd.DataFrame(
        {
            "id": np.arange(rows) + 1000,
            "age": np.where(rng.random(rows) < 0.05, np.nan, age),
            "income": income,
            "grade": rng.integers(1, 4, rows),
            "dept": np.where(rng.random(rows) < 0.04, None, dept),
            "city": rng.choice([f"city {k}" for k in range(9)], rows),
            "joined": (pd.Timestamp("2015-01-01") + pd.to_timedelta(rng.integers(0, 2000, rows), "D")).astype(str),
            "left": np.where(rng.random(rows) < chance, "Yes", "No"),
        }
    )


def csv(frame: pd.DataFrame) -> bytes:
    """A frame as a user would upload it."""
    text = io.StringIO()
    frame.to_csv(text, index=False)
    return text.getvalue().encode()


def trained(root: Path) -> Trained:
    """A copy of the trained workspace at `root`, which must not exist."""
    shutil.copytree(_template(), root)
    return _opened(Workspace(root))


@functools.cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="fulcrum-trained-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    workspace = Workspace(folder / "home")
    workspace.root.mkdir()
    prepare_store(workspace)
    list(train(workspace, _experiment(workspace)))
    return workspace.root


def _opened(workspace: Workspace) -> Trained:
    experiment = _experiment(workspace)
    by_recipe = {r.fingerprint: load_run(workspace, run_fingerprint(experiment, r)) for r in experiment.recipes}
    names = ["dummy", *SMALL, "weights"]
    runs = {name: by_recipe[r.fingerprint] for name, r in zip(names, experiment.recipes, strict=True)}
    return Trained(workspace, experiment, runs)


def _experiment(workspace: Workspace) -> Experiment:
    dataset = read_and_keep(workspace, keep_upload(workspace, csv(people())), "people.csv")
    columns = [Column("id", "identifier", "ignored"), *(Column(n, k, "feature") for n, k in KINDS.items())]
    schema = Schema(dataset.fingerprint, (*columns, Column("left", "categorical", "target")), Classes("Yes"))
    plan = plan_split(dataset, schema, folds=3)
    workspace.put(schema)
    workspace.put(plan)
    base = [Recipe(Model(name, settings)) for name, settings in SMALL.items()]
    weights = Recipe(
        Model("logistic_regression"),
        rung="selection + class weights",
        selection=Selection(max_p=0.5),
        class_weight="balanced",
        calibration="sigmoid",
    )
    recipes = (Recipe(Model("dummy"), rung="do nothing"), *base, weights)
    experiment = Experiment(dataset.fingerprint, schema.fingerprint, plan.fingerprint, recipes, base[0].fingerprint)
    workspace.put(experiment)
    return experiment
