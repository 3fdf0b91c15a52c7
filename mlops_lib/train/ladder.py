"""The ladder: strategies against imbalance, each with every model. Adding a rung is adding a line to `RUNGS`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.recipe import Calibration, Model, Recipe, Sampler, Selection, Treatment
from mlops_lib.train.models import MODELS


@dataclass(frozen=True)
class Rung:
    """A strategy. `dummy` rungs hold the one do-nothing recipe; the others hold one recipe a model."""

    name: str
    label: str
    sentence: str
    selection: bool = False
    sampling: bool = False
    class_weight: Literal["balanced"] | None = None
    calibration: Calibration = "none"
    dummy: bool = False


_RUNGS = (
    Rung("nothing", "do nothing", "Gives every row the base rate: what any model has to beat.", dummy=True),
    Rung("base", "base", "All feature columns, no correction for the imbalance."),
    Rung(
        "selection", "selection", "Only columns that pass the feature tests, chosen anew in every fold.", selection=True
    ),
    Rung(
        "sampling",
        "selection + sampling",
        "The same columns, and rows made or removed until the classes are about even; then calibrated.",
        selection=True,
        sampling=True,
        calibration="sigmoid",
    ),
    Rung(
        "weights",
        "selection + class weights",
        "The same columns, no rows made up: mistakes on the rare class weigh more; then calibrated.",
        selection=True,
        class_weight="balanced",
        calibration="sigmoid",
    ),
)

RUNGS: Mapping[str, Rung] = {rung.name: rung for rung in _RUNGS}
LADDER_MODELS: tuple[str, ...] = tuple(name for name in MODELS if name != "dummy")
DEFAULT_SAMPLER = Sampler("smoteenn")
DEFAULT_SELECTION = Selection()


def ladder(
    treatments: tuple[Treatment, ...] = (),
    selection: Selection = DEFAULT_SELECTION,
    models: Sequence[str] = LADDER_MODELS,
    rungs: Sequence[str] = tuple(RUNGS),
    sampler: Sampler = DEFAULT_SAMPLER,
    calibrations: Mapping[str, Calibration] | None = None,
) -> tuple[Recipe, ...]:
    """The recipes of the chosen rungs and models in ladder order: 21 with the defaults.

    `calibrations` overrides the calibration of rungs by name. Raises InputError for an unknown rung or model.
    """
    _check_names("rung", rungs, RUNGS)
    _check_names("model", models, MODELS)
    chosen = {**{r.name: r.calibration for r in _RUNGS}, **(calibrations or {})}
    return tuple(
        _recipe(rung, model, treatments, selection, sampler, chosen[rung.name])
        for rung in _RUNGS
        if rung.name in rungs
        for model in (("dummy",) if rung.dummy else models)
    )


def reference(recipes: Sequence[Recipe]) -> Recipe:
    """The recipe that the others are compared with: logistic regression on the base rung, else the first that is
    no dummy, else the first. Raises InputError where there is none."""
    if not recipes:
        raise InputError("There is no recipe to train.", "Switch on at least one rung and one model.")
    real = [r for r in recipes if r.model.name != "dummy"]
    plain = [r for r in real if r.model.name == "logistic_regression" and r.rung == RUNGS["base"].label]
    return (plain or real or list(recipes))[0]


def _recipe(
    rung: Rung,
    model: str,
    treatments: tuple[Treatment, ...],
    selection: Selection,
    sampler: Sampler,
    calibration: Calibration,
) -> Recipe:
    sampled = rung.sampling and sampler.name != "none"
    return Recipe(
        Model(model),
        rung=_label(rung, sampler),
        treatments=treatments,
        selection=selection if rung.selection else None,
        sampler=sampler if sampled else None,
        class_weight=rung.class_weight,
        calibration=calibration,
    )


def _label(rung: Rung, sampler: Sampler) -> str:
    return rung.label.replace("sampling", sampler.name) if rung.sampling else rung.label


def _check_names(what: str, names: Sequence[str], known: Mapping[str, object]) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise InputError(f"There is no {what} '{unknown[0]}'.", f"Choose among: {', '.join(known)}.")
