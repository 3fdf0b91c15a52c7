"""The app and its visitors for the browser tests; without a browser these are skipped and say so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium

from tests.e2e.driver import Visitor, chromium, find_browser
from tests.e2e.server import Server


@pytest.fixture(scope="session")
def browser() -> Iterator[Chromium]:
    """A running Chromium for all tests."""
    if find_browser() is None:
        pytest.skip("No Chromium on this machine: install one or set FULCRUM_BROWSER.")
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app with an empty workspace, shared by the tests of a module."""
    with Server(tmp_path_factory.mktemp("home")) as started:
        yield started


@pytest.fixture
def visit(browser: Chromium, server: Server, tmp_path: Path) -> Iterator[Callable[..., Visitor]]:
    """Come to the app as a new visitor: `visit(width=390, height=844, scheme="dark")`."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(Visitor(browser, server.url, tmp_path, **options))
