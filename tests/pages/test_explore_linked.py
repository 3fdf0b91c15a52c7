"""The linked figures on the Explore page: selections by list, their sentence, chips, and what is kept."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from mlops_lib.explore import work
from mlops_lib.objects.schema import Classes, Number, Question
from mlops_lib.workspace.folder import Workspace
from pages.shared import exploring
from pages.shared.escape import escape
from tests.pages.conftest import texts
from tests.pages.test_explore import EVIL, figures, nouns, part

Open = Callable[..., AppTest]


@pytest.fixture
def leave(workspace: Workspace) -> dict[str, str]:
    return nouns(workspace, "left", Classes("Yes"))


def linked(app: AppTest, lists: bool = True) -> AppTest:
    app = part(app, "Linked")
    if lists:
        app.session_state["explore_linked_lists"] = True
        app.run()
    return app


def choose(app: AppTest, column: str, *labels: str) -> AppTest:
    box = next(m for m in app.multiselect if m.label == escape(column))
    box.set_value([box.options.index(label) for label in labels]).run()
    return app


def says(app: AppTest, text: str) -> bool:
    return escape(text) in texts(app)


def widths(app: AppTest) -> list[int]:
    """Sets of bars in each of the small figures."""
    return [sum(trace["type"] == "bar" for trace in figure["data"]) for figure in figures(app)[:8]]


def test_nothing_is_selected_at_first(open_app: Open, leave: dict[str, str]) -> None:
    app = linked(open_app("explore", **leave), lists=False)
    assert not app.exception
    assert says(app, "In all 2,250 rows left is Yes in 15.8 %")
    assert len(figures(app)) == 9
    assert widths(app) == [2] * 8
    assert not [b for b in app.button if b.key == "explore_linked_clear"]
    assert not [m for m in app.multiselect if str(m.key).startswith("explore_linked_list_")]


def test_a_selection_filters_all_figures_and_can_be_taken_away(open_app: Open, leave: dict[str, str]) -> None:
    app = choose(linked(open_app("explore", **leave)), "overtime", "Yes")
    assert not app.exception
    assert says(app, "rows where overtime is Yes, left is Yes in")
    assert says(app, "times the 15.8 % of all rows")
    assert says(app, "by chance")
    assert widths(app) == [3] * 8
    app = choose(app, "job_role", "Sales representative")
    assert says(app, "overtime is Yes and job_role is 'Sales representative'")
    chip = next(b for b in app.button if "overtime" in b.label)
    chip.click().run()
    assert says(app, "rows where job_role is 'Sales representative'")
    app.button(key="explore_linked_clear").click().run()
    assert widths(app) == [2] * 8


def test_the_selection_survives_another_page_and_a_reload(open_app: Open, leave: dict[str, str]) -> None:
    app = choose(linked(open_app("explore", **leave)), "overtime", "Yes")
    view = app.query_params["view"]
    again = linked(open_app("explore", view=view[0] if isinstance(view, list) else view))
    assert says(again, "rows where overtime is Yes")
    again.toggle(key="all_rows").set_value(True).run()
    assert says(again, "rows where overtime is Yes")


def test_too_few_rows_are_said(open_app: Open, leave: dict[str, str]) -> None:
    app = linked(open_app("explore", **leave))
    app = choose(choose(app, "age", "60 to 65"), "overtime", "Yes")
    assert says(app, "Too few to act on")


@pytest.mark.parametrize(("target", "question"), [("department", Classes(None)), ("monthly_income", Number())])
def test_many_classes_and_numbers(open_app: Open, workspace: Workspace, target: str, question: Question) -> None:
    app = linked(open_app("explore", **nouns(workspace, target, question)))
    assert not app.exception
    app = choose(app, "job_role", "Research scientist")
    assert not app.exception
    assert says(app, "rows where job_role is 'Research scientist'")
    assert says(app, "the mean of") == (target == "monthly_income")


def test_two_features_say_whether_they_add_up(open_app: Open, leave: dict[str, str]) -> None:
    app = linked(open_app("explore", **leave), lists=False)
    first = next(b for b in app.selectbox if b.label == "Across")
    first.set_value("overtime").run()
    assert not app.exception
    second = next(b for b in app.selectbox if b.label == "Down")
    assert "overtime" not in second.options
    assert says(app, "Added up, overtime and")
    assert [t["type"] for t in figures(app)[-1]["data"]].count("heatmap") == 2


def test_large_tables_are_binned_in_a_job_and_opened_where_they_lie(
    open_app: Open, leave: dict[str, str], do_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exploring, "JOB_ROWS", 100)
    assert work.JOB_ROWS == 100_000
    app = linked(open_app("explore", **leave), lists=False)
    assert not figures(app)
    assert do_jobs() >= 1
    app.run()
    assert not app.exception
    assert says(app, "In all 2,250 rows left is Yes")
    assert len(figures(app)) == 9


def test_names_from_the_table_are_text(open_app: Open, workspace: Workspace) -> None:
    app = linked(open_app("explore", **nouns(workspace, "left", Classes("Yes"), rename="monthly_income")))
    assert not app.exception
    box = next(m for m in app.multiselect if m.label == escape(EVIL))
    box.set_value([0]).run()
    assert not app.exception
    assert "![p]" not in texts(app)
    assert EVIL not in "".join(b.label for b in app.button)
    assert "<img" not in json.dumps(figures(app))
