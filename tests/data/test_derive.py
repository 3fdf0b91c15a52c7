"""Derived versions: which rows, which columns, where they come from, and what is refused."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlops_lib.data.catalogue import versions_of
from mlops_lib.data.datasets import open_dataset, read_and_keep
from mlops_lib.data.derive import OPERATIONS, derive, derive_job, derive_spec, operation, plan
from mlops_lib.data.row_codes import first_of_each, row_codes
from mlops_lib.objects.dataset import Dataset, Operation
from mlops_lib.objects.errors import FulcrumError, InputError, NotPossibleError, TooLargeError
from mlops_lib.workspace.folder import Workspace

Make = Callable[..., Dataset]


@pytest.fixture
def people(dataset_of: Make) -> Dataset:
    return dataset_of(
        {
            "id": pa.array([1, 2, 3, 2, 5, None, 3]),
            "name": ["a", "b", "c", "b", "e", "f", "c"],
            "pay": pa.array([1.0, None, 0.0, None, 5.0, 6.0, -0.0]),
            "left": ["Yes", "No", "No", "No", None, "No", "No"],
        }
    )


@pytest.fixture
def shops(dataset_of: Make) -> Dataset:
    return dataset_of({"key": [1, 2, 3, 9], "name": ["A", "B", "C", "X"], "city": ["Rome", None, "Oslo", "Bonn"]})


def cells(dataset: Dataset) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = dataset.table().to_pylist()
    return rows


def test_repeated_rows_go_and_the_first_stays(workspace: Workspace, people: Dataset) -> None:
    made = derive(workspace, people, operation("drop_duplicates"))
    assert made.row_ids().tolist() == [0, 1, 2, 4, 5]
    assert made.operation is not None
    assert made.operation.said[0] == "Without 2 repeated rows"
    assert (made.parent, made.rows, made.reading, made.source) == (people.fingerprint, 5, None, "derived")
    assert made.name == "table, without 2 repeated rows"
    assert made.table().schema.types == people.table().schema.types
    by = derive(workspace, people, operation("drop_duplicates", columns=("left",)))
    assert by.row_ids().tolist() == [0, 1, 4]
    with pytest.raises(NotPossibleError, match="No row repeats another one; there is nothing to drop"):
        derive(workspace, made, operation("drop_duplicates"))


def test_a_derived_version_is_the_next_one_of_its_table(workspace: Workspace, people: Dataset) -> None:
    first = derive(workspace, people, operation("drop_duplicates"))
    second = derive(workspace, first, operation("filter", condition="name != 'e'"))
    again = derive(workspace, people, operation("drop_duplicates"))
    assert again.fingerprint == first.fingerprint
    ((table, version),) = versions_of(workspace, second.fingerprint)
    assert [v.dataset for v in table.versions] == [people.fingerprint, first.fingerprint, second.fingerprint]
    assert version.note == "Rows where name is not 'e'"
    assert second.row_ids().tolist() == [0, 1, 2, 5]
    opened = open_dataset(workspace, second.fingerprint)
    assert opened == second
    assert (opened.parent, opened.operation) == (first.fingerprint, second.operation)
    assert second.name == "table, rows where name is not 'e'"


def test_rows_are_filtered_by_a_condition_or_its_opposite(workspace: Workspace, people: Dataset) -> None:
    kept = derive(workspace, people, operation("filter", condition="pay > 0 or left == 'Yes'"))
    out = derive(workspace, people, operation("filter", condition="pay > 0 or left == 'Yes'", keep=False))
    assert kept.row_ids().tolist() == [0, 4, 5]
    assert out.row_ids().tolist() == [1, 2, 3, 6]
    assert cells(out) == [cells(people)[k] for k in (1, 2, 3, 6)]
    with pytest.raises(NotPossibleError, match="Every row meets this"):
        derive(workspace, people, operation("filter", condition="name is not None"))
    with pytest.raises(NotPossibleError, match="No row would be left"):
        derive(workspace, people, operation("filter", condition="name is None"))
    with pytest.raises(InputError, match="no column 'nam'"):
        derive(workspace, people, operation("filter", condition="nam is None"))


def test_rows_named_by_hand_are_left_out(workspace: Workspace, people: Dataset) -> None:
    made = derive(workspace, people, operation("leave_out", rows=("6", "0", "6")))
    assert made.row_ids().tolist() == [1, 2, 3, 4, 5]
    assert made.operation is not None
    assert made.operation.said == ("Without 2 rows chosen by hand",)
    for rows, said in [((), "No row is named"), (("7",), "There is no row 7"), (("x",), "There is no row x")]:
        with pytest.raises(FulcrumError, match=said):
            derive(workspace, people, operation("leave_out", rows=rows))


def test_a_left_join_keeps_every_row_and_counts_keys(workspace: Workspace, people: Dataset, shops: Dataset) -> None:
    made = derive(
        workspace, people, operation("join", other=shops.fingerprint, on=("id",), other_on=("key",), how="left")
    )
    expected = people.frame().merge(
        shops.frame().rename(columns={"key": "id", "name": "name (2)"}), on="id", how="left"
    )
    pd.testing.assert_frame_equal(made.frame(), expected)
    assert made.row_ids().tolist() == list(range(7))
    assert made.operation is not None
    assert made.operation.said == (
        "Joined with 'table.csv' by id",
        "5 of 7 rows found their key; 2 did not and have nothing in the new columns.",
        "1 row of 'table.csv' match no row here.",
        "Names of 'table.csv' that were taken: 'name' is now 'name (2)'.",
    )
    assert made.table().schema.field("id").type == pa.int64()


def test_an_inner_join_keeps_found_keys_and_says_how_rows_multiply(workspace: Workspace, dataset_of: Make) -> None:
    orders = dataset_of({"shop": ["a", "b", "z"], "sum": [1.5, 2.5, 3.5]})
    items = dataset_of({"shop": ["b", "a", "b", None], "item": [10, 20, 30, 40]})
    made = derive(workspace, orders, operation("join", other=items.fingerprint, on=("shop",), how="inner"))
    assert cells(made) == [
        {"shop": "a", "sum": 1.5, "item": 20},
        {"shop": "b", "sum": 2.5, "item": 10},
        {"shop": "b", "sum": 2.5, "item": 30},
    ]
    assert made.row_ids().tolist() == [0, 1, 1]
    assert made.operation is not None
    assert made.operation.said[1:] == (
        "2 of 3 rows found their key; 1 did not and were left out.",
        "1 row of 'table.csv' match no row here.",
        "1 row found their key more than once, so 2 rows became 3.",
    )


def test_joins_agree_with_pandas_on_random_keys(workspace: Workspace, dataset_of: Make) -> None:
    rng = np.random.default_rng(0)
    left = dataset_of({"a": rng.permutation(300), "b": rng.choice(["x", "y"], 300), "v": rng.normal(size=300)})
    right = dataset_of(
        {"a": rng.integers(0, 400, 500), "b": rng.choice(["x", "y", "z"], 500), "w": rng.normal(size=500)}
    )
    for how in ("left", "inner"):
        made = derive(workspace, left, operation("join", other=right.fingerprint, on=("a", "b"), how=how))
        expected = left.frame().merge(right.frame(), on=["a", "b"], how=how)
        pd.testing.assert_frame_equal(made.frame(), expected)


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        ({"k": [1, 1, 2]}, {"k": [1, 1], "v": [1, 2]}, "1 key repeat in both tables"),
        ({"k": [1, 2]}, {"k": [3, 4], "v": [1, 2]}, "No key of"),
        ({"k": [1, 2]}, {"k": ["1", "2"], "v": [1, 2]}, "holds numbers here, and 'k' holds text there"),
        ({"k": [1, 2]}, {"k": [1, 2]}, "has no column beside its keys"),
        ({"k": [1, 2]}, {"j": [1, 2]}, "no column 'k'"),
    ],
)
def test_joins_that_make_no_sense_are_refused(
    workspace: Workspace, dataset_of: Make, left: dict[str, Any], right: dict[str, Any], said: str
) -> None:
    first, second = dataset_of(left), dataset_of(right)
    with pytest.raises(FulcrumError, match=said):
        derive(workspace, first, operation("join", other=second.fingerprint, on=("k",)))


def test_a_join_that_would_exceed_the_limits_is_refused(
    workspace: Workspace, dataset_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = dataset_of({"k": [1, 2]}), dataset_of({"k": [1] * 30, "v": list(range(30))})
    monkeypatch.setattr("mlops_lib.data.limits.MAX_ROWS", 20)
    with pytest.raises(TooLargeError, match="31 rows; the limit is 20"):
        derive(workspace, first, operation("join", other=second.fingerprint, on=("k",)))


def test_whole_numbers_match_decimals_and_dates_match_dates(workspace: Workspace, dataset_of: Make) -> None:
    first = dataset_of({"k": [1, 2], "d": pa.array(["2020-01-01", "2020-01-02"]).cast(pa.timestamp("us"))})
    second = dataset_of(
        {"k": [1.0, 2.5], "d": pa.array(["2020-01-01", "2020-01-02"]).cast(pa.timestamp("s")), "v": ["x", "y"]}
    )
    made = derive(workspace, first, operation("join", other=second.fingerprint, on=("k", "d")))
    assert made.table()["v"].to_pylist() == ["x", None]


def test_a_sample_keeps_shares_weights_and_ids(workspace: Workspace, dataset_of: Make) -> None:
    parent = dataset_of({"x": list(range(100)), "y": ["Yes"] * 10 + ["No"] * 90})
    even = derive(
        workspace, parent, operation("sample", seed=3, method="stratified", column="y", allocation="equal", rows=20)
    )
    assert even.sampling is not None
    assert (even.sampling.column, dict(even.sampling.shares)) == ("y", {"Yes": 0.1, "No": 0.9})
    assert even.row_ids().tolist() == even.table()["x"].to_pylist()
    weights = even.weights()
    assert weights is not None
    assert weights.tolist() == [1.0] * 10 + [9.0] * 10
    half = derive(workspace, even, operation("sample", seed=3, method="simple", rows=10))
    inherited = half.weights()
    assert inherited is not None
    assert set(half.row_ids().tolist()) < set(even.row_ids().tolist())
    assert set(inherited.tolist()) <= {1.0, 9.0}
    assert open_dataset(workspace, even.fingerprint).weights() is not None


def test_equal_cells_with_other_true_shares_are_refused(workspace: Workspace, dataset_of: Make) -> None:
    rows = {"x": [1, 1, 1, 1], "y": ["Yes", "Yes", "No", "No"]}
    longer = {"x": [1] * 6, "y": ["Yes", "Yes", "No", "No", "No", "No"]}
    even = operation("sample", seed=0, method="stratified", column="y", allocation="equal", rows=2)
    derive(workspace, dataset_of(rows), even)
    with pytest.raises(NotPossibleError, match="other true shares"):
        derive(workspace, dataset_of(longer), even)


def test_a_version_that_was_uploaded_too_gets_its_origin(workspace: Workspace, dataset_of: Make) -> None:
    uploaded = dataset_of({"x": [1, 2]})
    made = derive(workspace, dataset_of({"x": [1, 1, 2]}), operation("drop_duplicates"))
    assert made.fingerprint == uploaded.fingerprint
    assert made.row_ids().tolist() == [0, 2]
    assert open_dataset(workspace, uploaded.fingerprint).parent == made.parent


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Operation("melt"), "no operation called 'melt'"),
        (operation("drop_duplicates", colour="red"), "no setting 'colour'"),
        (operation("sample", method="simple", rows=2), "needs a seed"),
        (operation("join", on=("id",)), "no second table"),
        (operation("join", other="x", on=("id",), how="outer"), "cannot be joined 'outer'"),
    ],
)
def test_operations_that_are_none_are_refused(
    workspace: Workspace, people: Dataset, asked: Operation, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        plan(workspace, people, asked)


def test_every_operation_has_words() -> None:
    for kind in OPERATIONS.values():
        assert kind.sentence.endswith(".")
        assert kind.idle.endswith(".")


def test_the_job_makes_the_version_and_says_what_it_does(workspace: Workspace, people: Dataset) -> None:
    told: list[Any] = []
    made = derive_job(workspace, derive_spec(people, operation("drop_duplicates")), told.append)
    assert made.rows == 5
    assert told[0].what == "Making a version of 7 rows"


def test_row_codes_agree_with_pandas() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({f"c{k}": rng.integers(0, 3, 400).astype(float) for k in range(5)})
    frame.loc[::11, "c0"] = np.nan
    frame["t"] = rng.choice(["a", "b", None], 400)
    table = pa.Table.from_pandas(frame)
    wide = [*table.columns, *[pa.chunked_array([pa.array(rng.permutation(400))]) for _ in range(9)]]
    first = first_of_each(row_codes(table.columns))
    assert first.tolist() == np.flatnonzero(~frame.duplicated()).tolist()
    assert len(first_of_each(row_codes(wide))) == 400


@pytest.mark.skipif("FULCRUM_TEST_DATA" not in os.environ, reason="FULCRUM_TEST_DATA is unset: no table at hand")
def test_page_blocks_has_66_repeated_rows(workspace: Workspace) -> None:
    path = Path(os.environ["FULCRUM_TEST_DATA"]) / "page_blocks.csv"
    dataset = read_and_keep(workspace, path, "page_blocks.csv")
    made = derive(workspace, dataset, operation("drop_duplicates"))
    assert made.rows == dataset.rows - 66
    assert made.operation is not None
    assert made.operation.said[0] == "Without 66 repeated rows"
