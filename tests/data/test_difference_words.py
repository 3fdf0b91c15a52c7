"""What is said of a difference: one sentence first, then what matters besides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlops_lib.charts.lineage import lineage_chart
from mlops_lib.charts.shifts import MOST_COLUMNS, bins_chart, shifts_chart
from mlops_lib.data.difference import Bin, Difference, KeyedRows, RowCounts, Shift, TypeChange
from mlops_lib.data.difference_words import details, headline, shift_table, shift_words
from mlops_lib.data.lineage import Edge, Lineage, Node

SAME = Difference("a", "b", (), (), (), False, RowCounts(5, 5, 5, in_order=False), None, ())


def shift(column: str = "pay", distance: float = 0.3, **facts: object) -> Shift:
    given: dict[str, object] = {
        "kind": "number",
        "by_chance": 0.02,
        "p": 1e-9,
        "n_before": 1000,
        "n_after": 1200,
        "missing_before": 0.0,
        "missing_after": 0.0,
        "median_before": 3000.0,
        "median_after": 3250.4,
        "bins": (Bin("0 to 10", 0.5, 0.2), Bin("10 to 20", 0.5, 0.8)),
    }
    return Shift(column=column, distance=distance, **{**given, **facts})  # type: ignore[arg-type]


def labels(**facts: object) -> Shift:
    bins = (Bin("north", 0.7, 0.4), Bin("south", 0.2, 0.4), Bin("east", 0.1, 0.2))
    return shift("site", kind="text", median_before=None, median_after=None, bins=bins, **facts)


@pytest.mark.parametrize(
    ("difference", "says"),
    [
        (replace(SAME, after="a"), "Every cell is the same."),
        (SAME, "The 5 rows are the same, in another order."),
        (replace(SAME, rows=RowCounts(5, 5, 5, in_order=True)), "The rows are the same."),
        (
            replace(SAME, rows=RowCounts(5, 5, 5, in_order=True), added_columns=("x",)),
            "The 5 rows are the same where the columns are, in the same order.",
        ),
        (
            replace(SAME, rows=RowCounts(1500, 1730, 1488, in_order=False)),
            "242 rows are new and 12 are gone; 1,488 rows are unchanged.",
        ),
        (replace(SAME, rows=RowCounts(2, 2, 1, in_order=False)), "1 row is new and 1 is gone; 1 row is unchanged."),
        (replace(SAME, rows=RowCounts(2, 0, 0, in_order=False)), "No row is new and 2 are gone; 0 rows are unchanged."),
    ],
)
def test_the_headline_counts_rows(difference: Difference, says: str) -> None:
    assert headline(difference) == says


@pytest.mark.parametrize(
    ("keyed", "says"),
    [
        (
            KeyedRows("id", 100, 7, 1, 0, (("pay", 7),)),
            "1 row is new and none is gone; 7 of the 100 others have changed.",
        ),
        (KeyedRows("id", 100, 100, 0, 1, ()), "no row is new and 1 is gone; all 100 others have changed."),
        (KeyedRows("id", 100, 0, 3, 2, ()), "3 rows are new and 2 are gone; all 100 others are the same."),
        (KeyedRows("id", 1, 1, 3, 2, ()), "3 rows are new and 2 are gone; the other one has changed."),
        (KeyedRows("id", 80, 7, 0, 0, ()), "the same 80 rows, of which 7 have changed."),
        (KeyedRows("id", 80, 1, 0, 0, ()), "the same 80 rows, of which 1 has changed."),
        (KeyedRows("id", 80, 0, 0, 0, ()), "the same 80 rows, of which none has changed."),
        (KeyedRows("id", 0, 0, 3, 2, ()), "3 rows are new and 2 are gone; no row is in both."),
    ],
)
def test_the_headline_counts_rows_by_their_identifier(keyed: KeyedRows, says: str) -> None:
    found = replace(SAME, keyed=keyed, rows=RowCounts(10, 12, 1, in_order=False))
    assert headline(found) == f"By 'id', {says}"


def test_columns_cells_and_shifts_are_said_besides() -> None:
    keyed = KeyedRows("id", 100, 9, 0, 0, (("pay", 9), ("site", 4), ("age", 2), ("x", 1)))
    found = replace(
        SAME,
        keyed=keyed,
        added_columns=("bonus", "car"),
        removed_columns=("over18",),
        retyped=(TypeChange("age", "number", "text"),),
        reordered=True,
        shifts=(shift(), labels(distance=0.2), shift("noise", 0.03)),
    )
    assert details(found) == (
        "2 columns are new: 'bonus' and 'car'.",
        "One column is gone: 'over18'.",
        "'age' held numbers and holds text now.",
        "The columns stand in another order.",
        "Cells changed most often in 'pay' (9), 'site' (4) and 'age' (2), out of 4 columns with changes.",
        "'pay' moved most: median 3,000 to 3,250; 'site' moved too.",
    )


def test_where_nothing_moved_that_is_said_and_missing_cells_count() -> None:
    assert details(replace(SAME, shifts=(shift(distance=0.05),))) == ("None of 1 compared column moved noticeably.",)
    emptied = shift(distance=0.01, missing_after=0.4)
    assert details(replace(SAME, shifts=(emptied,))) == ("'pay' moved most: missing cells from 0.0 % to 40.0 %.",)


def test_a_shift_that_chance_explains_is_not_spoken_of() -> None:
    assert not shift(distance=0.15, by_chance=0.1).noticeable
    assert shift(distance=0.25, by_chance=0.1).noticeable
    few = shift(distance=0.0, by_chance=0.3, n_before=8, n_after=7, missing_before=0.2, missing_after=0.3)
    assert not few.noticeable


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (shift(), "median 3,000 to 3,250"),
        (shift(kind="date", median_before=0.0, median_after=86400.0 * 31), "median 1970-01-01 to 1970-02-01"),
        (labels(came=("west",), came_in_all=1), "'west' is new"),
        (labels(went=("a", "b", "c", "d"), went_in_all=9), "'a', 'b', 'c' and 6 more are gone"),
        (labels(came=("w",), came_in_all=1, went=("e", "f"), went_in_all=2), "'w' is new and 'e' and 'f' are gone"),
        (labels(), "'north' 70.0 % to 40.0 %"),
    ],
)
def test_how_a_column_moved(found: Shift, says: str) -> None:
    assert shift_words(found) == says


def test_the_table_has_a_row_for_each_column() -> None:
    frame = shift_table(replace(SAME, shifts=(shift(), labels())))
    assert list(frame["column"]) == ["pay", "site"]
    assert list(frame["n after"]) == [1200, 1200]


def test_figures_show_what_moved_with_names_as_plain_text() -> None:
    shifts = tuple(shift(f"<b>{k}</b>", 0.5 - k / 100) for k in range(20))
    drawn = shifts_chart(replace(SAME, shifts=shifts))
    assert list(drawn.data[0].x) == [s.moved for s in shifts[:MOST_COLUMNS]]
    assert "<b>0" not in str(drawn.layout.yaxis.ticktext)
    bins = bins_chart(shifts[0], "before <i>", "after")
    assert [list(trace.y) for trace in bins.data] == [[0.5, 0.5], [0.2, 0.8]]
    assert bins.data[0].name == "before &lt;i&gt;"


def test_the_lineage_figure_has_a_place_for_each_version_and_an_arrow_for_each_step() -> None:
    nodes = (
        Node("a", "Version 1", 1, 0, 10, "Read from 'a'"),
        Node("b", "Version 2", 2, 0, 12, "Read from 'b'"),
        Node("c", "Version 3", 3, 1, 5, "A sample", removed=True),
        Node("d", "other, version 1", None, 0, 7, ""),
    )
    edges = (Edge("a", "b", "next"), Edge("b", "c", "derived"), Edge("d", "c", "joined"))
    drawn = lineage_chart(Lineage(nodes, edges), "c")
    assert [trace.name for trace in drawn.data[:-1]] == ["derived from", "joined with", "next reading"]
    points = drawn.data[-1]
    assert list(zip(points.x, points.y, strict=True)) == [(0, 0), (1, 0), (2, 1), (0, 2)]
    assert points.text[2] == "Version 3 (removed)"
