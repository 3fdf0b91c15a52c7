"""The catalogue: every table has its place, the same cells come in once, and nothing is lost or reused."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mlops_lib.data.catalogue import (
    add_version,
    annotate,
    described,
    find_table,
    list_tables,
    move_version,
    rename,
    size_on_disk,
    table_name,
    version_of,
    versions_of,
)
from mlops_lib.data.datasets import TO_SCORE, describe, keep, keep_upload, list_datasets, open_dataset, read_and_keep
from mlops_lib.data.reading import ReadTable
from mlops_lib.data.removal import KEPT_DAYS, deleted_on, purge, remove, restore
from mlops_lib.data.uses import ModelUse, Uses, note_model, noted_models, uses
from mlops_lib.objects.dataset import Dataset, Operation, Sampling
from mlops_lib.objects.errors import InputError, NotFoundError, UsedError
from mlops_lib.objects.experiment import Experiment
from mlops_lib.workspace.folder import Workspace

Make = Callable[[dict[str, list[object]]], Dataset]


@pytest.fixture
def hr(workspace: Workspace) -> Dataset:
    return read_and_keep(workspace, keep_upload(workspace, b"age,left\n30,Yes\n41,No\n"), "hr_2024.csv")


@pytest.fixture
def later(workspace: Workspace) -> Dataset:
    return read_and_keep(workspace, keep_upload(workspace, b"age,left\n30,Yes\n41,No\n55,No\n"), "hr_2025.csv")


def test_versions_count_from_one_and_the_same_cells_come_in_once(
    workspace: Workspace, hr: Dataset, later: Dataset
) -> None:
    first = add_version(workspace, hr, note=" as delivered ")
    second = add_version(workspace, later, first.table)
    assert (first.number, second.number, first.note) == (1, 2, "as delivered")
    assert add_version(workspace, hr, first.table) == first
    assert add_version(workspace, hr) == first
    (table,) = list_tables(workspace)
    assert (table.name, table.versions) == ("hr_2024", (first, second))
    assert find_table(workspace, table.id) == table
    assert versions_of(workspace, later.fingerprint) == ((table, second),)
    assert size_on_disk(workspace, second) >= Path(later.path).stat().st_size > 0


def test_a_table_that_does_not_exist_takes_no_version(workspace: Workspace, hr: Dataset) -> None:
    for call in (
        lambda: add_version(workspace, hr, "nonsense"),
        lambda: find_table(workspace, "nonsense"),
        lambda: rename(workspace, "nonsense", "x"),
        lambda: annotate(workspace, "nonsense", "x"),
    ):
        with pytest.raises(NotFoundError, match="no such table"):
            call()
    assert versions_of(workspace, hr.fingerprint) == ()


def test_tables_of_an_older_workspace_appear_but_not_those_to_score(
    workspace: Workspace, hr: Dataset, later: Dataset
) -> None:
    scored = keep_upload(workspace, b"age,left\n1,No\n")
    read_and_keep(workspace, scored, "new.csv", source=TO_SCORE)
    derived = describe(workspace, replace(later, parent=hr.fingerprint, operation=Operation("filter")))
    tables = list_tables(workspace)
    assert [[v.dataset for v in t.versions] for t in tables] == [[hr.fingerprint, derived.fingerprint]]
    assert list_tables(workspace) == tables
    read_and_keep(workspace, scored, "new.csv")
    assert {t.name for t in list_tables(workspace)} == {"hr_2024", "new"}


def test_scoring_a_known_table_leaves_its_description(workspace: Workspace, hr: Dataset) -> None:
    again = read_and_keep(workspace, keep_upload(workspace, b"age;left\n30;Yes\n41;No\n"), "s.csv", source=TO_SCORE)
    assert again.fingerprint == hr.fingerprint
    assert open_dataset(workspace, hr.fingerprint) == hr
    assert open_dataset(workspace, hr.fingerprint).name == "hr_2024.csv"


def test_keeping_the_same_cells_again_does_not_lose_their_descent(
    workspace: Workspace, hr: Dataset, later: Dataset
) -> None:
    sampling = Sampling("stratified", 100, "left", (("Yes", 0.1), ("No", 0.9)))
    describe(workspace, replace(later, parent=hr.fingerprint, operation=Operation("sample", seed=3), sampling=sampling))
    again = read_and_keep(workspace, keep_upload(workspace, b"age,left\n30,Yes\n41,No\n55,No\n"), "copy.csv")
    for found in (again, open_dataset(workspace, later.fingerprint)):
        assert (found.name, found.parent, found.sampling) == ("copy.csv", hr.fingerprint, sampling)
        assert found.operation == Operation("sample", seed=3)
    other = describe(workspace, replace(later, parent="f" * 16, operation=Operation("join"), reading=None))
    assert (other.parent, other.operation, other.reading) == (hr.fingerprint, again.operation, again.reading)


def test_a_table_is_never_its_own_ancestor(workspace: Workspace, hr: Dataset, later: Dataset) -> None:
    describe(workspace, replace(later, parent=hr.fingerprint, operation=Operation("join")))
    back = describe(workspace, replace(hr, parent=later.fingerprint, operation=Operation("filter")))
    assert back.parent is None
    itself = describe(workspace, replace(hr, parent=hr.fingerprint, operation=Operation("drop_duplicates")))
    assert itself.parent is None


def test_each_place_keeps_how_its_cells_came_in(workspace: Workspace, hr: Dataset, later: Dataset) -> None:
    first = add_version(workspace, hr)
    table = add_version(workspace, later).table
    renamed = read_and_keep(workspace, keep_upload(workspace, b"age;left\n30;Yes\n41;No\n"), "other.csv")
    second = add_version(workspace, renamed, table)
    one, two = described(workspace, first), described(workspace, second)
    assert (one.name, two.name) == ("hr_2024.csv", "other.csv")
    assert one.reading is not None
    assert two.reading is not None
    assert (one.reading.options.delimiter, two.reading.options.delimiter) == (",", ";")
    assert one.frame().equals(two.frame())
    assert len(versions_of(workspace, hr.fingerprint)) == 2


def test_names_are_unique_and_notes_can_be_edited(workspace: Workspace, hr: Dataset, later: Dataset) -> None:
    mine = add_version(workspace, replace(hr, name="people.csv"))
    other = add_version(workspace, replace(later, name="people.xlsx"))
    assert {t.name for t in list_tables(workspace)} == {"people", "people (2)"}
    rename(workspace, other.table, " Leavers ")
    annotate(workspace, other.table, "from the payroll")
    annotate(workspace, other.table, "without trainees", number=1)
    table = find_table(workspace, other.table)
    assert (table.name, table.note, table.versions[0].note) == ("Leavers", "from the payroll", "without trainees")
    for name in ("", "   ", "x" * 121, "people"):
        with pytest.raises(InputError):
            rename(workspace, other.table, name)
    with pytest.raises(InputError, match="2,000"):
        annotate(workspace, mine.table, "x" * 2001)
    rename(workspace, mine.table, "people")


@pytest.mark.parametrize(
    ("file", "name"),
    [("hr.csv", "hr"), ("a.b.csv.gz", "a.b"), ("x.PARQUET", "x"), ("no ending", "no ending"), (".csv", ".csv")],
)
def test_a_table_is_called_after_its_file(file: str, name: str) -> None:
    assert table_name(file) == name


def test_a_version_can_move_to_the_table_it_belongs_to(workspace: Workspace, hr: Dataset, later: Dataset) -> None:
    first, alone = add_version(workspace, hr), add_version(workspace, later, note="new")
    moved = move_version(workspace, alone, first.table)
    assert (moved.number, moved.note) == (2, "new")
    assert [t.id for t in list_tables(workspace)] == [first.table]
    assert move_version(workspace, moved, first.table) == moved
    assert add_version(workspace, later).number == 1


def test_the_number_of_a_version_that_moved_is_not_given_again(
    workspace: Workspace, hr: Dataset, later: Dataset, dataset_of: Make
) -> None:
    first, other = add_version(workspace, hr), add_version(workspace, dataset_of({"age": [1], "left": ["No"]}))
    second = add_version(workspace, later, first.table)
    move_version(workspace, second, other.table)
    third = add_version(workspace, dataset_of({"age": [2], "left": ["No"]}), first.table)
    assert third.number == 3
    assert [v.number for v in find_table(workspace, first.table).versions] == [1, 3]
    moved = versions_of(workspace, later.fingerprint)
    assert [table.id for table, _ in moved] == [other.table]
    remove(workspace, moved[0][1])
    assert version_of(workspace, later.fingerprint) is None


def test_what_is_unused_can_be_removed_and_brought_back(workspace: Workspace, hr: Dataset, later: Dataset) -> None:
    first = add_version(workspace, hr)
    second = add_version(workspace, later, first.table)
    remove(workspace, second)
    removed = versions_of(workspace, later.fingerprint)[0][1]
    assert removed.removed is not None
    assert version_of(workspace, later.fingerprint) is None
    assert open_dataset(workspace, later.fingerprint) == later
    restore(workspace, removed)
    assert versions_of(workspace, later.fingerprint)[0][1] == second
    remove(workspace, second)
    assert add_version(workspace, later, first.table) == second
    assert version_of(workspace, later.fingerprint) is not None


def test_what_is_used_stays_and_the_uses_are_named(workspace: Workspace, hr: Dataset) -> None:
    experiment, dataset = Experiment(hr.fingerprint, "s", "p", (), ""), hr
    version = add_version(workspace, dataset)
    assert uses(workspace, dataset.fingerprint) == Uses()
    workspace.put(experiment)
    note_model(workspace, "leavers", 2, dataset.fingerprint, "r1")
    note_model(workspace, "leavers", 2, dataset.fingerprint, "r1")
    found = uses(workspace, dataset.fingerprint)
    assert found == Uses(experiments=(experiment.fingerprint,), models=(ModelUse("leavers", 2, "r1"),))
    assert noted_models(workspace) == {("leavers", 2)}
    with pytest.raises(UsedError, match="1 experiment and the model leavers version 2"):
        remove(workspace, version)
    assert version_of(workspace, dataset.fingerprint) is not None


def test_a_parent_stays_as_long_as_what_was_derived_from_it(
    workspace: Workspace, hr: Dataset, dataset_of: Make
) -> None:
    other = dataset_of({"left": ["Yes", "No"], "bonus": [1, 2]})
    joined = dataset_of({"age": [30, 41], "left": ["Yes", "No"], "bonus": [1, 2]})
    joined = replace(joined, parent=hr.fingerprint, operation=Operation("join", other=other.fingerprint))
    describe(workspace, joined)
    first = add_version(workspace, hr)
    child = add_version(workspace, joined, first.table)
    second = add_version(workspace, other)
    for version in (first, second):
        assert uses(workspace, version.dataset).derived == (joined.fingerprint,)
        with pytest.raises(UsedError, match="1 derived version"):
            remove(workspace, version)
    remove(workspace, child)
    for version in (first, second):
        remove(workspace, version)
    assert {v.removed is None for t in list_tables(workspace) for v in t.versions} == {False}


def test_cells_with_another_place_may_leave_one_although_they_are_used(workspace: Workspace, hr: Dataset) -> None:
    first = add_version(workspace, hr)
    twice = add_version(workspace, hr, add_version(workspace, _other(workspace)).table)
    note_model(workspace, "m", 1, hr.fingerprint, "r")
    remove(workspace, twice)
    with pytest.raises(UsedError):
        remove(workspace, first)


def test_a_removed_version_is_deleted_after_thirty_days_and_never_before(
    workspace: Workspace, hr: Dataset, later: Dataset
) -> None:
    first = add_version(workspace, hr)
    second = add_version(workspace, later, first.table)
    remove(workspace, second)
    end = deleted_on(versions_of(workspace, later.fingerprint)[0][1])
    assert end is not None
    assert timedelta(days=KEPT_DAYS) - timedelta(minutes=1) < end - datetime.now(UTC) <= timedelta(days=KEPT_DAYS)
    assert purge(workspace) == purge(workspace, end - timedelta(seconds=1)) == ()
    assert later.reading is not None
    upload = workspace.uploads / later.reading.file
    assert upload.is_file()
    assert purge(workspace, end) == (later.fingerprint,)
    assert not Path(later.path).exists()
    assert not upload.exists()
    assert Path(hr.path).is_file()
    assert [v.number for v in find_table(workspace, first.table).versions] == [1]
    with pytest.raises(NotFoundError, match="Version 2 was deleted for good"):
        restore(workspace, second)
    third = add_version(workspace, _other(workspace), first.table)
    assert third.number == 3, "the number of a deleted version is not given again"
    back = read_and_keep(workspace, keep_upload(workspace, b"age,left\n30,Yes\n41,No\n55,No\n"), "again.csv")
    assert add_version(workspace, back, first.table).number == 2
    assert described(workspace, second).name == "again.csv"


def test_what_came_into_use_after_its_removal_is_not_deleted(workspace: Workspace, hr: Dataset) -> None:
    version = add_version(workspace, hr)
    remove(workspace, version)
    note_model(workspace, "m", 1, hr.fingerprint, "r")
    assert purge(workspace, datetime.now(UTC) + timedelta(days=365)) == ()
    assert Path(hr.path).is_file()


def test_a_file_that_another_table_came_from_stays(workspace: Workspace, hr: Dataset) -> None:
    from mlops_lib.objects.dataset import ReadingOptions

    assert hr.reading is not None
    upload = workspace.uploads / hr.reading.file
    read_and_keep(workspace, upload, "hr.csv", ReadingOptions(text_columns=("age",)))
    remove(workspace, add_version(workspace, hr))
    assert purge(workspace, datetime.now(UTC) + timedelta(days=31)) == (hr.fingerprint,)
    assert upload.is_file()


def test_several_writers_at_once_give_every_version_its_own_number(
    workspace: Workspace, hr: Dataset, dataset_of: Make
) -> None:
    table = add_version(workspace, hr).table
    datasets = [dataset_of({"age": [k], "left": ["No"]}) for k in range(12)]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda d: add_version(workspace, d, table), [*datasets, *datasets]))
    assert sorted({v.number for v in made}) == list(range(2, 14))
    assert made[:12] == made[12:]


def test_tables_that_come_in_at_once_under_one_name_get_different_ones(
    workspace: Workspace, hr: Dataset, dataset_of: Make
) -> None:
    add_version(workspace, hr)
    datasets = [replace(dataset_of({"age": [k], "left": ["No"]}), name="hr_2024.csv") for k in range(12)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda d: add_version(workspace, d), datasets))
    names = {t.name for t in list_tables(workspace)}
    assert names == {"hr_2024", *(f"hr_2024 ({k})" for k in range(2, 14))}


def _other(workspace: Workspace) -> Dataset:
    import pyarrow as pa

    table = pa.table({"age": [70, 71], "left": ["No", "No"]})
    reading = list_datasets(workspace)[0].reading
    assert reading is not None
    return keep(workspace, ReadTable(table, replace(reading, file="")), "others.csv", "upload")
