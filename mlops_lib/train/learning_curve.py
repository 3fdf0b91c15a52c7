"""A run's recipe fitted again on growing shares of each fold's training rows: what more rows gave, and what of the
score is memory."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.experiment import Experiment
from mlops_lib.objects.predictions import Predictions
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.run import Calibrator, Run
from mlops_lib.objects.target import Outcome
from mlops_lib.objects.words import count, counted, percent
from mlops_lib.train.calibrate import calibrating_rows, fit_calibrator, prior_calibrator
from mlops_lib.train.engine import Engine, SerialEngine
from mlops_lib.train.prefix import prefix_of
from mlops_lib.train.runs import load_run
from mlops_lib.train.scores import apply_calibrator, times_odds
from mlops_lib.train.setting import Setting, open_setting
from mlops_lib.train.shares import drawn_rows, training_share
from mlops_lib.train.units import Fit, FitDone, FitEvent, FitFailed, Unit
from mlops_lib.workspace.folder import Workspace

SHARES = (0.0625, 0.125, 0.25, 0.5, 1.0)
"""Each doubles the one before, so that the last step says what doubling the rows gave."""

FEWEST = {"binary": 8, "classes": 2, "number": 80}
"""Rows of the rarest class (for a number: rows) from which a share is worth a fit, by the kind of target."""

JUDGED, LEARNT = 200_000, 20_000
"""Validation rows kept of all folds together, and training rows scored of each fold; more are drawn by chance."""

Emit = Callable[[object], None]


@dataclass(frozen=True, eq=False)
class Refits:
    """Scores of a run's recipe fitted on shares of each fold's training rows; no metric has been chosen yet.

    `rows` are the training rows of a fold at each share, the mean of the folds. Validation rows have `row`, `fold`,
    `truth` of shape (n,), and for each share `raw` of shape (n,), for many classes (n, classes). The same with `learnt`
    before it is of rows that each fold was fitted on at the full share, before any sampling. `counts` are the classes
    of each fold before the sampler, and how much of each was learnt (`FitDone.learnt`), at each share: shape (shares,
    folds, 2, classes), for the prior correction. `weight` and `learnt_weight` say how much each row counts (None: all
    alike). Of a repeated split the first repeat is used. `left_out` says which shares were not fitted, and why.
    """

    run: str
    kind: Outcome
    names: tuple[str, ...]
    shares: tuple[float, ...]
    rows: tuple[float, ...]
    row: np.ndarray
    fold: np.ndarray
    truth: np.ndarray
    raw: tuple[np.ndarray, ...]
    learnt_row: np.ndarray
    learnt_fold: np.ndarray
    learnt_truth: np.ndarray
    learnt_raw: np.ndarray
    counts: np.ndarray
    forward: bool
    weight: np.ndarray | None = None
    learnt_weight: np.ndarray | None = None
    left_out: tuple[str, ...] = ()
    seconds: float = float("nan")


def expected_seconds(run: Run, folds: int) -> float:
    """Seconds that `refit_shares` will take on one core, from what the run's own folds took."""
    return run.fit_seconds * folds * sum(SHARES)


def refit_shares(workspace: Workspace, run: Run, engine: Engine | None = None, emit: Emit | None = None) -> Refits:
    """Fit a run's recipe again on every share of every fold's training rows, by the gates that training uses.

    The seeds are those of the run, so at the full share every model is the one the run was judged by; its scores are
    the stored ones. A share at which a fit fails is left out and named.

    Raises
    ------
    NotPossibleError : the recipe learns before the split (`leak`), or it cannot be fitted on all rows again.
    """
    if run.recipe.leak:
        raise NotPossibleError(
            "This recipe does before the split what belongs inside the folds; its scores say nothing of more rows.",
            "Choose a run without that mistake.",
        )
    began = time.perf_counter()
    setting = open_setting(workspace, Experiment(run.dataset, run.schema, run.split, (run.recipe,), "", run.seed))
    shares, left_out = _worthwhile(setting)
    with tempfile.TemporaryDirectory() as folder:
        work = [unit for share in reversed(shares) for unit in _units(setting, run, share, folder)]
        found = _Found(len(shares), _folds(setting))
        with closing(_closable((engine or SerialEngine()).run(work))) as events:
            for event in events:
                found.note(event)
                if emit is not None and not found.started(event):
                    emit(found.progress(shares))
    return _assembled(setting, run, shares, left_out, found, time.perf_counter() - began)


