"""What the card of a feature says, in sentences and small tables."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlops_lib.charts.feature_card import card_chart, card_pictures
from mlops_lib.charts.mosaic import UPRIGHT
from mlops_lib.explore.card_tables import MET, NOT_MET, OPEN, assumptions_table, pairs_table, side_by_side
from mlops_lib.explore.card_words import (
    Place,
    cells_sentence,
    conclusion,
    difference,
    exact_sentence,
    hypothesis,
    limits,
    pairs_sentence,
    picture_note,
    place_of,
    strength_word,
    survival_sentence,
)
from mlops_lib.explore.feature_card import FeatureCard, feature_card
from mlops_lib.explore.feature_tests import feature_tests
from mlops_lib.explore.survival import survival
from mlops_lib.objects.recipe import Selection
from mlops_lib.objects.schema import Classes
from tests.explore.conftest import Ask, Asked, employees

SURE = Place(1, 7, 0.0001, 0.0001, 0.0002, 0.05)
UNSURE = Place(7, 7, 0.4, 0.4, 1.0, 0.05)


def said(asked: Asked, feature: str) -> tuple[FeatureCard, Place]:
    return feature_card(*asked, feature), place_of(feature_tests(*asked, Selection()), feature)


def test_the_place_is_that_of_the_ranking(ask: Ask) -> None:
    asked = ask()
    tests = feature_tests(*asked, Selection(adjust="holm"))
    row = tests.table.set_index("feature").loc["dept"]
    place = place_of(tests, "dept")
    assert (place.tested, place.limit) == (7, 0.05)
    assert place.adjusted_p == place.holm_p == row["holm_p"] >= place.bh_p == row["bh_p"]
    assert tests.table["feature"][place.position - 1] == "dept"


def test_the_conclusion_has_the_numbers_of_the_feature(ask: Ask) -> None:
    card, place = said(ask(), "dept")
    low, high = card.result.strength_interval or (math.nan, math.nan)
    words = conclusion(card, place)
    assert words.startswith(f"dept goes {strength_word(card.result.strength)} with left: effect ")
    assert f"{card.result.strength:.3f} ({low:.3f} to {high:.3f}), adjusted p " in words
    assert words.endswith(f"n = {card.n}.")
    assert "the share of Yes would be the same at every level" in hypothesis(card)
    assert "not a cause" in limits(card, place)


@pytest.mark.parametrize(
    ("strength", "word"), [(0.0, "faintly"), (0.0999, "faintly"), (0.1, "weakly"), (0.3, "clearly"), (0.7, "strongly")]
)
def test_strength_in_words(strength: float, word: str) -> None:
    assert strength_word(strength) == word


def test_without_a_sign_it_says_what_could_have_been_found(ask: Ask) -> None:
    card = feature_card(*ask(), "code")
    assert conclusion(card, UNSURE).startswith("It is not shown that code goes with left: effect ")
    assert limits(card, UNSURE).endswith("eight times in ten; a weaker one may be there unseen.")
    large = replace(card, result=replace(card.result, detectable=0.004, n=1_000_000))
    assert "1,000,000 rows finds an effect of 0.0040" in limits(large, UNSURE)
    assert limits(large, UNSURE).endswith("a weaker one may be there unseen.")
    tiny = replace(card, result=replace(card.result, detectable=1.0, n=9))
    assert limits(tiny, UNSURE).endswith("A single test on 9 rows may miss even the strongest relation.")


def test_a_faint_effect_on_many_rows_is_called_so(ask: Ask) -> None:
    card = feature_card(*ask(), "dept")
    faint = replace(card, result=replace(card.result, strength=0.01, n=1_000_000))
    assert "dept goes faintly" in conclusion(faint, SURE)
    assert "With 1,000,000 rows even an effect as faint as this" in limits(faint, SURE)
    assert "nobody" not in limits(faint, SURE)  # a number can separate a rare class completely with so small an effect
    assert "even an effect" not in limits(replace(card, result=replace(card.result, strength=0.4)), SURE)


def test_a_test_that_could_not_be_made_says_why(ask: Ask) -> None:
    flat = employees().append_column("flat", pa.array([1.0] * 400))
    card, place = said(ask(table=flat), "flat")
    assert conclusion(card, place) == "flat cannot be tested against left: it has one value in these rows."
    assert (difference(card), limits(card, place), cells_sentence(card), card_pictures(card)) == ("", "", "", ())
    assert len(side_by_side(card, place)) == len(assumptions_table(card)) == 0


def test_the_difference_speaks_in_the_numbers_of_the_table(ask: Ask) -> None:
    asked = ask()
    frame = asked[0].frame().iloc[asked[2].training_rows()]
    shares = (frame["left"] == "Yes").groupby(frame["dept"]).mean()
    words = difference(feature_card(*asked, "dept"))
    assert f"left is Yes in {100 * shares.max():.1f} % of" in words
    assert f"where dept is {shares.idxmax()}, and in {100 * shares.min():.1f} % of" in words
    median = frame.groupby("left")["age"].median()
    assert f"The median of age is {median['No']:g} where left is No" in difference(feature_card(*asked, "age"))
    assert "chance gives 50.0 %" in difference(feature_card(*asked, "age"))
    assert "2021-" in difference(feature_card(*asked, "hired"))


def test_numeric_targets_have_words_of_their_own(ask: Ask) -> None:
    asked = ask("late")
    assert "rows with a higher pay would not tend to" in hypothesis(feature_card(*asked, "pay"))
    assert "Spearman's ρ = " in difference(feature_card(*asked, "pay"))
    assert "The median of late is " in difference(feature_card(*asked, "dept"))


def test_many_classes_name_cells_and_pairs(ask: Ask) -> None:
    asked = ask("grade", Classes(None))
    card = feature_card(*asked, "dept")
    assert cells_sentence(card).startswith("Furthest from chance: grade ")
    assert cells_sentence(card).count("residual") == 3
    assert "all classes would have the same shares" in hypothesis(card)
    by_pay = feature_card(*asked, "pay")
    assert "of 3 pairs of groups differ" in pairs_sentence(by_pay)
    assert by_pay.by_group is not None
    assert len(pairs_table(by_pay.by_group)) == 3
    assert pairs_sentence(feature_card(*ask(), "pay")) == ""


def test_too_many_groups_are_not_compared_in_pairs(ask: Ask) -> None:
    levels = pa.array(np.arange(400) % 120)
    card = feature_card(*ask("late", table=employees().append_column("unit", levels), unit="categorical"), "unit")
    assert card.values > 100
    assert pairs_sentence(card) == f"{card.values} groups are too many to be compared pair by pair."
    assert f"{card.values - 11} rarer groups are drawn together" in picture_note(card, "Boxes")


def test_small_expected_counts_are_named_with_where_p_comes_from(ask: Ask) -> None:
    rare = pa.array(["rare" if i % 130 == 60 else "usual" for i in range(400)])
    card, place = said(ask(table=employees().append_column("rare", rare), rare="categorical"), "rare")
    row = assumptions_table(card).iloc[0]
    assert (row["met"], row["what follows"]) == (NOT_MET, "p comes from Fisher.")
    assert exact_sentence(card).startswith("Fisher's exact test")
    tests = side_by_side(card, place).set_index("test")["p"]
    assert tests["Fisher"] == card.result.p
    assert tests["Chi-square"] == card.result.p_reference


def test_the_tests_stand_side_by_side(ask: Ask) -> None:
    card, place = said(ask(), "age")
    table = side_by_side(card, place)
    assert {"Kruskal-Wallis", "Mann-Whitney", "Welch's ANOVA", "Mutual information"} <= set(table["test"])
    values = dict(zip(table["measure"], table["value"], strict=True))
    assert values["√ε² without bias, which ranks"] == card.result.strength
    assert values["chance that Yes is higher"] == pytest.approx((1 + values["rank-biserial correlation"]) / 2)
    assert table["p"].iloc[-1] == place.holm_p
    assert card.mutual is not None
    assert values["share of the target's entropy"] == card.mutual.share


def test_what_the_test_rests_on(ask: Ask) -> None:
    card = feature_card(*ask(), "age")
    table = assumptions_table(card).set_index("assumption")
    assert table["met"]["Every group has 5 rows"] == MET
    assert table["met"]["Rows are independent"] == OPEN
    grouped = assumptions_table(replace(card, split="group", held_together="person")).iloc[-1]
    assert (grouped["met"], grouped["what was found"]) == (NOT_MET, "rows of one person belong together")
    in_time = assumptions_table(replace(card, split="time", held_together="day")).iloc[-1]
    assert in_time["what was found"] == "rows follow each other in day"
    spearman = assumptions_table(feature_card(*ask("late"), "pay")).set_index("assumption")
    assert spearman["met"]["One direction all along"] == MET


def test_unequal_shapes_are_not_read_as_a_shift(ask: Ask) -> None:
    rng = np.random.default_rng(0)
    left = rng.random(900) < 0.5
    table = pa.table({"x": rng.normal(0, np.where(left, 5, 1)), "left": np.where(left, "Yes", "No")})
    rows = assumptions_table(feature_card(*ask(table=table), "x")).set_index("assumption")
    shapes = rows.loc["Equal shapes, to read it by medians"]
    assert shapes["met"] == NOT_MET
    assert "not as a shift" in shapes["what follows"]


def test_survival_is_told_by_folds(ask: Ask) -> None:
    asked = ask()
    card, place = said(asked, "dept")
    found = survival(*asked, Selection())
    row = found.table.set_index("feature").loc["dept"]
    words = survival_sentence(card, place, found)
    assert f"at most 0.05 in {row['significant']:.0f} of {found.folds}" in words
    assert f"the rule keeps it in {row['kept']:.0f}; its effect lies between {row['effect_low']:.3f} and" in words


EVIL = "<b>회사</b> *x* [a](http://x)"


@pytest.mark.parametrize(("target", "question"), [("left", Classes("Yes")), ("grade", Classes(None)), ("late", None)])
def test_every_picture_is_drawn_from_aggregates_and_shows_cells_as_text(
    ask: Ask, target: str, question: Classes | None
) -> None:
    table = employees(3_000)
    frame = table.to_pandas()
    frame["dept"] = frame["dept"].replace("IT", EVIL)
    frame["grade"] = frame["grade"].replace("a", EVIL)
    frame[EVIL] = np.arange(len(frame)) % (UPRIGHT + 4)
    frame[EVIL] = pd.Series("team <i>" + frame[EVIL].astype(str), index=frame.index)
    asked = ask(target, question, pa.Table.from_pandas(frame, preserve_index=False), **{EVIL: "categorical"})
    drawn = set()
    for name in asked[1].features():
        card = feature_card(*asked, name)
        for picture in card_pictures(card):
            drawn.add(picture)
            text = card_chart(card, picture).to_json()
            assert "<b>회사" not in text
            assert "team <i>" not in text
            assert len(text) < 120_000
            assert picture_note(card, picture)
    assert drawn == ({"Mosaic", "Ridges", "Boxes"} if question else {"Boxes", "Ridges", "Trend", "Density"})
