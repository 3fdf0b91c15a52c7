"""Every table with its versions: where each came from, what uses it, and how two of them differ."""

from __future__ import annotations

import streamlit as st

from mlops_lib.data.catalogue import list_tables
from pages.shared import versions_compare, versions_views
from pages.shared.code import show_code
from pages.shared.page import go_to, page
from pages.shared.session import workspace

_CODE = """
from mlops_lib.data.catalogue import described, list_tables, versions_of
from mlops_lib.data.uses import uses
from mlops_lib.workspace.folder import open_workspace

workspace = open_workspace()
((table, version), *_) = versions_of(workspace, "{dataset}")
dataset = described(workspace, version)
used = uses(workspace, version.dataset)
"""

with page(
    "versions", "Every table that was read or derived here stays, with what it came from and what was made of it."
):
    tables = list_tables(workspace())
    if not tables:
        versions_views.show_nothing()
    else:
        table = versions_views.choose_table(tables)
        version = versions_views.choose_version(table)
        opened = versions_views.show_version(table, version)
        versions_views.edit_words(table, version)
        versions_views.show_lineage(table, version)
        versions_compare.compare(tables, table, version)
        show_code(_CODE.format(dataset=version.dataset))
        if opened and st.button("Go on with this version", type="primary", key="versions_on"):
            go_to("data")
