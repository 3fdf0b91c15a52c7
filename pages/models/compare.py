"""All runs on the same rows, with intervals, and what can be concluded."""

import streamlit as st

from mlops_lib.evaluate.comparison import conclude, needs_draws
from mlops_lib.evaluate.margins import margin_of
from mlops_lib.evaluate.outcomes import metric_of
from mlops_lib.evaluate.shown import shown_table
from mlops_lib.objects.target import outcome_of
from mlops_lib.threshold.compared import (
    comparison_spec,
    comparison_work,
    draws_spec,
    is_quick,
    reference_run,
    stored_runs,
)
from mlops_lib.train.ladder import recipe_title
from mlops_lib.train.prior_shift import shift_of_run
from pages.shared import compare_outcomes as outcomes
from pages.shared import compare_views as views
from pages.shared.calls import cached, job
from pages.shared.charter_success import show_success
from pages.shared.code import show_code
from pages.shared.compare_columns import show_columns
from pages.shared.compare_context import Compared
from pages.shared.compare_diagnose import show_diagnose
from pages.shared.compare_metric import ask_question, ask_use
from pages.shared.compare_remedies import show_remedies
from pages.shared.compare_speed import show_speed
from pages.shared.compare_two_runs import show_two_runs
from pages.shared.hold_out import ask_hold_out
from pages.shared.judged_how import say_how_judged
from pages.shared.page import go_to, need, page
from pages.shared.parts import ask_part
from pages.shared.prior_shift import show_shift
from pages.shared.session import session, workspace
from pages.shared.show import counted, escape, sentence

TWO_ANSWERS = {
    "Values": lambda comparison, run, _: views.show_values(comparison, run),
    "Folds": views.show_folds,
    "ROC and precision-recall": views.show_curves,
    "Calibration": views.show_calibration,
    "Confusion matrices": views.show_confusion,
    "Planned comparisons": lambda comparison, *_: views.show_planned(comparison),
    "Recipes": lambda _, run, reference: views.show_recipes(run, reference),
    "Columns kept": show_columns,
}
ANY_TARGET = {name: TWO_ANSWERS[name] for name in ("Folds", "Planned comparisons", "Recipes", "Columns kept")}
VIEWS = {
    "binary": TWO_ANSWERS,
    "classes": {
        "Values": TWO_ANSWERS["Values"],
        "Classes": outcomes.show_per_class,
        "Confusion matrices": outcomes.show_confusion,
        "Calibration": outcomes.show_calibration,
        **ANY_TARGET,
    },
    "number": {
        "Values": TWO_ANSWERS["Values"],
        "Predicted and observed": outcomes.show_observed,
        "Residuals": outcomes.show_residuals,
        **ANY_TARGET,
    },
}


def paired_draws(judged, runs, policy, metric):
    """What a metric without values in the folds needs to compare pairs; None while it is being drawn."""
    if judged is None or not needs_draws(judged, metric):
        return {}
    return job("draws", draws_spec(runs, policy, metric), label="Drawing the rows again for a paired bootstrap")


def usual_pair(comparison):
    """The chosen run and its reference by fingerprint: the verdict's run and the experiment's reference come first."""
    usual = (session().id("run") or comparison.verdict.recommended, session().id("reference") or comparison.reference)
    kept = [st.session_state.get(f"compare_{what}_{experiment.fingerprint}") for what in ("run", "reference")]
    known = comparison.judgement.judged
    return [next(f for f in (*pair, next(iter(known))) if f in known) for pair in zip(kept, usual, strict=True)]


def ask_pair(comparison):
    """The chosen run and its reference; a run made in the wrong order can be neither."""
    labels = {f: recipe_title(r.recipe) for f, r in comparison.judgement.judged.items()}
    pair = []
    for column, what, first in zip(st.columns(2), ("run", "reference"), usual_pair(comparison), strict=True):
        with column:
            pair.append(st.selectbox(
                {"run": "Chosen run", "reference": "Reference"}[what], list(labels), index=list(labels).index(first),
                format_func=labels.__getitem__, key=f"compare_{what}_{experiment.fingerprint}", persist_state="session",
            ))  # fmt: skip
    return pair


