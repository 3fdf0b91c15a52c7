"""The Redundancy part of Feature tests: inflation, the drops, the groups, and what goes into the rule."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from mlops_lib.explore import work
from mlops_lib.objects.schema import Classes
from mlops_lib.workspace.folder import Workspace
from tests.pages.conftest import texts
from tests.pages.test_explore import figures, nouns
from tests.pages.test_feature_tests import stored_rule

Open = Callable[..., AppTest]


@pytest.fixture
def leave(workspace: Workspace) -> dict[str, str]:
    return nouns(workspace, "left", Classes("Yes"))


@pytest.fixture
def opened(open_app: Open, leave: dict[str, str]) -> AppTest:
    app = open_app("feature_tests", **leave)
    app.segmented_control(key="feature_tests_part").set_value("Redundancy")
    app.run()
    assert not app.exception
    return app


def limit_to(app: AppTest, limit: float) -> None:
    next(w for w in app.number_input if w.key and w.key.startswith("feature_tests_limit")).set_value(limit)
    app.run()
    assert not app.exception


def test_inflation_is_drawn_with_the_rows_it_counts(opened: AppTest) -> None:
    assert "numeric feature" in texts(opened)
    assert "Counted on" in texts(opened)
    assert len(figures(opened)) == 2


def test_groups_name_the_one_to_keep(opened: AppTest) -> None:
    opened.segmented_control(key="feature_tests_look").set_value("Groups of any kind").run()
    opened.slider(key="feature_tests_groups").set_value(0.3).run()
    assert not opened.exception
    assert "one of each would do" in texts(opened)
    assert (opened.dataframe[0].value["closest"] >= opened.dataframe[0].value["loosest"]).all()


def test_a_limit_that_no_column_exceeds_offers_no_drops(opened: AppTest) -> None:
    limit_to(opened, 1e5)
    assert "No numeric feature has a VIF above" in texts(opened)
    assert not [b for b in opened.button if b.key == "feature_tests_limit_use"]
    assert len(figures(opened)) == 1


def test_the_previewed_limit_goes_into_the_rule(opened: AppTest, workspace: Workspace) -> None:
    limit_to(opened, 1.5)
    opened.button(key="feature_tests_limit_use").click().run()
    assert not opened.exception
    assert stored_rule(opened, workspace).max_vif == 1.5
    assert opened.segmented_control(key="feature_tests_part").value == "Ranking"
    assert next(w for w in opened.number_input if w.key and w.key.startswith("feature_tests_vif_")).value == 1.5


def test_columns_left_out_by_hand_are_recorded_as_chosen_after_seeing_the_rows(
    opened: AppTest, workspace: Workspace
) -> None:
    limit_to(opened, 1.5)
    drops = tuple(opened.dataframe[0].value["drop"])
    opened.button(key="feature_tests_drop_use").click().run()
    assert not opened.exception
    rule = stored_rule(opened, workspace)
    assert (rule.drop, rule.seen) == (drops, "training rows")


def test_one_column_alone_can_be_tried(opened: AppTest) -> None:
    box = next(w for w in opened.selectbox if w.key and w.key.startswith("feature_tests_without"))
    box.set_value(box.options[1]).run()
    assert not opened.exception
    assert f"Without {box.options[1]}" in texts(opened)


def test_a_large_table_is_compared_in_jobs(
    open_app: Open, leave: dict[str, str], do_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.shared.exploring.JOB_ROWS", 10)
    monkeypatch.setattr(work, "JOB_ROWS", 10)
    app = open_app("feature_tests", **leave)
    app.segmented_control(key="feature_tests_part").set_value("Redundancy")
    app.run()
    assert not figures(app)
    assert do_jobs()
    app.run()
    assert not app.exception
    assert len(figures(app)) == 2
