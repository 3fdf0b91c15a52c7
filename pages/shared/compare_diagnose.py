"""Looking into the chosen run: would more rows help, what is memorised, where it does worse, and its surest errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlops_lib.charts.diagnosis import gap_chart, learning_chart
from mlops_lib.evaluate.errors import MOST, shown_errors
from mlops_lib.jobs import queue, work
from mlops_lib.threshold.diagnosed import errors_job, learnt_of, look_spec
from mlops_lib.train.ladder import recipe_title
from mlops_lib.train.learning_curve import expected_seconds, learning_curve_spec
from pages.shared.calls import cached, job
from pages.shared.compare_slices import show_slices
from pages.shared.session import workspace
from pages.shared.show import counted, duration, escape, figure, percent, sentence, table

if TYPE_CHECKING:
    from mlops_lib.threshold.diagnosed import ErrorRows, Learnt
    from pages.shared.compare_context import Compared

AT_ONCE_SECONDS = 60.0
"""Refits that take no longer are started as soon as somebody looks."""

QUICK_ROWS = 100_000


def show_diagnose(shown: Compared) -> None:
    """One look into the chosen run at a time."""
    view = st.segmented_control(
        "Look into", list(VIEWS), default=next(iter(VIEWS)), key="compare_diagnose", required=True,
        persist_state="session",
    )  # fmt: skip
    VIEWS[view](shown)


def show_learning(shown: Compared) -> None:
    """The learning curve and the gap to rows trained on, from one job."""
    run = shown.run
    spec = learning_curve_spec(run.fingerprint)
    label = f"Fitting {recipe_title(run.recipe)} on parts of the rows"
    if not _asked_for(shown, spec):
        return
    if job("learning_curve", spec, label=label, mapped=True) is None:
        return
    key = work.key("learning_curve", spec)
    comparison = shown.comparison
    learnt = cached(learnt_of)(workspace(), key, run, shown.policy, comparison.metric, comparison.margin)
    _show_learnt(learnt, run.recipe.model.name)


def _asked_for(shown: Compared, spec: dict[str, str]) -> bool:
    """Whether to show the refits: they are there or under way, take little time, or were asked for just now."""
    known = workspace().has_result(work.key("learning_curve", spec)) or queue.find(workspace(), "learning_curve", spec)
    seconds = expected_seconds(shown.run, shown.plan.folds)
    if known or seconds <= AT_ONCE_SECONDS:
        return True
    st.markdown(
        "Would more rows help, and how much of the score is memory? The recipe is fitted again on growing parts of "
        f"each fold's training rows, which takes about {duration(seconds)} on one core."
    )
    return st.button("Fit on parts of the rows", key="compare_learning_start", icon="📈")


def _show_learnt(learnt: Learnt, model: str) -> None:
    curve, gap = learnt.curve, learnt.gap
    sentence(escape(curve.sentence))
    st.markdown(escape(f"{gap.sentence} {gap.advice}"))
    left, right = st.columns(2)
    with left:
        drawn = learning_chart(curve, model)
        figure(drawn, alt=curve.sentence, key="compare_learning_curve")
        st.caption(escape(curve.outlook))
    with right:
        figure(gap_chart(gap), alt=gap.sentence, key="compare_fold_gap")
        way = f" The gap is {percent(gap.way)} of the way to a perfect value." if gap.way > 0 else ""
        st.caption(
            f"{counted(gap.n_validation, 'row')} held back; of each fold's training rows {counted(gap.n_learnt, 'row')}"
            f" together, as they are in the table, before any sampling.{way}"
        )
    notes = " ".join(learnt.notes)
    st.caption(
        escape(
            f"{learnt.sizes}, each inside the next; the seeds are those of the run. Intervals "
            "95 % by the corrected resampled t at the split's own ratio, the steps paired by fold. Calibration and "
            f"thresholds, where there are any, are chosen anew at each size. {notes}".strip()
        )
    )


def show_errors(shown: Compared) -> None:
    """The rows that the run was surest about and wrong."""
    spec = look_spec(shown.run, None, shown.policy)
    if len(shown.plan.assignment) <= QUICK_ROWS:
        found: ErrorRows | None = cached(errors_job)(workspace(), spec)
    else:
        found = job("errors", spec, label="Looking for the surest errors")
    if found is None:
        return
    errors = found.errors
    sentence(escape(errors.sentence))
    st.markdown(escape(errors.hint))
    kinds = errors.kinds
    kind = ""
    if kinds:
        kind = st.segmented_control(
            "Which", kinds, default=kinds[0], key="compare_errors_kind", required=True, label_visibility="collapsed"
        )
    table(
        shown_errors(found.cells, kind), key="compare_errors", download="confident-errors.csv",
        alt="The rows with the most wrong out-of-fold prediction and their values",
        column_config={"Row": st.column_config.NumberColumn(pinned=True, help="The row's place in the table, from 0")},
    )  # fmt: skip
    st.caption(
        f"At most {MOST} rows of a kind, the worst first. Each was judged by a model that had not seen it; "
        "calibrated where the recipe says so. Row counts the rows of the table from 0; in a CSV file with "
        "one line of names, add 2 for the line."
    )


VIEWS = {
    "More rows, memorising": show_learning,
    "Groups of rows": show_slices,
    "Surest errors": show_errors,
}
