"""The question how a threshold is chosen: the same controls, with the same answers, on every page that asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from mlops_lib.objects.decision import AtLeast, Best, Capacity, Cost, Policy
from pages.shared.session import session

_DRAFT = "policy"
_DEFAULTS: dict[str, Any] = {
    "kind": "best", "metric": "f1", "miss": 5.0, "false_alarm": 1.0, "currency": "", "alerts": 100, "out_of": 1000,
    "minimum_of": "recall", "minimum": 0.8, "own_costs": False,
}  # fmt: skip
_KINDS = {
    "best": "make a metric as large as can be",
    "cost": "cost least",
    "capacity": "fit a capacity",
    "at_least": "keep a minimum",
}
_METRICS = {"f1": "F1", "mcc": "MCC", "balanced_accuracy": "Balanced accuracy"}


def ask_policy(page: str, costs_are_asked: bool = False) -> Policy:
    """Controls for a policy. The answer is kept for all pages, over a switch and a reload.

    `costs_are_asked` says that `ask_costs` stands elsewhere on the page.
    """
    kind = st.selectbox(
        "The threshold should", list(_KINDS), format_func=_KINDS.__getitem__, key=_seeded(page, "kind"),
        help="One policy for all runs; each run gets its own threshold under it.",
    )  # fmt: skip
    _keep(kind=kind)
    if kind == "cost":
        return kept_costs() if costs_are_asked else ask_costs(page)
    asked: dict[str, Callable[[str], Policy]] = {"best": _ask_best, "capacity": _ask_capacity, "at_least": _ask_minimum}
    return asked[kind](page)


def take_policy(page: str, policy: Policy) -> None:
    """Make a policy the answer of the controls of a page; for callbacks, which run before the controls are drawn."""
    answers = {
        Cost: lambda p: {"kind": "cost", "miss": p.miss, "false_alarm": p.false_alarm, "own_costs": True},
        Capacity: lambda p: {"kind": "capacity", "alerts": p.alerts, "out_of": p.out_of},
        AtLeast: lambda p: {"kind": "at_least", "minimum_of": p.metric, "minimum": p.minimum},
        Best: lambda p: {"kind": "best", "metric": p.metric},
    }[type(policy)](policy)
    _keep(**answers)
    for name, value in answers.items():
        st.session_state[f"{page}_policy_{name}"] = value


def take_costs(page: str, miss: float) -> None:
    """Make what a miss is worth, in false alarms, the answer of every page; for callbacks, like `take_policy`."""
    answers = {"miss": miss, "false_alarm": 1.0, "own_costs": True}
    _keep(**answers)
    for name, value in answers.items():
        st.session_state[f"{page}_policy_{name}"] = value


def ask_costs(page: str) -> Cost:
    """What a miss and a false alarm cost, kept like the policy."""
    with st.container(horizontal=True):
        miss = st.number_input("A miss costs", 0.01, 1e9, key=_seeded(page, "miss"))
        alarm = st.number_input("A false alarm costs", 0.01, 1e9, key=_seeded(page, "false_alarm"))
        currency = st.text_input("Currency", key=_seeded(page, "currency"), placeholder="EUR", max_chars=8)
    before = _kept()
    own = before["own_costs"] or (miss, alarm) != (before["miss"], before["false_alarm"])
    _keep(miss=miss, false_alarm=alarm, currency=currency.strip(), own_costs=own)
    if not own:
        st.caption("5 and 1 are an example: enter your own.")
    return kept_costs()


def kept_costs() -> Cost:
    """The costs that were entered last, else the example."""
    kept = _kept()
    return Cost(kept["miss"], kept["false_alarm"], kept["currency"])


def _ask_best(page: str) -> Policy:
    metric = st.selectbox("Metric", list(_METRICS), format_func=_METRICS.__getitem__, key=_seeded(page, "metric"))
    _keep(metric=metric)
    return Best(metric)


def _ask_capacity(page: str) -> Policy:
    with st.container(horizontal=True):
        alerts = st.number_input("Alerts that can be handled", 1, 10_000_000, key=_seeded(page, "alerts"))
        out_of = st.number_input("out of the rows scored at a time", 1, 100_000_000, key=_seeded(page, "out_of"))
    _keep(alerts=alerts, out_of=out_of)
    return Capacity(alerts, out_of)


def _ask_minimum(page: str) -> Policy:
    with st.container(horizontal=True):
        metric = st.selectbox("Minimum", ["recall", "precision"], key=_seeded(page, "minimum_of"))
        least = st.number_input("at least", 0.01, 0.99, step=0.05, key=_seeded(page, "minimum"))
    _keep(minimum_of=metric, minimum=least)
    return AtLeast(metric, least)


def _kept() -> dict[str, Any]:
    return {**_DEFAULTS, **_of_charter(), **session().draft(_DRAFT, {})}


def _of_charter() -> dict[str, Any]:
    """The costs that the project's charter names."""
    charter = session().charter()
    if charter is None or charter.miss is None or charter.false_alarm is None:
        return {}
    costs = {"miss": charter.miss, "false_alarm": charter.false_alarm, "currency": charter.currency}
    return {**costs, "own_costs": True, "kind": "cost"}


def _keep(**answers: Any) -> None:
    if answers != {name: _kept()[name] for name in answers}:
        session().set_draft(_DRAFT, {**_kept(), **answers})


def _seeded(page: str, name: str) -> str:
    """The widget's key, its state filled with the answer kept before where the page is opened anew."""
    key = f"{page}_policy_{name}"
    if key not in st.session_state:
        st.session_state[key] = _kept()[name]
    return key
