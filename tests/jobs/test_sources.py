"""Queries, files of the server and samples as jobs, up to the versions they become."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlops_lib.data.catalogue import add_version, find_table, home_of
from mlops_lib.data.comparing import compare_versions
from mlops_lib.data.datasets import open_dataset
from mlops_lib.data.server_files import find_file
from mlops_lib.jobs import work
from mlops_lib.jobs.sources import (
    query_job,
    query_spec,
    sample_job,
    sample_spec,
    server_file_job,
    server_file_spec,
)
from mlops_lib.objects.errors import FulcrumError, NotFoundError
from mlops_lib.objects.progress import Progress
from mlops_lib.workspace.folder import Workspace
from tests.postgres import PASSWORD, PostgresServer, find_programs

ROWS = "INSERT INTO customers SELECT g, 'c' || g, (g % 50)::numeric(8, 2), g % 4 = 0 FROM generate_series({}, {}) g"


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    programs = find_programs()
    if programs is None:
        pytest.skip("This machine has no PostgreSQL server (initdb).")
    with PostgresServer(programs) as server:
        yield server


def test_the_same_query_later_is_the_next_version_with_the_difference(
    postgres: PostgresServer, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FULCRUM_SQL_SHOP", postgres.url)
    postgres.run(
        "CREATE TABLE customers (id int PRIMARY KEY, name text, amount numeric(8, 2), active boolean)",
        ROWS.format(1, 500),
        "GRANT SELECT ON customers TO reader",
    )
    spec = query_spec("SHOP", "SELECT * FROM customers ORDER BY id", "customers")
    first = query_job(workspace, spec, lambda _: None)
    assert (first.name, first.source, first.rows) == ("customers", "query SHOP", 500)
    assert home_of(workspace, first) is None
    one = add_version(workspace, first)

    postgres.run(
        ROWS.format(501, 520),
        "DELETE FROM customers WHERE id <= 5",
        "UPDATE customers SET amount = amount + 1000 WHERE id BETWEEN 11 AND 17",
    )
    later = query_spec("SHOP", "SELECT * FROM customers ORDER BY id", "customers")
    assert work.key("query", spec) != work.key("query", later)
    second = query_job(workspace, later, lambda _: None)
    home = home_of(workspace, second)
    assert home == one.table
    two = add_version(workspace, second, home)
    assert [v.number for v in find_table(workspace, home).versions] == [1, 2]
    assert two.number == 2
    found = compare_versions(first, second)
    assert (found.rows.before, found.rows.after) == (500, 515)
    assert found.keyed is not None
    assert (found.keyed.added, found.keyed.removed, found.keyed.changed) == (20, 5, 7)

    same = query_job(workspace, query_spec("SHOP", spec["query"], "customers"), lambda _: None)
    assert same.fingerprint == second.fingerprint
    other = query_job(workspace, query_spec("SHOP", "SELECT id, name FROM customers", "names"), lambda _: None)
    assert home_of(workspace, other) is None


def test_what_is_stored_of_a_query_has_no_password(
    postgres: PostgresServer, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FULCRUM_SQL_SHOP", postgres.url)
    events: list[Any] = []
    dataset = query_job(workspace, query_spec("SHOP", "SELECT 1 AS a"), events.append)
    stored = b"".join(path.read_bytes() for path in workspace.root.rglob("*") if path.is_file())
    for hidden in (PASSWORD, str(postgres.folder)):
        assert hidden.encode() not in stored
        assert hidden not in repr(events)
    assert dataset.name == "shop"


def test_a_sample_of_a_query_is_kept_as_one(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "numbers.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE numbers AS WITH RECURSIVE c(x) AS (VALUES(0) UNION ALL SELECT x + 1 FROM c "
                           "WHERE x < 49999) SELECT x FROM c")  # fmt: skip
    connection.close()
    monkeypatch.setenv("FULCRUM_SQL_LOCAL", f"sqlite:///{path}")
    events: list[Any] = []
    found = query_job(workspace, query_spec("LOCAL", "SELECT x FROM numbers", "n", rows=100, seed=3), events.append)
    kept = open_dataset(workspace, found.fingerprint)
    assert kept.sampling is not None
    assert (kept.rows, kept.sampling.parent_rows) == (100, 50_000)
    assert kept.row_ids().tolist() == kept.frame()["x"].tolist()
    assert all(isinstance(event, Progress) for event in events)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "files"
    (made / "sub").mkdir(parents=True)
    (made / "sub" / "t.csv").write_text("a,b\n" + "".join(f"{k},x{k}\n" for k in range(20_000)))
    monkeypatch.setenv("FULCRUM_FILES", str(made))
    return made


def test_a_file_of_the_server_is_read_like_an_upload(workspace: Workspace, folder: Path) -> None:
    spec = server_file_spec(find_file("sub/t.csv")[1])
    found = server_file_job(workspace, spec, lambda _: None)
    assert (found.name, found.rows, found.source) == ("t.csv", 20_000, "server file")
    assert found.reading is not None
    copy = workspace.uploads / found.reading.file
    assert copy.read_bytes() == (folder / "sub" / "t.csv").read_bytes()
    assert not [path for path in workspace.uploads.iterdir() if path != copy]
    stored = b"".join(p.read_bytes() for p in workspace.datasets.rglob("*.json"))
    assert str(folder).encode() not in stored


def test_a_sample_of_a_file_tells_how_far_it_is(workspace: Workspace, folder: Path) -> None:
    events: list[Any] = []
    spec = sample_spec(find_file("sub/t.csv")[1], rows=50, seed=2)
    found = sample_job(workspace, spec, events.append)
    assert (found.name, found.rows) == ("t, sample", 50)
    assert found.sampling is not None
    assert found.sampling.parent_rows == 20_000
    assert events
    assert sample_job(workspace, spec, events.append).fingerprint == found.fingerprint


def test_a_file_that_has_changed_is_not_taken_for_the_one_that_was_listed(workspace: Workspace, folder: Path) -> None:
    spec = server_file_spec(find_file("sub/t.csv")[1])
    (folder / "sub" / "t.csv").write_text("a,b\n1,2\n")
    with pytest.raises(NotFoundError, match="has changed since"):
        server_file_job(workspace, spec, lambda _: None)
    (folder / "sub" / "t.csv").unlink()
    with pytest.raises(FulcrumError, match="no file 'sub"):
        sample_job(workspace, {**spec, "rows": 3, "seed": 0}, lambda _: None)
