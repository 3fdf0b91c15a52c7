"""The question how a threshold is chosen: the same controls, with the same answers, on every page that asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from mlops_lib.objects.decision import AtLeast, Best, Capacity, Cost
from pages.shared.session import session

if TYPE_CHECKING:
    from mlops_lib.objects.decision import Policy

_DRAFT = "policy"
_DEFAULTS = {
    "kind": "best", "metric": "f1", "miss": 5.0, "false_alarm": 1.0, "currency": "", "alerts": 100, "out_of": 1000,
    "minimum_of": "recall", "minimum": 0.8,
}  # fmt: skip
_KINDS = {
    "best": "make a metric as large as can be",
    "cost": "cost least",
    "capacity": "fit a capacity",
    "at_least": "keep a minimum",
}
_METRICS = {"f1": "F1", "mcc": "MCC", "balanced_accuracy": "Balanced accuracy"}


def ask_policy(page: str) -> Policy:
    """Controls for a policy. The answer is kept for all pages, over a switch and a reload."""
    draft = {**_DEFAULTS, **session().draft(_DRAFT, {})}
    kind = st.selectbox(
        "The threshold should", list(_KINDS), index=list(_KINDS).index(draft["kind"]), format_func=_KINDS.__getitem__,
        key=f"{page}_policy", help="One policy for all runs; each run gets its own threshold under it.",
    )  # fmt: skip
    answered = _ASK[kind](page, draft)
    session().set_draft(_DRAFT, {**draft, "kind": kind, **answered})
    return _made(kind, {**draft, **answered})


def _ask_best(page: str, draft: dict) -> dict:
    metric = st.selectbox(
        "Metric", list(_METRICS), index=list(_METRICS).index(draft["metric"]), format_func=_METRICS.__getitem__,
        key=f"{page}_metric_best",
    )  # fmt: skip
    return {"metric": metric}


def _ask_cost(page: str, draft: dict) -> dict:
    with st.container(horizontal=True):
        miss = st.number_input("A miss costs", 0.01, 1e9, float(draft["miss"]), key=f"{page}_miss", format="%.2f")
        alarm = st.number_input(
            "A false alarm costs", 0.01, 1e9, float(draft["false_alarm"]), key=f"{page}_false_alarm", format="%.2f"
        )
        currency = st.text_input("Currency", draft["currency"], key=f"{page}_currency", placeholder="EUR", max_chars=8)
    return {"miss": miss, "false_alarm": alarm, "currency": currency.strip()}


def _ask_capacity(page: str, draft: dict) -> dict:
    with st.container(horizontal=True):
        alerts = st.number_input(
            "Alerts that can be handled", 1, 10_000_000, int(draft["alerts"]), key=f"{page}_alerts"
        )
        out_of = st.number_input("Out of rows scored at a time", 1, 100_000_000, int(draft["out_of"]), key=f"{page}_of")
    return {"alerts": alerts, "out_of": out_of}


def _ask_minimum(page: str, draft: dict) -> dict:
    with st.container(horizontal=True):
        names = ["recall", "precision"]
        metric = st.selectbox("Minimum", names, index=names.index(draft["minimum_of"]), key=f"{page}_minimum_of")
        least = st.number_input("At least", 0.01, 0.99, float(draft["minimum"]), 0.05, key=f"{page}_minimum")
    return {"minimum_of": metric, "minimum": least}


_ASK: dict[str, Callable[[str, dict], dict]] = {
    "best": _ask_best, "cost": _ask_cost, "capacity": _ask_capacity, "at_least": _ask_minimum,
}  # fmt: skip


def _made(kind: str, answer: dict) -> Policy:
    policies: dict[str, Callable[[], Policy]] = {
        "best": lambda: Best(answer["metric"]),
        "cost": lambda: Cost(answer["miss"], answer["false_alarm"], answer["currency"]),
        "capacity": lambda: Capacity(answer["alerts"], answer["out_of"]),
        "at_least": lambda: AtLeast(answer["minimum_of"], answer["minimum"]),
    }
    return policies[kind]()