def _worthwhile(setting: Setting) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """The shares with enough rows in every fold, and a sentence on those without."""
    fewest = min(_rarest(setting, fold) for fold in _folds(setting))
    shares = tuple(s for s in SHARES if s == 1.0 or np.ceil(s * fewest) >= FEWEST[setting.target.kind])
    if len(shares) == len(SHARES):
        return shares, ()
    of = "" if setting.target.kind == "number" else " of the rarest class"
    least = int(np.ceil(min(SHARES) * fewest))
    said = f"Sizes below {percent(shares[0])} of the rows are left out: at {percent(min(SHARES))} a fold would have"
    return shares, (f"{said} {counted(least, 'row')}{of}.",)


def _folds(setting: Setting) -> tuple[int, ...]:
    """The folds of the first repeat."""
    return tuple(k for k in setting.folds if k < setting.plan.folds)


def _rarest(setting: Setting, fold: int) -> int:
    rows = setting.plan.fold_training_rows(fold)
    if setting.target.kind == "number":
        return len(rows)
    return int(np.bincount(setting.target.codes(rows), minlength=len(setting.target.names)).min())


def _units(setting: Setting, run: Run, share: float, folder: str) -> list[Unit]:
    prefix = prefix_of(run.recipe)
    label = f"{run.fingerprint}/{share}"
    return [
        Unit(
            str(setting.workspace.root), setting.dataset, setting.schema, setting.plan.fingerprint, prefix, fold,
            run.seed, folder, (Fit(label, run.recipe),), share, LEARNT if share == 1.0 else 0,
        )
        for fold in _folds(setting)
    ]  # fmt: skip


def _closable(events: Iterator[FitEvent]) -> Generator[FitEvent]:
    """The events of an engine, whose processes end when this is closed."""
    try:
        yield from events
    finally:
        close = getattr(events, "close", None)
        if close is not None:
            close()


@dataclass(eq=False)
class _Found:
    """The fits that have ended, by share and fold."""

    shares: int
    folds: tuple[int, ...]
    done: dict[tuple[float, int], FitDone] = field(default_factory=dict)
    failed: dict[float, str] = field(default_factory=dict)
    ended: int = 0
    began: float = field(default_factory=time.perf_counter)
    work: float = 0.0

    @staticmethod
    def started(event: FitEvent) -> bool:
        return not isinstance(event, FitDone | FitFailed)

    def note(self, event: FitEvent) -> None:
        if self.started(event):
            return
        share = float(event.run.rpartition("/")[2])
        self.ended += 1
        self.work += share
        if isinstance(event, FitDone):
            self.done[share, event.fold] = event
        elif isinstance(event, FitFailed):
            self.failed.setdefault(share, event.failure.message)

    def progress(self, shares: tuple[float, ...]) -> Progress:
        total = sum(shares) * len(self.folds)
        left = (time.perf_counter() - self.began) * (total - self.work) / self.work
        return Progress(self.ended, self.shares * len(self.folds), "Fitting on shares of the rows", left)


