"""The Explore page with and without its inputs, on two classes, many classes and a number."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mlops_lib.data.datasets import keep
from mlops_lib.data.profile import propose_columns
from mlops_lib.data.reading import read_table
from mlops_lib.data.splits import plan_split
from mlops_lib.explore.reading_aids import WALL
from mlops_lib.objects.schema import Classes, Number, Question, Schema
from mlops_lib.workspace.folder import Workspace
from pages.shared.escape import escape
from tests.pages.conftest import ROOT, texts

Open = Callable[..., AppTest]
EMPLOYEES = ROOT / "sample_data" / "employees.csv"
EVIL = "![p](http://x/y.png) <img src=x>"


def nouns(workspace: Workspace, target: str, question: Question, name: str = "", rename: str = "") -> dict[str, str]:
    """A table of the product with a target chosen: the fingerprints that a page needs."""
    path = EMPLOYEES
    if rename:
        path = workspace.root / "renamed.csv"
        path.write_text(EMPLOYEES.read_text(encoding="utf-8").replace(rename, EVIL, 1), encoding="utf-8")
    dataset = keep(workspace, read_table(path, "employees.csv"), name or "employees", "sample")
    columns = tuple(replace(c, role="target") if c.name == target else c for c in propose_columns(dataset))
    schema = Schema(dataset.fingerprint, columns, question)
    plan = plan_split(dataset, schema)
    return {"dataset": dataset.fingerprint, "schema": workspace.put(schema), "split": workspace.put(plan)}


def figures(app: AppTest) -> list[dict[str, Any]]:
    """The figures of a page as Plotly reads them."""
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def part(app: AppTest, name: str) -> AppTest:
    app.segmented_control(key="explore_part").set_value(name)
    return app.run()


@pytest.fixture
def leave(workspace: Workspace) -> dict[str, str]:
    return nouns(workspace, "left", Classes("Yes"))


def test_without_a_table_it_says_what_is_missing(open_app: Open) -> None:
    app = open_app("explore")
    assert not app.exception
    assert "This page needs a table" in texts(app)


def test_balance_speaks_in_the_numbers_of_the_table(open_app: Open, leave: dict[str, str]) -> None:
    app = open_app("explore", **leave)
    assert not app.exception
    assert "A model that always says No is right" in texts(app)
    assert escape("training rows") in texts(app)
    bars, folds = figures(app)
    assert sum(bars["data"][0]["x"]) == 2250
    assert len(folds["data"]) == 2
    scores = app.dataframe[0].value
    assert dict(zip(scores["measure"], scores["score"], strict=True))["ROC-AUC"] == 0.5


def test_the_switch_shows_all_rows(open_app: Open, leave: dict[str, str]) -> None:
    app = open_app("explore", **leave)
    app.toggle(key="all_rows").set_value(True).run()
    assert "All rows, the hold-out among them" in texts(app)
    assert sum(figures(app)[0]["data"][0]["x"]) == 3000


def test_columns_begin_with_the_strongest_and_can_be_chosen(open_app: Open, leave: dict[str, str]) -> None:
    app = part(open_app("explore", **leave), "Columns")
    assert not app.exception
    box = next(b for b in app.selectbox if b.key and b.key.startswith("explore_column_"))
    assert box.value == box.options[0]
    assert len(figures(app)) == 1 + min(WALL, len(box.options))
    box.set_value(box.options[-1]).run()
    assert not app.exception
    assert box.options[-1] in figures(app)[0]["layout"]["title"]["text"]


def test_pairs_follow_the_limit(open_app: Open, leave: dict[str, str]) -> None:
    app = part(open_app("explore", **leave), "Pairs")
    assert not app.exception
    few = len(app.dataframe[0].value) if app.dataframe else 0
    app.slider(key="explore_limit").set_value(0.3).run()
    assert not app.exception
    pairs = app.dataframe[0].value
    assert len(pairs) > few
    assert (pairs["association"].abs() >= 0.3).all()
    assert figures(app)[0]["data"][0]["type"] == "heatmap"


@pytest.mark.parametrize(("target", "question"), [("department", Classes(None)), ("monthly_income", Number())])
def test_many_classes_and_numbers_are_explored(
    open_app: Open, workspace: Workspace, target: str, question: Question
) -> None:
    app = open_app("explore", **nouns(workspace, target, question))
    assert not app.exception
    assert "A model that always" in texts(app)
    for name in ("Columns", "Pairs"):
        assert not part(app, name).exception
        assert figures(app)


def test_names_from_the_table_are_text(open_app: Open, workspace: Workspace) -> None:
    app = open_app("explore", **nouns(workspace, "left", Classes("Yes"), rename="monthly_income"))
    app = part(app, "Columns")
    box = next(b for b in app.selectbox if b.key and b.key.startswith("explore_column_"))
    assert EVIL in box.options
    box.set_value(EVIL).run()
    assert not app.exception
    assert "![p]" not in texts(app)
    assert "<img" not in json.dumps(figures(app))


def test_the_button_leads_to_the_tests(open_app: Open, leave: dict[str, str]) -> None:
    app = open_app("explore", **leave)
    app.button(key="explore_next").click().run()
    assert not app.exception
    assert "Feature tests" in app.title[0].value
