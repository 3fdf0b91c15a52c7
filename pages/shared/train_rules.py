"""What every recipe of the Train page takes over from the pages before it, and the seed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from mlops_lib.objects.fingerprint import fingerprint
from mlops_lib.objects.recipe import Selection, Treatment
from mlops_lib.objects.words import listed
from pages.shared.ask_limits import ask_limits
from pages.shared.exploring import keep_rule
from pages.shared.session import session
from pages.shared.show import escape
from pages.shared.steps import STEPS


def ask_selection(before: Selection) -> Selection:
    """The selection rule, with its limits to be changed; it is the one of Feature tests."""
    st.markdown(f"**Selection** keeps a column when {before.said}; chosen anew in every fold.")
    with st.popover("Change the selection rule", icon="🎚️"):
        left, right = st.columns(2)
        places = [left.container(), right.container(), left.container(), right.container(), left.container()]
        rule = ask_limits(places, before, "train", fingerprint(before))
    if rule != before:
        keep_rule(rule)
        st.rerun()
    if rule.keep or rule.drop:
        forced = [f"kept {escape(c)}" for c in rule.keep] + [f"left out {escape(c)}" for c in rule.drop]
        st.caption(f"By hand, chosen after seeing the {rule.seen or 'rows'}: {listed(forced)}.")
    return rule


def show_treatments(treatments: Sequence[Treatment]) -> None:
    """What is done to columns."""
    treated = [f"{escape(t.column)}: {escape(t.said.replace('_', ' '))}" for t in treatments]
    said = listed(treated, most=8) if treated else "missing numbers become the median, a missing category is a level"
    st.markdown(f"**Treatment** of columns, fitted on training rows: {said}.")


def show_links() -> None:
    """Where the selection rule and the sampler are looked into."""
    query = {"view": session().view} if session().view else None
    for name in ("feature_tests", "resampling"):
        if STEPS[name].path.is_file():
            st.page_link(STEPS[name].path, label=STEPS[name].title, icon=STEPS[name].icon, query_params=query)


def ask_seed() -> None:
    """The seed of everything that is drawn in training."""
    st.number_input(
        "Seed",
        0,
        2**31 - 1,
        session().draft("train_seed", 0),
        key="train_seed",
        persist_state="session",
        help="The same seed gives the same numbers.",
    )
