"""The choice between the parts of a page; the address names the part, so that it can be sent to a colleague."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st


def ask_part(page: str, parts: Iterable[str]) -> str:
    """The part of a page that is shown; the first one unless the visitor or the address chose another."""
    names = tuple(parts)
    chosen: str = st.segmented_control(
        "Show",
        names,
        default=names[0],
        required=True,
        key=f"{page}_part",
        bind="query-params",
        label_visibility="collapsed",
    )
    return chosen
