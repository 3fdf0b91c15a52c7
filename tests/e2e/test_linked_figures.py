"""Linked figures under a real pointer: a click or a drag in one changes all others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from mlops_lib.data.datasets import keep
from mlops_lib.data.profile import propose_columns
from mlops_lib.data.reading import read_table
from mlops_lib.data.splits import plan_split
from mlops_lib.objects.schema import Classes, Schema
from mlops_lib.workspace.views import keep_view
from tests.e2e.driver import Visitor
from tests.e2e.server import ROOT, Server

pytestmark = pytest.mark.e2e

FIGURES = 8
"""The target and seven features; the map of two features is one more."""

Box = dict[str, float]


@pytest.fixture(scope="module")
def view(server: Server) -> str:
    read = read_table(ROOT / "sample_data" / "employees.csv", "employees.csv")
    dataset = keep(server.workspace, read, "employees", "sample")
    columns = tuple(replace(c, role="target") if c.name == "left" else c for c in propose_columns(dataset))
    schema = Schema(dataset.fingerprint, columns, Classes("Yes"))
    plan = plan_split(dataset, schema)
    place = server.workspace
    nouns = {"dataset": dataset.fingerprint, "schema": place.put(schema), "split": place.put(plan)}
    return keep_view(place, {"nouns": nouns, "drafts": {}, "jobs": {}})


@pytest.fixture(params=[(1440, 900, "light"), (390, 844, "dark")], ids=["laptop", "phone"])
def visitor(request, visit: Callable[..., Visitor], view: str) -> Iterator[Visitor]:
    width, height, scheme = request.param
    visitor = visit(width=width, height=height, scheme=scheme)
    visitor.open(f"explore?view={view}&explore_part=Linked")
    visitor.page.locator(".js-plotly-plot").nth(FIGURES).wait_for()
    yield visitor
    assert visitor.problems() == []
    assert visitor.console == []
    assert visitor.overflow() == 0


def plot_area(visitor: Visitor, title: str) -> Box:
    """Where the bars of a figure are on the screen."""
    cell = visitor.page.get_by_test_id("stCaptionContainer").filter(has_text=title).first
    figure = cell.locator("xpath=following::*[@data-testid='stPlotlyChart'][1]")
    figure.scroll_into_view_if_needed()
    figure.locator(".bars .point").first.wait_for(state="attached")
    visitor._rest(None, 20)  # scrolling may have drawn it just now
    box = figure.locator(".nsewdrag").first.bounding_box()
    assert box is not None
    return dict(box)


def bars(visitor: Visitor) -> list[list[str]]:
    """What each small figure draws: the shapes of its bars."""
    script = """n => [...document.querySelectorAll('.js-plotly-plot')].slice(0, n)
        .map(plot => [...plot.querySelectorAll('.bars .point path')].map(path => path.getAttribute('d')))"""
    found: list[list[str]] = visitor.page.evaluate(script, FIGURES)
    return found


def click_in(visitor: Visitor, title: str, across: float, down: float) -> float:
    area = plot_area(visitor, title)
    at = area["x"] + across * area["width"], area["y"] + down * area["height"]
    return visitor._act(f"click {title}", lambda: visitor.page.mouse.click(*at))


def test_a_click_filters_every_other_figure_and_a_chip_takes_it_back(visitor: Visitor) -> None:
    before = bars(visitor)
    assert len(before) == FIGURES
    click_in(visitor, "overtime", 0.9, 0.75)  # the empty end of the lower bar: a bin can be hit anywhere
    visitor.wait_for("rows where overtime is Yes")
    visitor.page.locator(".js-plotly-plot").nth(FIGURES).wait_for()
    after = bars(visitor)
    assert all(len(new) == len(old) * 3 // 2 for old, new in zip(before, after, strict=True))
    click_in(visitor, "age", 0.15, 0.5)
    visitor.wait_for("overtime is Yes and age is")
    visitor.click("overtime: Yes ✕")
    visitor.wait_for("rows where age is")
    visitor.click("Clear")
    visitor.wait_for("In all 2,250 rows")


def test_a_second_click_takes_a_group_away_again(visitor: Visitor) -> None:
    click_in(visitor, "overtime", 0.5, 0.75)
    visitor.wait_for("rows where overtime is Yes")
    click_in(visitor, "overtime", 0.5, 0.75)
    visitor.wait_for("In all 2,250 rows")


def test_dragging_selects_a_range_and_a_reload_keeps_it(visitor: Visitor) -> None:
    way = visitor.page.get_by_role("radio", name="Drag: a range")
    visitor._act("drag mode", way.click)
    area = plot_area(visitor, "age")
    mouse, middle = visitor.page.mouse, area["y"] + area["height"] / 2

    def drag() -> None:
        mouse.move(area["x"] + 0.3 * area["width"], middle)
        mouse.down()
        mouse.move(area["x"] + 0.5 * area["width"], middle, steps=4)
        mouse.move(area["x"] + 0.6 * area["width"], middle, steps=4)
        mouse.up()

    visitor._act("drag age", drag)
    visitor.wait_for("rows where age is")
    said = next(line for line in visitor.text().splitlines() if "rows where age is" in line)
    assert " to " in said
    visitor.reload()
    visitor.wait_for(said[:60])


def test_a_cell_of_two_features_is_told(visitor: Visitor) -> None:
    maps = visitor.page.get_by_test_id("stPlotlyChart").last
    maps.scroll_into_view_if_needed()
    maps.locator(".hm image").first.wait_for(state="attached")
    visitor._rest(None, 20)
    area = maps.locator(".nsewdrag").first.bounding_box()
    assert area is not None
    visitor.page.mouse.click(area["x"] + 0.2 * area["width"], area["y"] + 0.2 * area["height"])
    visitor.page.get_by_role("button", name="Clear the choice").wait_for()
    assert " is " in visitor.text().split("Two features together")[1]
