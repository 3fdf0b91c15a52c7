"""Results as people read them: the frames that pages, reports and the command line print."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from mlops_lib.evaluate.binary_judging import HALF
from mlops_lib.evaluate.comparison import Comparison, compared_metrics, needs_draws
from mlops_lib.evaluate.hold_out import HoldOutResult
from mlops_lib.evaluate.intervals import BOOTSTRAP
from mlops_lib.evaluate.judged import AnyMetric
from mlops_lib.evaluate.margins import margin_of
from mlops_lib.evaluate.metrics import metric
from mlops_lib.evaluate.outcomes_shown import shown_outcome_hold_out, shown_outcomes
from mlops_lib.objects.words import MINUS, MISSING, duration, interval, number, p_value

RANKING, DECISIONS, PROBABILITIES, COSTS = "Ranking", "Decisions", "Probabilities", "Costs and time"
GROUPS = (RANKING, DECISIONS, PROBABILITIES, COSTS)
"""The columns of the table of runs in groups that can be read."""

_PROBABILITIES = ("brier", "log_loss", "ece")


def group_of(one: AnyMetric) -> str:
    """The group in which a metric of two answers stands."""
    if one.name.startswith("expected_cost"):
        return COSTS
    return DECISIONS if one.needs_threshold else PROBABILITIES if one.name in _PROBABILITIES else RANKING


def shown_table(comparison: Comparison, group: str = "") -> pd.DataFrame:
    """One line a run, best first: each metric with its 95 % interval, decision metrics at the run's own threshold
    (the head says which) with the value at 0.5 beside, times, and the reason where a run failed.

    With a `group` (one of GROUPS) only its columns; the metric that decides stands first whatever the group.
    """
    judgement, table = comparison.judgement, comparison.table
    if judgement.kind != "binary":
        return shown_outcomes(comparison)
    shown = {
        "Rank": [MISSING if np.isnan(r) else f"{int(r)}" for r in table["rank"]],
        "Recipe": table["recipe"],
    }
    metrics = compared_metrics("binary", [metric(name) for name in judgement.also])
    leads = [one for one in metrics if group and one.name == comparison.metric]
    for one in (*leads, *(m for m in metrics if group in ("", group_of(m)) and m not in leads)):
        shown |= _metric_columns(comparison, one)
    notes = {"Note": table["reason"]} if table["reason"].astype(bool).any() else {}
    return pd.DataFrame(shown | _further_columns(table, group) | notes)


def _metric_columns(comparison: Comparison, one: AnyMetric) -> dict[str, list[str]]:
    """A metric with its interval, to as many decimals as its margin; one of decisions at 0.5, too."""
    table, margin = comparison.table, margin_of(one, comparison.judgement.nothing)
    decimals = max(2, -math.floor(math.log10(margin)))
    if not one.needs_threshold:
        return {one.label: _with_interval(table, one.name, decimals)}
    rule = (comparison.judgement.threshold_rule or "0.5").split(" (")[0]
    return {
        f"{one.label} {under(rule)}": _with_interval(table, one.name, decimals),
        f"{one.label} at 0.5": [_value(v, decimals) for v in table[one.name + HALF]],
    }


def under(rule: str) -> str:
    """A threshold rule after the name of a value: "at best F1", "with at most 50 alerts in 1,000 rows"."""
    return f"{'with' if rule.startswith('at ') else 'at'} {rule}"


def _further_columns(table: pd.DataFrame, group: str) -> dict[str, list[str]]:
    """What is no metric: thresholds, probabilities before calibration, and times."""
    columns = {
        DECISIONS: {"Threshold (mean of folds)": [_value(v) for v in table["threshold"]]},
        PROBABILITIES: {
            "Brier score before calibration": [number(v) for v in table["brier_raw"]],
            "Calibration error before": [number(v) for v in table["ece_raw"]],
        },
        COSTS: {
            "Fit, a fold": [duration(v) for v in table["fit_seconds"]],
            "Predict 1,000 rows": [duration(v) for v in table["predict_seconds_per_1000"]],
        },
    }
    return {k: v for name, part in columns.items() if group in ("", name) for k, v in part.items()}


def _with_interval(table: pd.DataFrame, name: str, decimals: int) -> list[str]:
    """Value and interval; a star marks an interval that is not from folds."""
    columns = (table[name + suffix] for suffix in ("", "_low", "_high", "_method"))
    return [
        MISSING if np.isnan(v) else f"{_spread(v, a, b, decimals)}{'*' if m == BOOTSTRAP else ''}"
        for v, a, b, m in zip(*columns, strict=True)
    ]


def _spread(value: float, low: float, high: float, decimals: int) -> str:
    return f"{_value(value, decimals)} ({_value(low, decimals)} to {_value(high, decimals)})"


def _value(value: float, decimals: int = 3) -> str:
    """A fixed number of decimals, so that a column sorts as text as it does as numbers."""
    return MISSING if np.isnan(value) else f"{value:.{decimals}f}".replace("-", MINUS)


def shown_planned(comparison: Comparison) -> pd.DataFrame:
    """One line a planned comparison: who against whom, the difference with its interval, p as it is and adjusted."""
    planned = comparison.planned
    return pd.DataFrame({
        "Recipe": planned["first_recipe"],
        "Against": planned["second_recipe"],
        "Plan": planned["kind"],
        "Outcome": planned["outcome"],
        "Difference": [number(v) for v in planned["difference"]],
        "95 % interval": [interval(a, b) for a, b in zip(planned["low"], planned["high"], strict=True)],
        "p": [p_value(p) for p in planned["p"]],
        "p, Holm": [p_value(p) for p in planned["p_holm"]],
    })  # fmt: skip


def how_tested(comparison: Comparison) -> str:
    """How the planned comparisons were tested, and how far to trust that (docs/statistics.md has what was measured)."""
    method = f"{comparison.metric}_method"
    if method in comparison.table and needs_draws(comparison.judgement, comparison.metric):
        return (
            "Paired bootstrap of all out-of-fold rows, made wider for the training rows that folds share; approximate"
        )
    return "Corrected resampled t-test on the folds (Nadeau and Bengio 2003), approximate and mostly cautious"


def shown_hold_out(result: HoldOutResult, chosen: str, reference: str = "") -> pd.DataFrame:
    """One line a metric on the hold-out, a column for each run under the names given."""
    if result.kind != "binary":
        return shown_outcome_hold_out(result, chosen, reference)
    table = result.table
    shown = {"Metric": table["label"], chosen: _intervals(table, "chosen")}
    if result.reference is not None:
        shown[reference] = _intervals(table, "reference")
        shown["Difference"] = _intervals(table, "difference")
        shown["p"] = [p_value(p) for p in table["p"]]
    shown["95 % interval"] = np.where(table["approximate"], "approximate", table["method"])
    return pd.DataFrame(shown)


def _intervals(table: pd.DataFrame, name: str) -> list[str]:
    columns = (table[name + suffix] for suffix in ("", "_low", "_high"))
    return [_spread(v, a, b, 3) for v, a, b in zip(*columns, strict=True)]
