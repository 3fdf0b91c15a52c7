"""What a threshold gives on some rows: exact counts and everything that follows from them, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops_lib.evaluate.hold_out import HoldOutResult
from mlops_lib.evaluate.intervals import Interval, counts_interval, resampled_counts, wilson
from mlops_lib.evaluate.metrics import DECISION_METRICS, DecisionMetric
from mlops_lib.evaluate.sweep import Counts, counts_at
from mlops_lib.objects.decision import Cost
from mlops_lib.objects.predictions import Predictions
from mlops_lib.threshold.policies import cost_of

WILSON = "Wilson interval"
TIMES = 2_000


@dataclass(frozen=True)
class Outcome:
    """One threshold on one set of rows: whole-number counts, a value with interval for every decision metric (by
    name), the alert rate and, where costs are known, the expected cost of one row."""

    threshold: float
    tp: int
    fp: int
    fn: int
    tn: int
    names: tuple[str, ...]
    split: str
    values: dict[str, Interval]
    alert_rate: float
    cost_per_row: float | None = None
    cost_low: float | None = None
    cost_high: float | None = None

    @property
    def n(self) -> int:
        return self.tp + self.fp + self.fn + self.tn


def outcome(
    predictions: Predictions, threshold: float | np.ndarray, cost: Cost | None = None, seed: int = 0
) -> Outcome:
    """What `score >= threshold` gives on these rows, counted exactly.

    `threshold` may be one for each fold, (folds,): every row is then judged at the threshold of its own fold.
    """
    applied = threshold[predictions.fold] if isinstance(threshold, np.ndarray) else threshold
    counts = counts_at(predictions.truth, predictions.score, applied)
    return outcome_of_counts(counts, float(np.mean(threshold)), predictions.names, predictions.split, cost, seed)


def hold_out_outcome(result: HoldOutResult, cost: Cost | None = None, seed: int = 0) -> Outcome:
    """The chosen run's outcome on an opened hold-out, from its counts."""
    row = result.counts.iloc[0]
    counts = Counts(*(np.asarray(int(row[name]), dtype=np.int64) for name in ("tp", "fp", "fn", "tn")))
    return outcome_of_counts(counts, float(row["threshold"]), result.names, "hold-out", cost, seed)


def priced(one: Outcome, cost: Cost, seed: int = 0) -> Outcome:
    """The same outcome with what its mistakes cost."""
    counts = Counts(*(np.asarray(c, dtype=np.int64) for c in (one.tp, one.fp, one.fn, one.tn)))
    return outcome_of_counts(counts, one.threshold, one.names, one.split, cost, seed)


def outcome_of_counts(
    counts: Counts, threshold: float, names: tuple[str, ...], split: str, cost: Cost | None = None, seed: int = 0
) -> Outcome:
    """Everything that follows from the counts, each of shape (), at one threshold."""
    n = int(counts.n)
    low, high, per_row = None, None, None
    if cost is not None:
        per_row = float(cost_of(counts, cost)) / n
        drawn = cost_of(resampled_counts(counts, TIMES, seed), cost) / n
        low, high = (float(v) for v in np.quantile(drawn, [0.025, 0.975]))
    return Outcome(
        threshold, int(counts.tp), int(counts.fp), int(counts.fn), int(counts.tn), names, split,
        {m.name: _interval(m, counts, seed) for m in DECISION_METRICS}, float(counts.alarms) / n, per_row, low, high,
    )  # fmt: skip


def _interval(metric: DecisionMetric, counts: Counts, seed: int) -> Interval:
    """Wilson for the two that are shares of a count, a bootstrap of the counts for the others."""
    shares = {"precision": counts.alarms, "recall": counts.positives}
    if metric.name not in shares:
        return counts_interval(counts, metric, TIMES, seed)
    low, high = wilson(counts.tp, shares[metric.name])
    return Interval(float(metric.of(counts)), float(low), float(high), WILSON)


def outcome_table(*outcomes: tuple[str, Outcome]) -> pd.DataFrame:
    """Named outcomes side by side: threshold, counts, alert rate, cost, every metric with its interval."""
    return pd.DataFrame([_row(name, one) for name, one in outcomes])


def _row(name: str, one: Outcome) -> dict[str, object]:
    row: dict[str, object] = {
        "at": name, "threshold": one.threshold, "tp": one.tp, "fp": one.fp, "fn": one.fn, "tn": one.tn,
        "alert_rate": one.alert_rate, "cost_per_row": np.nan if one.cost_per_row is None else one.cost_per_row,
    }  # fmt: skip
    for metric, found in one.values.items():
        row |= {metric: found.value, f"{metric}_low": found.low, f"{metric}_high": found.high}
    return row
