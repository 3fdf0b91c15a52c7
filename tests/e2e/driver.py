"""A small driver for the app in a real browser: act, wait until the app rests, look.

Streamlit says in the page whether its script runs, but that alone cannot be trusted: right after a click it still says
"notRunning", and a quick run may begin and end between two looks. So a script in the page counts what goes over the
WebSocket, and how often the server said that a run had ended. The app rests when what the action sent led to a run that
has ended, the script does not run, and nothing came lately.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Error, Locator, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 60.0
QUIET = 0.15
UNASKED = 0.5
"""Seconds after which an action that sent nothing is taken for one that needs no answer."""

UNANSWERED = 10.0
"""Seconds after which what was sent is taken for something that starts no run."""

_WATCH = """
(() => {
  const seen = window.__seen = {sent: 0, ended: 0, last: performance.now(), open: 0};
  const touch = () => { seen.last = performance.now(); };
  // The fields of a message (protocol buffers, top level): 6 is "the script has finished".
  const number = (bytes, at) => {
    let value = 0, shift = 1;
    for (;;) {
      const byte = bytes[at.i++];
      value += (byte & 127) * shift;
      if (byte < 128 || at.i > bytes.length) return value;
      shift *= 128;
    }
  };
  const ends = data => {
    if (!(data instanceof ArrayBuffer)) return false;
    const bytes = new Uint8Array(data), at = {i: 0};
    while (at.i < bytes.length) {
      const tag = number(bytes, at);
      if (tag >> 3 === 6) return true;
      if ((tag & 7) === 2) { const length = number(bytes, at); at.i += length; } else number(bytes, at);
    }
    return false;
  };
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (...args) {
    if (!this.__counted) {
      this.__counted = true;
      this.addEventListener('message', event => { seen.ended += ends(event.data) ? 1 : 0; touch(); });
    }
    seen.sent += 1; touch();
    return send.apply(this, args);
  };
  const fetched = window.fetch;
  const ended = () => { seen.open -= 1; touch(); };
  window.fetch = (...args) => { seen.open += 1; touch(); return fetched(...args).finally(ended); };
  const asked = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (...args) {
    seen.open += 1; touch();
    this.addEventListener('loadend', ended);
    return asked.apply(this, args);
  };
})();
"""

_LOOK = """
() => {
  const app = document.querySelector('[data-testid="stApp"]');
  const seen = window.__seen || {sent: 0, ended: 0, last: performance.now(), open: 0};
  const busy = document.querySelectorAll('[data-testid="stSpinner"], [data-testid="stSkeleton"]').length;
  return {
    sent: seen.sent, ended: seen.ended, quiet: (performance.now() - seen.last) / 1000, open: seen.open + busy,
    script: app && app.getAttribute('data-test-script-state'),
    socket: app && app.getAttribute('data-test-connection-state'),
  };
}
"""

_NOTHING = {"sent": 0, "ended": 0, "quiet": 0.0, "open": 1, "script": None, "socket": None}
_ARGUMENTS = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_BOXES = '[data-testid="stException"], [data-testid="stAlertContentError"], [data-testid="stAlertContentWarning"]'


def find_browser() -> str | None:
    """A Chromium or Chrome on this machine: FULCRUM_BROWSER, else one on the path; None where there is none."""
    return os.environ.get("FULCRUM_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def chromium() -> Iterator[Chromium]:
    """The browser itself; visitors share it, each with cookies and storage of its own."""
    with sync_playwright() as playwright:
        root = [] if os.name != "posix" or os.geteuid() else ["--no-sandbox"]
        browser = playwright.chromium.launch(executable_path=find_browser(), args=[*_ARGUMENTS, *root])
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """One visitor. Every action waits until the app rests and notes how long that took in `times`."""

    def __init__(self, browser: Chromium, url: str, downloads: Path | None = None, **options: Any) -> None:
        """`options`: `width` and `height` in pixels, `scheme` "light" or "dark"."""
        self.url, self.downloads = url, downloads
        self.size = (options.get("width", 1440), options.get("height", 900))
        self.times: list[tuple[str, float]] = []
        self.console: list[str] = []
        self.outside: list[str] = []
        self.clicks = 0
        self._context = browser.new_context(
            viewport={"width": self.size[0], "height": self.size[1]},
            color_scheme=options.get("scheme", "light"),
            locale="en-GB",
        )
        self._context.add_init_script(_WATCH)
        self.page = self._new_page()

    def close(self) -> None:
        """Leave."""
        self._context.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _new_page(self) -> Page:
        page = self._context.new_page()
        page.set_default_timeout(1000 * PATIENCE)
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.console.append(f"page error: {error}"))
        page.on("request", self._note_request)
        return page

    def _note_console(self, message: Any) -> None:
        where = (message.location or {}).get("url", "")
        # The front end looks for the app's base path beside a deep link and gets two 404s; that is how it works.
        probe = where.endswith(("/_stcore/health", "/_stcore/host-config"))
        if message.type == "error" and not probe:
            self.console.append(f"{message.text} ({where})")

    def _note_request(self, request: Any) -> None:
        if request.url.startswith("http") and not request.url.startswith(self.url):
            self.outside.append(request.url)

    # acting ----------------------------------------------------------------------------------------------------------
    def open(self, path: str = "/") -> float:
        """Open an address of the app, as if typed or sent by a colleague."""
        return self._act(
            f"open {path}", lambda: self.page.goto(f"{self.url}/{path.lstrip('/')}", wait_until="commit"), fresh=True
        )

    def reload(self) -> float:
        """Press reload."""
        return self._act("reload", lambda: self.page.reload(wait_until="commit"), fresh=True)

    def go(self, title: str) -> float:
        """Follow a link of the navigation."""
        links = self.page.get_by_test_id("stSidebarNavLink").filter(has_text=re.compile(rf"{re.escape(title)}\s*$"))
        closed = self.page.get_by_test_id("stExpandSidebarButton")
        if closed.is_visible():  # on a narrow screen the navigation lies beside the window
            closed.click()
        return self._click(f"go {title}", links.first, asks=True)

    def click(self, label: str, *, exact: bool = True, nth: int = 0) -> float:
        """Press a button, tab, toggle, checkbox, radio option or link by what it says."""
        return self._click(f"click {label}", self.control(label, exact=exact, nth=nth))

    def segment(self, key: str, place: int) -> float:
        """Press one of the segments of the control with this widget key, counted from 0."""
        button = self.page.locator(f".st-key-{key} button").nth(place)
        return self._click(f"segment {place} of {key}", button, asks=True)

    def choose(self, label: str, option: str) -> float:
        """Choose an option of a select box or multiselect."""

        def act() -> None:
            self.clicks += 2
            box = self.widget("stSelectbox, stMultiSelect", label)
            box.get_by_role("combobox").first.click()
            self.page.get_by_role("option", name=option, exact=True).first.click()

        return self._act(f"choose {option}", act)

    def fill(self, label: str, value: object) -> float:
        """Type into a text, number or date field and press Enter."""

        def act() -> None:
            self.clicks += 1
            field = self.page.get_by_label(label, exact=True).first
            field.fill(str(value))
            field.press("Enter")

        return self._act(f"fill {label}", act)

    def upload(self, file: Path, label: str = "") -> float:
        """Give a file to an uploader."""

        def act() -> None:
            self.clicks += 1
            box = self.widget("stFileUploader", label) if label else self.page.get_by_test_id("stFileUploader").first
            box.locator('input[type="file"]').set_input_files(str(file))

        return self._act(f"upload {file.name}", act, patience_unasked=15)

    def download(self, label: str, *, exact: bool = True) -> Path:
        """Press a download button and return the file."""
        with self.page.expect_download() as started:
            self.control(label, exact=exact).click()
        self.clicks += 1
        folder = self.downloads or Path(started.value.path()).parent
        target = folder / started.value.suggested_filename
        started.value.save_as(target)
        return target

    def press(self, key: str, times: int = 1) -> float:
        """Press a key where the focus is."""
        return self._act(f"press {key}", lambda: [self.page.keyboard.press(key) for _ in range(times)])

    def wait_for(self, text: str, seconds: float = PATIENCE) -> float:
        """Wait until the page says something (a job has ended, say), then until it rests."""
        began = time.monotonic()
        self.page.get_by_test_id("stMain").get_by_text(text).first.wait_for(timeout=1000 * seconds)
        self._rest(since=None, patience=seconds)
        took = time.monotonic() - began
        self.times.append((f"wait for {text}", took))
        return took

    def until(self, seen: str, gone: str = "", seconds: float = PATIENCE) -> float:
        """Wait until something with the CSS selector `seen` can be seen and nothing with `gone`, and the app rests.

        Returns the seconds until nothing came any more; 0 where it was so from the start.
        """
        began = time.monotonic()
        while not self._shows(seen, gone):
            if time.monotonic() - began > seconds:
                raise AssertionError(
                    f"{seen!r} without {gone!r} did not come in {seconds:.0f} s:\n{self.text()[:2000]}"
                )
            time.sleep(0.02)
            self._rest(since=None, patience=seconds)
        return max(0.0, time.monotonic() - began - self._look()["quiet"])

    def _shows(self, seen: str, gone: str) -> bool:
        found = self.page.locator(seen)
        return any(f.is_visible() for f in found.all()) and not (gone and self.page.locator(gone).count())

    # looking ---------------------------------------------------------------------------------------------------------
    def control(self, label: str, *, exact: bool = True, nth: int = 0) -> Locator:
        """What can be pressed by that label. Raises AssertionError where there is none within five seconds."""
        end = time.monotonic() + 5
        while time.monotonic() < end:
            for role in ("button", "tab", "switch", "checkbox", "radio", "link", "menuitem"):
                found = self.page.get_by_role(role, name=label, exact=exact)  # type: ignore[arg-type]
                if found.count() > nth:
                    hit = found.nth(nth)
                    return hit.locator("xpath=ancestor::label[1]") if role in ("switch", "checkbox", "radio") else hit
            time.sleep(0.05)
        raise AssertionError(f"There is nothing to press called {label!r} on {self.page.url}:\n{self.text()[:2000]}")

    def widget(self, kinds: str, label: str) -> Locator:
        """A widget of one of these kinds (test ids) by its visible label."""
        ids = ", ".join(f'[data-testid="{kind.strip()}"]' for kind in kinds.split(","))
        return self.page.locator(ids).filter(has=self.page.get_by_test_id("stWidgetLabel").filter(has_text=label)).first

    def text(self) -> str:
        """What the page says."""
        return self.page.get_by_test_id("stMain").inner_text()

    def problems(self) -> list[str]:
        """Error and warning boxes that can be seen."""
        return [" ".join(box.inner_text().split()) for box in self.page.locator(_BOXES).all() if box.is_visible()]

    def dialogs(self) -> list[str]:
        """What dialogs say that lie over the page."""
        return [" ".join(box.inner_text().split()) for box in self.page.get_by_role("dialog").all() if box.is_visible()]

    def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        wide = "main => main.scrollWidth - main.clientWidth"
        return max(0, int(self.page.get_by_test_id("stMain").evaluate(wide)))

    def shot(self, path: Path) -> Path:
        """A picture of the whole page: the window is made as tall as its content for it."""
        width, height = self.size
        tall = self.page.evaluate("() => document.querySelector('[data-testid=stMain]')?.scrollHeight || 0")
        self.page.set_viewport_size({"width": width, "height": max(height, min(int(tall) + 20, 12_000))})
        self._rest(since=None, patience=PATIENCE, quiet=0.4)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(path))
        self.page.set_viewport_size({"width": width, "height": height})
        return path

    # waiting ---------------------------------------------------------------------------------------------------------
    def _click(self, name: str, target: Locator, *, asks: bool = False) -> float:
        """`asks` says that the click always asks the server, which a busy browser may do late."""
        self.clicks += 1
        return self._act(name, target.click, patience_unasked=UNANSWERED if asks else UNASKED)

    def _act(
        self, name: str, action: Callable[[], object], *, fresh: bool = False, patience_unasked: float = UNASKED
    ) -> float:
        before = _NOTHING if fresh else self._look()
        began = time.monotonic()
        action()
        self._rest(before, PATIENCE, unasked=PATIENCE if fresh else patience_unasked)
        took = max(0.0, time.monotonic() - began - self._look()["quiet"])
        self.times.append((name, took))
        return took

    def _rest(
        self, since: dict[str, Any] | None, patience: float, quiet: float = QUIET, unasked: float = UNASKED
    ) -> None:
        began = time.monotonic()
        while True:
            now, waited = self._look(), time.monotonic() - began
            settled = now["socket"] == "CONNECTED" and now["script"] == "notRunning" and not now["open"]
            if settled and now["quiet"] >= quiet and (since is None or _answered(since, now, waited, unasked)):
                return
            if waited > patience:
                raise AssertionError(f"The app did not come to rest in {patience:.0f} s: {now}")
            time.sleep(0.02)

    def _look(self) -> dict[str, Any]:
        try:
            return dict(self.page.evaluate(_LOOK))
        except Error as error:
            if "context" in str(error) or "navigat" in str(error):  # a new page is on its way
                return dict(_NOTHING)
            raise

    def slowest(self, most: int = 5) -> Sequence[tuple[str, float]]:
        """The slowest actions, for the message of a test."""
        return sorted(self.times, key=lambda entry: -entry[1])[:most]


def _answered(since: dict[str, Any], now: dict[str, Any], waited: float, unasked: float) -> bool:
    """Whether what an action sent has led to a run that ended, or nothing was sent that asks for one."""
    if now["sent"] == since["sent"]:
        return waited > unasked
    return bool(now["ended"] > since["ended"]) or waited > UNANSWERED
