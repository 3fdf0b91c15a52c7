"""Rows to look at come in the order asked for, what the finding is about first."""

from __future__ import annotations

from mlops_lib.checks.examples import example_rows
from tests.checks.tables import Make, plain


def test_rows_keep_their_order_and_the_columns_of_the_finding_come_first(table_of: Make) -> None:
    columns = plain(row=list(range(1000)))
    dataset = table_of(columns)
    frame = example_rows(dataset, (900, 3, 77), ("left", "gone", "dept", "left"))
    assert list(frame.columns) == ["row", "left", "dept", "x", "row (column)"]
    assert frame["row"].tolist() == frame["row (column)"].tolist() == [900, 3, 77]
    assert frame["x"].tolist() == [columns["x"][k] for k in (900, 3, 77)]


def test_no_rows_are_an_empty_table(table_of: Make) -> None:
    assert example_rows(table_of(plain()), ()).shape == (0, 4)
