"""Runs in MLflow: once each, complete, with fold values as steps, and healed where they were cut off."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from mlops_lib.data.datasets import open_dataset
from mlops_lib.data.splits import plan_split
from mlops_lib.evaluate.comparison import Entry
from mlops_lib.objects.schema import Schema
from mlops_lib.registry import recording
from mlops_lib.registry.recording import (
    COMPLETE,
    RUN_TAG,
    STARTED,
    STATE_TAG,
    WRITER_TAG,
    Metric,
    Param,
    close_orphans,
    log_items,
    record_experiment,
    record_run,
)
from mlops_lib.registry.settings import open_client
from mlops_lib.threshold.compared import judge_stored
from mlops_lib.train.experiment_opening import new_experiment
from mlops_lib.train.runs import out_of_fold
from mlops_lib.train.training import train
from tests.evaluate.many import many
from tests.evaluate.scored import a_run
from tests.trained import KINDS, Trained, trained


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trained:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return trained(tmp_path / "home")


def test_an_experiment_is_one_of_a_question_with_one_run_a_recipe(made: Trained) -> None:
    found = record_experiment(made.workspace, made.experiment)
    client = open_client(made.workspace)
    assert client.get_experiment(found.experiment).name == "people - left is Yes"
    assert {fingerprint for fingerprint, _ in found.runs} == {r.fingerprint for r in made.runs.values()}
    assert found.missing == ()
    stored = client.search_runs([found.experiment])
    assert len(stored) == len(made.runs)
    assert {r.info.status for r in stored} == {"FINISHED"}
    assert {r.data.tags[STATE_TAG] for r in stored} == {COMPLETE}


def test_intervals_in_mlflow_are_those_of_the_compare_page(made: Trained) -> None:
    """Forward in time, the folds train on different numbers of rows, which widens the intervals."""
    workspace, dataset = made.workspace, open_dataset(made.workspace, made.experiment.dataset)
    before = workspace.get(Schema, made.experiment.schema)
    columns = [replace(c, role="time") if c.name == "joined" else c for c in before.columns]
    schema = replace(before, columns=tuple(columns))
    plan = plan_split(dataset, schema, folds=3)
    workspace.put(schema)
    workspace.put(plan)
    recipe = made.runs["logistic_regression"].recipe
    (run,) = train(workspace, new_experiment(plan, (recipe,)))
    shown = judge_stored(workspace, [run]).table.iloc[0]
    metrics = open_client(workspace).get_run(record_run(workspace, run)).data.metrics
    for name in ("roc_auc_low", "roc_auc_high", "brier_low", "log_loss_high"):
        assert metrics[name] == pytest.approx(shown[name])


def test_recording_twice_writes_nothing_new(made: Trained) -> None:
    first = record_experiment(made.workspace, made.experiment)
    assert record_experiment(made.workspace, made.experiment) == first
    assert len(open_client(made.workspace).search_runs([first.experiment])) == len(made.runs)


def test_what_is_written_agrees_with_the_run(made: Trained) -> None:
    run = made.runs["lightgbm"]
    client = open_client(made.workspace)
    data = client.get_run(identity := record_run(made.workspace, run)).data
    assert data.tags[RUN_TAG] == run.fingerprint
    assert data.tags["fulcrum.dataset"] == run.dataset
    assert data.params["model"] == "lightgbm"
    assert data.params["model.n_estimators"] == "20"
    predictions = out_of_fold(made.workspace, run)
    by_fold = [
        roc_auc_score(predictions.truth[predictions.fold == k], predictions.score[predictions.fold == k])
        for k in range(3)
    ]
    history = {m.step: m.value for m in client.get_metric_history(identity, "fold_roc_auc")}
    np.testing.assert_allclose([history[k] for k in range(3)], by_fold)
    assert data.metrics["roc_auc"] == pytest.approx(np.mean(by_fold))
    assert data.metrics["roc_auc_low"] < data.metrics["roc_auc"] < data.metrics["roc_auc_high"]
    assert "f1_at_half" in data.metrics
    assert "f1" not in data.metrics, "a run has no threshold of its own yet"


def test_decisions_among_many_classes_stand_at_no_threshold() -> None:
    items = log_items(a_run("run"), Entry(a_run("run"), many(300)))
    keys = {item.key for item in items if isinstance(item, Metric)}
    assert {"balanced_accuracy", "mcc", "fold_mcc"} <= keys
    assert not [key for key in keys if "at_half" in key]


def test_a_run_that_was_cut_off_is_taken_up_again(made: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(recording, "write_items", cut)
        record_run(made.workspace, made.runs["dummy"])
    client = open_client(made.workspace)
    (place,) = [e.experiment_id for e in client.search_experiments() if e.name.startswith("people")]
    (left,) = client.search_runs([place])
    assert (left.info.status, left.data.tags[STATE_TAG]) == ("RUNNING", STARTED)
    assert record_run(made.workspace, made.runs["dummy"]) == left.info.run_id
    assert client.get_run(left.info.run_id).info.status == "FINISHED"


def test_runs_of_processes_that_are_gone_are_closed_and_no_others(made: Trained) -> None:
    client = open_client(made.workspace)
    place = client.create_experiment("some")

    def begun(writer: str, ago: float = 0.0) -> str:
        tags = {STATE_TAG: STARTED, WRITER_TAG: writer}
        return str(client.create_run(place, start_time=int((time.time() - ago) * 1000), tags=tags).info.run_id)

    here = platform.node()
    dead, alive = begun(f"{here}:{_dead_pid()}"), begun(f"{here}:{os.getpid()}")
    old, young = begun("elsewhere:1", ago=3600), begun("elsewhere:1")
    foreign = client.create_run(place).info.run_id
    assert close_orphans(made.workspace) == 2
    statuses = {run: client.get_run(run).info.status for run in (dead, alive, old, young, foreign)}
    assert [statuses[r] for r in (dead, old)] == ["KILLED", "KILLED"]
    assert [statuses[r] for r in (alive, young, foreign)] == ["RUNNING"] * 3


def _dead_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        return child.pid


def test_no_key_holds_a_column_name(made: Trained) -> None:
    items = [i for run in made.runs.values() for i in log_items(run, None)]
    keys = {i.key for i in items if isinstance(i, (Metric, Param))}
    assert not {part for key in keys for part in key.split(".")} & set(KINDS)
    assert all(len(key) <= 250 for key in keys)
