"""The samples of the product, one click away from every page that has nothing to show yet."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from mlops_lib.data.profile import propose_columns
from mlops_lib.data.samples import SAMPLES, Sample, load_sample
from mlops_lib.data.splits import plan_split
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.schema import Column, Schema
from mlops_lib.objects.words import listed
from pages.shared.boundary import guarded
from pages.shared.data_words import AFTER
from pages.shared.escape import escape
from pages.shared.session import session, workspace


@guarded
def use_sample(key: str) -> None:
    """Choose a sample, ask the question it was made for, and lock the split: all that the button that does it names."""
    sample, dataset = SAMPLES[key], load_sample(workspace(), key)
    schema = _asked(dataset, sample)
    plan = plan_split(dataset, schema)
    if sample.after:
        st.toast(f"Known only after the event, so left out: {escape(listed(sample.after))}.", icon="💡")
    session().set(dataset=dataset.fingerprint, schema=workspace().put(schema), split=workspace().put(plan))


def _asked(dataset: Dataset, sample: Sample) -> Schema:
    columns = tuple(_with_role(column, sample) for column in propose_columns(dataset))
    return Schema(dataset.fingerprint, columns, sample.question)


def _with_role(column: Column, sample: Sample) -> Column:
    if column.name == sample.target:
        return replace(column, role="target")
    return replace(column, role="ignored", reason=AFTER) if column.name in sample.after else column
