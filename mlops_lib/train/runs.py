"""Runs by their fingerprint: what determines one, and where its model and predictions lie."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from mlops_lib.objects.errors import NotFoundError
from mlops_lib.objects.experiment import Experiment
from mlops_lib.objects.fingerprint import fingerprint
from mlops_lib.objects.predictions import Predictions, joined
from mlops_lib.objects.recipe import Recipe
from mlops_lib.objects.run import Run
from mlops_lib.resample import catalogue
from mlops_lib.train import models
from mlops_lib.train.scores import FACTS_FILE, MODEL_FILE, FittedModel, load_model, save_facts
from mlops_lib.workspace import atomic, codec
from mlops_lib.workspace.folder import Workspace

SCHEMA_NUMBER = 2
"""Raised when the same recipe gives other numbers, so that runs of the past are not mistaken for it; with it the
version of "train" in `mlops_lib/jobs/work.py`, so that jobs of the past are not either."""

RUN_FILE = "run.json"
PREDICTIONS_FILE = "predictions.parquet"
REPEAT_FILE = "predictions-{}.parquet"
"""The further repeats, numbered from 2."""
_FAILED = ".failed.json"
_COMPUTING = ("imbalanced-learn", "lightgbm", "numpy", "pandas", "scikit-learn", "scipy")


@lru_cache(maxsize=1)
def packages() -> tuple[tuple[str, str], ...]:
    """Name and version of the packages whose numbers enter a run."""
    return tuple((name, version(name)) for name in _COMPUTING)


def run_fingerprint(experiment: Experiment, recipe: Recipe) -> str:
    """Fingerprint of what determines a run: dataset, schema, split, recipe with all its settings, seed and packages,
    and the true share of positives where probabilities are corrected to it.

    Raises InputError for a model, sampler or setting that does not exist.
    """
    corrected = () if experiment.prevalence is None else (("prevalence", experiment.prevalence),)
    model = models.settings_of(recipe.model)
    sampler = catalogue.settings_of(recipe.sampler) if recipe.sampler else ()
    return fingerprint(
        SCHEMA_NUMBER,
        (experiment.dataset, experiment.schema, experiment.split, experiment.seed),
        recipe,
        (model, sampler),
        packages(),
        *corrected,
    )


def run_folder(workspace: Workspace, run: str) -> Path:
    """The folder of a complete run."""
    return workspace.runs / run


def save_run(
    workspace: Workspace,
    run: Run,
    predictions: Predictions,
    pipeline: Path,
    features: tuple[str, ...],
    further: Sequence[Predictions] = (),
) -> None:
    """Store a complete run whole: facts, out-of-fold predictions, those of `further` repeats of the folds, and the
    pipeline file, which is moved in."""
    final = run_folder(workspace, run.fingerprint)
    if not final.is_dir():
        with atomic.new_folder(final) as folder:
            (folder / RUN_FILE).write_text(codec.to_json(run), encoding="utf-8", errors="surrogatepass")
            predictions.frame().to_parquet(folder / PREDICTIONS_FILE, index=False)
            for repeat, others in enumerate(further, start=2):
                others.frame().to_parquet(folder / REPEAT_FILE.format(repeat), index=False)
            save_facts(run.calibrator, features, predictions.names, folder, predictions.kind)
            shutil.move(pipeline, folder / MODEL_FILE)
    _failed_file(workspace, run.fingerprint).unlink(missing_ok=True)


def save_failed(workspace: Workspace, run: Run) -> None:
    """Store why a run failed; a later try replaces it."""
    atomic.write_bytes(_failed_file(workspace, run.fingerprint), codec.to_json(run).encode("utf-8", "surrogatepass"))


def has_run(workspace: Workspace, run: str) -> bool:
    """Whether a complete run is stored."""
    return run.isalnum() and (run_folder(workspace, run) / RUN_FILE).is_file()


def load_run(workspace: Workspace, run: str) -> Run:
    """The stored run, complete or failed. Raises NotFoundError where there is neither."""
    complete, failed = run_folder(workspace, run) / RUN_FILE, _failed_file(workspace, run)
    for path in (complete, failed):
        if run.isalnum() and path.is_file():
            found: Run = codec.from_json(path.read_text(encoding="utf-8", errors="surrogatepass"))
            return found
    raise NotFoundError(f"There is no run '{run}' in this workspace.", "Train it on the Train page.")


def out_of_fold(workspace: Workspace, run: Run) -> Predictions:
    """The run's predictions of every training row by a model that had not seen it, of the first repeat of the folds.

    Raises NotFoundError.
    """
    return read_predictions(workspace, run, PREDICTIONS_FILE, "wrong order" if run.recipe.leak else "out-of-fold")


def repeats_of(workspace: Workspace, run: Run) -> tuple[Predictions, ...]:
    """The out-of-fold predictions of every repeat of the folds, those of `out_of_fold` first. Raises NotFoundError."""
    folder, found = _complete(workspace, run), [out_of_fold(workspace, run)]
    while (folder / REPEAT_FILE.format(len(found) + 1)).is_file():
        found.append(read_predictions(workspace, run, REPEAT_FILE.format(len(found) + 1), "out-of-fold"))
    return tuple(found)


def load_fitted(workspace: Workspace, run: Run) -> FittedModel:
    """The run's model, refitted on all training rows. Raises NotFoundError where the run is not complete."""
    return load_model(_complete(workspace, run))


def read_predictions(workspace: Workspace, run: Run, file: str, split: str) -> Predictions:
    """Predictions stored beside a run."""
    folder = _complete(workspace, run)
    frame = pd.read_parquet(folder / file)
    facts = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8", errors="surrogatepass"))
    names, kind = tuple(facts["names"]), facts.get("kind", "binary")
    columns = {name: frame[name].to_numpy() for name in frame.columns}
    scores = {name: joined(name, columns, len(names)) for name in ("raw", "score")}
    known = {name: values for name, values in columns.items() if not name.startswith(("raw_", "score_"))}
    return Predictions(run=run.fingerprint, split=split, names=names, kind=kind, **{**known, **scores})  # type: ignore[arg-type]


def _complete(workspace: Workspace, run: Run) -> Path:
    if not has_run(workspace, run.fingerprint):
        why = f" It failed: {run.failure.message}" if run.failure else ""
        raise NotFoundError(f"The run '{run.recipe.name}' has no model.{why}", "Choose a complete run.")
    return run_folder(workspace, run.fingerprint)


def _failed_file(workspace: Workspace, run: str) -> Path:
    return workspace.runs / f"{run}{_FAILED}"
