"""What decides on Compare: the metric, with three questions that find it, the margin and the policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlops_lib.evaluate.comparison import compared_metrics
from mlops_lib.evaluate.margins import MARGIN_SHARE
from mlops_lib.evaluate.metric_choice import ACTS_ON, Advice, Needs, recommend, why_not_accuracy
from mlops_lib.evaluate.outcomes import LEADS, metric_of
from mlops_lib.threshold.compared import DEFAULT_POLICY, costs_of
from pages.shared.boundary import guarded
from pages.shared.escape import escape
from pages.shared.policy import ask_policy, take_costs, take_policy

if TYPE_CHECKING:
    from mlops_lib.evaluate.comparison import Comparison
    from mlops_lib.objects.decision import Policy
    from mlops_lib.objects.target import Outcome

_METRIC = "compare_metric"


def ask_question(kind: Outcome) -> tuple[str, float, Policy]:
    """The metric that decides, the margin that matters (a share), and for two answers the policy for thresholds."""
    more = " and threshold policy" if kind == "binary" else ""
    with st.expander(f"What decides: metric, margin{more}", icon="🎯"):
        left, middle, right = st.columns([2, 1, 3])
        with right:
            policy = ask_policy("compare") if kind == "binary" else DEFAULT_POLICY
        with left:
            chosen = _ask_metric(kind, policy)
        share = middle.number_input(
            "Margin that matters, %", 0.0, 50.0, 100 * MARGIN_SHARE, 0.5, format="%.1f", key="compare_margin",
            persist_state="session", help="Of the way from doing nothing to perfect, so that it means the same in each "
            "metric. Smaller differences count as none, however sure they are.",
        )  # fmt: skip
    st.caption(f"{metric_of(kind, chosen).label}: {metric_of(kind, chosen).help}")
    return chosen, share / 100, policy


def _ask_metric(kind: Outcome, policy: Policy) -> str:
    key = _METRIC if kind == "binary" else f"{_METRIC}_{kind}"
    also = costs_of(policy) if kind == "binary" else ()
    names = [m.name for m in compared_metrics(kind, also)]
    taken = st.session_state.get(key)
    options = names if taken is None or taken in names else [*names, taken]
    chosen: str = st.selectbox(
        "Metric that decides", options, index=options.index(LEADS[kind]), persist_state="session", key=key,
        format_func=lambda name: metric_of(kind, name).label,
    )  # fmt: skip
    return chosen


def ask_use(comparison: Comparison, run: str) -> None:
    """Three questions about the use of the model, the metric that they ask for, and a button that takes it over."""
    judgement = comparison.judgement
    with st.expander("Which metric? Three questions", icon="🧭"):
        acts = st.segmented_control(
            "What do you act on?", list(ACTS_ON), default="decision", format_func=ACTS_ON.__getitem__, required=True,
            key="compare_use_acts", persist_state="session",
        )  # fmt: skip
        left, right = st.columns(2)
        miss = left.number_input(
            "A miss is worth how many false alarms?", 0.01, 1e6, None, key="compare_use_miss", persist_state="session",
            placeholder="I cannot say",
        )  # fmt: skip
        capacity = right.number_input(
            "Of 100 rows, how many can you act on?", 0.1, 99.9, None, key="compare_use_capacity",
            persist_state="session", placeholder="As many as need it",
        )  # fmt: skip
        needs = Needs(acts, miss, None if capacity is None else capacity / 100)
        advice = recommend(needs, judgement.rate)
        st.markdown(f"**Decide by {escape(advice.label)}.** {escape(advice.why)}")
        st.caption(escape(why_not_accuracy(judgement, run)))
        st.button(
            f"Decide by {escape(advice.label)}", key="compare_use_take", on_click=_take, args=(advice, miss),
            disabled=advice.metric == comparison.metric and advice.policy is None,
        )  # fmt: skip


@guarded
def _take(advice: Advice, miss: float | None) -> None:
    st.session_state[_METRIC] = advice.metric
    if miss is not None:
        take_costs("compare", miss)
    if advice.policy is not None:
        take_policy("compare", advice.policy)
