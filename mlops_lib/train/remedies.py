"""What a recipe does about imbalance beyond moving the threshold, and the same recipe without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mlops_lib.objects.recipe import Model, Recipe, Sampler
from mlops_lib.resample.catalogue import sampler_spec
from mlops_lib.train.models import MODELS, settings_of
from mlops_lib.train.weights import weight_number

REFERENCES = ("dummy", "rule", "anomaly")
"""Models that stand beside the others to be beaten; they are no remedy, and there is nothing to take off them."""


def remedy_of(recipe: Recipe) -> str:
    """A short label of the remedy: "SMOTE", "class weights, balanced", "focal loss"; empty where there is none."""
    return " + ".join(_parts(recipe))


def without_remedy(recipe: Recipe) -> Recipe:
    """The same recipe with nothing done but moving the threshold: no sampler, no weights, trained once, the plain
    relative of an imbalance-aware model, no calibration. One without a remedy only loses its calibration."""
    return replace(
        recipe,
        model=plain_model(recipe.model),
        rung="base" if recipe.selection is None else "selection",
        sampler=None,
        class_weight=None,
        weight_number=None,
        training="once",
        calibration="none",
        leak=tuple(step for step in recipe.leak if step != "sample"),
    )


def plain_model(model: Model) -> Model:
    """The relative of an imbalance-aware model that does nothing about imbalance, with the same value of every setting
    that both have; a model that is plain stays as it is."""
    spec = MODELS.get(model.name)
    if spec is None or not spec.plain:
        return model
    usual = MODELS[spec.plain].settings
    shared = {name for name, _ in usual}
    return Model(spec.plain, tuple(s for s in settings_of(model) if s[0] in shared and s not in usual))


def _parts(recipe: Recipe) -> Iterator[str]:
    sampler = _sampler_label(recipe.sampler)
    if recipe.training == "two_phase":
        yield f"two phases, {sampler or 'no sampler'}"
    elif recipe.training == "dynamic":
        yield "dynamic under-sampling"
    if sampler and recipe.training != "two_phase":
        yield sampler
    if recipe.class_weight is not None:
        yield _weights_label(recipe)
    spec = MODELS.get(recipe.model.name)
    if spec is not None and spec.plain:
        yield spec.remedy


def _sampler_label(sampler: Sampler | None) -> str:
    if sampler is None or sampler.name == "none":
        return ""
    ratio = dict(sampler.settings).get("ratio")
    label = sampler_spec(sampler.name).label
    return f"{label} to {ratio:g}" if isinstance(ratio, float) and ratio != 1 else label


def _weights_label(recipe: Recipe) -> str:
    if recipe.class_weight == "cost":
        return f"class weights, cost {weight_number(recipe):g} to 1"
    return {"balanced": "class weights, balanced", "effective": "class weights, effective number"}[
        str(recipe.class_weight)
    ]
