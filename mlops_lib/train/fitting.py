"""The one place where a model is fitted: class weights resolved, the kind of training chosen, rows weighed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.recipe import Recipe
from mlops_lib.train.models import make_model, make_regressor, model_spec
from mlops_lib.train.phases import Rows, check_training, fit_dynamic, fit_two_phases
from mlops_lib.train.remedies import remedy_of
from mlops_lib.train.row_weights import takes_row_weights
from mlops_lib.train.weights import check_weights, class_weight_of, weight_number


def fit_model(
    recipe: Recipe,
    x: np.ndarray,
    y: np.ndarray,
    seed: int,
    sample_weight: np.ndarray | None = None,
    numeric: bool = False,
    true: Callable[[], Rows] | None = None,
) -> Any:
    """A recipe's model fitted on encoded rows.

    `x` float64 (rows, columns), `y` int codes (rows,), or numbers where the target is `numeric`; `sample_weight`
    float64 (rows,) are weights of rows, which some models cannot take (`train.row_weights`). `true` gives the rows as
    they were before the sampler, for training in two phases; without it the rows given are these.

    Raises InputError for what `check_fit` refuses.
    """
    if recipe.training == "dynamic":
        return fit_dynamic(recipe.model, x, y, seed)
    if recipe.training == "two_phase":
        return fit_two_phases(recipe, (x, y), true or (lambda: (x, y)), seed)
    if numeric:
        model = make_regressor(recipe.model, seed)
    else:
        model = make_model(recipe.model, class_weight_of(recipe, y, sample_weight), seed)
    weighed = sample_weight is not None and takes_row_weights(model)
    return model.fit(x, y, sample_weight=sample_weight) if weighed else model.fit(x, y)


def check_fit(recipe: Recipe, classes: int = 2, numeric: bool = False) -> None:
    """Raises InputError for a recipe that cannot be fitted, before anything is: an unknown model or setting, weights
    that the model or the target cannot use."""
    if numeric:
        make_regressor(recipe.model, 0)
        if remedy_of(recipe):
            raise InputError(
                f"The recipe asks for {remedy_of(recipe)}, and the target is a number.", "Leave the remedy out."
            )
        return
    spec = model_spec(recipe.model.name)
    if spec.two_classes and classes != 2:
        raise InputError(f"{spec.label} needs a target with two classes; there are {classes}.", "Choose another model.")
    check_training(recipe, classes)
    check_weights(recipe.class_weight, weight_number(recipe), classes)
    make_model(recipe.model, None if recipe.class_weight is None else "balanced", 0)
