"""The Resampling lab and Train, from `app.py`, with and without what they need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mlops_lib.jobs import queue, taking
from mlops_lib.objects.experiment import Experiment
from mlops_lib.train import repair
from mlops_lib.train.experiment_file import read_experiment_file
from mlops_lib.train.experiment_opening import describe_experiment, new_experiment
from mlops_lib.train.experiment_writing import write_experiment_file
from mlops_lib.train.ladder import Ladder
from mlops_lib.train.progress import FitTold
from mlops_lib.train.runs import run_fingerprint
from mlops_lib.workspace import codec
from mlops_lib.workspace.folder import Workspace
from tests.pages.conftest import texts
from tests.train.small import Small, keep_frame, small_frame

Open = Callable[..., AppTest]


@pytest.fixture
def small(workspace: Workspace) -> Small:
    return keep_frame(workspace, small_frame())


def opened(open_app: Open, page: str, small: Small, **more: str) -> AppTest:
    nouns = {"dataset": small.dataset.fingerprint, "schema": small.schema.fingerprint, "split": small.plan.fingerprint}
    return open_app(page, **{**nouns, **more})


def only_models(app: AppTest, *models: str) -> AppTest:
    return app.get_by_key("train_models").set_value(list(models)).run()


@pytest.mark.parametrize("page", ["resampling", "train"])
def test_without_a_split_the_page_says_where_to_get_one(open_app: Open, page: str) -> None:
    app = open_app(page)
    assert not app.exception
    assert "This page needs" in texts(app)


def test_training_from_the_click_to_the_runs(open_app: Open, small: Small, do_jobs: Callable[[], int]) -> None:
    app = opened(open_app, "train", small)
    assert "21 recipes: 105 fold fits, and 21 refits" in texts(app)
    only_models(app, "logistic_regression")
    assert app.button(key="train_start").label == "Train 5 recipes"
    app.button(key="train_start").click().run()
    assert "0 of 5 recipes are trained" in texts(app)
    assert do_jobs() >= 1
    app.run()
    assert not app.exception
    assert "5 of 5 recipes are trained" in texts(app)
    table = app.dataframe[0].value
    assert table["state"].tolist() == ["complete"] * 5
    assert app.button(key="train_compare").label == "Compare 5 runs"


def test_a_reload_shows_the_same_runs(open_app: Open, small: Small, do_jobs: Callable[[], int]) -> None:
    app = opened(open_app, "train", small)
    only_models(app, "logistic_regression").button(key="train_start").click().run()
    do_jobs()
    app.run()
    again = open_app("train", view=app.query_params["view"])
    assert "5 of 5 recipes are trained" in texts(again)
    assert again.get_by_key("train_models").value == ["logistic_regression"]


def test_what_changed_after_training_is_named(open_app: Open, small: Small, do_jobs: Callable[[], int]) -> None:
    app = opened(open_app, "train", small)
    only_models(app, "logistic_regression").button(key="train_start").click().run()
    do_jobs()
    app.run()
    assert not app.info
    app.selectbox(key="train_sampler_smoteenn").select("smote").run()
    assert "The sampler has changed since these runs were trained" in app.info[0].value
    assert "5 of 5 recipes are trained" in texts(app)


def test_a_failed_run_is_a_line_with_its_reason(
    open_app: Open, small: Small, do_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(repair, "MIN_POSITIVES_FOR_ISOTONIC", 1)
        app = opened(open_app, "train", small)
        only_models(app, "logistic_regression")
        app.selectbox(key="train_calibration_base_none_sigmoid_isotonic").select("isotonic").run()
        app.button(key="train_start").click().run()
    do_jobs()
    app.run()
    assert "4 of 5 recipes are trained" in texts(app)
    assert any("1,000 positive" in w.value.replace("\\", "") for w in app.warning)
    app.button(key="train_again").click().run()
    assert do_jobs() >= 1


def test_fits_are_followed_while_they_run(open_app: Open, small: Small, workspace: Workspace) -> None:
    app = opened(open_app, "train", small)
    only_models(app, "logistic_regression").button(key="train_start").click().run()
    job = taking.take(workspace, "test", ("train",))
    assert job is not None
    experiment = workspace.get(Experiment, job.spec["experiment"])
    run = run_fingerprint(experiment, experiment.recipes[1])
    events = (FitTold(run, "x", 0, "done", 0.1), FitTold(run, "x", 1, "started"))
    taking.record(workspace, "test", job.id, [(codec.to_json(event), None) for event in events])
    app.run()
    table: Any = app.dataframe[0].value
    assert table["fits"].iloc[1] == "✓▶····"
    assert table["state"].iloc[1] == "running"
    assert queue.status(workspace, job.id).active


def test_nothing_switched_on_says_what_to_do(open_app: Open, small: Small) -> None:
    app = opened(open_app, "train", small)
    for rung in ("nothing", "base", "selection", "sampling", "weights"):
        app.toggle(key=f"train_rung_{rung}").set_value(False)
    app.run()
    assert not app.exception
    assert "Switch on at least one rung" in app.info[0].value


def test_the_page_offers_its_experiment_as_a_file(open_app: Open, small: Small) -> None:
    app = opened(open_app, "train", small)
    assert "new_experiment(plan, ladder.recipes(), seed=0)" in app.code[0].value
    assert app.get_by_key("train_yaml") is not None
    assert not list((small.workspace.root / "nouns" / "Experiment").glob("*")), "looking keeps no experiment"
    experiment = new_experiment(small.plan, Ladder().recipes())
    text = write_experiment_file(describe_experiment(small.workspace, experiment, Ladder()))
    assert read_experiment_file(text).recipes == experiment.recipes


def test_only_calibrations_that_hold_are_offered(open_app: Open, small: Small) -> None:
    app = opened(open_app, "train", small)
    weights = app.selectbox(key="train_calibration_weights_none_sigmoid_prior")
    assert weights.options == ["none", "sigmoid", "prior correction (approximate)"]
    assert weights.value == app.selectbox(key="train_calibration_sampling_none_sigmoid").value == "sigmoid"
    assert app.selectbox(key="train_calibration_base_none_sigmoid").value == "none"
    weights.select("none").run()
    assert "Not repaired" in texts(app)
    app.selectbox(key="train_calibration_weights_none_sigmoid_prior").select("prior").run()
    assert "Not repaired" not in texts(app)
    assert "('weights', 'prior')" in app.code[0].value
    app.selectbox(key="train_sampler_smoteenn").select("random_under").run()
    drawn = app.selectbox(key="train_calibration_sampling_none_sigmoid_prior")
    assert drawn.options == ["none", "sigmoid", "prior correction"]
    drawn.select("prior").run()
    app.selectbox(key="train_sampler_random_under").select("smote").run()
    assert app.selectbox(key="train_calibration_sampling_none_sigmoid").value == "sigmoid"
    assert "('sampling', 'prior')" not in app.code[0].value
    assert not app.exception


def test_the_selection_rule_can_be_changed_where_it_is_used(open_app: Open, small: Small) -> None:
    app = opened(open_app, "train", small)
    assert "keeps a column when p (Benjamini-Hochberg) ≤ 0.05, effect ≥ 0;" in texts(app)
    for label, value in {"Largest correlation (empty: any)": 0.9, "Largest VIF (empty: any)": 10.0}.items():
        next(box for box in app.number_input if box.label == label).set_value(value).run()
    next(box for box in app.selectbox if box.label == "Adjusted by").select("holm").run()
    next(box for box in app.slider if box.label == "Smallest effect").set_value(0.1).run()
    assert not app.exception
    assert "p (Holm) ≤ 0.05, effect ≥ 0.1, correlation ≤ 0.9, VIF ≤ 10;" in texts(app)
    assert "max_correlation=0.9" in app.code[0].value
    assert "max_vif=10.0" in app.code[0].value
