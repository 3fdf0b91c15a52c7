"""Leaving the Data page while a job is watched there, and what is made ahead for the next pages."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from mlops_lib.data.samples import SAMPLES, load_sample
from mlops_lib.explore import work
from mlops_lib.jobs.queue import listing
from mlops_lib.workspace.folder import Workspace
from pages.shared import leaving, server
from tests.pages.conftest import texts

OpenApp = Callable[..., AppTest]


@pytest.fixture
def asked(workspace: Workspace, open_app: OpenApp) -> AppTest:
    """The Data page with the question of the sample asked; the closer look waits for a worker."""
    assert "employees" in SAMPLES
    app = open_app(dataset=load_sample(workspace, "employees").fingerprint)
    app.get_by_key("data_ask_sample").click().run()
    assert not app.exception
    return app


def test_a_page_on_which_a_job_is_watched_is_left_in_two_runs(asked: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(leaving, "sleep", waited.append)
    asked.get_by_key("data_confirm").click().run()
    assert not asked.exception
    assert "What the table says before any model has seen it." in texts(asked)
    assert len(waited) == 1  # the browser was given the time to stop asking
    assert "fulcrum_next" not in asked.session_state
    asked.run()
    assert "What the table says before any model has seen it." in texts(asked)


def test_a_page_without_a_job_is_left_at_once(
    asked: AppTest, do_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    do_jobs()
    asked.run()
    monkeypatch.setattr(leaving, "sleep", lambda _: pytest.fail("It waited."))
    asked.get_by_key("data_confirm").click().run()
    assert "What the table says before any model has seen it." in texts(asked)


@pytest.mark.parametrize(
    ("rows", "kinds"), [(100, {"profile", "feature_tests", "linked", "survival"}), (100_000, set())]
)
def test_locking_a_large_table_has_the_first_results_made(
    asked: AppTest, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, rows: int, kinds: set[str]
) -> None:
    monkeypatch.setattr(work, "JOB_ROWS", rows)
    before = {job.id for job in listing(workspace)}
    asked.get_by_key("data_confirm").click().run()
    assert not asked.exception
    assert {job.kind for job in listing(workspace) if job.id not in before} == kinds


@pytest.fixture
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("thawed")
def test_what_was_imported_is_left_out_of_later_collections() -> None:
    gc.unfreeze()
    server.spare_the_collector()
    assert gc.get_freeze_count() > 10_000
    assert len(gc.get_objects()) < gc.get_freeze_count()
