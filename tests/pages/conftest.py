"""Fixtures for page tests: a workspace of its own for each test, the app on it, and its jobs done on the spot."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mlops_lib.jobs import taking
from mlops_lib.jobs.doing import do_job
from mlops_lib.jobs.work import WORK, work_of
from mlops_lib.objects.errors import FulcrumError
from mlops_lib.objects.run import Failure
from mlops_lib.workspace import codec
from mlops_lib.workspace.folder import Workspace, open_workspace

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 60


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """An empty workspace; FULCRUM_HOME points at it and nothing of another test is cached."""
    monkeypatch.setenv("FULCRUM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FULCRUM_WORKER", "off")
    monkeypatch.delenv("FULCRUM_DATABASE", raising=False)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    st.cache_data.clear()
    return open_workspace()


@pytest.fixture
def open_app(workspace: Workspace) -> Callable[..., AppTest]:
    """Open the app as a new visitor: `open_app("explore", run=fp, dataset=fp)` on a page with nouns chosen.

    Without arguments it opens the first page. `view=` opens the state of that id instead.
    """

    def open_app(page: str = "data", view: str = "", **nouns: str) -> AppTest:
        from mlops_lib.workspace.views import keep_view
        from pages.shared.steps import STEPS

        chosen = view or (keep_view(workspace, {"nouns": nouns, "drafts": {}, "jobs": {}}) if nouns else "")
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT)
        if chosen:
            app.query_params["view"] = chosen
        if page != "data":
            app.switch_page(str(STEPS[page].path.relative_to(ROOT)))
        return app.run()

    return open_app


@pytest.fixture
def do_jobs(workspace: Workspace) -> Callable[[], int]:
    """Do all waiting jobs here and now, as a worker would, and return how many there were; then run the app again."""

    def do_jobs() -> int:
        done = 0
        while (job := taking.take(workspace, "test", tuple(WORK))) is not None:
            done += 1
            try:
                spec = codec.to_json(dict(job.spec))
                do_job(_recorder(workspace, job.id), str(workspace.root), work_of(job.kind).run, spec, job.key)
            except FulcrumError as error:
                taking.end(workspace, "test", job.id, "failed", Failure(error.message, error.hint))
            else:
                taking.end(workspace, "test", job.id, "done")
        return done

    return do_jobs


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A workspace in which the small ladder was trained, to be copied, and its nouns."""
    from tests.pages.trained import train_small

    folder = tmp_path_factory.mktemp("trained")
    return folder, train_small(folder)


@pytest.fixture
def nouns(trained_once: tuple[Path, dict[str, str]], workspace: Workspace) -> dict[str, str]:
    """The nouns of the small ladder, whose runs are in the workspace of the test."""
    folder, found = trained_once
    shutil.copytree(folder, workspace.root, dirs_exist_ok=True)
    return found


def _recorder(workspace: Workspace, job: str) -> Callable[[Any], None]:
    return lambda event: taking.record(workspace, "test", job, [event])


def texts(app: AppTest) -> str:
    """Everything the page says in Markdown, headings, captions, boxes and metrics, as one text."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "warning", "error", "info", "success", "metric")
    parts = [element for kind in kinds for element in app.get(kind)]
    return "\n".join(str(getattr(part, "label", "")) + " " + str(part.value) for part in parts)