def show_all_runs(shown: Compared) -> None:
    """The chosen run in numbers, all runs, one view of them, and the hold-out."""
    comparison, run, reference = shown.comparison, shown.run, shown.reference
    kind = comparison.judgement.kind
    if kind == "binary":
        ask_use(comparison, run.fingerprint)
    (views if kind == "binary" else outcomes).show_key_numbers(comparison, run.fingerprint)
    shift = shift_of_run(workspace(), run)
    show_shift(shift)
    show_success(comparison, run, shown.runs, shift)
    if kind == "binary":
        views.show_runs(comparison)
    else:
        outcomes.show_runs(comparison, shown_table(comparison))
    view = st.segmented_control(
        "Look at", list(VIEWS[kind]), default="Values", required=True, persist_state="session",
        key="compare_view" if kind == "binary" else f"compare_view_{kind}",
    )  # fmt: skip
    VIEWS[kind][view](comparison, run, reference)
    with st.container(border=True, key="compare_hold_out_box"):
        other = reference if reference.fingerprint != run.fingerprint else None
        opened = ask_hold_out("compare", shown.plan, run, other, shown.policy)
        if opened is not None and kind == "binary":
            views.show_hold_out(opened, run, other)
        elif opened is not None:
            outcomes.show_hold_out(opened, run, other, comparison.metric)


def say_nothing_yet(experiment) -> None:
    """Where training has only begun, or was stopped before a recipe had ended."""
    sentence(f"None of {counted(len(experiment.recipes), 'recipe')} has a result yet.")
    st.markdown("Each run appears here as soon as all its folds are done. Train shows how far it is.")
    if st.button("See the training", type="primary", key="compare_to_train", icon="🏗️"):
        go_to("train")
    st.stop()


PARTS = {
    "All runs": show_all_runs,
    "Remedies": show_remedies,
    "Diagnose": show_diagnose,
    "Two runs": show_two_runs,
    "Speed": show_speed,
}
TWO_ANSWERS_ONLY = ("Remedies",)
"""Parts that need a question with two answers."""
OWN_ANSWER = ("Remedies",)
"""Parts that begin with an answer of their own, in place of the verdict on the chosen run."""


with page("compare", "All runs on the same out-of-fold rows, each with its interval, and what that allows to say."):
    schema, plan, experiment = need("schema"), need("split"), need("experiment")
    kind = outcome_of(schema.question)
    runs = stored_runs(workspace(), experiment)
    if not runs:
        say_nothing_yet(experiment)
    top, controls = st.container(), st.container()
    with controls:
        chosen_metric, share, policy = ask_question(kind)
    spec = comparison_spec(runs, policy, chosen_metric)
    quick = is_quick(plan, len(runs))
    judged = cached(comparison_work)(workspace(), spec) if quick else job("comparison", spec, label="Judging the runs")
    drawn = paired_draws(judged, runs, policy, chosen_metric)
    if judged is not None and drawn is not None:
        usual = st.session_state.get(f"compare_reference_{experiment.fingerprint}") or session().id("reference")
        margin = margin_of(metric_of(kind, chosen_metric), judged.nothing, share)
        comparison = conclude(judged, usual or reference_run(experiment), chosen_metric, margin, drawn)
        with top:
            part = ask_part("compare", [p for p in PARTS if kind == "binary" or p not in TWO_ANSWERS_ONLY])
            if part not in OWN_ANSWER:
                views.show_verdict(comparison)
            say_how_judged()
            if len(runs) < len(experiment.recipes):
                st.info(f"{len(runs)} of {counted(len(experiment.recipes), 'recipe')} have a result so far: "
                        "Train shows how the others stand.", icon="⏳")  # fmt: skip
            pair = usual_pair(comparison) if part in OWN_ANSWER else ask_pair(comparison)
        run, reference = (judged.judged[one] for one in pair)
        answered = PARTS[part](Compared(plan, experiment, runs, comparison, run, reference, policy, share, top))
        run = judged.judged.get(answered, run)
        by = f", {policy!r}" if kind == "binary" else ""
        show_code(
            "runs = stored_runs(workspace, experiment)\n"
            f"comparison = compare_runs(workspace, runs, '{reference.fingerprint}'{by},\n"
            f"                          metric='{chosen_metric}', margin={margin:.3g})\n"
            "print(comparison.verdict.sentence)\nshown_table(comparison)"
        )
        chosen = escape(recipe_title(run.recipe))
        then = " and set its threshold" if kind == "binary" else ""
        if st.button(f"Choose {chosen}{then}", type="primary", key="compare_choose"):
            session().set(run=run.fingerprint, reference=reference.fingerprint)
            if kind == "binary":
                go_to("threshold")
            st.toast(f"{chosen} is the chosen run of this experiment.", icon="✅")
