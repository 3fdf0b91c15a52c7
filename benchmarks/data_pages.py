"""How long the pages of the Data group take with a million rows, and whether others notice.

`python -m benchmarks.data_pages [rows]` keeps the table of `benchmarks.made_table` in a workspace, confirms its columns
and locks its split on the Data page of the real app in a real Chromium, and leaves. So what that page waits for (the
findings) is there, and what locking asks for ahead (the first results of Explore and Feature tests) is on its way. A
new visitor then clicks each page of the group and each part of Explore and Feature tests, twice around, while another
one goes round the same pages with the employee sample.

The clock starts at the click. It stops when the page is usable: what the page is about can be seen (a figure, or the
named box or button of pages without one), no job's progress stands in the place of a result, and the app rests: its
script has ended, nothing has come or is loading, and the browser answers. Progress alone is not usable. On the Data
page the closer look with quick models may still go on: it adds findings and holds nothing up.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.figures import Figure, report
from benchmarks.made_table import ROWS, TARGET, YES, make_table
from mlops_lib.data.catalogue import add_version
from mlops_lib.data.charters import keep_charter, new_project
from mlops_lib.data.datasets import read_and_keep
from mlops_lib.objects.charter import Charter, Hypothesis
from mlops_lib.workspace.views import keep_view
from pages.shared.steps import STEPS
from tests.e2e import story
from tests.e2e.driver import QUIET, Visitor, chromium, find_browser
from tests.e2e.server import Server

FIRST_SECONDS, AGAIN_SECONDS, OTHER_SECONDS = 3.0, 1.0, 1.0
SETTLED_SECONDS = 30.0
PATIENCE = 120.0
LOOKING = 1.0
"""Seconds that the other visitor looks at a page before the next click."""

JOB = "[class*='st-key-job_']"
FIGURE = ".js-plotly-plot .main-svg"


@dataclass(frozen=True)
class Place:
    """A page by its step, what shows that it is usable, and the key of the control that changes its parts."""

    step: str
    shows: str
    parts: str = ""
    waits: bool = True

    @property
    def title(self) -> str:
        """What the navigation calls it."""
        return STEPS[self.step].title


PLACES = (
    Place("charter", ".st-key-charter_hypothesis_1, .st-key-charter_known"),
    Place("versions", ".st-key-versions_facts"),
    Place("derive", ".st-key-derive_box"),
    Place("explore", FIGURE, "explore_part"),
    Place("feature_tests", FIGURE, "feature_tests_part"),
    Place("resampling", ".st-key-resampling_use button, [data-testid='stAlertContentWarning']"),
    Place("data", ".st-key-data_confirm button", waits=False),
)
HYPOTHESES = (
    Hypothesis("Who has more on the account leaves.", "balance", "higher"),
    Hypothesis("It depends on the plan.", "plan"),
)

Click = tuple[str, float]


def main(arguments: Sequence[str]) -> int:
    """Measure, print and report."""
    rows = next((int(a) for a in arguments if a.isdigit()), ROWS)
    return report(figures(rows))


def figures(rows: int = ROWS) -> list[Figure]:
    """The slowest first and second click, and the slowest of another visitor meanwhile; skipped without a browser."""
    if find_browser() is None:
        why = "no Chromium on this machine"
        return [
            Figure("page_first_seconds", None, FIRST_SECONDS, why),
            Figure("page_again_seconds", None, AGAIN_SECONDS, why),
            Figure("other_session_seconds", None, OTHER_SECONDS, why),
        ]
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder) / "home") as server:
        view = confirmed(server, rows, Path(folder))
        time.sleep(max(0.0, SETTLED_SECONDS - (time.monotonic() - server.began)))
        first, again, others = walk(server, view)
    for (name, seconds), (_, later) in zip(first, again, strict=True):
        print(f"{name:<32} {seconds:6.2f} {later:6.2f}", flush=True)
    for name, seconds in sorted(others, key=lambda click: -click[1])[:5]:
        print(f"{seconds:7.2f} s  the other visitor's {name}", flush=True)
    return [
        slowest("page_first_seconds", FIRST_SECONDS, first),
        slowest("page_again_seconds", AGAIN_SECONDS, again),
        slowest("other_session_seconds", OTHER_SECONDS, others),
    ]


def slowest(name: str, limit: float, clicks: Sequence[Click]) -> Figure:
    """The longest of the clicks as a figure."""
    which, seconds = max(clicks, key=lambda click: click[1])
    return Figure(name, seconds, limit, f"slowest of {len(clicks)}: {which}")


def confirmed(server: Server, rows: int, folder: Path) -> str:
    """A workspace with the table, its split locked by a visitor, and a charter; the id of the view that shows it."""
    path = folder / "made.parquet"
    pq.write_table(make_table(rows), path)
    workspace = server.workspace
    dataset = read_and_keep(workspace, path, path.name)
    add_version(workspace, dataset)
    charter = keep_charter(workspace, Charter(new_project(), "Who leaves?", hypotheses=HYPOTHESES))
    asked = {"data": {"target": TARGET, "positive": YES}}
    nouns = {"dataset": dataset.fingerprint, "charter": charter}
    view = keep_view(workspace, {"nouns": nouns, "drafts": asked, "jobs": {}})
    with chromium() as browser, Visitor(browser, server.url) as visitor:
        visitor.open(f"/?view={view}")
        visitor.until(".st-key-data_confirm button", seconds=PATIENCE)
        story.press(visitor, "data_confirm")
        visitor.until(".st-key-explore_part", JOB, PATIENCE)
        return visitor.page.url.partition("view=")[2].partition("&")[0]


def walk(server: Server, view: str) -> tuple[list[Click], list[Click], list[Click]]:
    """Twice round the pages with the table, and what another visitor's clicks took meanwhile."""
    ready, over = threading.Event(), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(other_clicks, server, ready, over)
        try:
            ready.wait(PATIENCE)
            with chromium() as browser, Visitor(browser, server.url) as visitor:
                visitor.open(f"/versions?view={view}")
                first, again = list(round_trip(visitor)), list(round_trip(visitor))
                print(*visitor.console, *visitor.problems(), sep="\n", flush=True)
        finally:
            over.set()
        return first, again, other.result()


