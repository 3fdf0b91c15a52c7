"""The chosen run in the groups of a column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlops_lib.charts.diagnosis import slice_chart
from mlops_lib.evaluate.slices import FEWEST, FEWEST_OF_A_KIND, shown_slices
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.target import outcome_of
from mlops_lib.threshold.diagnosed import ALL, columns_to_slice, look_spec, slices_job
from pages.shared.calls import cached, job
from pages.shared.session import workspace
from pages.shared.show import escape, figure, sentence, table

if TYPE_CHECKING:
    from mlops_lib.evaluate.slices import Slices
    from pages.shared.compare_context import Compared

QUICK_ROWS = 20_000
CHARTS = {
    "recall": "Share of the positives found in each group",
    "false_alarms": "Share of the negatives that raise an alarm in each group",
    "observed": "Share of positives and mean probability in each group",
}


def show_slices(shown: Compared) -> None:
    """Recall, false alarms and probabilities by group, the most harmed groups first."""
    schema = workspace().get(Schema, shown.run.schema)
    if outcome_of(schema.question) != "binary":
        st.info("Groups are compared by alarms, hits and misses: that takes a target with two answers.", icon="💡")
        return
    column = st.selectbox(
        "Groups of", (ALL, *columns_to_slice(schema)), key=f"compare_slices_{shown.run.dataset}",
        format_func=lambda name: name or "All columns, one by one",
    )  # fmt: skip
    spec = look_spec(shown.run, None, shown.policy, column)
    if len(shown.plan.assignment) <= QUICK_ROWS:
        found: Slices | None = cached(slices_job)(workspace(), spec)
    else:
        found = job("slices", spec, label="Comparing groups of rows")
    if found is None:
        return
    sentence(escape(found.sentence))
    if column:
        for place, (measure, alt) in zip(st.columns(3), CHARTS.items(), strict=True):
            with place:
                figure(slice_chart(found, measure), alt=alt, key=f"compare_slices_{measure}", small=True)
        st.caption("Dots with 95 % Wilson intervals; a stroke is what all other rows have, green the mean probability.")
    table(shown_slices(found), key="compare_slices", download="groups.csv", alt="Every group with its measures")
    st.caption(
        "Each group against all other rows at the run's own threshold, the groups most harmed first. Extra mistakes "
        "are the misses and false alarms beyond what the rates of all rows would give. Fisher's exact test for shares, "
        "a normal approximation for probabilities, p adjusted by Holm over all looks: only then is it called worse. "
        f"Groups of fewer than {FEWEST} rows, and shares of fewer than {FEWEST_OF_A_KIND}, are not tested. Where more "
        "are positive, one threshold for all raises more false alarms, and where fewer are, it finds fewer of them: "
        "that alone is no fault of the model."
    )
