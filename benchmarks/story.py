"""How many clicks and how much waiting lie between an upload and a registered version.

`FULCRUM_TEST_DATA=... python -m benchmarks.story` drives the real app in a real Chromium over the HR table with the
whole ladder of 21 recipes, from 30 s after the start. Waiting is all the time from the
upload to the registered version.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure, report, shared_table
from tests.e2e import story
from tests.e2e.driver import Visitor, chromium, find_browser
from tests.e2e.server import Server

CLICKS, WAITING_SECONDS = 30, 180.0
SETTLED_SECONDS = 30.0


def main() -> int:
    """Walk the story once and report it."""
    table = shared_table("ibm_hr_attrition.csv")
    if table is None or find_browser() is None:
        why = "no Chromium on this machine" if table is not None else "FULCRUM_TEST_DATA has no HR table"
        return report([Figure("story_clicks", None, CLICKS, why), Figure("story_seconds", None, WAITING_SECONDS, why)])
    with (
        tempfile.TemporaryDirectory() as home,
        chromium() as browser,
        Server(Path(home) / "home") as server,
        Visitor(browser, server.url) as visitor,
    ):
        visitor.open("/")
        time.sleep(max(0.0, SETTLED_SECONDS - (time.monotonic() - server.began)))
        began = time.monotonic()
        walk(visitor, table)
        took = time.monotonic() - began
    for name, seconds in visitor.slowest(6):
        print(f"{seconds:7.2f} s  {name}")
    return report(
        [
            Figure("story_clicks", visitor.clicks, CLICKS),
            Figure("story_seconds", took, WAITING_SECONDS, "all 21 recipes"),
        ]
    )


def walk(visitor: Visitor, table: Path) -> None:
    """From the upload to a registered version."""
    story.upload(visitor, table)
    visitor.choose("Target: the column to be predicted", "Attrition")
    visitor.click("Yes:", exact=False)
    story.confirm(visitor)
    story.explore_and_choose_rules(visitor)
    story.train(visitor)
    story.choose_and_keep_threshold(visitor)
    story.explain(visitor)
    story.register(visitor)


if __name__ == "__main__":
    sys.exit(main())
