"""Which repair of its probabilities a recipe can have, which it gets unless somebody decides, and what that is called.

Prior correction shifts the odds by a known factor. Random over- and under-sampling change nothing but the odds of the
classes, so the factor is that of their counts (Saerens, Latinne & Decaestecker 2002, Neural Computation 14(1), equation
2.4; Elkan 2001, IJCAI, theorem 2; Dal Pozzolo, Caelen, Johnson & Bontempi 2015, IEEE SSCI, equation 4). A class that
weighs w times as much counts like w times as many rows, in a loss that is at its optimum; a model that is penalised or
stops growing never is, so after class weights the factor is approximate.
"""

from __future__ import annotations

from collections.abc import Mapping

from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.recipe import Calibration, Recipe
from mlops_lib.objects.target import Outcome
from mlops_lib.train.remedies import remedy_of

CALIBRATIONS: Mapping[Calibration, str] = {
    "none": "Scores as the model gives them.",
    "sigmoid": "A smooth curve with two numbers, fitted on scores of rows the model had not seen.",
    "isotonic": "A rising staircase; follows any shape, needs 1,000 positives.",
    "prior": "Gives back the true share of the classes after random over- or under-sampling; approximate after class "
    "weights.",
}
"""The calibrations a recipe can name, with a sentence for people."""

LABELS: Mapping[Calibration, str] = {
    "none": "none",
    "sigmoid": "sigmoid",
    "isotonic": "isotonic",
    "prior": "prior correction",
}
MIN_POSITIVES_FOR_ISOTONIC = 1_000
PRIOR_SAMPLERS = ("random_over", "random_under")
_NO_PROBABILITY = ("anomaly",)


def usual_calibration(recipe: Recipe) -> Calibration:
    """The calibration of a recipe where nobody decides: "sigmoid" where a remedy distorts the probabilities or the
    model gives none, else "none"."""
    return "sigmoid" if remedy_of(recipe) or recipe.model.name in _NO_PROBABILITY else "none"


def check_calibration(recipe: Recipe, positives: int) -> None:
    """Raises NotPossibleError where the recipe's calibration is not for these data (`positives` judged out of fold)."""
    if recipe.calibration == "isotonic" and positives < MIN_POSITIVES_FOR_ISOTONIC:
        raise NotPossibleError(
            f"Isotonic calibration needs at least {MIN_POSITIVES_FOR_ISOTONIC:,} positive out-of-fold rows; "
            f"there are {positives:,}.",
            "Use sigmoid, which needs far fewer.",
        )
    if recipe.calibration == "prior" and not takes_prior(recipe):
        raise NotPossibleError(
            f"Prior correction gives back shares that were changed by random over- or under-sampling alone, or nearly "
            f"those that class weights changed; this recipe uses {remedy_of(recipe) or 'neither'}.",
            "Use sigmoid, which is fitted on scores of unseen rows and repairs any remedy.",
        )


def takes_prior(recipe: Recipe) -> bool:
    """Whether all that a recipe does about imbalance is to change the odds of the classes by a known factor.

    Training in two phases ends on the rows as they are, and dynamic training starts from them, so neither does.
    """
    if remedy_of(Recipe(recipe.model)) or recipe.training != "once":
        return False
    return recipe.class_weight is not None or (recipe.sampler is not None and recipe.sampler.name in PRIOR_SAMPLERS)


def is_approximate(recipe: Recipe) -> bool:
    """Whether the recipe's repair is known to hold only nearly: prior correction after class weights."""
    return recipe.calibration == "prior" and recipe.class_weight is not None


def calibration_label(recipe: Recipe) -> str:
    """What the recipe's calibration is called: "sigmoid", "prior correction, approximate"."""
    return f"{LABELS[recipe.calibration]}{', approximate' if is_approximate(recipe) else ''}"


def calibrations_for(kind: Outcome) -> tuple[Calibration, ...]:
    """The calibrations that there are for a target of this kind."""
    return {"binary": tuple(CALIBRATIONS), "classes": ("none", "sigmoid", "prior"), "number": ()}[kind]


def calibrations_offered(recipe: Recipe, kind: Outcome, positives: int) -> tuple[Calibration, ...]:
    """The calibrations that this recipe can have on this target, `positives` being those of its training rows."""
    offered = calibrations_for(kind)
    unfit = {
        "isotonic": positives < MIN_POSITIVES_FOR_ISOTONIC,
        "prior": not takes_prior(recipe),
    }
    return tuple(name for name in offered if not unfit.get(name, False))


def calibrations_tried(positives: int) -> tuple[Calibration, ...]:
    """The calibrations that can be asked of all remedies together, `positives` being those of the training rows."""
    return tuple(name for name in CALIBRATIONS if name != "isotonic" or positives >= MIN_POSITIVES_FOR_ISOTONIC)


def is_repaired(recipe: Recipe, kind: Calibration) -> bool:
    """Whether a calibration repairs what the recipe does to its probabilities, or there is nothing to repair."""
    return kind != "none" or usual_calibration(recipe) == "none"
