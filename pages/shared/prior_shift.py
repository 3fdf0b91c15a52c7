"""The notice where a table has its answers in other shares than the truth, on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.escape import escape

if TYPE_CHECKING:
    from mlops_lib.train.prior_shift import PriorShift


def show_shift(shift: PriorShift | None) -> None:
    """Say both shares, what became of the probabilities, and which numbers hold for this table's share only."""
    if shift is not None:
        st.info(f"**{escape(shift.sentence)}** {escape(shift.metrics)}", icon="⚖️")
