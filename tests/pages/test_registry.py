"""The Registry page: register, make champion, compare, go back; and what it says when MLflow is away."""

from __future__ import annotations

import socket
import time

import pytest
from conftest import texts
from shipping import DoJobs, OpenApp, fill, nouns
from streamlit.testing.v1 import AppTest

from mlops_lib.objects.version import Candidate
from mlops_lib.registry import ledger
from mlops_lib.registry.versions import list_models, version_at
from mlops_lib.report.registration import register_with_card
from mlops_lib.workspace.folder import Workspace
from tests.trained import Trained

MODEL = "people - left is Yes"


def click(app: AppTest, key: str) -> AppTest:
    return app.get_by_key(key).click().run()


def register(app: AppTest, do_jobs: DoJobs) -> AppTest:
    click(app, "registry_make")
    assert do_jobs() == 1
    return app.run()


def versions(made: Trained, *names: str) -> None:
    for name in names:
        candidate = Candidate(made.runs[name], made.decision(name))
        register_with_card(made.workspace, candidate, MODEL, who="ann")


def test_with_nothing_chosen_it_says_what_is_missing(open_app: OpenApp) -> None:
    app = open_app("registry")
    assert not app.exception
    assert "needs **a chosen run**" in texts(app)
    assert "Nothing is registered yet" in texts(app)


def test_without_a_threshold_it_sends_to_the_threshold_page(open_app: OpenApp, workspace: Workspace) -> None:
    app = open_app("registry", **nouns(fill(workspace), decided=False))
    assert "a threshold that you kept" in texts(app)
    assert app.get_by_key("registry_go").label == "Go to Threshold"


def test_from_a_run_to_a_champion(open_app: OpenApp, workspace: Workspace, do_jobs: DoJobs) -> None:
    app = open_app("registry", **nouns(fill(workspace)))
    assert app.get_by_key("registry_make").label == "Register Logistic regression · base"
    app.get_by_key("registry_who").set_value("Ann").run()
    register(app, do_jobs)
    assert not app.exception
    assert list_models(workspace) == (MODEL,)
    assert "version 1" in texts(app)
    assert "No version of" in texts(app)
    click(app, "registry_set")
    assert not app.exception
    assert version_at(workspace, MODEL).number == 1
    assert "Version 1 of" in texts(app)
    assert [(e.what, e.who) for e in ledger.entries(workspace)] == [("alias set", "Ann"), ("registered", "Ann")]


def test_asking_twice_registers_once(open_app: OpenApp, workspace: Workspace, do_jobs: DoJobs) -> None:
    app = register(open_app("registry", **nouns(fill(workspace))), do_jobs)
    click(app, "registry_make")
    assert do_jobs() == 0
    assert len(ledger.entries(workspace)) == 1


def test_going_back_and_comparing(open_app: OpenApp, workspace: Workspace) -> None:
    made = fill(workspace)
    versions(made, "logistic_regression", "weights")
    app = open_app("registry", **nouns(made))
    click(app, "registry_set")
    (chooser,) = [w for w in app.selectbox if str(w.key).startswith("registry_champion_")]
    chooser.set_value(1).run()
    click(app, "registry_set")
    assert version_at(workspace, MODEL).number == 1
    click(app, "registry_back")
    assert version_at(workspace, MODEL).number == 2
    assert "**Recipe**" in texts(app)
    frames = [frame.value for frame in app.dataframe]
    assert any({"Version 2", "Version 1"} <= set(frame.columns) for frame in frames)
    ledger_frame = next(frame for frame in frames if "Digest" in frame.columns)
    assert ledger_frame["What"].iloc[0] == "went back: champion"


def test_with_nothing_to_go_back_to_it_says_so(open_app: OpenApp, workspace: Workspace) -> None:
    made = fill(workspace)
    versions(made, "logistic_regression")
    app = click(open_app("registry", **nouns(made)), "registry_back")
    assert not app.exception
    assert "no earlier version" in texts(app)


def test_a_name_that_mlflow_refuses_is_refused_before_a_job_is_made(
    open_app: OpenApp, workspace: Workspace, do_jobs: DoJobs
) -> None:
    app = open_app("registry", **nouns(fill(workspace)))
    (name,) = [w for w in app.text_input if str(w.key).startswith("registry_name_")]
    name.set_value("a/b").run()
    click(app, "registry_make")
    assert "does not take" in texts(app)
    assert do_jobs() == 0


def test_a_server_that_is_down_is_said_at_once(
    open_app: OpenApp, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    chosen = nouns(fill(workspace))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    begun = time.monotonic()
    app = open_app("registry", **chosen)
    assert time.monotonic() - begun < 20
    assert not app.exception
    assert "does not answer" in texts(app)
    assert app.get_by_key("registry_make"), "what needs no server is still there"
