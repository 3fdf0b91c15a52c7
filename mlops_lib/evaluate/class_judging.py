"""One run with many classes judged: folds, intervals, every class for itself, and who is taken for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops_lib.evaluate.class_metrics import BY_CLASS, CLASS_METRICS, ClassSums, class_rows, class_sums
from mlops_lib.evaluate.curves import RELIABILITY, RELIABILITY_RAW, reliability
from mlops_lib.evaluate.intervals import Interval, drawn_interval, too_few
from mlops_lib.evaluate.judged import (
    Judged,
    by_name,
    default_ratio,
    interval_of,
    over_folds,
    weights_of,
)
from mlops_lib.evaluate.row_draws import row_draws
from mlops_lib.objects.predictions import Predictions

RESAMPLES = 500


def judge_classes(repeats: Sequence[Predictions], ratio: float | None = None, seed: int = 0) -> Judged:
    """The values of one run: the mean of its folds with a corrected interval, for each metric and for each class.

    `repeats` are its predictions, one for each time the folds were dealt out; what stands on all rows is of the first.
    Where a fold lacks a class, the metrics that need it stand on all rows with a stratified bootstrap instead.
    `details` are "per_class" (`label`, `rows`, `metric`, `value`, `low`, `high`, `method`) and "confusion" (`truth`,
    `decided`, `rows`: sums of weights where rows have some).
    """
    predictions = repeats[0]
    numbers, folds = over_folds(repeats, _sums)
    whole = _sums(predictions)
    values = by_name({m.name: m.of(one) for m in CLASS_METRICS} for one in folds)
    share = default_ratio(int(predictions.fold.max()) + 1) if ratio is None else ratio
    by_class = {name: np.array([of(one) for one in folds]) for name, of in BY_CLASS.items()}
    complete = all(np.isfinite(v).all() for v in (*values.values(), *by_class.values()))
    drawn = [] if complete else drawn_sums(predictions, RESAMPLES, seed)
    intervals = {
        m.name: interval_of(values[m.name], share, m.bounds, m.of(whole), np.array([m.of(d) for d in drawn]))
        for m in CLASS_METRICS
    }
    raw = _sums(predictions, raw=True)
    details = {
        "per_class": _per_class(predictions.names, whole, by_class, drawn, share),
        "confusion": confusion_table(whole),
    }
    return Judged(
        {"fold": numbers, **values}, intervals, {"ece_raw": raw.ece, "brier_raw": raw.brier},
        _reliability(predictions), details,
    )  # fmt: skip


def classes_doing_nothing(predictions: Predictions) -> dict[str, float]:
    """What every metric says of giving each row the shares of the classes; the calibration error, 0 there, on the scale
    of always being sure of the most frequent class."""
    weight = weights_of(predictions)
    shares = np.bincount(predictions.truth, weight, minlength=predictions.classes) / weight.sum()
    sums = class_sums(class_rows(predictions.truth, np.tile(shares, (predictions.n, 1))), weight)
    return {**{m.name: m.of(sums) for m in CLASS_METRICS}, "ece": 1.0 - float(shares.max())}


@dataclass(frozen=True, eq=False)
class HeldClasses:
    """A run's hold-out in numbers: each metric with its interval, the resamples behind it, and the sums of all rows."""

    intervals: dict[str, Interval]
    drawn: dict[str, np.ndarray]
    whole: ClassSums
    sums: list[ClassSums]


def hold_classes(predictions: Predictions, seed: int = 0) -> HeldClasses:
    """Judge hold-out rows; the same seed draws the same rows for every run, so that runs can be compared."""
    whole, drawn = _sums(predictions), drawn_sums(predictions, RESAMPLES, seed)
    of = {m.name: np.array([m.of(one) for one in drawn]) for m in CLASS_METRICS}
    few = too_few(tuple(int(n) for n in np.bincount(predictions.truth, minlength=predictions.classes)))
    intervals = {m.name: drawn_interval(m.of(whole), of[m.name], few, m.biased, m.bounds) for m in CLASS_METRICS}
    return HeldClasses(intervals, of, whole, drawn)


def per_class_held(held: HeldClasses, names: Sequence[str]) -> pd.DataFrame:
    """The "per_class" table of a hold-out."""
    nowhere = {name: np.full((1, len(names)), np.nan) for name in BY_CLASS}
    return _per_class(names, held.whole, nowhere, held.sums, 0.0)


def drawn_sums(predictions: Predictions, times: int, seed: int) -> list[ClassSums]:
    """The sums of stratified resamples of all rows."""
    rows, weight = class_rows(predictions.truth, predictions.score).grouped(), weights_of(predictions)
    draws = row_draws(predictions.truth, predictions.n, times, seed)
    return [class_sums(rows, one * weight) for one in draws]


def _sums(predictions: Predictions, rows: np.ndarray | None = None, raw: bool = False) -> ClassSums:
    chosen = np.ones(predictions.n, dtype=bool) if rows is None else rows
    score = predictions.raw if raw else predictions.score
    return class_sums(class_rows(predictions.truth[chosen], score[chosen]), weights_of(predictions)[chosen])


def _per_class(
    names: Sequence[str],
    whole: ClassSums,
    folds: dict[str, np.ndarray],
    drawn: Sequence[ClassSums],
    ratio: float,
) -> pd.DataFrame:
    lines = []
    for name, of in BY_CLASS.items():
        values, resamples = of(whole), np.array([of(one) for one in drawn])
        for code, label in enumerate(names):
            own = resamples[:, code] if len(resamples) else None
            found = interval_of(folds[name][:, code], ratio, (0.0, 1.0), float(values[code]), own)
            lines.append((label, float(whole.support[code]), name, found.value, found.low, found.high, found.method))
    return pd.DataFrame(lines, columns=["label", "rows", "metric", "value", "low", "high", "method"])


def confusion_table(sums: ClassSums) -> pd.DataFrame:
    """Codes of `truth` and `decided` with the `rows` (or weight) of each cell."""
    truth, decided = np.indices(sums.confusion.shape)
    return pd.DataFrame({"truth": truth.ravel(), "decided": decided.ravel(), "rows": sums.confusion.ravel()})


def _reliability(predictions: Predictions) -> pd.DataFrame:
    """Confidence against how often it was right, after and before calibration, in the form of `curves.run_curves`."""
    parts = []
    for name, score in ((RELIABILITY, predictions.score), (RELIABILITY_RAW, predictions.raw)):
        rows = class_rows(predictions.truth, score)
        bins = reliability(rows.top.swept(rows.truth == rows.decided, weights_of(predictions)))
        parts.append(pd.DataFrame({
            "curve": name, "x": bins["predicted"], "y": bins["observed"], "low": bins["observed_low"],
            "high": bins["observed_high"], "n": bins["n"].astype(np.float64),
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)
