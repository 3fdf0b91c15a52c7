"""Training in which the rows change while the model grows: two phases, or a new draw every few rounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.recipe import Model, Recipe
from mlops_lib.train.models import make_model, model_spec, settings_of

Rows = tuple[np.ndarray, np.ndarray]

ROUNDS_A_DRAW = 10
"""Boosting rounds that grow on one draw before the next."""

ABLE = ("lightgbm",)
_SCORES_BY_OLD_BINS = "it cuts columns into bins anew for the rows it goes on with, and would misread its earlier trees"
_CONVEX = "its best weights do not depend on where it started, so it would forget the first phase"
_TREES_APART = "its trees do not build on each other; the balanced random forest draws anew for every tree"
_REASONS = {
    "hist_gradient_boosting": _SCORES_BY_OLD_BINS,
    "logistic_regression": _CONVEX,
    "random_forest": _TREES_APART,
    "extra_trees": _TREES_APART,
}


def check_training(recipe: Recipe, classes: int = 2) -> None:
    """Raises InputError where the recipe's kind of training is not possible with its model, sampler or target."""
    if recipe.training == "once":
        return
    name = recipe.model.name
    if name not in ABLE:
        why = _REASONS.get(name, "it is fitted in one piece")
        raise InputError(
            f"{model_spec(name).label} cannot be trained on rows that change while it grows: {why}.",
            f"Choose {' or '.join(model_spec(able).label for able in ABLE)}, or train once.",
        )
    if recipe.training == "two_phase":
        _check_two_phases(recipe)
    elif recipe.sampler is not None or recipe.class_weight is not None:
        raise InputError(
            "Dynamic training draws even classes itself; the recipe asks for a sampler or class weights as well.",
            "Leave them out: both would correct the same imbalance twice.",
        )
    elif classes != 2:
        raise InputError(
            f"LightGBM draws even classes anew for two classes only; there are {classes}.", "Use class weights."
        )


def _check_two_phases(recipe: Recipe) -> None:
    if recipe.sampler is None:
        raise InputError(
            "Training in two phases begins on sampled rows, and the recipe has no sampler.", "Choose a sampler."
        )
    if recipe.leak:
        raise InputError(
            "Training in two phases is not offered with steps before the split.", "Train once to see what they pretend."
        )


def fit_two_phases(recipe: Recipe, sampled: Rows, true: Callable[[], Rows], seed: int) -> Any:
    """Half of the rounds on the sampled rows, the other half on the rows as they are, each tree correcting all before.

    As many rounds in all as trained once. Two-phase training: Havaei et al. (2017), Medical Image Analysis 35; compared
    with other remedies by Buda, Maki & Mazurowski (2018), Neural Networks 106.
    """
    import lightgbm

    rounds = int(dict(settings_of(recipe.model))["n_estimators"] or 1)
    first = make_model(_with_rounds(recipe.model, max(rounds // 2, 1)), None, seed).fit(*sampled)
    if rounds == 1:
        return first
    grown = make_model(_with_rounds(recipe.model, rounds - rounds // 2), None, seed).fit(*true(), init_model=first)
    # Read back from its text, the booster holds all trees and nothing of the model that it went on from.
    grown._Booster = lightgbm.Booster(model_str=grown.booster_.model_to_string())
    return grown


def fit_dynamic(model: Model, x: np.ndarray, y: np.ndarray, seed: int) -> Any:
    """All rows of the rare class and as many of the common one, drawn anew every `ROUNDS_A_DRAW` rounds (LightGBM's own
    balanced bagging). Under-sampling anew in every round: Seiffert et al. (2010), IEEE Trans. SMC-A 40(1)."""
    counts = np.bincount(y, minlength=2)
    share = counts.min() / counts
    drawn = {"neg_bagging_fraction": float(share[0]), "pos_bagging_fraction": float(share[1])}
    grown = make_model(model, None, seed).set_params(**drawn, bagging_freq=ROUNDS_A_DRAW, bagging_seed=seed)
    return grown.fit(x, y)


def _with_rounds(model: Model, rounds: int) -> Model:
    return Model(model.name, tuple(sorted({**dict(model.settings), "n_estimators": rounds}.items())))
