"""How versions come from each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mlops_lib.data.catalogue import add_version, find_table
from mlops_lib.data.datasets import describe
from mlops_lib.data.lineage import Edge, ancestry, lineage_of
from mlops_lib.data.origin import operation_words, origin_words, table_overview, version_overview
from mlops_lib.data.removal import remove
from mlops_lib.data.uses import note_model
from mlops_lib.objects.dataset import Dataset, Operation
from mlops_lib.workspace.folder import Workspace

Make = Callable[[dict[str, Any]], Dataset]


@pytest.fixture
def family(workspace: Workspace, dataset_of: Make) -> dict[str, Dataset]:
    """Two readings; from the second one a sample, of it a filter; and from the sample a join with another table."""
    made = {name: dataset_of({"x": [k, k + 1]}) for k, name in enumerate(("one", "two", "other"))}
    steps = (
        ("sample", "two", Operation("sample", (("rows", 2),), seed=1, said=("A sample of 2 rows",))),
        ("filtered", "sample", Operation("filter", (("condition", "x > 3"),))),
        ("joined", "sample", Operation("join", other=made["other"].fingerprint)),
    )
    for k, (name, parent, operation) in enumerate(steps):
        dataset = replace(
            dataset_of({"x": [10 + k, 20]}), reading=None, parent=made[parent].fingerprint, operation=operation
        )
        made[name] = describe(workspace, dataset)
    entry = add_version(workspace, made["one"]).table
    for name in ("two", "sample", "filtered", "joined"):
        add_version(workspace, made[name], entry)
    add_version(workspace, replace(made["other"], name="other.csv"))
    return made


def test_versions_stand_where_they_came_from(workspace: Workspace, family: dict[str, Dataset]) -> None:
    names = {d.fingerprint: name for name, d in family.items()}
    table = find_table(workspace, add_version(workspace, family["one"]).table)
    lineage = lineage_of(workspace, table)
    assert [(names[n.dataset], n.number, n.depth) for n in lineage.nodes] == [
        ("one", 1, 0), ("two", 2, 0), ("sample", 3, 1), ("filtered", 4, 2), ("joined", 5, 2), ("other", None, 0),
    ]  # fmt: skip
    assert [(names[e.before], names[e.after], e.kind) for e in lineage.edges] == [
        ("one", "two", "next"), ("two", "sample", "derived"), ("sample", "filtered", "derived"),
        ("sample", "joined", "derived"), ("other", "joined", "joined"),
    ]  # fmt: skip
    assert lineage.nodes[-1].label == "other, version 1"
    way = ancestry(lineage, family["filtered"].fingerprint)
    assert [n.number for n in way] == [2, 3, 4]
    assert [n.made for n in way[1:]] == ["A sample of 2 rows", "filter (condition x > 3)"]
    assert Edge(family["two"].fingerprint, family["sample"].fingerprint, "derived") in lineage.edges


def test_where_a_version_came_from_in_words(family: dict[str, Dataset]) -> None:
    assert origin_words(family["one"]) == "Read from 'table.csv'"
    assert origin_words(family["sample"]) == "A sample of 2 rows"
    assert origin_words(replace(family["one"], source="sample employees")) == "The sample 'table.csv'"
    reading = family["one"].reading
    assert reading is not None
    asked = replace(family["one"], reading=replace(reading, source="hr", query="select *\n  from t"))
    assert origin_words(asked) == "Asked of the database 'hr': select * from t"
    assert operation_words(None) == ""
    assert operation_words(Operation("drop_duplicates", (("columns", ("a", "b")),))) == (
        "drop duplicates (columns a and b)"
    )


def test_overviews_list_tables_and_versions_with_their_uses(workspace: Workspace, family: dict[str, Dataset]) -> None:
    version = add_version(workspace, family["one"])
    note_model(workspace, "m", 1, family["two"].fingerprint, "r")
    table = find_table(workspace, version.table)
    last = table.versions[-1]
    remove(workspace, last)
    table = find_table(workspace, version.table)
    frame = version_overview(workspace, table)
    assert list(frame["version"]) == [5, 4, 3, 2, 1]
    assert frame["state"][0].startswith("removed 20")
    assert dict(zip(frame["version"], frame["used by"], strict=True)) == {
        5: "", 4: "", 3: "1 derived version", 2: "1 model, 1 derived version", 1: "",
    }  # fmt: skip
    tables = table_overview(workspace, (table,))
    assert tables.iloc[0][["versions", "used by"]].tolist() == [4, "1 model, 2 derived versions"]
