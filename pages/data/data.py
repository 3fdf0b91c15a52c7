"""The first page: what this is, and the steps ahead."""

from __future__ import annotations

import streamlit as st

from pages.shared.page import page
from pages.shared.show import sentence
from pages.shared.steps import STEPS

with page("data"):
    sentence("Fulcrum takes a table from upload to a registered, explained model, and is honest about class imbalance.")
    st.markdown("\n".join(f"{i}. {s.icon} **{s.title}**: {s.help}" for i, s in enumerate(STEPS.values(), start=1)))
