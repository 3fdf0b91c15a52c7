"""Curves from counts: ROC, precision-recall and reliability, thinned for drawing without losing their shape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops_lib.evaluate.decision_metrics import precision
from mlops_lib.evaluate.intervals import wilson
from mlops_lib.evaluate.score_metrics import BINS, bins_of
from mlops_lib.evaluate.sweep import Sweep

POINTS = 400


@dataclass(frozen=True, eq=False)
class Curve:
    """Points of a curve from the highest threshold to the lowest; arrays of shape (m,)."""

    x: np.ndarray
    y: np.ndarray
    threshold: np.ndarray


def roc_curve(swept: Sweep, most: int = POINTS) -> Curve:
    """Share of negatives flagged (x) against share of positives found (y). NaN where a class is missing."""
    counts = swept.counts
    x = counts.fp / swept.negatives if swept.negatives else np.full(counts.fp.shape, np.nan)
    y = counts.tp / swept.positives if swept.positives else np.full(counts.tp.shape, np.nan)
    return thinned(Curve(x[::-1], y[::-1], swept.thresholds[::-1]), most)


def precision_recall_curve(swept: Sweep, most: int = POINTS) -> Curve:
    """Share of positives found (x) against share of alarms that are right (y), from the first alarm on."""
    counts = swept.counts.at(slice(0, -1))  # type: ignore[arg-type]
    x = counts.tp / swept.positives if swept.positives else np.full(counts.tp.shape, np.nan)
    return thinned(Curve(x[::-1], precision(counts)[::-1], swept.thresholds[:-1][::-1]), most)


def thinned(curve: Curve, most: int = POINTS) -> Curve:
    """At most `most` points, at equal steps of the way along the curve, its ends among them.

    The way is |dx| + |dy|, so no point that is left out lies further than (way / (most - 1)) from one that stays.
    """
    if len(curve.x) <= most:
        return curve
    way = np.cumsum(np.abs(np.diff(curve.x, prepend=curve.x[0])) + np.abs(np.diff(curve.y, prepend=curve.y[0])))
    stops = np.linspace(0.0, way[-1], most)
    kept = np.unique(np.concatenate(([0], np.searchsorted(way, stops[1:-1], side="left"), [len(way) - 1])))
    return Curve(curve.x[kept], curve.y[kept], curve.threshold[kept])


def reliability(swept: Sweep, bins: int = BINS) -> pd.DataFrame:
    """What was predicted against what happened, in at most `bins` bins of about equally many rows.

    Equal scores stay in one bin. Columns: `low`, `high` (scores in the bin), `predicted` (mean score), `observed`
    (share of positives), `observed_low`, `observed_high` (95 % Wilson interval), `n`, `positives`. Weighted rows count
    by their weight, and the interval stands on their effective number (Kish 1965).
    """
    rows = swept.positives_at + swept.negatives_at
    first = np.flatnonzero(np.diff(bins_of(swept, bins), prepend=-1))
    last = np.append(first[1:], len(rows)) - 1
    n, positives = np.add.reduceat(rows, first), np.add.reduceat(swept.positives_at, first)
    low, high = _share_interval(swept, first, positives, n)
    predicted = np.add.reduceat(swept.levels * rows, first) / n
    return pd.DataFrame({
        "low": swept.levels[first], "high": swept.levels[last], "predicted": predicted, "observed": positives / n,
        "observed_low": low, "observed_high": high, "n": n, "positives": positives,
    })  # fmt: skip


def _share_interval(
    swept: Sweep, first: np.ndarray, positives: np.ndarray, n: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    if swept.squares is None:
        return wilson(positives, n)
    effective = n**2 / np.add.reduceat(swept.squares.positives_at + swept.squares.negatives_at, first)
    return wilson(positives / n * effective, effective)


ROC, PRECISION_RECALL, RELIABILITY, RELIABILITY_RAW = "roc", "precision_recall", "reliability", "reliability_raw"


def run_curves(swept: Sweep, raw: Sweep) -> pd.DataFrame:
    """All curves of one run in one table: `curve` (ROC, PRECISION_RECALL, RELIABILITY, RELIABILITY_RAW), `x`, `y`,
    `threshold` (NaN for reliability) and, for reliability, `low`, `high`, `n` of each bin (NaN elsewhere).

    `swept` holds calibrated scores, `raw` those before calibration.
    """
    lines = {ROC: roc_curve(swept), PRECISION_RECALL: precision_recall_curve(swept)}
    parts = [pd.DataFrame({"curve": name, "x": c.x, "y": c.y, "threshold": c.threshold}) for name, c in lines.items()]
    for name, scores in ((RELIABILITY, swept), (RELIABILITY_RAW, raw)):
        bins = reliability(scores)
        parts.append(pd.DataFrame({
            "curve": name, "x": bins["predicted"], "y": bins["observed"], "low": bins["observed_low"],
            "high": bins["observed_high"], "n": bins["n"].astype(np.float64),
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)
