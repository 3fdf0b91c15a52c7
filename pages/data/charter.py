"""What the project is for: question, decision, costs, hypotheses, and success before training."""

from __future__ import annotations

import streamlit as st

from pages.shared import charter_views as views
from pages.shared.code import show_code
from pages.shared.page import page
from pages.shared.session import session

with page("charter", "What is asked, what it decides, and what counts as success, written down before a model exists."):
    charter = session().charter()
    if charter is None:
        views.choose_project()
    else:
        views.show_charter(charter)
        views.show_hypotheses(charter)
        views.add_hypothesis(charter, session().schema())
        views.change_charter(charter)
        views.show_history(charter)
        show_code(
            f"charter = workspace.get(Charter, '{charter.fingerprint}')\n"
            "judge_hypotheses(dataset, schema, plan, charter.hypotheses)"
        )
        st.button("Another project", key="charter_leave", on_click=views.leave)
