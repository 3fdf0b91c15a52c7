"""What an upload that is no table does to the page: one sentence, and all that was there before stays."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from streamlit.testing.v1 import AppTest

from mlops_lib.data import limits
from mlops_lib.data.datasets import list_datasets
from mlops_lib.workspace.folder import Workspace
from tests.pages.conftest import texts

OpenApp = Callable[..., AppTest]
DoJobs = Callable[[], int]
CSV = b"x,dept\n" + b"".join(b"%d,%s\n" % (k, b"abc"[k % 3 : k % 3 + 1]) for k in range(50))


@pytest.fixture
def mutations(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "data"))
    import mutations

    yield mutations
    for name in ("mutations", "files"):
        sys.modules.pop(name, None)


def upload(app: AppTest, do_jobs: DoJobs, name: str, content: bytes) -> AppTest:
    app.get_by_key("data_upload").upload(name, content).run()
    do_jobs()
    return app.run()


def plain(app: AppTest) -> str:
    return texts(app).replace("\\", "")


def test_the_limits_are_stated_before_anything_is_uploaded(open_app: OpenApp) -> None:
    assert limits.limits_sentence() in plain(open_app())


def test_what_was_loaded_stays_when_the_next_upload_fails(
    open_app: OpenApp, workspace: Workspace, do_jobs: DoJobs
) -> None:
    app = upload(open_app(), do_jobs, "people.csv", CSV)
    assert "50 rows and 2 columns read" in plain(app)
    app.get_by_key("data_other").click().run()
    app = upload(app, do_jobs, "people.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(40))
    assert not app.exception
    (said,) = [w.value.replace("\\", "") for w in app.warning]
    assert said.startswith(
        "**Reading people.xlsx failed.** 'people.xlsx' looks like a PNG picture, whatever its name says."
    )
    assert [d.name for d in list_datasets(workspace)] == ["people.csv"]
    app.get_by_key("data_back").click().run()
    assert not app.exception
    assert "50 rows and 2 columns read" in plain(app)


def test_the_chosen_table_stays_chosen_when_reading_it_in_another_way_fails(
    open_app: OpenApp, do_jobs: DoJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = upload(open_app(), do_jobs, "people.csv", CSV + b"?,a\n")
    monkeypatch.setattr(limits, "MAX_ROWS", 10)
    app.get_by_key("data_count_missing").click().run()
    assert do_jobs() == 1
    app.run()
    assert not app.exception
    assert "rows; the limit is 10." in plain(app)
    assert "51 rows and 2 columns read" in plain(app)
    app.get_by_key("data_reading_close").click().run()
    assert not app.exception
    assert "51 rows and 2 columns read" in plain(app)
    assert not app.warning


def test_spoiled_files_never_show_a_traceback(open_app: OpenApp, do_jobs: DoJobs, mutations: ModuleType) -> None:
    """A sample of the spoiled files of tests/data/test_fuzz.py, each through the page as a visitor uploads it."""
    app = open_app()
    read = refused = 0
    for seed in range(3 * len(mutations.SOURCES)):
        kind, content = mutations.mutated(seed)
        app = upload(app, do_jobs, f"table-{seed}.{kind}", content)
        assert not app.exception, f"seed {seed} ({kind})"
        said = plain(app)
        assert "Traceback" not in said
        assert "did not expect" not in said
        if app.warning and "failed." in app.warning[0].value:
            refused += 1
        else:
            assert "read" in said, f"seed {seed} ({kind})"
            read += 1
            app.get_by_key("data_other").click().run()
    assert read > 5
    assert refused > 10
