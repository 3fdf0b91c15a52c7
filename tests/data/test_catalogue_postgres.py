"""The catalogue on PostgreSQL does what it does on SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mlops_lib.data.catalogue import (
    add_version,
    annotate,
    described,
    find_table,
    list_tables,
    move_version,
    rename,
    version_of,
    versions_of,
)
from mlops_lib.data.datasets import describe
from mlops_lib.data.removal import purge, remove, restore
from mlops_lib.data.uses import ModelUse, note_model, uses
from mlops_lib.objects.dataset import Dataset, Operation
from mlops_lib.objects.errors import InputError, UsedError
from mlops_lib.workspace.database import database
from mlops_lib.workspace.folder import Workspace
from tests.postgres import PASSWORD, PostgresServer, find_programs

Make = Callable[[dict[str, Any]], Dataset]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed here")
    with PostgresServer(programs) as running:
        yield running


@pytest.fixture(autouse=True)
def on_postgres(server: PostgresServer, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("FULCRUM_DATABASE", server.url_of("owner", PASSWORD))
    engine = database(workspace)
    assert engine.dialect.name == "postgresql"
    yield
    server.run("TRUNCATE catalogue, table_versions, model_uses")
    engine.dispose()


def test_versions_names_notes_moves_and_removals(workspace: Workspace, dataset_of: Make) -> None:
    one, two, three = (dataset_of({"x": [k, None, 3], "c": ["ä", "한", None]}) for k in range(3))
    first = add_version(workspace, replace(one, name="hr.csv"), note="as delivered")
    second = add_version(workspace, two, first.table)
    alone = add_version(workspace, replace(three, name="hr.parquet"))
    assert add_version(workspace, two, first.table) == second
    assert {t.name for t in list_tables(workspace)} == {"hr", "hr (2)"}
    moved = move_version(workspace, alone, first.table)
    assert (moved.number, described(workspace, moved).name) == (3, "hr.parquet")
    rename(workspace, first.table, "직원")
    annotate(workspace, first.table, "note", number=2)
    with pytest.raises(InputError, match="1 to 120"):
        rename(workspace, first.table, " ")
    table = find_table(workspace, first.table)
    assert (table.name, [v.number for v in table.versions], table.versions[1].note) == ("직원", [1, 2, 3], "note")

    remove(workspace, moved)
    assert version_of(workspace, three.fingerprint) is None
    restore(workspace, moved)
    remove(workspace, versions_of(workspace, three.fingerprint)[0][1])
    assert purge(workspace, datetime.now(UTC) + timedelta(days=31)) == (three.fingerprint,)
    assert not Path(three.path).exists()
    assert [v.number for v in find_table(workspace, first.table).versions] == [1, 2]


def test_uses_are_found_and_adoption_puts_a_child_beside_its_parent(workspace: Workspace, dataset_of: Make) -> None:
    parent, child = dataset_of({"x": [1, 2]}), dataset_of({"x": [1]})
    version = add_version(workspace, parent)
    describe(workspace, replace(child, parent=parent.fingerprint, operation=Operation("filter")))
    assert [len(t.versions) for t in list_tables(workspace)] == [2]
    note_model(workspace, "m", 1, parent.fingerprint, "r")
    note_model(workspace, "m", 1, parent.fingerprint, "r")
    found = uses(workspace, parent.fingerprint)
    assert (found.models, found.derived) == ((ModelUse("m", 1, "r"),), (child.fingerprint,))
    with pytest.raises(UsedError):
        remove(workspace, version)


def test_several_writers_at_once_give_every_version_its_own_number(workspace: Workspace, dataset_of: Make) -> None:
    table = add_version(workspace, dataset_of({"x": [0]})).table
    datasets = [dataset_of({"x": [k]}) for k in range(1, 11)]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda d: add_version(workspace, d, table), [*datasets, *datasets]))
    assert sorted({v.number for v in made}) == list(range(2, 12))
    assert made[:10] == made[10:]
