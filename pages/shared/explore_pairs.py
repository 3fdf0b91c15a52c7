"""The part of Explore about pairs of columns: which say much the same."""

from __future__ import annotations

import streamlit as st

from mlops_lib.charts.associations import association_chart
from mlops_lib.explore.associations import pairs_above
from mlops_lib.explore.profile import profile
from mlops_lib.explore.reading_aids import PAIRS_FORMATS, pairs_table
from mlops_lib.explore.sentences import pairs_sentence
from pages.shared.code import show_code
from pages.shared.exploring import Nouns, explored
from pages.shared.show import escape, figure, sentence, table


def show_pairs(nouns: Nouns, all_rows: bool) -> None:
    measure, limit_box = st.columns(2)
    numbers = measure.segmented_control(
        "Between numbers",
        ("spearman", "pearson"),
        default="spearman",
        required=True,
        format_func=str.title,
        key="explore_numbers",
        persist_state="session",
        help="Spearman sees any rising or falling relation, Pearson straight lines. Categories: Cramér's V; "
        "a number across categories: the correlation ratio; both without their bias.",
    )
    limit = limit_box.slider("Pairs from", 0.3, 1.0, 0.7, 0.05, key="explore_limit", persist_state="session")
    counted = explored("profile", profile, "Counting every column", nouns, all_rows)
    if counted is None:
        return
    found = counted.associations
    if found is None:
        st.info(escape(counted.too_large))
        return
    pairs = pairs_above(found, limit, numbers)
    sentence(escape(pairs_sentence(pairs, limit, len(nouns[1].features()))))
    figure(
        association_chart(found, numbers), alt="Strength of association of every pair of columns", key="explore_pairs"
    )
    if len(pairs):
        table(pairs_table(pairs), key="explore_pairs_table", download="pairs.csv", formats=PAIRS_FORMATS)
    call = f"found = profile(dataset, schema, plan, all_rows={all_rows}).associations"
    show_code(f"{call}\npairs = pairs_above(found, {limit:g}, {numbers!r})")
