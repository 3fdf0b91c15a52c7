"""Class weights: from the counts of the classes to what a model's `class_weight` is given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.recipe import Recipe, Weights
from mlops_lib.objects.words import number

ClassWeight = str | dict[int, float] | None
"""What scikit-learn and LightGBM take as `class_weight`."""

DEFAULT_BETA = 0.999
DEFAULT_COST_RATIO = 10.0


def weight_number(recipe: Recipe) -> float:
    """The number that the recipe's weights use: beta, or the cost of a miss over that of a false alarm."""
    if recipe.weight_number is not None:
        return recipe.weight_number
    return DEFAULT_BETA if recipe.class_weight == "effective" else DEFAULT_COST_RATIO


def class_weight_of(recipe: Recipe, y: np.ndarray, sample_weight: np.ndarray | None = None) -> ClassWeight:
    """The `class_weight` of a recipe for rows with the codes `y`, int of shape (rows,).

    "balanced" is left to the library, which does the same sum; not where the rows have weights of their own, (rows,),
    because only some models count them in it. The others are scaled so that the mean weight of these rows is 1, as that
    of "balanced" is: only the ratio of the classes changes, not the strength of a penalty.
    """
    if recipe.class_weight is None or (recipe.class_weight == "balanced" and sample_weight is None):
        return recipe.class_weight
    return weight_by_class(recipe, y, sample_weight)


def weight_by_class(recipe: Recipe, y: np.ndarray, sample_weight: np.ndarray | None = None) -> dict[int, float]:
    """What each class code among `y` weighs in the fit of a recipe; empty without class weights. Arguments as in
    `class_weight_of`."""
    if recipe.class_weight is None:
        return {}
    rows = sample_weight if recipe.class_weight == "balanced" else None
    return scaled_weights(recipe.class_weight, weight_number(recipe), np.bincount(y, rows).tolist())


def scaled_weights(kind: Weights, size: float, counts: Sequence[float]) -> dict[int, float]:
    """Weight by class code, with a mean of 1 over the rows; classes without rows get none.

    "balanced": rows / (classes x rows of the class). "effective": (1 - beta) / (1 - beta^rows of the class), Cui, Jia,
    Lin, Song & Belongie (2019), CVPR, equation 2; 1 everywhere for beta 0, "balanced" in the limit of beta 1. "cost":
    `size` for class 1 and 1 for class 0, which weighs mistakes as they cost (Elkan 2001, IJCAI, section 2.2).
    """
    check_weights(kind, size, len(counts))
    n = np.asarray(counts, dtype=np.float64)
    there = n > 0
    raw = np.ones(len(n))
    if kind == "balanced":
        raw[there] = 1 / n[there]
    elif kind == "effective":
        # -expm1(n log beta) is 1 - beta^n without losing the digits of a beta next to 1
        raw[there] = 1 / -np.expm1(n[there] * np.log(size)) if size > 0 else 1.0
    else:
        raw[1] = size
    raw *= n.sum() / (raw * n).sum()
    return {int(code): float(raw[code]) for code in np.flatnonzero(there)}


def check_weights(kind: Weights | None, size: float, classes: int) -> None:
    """Raises InputError for a number that these weights cannot use, or costs where there are more than two classes."""
    if kind == "effective" and not 0 <= size < 1:
        raise InputError(
            f"Beta of the effective number of rows must lie from 0 to below 1; got {number(size)}.",
            "Usual values are 0.9, 0.99, 0.999 and 0.9999; the nearer to 1, the nearer to balanced weights.",
        )
    if kind == "cost" and not (0 < size < float("inf")):
        raise InputError(
            f"The cost of a miss over that of a false alarm must be above 0; got {number(size)}.",
            "10 says that a miss costs as much as 10 false alarms.",
        )
    if kind == "cost" and classes > 2:
        raise InputError(
            f"Weights from two costs need two classes; there are {classes}.", "Use balanced or effective weights."
        )
