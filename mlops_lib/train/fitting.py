"""The one place where a model is fitted: class weights resolved, the kind of training chosen, rows weighed."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlops_lib.objects.recipe import Recipe
from mlops_lib.train.models import make_model, make_regressor
from mlops_lib.train.row_weights import takes_row_weights
from mlops_lib.train.weights import check_weights, class_weight_of, weight_number


def fit_model(
    recipe: Recipe,
    x: np.ndarray,
    y: np.ndarray,
    seed: int,
    sample_weight: np.ndarray | None = None,
    numeric: bool = False,
) -> Any:
    """A recipe's model fitted on encoded rows.

    `x` float64 (rows, columns), `y` int codes (rows,), or numbers where the target is `numeric`; `sample_weight`
    float64 (rows,) are weights of rows, which some models cannot take (`train.row_weights`).

    Raises InputError for what `check_fit` refuses.
    """
    if numeric:
        model = make_regressor(recipe.model, seed)
    else:
        model = make_model(recipe.model, class_weight_of(recipe, y), seed)
    weighed = sample_weight is not None and takes_row_weights(model)
    return model.fit(x, y, sample_weight=sample_weight) if weighed else model.fit(x, y)


def check_fit(recipe: Recipe, classes: int = 2, numeric: bool = False) -> None:
    """Raises InputError for a recipe that cannot be fitted, before anything is: an unknown model or setting, weights
    that the model or the target cannot use."""
    if numeric:
        make_regressor(recipe.model, 0)
        return
    check_weights(recipe.class_weight, weight_number(recipe), classes)
    make_model(recipe.model, None if recipe.class_weight is None else "balanced", 0)
