import json
import pickle
from dataclasses import replace

import numpy as np
import pytest

from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.recipe import Model, Recipe
from mlops_lib.serve.latency import measure_latency
from mlops_lib.train import processing
from mlops_lib.train.processing import (
    expected_seconds,
    latency_of,
    measure_runs,
    memory_of,
    processing_spec,
    times_one_by_one,
)
from mlops_lib.train.runs import load_fitted, run_folder
from mlops_lib.train.training import train
from mlops_lib.workspace import codec

FEW = Recipe(Model("random_forest", (("n_estimators", 5),)))
MANY = Recipe(Model("random_forest", (("n_estimators", 60),)))


@pytest.fixture(scope="module")
def runs(small):
    return tuple(train(small.workspace, small.experiment(FEW, MANY)))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(processing, "CALLS", 12)
    monkeypatch.setattr(processing, "BULK_ROWS", 400)


def test_every_run_is_measured_in_turn(small, runs):
    told = []
    failed = replace(runs[0], state="failed")
    wrong = replace(runs[0], recipe=replace(FEW, leak=("scale",)))
    measured = measure_runs(small.workspace, (*runs, failed, wrong), told.append)
    assert processing_spec((*runs, failed, wrong)) == processing_spec(runs)
    assert [m.run for m in measured.runs] == [r.fingerprint for r in runs]
    assert [t.done for t in told] == list(range(2 * processing.TURNS))
    few, many = measured.runs
    assert few.latency.calls == 12 // processing.TURNS
    assert 0 < few.latency.p50_ms <= few.latency.p95_ms
    assert few.rows_per_second > 0
    assert many.memory_bytes > 5 * few.memory_bytes
    assert many.disk_bytes == (run_folder(small.workspace, many.run) / "model.skops").stat().st_size
    assert codec.from_json(codec.to_json(measured)) == measured


def test_memory_holds_every_node_of_every_tree(small, runs):
    model = load_fitted(small.workspace, runs[1])
    forest = model.pipeline.steps[-1][1]
    nodes = sum(tree.tree_.__getstate__()["nodes"].nbytes for tree in forest.estimators_)
    values = sum(tree.tree_.value.nbytes for tree in forest.estimators_)
    assert nodes + values < memory_of(model) < 3 * (nodes + values) + len(pickle.dumps(model.pipeline[0]))


def test_slow_models_are_called_less_often(small, runs, monkeypatch):
    model = load_fitted(small.workspace, runs[0])
    frame = small.dataset.frame(model.features, np.arange(3))
    seconds = iter([10.0] * 100)
    monkeypatch.setattr(processing, "timed", lambda call: next(seconds))
    assert len(times_one_by_one(model, frame, 50, 1.0)) == 10
    assert len(times_one_by_one(model, frame, 50, 145.0)) == 15


def test_latency_is_the_median_and_the_95_percent_quantile():
    seconds = np.arange(1, 101) / 1000
    made = latency_of(seconds.tolist())
    assert made.p50_ms == pytest.approx(50.5)
    assert made.p95_ms == pytest.approx(95.05)
    assert made.calls == 100


def test_a_version_is_measured_the_same_way(small, runs):
    made = measure_latency(small.workspace, runs[0].fingerprint)
    assert made.calls == 12
    assert json.loads(codec.to_json(made))["$class"] == "mlops_lib.train.processing:Latency"
    old = codec.to_json(made).replace("train.processing", "serve.latency")
    assert codec.from_json(old) == made  # what was stored before keeps its meaning


def test_without_a_model_it_says_so(small, runs):
    with pytest.raises(NotPossibleError, match="No run has a model"):
        measure_runs(small.workspace, [replace(runs[0], state="failed")])
    assert processing_spec([*runs, replace(runs[0], state="failed")])["runs"] == [r.fingerprint for r in runs]


def test_the_time_it_will_take_counts_complete_runs_and_their_rows(runs):
    each = processing.MOST_SECONDS + processing.LOAD_SECONDS
    bulk = processing.TURNS * processing.BULK_ROWS / 1000
    two = [replace(runs[0], predict_seconds_per_1000=0.5), replace(runs[1], predict_seconds_per_1000=float("nan"))]
    assert expected_seconds([*two, replace(runs[0], state="failed")]) == pytest.approx(2 * each + 0.5 * bulk)
