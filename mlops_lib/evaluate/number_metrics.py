"""Metrics of a numeric target: one line each, functions of truth, prediction and row weights, all float64 (n,)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


def mean_squared_error(truth: np.ndarray, predicted: np.ndarray, weight: np.ndarray) -> float:
    """Mean of the squared distances."""
    return float(weight @ (truth - predicted) ** 2 / weight.sum())


def rmse(truth: np.ndarray, predicted: np.ndarray, weight: np.ndarray) -> float:
    """Root of the mean squared error."""
    return float(np.sqrt(mean_squared_error(truth, predicted, weight)))


def mae(truth: np.ndarray, predicted: np.ndarray, weight: np.ndarray) -> float:
    """Mean of the distances."""
    return float(weight @ np.abs(truth - predicted) / weight.sum())


def r2(truth: np.ndarray, predicted: np.ndarray, weight: np.ndarray) -> float:
    """1 - squared error / squared error of the rows' own mean; NaN where the truth never changes."""
    mean = weight @ truth / weight.sum()
    spread = float(weight @ (truth - mean) ** 2)
    return 1.0 - float(weight @ (truth - predicted) ** 2) / spread if spread > 0.0 else float("nan")


def median_absolute_error(truth: np.ndarray, predicted: np.ndarray, weight: np.ndarray) -> float:
    """The distance that half of the weight does not exceed; between two values their mean, as in a plain median."""
    counted = weight > 0
    distance, weight = np.abs(truth - predicted)[counted], weight[counted]
    order = np.argsort(distance)
    distance, below = distance[order], np.cumsum(weight[order])
    half = below[-1] / 2.0
    low = int(np.searchsorted(below, half * (1.0 - 1e-12), side="left"))
    high = int(np.searchsorted(below, half * (1.0 + 1e-12), side="right"))
    return float((distance[low] + distance[min(high, len(distance) - 1)]) / 2.0)


def pinball(share: float) -> Callable[[np.ndarray, np.ndarray, np.ndarray], float]:
    """The loss of which the quantile `share` is the least (Koenker & Bassett 1978, equation 3.2)."""

    def of(truth: np.ndarray, predicted: np.ndarray, weight: np.ndarray) -> float:
        above = truth - predicted
        return float(weight @ np.maximum(share * above, (share - 1.0) * above) / weight.sum())

    return of


@dataclass(frozen=True)
class NumberMetric:
    """A metric of a numeric target; `of` returns NaN where it is not defined. `in_unit`: it has the target's unit."""

    name: str
    label: str
    higher_is_better: bool
    of: Callable[[np.ndarray, np.ndarray, np.ndarray], float]
    help: str
    bounds: tuple[float, float] = (0.0, np.inf)
    in_unit: bool = True
    needs_threshold: bool = False


NUMBER_METRICS: tuple[NumberMetric, ...] = (
    NumberMetric("rmse", "RMSE", False, rmse,
                 "Typical distance between prediction and truth, in the target's own unit; large misses count most. "
                 "Lower is better."),
    NumberMetric("mae", "MAE", False, mae,
                 "Mean distance between prediction and truth, in the target's own unit. Lower is better."),
    NumberMetric("r2", "R²", True, r2,
                 "The share of the target's spread that the model explains. 0 is the mean for every row, 1 is perfect; "
                 "it can be negative.", bounds=(-np.inf, 1.0), in_unit=False),
    NumberMetric("median_absolute_error", "Median absolute error", False, median_absolute_error,
                 "Half of the predictions lie nearer to the truth than this, in the target's own unit."),
    NumberMetric("pinball_10", "Pinball loss at 0.1", False, pinball(0.1),
                 "Mean distance where predicting too much costs 9 times as much as too little. Lower is better."),
    NumberMetric("pinball_50", "Pinball loss at 0.5", False, pinball(0.5),
                 "Half of the mean distance: too much and too little cost the same. Lower is better."),
    NumberMetric("pinball_90", "Pinball loss at 0.9", False, pinball(0.9),
                 "Mean distance where predicting too little costs 9 times as much as too much. Lower is better."),
)  # fmt: skip


def number_values(truth: np.ndarray, predicted: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    """Every metric of these rows."""
    return {one.name: one.of(truth, predicted, weight) for one in NUMBER_METRICS}
