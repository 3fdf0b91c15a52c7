"""The Train page's question whether any remedy beats moving the threshold."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from mlops_lib.train.drafts import remedies_of
from mlops_lib.train.remedy_ladder import RemedyLadder
from mlops_lib.workspace.folder import Workspace
from tests.pages.conftest import texts
from tests.train.small import Small, keep_frame, small_frame

Open = Callable[..., AppTest]


@pytest.fixture
def small(workspace: Workspace) -> Small:
    return keep_frame(workspace, small_frame())


@pytest.fixture
def asked(open_app: Open, small: Small) -> AppTest:
    nouns = {"dataset": small.dataset.fingerprint, "schema": small.schema.fingerprint, "split": small.plan.fingerprint}
    return open_app("train", **nouns).get_by_key("train_choice").set_value("remedies").run()


def test_one_click_plans_every_remedy_beside_its_plain_relative(asked: AppTest) -> None:
    assert not asked.exception
    # Do nothing; base, 5 samplers and 3 weights for two models; 2 losses and 2 kinds of training; 4 ensembles, 3 plain.
    assert asked.button(key="train_start").label == "Train 30 recipes"
    assert asked.get_by_key("train_remedies_references").value == []
    code = " ".join(block.value for block in asked.code)
    assert "from mlops_lib.train.remedy_ladder import RemedyLadder" in code
    assert "smotenc" in code


def test_without_lightgbm_what_needs_it_is_left_out(asked: AppTest) -> None:
    asked.get_by_key("train_remedy_models").set_value(["logistic_regression"]).run()
    assert asked.button(key="train_start").label == "Train 17 recipes"
    assert "These need LightGBM" in texts(asked)
    asked.get_by_key("train_remedy_models").set_value([]).run()
    assert not asked.exception
    assert "one model" in texts(asked)


def test_a_rule_is_taken_or_refused_in_words(asked: AppTest, small: Small) -> None:
    rule = f"train_remedy_rule_{small.schema.fingerprint}"
    asked.text_input(key=rule).set_value("wage < 3").run()
    assert "There is no column" in texts(asked)
    assert "wage" in texts(asked)
    assert asked.button(key="train_start").label == "Train 30 recipes"
    asked.text_input(key=rule).set_value("pay < 3000 and not (site == 'north')").run()
    assert "no column" not in texts(asked)
    assert asked.button(key="train_start").label == "Train 31 recipes"
    assert "The rule says yes to" in texts(asked)
    asked.text_input(key=rule).set_value("site =\N{WORD JOINER}= 'north' and pay < 0").run()  # as copied from a page
    assert "The rule says yes to no training row" in texts(asked)
    assert asked.button(key="train_start").label == "Train 31 recipes"


def test_what_was_chosen_is_kept_in_a_draft() -> None:
    usual = RemedyLadder(miss_cost=5.0)
    assert remedies_of(None, usual) == usual
    assert remedies_of({"models": ["lightgbm", "oracle"], "remedies": ["focal", "prayer"]}, usual) == RemedyLadder(
        models=("lightgbm",), remedies=("focal",), miss_cost=5.0
    )
