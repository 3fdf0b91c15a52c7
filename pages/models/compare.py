"""All runs on the same rows, with intervals, and what can be concluded."""

import streamlit as st

from mlops_lib.evaluate.comparison import COMPARED, conclude
from mlops_lib.evaluate.margins import MARGIN_SHARE, margin_of
from mlops_lib.evaluate.metrics import metric
from mlops_lib.threshold.compared import (
    comparison_spec,
    comparison_work,
    is_quick,
    reference_run,
    stored_runs,
)
from mlops_lib.train.ladder import recipe_title
from mlops_lib.train.prior_shift import shift_of_run
from pages.shared import compare_views as views
from pages.shared.calls import cached, job
from pages.shared.charter_success import show_success
from pages.shared.code import show_code
from pages.shared.compare_context import Compared
from pages.shared.hold_out import ask_hold_out
from pages.shared.page import go_to, need, page
from pages.shared.parts import ask_part
from pages.shared.policy import ask_policy
from pages.shared.prior_shift import show_shift
from pages.shared.session import session, workspace
from pages.shared.show import counted, escape

VIEWS = {
    "Values": lambda comparison, run, _: views.show_values(comparison, run),
    "ROC and precision-recall": views.show_curves,
    "Calibration": views.show_calibration,
    "Confusion matrices": views.show_confusion,
    "Planned comparisons": lambda comparison, *_: views.show_planned(comparison),
    "Recipes": lambda _, run, reference: views.show_recipes(run, reference),
}


def ask_question():
    """The metric that decides, the margin that matters, and the policy for thresholds."""
    with st.expander("What decides: metric, margin and threshold policy", icon="🎯"):
        left, middle, right = st.columns([2, 1, 3])
        names = [m.name for m in COMPARED]
        chosen = left.selectbox(
            "Metric that decides", names, index=names.index("average_precision"), key="compare_metric",
            format_func=lambda name: metric(name).label, persist_state="session",
        )  # fmt: skip
        share = middle.number_input(
            "Margin that matters, %", 0.0, 50.0, 100 * MARGIN_SHARE, 0.5, format="%.1f", key="compare_margin",
            persist_state="session", help="Of the way from doing nothing to perfect, so that it means the same in each "
            "metric. Smaller differences count as none, however sure they are.",
        )  # fmt: skip
        with right:
            policy = ask_policy("compare")
    st.caption(f"{metric(chosen).label}: {metric(chosen).help}")
    return chosen, share / 100, policy


def ask_pair(runs, recommended, usual):
    """The chosen run and its reference, as runs; the verdict's run and the experiment's reference come first."""
    complete = {r.fingerprint: r for r in runs if r.state == "complete"}
    names, labels = list(complete), {f: recipe_title(r.recipe) for f, r in complete.items()}
    left, right = st.columns(2)
    first, second = session().id("run") or recommended, session().id("reference") or usual
    with left:
        run = st.selectbox(
            "Chosen run", names, index=names.index(first) if first in names else 0, format_func=labels.__getitem__,
            key=f"compare_run_{experiment.fingerprint}",
        )  # fmt: skip
    with right:
        reference = st.selectbox(
            "Reference", names, index=names.index(second) if second in names else 0, format_func=labels.__getitem__,
            key=f"compare_reference_{experiment.fingerprint}",
        )  # fmt: skip
    return complete[run], complete[reference]


def show_all_runs(shown: Compared) -> None:
    """The chosen run in numbers, all runs, one view of them, and the hold-out."""
    comparison, run, reference = shown.comparison, shown.run, shown.reference
    views.show_key_numbers(comparison, run.fingerprint)
    shift = shift_of_run(workspace(), run)
    show_shift(shift)
    show_success(comparison, run, shown.runs, shift)
    views.show_runs(comparison)
    view = st.segmented_control(
        "Look at", list(VIEWS), default="Values", key="compare_view", required=True, persist_state="session"
    )
    VIEWS[view](comparison, run, reference)
    with st.container(border=True, key="compare_hold_out_box"):
        other = reference if reference.fingerprint != run.fingerprint else None
        opened = ask_hold_out("compare", shown.plan, run, other, shown.policy)
        if opened is not None:
            views.show_hold_out(opened, run, other)


PARTS = {
    "All runs": show_all_runs,
}


with page("compare", "All runs on the same out-of-fold rows, each with its interval, and what that allows to say."):
    plan, experiment = need("split"), need("experiment")
    runs = stored_runs(workspace(), experiment)
    top, controls = st.container(), st.container()
    with controls:
        chosen_metric, share, policy = ask_question()
    spec = comparison_spec(runs, policy)
    quick = is_quick(plan, len(runs))
    judged = cached(comparison_work)(workspace(), spec) if quick else job("comparison", spec, label="Judging the runs")
    if judged is not None:
        usual = st.session_state.get(f"compare_reference_{experiment.fingerprint}") or session().id("reference")
        margin = margin_of(metric(chosen_metric), judged.nothing, share)
        comparison = conclude(judged, usual or reference_run(experiment), chosen_metric, margin)
        with top:
            views.show_verdict(comparison)
            if len(runs) < len(experiment.recipes):
                st.info(f"{len(runs)} of {counted(len(experiment.recipes), 'recipe')} have a result so far.", icon="⏳")
            run, reference = ask_pair(runs, comparison.verdict.recommended, comparison.reference)
        PARTS[ask_part("compare", PARTS)](Compared(plan, experiment, runs, comparison, run, reference, policy))
        show_code(
            "runs = stored_runs(workspace, experiment)\n"
            f"comparison = compare_runs(workspace, runs, '{reference.fingerprint}', {policy!r},\n"
            f"                          metric='{chosen_metric}', margin={margin:.3g})\n"
            "print(comparison.verdict.sentence)\nshown_table(comparison)"
        )
        chosen = escape(recipe_title(run.recipe))
        if st.button(f"Choose {chosen} and set its threshold", type="primary", key="compare_choose"):
            session().set(run=run.fingerprint, reference=reference.fingerprint)
            go_to("threshold")
