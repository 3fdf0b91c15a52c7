"""From the fits of a recipe to its run: predictions put together, calibrated, told and stored."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from mlops_lib.objects.errors import FulcrumError
from mlops_lib.objects.predictions import Predictions
from mlops_lib.objects.recipe import Recipe
from mlops_lib.objects.run import Calibrator, Failure, Run
from mlops_lib.train.calibrate import cross_fit, fit_calibrator, prior_calibrator
from mlops_lib.train.progress import REFIT, fold_name
from mlops_lib.train.runs import packages, save_failed, save_run
from mlops_lib.train.scores import apply_calibrator, times_odds
from mlops_lib.train.setting import Setting
from mlops_lib.train.units import FitDone, FitEvent, FitFailed, failure_of

_FEW_FITS = 20
"""Up to so many fits are named one by one in a note."""


@dataclass(eq=False)
class Part:
    """A run in the making: the fits that have ended so far."""

    recipe: Recipe
    run: str
    done: dict[int, FitDone] = field(default_factory=dict)
    failure: Failure | None = None
    ended: int = 0

    def note(self, event: FitEvent) -> None:
        """Take a fit that ended; of several failures the first counts."""
        if isinstance(event, FitFailed):
            self.failure = self.failure or event.failure
        elif isinstance(event, FitDone):
            self.done[event.fold] = event
        else:
            return
        self.ended += 1


def finish(setting: Setting, part: Part) -> Run:
    """Store a run whose fits have all ended: complete, or failed where one of them failed."""
    if part.failure is not None:
        return fail(setting, part, part.failure)
    try:
        run, (predictions, *further) = _judge(setting, part)
        pipeline, features = Path(part.done[REFIT].pipeline), setting.schema.features()
        save_run(setting.workspace, run, predictions, pipeline, features, further)
    except FulcrumError as error:
        return fail(setting, part, failure_of(error, "in calibration"))
    return run


def fail(setting: Setting, part: Part, failure: Failure) -> Run:
    """Store why a run failed."""
    run = replace(_bare(setting, part), failure=failure)
    save_failed(setting.workspace, run)
    return run


def _judge(setting: Setting, part: Part) -> tuple[Run, list[Predictions]]:
    """The complete run with its out-of-fold predictions of every repeat, raw and calibrated.

    The calibrator that is served is that of the first repeat.
    """
    numbers = setting.folds_of(part.recipe)
    folds, repeats = [part.done[k] for k in numbers], dict.fromkeys(k // setting.plan.folds for k in numbers)
    judged = [_predictions(setting, part, repeat) for repeat in repeats]
    calibrator, refit = judged[0][1], part.done[REFIT]
    run = replace(
        _bare(setting, part),
        state="complete",
        calibrator=calibrator,
        kept=refit.kept,
        kept_by_fold=tuple(f.kept for f in folds),
        fit_seconds=float(np.mean([f.seconds + f.prefix_seconds for f in folds])),
        refit_seconds=refit.seconds + refit.prefix_seconds,
        predict_seconds_per_1000=refit.predict_seconds,
        notes=_notes(setting, part, calibrator),
    )
    return run, [predictions for predictions, _ in judged]


def _predictions(setting: Setting, part: Part, repeat: int) -> tuple[Predictions, Calibrator]:
    if part.recipe.leak:
        return _wrong_order(setting, part)
    numbers = [k for k in setting.folds if k // setting.plan.folds == repeat]
    rows = [setting.plan.validation_rows(k) for k in numbers]
    folds = [np.full(len(r), k, dtype=np.int16) for r, k in zip(rows, numbers, strict=True)]
    order = np.argsort(np.concatenate(rows))
    row, fold = np.concatenate(rows)[order], np.concatenate(folds)[order]
    raw = np.concatenate([part.done[k].raw for k in numbers])[order]
    answers, kind = setting.target.answers(row), setting.target.kind
    truth = answers if kind == "number" else answers.astype(np.int8)
    weight = setting.weights(row)
    score, calibrator = _calibrated(setting, part, raw, truth, fold, weight)
    own, group = (fold % setting.plan.folds).astype(np.int8), setting.groups(row)
    made = Predictions(part.run, "out-of-fold", setting.names, row, truth, raw, score, own, group, weight, kind)
    return made, calibrator


def _wrong_order(setting: Setting, part: Part) -> tuple[Predictions, Calibrator]:
    """What a recipe with a leak was judged on, numbered from 0: some of it may be rows that no one observed."""
    numbers = setting.folds_of(part.recipe)
    folds = [part.done[k] for k in numbers]
    raw, truth = np.concatenate([f.raw for f in folds]), np.concatenate([np.asarray(f.truth) for f in folds])
    fold = np.repeat(np.asarray(numbers, dtype=np.int8), [len(f.raw) for f in folds])
    # Rows that were sampled first are not those of the table, and have no weights (`row_weights.check_row_weights`).
    observed = np.concatenate([setting.plan.validation_rows(k) for k in numbers])
    weight = None if "sample" in part.recipe.leak else setting.weights(observed)
    score, calibrator = _calibrated(setting, part, raw, truth, fold, weight)
    row, codes = np.arange(len(raw)), truth.astype(np.int8)
    made = Predictions(part.run, "wrong order", setting.names, row, codes, raw, score, fold, None, weight)
    return made, calibrator


def _calibrated(
    setting: Setting,
    part: Part,
    raw: np.ndarray,
    truth: np.ndarray,
    fold: np.ndarray,
    weight: np.ndarray | None = None,
) -> tuple[np.ndarray, Calibrator]:
    score, calibrator = _calibrated_to_table(setting, part, raw, truth, fold, weight)
    factor = setting.prior_odds
    return (score, calibrator) if factor == 1.0 else (times_odds(score, factor), replace(calibrator, odds=factor))


def _calibrated_to_table(
    setting: Setting, part: Part, raw: np.ndarray, truth: np.ndarray, fold: np.ndarray, weight: np.ndarray | None
) -> tuple[np.ndarray, Calibrator]:
    kind = part.recipe.calibration
    if kind == "prior":
        score = np.empty(raw.shape)
        for k in np.unique(fold).tolist():
            mine = fold == k
            score[mine] = apply_calibrator(prior_calibrator(part.done[k].before, part.done[k].learnt), raw[mine])
        return score, prior_calibrator(part.done[REFIT].before, part.done[REFIT].learnt)
    forward = setting.plan.kind == "time"
    return cross_fit(kind, raw, truth, fold, forward, weight), fit_calibrator(kind, raw, truth, weight)


def _notes(setting: Setting, part: Part, calibrator: Calibrator) -> tuple[str, ...]:
    """Each note once, with the fits it was made in."""
    where: dict[str, list[int]] = {}
    numbers = setting.folds_of(part.recipe)
    for k in (*numbers, REFIT):
        for note in part.done[k].notes:
            where.setdefault(note, []).append(k)
    notes = [f"{note} ({_where(ks, len(numbers))})" for note, ks in where.items()]
    if setting.plan.kind == "time" and calibrator.kind in ("sigmoid", "isotonic"):
        notes.append("The first fold in time has no earlier one: its scores are calibrated on the later folds.")
    if calibrator.kind == "sigmoid" and len(calibrator.numbers) == 2 and calibrator.numbers[0] <= 0:
        notes.append("Calibration found that higher scores do not mean more positives: this model has no signal.")
    return tuple(notes)


def _where(fits: list[int], folds: int) -> str:
    """The fits in which something was noted: each, or how many where there are many."""
    named = [fold_name(k, folds) for k in fits]
    if len(fits) == folds + 1:
        return "in every fit" if folds > _FEW_FITS else ", ".join(named)
    return ", ".join(named) if len(named) <= _FEW_FITS else f"in {len(named)} of {folds + 1} fits"


def _bare(setting: Setting, part: Part) -> Run:
    """The run with nothing of its result; failed until it is known to be complete."""
    experiment = setting.experiment
    return Run(
        fingerprint=part.run,
        dataset=experiment.dataset,
        schema=experiment.schema,
        split=experiment.split,
        seed=experiment.seed,
        recipe=part.recipe,
        state="failed",
        packages=packages(),
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
    )
