"""Runs written to MLflow: what is written is a list of typed items, and one function writes it."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlops_lib.data.datasets import open_dataset
from mlops_lib.evaluate.binary_judging import HALF
from mlops_lib.evaluate.comparison import Entry, compared_metrics, judge
from mlops_lib.objects.errors import FulcrumError
from mlops_lib.objects.experiment import Experiment
from mlops_lib.objects.recipe import WRONG_ORDER, Recipe, Selection
from mlops_lib.objects.run import Run
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.words import listed
from mlops_lib.registry.names import suggested_name
from mlops_lib.registry.settings import artifact_root, registry_client
from mlops_lib.threshold.compared import tested_to_trained
from mlops_lib.train.models import settings_of
from mlops_lib.train.remedies import remedy_of
from mlops_lib.train.runs import load_run, repeats_of, run_fingerprint
from mlops_lib.train.weights import weight_number
from mlops_lib.workspace.folder import Workspace

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run as MlflowRun

RUN_TAG, STATE_TAG, WRITER_TAG = "fulcrum.run", "fulcrum.state", "fulcrum.writer"
STARTED, COMPLETE = "started", "complete"

_PAGE = 200
_TIMES = ("fit_seconds", "refit_seconds", "predict_seconds_per_1000")


@dataclass(frozen=True)
class Param:
    """A setting of the recipe."""

    key: str
    value: str


@dataclass(frozen=True)
class Metric:
    """A number; `step` is the fold for values of single folds, else 0."""

    key: str
    value: float
    step: int = 0


@dataclass(frozen=True)
class Tag:
    """A fingerprint or a state."""

    key: str
    value: str


LogItem = Param | Metric | Tag


@dataclass(frozen=True)
class Recorded:
    """What `record_experiment` did: MLflow run ids by run fingerprint, and why others are missing."""

    experiment: str
    runs: tuple[tuple[str, str], ...]
    missing: tuple[tuple[str, str], ...] = ()


def log_items(run: Run, entry: Entry | None, ratio: float | None = None) -> Iterator[LogItem]:
    """Everything that MLflow keeps of a run. Column names never become keys: MLflow refuses many of them.

    `ratio` is rows tested / rows trained of one fold, which the intervals need (default 1 / (k - 1)).
    """
    yield from fingerprint_tags(run)
    yield from _settings(run)
    if run.failure is not None:
        yield Tag("fulcrum.failure", str(run.failure.message)[:5000])
    for name in _TIMES:
        if np.isfinite(value := getattr(run, name)):
            yield Metric(name, float(value))
    if entry is not None:
        yield from _judgement(entry, ratio)


def fingerprint_tags(run: Run) -> Iterator[Tag]:
    """What determined the run."""
    yield Tag(RUN_TAG, run.fingerprint)
    yield Tag("fulcrum.dataset", run.dataset)
    yield Tag("fulcrum.schema", run.schema)
    yield Tag("fulcrum.split", run.split)
    yield Tag("fulcrum.recipe", run.recipe.fingerprint)


def record_experiment(workspace: Workspace, experiment: Experiment) -> Recorded:
    """Write every stored run of the experiment to MLflow, each once; what is there already is left as it is.

    Raises NotPossibleError where MLflow cannot be reached; the runs in the workspace are not touched by that.
    """
    runs, missing = _stored_runs(workspace, experiment)
    with registry_client(workspace) as client:
        place = _experiment_id(client, workspace, experiment.dataset, experiment.schema)
        written = tuple((run.fingerprint, _record(client, place, workspace, run)) for run in runs)
    return Recorded(place, written, missing)


def record_run(workspace: Workspace, run: Run) -> str:
    """Write one run, unless it is there; returns its MLflow run id. Raises NotPossibleError as above."""
    with registry_client(workspace) as client:
        return _record(client, _experiment_id(client, workspace, run.dataset, run.schema), workspace, run)


def close_orphans(workspace: Workspace, older_than_seconds: float = 600.0) -> int:
    """End MLflow runs that were begun here and never finished, and say how many; the worker calls this at its start.

    A run counts as left behind when the process that began it is gone (on this machine), or after
    `older_than_seconds` (on any).
    """
    closed = 0
    with registry_client(workspace) as client:
        for found in _running(client):
            if _left_behind(found.data.tags.get(WRITER_TAG, ""), found.info.start_time / 1000, older_than_seconds):
                client.set_terminated(found.info.run_id, "KILLED")
                closed += 1
    return closed


def _stored_runs(workspace: Workspace, experiment: Experiment) -> tuple[list[Run], tuple[tuple[str, str], ...]]:
    runs, missing = [], []
    for recipe in experiment.recipes:
        fingerprint = run_fingerprint(experiment, recipe)
        try:
            runs.append(load_run(workspace, fingerprint))
        except FulcrumError as error:
            missing.append((fingerprint, str(error)))
    return runs, tuple(missing)


def _experiment_id(client: MlflowClient, workspace: Workspace, dataset: str, schema: str) -> str:
    name = suggested_name(open_dataset(workspace, dataset), workspace.get(Schema, schema))
    found = client.get_experiment_by_name(name)
    if found is None:
        return str(client.create_experiment(name, artifact_location=artifact_root(workspace)))
    if found.lifecycle_stage == "deleted":
        client.restore_experiment(found.experiment_id)
    return str(found.experiment_id)


def _record(client: MlflowClient, place: str, workspace: Workspace, run: Run) -> str:
    """Started, everything in one batch with "complete", ended: a run that was cut off is taken up again."""
    found = client.search_runs([place], f"tags.`{RUN_TAG}` = '{run.fingerprint}'", max_results=1)
    if found and found[0].data.tags.get(STATE_TAG) == COMPLETE and found[0].info.status != "RUNNING":
        return str(found[0].info.run_id)
    identity = str(found[0].info.run_id) if found else _begin(client, place, run)
    complete = run.state == "complete"
    repeats = repeats_of(workspace, run) if complete else ()
    entry = Entry(run, repeats[0], further=repeats[1:]) if repeats else None
    ratio = tested_to_trained(workspace.get(SplitPlan, run.split)) if complete else None
    write_items(client, identity, [*log_items(run, entry, ratio), Tag(STATE_TAG, COMPLETE)])
    client.set_terminated(identity, "FINISHED" if complete else "FAILED" if run.state == "failed" else "KILLED")
    return identity


def _begin(client: MlflowClient, place: str, run: Run) -> str:
    tags = {RUN_TAG: run.fingerprint, STATE_TAG: STARTED, WRITER_TAG: f"{platform.node()}:{os.getpid()}"}
    return str(client.create_run(place, tags=tags, run_name=run_label(run.recipe)).info.run_id)


def run_label(recipe: Recipe) -> str:
    """What MLflow's lists call a run; it says so where something is done before the split."""
    return f"{WRONG_ORDER if recipe.leak else ''}{recipe.model.name}, {recipe.rung}"


