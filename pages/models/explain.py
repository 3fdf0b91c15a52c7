"""What the chosen model looks at, overall and for one row."""

import streamlit as st

from mlops_lib.report.code import explain_code
from pages.shared import explain_views as views
from pages.shared.calls import job
from pages.shared.code import show_code
from pages.shared.page import go_to, need, page
from pages.shared.question import stop_unless_two_answers

with page("explain", "What the chosen model looks at: over all rows, in one column, and for one row."):
    dataset, schema, run = need("dataset"), need("schema"), need("run")
    stop_unless_two_answers(schema, "This page explains what pushes a row towards yes or no.")
    view = views.ask_view()
    explanation = job("explain", {"run": run.fingerprint}, label=views.label(run))
    row = None
    if explanation is not None:
        views.show_summary(run, explanation)
        if view == "overall":
            views.show_overall(run, explanation)
        elif view == "column":
            views.show_column(run, explanation)
        else:
            row = views.show_row(dataset, run, explanation)
    show_code(explain_code(run, row))
    if st.button("Go on to register this run", type="primary", key="explain_on"):
        go_to("registry")
