"""Decisions and outcomes as people read them."""

from __future__ import annotations

import math

import pandas as pd

from mlops_lib.objects.decision import Best, Capacity, Cost, Decision
from mlops_lib.objects.words import count, counted, interval, money, number, percent
from mlops_lib.threshold.outcome import Outcome
from mlops_lib.threshold.policies import said


def decision_sentence(decision: Decision) -> str:
    """Which threshold the policy chooses, how stable that is, and which others do as well. Plain text."""
    if not decision.promised:
        return " ".join(decision.notes)
    first = f"For the {said(decision.policy)}, flag from a score of {number(decision.threshold)} on."
    if isinstance(decision.policy, Capacity):
        first = f"To make {said(decision.policy)}, flag from a score of {number(decision.threshold)} on."
    return f"{first}{_stability(decision)}{_band(decision)}"


def _stability(decision: Decision) -> str:
    if decision.stability is None:
        return ""
    rows, where = counted(decision.n, "row"), interval(*decision.stability)
    return f" Drawing the {rows} anew puts it anywhere from {where} (95 % of draws)."


def _band(decision: Decision) -> str:
    if decision.equal_band is None:
        return ""
    what = "cost" if isinstance(decision.policy, Cost) else "value" if isinstance(decision.policy, Best) else "result"
    return f" From {interval(*decision.equal_band)} its {what} can hardly be told from the best."


def unseen_sentence(unseen: Outcome, currency: str = "") -> str:
    """What the policy gives on rows it was not chosen on. The label comes from the table; the text is plain."""
    found, precision = unseen.values["recall"], unseen.values["precision"]
    text = (
        f"On rows it was not chosen on, it finds {percent(found.value)} of the '{unseen.names[1]}' "
        f"({percent(found.low)} to {percent(found.high)}), and {percent(precision.value)} of its alarms are right "
        f"({percent(precision.low)} to {percent(precision.high)})"
    )
    if unseen.cost_per_row is None:
        return f"{text}."
    return f"{text}; mistakes cost {money(1_000 * unseen.cost_per_row, currency)} per 1,000 rows."


def outcome_sentence(one: Outcome, cost: Cost | None = None) -> str:
    """What a threshold gives on some rows, in counts. The label comes from the table; the text is plain."""
    text = (
        f"A threshold of {number(one.threshold)} finds {count(one.tp)} of {count(one.tp + one.fn)} '{one.names[1]}', "
        f"misses {count(one.fn)} and raises {counted(one.fp, 'false alarm')}"
    )
    if cost is None or one.cost_per_row is None:
        return f"{text}."
    return f"{text}; mistakes cost {money(1_000 * one.cost_per_row, cost.currency)} per 1,000 rows."


def shown_outcomes(outcomes: dict[str, Outcome], currency: str = "") -> pd.DataFrame:
    """Named outcomes, one line each: values with 95 % intervals, and the cost per 1,000 rows where known."""
    return pd.DataFrame([_shown(name, one, currency) for name, one in outcomes.items()])


def _shown(name: str, one: Outcome, currency: str) -> dict[str, str]:
    line = {"At": name, "Threshold": number(one.threshold), "Flagged": percent(one.alert_rate)}
    for metric, label in (("precision", "Precision"), ("recall", "Recall")):
        found = one.values[metric]
        spread = "" if math.isnan(found.low) else f" ({percent(found.low)} to {percent(found.high)})"
        line[label] = f"{percent(found.value)}{spread}"
    for metric, label in (("f1", "F1"), ("mcc", "MCC"), ("balanced_accuracy", "Balanced accuracy")):
        found = one.values[metric]
        line[label] = f"{number(found.value)} ({interval(found.low, found.high)})"
    if one.cost_per_row is not None and one.cost_low is not None and one.cost_high is not None:
        cost, low, high = (money(1_000 * v, "") for v in (one.cost_per_row, one.cost_low, one.cost_high))
        line[f"Cost per 1,000 rows{f' ({currency})' if currency else ''}"] = f"{cost} ({low} to {high})"
    return line
