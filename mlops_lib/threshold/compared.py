"""From stored runs to their comparison and to what the hold-out says: the work behind the Compare page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from mlops_lib.evaluate.binary_judging import COMPARED
from mlops_lib.evaluate.bootstrap import replicates
from mlops_lib.evaluate.comparison import Comparison, Entry, Judgement, conclude, judge_runs, needs_draws
from mlops_lib.evaluate.hold_out import HoldOutResult, judge_hold_out
from mlops_lib.evaluate.hold_out_outcomes import judge_outcome_hold_out
from mlops_lib.evaluate.metrics import METRICS, Metric, expected_cost
from mlops_lib.evaluate.metrics import metric as metric_named
from mlops_lib.evaluate.outcomes import metric_of
from mlops_lib.objects.decision import Best, Cost, Policy
from mlops_lib.objects.errors import NotFoundError, NotPossibleError
from mlops_lib.objects.experiment import Experiment
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.run import Run
from mlops_lib.objects.split import SplitPlan
from mlops_lib.threshold.choosing import choose, thresholds_by_fold
from mlops_lib.threshold.policies import said, without_currency
from mlops_lib.train.holdout import predict_hold_out
from mlops_lib.train.runs import load_run, out_of_fold, repeats_of, run_fingerprint
from mlops_lib.workspace import codec
from mlops_lib.workspace.folder import Workspace

DEFAULT_POLICY = Best("f1")
QUICK_ROWS = 400_000


def judge_stored(
    workspace: Workspace,
    runs: Sequence[Run],
    policy: Policy = DEFAULT_POLICY,
    emit: Callable[[object], None] | None = None,
    also: Sequence[str] = (),
) -> Judgement:
    """Judge stored runs on their out-of-fold rows, each at its own threshold under one policy.

    For each fold the threshold is chosen on the other folds. Runs without a result become lines with their reason.
    Raises InputError for runs of different splits and NotPossibleError where no run has a result or there are fewer
    than two folds.
    """
    if not runs:
        raise NotPossibleError("There is no run to compare.", "Train at least one recipe.")
    plan = workspace.get(SplitPlan, runs[0].split)
    entries = _entries(workspace, runs, policy, plan.kind == "time", emit)
    known = {m.name for m in COMPARED}
    more = dict.fromkeys(m for m in (*costs_of(policy), *map(metric_named, also)) if m.name not in known)
    return judge_runs(entries, tested_to_trained(plan), said(policy), also=tuple(more))


def compare_runs(
    workspace: Workspace,
    runs: Sequence[Run],
    reference: str,
    policy: Policy = DEFAULT_POLICY,
    metric: str = "",
    margin: float | None = None,
) -> Comparison:
    """Compare stored runs: `judge_stored`, then `conclude`. `reference` is a run's fingerprint.

    `margin` is in the metric's own unit.
    """
    judgement = judge_stored(workspace, runs, policy, also=built(metric))
    chosen = metric_of(judgement.kind, metric).name
    drawn = draw_stored(workspace, runs, chosen, policy) if needs_draws(judgement, chosen) else None
    return conclude(judgement, reference, chosen, margin, drawn)


def draw_stored(
    workspace: Workspace,
    runs: Sequence[Run],
    metric: str,
    policy: Policy = DEFAULT_POLICY,
    emit: Callable[[object], None] | None = None,
) -> dict[str, np.ndarray]:
    """A metric of each run on the same 1,000 resamples of all out-of-fold rows, for the paired bootstrap of `conclude`.

    Runs without a result, and those made in the wrong order, are left out.
    """
    tell = emit or (lambda _: None)
    drawn: dict[str, np.ndarray] = {}
    judged = [run for run in runs if run.state == "complete" and not run.recipe.leak]
    for done, run in enumerate(judged):
        tell(Progress(done, len(judged), "Drawing the rows again"))
        entry = entry_of(workspace, run, policy)
        if entry.predictions is not None and entry.thresholds is not None:
            at = entry.thresholds[: int(entry.predictions.fold.max()) + 1]
            one = metric_named(metric)
            drawn[run.fingerprint] = replicates(entry.predictions, [one], threshold=at)[one.name]
    return drawn


def is_quick(plan: SplitPlan, runs: int) -> bool:
    """Whether judging so many runs takes well under half a second (measured: 0.35 s for 21 runs of 22,000 rows)."""
    return len(plan.training_rows()) * plan.repeats * runs <= QUICK_ROWS


def _entries(
    workspace: Workspace, runs: Sequence[Run], policy: Policy, forward: bool, emit: Callable[[object], None] | None
) -> Iterable[Entry]:
    for done, run in enumerate(runs):
        if emit is not None:
            emit(Progress(done, len(runs), "Judging the runs on the same rows"))
        yield replace(entry_of(workspace, run, policy), forward=forward)


def entry_of(workspace: Workspace, run: Run, policy: Policy) -> Entry:
    """A stored run with its predictions and the threshold of each fold of each repeat, chosen on the other folds of
    that repeat (in a split in time on earlier ones); without both where it has no result."""
    if run.state != "complete":
        return Entry(run)
    repeats, forward = repeats_of(workspace, run), workspace.get(SplitPlan, run.split).kind == "time"
    if repeats[0].kind != "binary":
        return Entry(run, repeats[0], None, forward, repeats[1:])
    thresholds = [thresholds_by_fold(one, policy, run.calibrator.odds, forward) for one in repeats]
    return Entry(run, repeats[0], np.concatenate(thresholds), forward, repeats[1:])


def tested_to_trained(plan: SplitPlan) -> float:
    """Rows tested / rows trained, the mean of the folds: what the corrected resampled t needs."""
    shares = [len(plan.validation_rows(f)) / len(plan.fold_training_rows(f)) for f in range(plan.folds)]
    return float(np.mean(shares))


def open_hold_out(
    workspace: Workspace, run: Run, reference: Run | None, policy: Policy = DEFAULT_POLICY, seed: int = 0
) -> HoldOutResult:
    """What the hold-out says of a run and its reference, each at the threshold that the policy chose out-of-fold.

    It does not write the opening down: whoever lets somebody look does (`evaluate/openings.py`).
    """
    chosen = predict_hold_out(workspace, run)
    other = predict_hold_out(workspace, reference) if reference is not None else None
    if chosen.kind != "binary":
        return judge_outcome_hold_out(chosen, other, seed)
    threshold = _own_threshold(workspace, run, policy)
    if reference is None or other is None:
        return judge_hold_out(chosen, threshold, None, None, seed, judged_by(policy))
    own = _own_threshold(workspace, reference, policy)
    return judge_hold_out(chosen, threshold, other, own, seed, judged_by(policy))


def judged_by(policy: Policy) -> tuple[Metric, ...]:
    """The metrics of a hold-out: all, and the expected cost where the policy names costs."""
    return (*METRICS, *costs_of(policy))


def costs_of(policy: Policy) -> tuple[Metric, ...]:
    """The expected cost, where the policy names costs."""
    return (expected_cost(policy.miss, policy.false_alarm),) if isinstance(policy, Cost) else ()


def _own_threshold(workspace: Workspace, run: Run, policy: Policy) -> float:
    return choose(out_of_fold(workspace, run), policy, resamples=0, odds=run.calibrator.odds).threshold


def stored_runs(workspace: Workspace, experiment: Experiment) -> tuple[Run, ...]:
    """The runs of an experiment that are there so far, complete or failed, in recipe order."""
    return tuple(_found(workspace, [run_fingerprint(experiment, recipe) for recipe in experiment.recipes]))


def _found(workspace: Workspace, fingerprints: Sequence[str]) -> Iterator[Run]:
    for fingerprint in fingerprints:
        with suppress(NotFoundError):
            yield load_run(workspace, fingerprint)


def reference_run(experiment: Experiment) -> str:
    """Fingerprint of the run of the experiment's reference recipe, "" where that recipe is not in it."""
    named = (r for r in experiment.recipes if r.fingerprint == experiment.reference)
    return next((run_fingerprint(experiment, recipe) for recipe in named), "")


