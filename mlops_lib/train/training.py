"""Experiment to runs: each is stored and given out as soon as its last fit ends."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from mlops_lib.objects.errors import FulcrumError
from mlops_lib.objects.experiment import Experiment
from mlops_lib.objects.fingerprint import fingerprint
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.recipe import Recipe
from mlops_lib.objects.run import Run
from mlops_lib.train.assembly import Part, fail, finish
from mlops_lib.train.engine import Engine, SerialEngine
from mlops_lib.train.fitting import check_fit
from mlops_lib.train.ladder import recipe_title
from mlops_lib.train.outcomes import check_outcome
from mlops_lib.train.prefix import Prefix, prefix_of
from mlops_lib.train.progress import REFIT, Clock, FitTold, Listener, RunTold, Told, fold_name
from mlops_lib.train.repair import check_calibration
from mlops_lib.train.row_weights import check_row_weights
from mlops_lib.train.rule_model import check_rule
from mlops_lib.train.runs import has_run, load_run, run_fingerprint
from mlops_lib.train.setting import Setting, open_setting
from mlops_lib.train.units import Fit, FitDone, FitEvent, FitFailed, FitStarted, Unit, failure_of
from mlops_lib.workspace.folder import Workspace

_PREFIX, _LITTER_SECONDS = ".training-", 2 * 86_400


def train(
    workspace: Workspace, experiment: Experiment, engine: Engine | None = None, on_event: Listener | None = None
) -> Iterator[Run]:
    """Train every recipe: a fit on each fold and one on all training rows, prefixes shared. Runs come as they finish.

    A complete run that is stored already is read back; a failed one is tried again. A fit that fails makes one failed
    run, and the others go on. Closing the iterator ends the work; what was finished stays stored. Raises as
    `open_setting` does.
    """
    setting = open_setting(workspace, experiment)
    tell: Listener = on_event or _nobody
    parts: dict[str, Part] = {}
    for recipe in dict.fromkeys(experiment.recipes):
        ready = _begin(setting, recipe, parts)
        if ready is not None:
            tell(_run_told(ready, known=ready.state == "complete"))
            yield ready
    with _temporary_folder(workspace) as folder:
        events = (engine or SerialEngine()).run(units(setting, [p.recipe for p in parts.values()], folder))
        yield from _assemble(setting, parts, events, tell)


def units(setting: Setting, recipes: Sequence[Recipe], folder: Path) -> list[Unit]:
    """The units of work of recipes: prefix by prefix in the order of the recipes, each fold and then the refit."""
    by_prefix: dict[Prefix, list[Fit]] = {}
    for recipe in recipes:
        run = run_fingerprint(setting.experiment, recipe)
        by_prefix.setdefault(prefix_of(recipe), []).append(Fit(run, recipe))
    return [
        Unit(
            workspace=str(setting.workspace.root),
            dataset=setting.dataset,
            schema=setting.schema,
            split=setting.plan.fingerprint,
            prefix=prefix,
            fold=fold,
            seed=setting.experiment.seed,
            folder=str(folder),
            fits=tuple(fits),
        )
        for prefix, fits in by_prefix.items()
        for fold in (*setting.folds_of(fits[0].recipe), REFIT)
    ]


def _begin(setting: Setting, recipe: Recipe, parts: dict[str, Part]) -> Run | None:
    """Note a recipe as a part to be trained; the run instead, where it is stored already or cannot be trained."""
    run = fingerprint(setting.experiment.fingerprint, recipe)
    try:
        run = run_fingerprint(setting.experiment, recipe)
        if has_run(setting.workspace, run):
            return load_run(setting.workspace, run)
        check_row_weights(recipe, setting.schema.weight)
        check_outcome(recipe, setting.target.kind)
        check_fit(recipe, len(setting.names), numeric=not setting.names)
        check_rule(recipe, setting.dataset, setting.schema)
        judged = np.flatnonzero(setting.plan.assignment >= 0)
        check_calibration(recipe, int(np.count_nonzero(setting.target.answers(judged) == 1)))
    except FulcrumError as error:
        return fail(setting, Part(recipe, run), failure_of(error, "in the recipe"))
    parts[run] = Part(recipe, run)
    return None


def _assemble(setting: Setting, parts: dict[str, Part], events: Iterator[FitEvent], tell: Listener) -> Iterator[Run]:
    fits = {run: len(setting.folds_of(part.recipe)) + 1 for run, part in parts.items()}
    waiting: Counter[str] = Counter()
    for name, part in parts.items():
        waiting[part.recipe.model.name] += fits[name]
    clock = Clock(dict(waiting))
    try:
        for event in events:
            part = parts[event.run]
            part.note(event)
            if not isinstance(event, FitStarted):
                clock.end(part.recipe.model.name, event.seconds if isinstance(event, FitDone) else 0.0)
            tell(_fit_told(part, event))
            tell(Progress(clock.done, clock.total, _phrase(part, event, setting), clock.remaining()))
            if part.ended == fits[event.run] and not isinstance(event, FitStarted):
                run = finish(setting, part)
                tell(_run_told(run))
                yield run
    finally:
        close = getattr(events, "close", None)
        if close is not None:
            close()


def _nobody(_: Told) -> None:
    """Nobody listens."""


def _fit_told(part: Part, event: FitEvent) -> FitTold:
    name = part.recipe.name
    if isinstance(event, FitStarted):
        return FitTold(part.run, name, event.fold, "started")
    if isinstance(event, FitFailed):
        return FitTold(part.run, name, event.fold, "failed", 0.0, event.failure.message)
    return FitTold(part.run, name, event.fold, "done", event.seconds)


def _run_told(run: Run, known: bool = False) -> RunTold:
    why = f"{run.failure.message} {run.failure.hint}".strip() if run.failure else ""
    return RunTold(run.fingerprint, run.recipe.name, "complete" if run.state == "complete" else "failed", why, known)


def _phrase(part: Part, event: FitEvent, setting: Setting) -> str:
    verb = {FitStarted: "Fitting", FitDone: "Fitted", FitFailed: "Failed:"}[type(event)]
    return f"{verb} {recipe_title(part.recipe)}, {fold_name(event.fold, len(setting.folds))}"


@contextmanager
def _temporary_folder(workspace: Workspace) -> Iterator[Path]:
    """A folder for fitted pipelines on their way; on the workspace's disk, so that moving one is a rename."""
    workspace.runs.mkdir(parents=True, exist_ok=True)
    for left in workspace.runs.glob(f"{_PREFIX}*"):
        if time.time() - left.stat().st_mtime > _LITTER_SECONDS:  # its process was killed
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=workspace.runs))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
