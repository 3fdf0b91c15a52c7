"""What the table says before any model: balance, columns, pairs, time and groups."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.shared.explore_balance import show_balance
from pages.shared.explore_columns import show_columns
from pages.shared.explore_linked import show_linked
from pages.shared.explore_pairs import show_pairs
from pages.shared.explore_profiles import show_profiles
from pages.shared.exploring import Nouns, ask_all_rows
from pages.shared.page import go_to, need, page
from pages.shared.parts import ask_part
from pages.shared.prior_shift import show_shares

PARTS: dict[str, Callable[[Nouns, bool], None]] = {
    "Balance": show_balance,
    "Columns": show_columns,
    "Linked": show_linked,
    "Pairs": show_pairs,
    "Time & groups": show_profiles,
}


with page("explore", "What the table says before any model has seen it."):
    nouns = need("dataset"), need("schema"), need("split")
    choice, switch = st.columns([3, 1], vertical_alignment="center")
    with choice:
        part = ask_part("explore", PARTS)
    with switch:
        every = ask_all_rows()
    show_shares(nouns[0], nouns[1])
    PARTS[part](nouns, every)
    if st.button("Test the features", type="primary", key="explore_next", icon="🧪"):
        go_to("feature_tests")
