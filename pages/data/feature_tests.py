"""Which columns go with the target, how strongly, and the rule that follows."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.shared.exploring import Nouns, ask_all_rows
from pages.shared.page import need, page
from pages.shared.parts import ask_part
from pages.shared.tests_card import show_card
from pages.shared.tests_ranking import show_ranking
from pages.shared.tests_redundancy import show_redundancy

PARTS: dict[str, Callable[[Nouns, bool], None]] = {
    "Ranking": show_ranking,
    "One feature": show_card,
    "Redundancy": show_redundancy,
}


with page("feature_tests", "Which columns go with the target, how strongly, and how sure that is."):
    nouns = need("dataset"), need("schema"), need("split")
    choice, switch = st.columns([3, 1], vertical_alignment="center")
    with choice:
        part = ask_part("feature_tests", PARTS)
    with switch:
        every = ask_all_rows()
    PARTS[part](nouns, every)
