"""One run of a numeric target judged: folds, intervals, and where it misses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops_lib.evaluate.intervals import FEW_NUMBERS, Interval, drawn_interval, too_few
from mlops_lib.evaluate.judged import (
    Judged,
    by_name,
    default_ratio,
    interval_of,
    over_folds,
    weights_of,
)
from mlops_lib.evaluate.number_metrics import NUMBER_METRICS, number_values
from mlops_lib.evaluate.row_draws import row_draws
from mlops_lib.objects.predictions import Predictions

RESAMPLES = 500
CELLS = 40
"""Cells a side of the figure that counts predictions against truths."""

GROUPS = 12
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


def judge_number(repeats: Sequence[Predictions], ratio: float | None = None, seed: int = 0) -> Judged:
    """The values of one run: the mean of its folds with a corrected interval.

    `repeats` are its predictions, one for each time the folds were dealt out; what stands on all rows is of the first.
    Where a metric is not defined in a fold (the truth never changes there), it stands on all rows with a bootstrap of
    rows. `details` are "grid" (`truth_low`, `truth_high`, `predicted_low`, `predicted_high`, `rows` of every cell that
    is not empty) and "residuals" (groups of about equally many rows by prediction: `predicted` and `residual`, means,
    `rows`, and the quantiles of the residuals, truth - prediction, as `q10` .. `q90`).
    """
    predictions = repeats[0]
    numbers, folds = over_folds(repeats, _values)
    values = by_name(folds)
    whole = _values(predictions, np.ones(predictions.n, dtype=bool))
    share = default_ratio(int(predictions.fold.max()) + 1) if ratio is None else ratio
    complete = all(np.isfinite(v).all() for v in values.values())
    drawn = {} if complete else _drawn(predictions, seed)
    intervals = {
        m.name: interval_of(values[m.name], share, m.bounds, whole[m.name], drawn.get(m.name)) for m in NUMBER_METRICS
    }
    details = {"grid": grid(predictions), "residuals": residuals(predictions)}
    return Judged({"fold": numbers, **values}, intervals, {}, _NO_CURVES.copy(), details)


def number_doing_nothing(predictions: Predictions) -> dict[str, float]:
    """What every metric says of giving each row the mean of these rows."""
    weight = weights_of(predictions)
    mean = float(weight @ predictions.truth / weight.sum())
    return number_values(predictions.truth, np.full(predictions.n, mean), weight)


@dataclass(frozen=True, eq=False)
class HeldNumbers:
    """A run's hold-out in numbers: each metric with its interval, and the resamples behind it."""

    intervals: dict[str, Interval]
    drawn: dict[str, np.ndarray]


def hold_numbers(predictions: Predictions, seed: int = 0) -> HeldNumbers:
    """Judge hold-out rows; the same seed draws the same rows for every run, so that runs can be compared."""
    whole, drawn = _values(predictions, np.ones(predictions.n, dtype=bool)), _drawn(predictions, seed)
    few = too_few((predictions.n,), FEW_NUMBERS)
    return HeldNumbers({m.name: drawn_interval(whole[m.name], drawn[m.name], few) for m in NUMBER_METRICS}, drawn)


def grid(predictions: Predictions, cells: int = CELLS) -> pd.DataFrame:
    """Rows by truth and prediction in `cells` x `cells` equal cells over the range of the truth; predictions beyond it
    count in the outermost cells."""
    low, high = float(predictions.truth.min()), float(predictions.truth.max())
    width = (high - low) / cells or 1.0
    places = [_cell(values, low, width, cells) for values in (predictions.truth, predictions.score)]
    rows = np.bincount(places[0] * cells + places[1], weights_of(predictions), minlength=cells * cells)
    there = np.flatnonzero(rows > 0)
    down, across = low + width * (there // cells), low + width * (there % cells)
    return pd.DataFrame({
        "truth_low": down, "truth_high": down + width, "predicted_low": across, "predicted_high": across + width,
        "rows": rows[there],
    })  # fmt: skip


def _cell(values: np.ndarray, low: float, width: float, cells: int) -> np.ndarray:
    return np.clip(((values - low) / width).astype(np.int64), 0, cells - 1)


def residuals(predictions: Predictions, groups: int = GROUPS) -> pd.DataFrame:
    """Truth - prediction in groups of about equally many rows by prediction; equal predictions stay together."""
    order = np.argsort(predictions.score, kind="stable")
    score, apart = predictions.score[order], (predictions.truth - predictions.score)[order]
    starts = np.flatnonzero(np.diff(score, prepend=np.nan) != 0)
    rows = np.diff(np.append(starts, len(score)))
    group = ((starts + rows / 2) / len(score) * groups).astype(np.int64)
    edges = starts[np.flatnonzero(np.diff(group, prepend=-1))]
    parts = np.split(np.arange(len(score)), edges[1:])
    lines = [(score[p].mean(), apart[p].mean(), len(p), *np.quantile(apart[p], QUANTILES)) for p in parts]
    named = [f"q{round(100 * q)}" for q in QUANTILES]
    return pd.DataFrame(lines, columns=["predicted", "residual", "rows", *named])


def _values(predictions: Predictions, rows: np.ndarray) -> dict[str, float]:
    weight = weights_of(predictions)[rows]
    return number_values(predictions.truth[rows], predictions.score[rows], weight)


def _drawn(predictions: Predictions, seed: int) -> dict[str, np.ndarray]:
    weight = weights_of(predictions)
    draws = row_draws(None, predictions.n, RESAMPLES, seed)
    return by_name(number_values(predictions.truth, predictions.score, one * weight) for one in draws)


_NO_CURVES = pd.DataFrame({"curve": pd.Series(dtype="str"), "x": pd.Series(dtype=float), "y": pd.Series(dtype=float)})