def write_items(client: MlflowClient, identity: str, items: Iterable[LogItem]) -> None:
    """Write all items of a run in one call."""
    from mlflow import entities

    listed, now = list(items), int(time.time() * 1000)
    client.log_batch(
        identity,
        metrics=[entities.Metric(i.key, i.value, now, i.step) for i in listed if isinstance(i, Metric)],
        params=[entities.Param(i.key, i.value) for i in listed if isinstance(i, Param)],
        tags=[entities.RunTag(i.key, i.value) for i in listed if isinstance(i, Tag)],
    )


def _settings(run: Run) -> Iterator[Param]:
    recipe = run.recipe
    yield Param("model", recipe.model.name)
    yield Param("rung", recipe.rung)
    if recipe.leak:
        yield Param("done_before_the_split", listed(recipe.leak))
    yield from (Param(f"model.{key}", str(value)) for key, value in settings_of(recipe.model))
    yield Param("sampler", recipe.sampler.name if recipe.sampler else "none")
    yield from (Param(f"sampler.{k}", str(v)) for k, v in (recipe.sampler.settings if recipe.sampler else ()))
    yield Param("class_weight", recipe.class_weight or "none")
    if recipe.class_weight in ("effective", "cost"):
        yield Param("class_weight.number", str(weight_number(recipe)))
    yield Param("training", recipe.training)
    yield Param("remedy", remedy_of(recipe) or "none")
    yield Param("calibration", recipe.calibration)
    if run.calibrator.odds != 1.0:
        yield Param("odds_corrected_by", f"{run.calibrator.odds:.6g}")
    yield Param("min_frequency", str(recipe.min_frequency))
    yield Param("scale", str(recipe.scale))
    yield Param("treatments", str(len(recipe.treatments)))
    yield from _selection(recipe.selection)
    yield Param("columns_kept", str(len(run.kept)))
    yield Param("seed", str(run.seed))


def _selection(rule: Selection | None) -> Sequence[Param]:
    if rule is None:
        return (Param("selection", "none"),)
    return (
        Param("selection", "rule"),
        Param("selection.max_p", str(rule.max_p)),
        Param("selection.adjust", rule.adjust),
        Param("selection.min_effect", str(rule.min_effect)),
        Param("selection.max_vif", str(rule.max_vif)),
        Param("selection.max_correlation", str(rule.max_correlation)),
        Param("selection.forced", str(len(rule.keep) + len(rule.drop))),
    )


def _judgement(entry: Entry, ratio: float | None) -> Iterator[Metric]:
    """Means with their intervals, and under `fold_...` the value of every fold as a step. Decisions by a threshold
    stand at 0.5, because a run has none of its own yet."""
    assert entry.predictions is not None
    judged = judge(entry, ratio)
    decided = {m.name for m in compared_metrics(entry.predictions.kind) if m.needs_threshold}
    keys = {name: f"{name}{HALF}" if name in decided else name for name in judged.intervals}
    for name, interval in judged.intervals.items():
        for suffix, value in (("", interval.value), ("_low", interval.low), ("_high", interval.high)):
            if np.isfinite(value):
                yield Metric(keys[name] + suffix, float(value))
    for name, value in judged.whole.items():
        if name != "threshold" and np.isfinite(value):
            yield Metric(name, float(value))
    steps = judged.folds["fold"].astype(int).tolist()
    for name in judged.intervals:
        for step, value in zip(steps, judged.folds[name].tolist(), strict=True):
            if np.isfinite(value):
                yield Metric(f"fold_{keys[name]}", value, step)


def _running(client: MlflowClient) -> Iterator[MlflowRun]:
    experiments = [e.experiment_id for e in client.search_experiments(max_results=1000)]
    token = None
    while experiments:
        page = client.search_runs(
            experiments,
            f"attributes.status = 'RUNNING' and tags.`{STATE_TAG}` = '{STARTED}'",
            max_results=_PAGE,
            page_token=token,
        )
        yield from page
        token = page.token
        if not token:
            return


def _left_behind(writer: str, begun: float, older_than_seconds: float) -> bool:
    host, _, number = writer.rpartition(":")
    if host == platform.node() and number.isdigit():
        return not _alive(int(number))
    return time.time() - begun > older_than_seconds


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
