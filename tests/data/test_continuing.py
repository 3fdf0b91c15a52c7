"""Which table a new upload continues."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pyarrow as pa
import pytest

from mlops_lib.data.catalogue import add_version, find_table, home_of, list_tables, version_of
from mlops_lib.data.continuing import columns_that_still_fit, find_continuation, last_schema, latest_read, same_name
from mlops_lib.data.datasets import describe, keep, keep_upload, read_and_keep
from mlops_lib.data.reading import ReadTable
from mlops_lib.data.removal import remove
from mlops_lib.objects.dataset import Dataset, Operation, Reading, ReadingOptions, Sampling
from mlops_lib.objects.schema import Classes, Column, Schema
from mlops_lib.workspace.folder import Workspace

Make = Callable[..., Dataset]
COLUMNS = ("age", "pay", "site", "left")


@pytest.fixture
def make(workspace: Workspace) -> Make:
    def make(name: str, first: int = 0, columns: tuple[str, ...] = COLUMNS, **reading: str) -> Dataset:
        table = pa.table({c: [first + k, 10 + k, 20 + k] for k, c in enumerate(columns)})
        return keep(workspace, ReadTable(table, Reading("CSV", ReadingOptions(), 3, 3, **reading)), name, "upload")

    return make


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("hr_2024.csv", "hr_2025-01-31.csv", True),
        ("hr.csv", "HR (1).parquet", True),
        ("hr_v2.csv", "hr.csv", True),
        ("hr - Copy.csv", "hr.csv", True),
        ("직원_2024.csv", "직원_2025.csv", True),
        ("hr.csv", "sales.csv", False),
        ("2024.csv", "2025.csv", False),
        ("active.csv", "acti.csv", False),
    ],
)
def test_names_are_the_same_apart_from_digits_and_dates(first: str, second: str, same: bool) -> None:
    assert same_name(first, second) is same


def test_the_same_name_continues_with_half_of_the_columns(workspace: Workspace, make: Make) -> None:
    table = add_version(workspace, make("hr_2024.csv")).table
    found = find_continuation(workspace, make("hr_2025.csv", 5, ("age", "pay", "site", "bonus")))
    assert found is not None
    assert (found.table.id, found.number, found.latest.number) == (table, 2, 1)
    assert found.why == "the same name apart from digits, and 3 of 5 columns in common"
    assert find_continuation(workspace, make("hr_2026.csv", 7, ("x", "y", "age"))) is None


def test_an_equal_name_is_not_called_equal_apart_from_digits(workspace: Workspace, make: Make) -> None:
    add_version(workspace, make("hr_2024.csv", file="a"))
    found = find_continuation(workspace, make("hr_2024.csv", 6, ("age", "pay", "site", "bonus"), file="b"))
    assert found is not None
    assert found.why == "the same name, and 3 of 5 columns in common"


def test_the_same_columns_continue_under_another_name(workspace: Workspace, make: Make) -> None:
    add_version(workspace, make("hr.csv"))
    found = find_continuation(workspace, make("export.csv", 5))
    assert found is not None
    assert found.why == "the same columns"
    assert find_continuation(workspace, make("other.csv", 6, ("age", "pay", "x", "y"))) is None
    add_version(workspace, make("two.csv", 7, ("a", "b")))
    assert find_continuation(workspace, make("more.csv", 8, ("a", "b"))) is None


def test_the_name_goes_before_the_columns(workspace: Workspace, make: Make) -> None:
    add_version(workspace, make("export.csv", 1))
    named = add_version(workspace, make("hr_2024.csv", 2, ("age", "pay", "site")))
    found = find_continuation(workspace, make("hr_2025.csv", 3))
    assert found is not None
    assert found.table.id == named.table


def test_a_new_upload_is_compared_with_the_last_one_that_was_read(workspace: Workspace, make: Make) -> None:
    root = make("hr_2024.csv")
    first = add_version(workspace, root)
    child = describe(workspace, replace(make("part", 3), parent=root.fingerprint, operation=Operation("filter")))
    assert home_of(workspace, child) == first.table
    second = add_version(workspace, child, first.table)
    found = find_continuation(workspace, make("hr_2025.csv", 9))
    assert found is not None
    assert (found.latest, found.number) == (first, 3)
    remove(workspace, second)
    remove(workspace, first)
    assert latest_read(workspace, find_table(workspace, first.table)) is None


def test_the_same_query_belongs_to_its_table_without_a_question(workspace: Workspace, make: Make) -> None:
    table = add_version(workspace, make("q", source="hr", query="select * from people")).table
    later = make("q", 5, source="hr", query="select * from people")
    assert home_of(workspace, later) == table
    assert home_of(workspace, make("q", 6, source="sales", query="select * from people")) is None
    assert home_of(workspace, make("q", 7, source="hr", query="select 1")) is None
    list_tables(workspace)
    place = version_of(workspace, later.fingerprint)
    assert place is not None
    assert (place[0].id, place[1].number) == (table, 2)


def test_the_same_file_read_in_another_way_belongs_to_its_table(workspace: Workspace) -> None:
    path = keep_upload(workspace, b"a,b\n1,x\n?,y\n")
    table = add_version(workspace, read_and_keep(workspace, path, "t.csv")).table
    again = read_and_keep(workspace, path, "t.csv", ReadingOptions(missing=("?",)))
    assert home_of(workspace, again) == table
    assert again.reading is not None
    sheet = replace(again, fingerprint="f" * 16, reading=replace(again.reading, options=ReadingOptions(sheet="places")))
    assert home_of(workspace, sheet) is None


def test_the_schema_confirmed_last_carries_over_where_columns_stayed(workspace: Workspace, make: Make) -> None:
    before = make("hr_2024.csv")
    table = add_version(workspace, before).table
    entry = next(t for t in list_tables(workspace) if t.id == table)
    assert last_schema(workspace, entry) is None
    kinds = (
        Column("age", "numeric", "feature"),
        Column("pay", "numeric", "ignored"),
        Column("left", "numeric", "target"),
    )
    schema = Schema(before.fingerprint, kinds, Classes("20"))
    workspace.put(schema)
    assert last_schema(workspace, entry) == schema
    later = pa.table({"age": ["old", "young"], "pay": [1, 2], "left": [0, 1]})
    after = keep(workspace, ReadTable(later, Reading("CSV", ReadingOptions(), 2, 2)), "hr_2025.csv", "upload")
    assert [c.name for c in columns_that_still_fit(schema, before, after)] == ["pay", "left"]


def test_of_equally_good_tables_the_one_with_the_most_versions_is_continued(workspace: Workspace, make: Make) -> None:
    first = add_version(workspace, make("hr.csv")).table
    add_version(workspace, make("hr.csv", 3), first)
    add_version(workspace, make("hr.csv", 6))
    found = find_continuation(workspace, make("hr.csv", 9))
    assert found is not None
    assert (found.table.id, found.number) == (first, 3)


def test_a_sample_is_not_continued_by_the_whole(workspace: Workspace, make: Make) -> None:
    part = replace(make("hr.csv"), sampling=Sampling("reservoir", 1000))
    describe(workspace, part)
    add_version(workspace, part)
    assert find_continuation(workspace, make("hr.csv", 4)) is None
