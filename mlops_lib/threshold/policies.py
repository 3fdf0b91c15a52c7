"""What each policy asks of the counts at every cut: which cuts it allows, and what it wants most of among them.

Everything works on the last axis, so one line serves the data and a thousand resamples alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mlops_lib.evaluate.intervals import reaches
from mlops_lib.evaluate.metrics import decision_metric
from mlops_lib.evaluate.sweep import Counts
from mlops_lib.objects.decision import AtLeast, Best, Capacity, Cost, Fixed, Policy
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.words import money, number, percent

BEST_OF = ("f1", "mcc", "balanced_accuracy")
MINIMUM_OF = ("precision", "recall")


@dataclass(frozen=True, eq=False)
class Wish:
    """`allowed` cuts and how much each is wanted (`value`, larger is better); arrays of the shape of the counts."""

    allowed: np.ndarray
    value: np.ndarray


def checked(policy: Policy) -> Policy:
    """The policy itself. Raises InputError where its numbers make no sense."""
    if isinstance(policy, Cost) and not (
        policy.miss > 0 and policy.false_alarm > 0 and np.isfinite(policy.miss + policy.false_alarm)
    ):
        raise InputError(
            f"A miss costs {number(policy.miss)} and a false alarm {number(policy.false_alarm)}.",
            "Give two amounts above 0: with a free mistake the best threshold is to flag everyone or nobody.",
        )
    if isinstance(policy, Capacity) and not 0 < policy.alerts <= policy.out_of:
        raise InputError(
            f"{policy.alerts:,} out of {policy.out_of:,} rows is no capacity.",
            "Give at least 1 alert, and no more alerts than rows scored at a time.",
        )
    if isinstance(policy, AtLeast) and not (policy.metric in MINIMUM_OF and 0 < policy.minimum < 1):
        raise InputError(
            f"A minimum {policy.metric} of {number(policy.minimum)} cannot be asked for.",
            f"Choose one of {', '.join(MINIMUM_OF)} and a minimum above 0 and below 1.",
        )
    if isinstance(policy, Best) and policy.metric not in BEST_OF:
        raise InputError(
            f"'{policy.metric}' cannot be made as large as can be.", f"Choose one of {', '.join(BEST_OF)}."
        )
    if isinstance(policy, Fixed) and not 0 <= policy.threshold <= 1:
        raise InputError(f"The threshold {number(policy.threshold)} is no probability.", "Type a number from 0 to 1.")
    return policy


def without_currency(policy: Policy) -> Policy:
    """The same policy for keys of results: a currency changes no number."""
    return replace(policy, currency="") if isinstance(policy, Cost) else policy


def cost_of(counts: Counts, policy: Cost) -> np.ndarray:
    """Cost of all mistakes, in the policy's currency."""
    return np.asarray(counts.fn * policy.miss + counts.fp * policy.false_alarm)


def wish(counts: Counts, policy: Policy) -> Wish:
    """What the policy asks of every cut. A Fixed policy asks nothing: it is not chosen from counts."""
    everywhere = np.ones(counts.tp.shape, dtype=bool)
    if isinstance(policy, Cost):
        return Wish(everywhere, -cost_of(counts, policy))
    if isinstance(policy, Capacity):
        within = counts.alarms * policy.out_of <= counts.n * policy.alerts
        return Wish(within, counts.alarms.astype(np.float64))
    if isinstance(policy, AtLeast):
        return _at_least(counts, policy)
    if isinstance(policy, Best):
        return Wish(everywhere, np.nan_to_num(decision_metric(policy.metric).of(counts), nan=-np.inf))
    raise InputError("A threshold that was typed is not chosen from counts.", "Evaluate it as it is.")


def found_of(counts: Counts, metric: str) -> tuple[np.ndarray, np.ndarray]:
    """Successes and trials behind a precision or recall: rows, or under weights their effective number (Kish 1965,
    Survey Sampling, section 8.2), so that a bound on the share does not take a heavy row for many rows."""
    whole = counts.alarms if metric == "precision" else counts.positives
    if counts.squares is None:
        return counts.tp, whole
    squares = counts.squares.alarms if metric == "precision" else counts.squares.positives
    rows = np.divide(whole * whole, squares, out=np.zeros(np.broadcast(whole, squares).shape), where=squares > 0)
    return np.divide(counts.tp * rows, whole, out=np.zeros_like(rows), where=whole > 0), rows


def _at_least(counts: Counts, policy: AtLeast) -> Wish:
    """For recall the highest threshold of the unbroken run from "everyone" on that keeps the promise: asked in that
    order, the first cut that fails ends the search, so looking at many thresholds does not loosen the bound."""
    kept = reaches(*found_of(counts, policy.metric), policy.minimum)
    if policy.metric == "recall":
        return Wish(np.logical_and.accumulate(kept, axis=-1), -counts.alarms.astype(np.float64))
    return Wish(kept, counts.tp.astype(np.float64))


def chosen_cut(asked: Wish) -> np.ndarray:
    """The cut with the largest value among those allowed, int64; of equals the one that flags fewest; -1 where none
    is allowed."""
    value = np.where(asked.allowed, asked.value, -np.inf)
    last = value.shape[-1] - 1
    best = last - np.argmax(value[..., ::-1], axis=-1)
    return np.where(asked.allowed.any(axis=-1), best, -1)


def at_odds(policy: Policy, odds: float) -> Policy:
    """The policy as it is where one positive row stands for `odds` times as many rows as a negative one.

    The least expected cost under other class shares is that under costs changed by the ratio of the odds (Elkan 2001,
    "The foundations of cost-sensitive learning"). Policies without costs stay as they are.
    """
    return costs_at_odds(policy, odds) if isinstance(policy, Cost) else policy


def costs_at_odds(costs: Cost, odds: float) -> Cost:
    """`at_odds` for costs."""
    return replace(costs, miss=costs.miss * odds)


def said(policy: Policy) -> str:
    """The policy in words, for column heads and sentences."""
    if isinstance(policy, Cost):
        miss, alarm = money(policy.miss, policy.currency), money(policy.false_alarm, policy.currency)
        return f"least cost (a miss {miss}, a false alarm {alarm})"
    if isinstance(policy, Capacity):
        return f"at most {policy.alerts:,} alerts in {policy.out_of:,} rows"
    if isinstance(policy, AtLeast):
        return f"{policy.metric} of at least {percent(policy.minimum)}"
    if isinstance(policy, Best):
        return f"best {decision_metric(policy.metric).label}"
    return f"fixed at {number(policy.threshold)}"
