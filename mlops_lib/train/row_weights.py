"""Row weights in training: which models take them, and what does not go with them."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from typing import Any

from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.recipe import Recipe
from mlops_lib.objects.words import count
from mlops_lib.resample.catalogue import sampler_spec
from mlops_lib.train.models import MODELS

WEIGHTS_IGNORED = (
    "This model takes no row weights: it was fitted as if all rows counted alike, and is judged with the weights."
)


def takes_row_weights(model: Any) -> bool:
    """Whether a model's `fit` takes `sample_weight`."""
    return "sample_weight" in signature(model.fit).parameters


def weighable(recipes: Sequence[Recipe], column: str | None) -> tuple[tuple[Recipe, ...], str]:
    """The recipes that row weights allow, and a sentence on those that are left out (else empty)."""
    kept = tuple(recipe for recipe in recipes if _goes_with(recipe, column))
    left = len(recipes) - len(kept)
    if not left:
        return kept, ""
    draw = "recipe that draws or makes rows is" if left == 1 else "recipes that draw or make rows are"
    return kept, (
        f"Rows are weighed by '{column}', so {count(left)} {draw} left out: a made row has no weight. Class weights "
        "and moving the threshold stay."
    )


def _goes_with(recipe: Recipe, column: str | None) -> bool:
    return against_weights(recipe, column) is None


def check_row_weights(recipe: Recipe, column: str | None) -> None:
    """Raises the NotPossibleError of `against_weights`."""
    error = against_weights(recipe, column)
    if error is not None:
        raise error


def against_weights(recipe: Recipe, column: str | None) -> NotPossibleError | None:
    """Why the recipe does not go with the column `column` that says how much each row counts: it draws or makes rows,
    and a made row has no weight, a drawn one would count twice. None where it goes with it."""
    spec = MODELS.get(recipe.model.name)
    draws = spec is not None and not spec.row_weights
    if column is None or (recipe.sampler is None and recipe.training == "once" and not draws):
        return None
    if spec is not None and draws:
        does = spec.label
    elif recipe.sampler is not None:
        does = sampler_spec(recipe.sampler.name).label
    else:
        does = f"{recipe.training} training"
    return NotPossibleError(
        f"The rows are weighed by '{column}', and {does} draws or makes rows, which have no weight.",
        "Use class weights or move the threshold instead, or give the weight column the role 'ignored'.",
    )
