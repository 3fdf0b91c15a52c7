"""What a threshold gives on some rows: exact counts and everything that follows from them, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops_lib.evaluate.binary_judging import COUNTS
from mlops_lib.evaluate.hold_out import SQUARES, HoldOutResult
from mlops_lib.evaluate.intervals import Interval, counts_interval, resampled_counts, wilson
from mlops_lib.evaluate.metrics import DECISION_METRICS, DecisionMetric
from mlops_lib.evaluate.sweep import Counts, counts_of
from mlops_lib.objects.decision import Cost
from mlops_lib.objects.predictions import Predictions
from mlops_lib.threshold.policies import cost_of, found_of

WILSON = "Wilson interval"
TIMES = 2_000


@dataclass(frozen=True)
class Outcome:
    """One threshold on one set of rows: counts, a value with interval for every decision metric (by name), the alert
    rate and, where costs are known, the expected cost of one row.

    Counts are whole numbers; where rows have weights they are sums of these, `squares` (tp, fp, fn, tn) are the sums of
    squared weights and `rows` how many positive and negative rows there are.
    """

    threshold: float
    tp: float
    fp: float
    fn: float
    tn: float
    names: tuple[str, ...]
    split: str
    values: dict[str, Interval]
    alert_rate: float
    cost_per_row: float | None = None
    cost_low: float | None = None
    cost_high: float | None = None
    squares: tuple[float, ...] | None = None
    rows: tuple[int, int] | None = None

    @property
    def n(self) -> float:
        return self.tp + self.fp + self.fn + self.tn

    @property
    def many(self) -> int:
        """How many rows there are, whatever they weigh."""
        return round(self.n) if self.rows is None else sum(self.rows)

    @property
    def counts(self) -> Counts:
        """The counts, each of shape ()."""
        squares = None if self.squares is None else Counts(*(np.asarray(c) for c in self.squares))
        return Counts(*(np.asarray(c) for c in (self.tp, self.fp, self.fn, self.tn)), squares=squares, rows=self.rows)


def outcome(
    predictions: Predictions, threshold: float | np.ndarray, cost: Cost | None = None, seed: int = 0
) -> Outcome:
    """What `score >= threshold` gives on these rows, counted exactly.

    `threshold` may be one for each fold, (folds,): every row is then judged at the threshold of its own fold.
    """
    applied = threshold[predictions.fold] if isinstance(threshold, np.ndarray) else threshold
    counts = counts_of(predictions, applied)
    return outcome_of_counts(counts, float(np.mean(threshold)), predictions.names, predictions.split, cost, seed)


def hold_out_outcome(result: HoldOutResult, cost: Cost | None = None, seed: int = 0) -> Outcome:
    """The chosen run's outcome on an opened hold-out, from its counts."""
    row = result.counts.iloc[0]
    cells, rows = (np.asarray(row[name]) for name in COUNTS), (result.positives, result.n - result.positives)
    if COUNTS[0] + SQUARES in row:
        squares = Counts(*(np.asarray(row[name + SQUARES]) for name in COUNTS))
        counts = Counts(*cells, squares=squares, rows=rows)
    else:
        counts = Counts(*cells)
    return outcome_of_counts(counts, float(row["threshold"]), result.names, "hold-out", cost, seed)


def priced(one: Outcome, cost: Cost, seed: int = 0) -> Outcome:
    """The same outcome with what its mistakes cost."""
    return outcome_of_counts(one.counts, one.threshold, one.names, one.split, cost, seed)


def outcome_of_counts(
    counts: Counts, threshold: float, names: tuple[str, ...], split: str, cost: Cost | None = None, seed: int = 0
) -> Outcome:
    """Everything that follows from the counts, each of shape (), at one threshold."""
    n = counts.n.item()
    low, high, per_row = None, None, None
    if cost is not None:
        per_row = float(cost_of(counts, cost)) / n
        drawn = cost_of(resampled_counts(counts, TIMES, seed), cost) / n
        low, high = (float(v) for v in np.quantile(drawn, [0.025, 0.975]))
    squares = None if counts.squares is None else _cells(counts.squares)
    return Outcome(
        threshold, *_cells(counts), names, split, {m.name: _interval(m, counts, seed) for m in DECISION_METRICS},
        float(counts.alarms) / n, per_row, low, high, squares, counts.rows,
    )  # fmt: skip


def _cells(counts: Counts) -> tuple[float, float, float, float]:
    """Plain numbers, whole where rows are counted."""
    return counts.tp.item(), counts.fp.item(), counts.fn.item(), counts.tn.item()


def _interval(metric: DecisionMetric, counts: Counts, seed: int) -> Interval:
    """Wilson for the two that are shares of a count, a bootstrap of the counts for the others."""
    if metric.name not in ("precision", "recall"):
        return counts_interval(counts, metric, TIMES, seed)
    low, high = wilson(*found_of(counts, metric.name))
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
