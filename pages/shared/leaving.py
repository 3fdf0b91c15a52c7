"""Going from a page to another while something on it asks the server for news again and again.

The browser stops such asking when it hears that a whole run has begun. What it asked just before carries the page that
was left; coming after the next page was drawn, it makes Streamlit (1.67) take the browser back there with nothing to
draw, and the window stays empty. So a page on which something asks is left in two runs: the first ends the asking, the
second changes the page.
"""

from __future__ import annotations

from time import sleep

import streamlit as st

from pages.shared.session import session
from pages.shared.steps import STEPS

_ASKS, _NEXT = "fulcrum_asks", "fulcrum_next"
_HEARD_SECONDS = 0.15
"""How long the browser is given to hear that a run has begun."""


def note_asking() -> None:
    """Remember that what is being drawn will ask the server again by itself."""
    st.session_state[_ASKS] = True


def leave_for(name: str) -> None:
    """Open the page of a step and take the state along in the address."""
    if st.session_state.get(_ASKS):
        st.session_state[_NEXT] = name
        st.rerun()
    _switch(name)


def go_on() -> None:
    """At the beginning of a run: go to the page for which the last one was left."""
    st.session_state[_ASKS] = False
    name = st.session_state.pop(_NEXT, None)
    if name is not None:
        sleep(_HEARD_SECONDS)
        _switch(name)


def _switch(name: str) -> None:
    view = session().view
    st.switch_page(STEPS[name].path, query_params={"view": view} if view else None)
