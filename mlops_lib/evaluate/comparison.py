"""One table of all runs on the same out-of-fold rows, and what can be concluded from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mlops_lib.evaluate.curves import calibration_error
from mlops_lib.evaluate.intervals import (
    Interval,
    bootstrap_interval,
    bounds_of,
    counts_interval,
    fold_interval,
)
from mlops_lib.evaluate.metrics import (
    SCORE_METRICS,
    DecisionMetric,
    Metric,
    ScoreMetric,
    brier,
    decision_metric,
    metric,
)
from mlops_lib.evaluate.planned import planned_comparisons
from mlops_lib.evaluate.simplicity import complexity, recipe_label
from mlops_lib.evaluate.sweep import Counts, counts_at, sweep_of
from mlops_lib.evaluate.verdict import Verdict, verdict
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.predictions import Predictions
from mlops_lib.objects.run import Run

DECISIONS: tuple[DecisionMetric, ...] = tuple(decision_metric(n) for n in ("f1", "mcc", "balanced_accuracy"))
COMPARED: tuple[Metric, ...] = (*SCORE_METRICS, *DECISIONS)
HALF = "_at_half"
MARGIN = 0.01


@dataclass(frozen=True, eq=False)
class Entry:
    """A run with its out-of-fold predictions and the threshold of each fold, (k,), chosen on the other folds.

    A run without a result (failed, cancelled) has neither.
    """

    run: Run
    predictions: Predictions | None = None
    thresholds: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Comparison:
    """All runs of one split side by side.

    `table` has one row a run, complete ones first: `run`, `recipe`, `model`, `rung`, `state`, `reason`, `rank` (runs
    that are better by more than `margin` on `metric`, plus one), for each metric its mean over the folds with `_low`,
    `_high` and `_method`, decision metrics also `_at_half`; `threshold` (mean of the folds), `ece`, `ece_raw`,
    `brier_raw` (all rows together, after and before calibration), `fit_seconds`, `predict_seconds_per_1000`.
    `folds` has one row a run and fold with the value of every metric. `planned` is described in `planned.py`.
    """

    table: pd.DataFrame
    folds: pd.DataFrame
    planned: pd.DataFrame
    verdict: Verdict
    metric: str
    margin: float
    reference: str
    threshold_rule: str
    n: int
    positives: int
    names: tuple[str, str]


@dataclass(frozen=True, eq=False)
class Judged:
    """One run's values: per fold for every column, its intervals, and the columns that need all rows."""

    folds: dict[str, np.ndarray]
    intervals: dict[str, Interval]
    whole: dict[str, float] = field(default_factory=dict)


def comparison_table(
    entries: Sequence[Entry],
    reference: str,
    metric_name: str = "average_precision",
    margin: float = MARGIN,
    ratio: float | None = None,
    threshold_rule: str = "",
    seed: int = 0,
) -> Comparison:
    """Judge and compare runs of one split.

    `reference` is the fingerprint of the run that all others are compared with; `ratio` rows tested / rows trained of
    one fold (default 1 / (k - 1)); `threshold_rule` says in words how the thresholds were chosen.

    Raises
    ------
    InputError : the runs are of different splits, rows or folds. NotPossibleError : no run has a result.
    """
    complete = [e for e in entries if e.predictions is not None]
    if not complete:
        raise NotPossibleError("No run has a result yet.", "Train at least one recipe, or read why each run failed.")
    _same_rows([e.run for e in entries], [e.predictions for e in complete if e.predictions is not None])
    judged = {e.run.fingerprint: judge(e, ratio, seed) for e in complete}
    runs = {e.run.fingerprint: e.run for e in complete}
    chosen = metric(metric_name)
    folds = _fold_frame(judged)
    planned = planned_comparisons(runs, folds, reference, chosen, margin, ratio)
    table = _table(entries, judged, chosen, margin)
    first = complete[0].predictions
    assert first is not None
    said = verdict(runs, table, folds, planned, reference, chosen, margin, ratio)
    return Comparison(
        table,
        folds,
        planned,
        said,
        metric_name,
        margin,
        reference,
        threshold_rule,
        first.n,
        first.positives,
        first.names,
    )


def _same_rows(runs: Sequence[Run], predictions: Sequence[Predictions]) -> None:
    splits = sorted({r.split for r in runs})
    if len(splits) > 1:
        raise InputError(
            f"The runs are of {len(splits)} different splits ({', '.join(s[:7] for s in splits)}).",
            "Compare runs of one split: only the same rows in the same folds make a fair table.",
        )
    first = predictions[0]
    for other in predictions[1:]:
        alike = np.array_equal(first.row, other.row) and np.array_equal(first.fold, other.fold)
        if not (alike and np.array_equal(first.truth, other.truth)):
            raise InputError(
                f"The runs '{first.run[:7]}' and '{other.run[:7]}' were not judged on the same rows.",
                "Train both again on one split.",
            )


