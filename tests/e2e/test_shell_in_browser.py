"""The shell in a real browser: first page, deep links, widths and schemes, and that nothing leaves the machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium

from pages.shared.steps import STEPS
from tests.e2e.driver import Visitor
from tests.e2e.server import Server

pytestmark = pytest.mark.e2e


def test_a_deep_link_is_the_first_thing_a_new_server_sees(browser: Chromium, tmp_path: Path) -> None:
    step = STEPS["predict"]
    with Server(tmp_path / "home") as server, Visitor(browser, server.url) as visitor:
        visitor.open(f"/{step.name}")
        assert visitor.dialogs() == []
        assert step.title in visitor.text()
        assert visitor.page.url == f"{server.url}/{step.name}"


def test_every_page_opens_on_a_laptop_and_a_phone_in_both_schemes(visit: Callable[..., Visitor]) -> None:
    for width, height, scheme in ((1440, 900, "light"), (390, 844, "dark")):
        visitor = visit(width=width, height=height, scheme=scheme)
        for step in STEPS.values():
            visitor.open(f"/{step.name}")
            assert step.title in visitor.text(), step.name
            assert visitor.overflow() == 0, (step.name, width)
            assert visitor.dialogs() == []
        assert visitor.console == []
        assert visitor.outside == []


def test_the_navigation_goes_through_all_pages(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.open("/")
    for step in STEPS.values():
        visitor.go(step.title)
        assert visitor.page.title() == f"{step.title} · Fulcrum"


def test_an_unknown_view_is_told_and_the_page_works(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.open("/?view=0123456789abcdef")
    assert any("0123456789abcdef" in problem for problem in visitor.problems())


def test_the_navigation_is_no_broken_list_and_a_primary_button_can_be_read(visit: Callable[..., Visitor]) -> None:
    for scheme, label in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(11, 20, 19)")):
        visitor = visit(scheme=scheme)
        visitor.open("/")
        visitor.go("Train")
        visitor.go("Data")
        items = visitor.page.locator('[data-testid="stSidebarNavItems"], [data-testid="stSidebarNavItems"] li')
        assert {item.get_attribute("role") for item in items.all()} == {"presentation"}
        button = visitor.page.get_by_test_id("stBaseButton-primary").first
        assert button.evaluate("element => getComputedStyle(element).color") == label
