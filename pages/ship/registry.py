"""Register the chosen run with its threshold; compare versions and go back."""

import streamlit as st

from mlops_lib.registry.names import suggested_name
from mlops_lib.report.code import register_code
from pages.shared import registry_views as views
from pages.shared.code import show_code
from pages.shared.page import go_to, page
from pages.shared.question import say_two_answers_only
from pages.shared.session import session

with page(
    "registry", "A version is a run with its threshold, kept so that anybody can load it and get the same answers."
):
    dataset, schema, run, decision = session().dataset(), session().schema(), session().run(), session().decision()
    if dataset is not None and schema is not None and run is not None and decision is not None:
        name = views.show_register(run, decision, suggested_name(dataset, schema))
    elif schema is not None and say_two_answers_only(schema, "A version is a model with a threshold for yes or no."):
        name = ""
    else:
        name = views.show_nothing_to_register()
    model = views.ask_model(name)
    if model:
        versions = views.show_versions(model)
        if versions:
            views.show_alias(model, versions)
            views.show_comparison(versions)
        views.show_ledger(model)
    if run is not None and decision is not None and name:
        show_code(register_code(run, decision, name))
    if model and st.button("Go on to score a table", type="primary", key="registry_on"):
        session().set(model=model)
        go_to("predict")
