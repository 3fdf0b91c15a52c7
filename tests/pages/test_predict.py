"""The Predict page: a version, a table without the target, the scored table, and clear words where it does not fit."""

from __future__ import annotations

import io

import pandas as pd
from conftest import texts
from shipping import DoJobs, OpenApp, fill
from streamlit.testing.v1 import AppTest

from mlops_lib.objects.version import Candidate
from mlops_lib.registry.versions import set_alias
from mlops_lib.report.registration import register_with_card
from mlops_lib.serve.scorer import score_table
from mlops_lib.workspace.folder import Workspace
from tests.trained import Trained, csv, people


def registered(workspace: Workspace) -> Trained:
    made = fill(workspace)
    for name in ("random_forest", "logistic_regression"):
        register_with_card(workspace, Candidate(made.runs[name], made.decision(name)), "people")
    set_alias(workspace, "people", 1)
    return made


def upload(app: AppTest, do_jobs: DoJobs, frame: pd.DataFrame) -> AppTest:
    app.get_by_key("predict_upload").upload("new.csv", csv(frame)).run()
    while do_jobs():
        app.run()
    return app


def test_without_a_version_it_says_where_to_make_one(open_app: OpenApp) -> None:
    app = open_app("predict")
    assert not app.exception
    assert "Nothing is registered yet" in texts(app)
    assert app.get_by_key("predict_go").label == "Go to the Registry"


def test_the_champion_is_offered_first(open_app: OpenApp, workspace: Workspace) -> None:
    registered(workspace)
    app = open_app("predict")
    (version,) = [w for w in app.selectbox if str(w.key).startswith("predict_version_")]
    assert version.value == 1
    assert "Random forest" in texts(app)


def test_a_table_comes_back_scored(open_app: OpenApp, workspace: Workspace, do_jobs: DoJobs) -> None:
    registered(workspace)
    rows = people(250, seed=21).drop(columns="left")
    app = upload(open_app("predict"), do_jobs, rows)
    assert not app.exception
    from mlops_lib.registry.versions import open_version

    expected = score_table(workspace, open_version(workspace, "people", 1), rows)
    assert f"**{expected.alarms} rows of 250**" in texts(app)
    shown = next(f.value for f in app.dataframe if "probability" in f.value.columns)
    assert len(shown) == 200
    assert "The first 200 of 250 rows" in texts(app)
    (stored,) = workspace.root.glob("scored/*/scored.csv")
    back = pd.read_csv(io.BytesIO(stored.read_bytes()), encoding="utf-8-sig")
    assert back["decision"].tolist() == expected.answers["decision"].tolist()
    assert {"predict_csv", "predict_parquet"} <= {b.key for b in app.get("download_button")}


def test_missing_columns_are_named(open_app: OpenApp, workspace: Workspace, do_jobs: DoJobs) -> None:
    registered(workspace)
    app = upload(open_app("predict"), do_jobs, people(20).drop(columns=["age", "dept"]))
    assert not app.exception
    said = texts(app)
    assert "lacks 2 of the 6 columns" in said
    assert "Try again" in [b.label for b in app.button]


def test_strange_cells_and_extra_columns_are_said(open_app: OpenApp, workspace: Workspace, do_jobs: DoJobs) -> None:
    registered(workspace)
    rows = people(30, seed=2).assign(extra=1)
    rows.loc[0, "city"] = "![p](http://example.invalid/x.png)"
    app = upload(open_app("predict"), do_jobs, rows)
    assert not app.exception
    said = texts(app)
    assert "not in training" in said
    assert "does not look at it" in said
    assert "extra" in said
    assert "![p]" not in said


def test_changed_files_are_refused_in_words(open_app: OpenApp, workspace: Workspace, do_jobs: DoJobs) -> None:
    registered(workspace)
    for file in (workspace.root / "mlflow" / "artifacts").rglob("model.skops"):
        file.write_bytes(file.read_bytes() + b" ")
    app = upload(open_app("predict"), do_jobs, people(10))
    assert not app.exception
    assert "not those that were registered" in texts(app)


def test_a_table_is_read_as_the_one_the_model_learnt_from(
    open_app: OpenApp, workspace: Workspace, do_jobs: DoJobs
) -> None:
    registered(workspace)
    rows = people(30, seed=5).drop(columns="left")
    app = upload(open_app("predict"), do_jobs, rows)
    plain = next(f.value for f in app.dataframe if "probability" in f.value.columns)
    number = next(n for n in rows.columns if pd.api.types.is_float_dtype(rows[n]) and rows[n].notna().all())
    odd = rows.astype({number: object})
    odd.loc[0, number] = "about nine"
    app = upload(open_app("predict"), do_jobs, odd)
    assert f"'{number}': 1 cell is not a number ('about nine') and treated as missing." in texts(app).replace("\\", "")
    shown = next(f.value for f in app.dataframe if "probability" in f.value.columns)
    assert shown["probability"].iloc[1:].tolist() == plain["probability"].iloc[1:].tolist()
