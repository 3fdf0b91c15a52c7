"""The few lines of `mlops_lib` that make what is on the screen."""

from __future__ import annotations

import streamlit as st


def show_code(text: str, language: str = "python") -> None:
    """An expander with code to copy into a notebook."""
    with st.expander("Show the code", icon="🧾"):
        st.code(text.strip("\n"), language=language, wrap_lines=True)
