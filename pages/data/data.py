"""From a file to a locked split: how it was read, what is asked, what each column is, what may be wrong."""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st

from mlops_lib.data.confirm import confirm_schema
from mlops_lib.data.splits import plan_split
from mlops_lib.objects.dataset import Dataset
from pages.shared.calls import cached
from pages.shared.code import show_code
from pages.shared.data_columns import edit_columns
from pages.shared.data_draft import open_draft
from pages.shared.data_findings import ask_known_after, ask_treatments, find, find_more
from pages.shared.data_origin import show_origin
from pages.shared.data_question import ask_question
from pages.shared.data_reading import show_reading
from pages.shared.data_split import ask_settings, describe_answers, describe_split, offer_lock
from pages.shared.data_start import choose_table, show_reading_job
from pages.shared.data_versions import settle_version
from pages.shared.page import page
from pages.shared.session import session

_CODE = """
from mlops_lib.data.datasets import open_dataset
from mlops_lib.data.splits import plan_split
from mlops_lib.objects.schema import Schema
from mlops_lib.workspace.folder import open_workspace

workspace = open_workspace()
dataset = open_dataset(workspace, "{dataset}")
schema = workspace.get(Schema, "{schema}")
split = plan_split(dataset, schema, {asked})
"""


def confirm(dataset: Dataset) -> None:
    """Question, columns, findings and split, down to the button that locks them."""
    draft, mark = open_draft(dataset), dataset.fingerprint
    asked = ask_question(dataset, draft)
    if asked is None:
        return
    target, question = asked
    answers = st.container()
    columns = edit_columns(dataset, target, draft)
    before = confirm_schema(dataset, columns, question)
    with answers:
        describe_answers(dataset, before)
    known_after, wrong, split = st.container(), st.container(), st.container()
    with split:
        st.subheader("How is the table split?", anchor=False)
        settings = ask_settings(dataset, before, draft)
    if settings is None:
        return
    asked_for = asdict(settings)
    first = cached(plan_split)(dataset, before, **asked_for)
    found = find(dataset, before, first)
    if found is None:
        return
    with known_after:
        schema = confirm_schema(dataset, ask_known_after(columns, found.found, draft, f"{mark}_{target}"), question)
    with wrong:
        above = st.container()
        found = find_more(dataset, before, first, found, draft, mark)
    with above:
        treatments = ask_treatments(dataset, found, schema, draft, f"{mark}_{target}")
    plan = cached(plan_split)(dataset, schema, **asked_for)
    with split:
        describe_split(dataset, schema, plan)
        offer_lock(dataset, schema, plan, treatments)
    if session().id("schema") == schema.fingerprint:
        facts = {"dataset": dataset.fingerprint, "schema": schema.fingerprint}
        show_code(_CODE.format(**facts, asked=", ".join(f"{name}={value!r}" for name, value in plan.asked.items())))


with page("data"):
    chosen = session().dataset()
    if chosen is None:
        choose_table()
    else:
        show_reading(chosen)
        show_origin(chosen)
        if not show_reading_job() and settle_version(chosen):
            confirm(chosen)
