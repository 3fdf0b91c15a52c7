"""What a derived version was made of, in the place where a file says how it was read."""

from __future__ import annotations

import streamlit as st

from mlops_lib.data.datasets import first_rows
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.words import count, counted
from pages.shared.boundary import guarded
from pages.shared.data_start import leave_table
from pages.shared.escape import escape
from pages.shared.session import session
from pages.shared.show import table
from pages.shared.steps import STEPS

_PREVIEW_ROWS = 50


def show_origin(dataset: Dataset) -> None:
    """What made the version, from how many rows, with ways to another table, its other versions and its next one."""
    if dataset.operation is None or dataset.reading is not None:
        return
    with st.container(border=True, key="data_origin"):
        with st.container(horizontal=True, vertical_alignment="center"):
            made = dataset.operation.said[0] if dataset.operation.said else "Derived"
            has = f"{counted(dataset.rows, 'row')} and {counted(len(dataset.columns), 'column')}"
            st.markdown(f"**{escape(made)}**: {has}.", width="stretch")
            st.button("Another table", key="data_other", on_click=guarded(leave_table))
        st.markdown("\n".join(f"- {escape(said)}" for said in dataset.operation.said[1:]))
        query = {"view": session().view} if session().view else None
        with st.container(horizontal=True):
            for name in ("versions", "derive"):
                step = STEPS[name]
                st.page_link(step.path, label=step.title, icon=step.icon, query_params=query)
    shown = min(_PREVIEW_ROWS, dataset.rows)
    with st.expander(f"The first {count(shown)} rows", icon="👀", key="data_rows"):
        table(first_rows(dataset, _PREVIEW_ROWS).to_pandas(), key=f"data_preview_{dataset.fingerprint}")
