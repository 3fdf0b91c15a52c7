"""The unit of work: one prefix on one fold (or on all training rows), with every model behind it."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from mlops_lib.data.target import resolve_target
from mlops_lib.data.weights import row_weights
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import FulcrumError
from mlops_lib.objects.recipe import Recipe
from mlops_lib.objects.run import Failure
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.train.encode import encode
from mlops_lib.train.fitting import fit_model
from mlops_lib.train.prefix import FittedPrefix, Prefix, fit_prefix, seed_for
from mlops_lib.train.progress import REFIT
from mlops_lib.train.row_weights import WEIGHTS_IGNORED, takes_row_weights
from mlops_lib.train.scores import raw_scores, save_pipeline
from mlops_lib.train.shares import drawn_rows, training_share
from mlops_lib.train.weights import weight_by_class
from mlops_lib.train.wrong_order import TrainingRows, wrong_fold
from mlops_lib.workspace.folder import Workspace

TIMED_ROWS = 1_000


@dataclass(frozen=True)
class Fit:
    """One recipe's model behind a prefix, as a part of the run with this fingerprint."""

    run: str
    recipe: Recipe


@dataclass(frozen=True)
class Unit:
    """A prefix on a fold with the fits it still has. Carries paths and fingerprints, no tables.

    `workspace` is the folder in which the split lies; `folder` the one for fitted pipelines. Only `share` of the fold's
    training rows is used (`train.shares`), and up to `learnt` of those used are scored behind the validation rows.
    """

    workspace: str
    dataset: Dataset
    schema: Schema
    split: str
    prefix: Prefix
    fold: int
    seed: int
    folder: str
    fits: tuple[Fit, ...]
    share: float = 1.0
    learnt: int = 0

    @property
    def drawing(self) -> int:
        """The seed by which rows of the fold are drawn; the same for all shares, so that one lies inside the next."""
        return seed_for(self.seed, "rows drawn", self.fold)

    def without(self, runs: frozenset[str] | set[str]) -> Unit:
        """The same unit without the fits of these runs."""
        return replace(self, fits=tuple(f for f in self.fits if f.run not in runs))


@dataclass(frozen=True)
class FitStarted:
    """A fit begins. For the first fit of a unit, its prefix is fitted now too."""

    run: str
    fold: int


