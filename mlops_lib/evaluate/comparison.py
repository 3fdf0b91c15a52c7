"""One table of all runs on the same out-of-fold rows, and what can be concluded from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mlops_lib.evaluate.curves import run_curves
from mlops_lib.evaluate.intervals import (
    Interval,
    bootstrap_interval,
    bounds_of,
    counts_interval,
    fold_interval,
)
from mlops_lib.evaluate.judged import AnyMetric, Judged, default_ratio, joined_details
from mlops_lib.evaluate.margins import margin_of
from mlops_lib.evaluate.metrics import (
    SCORE_METRICS,
    DecisionMetric,
    Metric,
    ScoreMetric,
    decision_metric,
)
from mlops_lib.evaluate.outcomes import METRICS_OF, doing_nothing, judge_outcome, metric_of
from mlops_lib.evaluate.planned import Paired, fold_values, planned_comparisons
from mlops_lib.evaluate.ranks import ranks
from mlops_lib.evaluate.raw_scores import raw_by_fold
from mlops_lib.evaluate.score_metrics import brier, calibration_error
from mlops_lib.evaluate.sweep import Counts, counts_of, sweep_of
from mlops_lib.evaluate.verdict import Verdict, verdict
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.predictions import Predictions
from mlops_lib.objects.run import Run
from mlops_lib.objects.target import Outcome
from mlops_lib.train.ladder import recipe_title

DECISIONS: tuple[DecisionMetric, ...] = tuple(
    decision_metric(n) for n in ("f1", "f_beta:2", "mcc", "g_mean", "balanced_accuracy")
)
COMPARED: tuple[Metric, ...] = (*SCORE_METRICS, *DECISIONS)
COUNTS = ("tp", "fp", "fn", "tn")
HALF = "_at_half"


@dataclass(frozen=True, eq=False)
class Entry:
    """A run with its out-of-fold predictions and the threshold of each fold, (k,), chosen on the other folds.

    Where the folds are repeated, `further` are the predictions of the other repeats, and `thresholds` goes on with
    theirs. A run without a result (failed, cancelled) has none of these. `forward` says that the split is one in time.
    """

    run: Run
    predictions: Predictions | None = None
    thresholds: np.ndarray | None = None
    forward: bool = False
    further: tuple[Predictions, ...] = ()


@dataclass(frozen=True, eq=False)
class Judgement:
    """All runs of one split judged on the same rows: what takes time, and depends on no question asked of it.

    `table` has one row a run: `run`, `recipe`, `model`, `rung`, `state`, `reason`; for each metric its mean over the
    folds with `_low`, `_high` (95 %) and `_method`, decision metrics also `_at_half`; `threshold` (mean of the folds),
    `ece_raw`, `brier_raw` (all rows together, before calibration), `fit_seconds`, `predict_seconds_per_1000`. `folds`
    has one row a run and fold with every metric and the counts `tp fp fn tn`, both also `_at_half`, and what
    `raw_scores.py` says of its probabilities. `curves` is described in `curves.py`. `runs` are in the order of `table`;
    `ratio` is rows tested / rows trained of one fold; `threshold_rule` says how thresholds were chosen; `nothing` is
    what doing nothing gets in each metric, from which margins are made. `kind` is that of the target; for many classes
    and numbers the metrics are those of `outcomes.METRICS_OF`, and `details` are the tables of `class_judging.py` or
    `number_judging.py` by name, with a column `run`.

    A run that was made in the wrong order (`recipe.leak`) has its line, but takes no part in what is concluded: its
    values are of other rows, or too good.
    """

    runs: tuple[Run, ...]
    table: pd.DataFrame
    folds: pd.DataFrame
    curves: pd.DataFrame
    ratio: float
    threshold_rule: str
    n: int
    positives: int
    names: tuple[str, ...]
    nothing: Mapping[str, float] = field(default_factory=dict)
    kind: Outcome = "binary"
    details: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def judged(self) -> dict[str, Run]:
        """The runs that can be compared, by fingerprint: they have a result, made in the right order."""
        known = set(self.folds["run"])
        return {r.fingerprint: r for r in self.runs if r.fingerprint in known and not r.recipe.leak}


@dataclass(frozen=True, eq=False)
class Comparison:
    """What a judgement says under one metric, reference and margin.

    `table` is the judgement's, best first, with `rank`, which ties where the data cannot tell (`ranks.py`). `planned`
    is described in `planned.py`. `margin` is in the metric's own unit.
    """

    judgement: Judgement
    table: pd.DataFrame
    planned: pd.DataFrame
    verdict: Verdict
    metric: str
    margin: float
    reference: str


def comparison_table(
    entries: Sequence[Entry],
    reference: str,
    metric_name: str = "",
    margin: float | None = None,
    ratio: float | None = None,
    threshold_rule: str = "",
) -> Comparison:
    """Judge runs of one split and compare them: `judge_runs`, then `conclude`."""
    return conclude(judge_runs(entries, ratio, threshold_rule), reference, metric_name, margin)


def judge_runs(
    entries: Iterable[Entry], ratio: float | None = None, threshold_rule: str = "", seed: int = 0
) -> Judgement:
    """Judge runs of one split on the same out-of-fold rows; `entries` may be a generator, only one is held at a time.

    `ratio` is rows tested / rows trained of one fold (default 1 / (k - 1)).

    Raises
    ------
    InputError : the runs are of different splits, rows or folds. NotPossibleError : no run has a result.
    """
    runs: list[Run] = []
    judged: dict[str, Judged] = {}
    first: Predictions | None = None
    for entry in entries:
        _same_split(runs, entry.run)
        runs.append(entry.run)
        if entry.predictions is None:
            continue
        if not entry.run.recipe.leak:
            first = _same_rows(first, entry.predictions)
        judged[entry.run.fingerprint] = judge(entry, ratio, seed)
    if first is None:
        raise NotPossibleError(
            "No run has a result that can be compared yet.",
            "Train at least one recipe, or read why each run failed.",
        )
    return Judgement(
        runs=tuple(runs),
        table=pd.DataFrame([_row(run, judged.get(run.fingerprint), first.kind) for run in runs]),
        folds=pd.concat([pd.DataFrame({"run": r, **j.folds}) for r, j in judged.items()], ignore_index=True),
        curves=pd.concat([j.curves.assign(run=r) for r, j in judged.items()], ignore_index=True),
        ratio=default_ratio(int(first.fold.max()) + 1) if ratio is None else ratio,
        threshold_rule=threshold_rule,
        n=first.n,
        positives=first.positives,
        names=first.names,
        nothing=doing_nothing(first),
        kind=first.kind,
        details=joined_details(judged),
    )


def conclude(judgement: Judgement, reference: str, metric_name: str = "", margin: float | None = None) -> Comparison:
    """Planned comparisons, ranks and verdict of a judgement; takes milliseconds.

    `reference` is the fingerprint of the run that all others are compared with; `margin` is the smallest difference in
    the metric that matters, in its own unit (default `margins.margin_of`). Without a name the metric is the one that
    leads for this kind of target (`outcomes.LEADS`).
    """
    chosen = metric_of(judgement.kind, metric_name)
    smallest = margin_of(chosen, judgement.nothing) if margin is None else margin
    runs, paired = judgement.judged, paired_values(judgement, chosen.name)
    planned = planned_comparisons(runs, paired, reference, chosen, smallest)
    table = _ranked(judgement, chosen, ranks(paired, chosen.higher_is_better, smallest))
    said = verdict(runs, table, paired, planned, reference, chosen, smallest)
    return Comparison(judgement, table, planned, said, chosen.name, smallest, reference)


def paired_values(judgement: Judgement, column: str) -> Paired:
    """One column of `Judgement.folds`, run beside run, for tests of pairs."""
    return Paired(fold_values(judgement.folds, column, judgement.judged), judgement.ratio)


def _same_split(runs: Sequence[Run], other: Run) -> None:
    if runs and runs[0].split != other.split:
        raise InputError(
            f"The runs are of different splits ({runs[0].split[:7]} and {other.split[:7]}).",
            "Compare runs of one split: only the same rows in the same folds make a fair table.",
        )


def _same_rows(first: Predictions | None, other: Predictions) -> Predictions:
    """The predictions that all others must match. Raises InputError where these do not."""
    if first is None:
        return other
    alike = np.array_equal(first.row, other.row) and np.array_equal(first.fold, other.fold)
    if not (alike and np.array_equal(first.truth, other.truth)):
        raise InputError(
            f"The runs '{first.run[:7]}' and '{other.run[:7]}' were not judged on the same rows.",
            "Train both again on one split.",
        )
    return first


def judge(entry: Entry, ratio: float | None = None, seed: int = 0) -> Judged:
    """The values of one run with predictions: the mean of its folds with a corrected interval.

    Where a fold has only one class, the metrics that need two stand on all rows with a bootstrap instead; so do those
    whose value in a fold means something else.
    """
    predictions = entry.predictions
    assert predictions is not None
    if predictions.kind != "binary":
        return judge_outcome((predictions, *entry.further), ratio, seed)
    repeats, folds = (predictions, *entry.further), int(predictions.fold.max()) + 1
    thresholds = np.full(folds * len(repeats), 0.5) if entry.thresholds is None else entry.thresholds
    values = _all_folds([_fold_values(one, thresholds[k * folds :], entry) for k, one in enumerate(repeats)], folds)
    share = default_ratio(folds) if ratio is None else ratio
    swept, raw = sweep_of(predictions), sweep_of(predictions, raw=True)
    whole = {
        "threshold": float(thresholds.mean()), "ece_raw": float(calibration_error(raw)), "brier_raw": float(brier(raw)),
    }  # fmt: skip
    intervals: dict[str, Interval] = {}
    for one in COMPARED:
        if one.by_fold and np.isfinite(values[one.name]).all():
            intervals[one.name] = fold_interval(values[one.name], share, bounds_of(one))
        elif isinstance(one, ScoreMetric):
            intervals[one.name] = bootstrap_interval(swept, one, seed=seed)
        else:
            pooled = counts_of(predictions, thresholds[predictions.fold])
            intervals[one.name] = counts_interval(pooled, one, seed=seed)
    for one in DECISIONS:
        half = values[one.name + HALF]
        at_half = one.of(swept.counts.at(swept.cut_of(0.5)))
        whole[one.name + HALF] = float(half.mean() if np.isfinite(half).all() else at_half)
    return Judged(values, intervals, whole, run_curves(swept, raw))


def _all_folds(repeats: Sequence[dict[str, np.ndarray]], folds: int) -> dict[str, np.ndarray]:
    """The fold values of all repeats, one after the other; folds are numbered through."""
    joined = {name: np.concatenate([values[name] for values in repeats]) for name in repeats[0]}
    each = len(repeats[0]["fold"])
    return joined | {"fold": joined["fold"] + folds * np.repeat(np.arange(len(repeats)), each)}


def _fold_values(predictions: Predictions, thresholds: np.ndarray, entry: Entry) -> dict[str, np.ndarray]:
    """The values of the folds of one repeat."""
    rows: list[dict[str, float]] = []
    for fold in np.unique(predictions.fold[predictions.fold >= 0]):
        swept = sweep_of(predictions, predictions.fold == fold)
        own, half = (swept.counts.at(swept.cut_of(t)) for t in (float(thresholds[fold]), 0.5))
        rows.append({"fold": float(fold), **{m.name: m.of(swept) for m in SCORE_METRICS}, **_decisions(own, half)})
    values = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return values | raw_by_fold(predictions, entry.run.recipe, entry.forward)


def _decisions(own: Counts, half: Counts) -> dict[str, float]:
    named: dict[str, float] = {}
    for counts, suffix in ((own, ""), (half, HALF)):
        named |= {m.name + suffix: float(m.of(counts)) for m in DECISIONS}
        named |= {name + suffix: int(getattr(counts, name)) for name in COUNTS}
    return named


def _ranked(judgement: Judgement, by: AnyMetric, rank: Mapping[str, int]) -> pd.DataFrame:
    """The table with its ranks, best first; those of one rank by value, those without a rank last."""
    table = judgement.table.assign(rank=judgement.table["run"].map(rank).astype(np.float64))
    worth = table[by.name].where(table["rank"].notna()) * (-1.0 if by.higher_is_better else 1.0)
    return (
        table.assign(worth=worth).sort_values(["rank", "worth"], kind="stable", ignore_index=True).drop(columns="worth")
    )


def compared_metrics(kind: Outcome) -> tuple[AnyMetric, ...]:
    """The metrics that a judgement of this kind of target has columns for."""
    return COMPARED if kind == "binary" else METRICS_OF[kind]


def _row(run: Run, judged: Judged | None, kind: Outcome) -> dict[str, object]:
    failure = run.failure.message if run.failure else ("" if judged else "Not finished.")
    row: dict[str, object] = {
        "run": run.fingerprint, "recipe": recipe_title(run.recipe), "model": run.recipe.model.name,
        "rung": run.recipe.rung, "state": run.state, "reason": failure,
    }  # fmt: skip
    for one in compared_metrics(kind):
        found = judged.intervals[one.name] if judged else Interval(np.nan, np.nan, np.nan, "")
        row |= {one.name: found.value, f"{one.name}_low": found.low, f"{one.name}_high": found.high}
        row[f"{one.name}_method"] = found.method
        if one.needs_threshold:
            row[one.name + HALF] = judged.whole[one.name + HALF] if judged else np.nan
    for name in ("threshold", "ece_raw", "brier_raw"):
        row[name] = judged.whole.get(name, np.nan) if judged else np.nan
    return row | {"fit_seconds": run.fit_seconds, "predict_seconds_per_1000": run.predict_seconds_per_1000}
