"""From an address to a page."""

from __future__ import annotations

import threading
from pathlib import Path

import streamlit as st

from pages.shared.session import restore_session
from pages.shared.steps import SECTIONS, made_steps

first_page_drawn = threading.Event()
"""Set once the server has drawn a page; about the process, not about a visitor."""

_LOGO = Path(__file__).with_name("fulcrum.svg")


def show_page() -> None:
    """Draw the page that the address names, with the state that it names."""
    restore_session()
    chosen = st.navigation(sections(), expanded=True)
    st.set_page_config(page_title=f"{chosen.title} · Fulcrum", page_icon="⚖️", layout="wide")
    st.logo(_LOGO, size="large")
    try:
        chosen.run()
    finally:
        first_page_drawn.set()


def sections() -> dict[str, list[st.Page]]:
    """The navigation: pages under their section, in the order of the flow; the first is what a visitor sees first."""
    steps = made_steps()
    return {
        section: [
            st.Page(s.path, title=s.title, icon=s.icon, url_path=s.name, default=s is steps[0], help=s.help)
            for s in steps
            if s.section == section
        ]
        for section in SECTIONS
        if any(s.section == section for s in steps)
    }
