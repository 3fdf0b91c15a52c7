"""The Feature tests page: the ranking, the rule, and what it leaves for the recipes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from mlops_lib.explore import work
from mlops_lib.objects.recipe import Selection
from mlops_lib.objects.schema import Classes, Number, Question
from mlops_lib.train.drafts import selection_of
from mlops_lib.workspace.folder import Workspace
from mlops_lib.workspace.views import find_view
from tests.pages.conftest import texts
from tests.pages.test_explore import figures, nouns

Open = Callable[..., AppTest]


@pytest.fixture
def leave(workspace: Workspace) -> dict[str, str]:
    return nouns(workspace, "left", Classes("Yes"))


def widget(app: AppTest, kind: str, name: str) -> object:
    return next(w for w in app.get(kind) if w.key and w.key.startswith(f"feature_tests_{name}_"))


def stored_rule(app: AppTest, workspace: Workspace) -> Selection:
    view = find_view(workspace, app.session_state["fulcrum_view"])
    assert view is not None
    return selection_of(view["drafts"].get("selection"))


def test_without_a_table_it_says_what_is_missing(open_app: Open) -> None:
    app = open_app("feature_tests")
    assert not app.exception
    assert "This page needs a table" in texts(app)


def test_features_are_ranked_with_reasons(open_app: Open, leave: dict[str, str]) -> None:
    app = open_app("feature_tests", **leave)
    assert not app.exception
    table = app.dataframe[0].value
    assert table["effect"].dropna().is_monotonic_decreasing
    assert table["reason"].str.endswith(".").all()
    assert {"chi-square", "Kruskal-Wallis"} <= set(table["test"])
    kept = int((table["verdict"] == "✓ kept").sum())
    assert f"the rule keeps {kept}" in texts(app)
    assert f"{kept} of {len(table)} features kept" in figures(app)[0]["layout"]["title"]["text"]


def test_a_stricter_rule_keeps_fewer(open_app: Open, leave: dict[str, str]) -> None:
    app = open_app("feature_tests", **leave)
    before = (app.dataframe[0].value["verdict"] == "✓ kept").sum()
    widget(app, "slider", "effect").set_value(0.15).run()  # type: ignore[attr-defined]
    assert not app.exception
    assert 0 < (app.dataframe[0].value["verdict"] == "✓ kept").sum() < before


def test_the_rule_goes_into_the_recipes_with_what_had_been_seen(
    open_app: Open, leave: dict[str, str], workspace: Workspace
) -> None:
    app = open_app("feature_tests", **leave)
    table = app.dataframe[0].value
    weakest = table["feature"].iloc[-1]
    widget(app, "multiselect", "keep").set_value([weakest]).run()  # type: ignore[attr-defined]
    forced = app.dataframe[0].value.set_index("feature").loc[weakest]
    assert forced["reason"] == "Kept by hand, after seeing the training rows."
    app.button(key="feature_tests_use").click().run()
    assert stored_rule(app, workspace) == Selection(keep=(weakest,), seen="training rows")


def test_all_rows_are_recorded_as_seen(open_app: Open, leave: dict[str, str], workspace: Workspace) -> None:
    app = open_app("feature_tests", **leave)
    app.toggle(key="all_rows").set_value(True).run()
    out = app.dataframe[0].value["feature"].iloc[0]
    widget(app, "multiselect", "drop").set_value([out]).run()  # type: ignore[attr-defined]
    app.button(key="feature_tests_use").click().run()
    assert stored_rule(app, workspace) == Selection(drop=(out,), seen="all rows")


def test_a_stored_rule_is_there_after_a_reload(open_app: Open, leave: dict[str, str]) -> None:
    app = open_app("feature_tests", **leave)
    widget(app, "number_input", "vif").set_value(5.0).run()  # type: ignore[attr-defined]
    app.button(key="feature_tests_use").click().run()
    again = open_app("feature_tests", view=app.session_state["fulcrum_view"])
    assert not again.exception
    assert widget(again, "number_input", "vif").value == 5.0  # type: ignore[attr-defined]


def test_a_large_table_is_tested_in_a_job(
    open_app: Open, leave: dict[str, str], do_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = open_app("feature_tests", **leave).dataframe[0].value
    monkeypatch.setattr(work, "JOB_ROWS", 100)
    monkeypatch.setattr("pages.shared.exploring.JOB_ROWS", 100)
    app = open_app("feature_tests", **leave)
    assert not app.exception
    assert not app.dataframe
    assert "Testing every feature" in texts(app)
    assert do_jobs() == 1
    app.run()
    assert "Applying the rule in every fold" in texts(app)
    waiting = app.dataframe[0].value
    assert set(waiting["kept in folds"]) == {"…"}
    of_folds = ["kept in folds", "effect over folds", "rank over folds"]
    assert waiting.drop(columns=of_folds).equals(at_once.drop(columns=of_folds))
    assert do_jobs() == 1
    app.run()
    assert "Applying the rule in every fold" not in texts(app)
    assert app.dataframe[0].value.equals(at_once)
    widget(app, "slider", "effect").set_value(0.15).run()  # type: ignore[attr-defined]
    assert do_jobs() == 0
    assert set(app.dataframe[0].value["kept in folds"]) >= {"0 of 5", "5 of 5"}


@pytest.mark.parametrize(("target", "question"), [("department", Classes(None)), ("monthly_income", Number())])
def test_many_classes_and_numbers_are_tested(
    open_app: Open, workspace: Workspace, target: str, question: Question
) -> None:
    app = open_app("feature_tests", **nouns(workspace, target, question))
    assert not app.exception
    assert len(app.dataframe[0].value) > 5


def test_what_is_forced_in_leaves_what_is_forced_out(open_app: Open, leave: dict[str, str]) -> None:
    app = open_app("feature_tests", **leave)
    first, second = app.dataframe[0].value["feature"].iloc[[0, 1]]
    widget(app, "multiselect", "drop").set_value([first]).run()  # type: ignore[attr-defined]
    widget(app, "multiselect", "keep").set_value([second]).run()  # type: ignore[attr-defined]
    assert not app.exception
    reasons = app.dataframe[0].value.set_index("feature")["reason"]
    assert reasons[first] == "Left out by hand, after seeing the training rows."
    assert reasons[second] == "Kept by hand, after seeing the training rows."
