"""Every kind of split from the plan to the opened hold-out, with a recipe that is sampled and repaired."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlops_lib.data.splits import plan_split
from mlops_lib.evaluate.kept_columns import kept_columns
from mlops_lib.objects.recipe import Model, Recipe, Sampler, Selection
from mlops_lib.threshold.compared import compare_runs, open_hold_out, reference_run, stored_runs
from mlops_lib.train.calibrate import cross_fit
from mlops_lib.train.experiment_file import read_experiment_file
from mlops_lib.train.experiment_opening import describe_experiment, make_experiment
from mlops_lib.train.experiment_writing import write_experiment_file
from mlops_lib.train.runs import repeats_of
from mlops_lib.train.training import train
from mlops_lib.workspace.folder import Workspace
from tests.train.small import Small, keep_frame, small_frame

PLAIN = Recipe(Model("logistic_regression"))
DRAWN = Recipe(Model("logistic_regression"), selection=Selection(), sampler=Sampler("random_under"))
REPAIRED = dataclasses.replace(DRAWN, rung="drawn", calibration="sigmoid")
SPLITS = {
    "stratified": ({}, {}),
    "repeated": ({}, {"repeats": 2}),
    "group": ({"team": "group"}, {}),
    "time": ({"day": "time"}, {"gap": 7.0}),
    "predefined": ({"part": "split"}, {"held": "C"}),
}


def made(tmp_path: Path, roles: dict[str, str], asked: dict[str, object]) -> Small:
    rng = np.random.default_rng(1)
    frame = small_frame(400)
    frame["team"], frame["part"] = rng.integers(0, 40, 400).astype(str), rng.choice(list("ABC"), 400)
    small = keep_frame(Workspace(tmp_path), frame)
    roles = {"team": "ignored", "part": "ignored", **roles}
    columns = tuple(dataclasses.replace(c, role=roles.get(c.name, c.role)) for c in small.schema.columns)
    schema = dataclasses.replace(small.schema, columns=columns)
    plan = plan_split(small.dataset, schema, **{"folds": 3, **asked})  # type: ignore[arg-type]
    small.workspace.put(schema)
    small.workspace.put(plan)
    return dataclasses.replace(small, schema=schema, plan=plan)


@pytest.mark.parametrize("kind", SPLITS)
def test_a_split_goes_all_the_way(tmp_path: Path, kind: str) -> None:
    small = made(tmp_path, *SPLITS[kind])
    plan, workspace = small.plan, small.workspace
    assert plan.kind == ("stratified" if kind == "repeated" else kind)
    _keeps_its_promise(small, kind)
    experiment = small.experiment(PLAIN, REPAIRED)
    assert [run.state for run in train(workspace, experiment)] == ["complete"] * 2
    plain, repaired = stored_runs(workspace, experiment)
    held = set(plan.hold_out_rows().tolist())
    for predictions in repeats_of(workspace, repaired):
        assert not held & set(predictions.row.tolist())
        forward = kind == "time"
        expected = cross_fit("sigmoid", predictions.raw, predictions.truth, predictions.fold, forward)
        np.testing.assert_allclose(predictions.score, expected, rtol=1e-12)
    found = kept_columns(repaired, small.schema.features())
    assert found is not None
    judged = compare_runs(workspace, (plain, repaired), reference_run(experiment))
    assert found.folds == judged.judgement.folds["fold"].nunique()
    assert len(judged.planned) == 1
    assert judged.verdict.sentence
    opened = open_hold_out(workspace, repaired, plain)
    assert opened.n == len(held)
    assert opened.delong is not None
    text = write_experiment_file(describe_experiment(workspace, experiment))
    assert make_experiment(workspace, read_experiment_file(text), tmp_path) == experiment


def _keeps_its_promise(small: Small, kind: str) -> None:
    """What this kind of split is for holds in every fold and between training rows and hold-out."""
    frame, plan = small.dataset.frame(["team", "day", "part", "left"]), small.plan
    pairs = [(plan.fold_training_rows(k), plan.validation_rows(k)) for k in plan.all_folds]
    pairs.append((plan.training_rows(), plan.hold_out_rows()))
    for fitted, judged in pairs:
        assert len(judged)
        assert not set(fitted) & set(judged)
        if kind == "group":
            assert not set(frame["team"].iloc[fitted]) & set(frame["team"].iloc[judged])
        elif kind == "predefined":
            assert not set(frame["part"].iloc[fitted]) & set(frame["part"].iloc[judged])
        elif kind == "time":
            gap = frame["day"].iloc[judged].min() - frame["day"].iloc[fitted].max()
            assert gap >= pd.Timedelta(days=7)
        else:
            shares = [(frame["left"].iloc[rows] == "yes").mean() for rows in (fitted, judged)]
            assert abs(shares[0] - shares[1]) < 0.02
    if kind == "repeated":
        assert set(pairs[0][1]) != set(pairs[3][1])