def judge(entry: Entry, ratio: float | None = None, seed: int = 0) -> Judged:
    """The values of one run with predictions: the mean of its folds with a corrected interval.

    Where a fold has only one class, the metrics that need two stand on all rows with a bootstrap instead.
    """
    predictions = entry.predictions
    assert predictions is not None
    thresholds = np.full(int(predictions.fold.max()) + 1, 0.5) if entry.thresholds is None else entry.thresholds
    values = _fold_values(predictions, thresholds)
    share = default_ratio(len(values["fold"])) if ratio is None else ratio
    swept, raw = sweep_of(predictions), sweep_of(predictions, raw=True)
    whole = {
        "threshold": float(thresholds.mean()), "ece": calibration_error(swept), "ece_raw": calibration_error(raw),
        "brier_raw": brier(raw),
    }  # fmt: skip
    intervals: dict[str, Interval] = {}
    for one in COMPARED:
        if np.isfinite(values[one.name]).all():
            intervals[one.name] = fold_interval(values[one.name], share, bounds_of(one))
        elif isinstance(one, ScoreMetric):
            intervals[one.name] = bootstrap_interval(swept, one, seed=seed)
        else:
            pooled = counts_at(predictions.truth, predictions.score, thresholds[predictions.fold])
            intervals[one.name] = counts_interval(pooled, one, seed=seed)
    for one in DECISIONS:
        half = values[one.name + HALF]
        at_half = one.of(swept.counts.at(swept.cut_of(0.5)))
        whole[one.name + HALF] = float(half.mean() if np.isfinite(half).all() else at_half)
    return Judged(values, intervals, whole)


def default_ratio(folds: int) -> float:
    """Rows tested / rows trained in k-fold validation."""
    return 1.0 / max(folds - 1, 1)


def _fold_values(predictions: Predictions, thresholds: np.ndarray) -> dict[str, np.ndarray]:
    rows: list[dict[str, float]] = []
    for fold in np.unique(predictions.fold[predictions.fold >= 0]):
        swept = sweep_of(predictions, predictions.fold == fold)
        own, half = (swept.counts.at(swept.cut_of(t)) for t in (float(thresholds[fold]), 0.5))
        rows.append({"fold": float(fold), **{m.name: m.of(swept) for m in SCORE_METRICS}, **_decisions(own, half)})
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _decisions(own: Counts, half: Counts) -> dict[str, float]:
    at_own = {m.name: float(m.of(own)) for m in DECISIONS}
    return {**at_own, **{m.name + HALF: float(m.of(half)) for m in DECISIONS}}


def _fold_frame(judged: dict[str, Judged]) -> pd.DataFrame:
    return pd.concat([pd.DataFrame({"run": run, **one.folds}) for run, one in judged.items()], ignore_index=True)


def _table(entries: Sequence[Entry], judged: dict[str, Judged], by: Metric, margin: float) -> pd.DataFrame:
    rows = [_row(e, judged.get(e.run.fingerprint)) for e in entries]
    table = pd.DataFrame(rows)
    value = table[by.name].to_numpy(dtype=np.float64) * (1.0 if by.higher_is_better else -1.0)
    beaten_by = (value[None, :] > value[:, None] + margin).sum(axis=1)
    table.insert(0, "rank", np.where(np.isnan(value), np.nan, beaten_by + 1.0))
    simple = [complexity(e.run.recipe) for e in entries]
    order = sorted(range(len(rows)), key=lambda i: (np.isnan(value[i]), beaten_by[i], simple[i], i))
    return table.iloc[order].reset_index(drop=True)


def _row(entry: Entry, judged: Judged | None) -> dict[str, object]:
    run = entry.run
    failure = run.failure.message if run.failure else ("" if judged else "Not finished.")
    row: dict[str, object] = {
        "run": run.fingerprint, "recipe": recipe_label(run.recipe), "model": run.recipe.model.name,
        "rung": run.recipe.rung, "state": run.state, "reason": failure,
    }  # fmt: skip
    for one in COMPARED:
        found = judged.intervals[one.name] if judged else Interval(np.nan, np.nan, np.nan, "")
        row |= {one.name: found.value, f"{one.name}_low": found.low, f"{one.name}_high": found.high}
        row[f"{one.name}_method"] = found.method
        if one.needs_threshold:
            row[one.name + HALF] = judged.whole[one.name + HALF] if judged else np.nan
    for name in ("threshold", "ece", "ece_raw", "brier_raw"):
        row[name] = judged.whole[name] if judged else np.nan
    return row | {"fit_seconds": run.fit_seconds, "predict_seconds_per_1000": run.predict_seconds_per_1000}
