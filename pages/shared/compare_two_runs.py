"""The chosen run against the reference, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlops_lib.charts.two_runs import probabilities_chart, right_chart
from mlops_lib.evaluate.differences import recipe_differences
from mlops_lib.evaluate.flips import FEWEST, MOST, shown_apart, shown_flipped, shown_kinds
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.target import outcome_of
from mlops_lib.threshold.diagnosed import flips_job, look_spec
from mlops_lib.train.ladder import recipe_title
from pages.shared.calls import cached, job
from pages.shared.session import workspace
from pages.shared.show import counted, escape, figure, number, sentence, table

if TYPE_CHECKING:
    from mlops_lib.threshold.diagnosed import TwoRuns
    from pages.shared.compare_context import Compared

QUICK_ROWS = 20_000
COLUMNS = 6


def show_two_runs(shown: Compared) -> None:
    """What differs between the recipes, whose decisions flip, and who these rows are."""
    if shown.run.fingerprint == shown.reference.fingerprint:
        st.info("The chosen run is the reference itself. Choose another run above to compare the two.", icon="👆")
        return
    if outcome_of(workspace().get(Schema, shown.run.schema).question) != "binary":
        st.info("Decisions that flip at a threshold are there for a target with two answers.", icon="💡")
        _show_differences(shown)
        return
    spec = look_spec(shown.run, shown.reference, shown.policy)
    if len(shown.plan.assignment) <= QUICK_ROWS:
        found: TwoRuns | None = cached(flips_job)(workspace(), spec)
    else:
        found = job("flips", spec, label="Comparing decisions row by row")
    if found is None:
        _show_differences(shown)
        return
    sentence(escape(found.flips.sentence))
    _show_decisions(found)
    view = st.segmented_control(
        "Look at", ("Flipped rows", "Probabilities", "Only what differs"), default="Flipped rows", required=True,
        key="compare_two_view", persist_state="session",
    )  # fmt: skip
    if view == "Flipped rows":
        _show_flipped(found)
    elif view == "Probabilities":
        _show_pictures(found)
    else:
        _show_differences(shown)


def _show_decisions(found: TwoRuns) -> None:
    left, right = st.columns([2, 3])
    with left:
        figure(right_chart(found.flips), alt=found.flips.sentence, key="compare_two_right", small=True)
    with right:
        st.markdown("**How they flip**")
        table(shown_kinds(found.flips), key="compare_two_kinds", alt="The four ways in which a decision may flip")
        first, second = (number(t) for t in found.flips.thresholds)
        st.caption(
            f"Each run at its own threshold of each fold (mean {first} against {second}), chosen on the other folds. "
            "McNemar's exact test asks whether both are right equally often where only one is; it counts a miss and a "
            "false alarm alike."
        )


def _show_differences(shown: Compared) -> None:
    differences = recipe_differences(shown.run.recipe, shown.reference.recipe)
    changed = differences[differences["differs"]]
    st.markdown(f"**Only what differs** between the recipes: {len(changed)} of {counted(len(differences), 'setting')}.")
    every = st.toggle("Show all settings", key="compare_two_all", persist_state="session")
    names = {"field": "Setting", "first": "Chosen run", "second": "Reference"}
    lines = differences if every else changed
    table(lines.drop(columns="differs").rename(columns=names), key="compare_two_recipes", download="recipes.csv",
          alt="Fields of both recipes")  # fmt: skip
    st.caption(f"{escape(recipe_title(shown.run.recipe))} against {escape(recipe_title(shown.reference.recipe))}.")


def _show_pictures(found: TwoRuns) -> None:
    for place, positive in zip(st.columns(2), (True, False), strict=True):
        with place:
            drawn = probabilities_chart(found.flips, positive)
            figure(drawn, alt="Rows by the probabilities of both runs", key=f"compare_two_grid_{positive}", small=True)
    st.caption(
        "Rows by the probabilities that both runs gave them, out of fold, darker where there are more; dashed lines "
        "are the mean thresholds. What lies above one line and below the other flips."
    )


def _show_flipped(found: TwoRuns) -> None:
    if found.flips.flips == 0:
        st.markdown("No decision flips, so there is no row to show.")
        return
    st.markdown(escape(found.apart.sentence))
    if len(found.apart.found):
        table(shown_apart(found.apart, COLUMNS), key="compare_two_apart", alt="Columns in which flipped rows stand out")
        if len(found.apart.found) > COLUMNS:
            st.caption(f"The clearest {COLUMNS} of {len(found.apart.found)}.")
    elif not found.apart.tested:
        st.caption(f"Fewer than {FEWEST} rows flip: too few to look for what they have in common.")
    st.markdown("**The flipped rows**, those first whose probabilities differ most")
    table(shown_flipped(found.flips, found.cells), key="compare_two_rows", download="flipped-rows.csv",
          column_config={"Row": st.column_config.NumberColumn(pinned=True, help="Its place in the table, from 0")},
          alt="Flipped rows with both probabilities, their truth and their values")  # fmt: skip
    if found.flips.flips > MOST:
        st.caption(f"The first {MOST} of {counted(found.flips.flips, 'row')}.")
