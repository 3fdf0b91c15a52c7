"""Whether any remedy beats doing nothing but moving the threshold: the part "Remedies" of Compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlops_lib.charts.remedies import remedy_chart
from mlops_lib.evaluate import remedies_words as words
from mlops_lib.evaluate.metrics import decision_metric, metric
from mlops_lib.evaluate.remedies import ANSWERED, COST, RANKINGS, UNCALIBRATED, Asked, Remedies, judge_remedies
from mlops_lib.objects.decision import Best, Cost
from pages.shared.page import go_to
from pages.shared.policy import kept_costs
from pages.shared.show import Card, cards, escape, figure, sentence, table

if TYPE_CHECKING:
    from mlops_lib.objects.decision import Policy
    from pages.shared.compare_context import Compared

DECISIONS = ("f1", "f_beta:2", "mcc", "g_mean", "balanced_accuracy", COST)


def show_remedies(shown: Compared) -> str:
    """The answer, the gain of every remedy, and the table that proves it. Returns the run that the answer speaks for,
    "" where it does not speak for one."""
    results, settings = st.container(), st.container()
    with settings, st.expander("By what remedies are judged", icon="🎯"):
        asked = ask_metrics(shown.policy, shown.share)
    found = judge_remedies(shown.comparison.judgement, asked)
    with shown.top:
        repeats = shown.plan.repeats if shown.plan.kind == "stratified" else 2
        show_answer(found, best_plain(found) or shown.comparison.reference, repeats)
    if not found.remedies:
        show_way_out()
        return ""
    with results:
        cards([Card(*card) for card in words.cards_of(found)])
        view = st.segmented_control(
            "Gain in", (*ANSWERED, UNCALIBRATED), default=ANSWERED[0], key="compare_remedies_view", required=True,
            persist_state="session",
        )  # fmt: skip
        figure(remedy_chart(found, view), alt="Gain of every remedy with its interval", key=f"compare_remedies_{view}")
        st.caption(f"{words.aspect_sentence(found, view)} {words.margins_sentence(found)}")
        show_tables(found)
    show_method(found)
    beaten = any(words.state_of(found, name) == words.YES for name in ANSWERED)
    return "" if beaten else best_plain(found)


def best_plain(found: Remedies) -> str:
    """The run that decides best without a remedy, "" where there is none."""
    return found.best[-1].run if found.best else ""


def ask_metrics(policy: Policy, share: float) -> Asked:
    """The metric of ranking and the one of decisions; that of the policy comes first."""
    left, right = st.columns(2)
    usual = policy.metric if isinstance(policy, Best) else COST if isinstance(policy, Cost) else "f1"
    ranking = left.selectbox(
        "Ranking by", RANKINGS, format_func=lambda name: metric(name).label, key="compare_remedies_ranking",
        persist_state="session",
    )  # fmt: skip
    decision = right.selectbox(
        "Decisions by", DECISIONS, index=DECISIONS.index(usual), key=f"compare_remedies_decision_{usual}",
        format_func=lambda name: "Cost per row" if name == COST else decision_metric(name).label,
        help="Each run at its own threshold, which the policy chose on the other folds.",
    )  # fmt: skip
    costs = policy if isinstance(policy, Cost) else kept_costs()
    return Asked(ranking, decision, (costs.miss, costs.false_alarm), share)


def show_answer(found: Remedies, plain: str, repeats: int) -> None:
    """The conclusion first, then the best run without a remedy, and what its threshold alone does."""
    sentence(escape(words.answer(found)))
    if found.remedies:
        said = (words.best_sentence(found), words.threshold_sentence(found, plain), words.advice(found, repeats))
        st.markdown("\n".join(f"- {escape(line)}" for line in said if line))
    if found.missing:
        st.info(escape(words.missing_sentence(found)), icon="💡")


def show_way_out() -> None:
    """What to do where there is nothing to compare."""
    st.markdown(
        "A remedy is anything a recipe does about imbalance beyond moving the threshold: a sampler, class weights, "
        "a model made for it. Train the same model with and without one on the same folds, and the answer stands here."
    )
    if st.button("Choose remedies to train", type="primary", key="compare_remedies_train"):
        go_to("train")


def show_tables(found: Remedies) -> None:
    """Every remedy in every aspect, then every run without one at 0.5 and at its own threshold."""
    with st.expander("Every remedy in numbers", icon="🔢"):
        table(
            words.shown_remedies(found), key="compare_remedies_table", download="remedies.csv",
            alt="What every remedy gains over moving the threshold",
            column_config={"Remedy": st.column_config.TextColumn(pinned=True)},
        )  # fmt: skip
    with st.expander("What the threshold alone does", icon="🎚️"):
        table(words.shown_alone(found), key="compare_remedies_alone", download="threshold-alone.csv")


def show_method(found: Remedies) -> None:
    """How it was compared."""
    st.caption(
        f"Each remedied run against the run that differs in nothing but the remedy, on the same {found.folds} folds: "
        "corrected resampled t (Nadeau and Bengio 2003), p adjusted by Holm over the remedies of each metric, "
        "approximate 95 % intervals, not adjusted. A filled dot has an adjusted p below 0.05. Both stand at their own "
        "threshold, chosen on the other folds under one policy. Probabilities are compared after calibration; the "
        "plain model, where its recipe does not calibrate, gets a sigmoid for this comparison."
    )
