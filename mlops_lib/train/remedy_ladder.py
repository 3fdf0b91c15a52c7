"""Does any remedy beat moving the threshold? The recipes that answer it: only the remedy differs, on one prefix."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.recipe import Calibration, Model, Recipe, Sampler, Treatment, Weights
from mlops_lib.resample.catalogue import for_columns, sampler_spec
from mlops_lib.train.ladder import LADDER_MODELS
from mlops_lib.train.models import MODELS
from mlops_lib.train.remedies import remedy_of, without_remedy
from mlops_lib.train.repair import takes_prior, usual_calibration
from mlops_lib.train.rule_model import rule_recipe
from mlops_lib.train.weights import DEFAULT_BETA, DEFAULT_COST_RATIO

Group = Literal["weights", "losses", "training", "ensembles", "references"]
GROUPS: Mapping[Group, str] = {
    "weights": "Class weights",
    "losses": "Losses for LightGBM",
    "training": "Training of LightGBM",
    "ensembles": "Balanced ensembles",
    "references": "To be beaten",
}
SAMPLERS = (Sampler("smote"), Sampler("smoteenn"), Sampler("random_over"), Sampler("random_under"), Sampler("tomek"))
"""The samplers that are tried where nothing else was chosen; `for_table` puts in their relatives for categories."""

MODELS_TRIED = ("logistic_regression", "lightgbm")
VERY_RARE = 0.05
"""Below this share of positives an anomaly score is tried unless somebody decides otherwise."""

Make = Callable[["RemedyLadder", str], Recipe | None]


@dataclass(frozen=True)
class Remedy:
    """A remedy that is no sampler. `make(ladder, model)` gives its recipe for a model, None where the model cannot.

    Those that bring a model of their `own` are made once, whatever the models.
    """

    name: str
    label: str
    group: Group
    sentence: str
    make: Make
    own: bool = False


@dataclass(frozen=True)
class RemedyLadder:
    """What is tried. `miss_cost` is the cost of a miss over that of a false alarm, `beta` that of the effective number
    of rows, `rule` the user's rule (none where empty), `calibration` that of every recipe with a remedy; "prior" where
    it can be, else the usual one."""

    treatments: tuple[Treatment, ...] = ()
    models: tuple[str, ...] = MODELS_TRIED
    samplers: tuple[Sampler, ...] = SAMPLERS
    remedies: tuple[str, ...] = ()
    miss_cost: float = DEFAULT_COST_RATIO
    beta: float = DEFAULT_BETA
    rule: str = ""
    calibration: Calibration = "sigmoid"

    def recipes(self) -> tuple[Recipe, ...]:
        """The recipes: do nothing and the rule, then for each model its base and its remedies, then the ensembles, each
        behind its plain relative. Raises InputError for an unknown model, sampler or remedy, or no model."""
        self._check()
        found = [Recipe(Model("dummy"), rung="do nothing", treatments=self.treatments)]
        found += [rule_recipe(self.rule)] if self.rule.strip() else []
        for model in self.models:
            found += [self.base(model), *self._sampled(model), *self._others(model)]
        for remedy in self._chosen(own=True):
            made = remedy.make(self, "")
            if made is not None:
                found += [without_remedy(made), made] if remedy_of(made) else [made]
        return _each_once(found)

    def base(self, model: str) -> Recipe:
        """The recipe of a model without a remedy."""
        return Recipe(Model(model), treatments=self.treatments)

    def with_remedy(self, recipe: Recipe) -> Recipe:
        """A recipe named by its remedy and calibrated."""
        fits = self.calibration != "prior" or takes_prior(recipe)
        kind = self.calibration if fits else usual_calibration(recipe)
        return replace(recipe, rung=remedy_of(recipe) or recipe.rung, calibration=kind)

    def _sampled(self, model: str) -> Iterator[Recipe]:
        for sampler in self.samplers:
            yield self.with_remedy(replace(self.base(model), sampler=sampler))

    def _others(self, model: str) -> Iterator[Recipe]:
        for remedy in self._chosen(own=False):
            made = remedy.make(self, model)
            if made is not None:
                yield made

    def _chosen(self, *, own: bool) -> Iterator[Remedy]:
        return (REMEDIES[name] for name in REMEDIES if name in self.remedies and REMEDIES[name].own == own)

    def _check(self) -> None:
        _check_names("model", self.models, LADDER_MODELS)
        _check_names("remedy", self.remedies, REMEDIES)
        for sampler in self.samplers:
            sampler_spec(sampler.name)
        if not self.models:
            raise InputError("There is no model to try remedies on.", f"Choose among: {', '.join(LADDER_MODELS)}.")


def for_table(samplers: Sequence[Sampler], categories: int, numbers: int) -> tuple[Sampler, ...]:
    """The samplers, each by the relative that keeps the categories of these columns whole, where there is one."""
    return tuple(dict.fromkeys(for_columns(sampler, categories, numbers)[0] for sampler in samplers))


def remedies_tried(positives: float) -> tuple[str, ...]:
    """The remedies that are tried where nothing else was chosen, at this share of positives."""
    return tuple(name for name in REMEDIES if name != "anomaly" or positives < VERY_RARE)


def _weighted(kind: Weights) -> Make:
    def make(ladder: RemedyLadder, model: str) -> Recipe | None:
        size = {"effective": ladder.beta, "cost": ladder.miss_cost}.get(kind)
        weighed = replace(ladder.base(model), class_weight=kind, weight_number=size)
        return ladder.with_remedy(weighed) if MODELS[model].weights else None

    return make


def _in_place_of(plain: str, name: str, setting: str = "") -> Make:
    def make(ladder: RemedyLadder, model: str) -> Recipe | None:
        settings = ((setting, getattr(ladder, setting)),) if setting else ()
        return ladder.with_remedy(replace(ladder.base(model), model=Model(name, settings))) if model == plain else None

    return make


def _own(name: str) -> Make:
    def make(ladder: RemedyLadder, _model: str) -> Recipe | None:
        made = ladder.with_remedy(ladder.base(name))
        return made if remedy_of(made) else replace(made, rung="reference")

    return make


def _two_phases(ladder: RemedyLadder, model: str) -> Recipe | None:
    sampled = replace(ladder.base(model), sampler=Sampler("random_under"), training="two_phase")
    return ladder.with_remedy(sampled) if model == "lightgbm" else None


def _dynamic(ladder: RemedyLadder, model: str) -> Recipe | None:
    drawn = replace(ladder.base(model), training="dynamic")
    return ladder.with_remedy(drawn) if model == "lightgbm" else None


def _ensemble(name: str) -> Remedy:
    return Remedy(name, MODELS[name].label, "ensembles", MODELS[name].sentence, _own(name), own=True)


_REMEDIES = (
    Remedy(
        "balanced",
        "Balanced",
        "weights",
        "Each class weighs the same in all, however few its rows.",
        _weighted("balanced"),
    ),
    Remedy(
        "effective",
        "Effective number",
        "weights",
        "Like balanced, but rows count less the more of them there are (Cui et al. 2019).",
        _weighted("effective"),
    ),
    Remedy("cost", "From costs", "weights", "A row of the rare class weighs what a miss costs.", _weighted("cost")),
    Remedy(
        "focal",
        "Focal loss",
        "losses",
        MODELS["focal_lightgbm"].sentence,
        _in_place_of("lightgbm", "focal_lightgbm"),
    ),
    Remedy(
        "cost_loss",
        "Cost-sensitive loss",
        "losses",
        MODELS["cost_lightgbm"].sentence,
        _in_place_of("lightgbm", "cost_lightgbm", "miss_cost"),
    ),
    Remedy(
        "two_phase",
        "Two phases",
        "training",
        "Half of the trees grow on even classes, the other half on the rows as they are.",
        _two_phases,
    ),
    Remedy(
        "dynamic",
        "Dynamic sampling",
        "training",
        "The common class is under-sampled anew every ten trees.",
        _dynamic,
    ),
    *(_ensemble(name) for name in ("balanced_random_forest", "balanced_bagging", "easy_ensemble", "rusboost")),
    Remedy("anomaly", MODELS["anomaly"].label, "references", MODELS["anomaly"].sentence, _own("anomaly"), own=True),
)
REMEDIES: Mapping[str, Remedy] = {remedy.name: remedy for remedy in _REMEDIES}


def _each_once(recipes: Sequence[Recipe]) -> tuple[Recipe, ...]:
    first: dict[str, Recipe] = {}
    for recipe in recipes:
        first.setdefault(recipe.fingerprint, recipe)
    return tuple(first.values())


def _check_names(what: str, names: Sequence[str], known: Sequence[str] | Mapping[str, object]) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(f"There is no {what} '{unknown[0]}'.", f"Choose among: {', '.join(known)}.")