def comparison_spec(runs: Sequence[Run], policy: Policy, metric: str = "") -> dict[str, Any]:
    """The spec of the job kind "comparison". A run that failed and was trained again is another state.

    `metric` is the one that decides; where it is built from numbers, it gets columns of its own.
    """
    named = [[run.fingerprint, run.state] for run in runs]
    return {"runs": named, "policy": codec.to_json(policy), **({"also": also} if (also := built(metric)) else {})}


def built(name: str) -> list[str]:
    """The metric as a list, where it is not among those that every judgement of two answers has."""
    return [name] if ":" in name and name not in {m.name for m in COMPARED} else []


def comparison_work(
    workspace: Workspace, spec: Mapping[str, Any], emit: Callable[[object], None] | None = None
) -> Judgement:
    """The job kind "comparison"; for few rows it may as well be called at once."""
    runs = [load_run(workspace, fingerprint) for fingerprint, _ in spec["runs"]]
    return judge_stored(workspace, runs, codec.from_json(spec["policy"]), emit, spec.get("also", ()))


def draws_spec(runs: Sequence[Run], policy: Policy, metric: str) -> dict[str, Any]:
    """The spec of the job kind "draws"."""
    return {**comparison_spec(runs, policy), "metric": metric}


def draws_work(
    workspace: Workspace, spec: Mapping[str, Any], emit: Callable[[object], None] | None = None
) -> dict[str, np.ndarray]:
    """The job kind "draws": a quarter of a second a run, so it is asked for only where a metric needs it."""
    runs = [load_run(workspace, fingerprint) for fingerprint, _ in spec["runs"]]
    return draw_stored(workspace, runs, spec["metric"], codec.from_json(spec["policy"]), emit)


def hold_out_spec(run: str, reference: str | None, policy: Policy) -> dict[str, Any]:
    """The spec of the job kind "hold_out"."""
    return {"run": run, "reference": reference, "policy": codec.to_json(without_currency(policy))}


def hold_out_work(workspace: Workspace, spec: Mapping[str, Any], emit: Callable[[object], None]) -> HoldOutResult:
    """The job kind "hold_out"."""
    emit(Progress(0, 1, "Scoring the hold-out"))
    reference = load_run(workspace, spec["reference"]) if spec["reference"] else None
    return open_hold_out(workspace, load_run(workspace, spec["run"]), reference, codec.from_json(spec["policy"]))
