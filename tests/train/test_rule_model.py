"""A rule that the user writes: read as conditions are, met by the same rows, refused in words."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from mlops_lib.data.conditions import in_words, parse_condition, to_text
from mlops_lib.data.matching import matches
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.recipe import Model, Recipe, Sampler, Selection, Treatment
from mlops_lib.train.encode import encode, fit_encode, source_columns
from mlops_lib.train.rule_model import check_rule, rule_classifier, rule_encoder, rule_recipe, rule_refusal
from mlops_lib.train.training import train
from tests.train.small import Small

RULES = (
    "pay < 3000",
    "site == 'south' and pay < 3000",
    "site != 'south' or not (pay >= 2500)",
    "not (site in ['north', 'south'] or pay is None)",
    "2800 <= pay <= 3200 and site is not None",
    "day < '2024-06-01'",
    "day == '2024-03-05' or day >= '2025-01-01'",
    "day != '2024-03-05' and day <= '2025-06-30'",
    "'2024-02-01' <= day <= '2024-02-29'",
    "not (not (`noise` > 0.5))",
    "pay in [2998.5, 3000] or noise != 0.1",
)


@pytest.mark.parametrize("text", RULES)
def test_the_rows_that_meet_a_rule_are_those_of_its_condition(small: Small, text: str) -> None:
    frame = small.dataset.frame(small.schema.features())
    y = small.dataset.frame(["left"])["left"].eq("yes").to_numpy().astype(np.int8)
    encoder = rule_encoder(text, frame)
    x = fit_encode(encoder, frame)
    model = rule_classifier(text).fit(x, y)
    expected = matches(small.dataset.table(), parse_condition(text))
    np.testing.assert_array_equal(model.met(x), expected)
    np.testing.assert_array_equal(model.met(encode(encoder, frame.iloc[:5])), expected[:5])
    for side in (expected, ~expected):
        if side.any():
            np.testing.assert_allclose(model.predict_proba(x)[side, 1], y[side].mean())
    assert set(source_columns(encoder)) <= set(small.schema.features())


@pytest.mark.parametrize("text", RULES)
def test_the_text_of_a_condition_comes_back(text: str) -> None:
    condition = parse_condition(text)
    assert parse_condition(to_text(condition)) == condition
    assert ("not (" in in_words(condition)) == ("not (" in text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("wage < 3", "no column 'wage'"),
        ("pay < 'much'", "holds numbers; 'much' is text"),
        ("site < 'south'", "holds text"),
        ("day < 'soon'", "holds dates; 'soon' is none"),
        ("left == 'yes'", "'left', whose role is target"),
        ("pay <", "cannot be read near"),
        ("open('x')", "is no comparison"),
        (" ", "rule is empty"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused_in_words(small: Small, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        check_rule(rule_recipe(text), small.dataset, small.schema)
    assert bool(rule_refusal(text, small.dataset, small.schema)) == bool(text.strip())


def test_a_side_without_rows_gets_the_share_of_all(small: Small) -> None:
    frame = small.dataset.frame(small.schema.features())
    y = np.arange(len(frame)) % 4 == 0
    encoder = rule_encoder("pay < 0", frame)
    model = rule_classifier("pay < 0").fit(fit_encode(encoder, frame), y.astype(np.int8))
    np.testing.assert_allclose(model.shares_, y.mean())


@pytest.mark.parametrize(
    "more",
    [
        {"leak": ("scale",)},
        {"sampler": Sampler("random_over")},
        {"selection": Selection()},
        {"treatments": (Treatment("pay", "drop"),)},
    ],
)
def test_a_rule_with_something_before_it_is_refused_before_anything_is_fitted(
    small: Small, more: dict[str, Any]
) -> None:
    recipe = dataclasses.replace(rule_recipe("pay < 3000"), **more)
    runs = train(small.workspace, small.experiment(recipe, Recipe(Model("dummy"))))
    (run,) = (run for run in runs if run.recipe == recipe)
    assert run.failure is not None
    assert "taken as it is written" in run.failure.message
