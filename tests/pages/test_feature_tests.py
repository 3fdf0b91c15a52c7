"""The Feature tests page: the ranking, the rule, and what it leaves for the recipes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mlops_lib.data.datasets import open_dataset
from mlops_lib.explore import work
from mlops_lib.objects.recipe import Selection
from mlops_lib.objects.schema import Classes, Number, Question, Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.train.drafts import selection_of
from mlops_lib.workspace.folder import Workspace
from mlops_lib.workspace.views import find_view
from pages.shared.tests_card import feature_key
from pages.shared.tests_ranking import FIGURE, TABLE, open_chosen
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


def test_both_adjustments_stand_in_the_table_and_the_rule_names_one(
    open_app: Open, leave: dict[str, str], workspace: Workspace
) -> None:
    app = open_app("feature_tests", **leave)
    table = app.dataframe[0].value
    assert table["adjusted p"].equals(table["Benjamini-Hochberg p"].rename("adjusted p"))
    widget(app, "selectbox", "adjust").set_value("holm").run()  # type: ignore[attr-defined]
    table = app.dataframe[0].value
    assert table["adjusted p"].equals(table["Holm p"].rename("adjusted p"))
    app.button(key="feature_tests_use").click().run()
    assert stored_rule(app, workspace) == Selection(adjust="holm")


def test_the_folds_stand_beside_the_verdict(open_app: Open, leave: dict[str, str]) -> None:
    app = open_app("feature_tests", **leave)
    table = app.dataframe[0].value
    assert table["kept in folds"].str.fullmatch("[0-5] of 5").all()
    assert re.search(r"All 5 folds keep|Each of the 5 folds keeps", texts(app))
    names = [trace.get("name") for trace in figures(app)[0]["data"]]
    assert "range over folds" in names


def test_a_rule_that_leaves_nothing_keeps_the_strongest_and_says_so(open_app: Open, leave: dict[str, str]) -> None:
    app = open_app("feature_tests", **leave)
    widget(app, "slider", "effect").set_value(0.5).run()  # type: ignore[attr-defined]
    assert not app.exception
    assert "the strongest is kept" in texts(app)
    assert (app.dataframe[0].value["verdict"] == "✓ kept").sum() == 1


@pytest.mark.parametrize("where", [FIGURE, TABLE])
def test_what_is_chosen_in_figure_or_table_opens_its_card(
    open_app: Open, leave: dict[str, str], workspace: Workspace, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    app = open_app("feature_tests", **leave)
    names = app.dataframe[0].value["feature"].tolist()
    schema = workspace.get(Schema, leave["schema"])
    chosen = {"points": [{"customdata": [2]}]} if where == FIGURE else {"rows": [2]}
    state: dict[str, Any] = {where: {"selection": chosen}}
    with monkeypatch.context() as patched:
        patched.setattr(st, "session_state", state)
        open_chosen(schema, names)
    assert state[feature_key(schema)] == names[2]
    for key in (feature_key(schema), "feature_tests_part"):
        app.session_state[key] = state[key]
    app.run()
    assert not app.exception
    assert f"Does {names[2]} go with left?" in texts(app).replace("\\", "")


def test_nothing_chosen_opens_nothing(
    leave: dict[str, str], workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = {FIGURE: {"selection": {"points": []}}, TABLE: {"selection": {"rows": []}}}
    with monkeypatch.context() as patched:
        patched.setattr(st, "session_state", state)
        open_chosen(workspace.get(Schema, leave["schema"]), ["age"])
    assert set(state) == {FIGURE, TABLE}


def test_many_features_are_drawn_in_pages(
    open_app: Open, leave: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlops_lib.charts.feature_tests.MOST", 10)
    app = open_app("feature_tests", **leave)
    assert "places 1 to 10" in figures(app)[0]["layout"]["title"]["text"]
    app.session_state["feature_tests_page"] = 3
    app.run()
    assert not app.exception
    shown = figures(app)[0]
    assert "places 21 to 22" in shown["layout"]["title"]["text"]
    assert len(shown["layout"]["yaxis"]["ticktext"]) == 2


def test_the_code_that_is_shown_runs(open_app: Open, leave: dict[str, str], workspace: Workspace) -> None:
    app = open_app("feature_tests", **leave)
    code = next(block.value for block in app.code if "feature_tests(" in block.value)
    told: dict[str, Any] = {"dataset": open_dataset(workspace, leave["dataset"])}
    told |= {"schema": workspace.get(Schema, leave["schema"]), "plan": workspace.get(SplitPlan, leave["split"])}
    exec(code, told)
    assert told["tests"].strongest == app.dataframe[0].value["feature"].iloc[0]
