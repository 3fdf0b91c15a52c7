"""A selection in words, in the numbers of the table."""

from __future__ import annotations

import pytest

from mlops_lib.explore.binned import Binned, BinnedColumn, bin_columns
from mlops_lib.explore.linked import Level, bins_of, filtered, labels_of, toggled
from mlops_lib.explore.linked_words import (
    against,
    chance_warning,
    chosen_words,
    conditions,
    few_rows,
    level_words,
    linked_sentence,
)
from mlops_lib.objects.words import percent
from tests.explore.conftest import Ask

INF = float("inf")
AGE = BinnedColumn("Age", "numeric", ("below 30", "30 to 40", "40 to 50", "50 and more", "missing"),
                   (-INF, 30.0, 40.0, 50.0, INF), False, True, 0.2)  # fmt: skip
DEPT = BinnedColumn("Dept", "categorical", ("IT", "Field sales", "HR", "Law", "Ops"), None, True, False, 0.1)
YEARS = BinnedColumn("Years", "numeric", ("1", "2", "3", "4"), (0.5, 1.5, 2.5, 3.5, 4.5), True, False, 0.1)


@pytest.mark.parametrize(
    ("column", "bins", "words"),
    [
        (AGE, (0,), "below 30"),
        (AGE, (0, 1), "below 40"),
        (AGE, (1, 2), "30 to 50"),
        (AGE, (2, 3), "40 and more"),
        (AGE, (0, 1, 2, 3), "any value"),
        (AGE, (0, 2, 4), "below 30, 40 to 50 or missing"),
        (DEPT, (1, 0), "IT or 'Field sales'"),
        (DEPT, (0, 1, 2, 3, 4), "IT, 'Field sales', HR or 2 others"),
        (YEARS, (1, 2, 3), "2 to 4"),
        (YEARS, (0, 2), "1 or 3"),
    ],
)
def test_bins_are_named_as_ranges(column: BinnedColumn, bins: tuple[int, ...], words: str) -> None:
    assert chosen_words(column, bins) == words


@pytest.fixture
def binned(ask: Ask) -> Binned:
    return bin_columns(*ask(), True)


def test_the_sentence_follows_the_selection(binned: Binned) -> None:
    nothing = filtered(binned, {})
    assert linked_sentence(binned, nothing).startswith("In all 392 rows left is Yes in")
    grade = binned.column("grade").labels.index("a")
    found = filtered(binned, {"grade": (grade,)})
    words = linked_sentence(binned, found)
    assert words.startswith(f"Among the {found.inside.n} rows where grade is a, left is Yes in")
    assert f"{percent(found.inside.low)} to {percent(found.inside.high)}" in words
    only = filtered(binned, {"left": (0,)})
    assert linked_sentence(binned, only).startswith(f"The coloured bars show the {only.selected} rows where left is")
    more = linked_sentence(binned, filtered(binned, {"left": (0,), "grade": (grade,)}))
    assert "where grade is a, left is Yes" in more
    assert "The figures show the" in more


def test_a_selection_without_rows_says_how_to_go_on(ask: Ask) -> None:
    import pyarrow as pa

    table = pa.table({"a": ["x", "y"] * 50, "b": ["u", "v"] * 50, "left": ["No", "No", "Yes", "Yes"] * 25})
    binned = bin_columns(*ask(table=table, a="categorical", b="categorical"), True)
    words = linked_sentence(binned, filtered(binned, {"a": (0,), "b": (1,)}))
    assert words == "There is no row where a is x and b is v. Take one of the selections away."


def test_a_difference_is_named_only_where_the_interval_excludes_the_whole() -> None:
    overall = Level(1000, 0.16, 0.14, 0.18)
    assert against("Yes", Level(200, 0.388, 0.325, 0.454), overall) == "2.4 times the 16.0 % of all rows"
    assert "cannot be told from the 16.0 %" in against("Yes", Level(30, 0.2, 0.09, 0.38), overall)
    assert against("", Level(50, 8.0, 7.0, 9.0), Level(500, 5.0, 4.9, 5.1)) == "3 more than the 5 of all rows"
    assert level_words("pay", "", Level(1, 8.0, float("nan"), float("nan"))) == "the mean of pay is 8"


def test_few_rows_are_said_with_what_the_interval_spans() -> None:
    assert (
        few_rows("Yes", Level(12, 0.2, 0.05, 0.48)) == "12 rows: the interval spans 5.0 % to 48.0 %. Too few to act on."
    )
    assert few_rows("", Level(1, 3.0, float("nan"), float("nan"))) == "1 row: too few for an interval."
    assert few_rows("Yes", Level(20, 0.2, 0.05, 0.48)) == few_rows("Yes", Level(0, 0, 0, 1)) == ""


def test_chance_is_named_once_a_feature_is_selected(binned: Binned) -> None:
    assert chance_warning(filtered(binned, {})) == chance_warning(filtered(binned, {"left": (0,)})) == ""
    found = filtered(binned, {"grade": (0,)}, ["left", "grade", "code"])
    assert "6 groups" in chance_warning(found)


def test_selections_are_kept_by_label(binned: Binned) -> None:
    selections = {"grade": (0, 2), "age": (1,)}
    kept = labels_of(binned, selections)
    assert bins_of(binned, kept) == selections
    assert bins_of(binned, {**kept, "gone": ["x"], "grade": ["no such"]}) == {"age": (1,)}
    assert toggled(selections, "grade", (2, 1)) == {"grade": (0, 1), "age": (1,)}
    assert conditions(binned, {"grade": (0,), "code": (1,)}).count(" and ") == 1