@dataclass(frozen=True, eq=False)
class FitDone:
    """A fit ended. `raw` are the scores of the fold's validation rows, float64, in row order (empty for the refit; for
    many classes of shape (rows, classes)).

    Seconds: `seconds` of the model alone, `prefix_seconds` of what it shares, `predict_seconds` for scoring 1,000 raw
    rows (measured at the refit, else NaN). `before` and `after` are the class counts around the sampler, `weighed` is
    what a row of each class weighed in the fit (empty: all alike). `pipeline` is the file of the refitted pipeline,
    empty for a fold. `truth` holds the codes of the judged rows where these are not the fold's own (a recipe with a
    `leak`).
    """

    run: str
    fold: int
    raw: np.ndarray
    kept: tuple[str, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    seconds: float
    prefix_seconds: float
    predict_seconds: float = float("nan")
    pipeline: str = ""
    notes: tuple[str, ...] = ()
    truth: np.ndarray | None = None
    weighed: tuple[float, ...] = ()

    @property
    def learnt(self) -> tuple[float, ...]:
        """How much of each class the model learnt from: the rows after the sampler, as often as their class weighs."""
        return tuple(n * w for n, w in zip(self.after, self.weighed or (1.0,) * len(self.after), strict=True))


@dataclass(frozen=True)
class FitFailed:
    """A fit failed; the other fits of the unit go on."""

    run: str
    fold: int
    failure: Failure


FitEvent = FitStarted | FitDone | FitFailed


def run_unit(unit: Unit) -> Iterator[FitEvent]:
    """Fit what the unit still has, on one thread: per fit a `FitStarted`, then a `FitDone` or a `FitFailed`."""
    if not unit.fits:
        return
    yield FitStarted(unit.fits[0].run, unit.fold)
    with threadpool_limits(1):
        started = time.perf_counter()
        try:
            rows = _Rows.of(unit)
            prefix, judged = _fit_prefix(unit, rows)
        except Exception as error:  # noqa: BLE001  (whatever a fit raises is that fit's failure, and the others go on)
            failure = failure_of(error, "before the model")
            yield from (FitFailed(fit.run, unit.fold, failure) for fit in unit.fits)
            return
        spent = time.perf_counter() - started
    for i, fit in enumerate(unit.fits):
        if i:
            yield FitStarted(fit.run, unit.fold)
        with threadpool_limits(1):
            event = _fit(unit, fit, rows, prefix, judged, spent)
        yield event


@dataclass(frozen=True, eq=False)
class _Judged:
    """The encoded rows that a fold is judged on. `truth` only where they are not rows of the table."""

    x: np.ndarray
    truth: np.ndarray | None = None


def _fit_prefix(unit: Unit, rows: _Rows) -> tuple[FittedPrefix, _Judged]:
    if unit.prefix.leak:
        seed = seed_for(unit.seed, unit.prefix.fingerprint, REFIT)
        wrong = wrong_fold(rows.all_folds(unit), unit.fold, unit.schema, unit.prefix, seed, rows.names)
        return wrong.prefix, _Judged(wrong.judged, wrong.truth)
    seed = seed_for(unit.seed, unit.prefix.fingerprint, unit.fold)
    prefix = fit_prefix(rows.train, rows.y, unit.schema, unit.prefix, seed, rows.names)
    return prefix, _Judged(encode(prefix.encoder, rows.validation) if unit.fold != REFIT else np.empty((0, 0)))


def failure_of(error: BaseException, where: str) -> Failure:
    """What a user reads of an error; the kind of error stands in where it has no words of ours."""
    if isinstance(error, FulcrumError):
        return Failure(error.message, error.hint, where)
    if isinstance(error, MemoryError):
        return Failure("Memory ran out.", "Try fewer rows or columns, or a smaller model.", where)
    return Failure(f"The fit ended with an error ({type(error).__name__}: {error}).", "", where)


@dataclass(frozen=True, eq=False)
class _Rows:
    """Raw training rows of a fold with their codes (or numbers, which have no names), and raw rows to judge it on."""

    train: pd.DataFrame
    y: np.ndarray
    validation: pd.DataFrame
    names: tuple[str, ...]
    weight: np.ndarray | None = None

    @classmethod
    def of(cls, unit: Unit) -> _Rows:
        plan = Workspace(Path(unit.workspace)).get(SplitPlan, unit.split)
        target = resolve_target(unit.dataset, unit.schema)
        frame = unit.dataset.frame(unit.schema.features())
        train = plan.training_rows() if unit.fold == REFIT else plan.fold_training_rows(unit.fold)
        train = training_share(train, unit.share, unit.drawing, target, unit.dataset, unit.schema, plan)
        judged = plan.validation_rows(unit.fold) if unit.fold != REFIT else np.empty(0, dtype=np.int64)
        if unit.learnt:
            judged = np.concatenate([judged, drawn_rows(train, unit.learnt, unit.drawing)])
        weight = row_weights(unit.dataset, unit.schema, train)
        return cls(frame.iloc[train], target.answers(train), frame.iloc[judged], target.names, weight)

    @staticmethod
    def all_folds(unit: Unit) -> TrainingRows:
        """All rows outside the hold-out together, for what is done before the split by mistake."""
        plan = Workspace(Path(unit.workspace)).get(SplitPlan, unit.split)
        rows = plan.open_rows()
        codes = resolve_target(unit.dataset, unit.schema).codes(rows)
        train = plan.training_rows() if unit.fold == REFIT else plan.fold_training_rows(unit.fold)
        frame = unit.dataset.frame(unit.schema.features()).iloc[rows]
        return TrainingRows(frame, codes, plan.assignment[rows], np.isin(rows, train))


def _fit(unit: Unit, fit: Fit, rows: _Rows, prefix: FittedPrefix, judged: _Judged, spent: float) -> FitEvent:
    try:
        started = time.perf_counter()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            seed = seed_for(unit.seed, fit.recipe.fingerprint, unit.fold)
            x, y = prefix.rows.x, prefix.rows.y
            model = fit_model(fit.recipe, x, y, seed, rows.weight, not rows.names, lambda: _true(prefix, rows))
        seconds = time.perf_counter() - started
        said = dict.fromkeys(f"{w.category.__name__}: {w.message}" for w in caught)
        if rows.weight is not None and not takes_row_weights(model):
            said[WEIGHTS_IGNORED] = None
        raw = raw_scores(model, judged.x, len(rows.names)) if unit.fold != REFIT else np.empty(0)
        path, timing = _keep(unit, fit, prefix, model, rows) if unit.fold == REFIT else ("", float("nan"))
    except Exception as error:  # noqa: BLE001  (one failed fit is one failed run; the others go on)
        return FitFailed(fit.run, unit.fold, failure_of(error, "in the model"))
    return FitDone(
        fit.run,
        unit.fold,
        raw,
        prefix.kept,
        prefix.rows.before,
        prefix.rows.after,
        seconds,
        spent,
        timing,
        path,
        (*prefix.notes, *said),
        judged.truth,
        _weighed(fit.recipe, prefix, rows),
    )


def _weighed(recipe: Recipe, prefix: FittedPrefix, rows: _Rows) -> tuple[float, ...]:
    """What a row of each class weighed; one of a class that is not there nothing."""
    weights = weight_by_class(recipe, prefix.rows.y, rows.weight) if recipe.class_weight else {}
    return tuple(weights.get(code, 0.0) for code in range(len(rows.names))) if weights else ()


def _true(prefix: FittedPrefix, rows: _Rows) -> tuple[np.ndarray, np.ndarray]:
    """The encoded training rows as they are without the sampler."""
    return encode(prefix.encoder, rows.train), rows.y


def _keep(unit: Unit, fit: Fit, prefix: FittedPrefix, model: Any, rows: _Rows) -> tuple[str, float]:
    """Write the fitted pipeline, which takes raw rows, and time it on 1,000 of them (repeated where there are less)."""
    pipeline = Pipeline([("encode", prefix.encoder), ("model", model)])
    positions = np.arange(TIMED_ROWS) % len(rows.train)
    frame = rows.train.iloc[positions]
    started = time.perf_counter()
    raw_scores(pipeline, frame, len(rows.names))
    seconds = time.perf_counter() - started
    path = Path(unit.folder) / f"{fit.run}.skops"
    save_pipeline(pipeline, path)
    return str(path), seconds
