"""The ladder: strategies against imbalance, each with every model. Adding a rung is adding a line to `RUNGS`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.recipe import WRONG_ORDER, Calibration, Model, Recipe, Sampler, Selection, Treatment, Weights
from mlops_lib.resample.catalogue import sampler_spec
from mlops_lib.train.models import MODELS, PLAIN_MODELS
from mlops_lib.train.remedies import REFERENCES


@dataclass(frozen=True)
class Rung:
    """A strategy. `dummy` rungs hold the one do-nothing recipe; the others hold one recipe a model."""

    name: str
    label: str
    sentence: str
    selection: bool = False
    sampling: bool = False
    class_weight: Weights | None = None
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
LADDER_MODELS: tuple[str, ...] = tuple(name for name in PLAIN_MODELS if name not in ("dummy", "ridge"))
DEFAULT_SAMPLER = Sampler("smoteenn")
DEFAULT_SELECTION = Selection()


@dataclass(frozen=True)
class Ladder:
    """What the rungs are made of. `calibrations` are pairs (rung, calibration) that override the rung's own."""

    treatments: tuple[Treatment, ...] = ()
    selection: Selection = DEFAULT_SELECTION
    models: tuple[str, ...] = LADDER_MODELS
    rungs: tuple[str, ...] = tuple(RUNGS)
    sampler: Sampler = DEFAULT_SAMPLER
    calibrations: tuple[tuple[str, Calibration], ...] = ()

    def calibration(self, rung: str) -> Calibration:
        """The calibration of a rung."""
        return dict(self.calibrations).get(rung, RUNGS[rung].calibration)

    def recipes(self) -> tuple[Recipe, ...]:
        """The recipes in ladder order: 21 with the defaults. Raises InputError for an unknown rung or model."""
        _check_names("rung", (*self.rungs, *dict(self.calibrations)), RUNGS)
        _check_names("model", self.models, MODELS)
        sampler_spec(self.sampler.name)
        return tuple(
            self._recipe(rung, model)
            for rung in _RUNGS
            if rung.name in self.rungs
            for model in (("dummy",) if rung.dummy else self.models)
        )

    def _recipe(self, rung: Rung, model: str) -> Recipe:
        sampled = rung.sampling and self.sampler.name != "none"
        return Recipe(
            Model(model),
            rung=self.label(rung.name),
            treatments=self.treatments,
            selection=self.selection if rung.selection else None,
            sampler=self.sampler if sampled else None,
            class_weight=rung.class_weight,
            calibration=self.calibration(rung.name),
        )

    def example(self, rung: str) -> Recipe:
        """The recipe of a rung with the first model."""
        return self._recipe(RUNGS[rung], "dummy" if RUNGS[rung].dummy else (*self.models, *LADDER_MODELS)[0])

    def label(self, rung: str) -> str:
        """The label of a rung, with the sampler's name in it."""
        return RUNGS[rung].label.replace("sampling", sampler_spec(self.sampler.name).label)


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
    overridden = tuple(sorted((calibrations or {}).items()))
    return Ladder(treatments, selection, tuple(models), tuple(rungs), sampler, overridden).recipes()


def rung_name(recipe: Recipe) -> str:
    """The rung that a recipe stands on, from what it does (its label may say more)."""
    if recipe.model.name == "dummy":
        return "nothing"
    if recipe.sampler is not None:
        return "sampling"
    if recipe.class_weight is not None:
        return "weights"
    return "base" if recipe.selection is None else "selection"


def recipe_title(recipe: Recipe) -> str:
    """The name people read: "Random forest · base"."""
    label = MODELS[recipe.model.name].label if recipe.model.name in MODELS else recipe.model.name
    spec = MODELS.get(recipe.model.name)
    alone = recipe.model.name in REFERENCES or (spec is not None and spec.plain and recipe.rung == spec.remedy)
    title = label if alone else f"{label} · {recipe.rung}"
    return f"{WRONG_ORDER}{title}" if recipe.leak else title


def reference(recipes: Sequence[Recipe]) -> Recipe:
    """The recipe that the others are compared with: logistic or ridge regression on the base rung, else the first
    that is no dummy, rule or anomaly score, else the first; never one in the wrong order.

    Raises InputError where there is none.
    """
    if not recipes:
        raise InputError("There is no recipe to train.", "Switch on at least one rung and one model.")
    right = [r for r in recipes if not r.leak]
    if not right:
        raise InputError("Every recipe is in the wrong order.", "Add the same recipe without its leak.")
    real = [r for r in right if r.model.name not in REFERENCES]
    plain = [r for r in real if r.model.name in ("logistic_regression", "ridge") and rung_name(r) == "base"]
    return (plain or real or right)[0]


def _check_names(what: str, names: Sequence[str], known: Mapping[str, object]) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise InputError(f"There is no {what} '{unknown[0]}'.", f"Choose among: {', '.join(known)}.")
