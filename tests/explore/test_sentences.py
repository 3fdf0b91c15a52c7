"""Sentences say what the table says, and nothing where there is nothing to say."""

from __future__ import annotations

from dataclasses import replace

from mlops_lib.explore.associations import associations, pairs_above
from mlops_lib.explore.balance import class_balance
from mlops_lib.explore.distributions import column_distribution, overview
from mlops_lib.explore.reading_aids import (
    PAIRS_FORMATS,
    balance_cards,
    do_nothing_table,
    pairs_table,
    wall_page,
)
from mlops_lib.explore.sentences import (
    balance_sentence,
    column_sentence,
    missing_sentence,
    pairs_sentence,
)
from mlops_lib.objects.schema import Above, Classes
from mlops_lib.objects.words import percent
from tests.explore.conftest import Ask


def test_doing_nothing(ask: Ask) -> None:
    balance = class_balance(*ask())
    said = balance_sentence(balance)
    assert said.startswith(f"A model that always says No is right {percent(balance.shares[0])} of the time")
    assert said.endswith(f"finds none of the {balance.counts[1]} rows where 'left' is Yes.")
    assert missing_sentence(balance) == "8 rows of the table have no 'left' and stay out of everything here."
    assert missing_sentence(replace(balance, missing=0)) == ""
    assert "finds no other class: c has" in balance_sentence(class_balance(*ask("grade", Classes(None))))
    assert "always answers the mean of 'late'" in balance_sentence(class_balance(*ask("late")))
    above = class_balance(*ask("late", Above(50.0)))
    assert "'above 50'" in balance_sentence(above)


def test_a_column(ask: Ask) -> None:
    asked = ask()
    assert column_sentence(column_distribution(*asked, "dept")).startswith("Where dept is 영업, left is Yes in ")
    assert "hardly changes along grade" in column_sentence(column_distribution(*asked, "grade"))
    number = column_sentence(column_distribution(*ask("late"), "pay"))
    assert number.startswith("Where pay is ")
    assert "the mean of late is" in number
    assert "where 0 is not at all" in column_sentence(column_distribution(*ask("grade", Classes(None)), "age"))


def test_pairs(ask: Ask) -> None:
    found = associations(*ask())
    assert "1 of 21 pairs" in pairs_sentence(pairs_above(found, 0.5), 0.5, 7)
    assert pairs_sentence(pairs_above(found, 0.99), 0.99, 7).startswith("None of the 21 pairs")
    shown = pairs_table(pairs_above(found, 0.0))
    assert set(PAIRS_FORMATS) <= set(shown)


def test_cards_and_wall(ask: Ask) -> None:
    asked = ask()
    balance = class_balance(*asked)
    assert [c[0] for c in balance_cards(balance)] == ["Rows", "Yes", "Imbalance", "Entropy", "Folds"]
    assert [c[0] for c in balance_cards(class_balance(*ask("late")))] == ["Rows", "Mean", "Folds"]
    assert set(do_nothing_table(balance)["measure"]) >= {"Accuracy", "ROC-AUC", "Log loss"}
    wall = overview(*asked) * 4
    assert [len(wall_page(wall, p).columns) for p in (1, 2, 3, 4)] == [8, 8, 8, 4]
    assert wall_page(wall, 1).pages == 4
