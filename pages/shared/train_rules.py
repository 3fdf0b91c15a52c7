"""What every recipe of the Train page takes over from the pages before it, and the seed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from mlops_lib.objects.recipe import ADJUSTMENTS, Selection, Treatment
from mlops_lib.objects.words import listed
from pages.shared.session import session
from pages.shared.show import escape
from pages.shared.steps import STEPS


def show_selection(rule: Selection) -> None:
    """The selection rule, and where it is made."""
    vif = f", VIF at most {rule.max_vif:g}" if rule.max_vif is not None else ""
    limits = f"p ({ADJUSTMENTS[rule.adjust]}) ≤ {rule.max_p:g}, effect ≥ {rule.min_effect:g}{vif}"
    st.markdown(f"**Selection** keeps a column when {limits}.")
    if rule.keep or rule.drop:
        forced = [f"kept {escape(c)}" for c in rule.keep] + [f"left out {escape(c)}" for c in rule.drop]
        st.caption(f"By hand, chosen after seeing the {rule.seen or 'rows'}: {listed(forced)}.")


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
