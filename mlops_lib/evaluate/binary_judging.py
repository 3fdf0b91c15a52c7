"""One run of a target with two answers, judged on its folds: every metric with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mlops_lib.evaluate.curves import run_curves
from mlops_lib.evaluate.intervals import (
    Interval,
    bootstrap_interval,
    bounds_of,
    counts_interval,
    fold_interval,
    grouped,
)
from mlops_lib.evaluate.judged import Judged, default_ratio
from mlops_lib.evaluate.metrics import SCORE_METRICS, DecisionMetric, Metric, ScoreMetric, decision_metric, metric
from mlops_lib.evaluate.raw_scores import raw_by_fold
from mlops_lib.evaluate.score_metrics import brier, calibration_error
from mlops_lib.evaluate.sweep import Counts, Sweep, counts_of, sweep_of
from mlops_lib.objects.predictions import Predictions
from mlops_lib.objects.recipe import Recipe

DECISIONS: tuple[DecisionMetric, ...] = tuple(
    decision_metric(n) for n in ("f1", "f_beta:2", "mcc", "g_mean", "balanced_accuracy")
)
COMPARED: tuple[Metric, ...] = (*SCORE_METRICS, *DECISIONS)
COUNTS = ("tp", "fp", "fn", "tn")
HALF = "_at_half"

TIMES, GROUPS = 200, 256
"""Resamples, and groups of neighbouring scores, behind an interval that folds cannot give: quick enough for a table of
many runs. Tests of pairs draw more (`bootstrap.py`)."""


def judge_binary(
    repeats: Sequence[Predictions],
    recipe: Recipe,
    thresholds: np.ndarray | None = None,
    ratio: float | None = None,
    seed: int = 0,
    forward: bool = False,
    also: Sequence[Metric] = (),
) -> Judged:
    """The values of one run: the mean of its folds with a corrected interval.

    `repeats` are its predictions, once for each repeat of the folds; `thresholds` (folds x repeats,) default to 0.5;
    `also` are metrics beside those of COMPARED. Where a fold has only one class, the metrics that need two stand on all
    rows with a bootstrap instead; so do those whose value in a fold means something else.
    """
    predictions, folds = repeats[0], int(repeats[0].fold.max()) + 1
    at = np.full(folds * len(repeats), 0.5) if thresholds is None else thresholds
    decisions = (*DECISIONS, *(m for m in also if isinstance(m, DecisionMetric)))
    scores = (*SCORE_METRICS, *(m for m in also if isinstance(m, ScoreMetric)))
    values = _all_folds([
        _fold_values(one, at[k * folds :], scores, decisions) | raw_by_fold(one, recipe, forward)
        for k, one in enumerate(repeats)
    ], folds)  # fmt: skip
    swept, raw = sweep_of(predictions), sweep_of(predictions, raw=True)
    pooled = counts_of(predictions, at[predictions.fold])
    share = default_ratio(folds) if ratio is None else ratio
    whole = {
        "threshold": float(at.mean()), "ece_raw": float(calibration_error(raw)), "brier_raw": float(brier(raw)),
    }  # fmt: skip
    for one in decisions:
        half = values[one.name + HALF]
        at_half = one.of(swept.counts.at(swept.cut_of(0.5)))
        whole[one.name + HALF] = float(half.mean() if np.isfinite(half).all() else at_half)
    metrics: tuple[Metric, ...] = (*scores, *decisions)
    intervals = {m.name: _interval(m, values[m.name], share, swept, pooled, seed) for m in metrics}
    before = _drawn(metric("ece"), raw, seed)
    whole |= {"ece_raw_low": before.low, "ece_raw_high": before.high}
    return Judged(values, intervals, whole, run_curves(swept, raw))


def _interval(one: Metric, folds: np.ndarray, ratio: float, swept: Sweep, pooled: Counts, seed: int) -> Interval:
    if one.by_fold and np.isfinite(folds).all():
        return fold_interval(folds, ratio, bounds_of(one))
    if isinstance(one, ScoreMetric):
        return _drawn(one, swept, seed)
    return counts_interval(pooled, one, times=TIMES, seed=seed)


def _drawn(one: Metric, swept: Sweep, seed: int) -> Interval:
    assert isinstance(one, ScoreMetric)
    drawn = bootstrap_interval(grouped(swept, GROUPS), one, times=TIMES, seed=seed)
    return replace(drawn, value=one.of(swept))


def _all_folds(repeats: Sequence[dict[str, np.ndarray]], folds: int) -> dict[str, np.ndarray]:
    """The fold values of all repeats, one after the other; folds are numbered through."""
    joined = {name: np.concatenate([values[name] for values in repeats]) for name in repeats[0]}
    each = len(repeats[0]["fold"])
    return joined | {"fold": joined["fold"] + folds * np.repeat(np.arange(len(repeats)), each)}


def _fold_values(
    predictions: Predictions,
    thresholds: np.ndarray,
    scores: Sequence[ScoreMetric],
    decisions: Sequence[DecisionMetric],
) -> dict[str, np.ndarray]:
    """The values of the folds of one repeat."""
    rows: list[dict[str, float]] = []
    for fold in np.unique(predictions.fold[predictions.fold >= 0]):
        swept = sweep_of(predictions, predictions.fold == fold)
        own, half = (swept.counts.at(swept.cut_of(t)) for t in (float(thresholds[fold]), 0.5))
        rows.append({
            "fold": float(fold), **{m.name: m.of(swept) for m in scores},
            **_decided(own, decisions, ""), **_decided(half, decisions, HALF),
        })  # fmt: skip
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _decided(counts: Counts, decisions: Sequence[DecisionMetric], suffix: str) -> dict[str, float]:
    named = {m.name + suffix: float(m.of(counts)) for m in decisions}
    return named | {name + suffix: float(getattr(counts, name)) for name in COUNTS}
