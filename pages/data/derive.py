"""A version of the table with fewer rows, or more columns, made by an operation that is written down."""

from __future__ import annotations

import streamlit as st

from mlops_lib.objects.words import counted
from pages.shared import derive_views as views
from pages.shared.code import show_code
from pages.shared.derive_forms import ask_operation, follow_draft
from pages.shared.page import need, page
from pages.shared.show import escape, sentence

_LEAD = "The table stays as it is; what you make of it becomes its next version, with how it was made."

_CODE = """
from mlops_lib.data.datasets import open_dataset
from mlops_lib.data.derive import derive
from mlops_lib.objects.dataset import Operation
from mlops_lib.workspace.folder import open_workspace

workspace = open_workspace()
parent = open_dataset(workspace, "{parent}")
version = derive(workspace, parent, {operation!r})
"""

with page("derive", _LEAD):
    dataset = need("dataset")
    sentence(f"From {escape(dataset.name)}: {counted(dataset.rows, 'row')}, {counted(len(dataset.columns), 'column')}.")
    made, result = views.last_made(), st.container()
    draft = follow_draft()
    with st.container(border=True, key="derive_box"):
        asked = ask_operation(dataset, draft)
    with result:
        if made is not None:
            views.show_made(dataset, made)
    if asked is not None:
        views.show_preview(dataset, asked)
        if st.button("Make this version", type="secondary" if made else "primary", key="derive_make"):
            views.start(dataset, asked)
            st.rerun()
        show_code(_CODE.format(parent=dataset.fingerprint, operation=asked))