def _assembled(
    setting: Setting, run: Run, shares: tuple[float, ...], left_out: tuple[str, ...], found: _Found, seconds: float
) -> Refits:
    if 1.0 in found.failed:
        raise NotPossibleError(f"The recipe could not be fitted again: {found.failed[1.0]}", "Choose another run.")
    fitted = tuple(s for s in shares if s not in found.failed)
    notes = (*left_out, *(f"On {percent(s)} of the rows the fit failed: {why}" for s, why in found.failed.items()))
    seed, folds = run.seed, _folds(setting)
    judged = [setting.plan.validation_rows(k) for k in folds]
    kept = [np.searchsorted(r, drawn_rows(r, max(JUDGED // len(folds), 1), seed)) for r in judged]
    learnt = [_learnt_rows(setting, run, k) for k in folds]
    row = np.concatenate([r[k] for r, k in zip(judged, kept, strict=True)])
    learnt_row = np.concatenate(learnt)
    return Refits(
        run=run.fingerprint,
        kind=setting.target.kind,
        names=setting.target.names,
        shares=fitted,
        rows=tuple(_rows_at(setting, run, share) for share in fitted),
        row=row,
        fold=np.repeat(np.asarray(folds, np.int8), [len(k) for k in kept]),
        truth=setting.target.answers(row),
        raw=tuple(
            np.concatenate([found.done[s, k].raw[at] for k, at in zip(folds, kept, strict=True)]) for s in fitted
        ),
        learnt_row=learnt_row,
        learnt_fold=np.repeat(np.asarray(folds, np.int8), [len(r) for r in learnt]),
        learnt_truth=setting.target.answers(learnt_row),
        learnt_raw=np.concatenate([found.done[1.0, k].raw[len(r) :] for k, r in zip(folds, judged, strict=True)]),
        counts=np.array([[(found.done[s, k].before, found.done[s, k].learnt) for k in folds] for s in fitted]),
        forward=setting.plan.kind == "time",
        weight=setting.weights(row),
        learnt_weight=setting.weights(learnt_row),
        left_out=notes,
        seconds=seconds,
    )


def _rows_at(setting: Setting, run: Run, share: float) -> float:
    """Training rows of a fold at a share, the mean of the folds."""
    dataset, schema, plan = setting.dataset, setting.schema, setting.plan
    sizes = []
    for unit in _units(setting, run, share, ""):
        rows = plan.fold_training_rows(unit.fold)
        sizes.append(len(training_share(rows, share, unit.drawing, setting.target, dataset, schema, plan)))
    return float(np.mean(sizes))


def _learnt_rows(setting: Setting, run: Run, fold: int) -> np.ndarray:
    unit = next(u for u in _units(setting, run, 1.0, "") if u.fold == fold)
    return drawn_rows(setting.plan.fold_training_rows(fold), LEARNT, unit.drawing)


def predictions_at(refits: Refits, place: int, run: Run) -> Predictions:
    """Out-of-fold predictions of the share at `place`, calibrated as the recipe says on the scores of that share."""
    raw = refits.raw[place]
    return _predictions(refits, run, raw, _calibrators(refits, place, run), learnt=False)


def learnt_predictions(refits: Refits, run: Run) -> Predictions:
    """Predictions of rows that each fold was fitted on, at the full share, with that fold's calibrator."""
    calibrators = _calibrators(refits, len(refits.shares) - 1, run)
    return _predictions(refits, run, refits.learnt_raw, calibrators, learnt=True)


def _calibrators(refits: Refits, place: int, run: Run) -> dict[int, Calibrator]:
    """The calibrator of every fold, fitted on the out-of-fold scores of the others (the earlier ones in time)."""
    kind, fold, raw = run.recipe.calibration, refits.fold, refits.raw[place]
    made: dict[int, Calibrator] = {}
    for i, k in enumerate(np.unique(fold).tolist()):
        if kind == "prior":
            made[k] = prior_calibrator(*refits.counts[place, i].tolist())
        else:
            others = calibrating_rows(fold, k, refits.forward)
            weight = None if refits.weight is None else refits.weight[others]
            made[k] = fit_calibrator(kind, raw[others], refits.truth[others], weight)
    return made


def _predictions(
    refits: Refits, run: Run, raw: np.ndarray, calibrators: Mapping[int, Calibrator], *, learnt: bool
) -> Predictions:
    row, fold, truth, weight = (
        (refits.learnt_row, refits.learnt_fold, refits.learnt_truth, refits.learnt_weight)
        if learnt
        else (refits.row, refits.fold, refits.truth, refits.weight)
    )
    score = raw.copy()
    for k, calibrator in calibrators.items():
        score[fold == k] = apply_calibrator(calibrator, raw[fold == k])
    if refits.kind == "binary" and run.calibrator.odds != 1.0:
        score = times_odds(score, run.calibrator.odds)
    return Predictions(
        run.fingerprint, "out-of-fold", refits.names, row, truth, raw, score, fold, None, weight, refits.kind
    )


def said_shares(refits: Refits) -> str:
    """ "5 sizes from 59 to 941 training rows a fold" """
    first, last = refits.rows[0], refits.rows[-1]
    return f"{counted(len(refits.rows), 'size')} from {count(first)} to {count(last)} training rows a fold"


def learning_curve_spec(run: str) -> dict[str, Any]:
    """The spec of the job kind "learning_curve"."""
    return {"run": run}


def refit_stored(workspace: Workspace, spec: Mapping[str, Any], engine: Engine | None, emit: Emit) -> Refits:
    """`refit_shares` of the run that a spec names."""
    emit(Progress(0, 1, "Reading the table"))
    return refit_shares(workspace, load_run(workspace, spec["run"]), engine, emit)
