"""Which of two recipes is simpler: what a verdict prefers where the data cannot tell them apart."""

from __future__ import annotations

import math

from mlops_lib.objects.recipe import Recipe
from mlops_lib.train.models import MODELS

_FAMILIES = {
    "dummy": 0, "rule": 0, "logistic_regression": 1, "ridge": 1, "random_forest": 2, "extra_trees": 2,
    "bagged_trees": 2, "balanced_random_forest": 2, "balanced_bagging": 2, "anomaly": 2,
}  # fmt: skip
_BOOSTING = 3


def complexity(recipe: Recipe) -> tuple[int, int]:
    """Parts that a rung adds (selection, sampler, weights, phases, a model or loss made for imbalance), then nothing or
    a rule < logistic < forests < boosting."""
    own = recipe.model.name in MODELS and bool(MODELS[recipe.model.name].plain)
    parts = (recipe.selection is not None, recipe.sampler is not None, recipe.class_weight is not None)
    return sum((*parts, recipe.training != "once", own)), _FAMILIES.get(recipe.model.name, _BOOSTING)


def preference(recipe: Recipe, fit_seconds: float, loss: float) -> tuple[int, int, int, float]:
    """A key that sorts the simpler first, then the faster (by factors of two), then the better calibrated (`loss` is
    the Brier score; for a number the RMSE: the closer)."""
    speed = math.floor(math.log2(fit_seconds)) if fit_seconds > 0 and math.isfinite(fit_seconds) else 0
    return (*complexity(recipe), speed, loss)
