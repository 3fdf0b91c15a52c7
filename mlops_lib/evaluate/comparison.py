"""One table of all runs on the same out-of-fold rows, and what can be concluded from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mlops_lib.evaluate.binary_judging import COMPARED, HALF, judge_binary
from mlops_lib.evaluate.intervals import FOLDS, Interval
from mlops_lib.evaluate.judged import AnyMetric, Judged, default_ratio, joined_details
from mlops_lib.evaluate.margins import margin_of
from mlops_lib.evaluate.metrics import Metric
from mlops_lib.evaluate.outcomes import METRICS_OF, doing_nothing, judge_outcome, metric_of, positive_rate
from mlops_lib.evaluate.planned import Paired, fold_values, planned_comparisons
from mlops_lib.evaluate.ranks import ranks
from mlops_lib.evaluate.verdict import Verdict, verdict
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.predictions import Predictions
from mlops_lib.objects.run import Run
from mlops_lib.objects.target import Outcome
from mlops_lib.train.ladder import recipe_title


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
    `ece_raw` with `_low` and `_high`, `brier_raw` (all rows together, before calibration), `fit_seconds`,
    `predict_seconds_per_1000`. `folds`
    has one row a run and fold with every metric and the counts `tp fp fn tn`, both also `_at_half`, and what
    `raw_scores.py` says of its probabilities. `curves` is described in `curves.py`. `runs` are in the order of `table`;
    `ratio` is rows tested / rows trained of one fold; `threshold_rule` says how thresholds were chosen; `nothing` is
    what doing nothing gets in each metric, from which margins are made. `kind` is that of the target; for many classes
    and numbers the metrics are those of `outcomes.METRICS_OF`, and `details` are the tables of `class_judging.py` or
    `number_judging.py` by name, with a column `run`. `also` are metrics that were asked for beside those of every
    judgement. `n` and `positives` count rows, `rate` is the share of positives by weight (`outcomes.positive_rate`).

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
    also: tuple[str, ...] = ()
    rate: float = float("nan")

    @property
    def overlap(self) -> float:
        """Rows tested in all folds of one repeat / rows trained in one: 1 + `ratio`, for one fold alone `ratio`."""
        return min(self.folds["fold"].nunique() * self.ratio, 1.0 + self.ratio)

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
    entries: Iterable[Entry],
    ratio: float | None = None,
    threshold_rule: str = "",
    seed: int = 0,
    also: Sequence[Metric] = (),
) -> Judgement:
    """Judge runs of one split on the same out-of-fold rows; `entries` may be a generator, only one is held at a time.

    `ratio` is rows tested / rows trained of one fold (default 1 / (k - 1)). `also` are metrics of two answers that get
    columns beside those of COMPARED, such as the expected cost.

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
        judged[entry.run.fingerprint] = judge(entry, ratio, seed, also)
    if first is None:
        raise NotPossibleError(
            "No run has a result that can be compared yet.",
            "Train at least one recipe, or read why each run failed.",
        )
    metrics = compared_metrics(first.kind, also)
    return Judgement(
        runs=tuple(runs),
        table=pd.DataFrame([_row(run, judged.get(run.fingerprint), metrics) for run in runs]),
        folds=pd.concat([pd.DataFrame({"run": r, **j.folds}) for r, j in judged.items()], ignore_index=True),
        curves=pd.concat([j.curves.assign(run=r) for r, j in judged.items()], ignore_index=True),
        ratio=default_ratio(int(first.fold.max()) + 1) if ratio is None else ratio,
        threshold_rule=threshold_rule,
        n=first.n,
        positives=first.positives,
        names=first.names,
        nothing=doing_nothing(first) | {m.name: m.nothing(positive_rate(first)) for m in also},
        rate=positive_rate(first),
        kind=first.kind,
        details=joined_details(judged),
        also=tuple(m.name for m in also),
    )


