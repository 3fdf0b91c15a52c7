"""Tables from elsewhere on the Data page: files on the server, databases, and the way back to the table before."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mlops_lib.data.catalogue import list_tables
from mlops_lib.data.datasets import TO_SCORE, list_datasets, read_and_keep
from mlops_lib.data.samples import SAMPLES, load_sample
from mlops_lib.objects.schema import Schema
from mlops_lib.workspace.folder import Workspace
from mlops_lib.workspace.views import find_view
from tests.pages.conftest import texts

OpenApp = Callable[..., AppTest]
DoJobs = Callable[[], int]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "secret place.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE customers (id INTEGER, city TEXT, left_us TEXT)")
        rows = [(k, "abc"[k % 3], "Yes" if k % 4 == 0 else "No") for k in range(200)]
        connection.executemany("INSERT INTO customers VALUES (?, ?, ?)", rows)
    connection.close()
    monkeypatch.setenv("FULCRUM_SQL_SHOP", f"sqlite:///{path}")
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "server files"
    made.mkdir()
    (made / "people.csv").write_text("a,b\n" + "".join(f"{k},x{k}\n" for k in range(3000)))
    (made / "picture.csv").write_bytes(b"\x89PNG\r\n")
    monkeypatch.setenv("FULCRUM_FILES", str(made))
    return made


def asked(app: AppTest, do_jobs: DoJobs, query: str, name: str = "") -> AppTest:
    """The app after a query was asked and the job done."""
    if name:
        app.get_by_key("data_query_name").input(name)
    app.get_by_key("data_query_text").input(query)
    next(b for b in app.button if b.label == "Ask SHOP").click().run()
    assert not app.exception
    assert do_jobs() == 1
    return app.run()


def nouns(app: AppTest, workspace: Workspace) -> dict[str, Any]:
    found = find_view(workspace, str(app.session_state["fulcrum_view"]))
    assert found is not None
    return dict(found["nouns"])


def test_without_settings_there_is_neither_a_file_nor_a_query(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FULCRUM_FILES", raising=False)
    app = open_app()
    keys = {str(w.key) for kind in ("selectbox", "text_area", "button_group") for w in app.get(kind)}
    assert not {k for k in keys if k.startswith(("data_file", "data_query", "data_place"))}


def test_a_query_becomes_a_table_and_later_its_next_version(
    open_app: OpenApp, workspace: Workspace, do_jobs: DoJobs, shop: Path
) -> None:
    app = asked(open_app(), do_jobs, "SELECT * FROM customers ORDER BY id", "shop customers")
    assert not app.exception
    said = texts(app)
    assert "200 rows and 3 columns read, none skipped" in said
    assert "secret place" not in said
    table = list_tables(workspace)[0]
    assert (table.name, len(table.versions)) == ("shop customers", 1)

    with sqlite3.connect(shop) as connection:
        connection.execute("DELETE FROM customers WHERE id < 10")
        connection.execute("INSERT INTO customers VALUES (1000, 'd', 'Yes')")
    connection.close()
    app.get_by_key("data_ask_again").click().run()
    assert do_jobs() == 1
    app.run()
    assert not app.exception
    said = texts(app).replace("\\", "")
    assert "191 rows and 3 columns read" in said
    assert "The same query as version 1 of 'shop customers'" in said
    assert [v.number for v in list_tables(workspace)[0].versions] == [1, 2]

    app.get_by_key("data_ask_again").click().run()
    do_jobs()
    app.run()
    assert not app.exception
    assert [t.value for t in app.toast] == ["Asking SHOP: every cell is as it was."]
    assert len(list_tables(workspace)[0].versions) == 2


def test_what_a_database_does_not_take_is_said_and_can_be_closed(
    open_app: OpenApp, workspace: Workspace, do_jobs: DoJobs, shop: Path
) -> None:
    kept = load_sample(workspace, "employees")
    app = open_app(dataset=kept.fingerprint)
    app.get_by_key("data_other").click().run()
    app.get_by_key("data_place").set_value("query").run()
    app = asked(app, do_jobs, "DROP TABLE customers")
    said = texts(app).replace("\\", "")
    assert "The database 'SHOP' takes only a query that reads." in said
    app.get_by_key("data_reading_close").click().run()
    assert "takes only a query" not in texts(app)
    app.get_by_key("data_back").click().run()
    assert not app.exception
    assert nouns(app, workspace) == {"dataset": kept.fingerprint}


def test_a_failed_reading_keeps_the_table_before(
    open_app: OpenApp, workspace: Workspace, do_jobs: DoJobs, shop: Path
) -> None:
    app = asked(open_app(), do_jobs, "SELECT * FROM customers")
    shop.unlink()
    app.get_by_key("data_ask_again").click().run()
    do_jobs()
    app.run()
    said = texts(app).replace("\\", "")
    assert "cannot be reached" in said
    assert "What do you want to know?" in said
    app.get_by_key("data_reading_close").click().run()
    assert "cannot be reached" not in texts(app)
    assert "200 rows and 3 columns read" in texts(app)


def test_a_file_of_the_server_is_opened(open_app: OpenApp, workspace: Workspace, do_jobs: DoJobs, folder: Path) -> None:
    app = open_app()
    assert str(folder) not in texts(app)
    app.get_by_key("data_file").select("people.csv").run()
    app.get_by_key("data_file_open").click().run()
    assert do_jobs() == 1
    app.run()
    assert not app.exception
    assert "3,000 rows and 2 columns read, none skipped" in texts(app)
    assert list_tables(workspace)[0].name == "people"


def test_a_sample_of_a_file_of_the_server(
    open_app: OpenApp, workspace: Workspace, do_jobs: DoJobs, folder: Path
) -> None:
    app = open_app()
    app.get_by_key("data_file").select("people.csv").run()
    app.get_by_key("data_file_rows").set_value(250).run()
    app.get_by_key("data_file_sample").click().run()
    assert do_jobs() == 1
    app.run()
    assert not app.exception
    assert "250 rows of 3,000, drawn at random, and 2 columns read" in texts(app)
    kept = list_datasets(workspace)[0]
    assert kept.sampling is not None
    assert kept.sampling.parent_rows == 3000


def test_a_file_that_is_no_table_is_said(open_app: OpenApp, do_jobs: DoJobs, folder: Path) -> None:
    app = open_app()
    app.get_by_key("data_file").select("picture.csv").run()
    app.get_by_key("data_file_open").click().run()
    do_jobs()
    app.run()
    assert "PNG picture" in texts(app)
    assert "The steps ahead" in texts(app)


def test_a_file_beyond_the_limit_can_only_be_sampled(
    open_app: OpenApp, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.shared.data_sources.MAX_FILE_BYTES", 1000)
    app = open_app()
    app.get_by_key("data_file").select("people.csv").run()
    assert app.get_by_key("data_file_open").disabled
    assert not app.get_by_key("data_file_sample").disabled


def test_a_folder_that_is_gone_leaves_the_page_well(open_app: OpenApp, folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    said = texts(open_app())
    assert "cannot be read" in said
    assert "The steps ahead" in said


def test_the_way_back_takes_all_that_was_chosen_along(open_app: OpenApp, workspace: Workspace) -> None:
    app = open_app(dataset=load_sample(workspace, "employees").fingerprint)
    app.get_by_key("data_ask_sample").click().run()
    app.get_by_key("data_confirm").click().run()
    app = open_app(view=str(app.session_state["fulcrum_view"]))
    before = nouns(app, workspace)
    assert set(before) >= {"dataset", "schema", "split"}
    app.get_by_key("data_other").click().run()
    assert nouns(app, workspace) == {}
    app.get_by_key("data_back").click().run()
    assert not app.exception
    assert nouns(app, workspace) == before
    assert "This split is locked" in texts(app)


def test_a_quick_sample_leaves_out_what_is_known_only_afterwards(
    open_app: OpenApp, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pages.shared import page, sample

    monkeypatch.setattr(page, "_use_sample", lambda: sample.use_sample("flights"))
    app = open_app("explore")
    app.get_by_key("missing_sample").click().run()
    assert not app.exception
    assert "Known only after the event, so left out: dep\\_time" in app.toast[0].value
    schema = workspace.get(Schema, nouns(app, workspace)["schema"])
    assert not set(schema.features()) & set(SAMPLES["flights"].after)
    assert {schema.column(name).role for name in SAMPLES["flights"].after} == {"ignored"}


@pytest.mark.parametrize("key", SAMPLES)
def test_what_a_sample_knows_afterwards_is_among_its_columns(workspace: Workspace, key: str) -> None:
    assert set(SAMPLES[key].after) <= set(load_sample(workspace, key).columns)


def test_a_table_that_was_only_scored_is_not_offered(open_app: OpenApp, workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_text("a,b\n" + "".join(f"{k},x\n" for k in range(50)))
    scored = read_and_keep(workspace, path, "new.csv", source=TO_SCORE)
    load_sample(workspace, "employees")
    (offered,) = open_app().get_by_key("data_known").options
    assert offered.startswith("employees · version 1 · 3,000 x 25 · ")
    assert scored.fingerprint not in [version.dataset for table in list_tables(workspace) for version in table.versions]
