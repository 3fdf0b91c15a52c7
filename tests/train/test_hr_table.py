"""What can honestly be had from the HR table."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest

from mlops_lib.data.datasets import read_and_keep
from mlops_lib.data.profile import propose_columns
from mlops_lib.data.splits import plan_split
from mlops_lib.evaluate.partial import so_far
from mlops_lib.objects.recipe import Model, Recipe
from mlops_lib.objects.schema import Classes, Schema
from mlops_lib.train.experiment_opening import new_experiment
from mlops_lib.train.ladder import Ladder
from mlops_lib.train.training import train
from mlops_lib.workspace.folder import Workspace

DATA = os.environ.get("FULCRUM_TEST_DATA", "")
pytestmark = pytest.mark.skipif(not DATA, reason="FULCRUM_TEST_DATA is not set")


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Schema]:
    workspace = Workspace(tmp_path_factory.mktemp("hr"))
    dataset = read_and_keep(workspace, Path(DATA) / "ibm_hr_attrition.csv", "ibm_hr_attrition.csv")
    columns = [dataclasses.replace(c, role="target") if c.name == "Attrition" else c for c in propose_columns(dataset)]
    found = Schema(dataset.fingerprint, tuple(columns), Classes("Yes"))
    workspace.put(found)
    return workspace, found


def mean_auc(workspace: Workspace, schema: Schema, recipes: tuple[Recipe, ...], seed: int) -> dict[str, float]:
    from mlops_lib.data.datasets import open_dataset

    plan = plan_split(open_dataset(workspace, schema.dataset), schema, seed=seed)
    workspace.put(plan)
    experiment = new_experiment(plan, recipes, seed)
    list(train(workspace, experiment))
    table = so_far(workspace, experiment).table
    assert (table["state"] == "complete").all()
    return dict(zip(table["recipe"], table["roc_auc"], strict=True))


def test_logistic_regression_lies_where_it_should(schema: tuple[Workspace, Schema]) -> None:
    values = [mean_auc(*schema, (Recipe(Model("logistic_regression")),), seed) for seed in range(10)]
    mean = float(np.mean([next(iter(v.values())) for v in values]))
    assert 0.82 <= mean <= 0.85


@pytest.mark.slow
def test_nothing_is_better_than_can_be(schema: tuple[Workspace, Schema]) -> None:
    values = mean_auc(*schema, Ladder().recipes(), 0)
    assert len(values) == 21
    assert max(values.values()) < 0.90
