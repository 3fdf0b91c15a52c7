"""The view of the Compare page that says how often each column survived the selection rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlops_lib.evaluate.kept_columns import kept_columns, shown_kept
from mlops_lib.objects.schema import Schema
from mlops_lib.train.ladder import recipe_title
from pages.shared.session import workspace
from pages.shared.show import count, escape, table

if TYPE_CHECKING:
    from mlops_lib.evaluate.comparison import Comparison
    from mlops_lib.objects.run import Run


def show_columns(_: Comparison, run: Run, reference: Run) -> None:
    """How often each column was kept, for the chosen run and its reference side by side."""
    both = {one.fingerprint: one for one in (run, reference)}
    for place, one in zip(st.columns(2), both.values(), strict=False):
        with place:
            show_kept(one)


def show_kept(run: Run) -> None:
    """How often each column survived in one run."""
    found = kept_columns(run, workspace().get(Schema, run.schema).features())
    if found is None:
        title = escape(recipe_title(run.recipe))
        st.markdown(f"{title} has no selection rule: it uses all {count(len(run.kept))} columns in every fold.")
        return
    st.markdown(escape(found.sentence))
    table(shown_kept(found), key=f"compare_kept_{run.fingerprint}", download="columns-kept.csv")