def round_trip(visitor: Visitor) -> Iterator[Click]:
    """Every page and part in turn, with the seconds from the click until it was usable."""
    for place in PLACES:
        yield place.title, clicked(visitor, place, partial(visitor.go, place.title))
        for number, part in enumerate(part_names(visitor, place)):
            if number:
                yield f"{place.title}: {part}", clicked(visitor, place, partial(visitor.segment, place.parts, number))
        if place.parts:  # the next round begins with the first part again
            visitor.segment(place.parts, 0)


def clicked(visitor: Visitor, place: Place, click: Callable[[], object]) -> float:
    """Seconds from a click until its page was usable.

    By the clock on the wall: a browser that draws figures is busy for longer than anything comes from the server.
    """
    began = time.monotonic()
    click()
    visitor.until(place.shows, JOB if place.waits else "", PATIENCE)
    return max(0.0, time.monotonic() - began - QUIET)


def part_names(visitor: Visitor, place: Place) -> list[str]:
    """What the control of a page's parts offers; nothing where the page has none."""
    if not place.parts:
        return []
    buttons = visitor.page.locator(f".st-key-{place.parts} button").all()
    return [" ".join(button.inner_text().split()) for button in buttons]


def other_clicks(server: Server, ready: threading.Event, over: threading.Event) -> list[Click]:
    """Go round the pages with the employee sample until it is over; the first two rounds are not counted."""
    clicks: list[Click] = []
    with chromium() as browser, Visitor(browser, server.url) as visitor:
        story.take_sample(visitor)
        story.confirm(visitor)
        visitor.until(".st-key-explore_part")
        for place in (*PLACES, *PLACES):
            visitor.go(place.title)
        ready.set()
        while not over.is_set():
            for place in PLACES:
                clicks.append((place.title, clicked(visitor, place, partial(visitor.go, place.title))))
                time.sleep(LOOKING)
    return clicks


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
