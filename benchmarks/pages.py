"""How long pages take: the first one from the command on, and every other one after a click.

`FULCRUM_TEST_DATA=... python -m benchmarks.pages [hr] [flights] [first]` drives the real app in a real Chromium. A page
counts as usable when the app rests: its script has ended and nothing is loading. The first page is the median of three
starts; the pages are clicked one after another from 30 s after the start, twice around.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure, report, shared_table
from benchmarks.stories import FLIGHTS, HR, Story, walk
from pages.shared.steps import STEPS
from tests.e2e.driver import Visitor, chromium, find_browser
from tests.e2e.server import Server

FIRST_PAGE_SECONDS = 6.0
SETTLED_SECONDS = 30.0
STARTS = 3
TABLES = {"hr": (HR, 2.0), "flights": (FLIGHTS, 3.0)}


def main(wanted: list[str]) -> int:
    """Measure what is wanted (everything, where nothing is named) and report it."""
    wanted = wanted or ["first", *TABLES]
    if find_browser() is None:
        return report([Figure(name, None, 0, "no Chromium on this machine") for name in wanted])
    figures = [first_page()] if "first" in wanted else []
    for name, (story, limit) in TABLES.items():
        if name in wanted:
            figures += pages_of(name, story, limit)
    return report(figures)


def first_page() -> Figure:
    """Seconds from the command to the first page, on an empty workspace."""
    took = []
    for _ in range(STARTS):
        with (
            tempfile.TemporaryDirectory() as home,
            chromium() as browser,
            Server(Path(home) / "home") as server,
            Visitor(browser, server.url) as visitor,
        ):
            visitor.open("/")
            took.append(time.monotonic() - server.began)
    listed = ", ".join(f"{seconds:.1f}" for seconds in took)
    return Figure("first_page_seconds", statistics.median(took), FIRST_PAGE_SECONDS, f"median of {listed}")


def pages_of(name: str, story: Story, limit: float) -> list[Figure]:
    """The slowest click on each page, with a table for which everything was made."""
    path = shared_table(story.file)
    if path is None:
        return [Figure(f"pages_{name}_seconds", None, limit, f"FULCRUM_TEST_DATA has no {story.file}")]
    with tempfile.TemporaryDirectory() as home, Server(Path(home) / "home") as server:
        began = time.monotonic()
        view = walk(server.workspace, path, story)
        print(f"{name}: everything made in {time.monotonic() - began:.0f} s", flush=True)
        time.sleep(max(0.0, SETTLED_SECONDS - (time.monotonic() - server.began)))
        with chromium() as browser, Visitor(browser, server.url) as visitor:
            visitor.open(f"/?view={view}")
            times = [(step.title, visitor.go(step.title)) for _ in range(2) for step in STEPS.values()]
            problems = [*visitor.console, *visitor.problems()]
    print_times(name, times)
    print(*problems, sep="\n", flush=True)
    slowest = max(times, key=lambda entry: entry[1])
    return [Figure(f"pages_{name}_seconds", slowest[1], limit, f"slowest: {slowest[0]}")]


def print_times(name: str, times: list[tuple[str, float]]) -> None:
    """First and second click on each page."""
    for title in dict.fromkeys(title for title, _ in times):
        clicks = "  ".join(f"{seconds:6.2f}" for found, seconds in times if found == title)
        print(f"{name:<8} {title:<16} {clicks}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
