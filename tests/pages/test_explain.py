"""The Explain page: all rows, one column, one row, each with what must be said beside it."""

from __future__ import annotations

import json

import pytest
from conftest import texts
from shipping import DoJobs, OpenApp, fill, nouns
from streamlit.testing.v1 import AppTest

from mlops_lib.train.runs import out_of_fold
from mlops_lib.workspace.folder import Workspace


def charts(app: AppTest) -> dict[str, dict]:
    """The drawn figures by their title."""
    specs = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    return {spec["layout"]["title"]["text"]: spec for spec in specs}


def explained(open_app: OpenApp, do_jobs: DoJobs, workspace: Workspace, name: str = "logistic_regression") -> AppTest:
    app = open_app("explain", **nouns(fill(workspace), name))
    while do_jobs():
        app.run()
    return app


def test_without_a_run_it_says_where_to_get_one(open_app: OpenApp) -> None:
    app = open_app("explain")
    assert not app.exception
    assert "needs" in texts(app)
    assert not app.get("plotly_chart")


def test_it_shows_progress_first_and_then_bars_beeswarm_and_permutation(
    open_app: OpenApp, do_jobs: DoJobs, workspace: Workspace
) -> None:
    app = open_app("explain", **nouns(fill(workspace)))
    assert "Waiting for the worker" in str(app.get("progress")) or "Explaining" in texts(app)
    while do_jobs():
        app.run()
    assert not app.exception
    said = texts(app)
    assert "leans most on **" in said
    assert "Mean score E" in said
    assert "True base rate" in said
    assert "never resampled" in said
    titles = set(charts(app))
    assert any(t.endswith("moves the score most") for t in titles)
    assert any(t.startswith("Shuffling") for t in titles)
    assert any(t.startswith("Each dot is one row") for t in titles)


def test_one_column_follows_the_choice(open_app: OpenApp, do_jobs: DoJobs, workspace: Workspace) -> None:
    app = explained(open_app, do_jobs, workspace)
    app.get_by_key("explain_view").set_value("column").run()
    (chooser,) = [w for w in app.selectbox if str(w.key).startswith("explain_column_")]
    chooser.set_value("dept").run()
    assert not app.exception
    (title,) = charts(app)
    assert title.startswith("dept:")
    assert "not the Shapley value of the group" in texts(app)
    (chooser,) = [w for w in app.selectbox if str(w.key).startswith("explain_column_")]
    chooser.set_value("age").run()
    (title,) = charts(app)
    assert "Higher age goes with" in title


def test_one_row_adds_up_and_shows_both_probabilities(open_app: OpenApp, do_jobs: DoJobs, workspace: Workspace) -> None:
    app = explained(open_app, do_jobs, workspace, "weights")
    app.get_by_key("explain_view").set_value("row").run()
    do_jobs()
    app.run()
    assert not app.exception
    labels = [m.label for m in app.metric]
    assert {"Probability", "Out\\-of\\-fold", "True base rate", "What happened"} <= set(labels)
    (spec,) = charts(app).values()
    bars = next(t for t in spec["data"] if t["type"] == "waterfall")
    assert sum(bars["x"][:-1]) == pytest.approx(bars["x"][-1], abs=1e-6)


def test_a_row_by_its_id(open_app: OpenApp, do_jobs: DoJobs, workspace: Workspace) -> None:
    app = explained(open_app, do_jobs, workspace)
    app.get_by_key("explain_view").set_value("row").run()
    (which,) = [w for w in app.selectbox if str(w.key).startswith("explain_which_")]
    which.set_value("id").run()
    (number,) = [w for w in app.number_input if str(w.key).startswith("explain_row_")]
    number.set_value(7).run()
    while do_jobs():
        app.run()
    assert not app.exception
    (title,) = charts(app)
    assert title.endswith("for row 7")


def test_the_highest_row_is_the_one_with_the_highest_out_of_fold_probability(
    open_app: OpenApp, do_jobs: DoJobs, workspace: Workspace
) -> None:
    made = fill(workspace)
    app = open_app("explain", **nouns(made))
    while do_jobs():
        app.run()
    app.get_by_key("explain_view").set_value("row").run()
    predictions = out_of_fold(workspace, made.runs["logistic_regression"])
    row = int(predictions.row[predictions.score.argmax()])
    (title,) = charts(app)
    assert title.endswith(f"for row {row:,}")


def test_the_dummy_is_refused_in_words(open_app: OpenApp, do_jobs: DoJobs, workspace: Workspace) -> None:
    app = explained(open_app, do_jobs, workspace, "dummy")
    assert not app.exception
    assert "same score" in texts(app)
    assert "Choose a run with one of" in texts(app)
