"""What judging one run gives, whatever its target."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np
import pandas as pd

from mlops_lib.evaluate.intervals import Interval, drawn_interval, fold_interval
from mlops_lib.objects.predictions import Predictions

T = TypeVar("T")


class AnyMetric(Protocol):
    """What tables, tests and words need to know of a metric, whatever it is computed from."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def higher_is_better(self) -> bool: ...
    @property
    def help(self) -> str: ...
    @property
    def needs_threshold(self) -> bool: ...


@dataclass(frozen=True, eq=False)
class Judged:
    """One run's values: per fold for every column, its intervals, and the columns that need all rows.

    `details` are further tables of a target with many classes (`class_judging.py`) or of a number
    (`number_judging.py`), by name.
    """

    folds: dict[str, np.ndarray]
    intervals: dict[str, Interval]
    whole: dict[str, float]
    curves: pd.DataFrame
    details: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def default_ratio(folds: int) -> float:
    """Rows tested / rows trained in k-fold validation."""
    return 1.0 / max(folds - 1, 1)


def joined_details(judged: Mapping[str, Judged]) -> dict[str, pd.DataFrame]:
    """The details of all runs, each table with a column `run`."""
    names = dict.fromkeys(name for one in judged.values() for name in one.details)
    return {
        name: pd.concat([j.details[name].assign(run=r) for r, j in judged.items()], ignore_index=True) for name in names
    }


def interval_of(
    folds: np.ndarray, ratio: float, bounds: tuple[float, float], whole: float, drawn: np.ndarray | None
) -> Interval:
    """From the folds where the metric is defined in all of them, else its value on all rows with the percentiles of
    resamples (`drawn`), which is approximate: the models of the folds are taken as they are."""
    if np.isfinite(folds).all():
        return fold_interval(folds, ratio, bounds)
    return drawn_interval(whole, np.empty(0) if drawn is None else drawn, approximate=True)


def weights_of(predictions: Predictions) -> np.ndarray:
    """How much each row counts, float64 (n,)."""
    return np.ones(predictions.n) if predictions.weight is None else predictions.weight.astype(np.float64)


def over_folds(
    repeats: Sequence[Predictions], of: Callable[[Predictions, np.ndarray], T]
) -> tuple[np.ndarray, list[T]]:
    """What `of` gives for the rows of every fold (a mask) of every repeat, and the folds' numbers, counted through."""
    each = int(repeats[0].fold.max()) + 1
    found = [
        (float(fold + each * place), of(one, one.fold == fold))
        for place, one in enumerate(repeats)
        for fold in np.unique(one.fold[one.fold >= 0])
    ]
    return np.array([number for number, _ in found]), [value for _, value in found]


def by_name(rows: Iterable[Mapping[str, float]]) -> dict[str, np.ndarray]:
    """Records of the same keys as one array a key."""
    listed = list(rows)
    return {name: np.array([row[name] for row in listed]) for name in listed[0]}
