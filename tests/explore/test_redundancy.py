"""What Feature tests say about features that follow from others, and what goes into the rule."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from mlops_lib.charts.redundancy import path_chart, tree_chart, vif_chart
from mlops_lib.explore.associations import Associations
from mlops_lib.explore.feature_tests import TestedColumns, apply_rule
from mlops_lib.explore.redundancy import groups, limited, redundancy, without_dropped
from mlops_lib.explore.redundancy_words import (
    PATH_COLUMNS,
    TABLE_COLUMNS,
    combination_lines,
    groups_sentence,
    redundancy_sentence,
    rows_sentence,
    single_sentence,
    tree_words,
)
from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.recipe import Selection
from mlops_lib.stats.association import association_matrix
from mlops_lib.stats.features import Feature
from mlops_lib.stats.selection import measure


def columns(gaps: float = 0.0) -> list[Feature]:
    rng = np.random.default_rng(0)
    hours, minutes, pay = rng.integers(0, 24, 400) * 1.0, rng.integers(0, 60, 400) * 1.0, rng.normal(size=400)
    bonus = np.where(rng.random(400) < gaps, np.nan, pay + 0.1 * rng.normal(size=400))
    numbers = {"hours": hours, "minutes": minutes, "total": 60 * hours + minutes, "pay <b>": pay, "bonus": bonus}
    found = [Feature(name, "numeric", values) for name, values in numbers.items()]
    return [*found, Feature("city", "categorical", rng.integers(0, 3, 400), ("a", "b", "c"))]


def judged(features: list[Feature]) -> TestedColumns:
    target = (columns()[0].values > 11).astype(np.int64)
    measured = measure({f.name: f for f in features}, target)
    known = {"measured": measured, "target": "late", "target_kind": "binary", "seen": "training rows", "n": 400}
    return TestedColumns(**known, **{f.name: 1.0 for f in fields(TestedColumns) if f.name not in known})  # type: ignore[arg-type]


def test_the_sentence_counts_what_follows_and_what_dropping_brings() -> None:
    found = redundancy(judged(columns()))
    assert found.following == ("hours", "minutes", "total")
    assert redundancy_sentence(found).startswith(
        "3 features follow from others and 2 more features have a VIF above 10;"
    )
    assert "dropping 2 (" in redundancy_sentence(found)
    assert combination_lines(found) == ("total = 60 × hours + minutes",)
    assert rows_sentence(found) == "Counted on all 400 training rows."
    assert max(found.after.values()) <= 10


def test_rows_are_named_with_the_column_that_costs_most() -> None:
    said = rows_sentence(redundancy(judged(columns(0.4))))
    assert "which have every numeric feature; bonus alone is missing in" in said
    assert "stand at their column's mean" in rows_sentence(redundancy(judged(columns(0.95))))


def test_the_drops_are_those_that_the_rule_makes() -> None:
    tests = judged(columns())
    found = redundancy(tests, 5.0)
    rule = limited(Selection(max_p=1.0), found)
    kept = apply_rule(tests, rule).kept
    assert set(found.dropped) == {f.name for f in columns()} - set(kept)
    by_hand = without_dropped(Selection(max_p=1.0, drop=("city",)), found)
    assert by_hand.drop == ("city", *found.dropped)
    assert by_hand.seen == "training rows"
    assert set(apply_rule(tests, by_hand).kept) == set(kept) - {"city"}


def test_a_column_that_the_rule_keeps_is_not_dropped() -> None:
    found = redundancy(judged(columns()), 10.0, keep=("total", "hours", "minutes", "pay <b>", "bonus"))
    assert found.dropped == ()
    assert "are kept by the rule" in redundancy_sentence(found)


def test_one_column_alone() -> None:
    found = redundancy(judged(columns()))
    assert "VIF falls" in single_sentence(found, "total")
    assert "minutes from follows to 1" in single_sentence(found, "hours").replace("1.0", "1")
    assert found.without("total")["hours"] < 2


def test_groups_name_what_to_keep() -> None:
    features = columns()
    target = Feature("late", "categorical", (features[0].values > 11).astype(np.int64), ("no", "yes"))
    found = Associations(association_matrix([*features, target]), "late", "training rows", 400)
    grouped = groups(found, 0.8)
    assert {frozenset(c.names) for c in grouped.clusters} == {
        frozenset({"hours", "total"}), frozenset({"pay <b>", "bonus"}),
    }  # fmt: skip
    assert "4 of 6 features form 2 groups" in groups_sentence(grouped)
    assert grouped.table()["keep"].isin(["hours", "total", "pay <b>", "bonus"]).all()
    figure = tree_chart(grouped)
    assert figure is not None
    assert "pay &lt;b&gt;" in "".join(figure.layout.yaxis.ticktext)
    assert groups(found, 0.95).clusters[0].closest >= 0.95


def test_the_scale_ends_just_beyond_what_is_drawn() -> None:
    found = redundancy(judged(columns()[3:]), max_vif=4.0)
    assert not found.following
    axis = vif_chart(found, found.after).layout.xaxis
    top = max(4.0, *found.before.values())
    assert top < 10 ** axis.range[1] <= 1.51 * top
    assert axis.tickvals[0] == 1
    assert vif_chart(redundancy(judged(columns())), {}).layout.xaxis.ticktext[-1] == "follows"


def test_the_tree_leaves_out_what_joins_below_half_the_limit() -> None:
    features = columns()
    target = Feature("late", "categorical", (features[0].values > 11).astype(np.int64), ("no", "yes"))
    found = Associations(association_matrix([*features, target]), "late", "training rows", 400)
    grouped = groups(found, 0.8)
    figure = tree_chart(grouped)
    assert figure is not None
    assert 4 <= len(figure.layout.yaxis.ticktext) == len(grouped.joining) < len(grouped.tree.names)
    ends = [x for line in figure.data for x in line.x if x is not None]
    assert min(ends) == figure.layout.xaxis.range[1] == 0.4
    assert "below 0.40: not drawn" in tree_words(grouped)
    alone = groups(Associations(association_matrix([features[0], target]), "late", "training rows", 400), 0.8)
    assert tree_chart(alone) is None
    assert "only feature" in groups_sentence(alone)


def test_one_numeric_feature_has_no_other_to_follow_from() -> None:
    found = redundancy(judged(columns()[:1]))
    assert redundancy_sentence(found) == "hours is the only numeric feature that varies: no other can say the same."


def test_every_column_of_the_tables_has_a_header() -> None:
    found = redundancy(judged(columns()))
    assert list(found.path()) == list(PATH_COLUMNS)
    assert list(found.table()) == list(TABLE_COLUMNS)


def test_figures_show_before_and_after() -> None:
    found = redundancy(judged(columns()))
    bars = vif_chart(found, found.after)
    assert len(bars.data[0].x) == 5
    assert len(bars.data[1].x) == 5 - len(found.dropped)
    assert any("pay &lt;b&gt;" in label for label in bars.data[0].y)
    assert len(path_chart(found).data[0].x) == len(found.dropped) + 1


def test_without_a_number_it_says_so() -> None:
    with pytest.raises(NotPossibleError, match="No feature is a number"):
        redundancy(judged(columns()[-1:]))
