"""From an address to a page."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import streamlit as st

from pages.shared.leaving import go_on
from pages.shared.mending import mend
from pages.shared.prefetch import prefetch_figures
from pages.shared.session import restore_session
from pages.shared.steps import SECTIONS, STEPS, Step

first_page_drawn = threading.Event()
"""Set once the server has drawn a page; about the process, not about a visitor."""

_LOGO = Path(__file__).with_name("fulcrum.svg")


def show_page() -> None:
    """Draw the page that the address names, with the state that it names."""
    restore_session()
    chosen = st.navigation(sections(), expanded=True)
    go_on()
    st.set_page_config(page_title=f"{chosen.title} · Fulcrum", page_icon="⚖️", layout="wide")
    st.logo(_LOGO, size="large")
    mend()
    prefetch_figures()
    try:
        chosen.run()
    finally:
        first_page_drawn.set()


def sections() -> dict[str, list[st.Page]]:
    """The navigation: pages under their section, in the order of the flow; the first is what a visitor sees first.

    Streamlit serves the first page at `/` alone. A hidden twin answers to its name, which people may type.
    """
    steps = tuple(STEPS.values())
    routes = {section: [_page(s) for s in steps if s is not steps[0] and s.section == section] for section in SECTIONS}
    first = [_page(steps[0], default=True, url_path="start"), _page(steps[0], visibility="hidden")]
    routes[steps[0].section] = first + routes[steps[0].section]
    return routes


def _page(step: Step, **options: Any) -> st.Page:
    named = {"title": step.title, "icon": step.icon, "url_path": step.name, "help": step.help}
    return st.Page(step.path, **{**named, **options})
