"""The notice where a table has its answers in other shares than the truth, on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlops_lib.train.prior_shift import shift_ahead
from pages.shared.escape import escape
from pages.shared.session import workspace

if TYPE_CHECKING:
    from mlops_lib.objects.dataset import Dataset
    from mlops_lib.objects.schema import Schema
    from mlops_lib.train.prior_shift import PriorShift


def show_shift(shift: PriorShift | None) -> None:
    """Say both shares, what became of the probabilities, and which numbers hold for this table's share only."""
    if shift is not None:
        st.info(f"**{escape(shift.sentence)}** {escape(shift.metrics)}", icon="⚖️")


def show_shares(dataset: Dataset, schema: Schema) -> None:
    """Say that shares on this page are those of a sample with other shares than its parent, where they are."""
    shift = shift_ahead(workspace(), dataset, schema)
    if shift is not None:
        st.caption(f"⚖️ {escape(shift.shares)} The shares shown here are those of the sample.")
