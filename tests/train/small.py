"""A small table with a known truth, kept in a workspace: numbers, categories, a date, gaps and a rare "yes"."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops_lib.data.datasets import read_and_keep
from mlops_lib.data.profile import propose_columns
from mlops_lib.data.splits import plan_split
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.experiment import Experiment
from mlops_lib.objects.recipe import Recipe
from mlops_lib.objects.schema import Classes, Question, Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.train.experiment_opening import new_experiment
from mlops_lib.workspace.folder import Workspace

LEFT = Classes("yes")


@dataclass(frozen=True)
class Small:
    """A table in a workspace with its schema and split."""

    workspace: Workspace
    dataset: Dataset
    schema: Schema
    plan: SplitPlan

    def experiment(self, *recipes: Recipe, seed: int = 0) -> Experiment:
        return new_experiment(self.plan, recipes, seed)


def small_frame(rows: int = 300, seed: int = 0) -> pd.DataFrame:
    """`pay` and `site` go with the target `left`; `noise` and `day` do not; `pay` and `site` have gaps."""
    rng = np.random.default_rng(seed)
    pay, site = rng.normal(size=rows), rng.choice(["north", "south", "east"], rows)
    chance = 1 / (1 + np.exp(-(-1.2 - 1.5 * pay + 1.2 * (site == "south"))))
    left = np.where(rng.random(rows) < chance, "yes", "no")
    return pd.DataFrame(
        {
            "pay": np.where(rng.random(rows) < 0.05, np.nan, 3000 + 400 * pay).round(2),
            "site": np.where(rng.random(rows) < 0.05, None, site),
            "noise": rng.normal(size=rows).round(4),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 700, rows), unit="D"),
            "left": left,
        }
    )


def keep_frame(
    workspace: Workspace, frame: pd.DataFrame, target: str = "left", question: Question = LEFT, folds: int = 5
) -> Small:
    """Keep a frame as a dataset through a Parquet file, with proposed columns and a locked split."""
    workspace.root.mkdir(parents=True, exist_ok=True)
    path = workspace.root / "frame.parquet"
    frame.to_parquet(path, index=False)
    dataset = read_and_keep(workspace, path, "frame.parquet")
    columns = tuple(
        dataclasses.replace(c, role="target" if c.name == target else "feature") for c in propose_columns(dataset)
    )
    schema = Schema(dataset.fingerprint, columns, question)
    plan = plan_split(dataset, schema, folds)
    workspace.put(schema)
    workspace.put(plan)
    return Small(workspace, dataset, schema, plan)
