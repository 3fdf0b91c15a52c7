"""The threshold under a real pointer and real keys: it moves in the browser, and arrives in Python on release."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from benchmarks.threshold_element import SLIDER, scored_run
from mlops_lib.evaluate.sweep import counts_at
from mlops_lib.train.runs import out_of_fold
from tests.e2e.driver import Visitor
from tests.e2e.server import Server

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def made(server: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, object]:
    return scored_run(server.workspace, tmp_path_factory.mktemp("table"), 20_000)


@pytest.fixture(params=[(1440, 900, "light"), (390, 844, "dark")], ids=["laptop", "phone"])
def visitor(request, visit: Callable[..., Visitor], made: tuple[str, object]) -> Iterator[Visitor]:
    width, height, scheme = request.param
    visitor = visit(width=width, height=height, scheme=scheme)
    visitor.open(f"/threshold?view={made[0]}")
    visitor.page.locator(SLIDER).wait_for()
    yield visitor
    assert visitor.console == []
    assert visitor.outside == []
    assert visitor.problems() == []
    assert visitor.overflow() == 0


def now(visitor: Visitor) -> float:
    return float(visitor.page.locator(SLIDER).get_attribute("aria-valuenow") or "nan")


def typed(visitor: Visitor) -> float:
    return float(visitor.page.get_by_label("Type a threshold", exact=True).first.input_value())


def counts(visitor: Visitor) -> dict[str, int]:
    cells = {name: visitor.page.locator(f"[data-count={name}] .count") for name in ("tp", "fp", "fn", "tn")}
    return {name: int(cell.inner_text().replace(",", "")) for name, cell in cells.items()}


def test_dragging_moves_everything_before_the_release_and_counts_are_exact(visitor, made, server):
    slider = visitor.page.locator(SLIDER)
    slider.scroll_into_view_if_needed()
    box, before = slider.bounding_box(), typed(visitor)
    middle = box["y"] + box["height"] / 2
    visitor.page.mouse.move(box["x"] + box["width"] * 0.3, middle)
    visitor.page.mouse.down()
    visitor.page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=10)
    moved, during = now(visitor), counts(visitor)
    assert moved != pytest.approx(before, abs=1e-3)
    assert typed(visitor) == before
    predictions = out_of_fold(server.workspace, made[1])
    exact = counts_at(predictions.truth, predictions.score, moved)
    assert during == {name: int(getattr(exact, name)) for name in during}
    visitor.press("Shift")
    visitor._act("release", visitor.page.mouse.up)
    assert typed(visitor) == pytest.approx(moved, abs=1e-4)
    assert now(visitor) == moved
    assert counts(visitor) == during


def test_it_works_by_keyboard(visitor):
    slider = visitor.page.locator(SLIDER)
    slider.focus()
    visitor.page.keyboard.press("Home")
    everyone = counts(visitor)
    assert (everyone["fn"], everyone["tn"]) == (0, 0)
    visitor.page.keyboard.press("ArrowRight")
    one_step = sum(counts(visitor)[name] for name in ("fn", "tn"))
    assert 0 < one_step < 100
    visitor.page.keyboard.press("PageUp")
    assert sum(counts(visitor)[name] for name in ("fn", "tn")) > one_step
    assert "are found" in slider.get_attribute("aria-valuetext")
    visitor._act("End", lambda: visitor.page.keyboard.press("End"), patience_unasked=2)
    assert counts(visitor)["tp"] == 0
    assert typed(visitor) == pytest.approx(now(visitor), abs=1e-4)


def test_a_typed_threshold_moves_the_handle(visitor):
    visitor.fill("Type a threshold", 0.1234)
    assert now(visitor) == 0.1234
