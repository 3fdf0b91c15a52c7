"""The line that says how figures came about where rows are weighed, folds repeated or ordered in time."""

from __future__ import annotations

import streamlit as st

from mlops_lib.data.split_words import judged_how
from pages.shared.escape import escape
from pages.shared.session import session


def say_how_judged() -> None:
    """One caption, or nothing where nothing is special."""
    schema, plan = session().schema(), session().split()
    said = judged_how(schema, plan) if schema is not None and plan is not None else ""
    if said:
        st.caption(f"🧮 {escape(said)}")
