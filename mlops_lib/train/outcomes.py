"""What of a recipe or a ladder applies to a target: two answers, many classes or a number."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.recipe import Recipe
from mlops_lib.objects.target import Outcome
from mlops_lib.objects.words import listed
from mlops_lib.train.ladder import LADDER_MODELS, RUNGS, Ladder, Rung
from mlops_lib.train.models import MODELS, model_spec
from mlops_lib.train.remedy_ladder import RemedyLadder
from mlops_lib.train.repair import calibrations_for

_ALIKE = {"logistic_regression": "ridge"}
"""The linear model of classes and the one of numbers."""


def is_about_imbalance(rung: Rung) -> bool:
    """Whether a rung does something about classes that are uneven, which a number does not have."""
    return rung.sampling or rung.class_weight is not None


def models_for(kind: Outcome) -> tuple[str, ...]:
    """The models that a ladder offers for a target of this kind, the linear one first."""
    named = [_ALIKE.get(name, name) for name in LADDER_MODELS] if kind == "number" else list(LADDER_MODELS)
    return tuple(name for name in named if _can(name, kind))


def rungs_for(kind: Outcome) -> tuple[str, ...]:
    """The rungs that apply to a target of this kind."""
    return tuple(name for name, rung in RUNGS.items() if kind != "number" or not is_about_imbalance(rung))


def rung_sentence(rung: Rung, kind: Outcome) -> str:
    """What a rung does, for a target of this kind."""
    return _OF_NUMBERS.get(rung.name, rung.sentence) if kind == "number" else rung.sentence


_OF_NUMBERS = {
    "nothing": "Gives every row the mean: what any model has to beat.",
    "base": "All feature columns.",
}


@dataclass(frozen=True)
class Applied:
    """What of a ladder applies to a target, and a sentence on what does not ("" where all of it does)."""

    ladder: Ladder
    left_out: str


def applied(ladder: Ladder, kind: Outcome) -> Applied:
    """The part of a ladder that a target of this kind can be trained with; the linear model is that of the kind."""
    if kind == "binary":
        back = tuple(dict.fromkeys(_back(m) for m in ladder.models))
        return Applied(ladder if back == ladder.models else replace(ladder, models=back), "")
    named = [_ALIKE.get(m, m) if kind == "number" else _back(m) for m in ladder.models]
    models = tuple(dict.fromkeys(m for m in named if _can(m, kind)))
    rungs = tuple(r for r in ladder.rungs if r in rungs_for(kind))
    fitting = tuple((rung, c) for rung, c in ladder.calibrations if c in calibrations_for(kind))
    kept = replace(ladder, models=models, rungs=rungs, calibrations=fitting)
    return Applied(kept, _left_out(kind))


def recipes_for(ladder: Ladder | RemedyLadder, kind: Outcome) -> tuple[Recipe, ...]:
    """The recipes of what applies to a target of this kind; none where no model was chosen."""
    if isinstance(ladder, RemedyLadder):
        return ladder.recipes() if ladder.models and kind == "binary" else ()
    return applied(ladder, kind).ladder.recipes()


def check_outcome(recipe: Recipe, kind: Outcome) -> None:
    """Raises NotPossibleError where the recipe asks for something that a target of this kind does not have."""
    if kind == "number":
        _check_number(recipe)
    elif kind == "classes":
        _check_classes(recipe)
    spec = model_spec(recipe.model.name)
    if not _can(spec.name, kind):
        what = {"number": "a number", "classes": "many classes", "binary": "two answers"}[kind]
        raise NotPossibleError(f"{spec.label} cannot predict {what}.", f"Choose one of: {', '.join(_able(kind))}.")


def _check_number(recipe: Recipe) -> None:
    asked = {
        "a sampler": recipe.sampler is not None,
        "class weights": recipe.class_weight is not None,
        "calibration": recipe.calibration != "none",
        "training in phases": recipe.training != "once",
        "something done before the split": bool(recipe.leak),
    }
    found = [what for what, is_asked in asked.items() if is_asked]
    if found:
        raise NotPossibleError(
            f"The recipe asks for {listed(found)}, and the target is a number, which has no classes.",
            "Leave it out, or ask whether the number is above a limit.",
        )


def _check_classes(recipe: Recipe) -> None:
    asked = {
        "isotonic calibration": recipe.calibration == "isotonic",
        "class weights from the cost of a miss": recipe.class_weight == "cost",
        "training in phases": recipe.training != "once",
        "something done before the split": bool(recipe.leak),
    }
    found = [what for what, is_asked in asked.items() if is_asked]
    if found:
        raise NotPossibleError(
            f"The recipe asks for {listed(found)}, which is there for two answers only; the target has more classes.",
            "Leave it out, or ask about one class against all others.",
        )


def _can(name: str, kind: Outcome) -> bool:
    spec = MODELS[name]
    if kind == "number":
        return spec.regress is not None
    return spec.build is not None and (kind == "binary" or not spec.two_classes)


def _able(kind: Outcome) -> list[str]:
    return [name for name in MODELS if _can(name, kind)]


def _back(name: str) -> str:
    return next((ours for ours, theirs in _ALIKE.items() if theirs == name), name)


def _left_out(kind: Outcome) -> str:
    if kind != "number":
        return ""
    return (
        "A number has no rare class: sampling, class weights and calibration do not apply and are left out. Ridge "
        "regression stands in for logistic regression."
    )