def conclude(
    judgement: Judgement,
    reference: str,
    metric_name: str = "",
    margin: float | None = None,
    drawn: Mapping[str, np.ndarray] | None = None,
) -> Comparison:
    """Planned comparisons, ranks and verdict of a judgement; takes milliseconds.

    `reference` is the fingerprint of the run that all others are compared with; `margin` is the smallest difference in
    the metric that matters, in its own unit (default `margins.margin_of`). Without a name the metric is the one that
    leads for this kind of target (`outcomes.LEADS`). `drawn` is the metric of each run on common resamples, for a
    metric that `needs_draws`; without it such a metric tells no two runs apart.
    """
    chosen = metric_of(judgement.kind, metric_name)
    smallest = margin_of(chosen, judgement.nothing) if margin is None else margin
    runs, paired = judgement.judged, paired_values(judgement, chosen.name, drawn)
    planned = planned_comparisons(runs, paired, reference, chosen, smallest)
    table = _ranked(judgement, chosen, ranks(paired, chosen.higher_is_better, smallest))
    said = verdict(runs, table, paired, planned, reference, chosen, smallest)
    return Comparison(judgement, table, planned, said, chosen.name, smallest, reference)


def needs_draws(judgement: Judgement, metric_name: str) -> bool:
    """Whether a metric of two answers has no value in some fold, or one that means something else than on all rows, so
    that pairs of runs have to be compared by a paired bootstrap."""
    if judgement.kind != "binary":
        return False
    lines = judgement.table.loc[judgement.table["run"].isin(list(judgement.judged)), f"{metric_name}_method"]
    return bool((lines != FOLDS).any())


def paired_values(judgement: Judgement, column: str, drawn: Mapping[str, np.ndarray] | None = None) -> Paired:
    """One column of `Judgement.folds`, run beside run, for tests of pairs; or its values on all rows with the draws."""
    runs = judgement.judged
    if f"{column}_method" in judgement.table and needs_draws(judgement, column):
        whole = judgement.table.set_index("run")[column]
        values = {run: np.array([whole[run]], dtype=np.float64) for run in runs}
        resampled = None if drawn is None else {run: drawn[run] for run in runs}
        return Paired(values, judgement.ratio, resampled, judgement.overlap)
    return Paired(fold_values(judgement.folds, column, runs), judgement.ratio)


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


def judge(entry: Entry, ratio: float | None = None, seed: int = 0, also: Sequence[Metric] = ()) -> Judged:
    """The values of one run with predictions; `also` are metrics of two answers beside those of COMPARED."""
    predictions = entry.predictions
    assert predictions is not None
    repeats = (predictions, *entry.further)
    if predictions.kind != "binary":
        return judge_outcome(repeats, ratio, seed)
    return judge_binary(repeats, entry.run.recipe, entry.thresholds, ratio, seed, entry.forward, also)


def _ranked(judgement: Judgement, by: AnyMetric, rank: Mapping[str, int]) -> pd.DataFrame:
    """The table with its ranks, best first; those of one rank by value, those without a rank last."""
    table = judgement.table.assign(rank=judgement.table["run"].map(rank).astype(np.float64))
    worth = table[by.name].where(table["rank"].notna()) * (-1.0 if by.higher_is_better else 1.0)
    return (
        table.assign(worth=worth).sort_values(["rank", "worth"], kind="stable", ignore_index=True).drop(columns="worth")
    )


def compared_metrics(kind: Outcome, also: Sequence[AnyMetric] = ()) -> tuple[AnyMetric, ...]:
    """The metrics that a judgement of this kind of target has columns for."""
    return (*COMPARED, *also) if kind == "binary" else METRICS_OF[kind]


def _row(run: Run, judged: Judged | None, metrics: Sequence[AnyMetric]) -> dict[str, object]:
    failure = run.failure.message if run.failure else ("" if judged else "Not finished.")
    row: dict[str, object] = {
        "run": run.fingerprint, "recipe": recipe_title(run.recipe), "model": run.recipe.model.name,
        "rung": run.recipe.rung, "state": run.state, "reason": failure,
    }  # fmt: skip
    for one in metrics:
        found = judged.intervals[one.name] if judged else Interval(np.nan, np.nan, np.nan, "")
        row |= {one.name: found.value, f"{one.name}_low": found.low, f"{one.name}_high": found.high}
        row[f"{one.name}_method"] = found.method
        if one.needs_threshold:
            row[one.name + HALF] = judged.whole[one.name + HALF] if judged else np.nan
    for name in ("threshold", "ece_raw", "ece_raw_low", "ece_raw_high", "brier_raw"):
        row[name] = judged.whole.get(name, np.nan) if judged else np.nan
    return row | {"fit_seconds": run.fit_seconds, "predict_seconds_per_1000": run.predict_seconds_per_1000}
