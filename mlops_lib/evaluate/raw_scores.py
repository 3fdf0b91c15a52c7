"""Probabilities before and after calibration, fold by fold: how far a remedy pushed them, and what brings them back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mlops_lib.evaluate.score_metrics import brier
from mlops_lib.evaluate.sweep import Sweep, sweep_of
from mlops_lib.objects.predictions import Predictions
from mlops_lib.objects.recipe import Recipe
from mlops_lib.train.calibrate import cross_fit
from mlops_lib.train.remedies import REFERENCES, remedy_of

BY_FOLD = ("brier_raw", "brier_calibrated", "mean_raw", "mean_score", "rate")


def raw_by_fold(predictions: Predictions, recipe: Recipe, forward: bool = False) -> dict[str, np.ndarray]:
    """The columns BY_FOLD, arrays (k,): the Brier score before calibration and with the run's scores calibrated
    whatever its recipe says, the mean probability before and after, and the share of positives.

    `forward` says that the split is one in time, so that a calibrator learns from earlier folds.
    """
    alike = calibrated_alike(predictions, recipe, forward)
    rows = []
    for fold in np.unique(predictions.fold[predictions.fold >= 0]):
        held = predictions.fold == fold
        swept, raw = sweep_of(predictions, held), sweep_of(predictions, held, raw=True)
        even = swept if alike is predictions else sweep_of(alike, held)
        rows.append(
            (float(brier(raw)), float(brier(even)), mean_score(raw), mean_score(swept), swept.positives / swept.n)
        )
    return dict(zip(BY_FOLD, np.array(rows, dtype=np.float64).T, strict=True))


def calibrated_alike(predictions: Predictions, recipe: Recipe, forward: bool = False) -> Predictions:
    """The same predictions; for a model without a remedy that is not calibrated, with the cross-fitted sigmoid that
    remedied ones get, so that the two differ in nothing but the remedy."""
    if recipe.calibration != "none" or recipe.model.name in REFERENCES or remedy_of(recipe):
        return predictions
    score = cross_fit("sigmoid", predictions.raw, predictions.truth, predictions.fold, forward, predictions.weight)
    return replace(predictions, score=score)


def mean_score(swept: Sweep) -> float:
    """The mean of the scores."""
    return float((swept.levels * (swept.positives_at + swept.negatives_at)).sum() / swept.n)
