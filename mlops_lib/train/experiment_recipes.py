"""Reading the recipes of an experiment file: a ladder, the remedies to be tried, or recipes one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast, get_args

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.recipe import (
    Action,
    Adjust,
    Calibration,
    Leak,
    Model,
    Recipe,
    Sampler,
    Selection,
    Training,
    Treatment,
    Weights,
)
from mlops_lib.objects.target import Outcome
from mlops_lib.resample import catalogue
from mlops_lib.train import models
from mlops_lib.train.experiment_fields import Fields
from mlops_lib.train.ladder import DEFAULT_SELECTION, LADDER_MODELS, RUNGS, Ladder
from mlops_lib.train.outcomes import recipes_for
from mlops_lib.train.remedy_ladder import REMEDIES, RemedyLadder
from mlops_lib.train.repair import CALIBRATIONS, usual_calibration
from mlops_lib.train.rule_model import parse_rule
from mlops_lib.train.weights import check_weights, weight_number


def read_recipes(fields: Fields, kind: Outcome = "binary") -> tuple[Ladder | RemedyLadder | None, tuple[Recipe, ...]]:
    """The ladder that a file names, or the remedies it tries, with their recipes; None with the recipes it lists.

    Of a ladder only what applies to this kind of target makes recipes (`outcomes.recipes_for`).

    Raises InputError naming the line and the field that is wrong.
    """
    listed = tuple(_recipe(entry) for entry in fields.sections("recipes"))
    section, remedies = fields.section("ladder"), fields.section("remedies")
    named = [name for name, is_there in (("recipes", listed), ("ladder", section), ("remedies", remedies)) if is_there]
    if len(named) > 1:
        also = "a ladder" if named[1] == "ladder" else "a list of remedies"
        fields.refuse(named[0], f"there is {also} too", "Keep one of 'ladder', 'remedies' and 'recipes'.")
    if listed:
        return None, listed
    ladder = _remedies(remedies) if remedies else _ladder(section) if section else Ladder()
    if remedies and kind != "binary":
        fields.refuse("remedies", "they are for a question with two answers", "Name a 'ladder' or 'recipes'.")
    return ladder, recipes_for(ladder, kind)


def _remedies(fields: Fields) -> RemedyLadder:
    usual = RemedyLadder()
    ladder = RemedyLadder(
        treatments=tuple(_treatment(t) for t in fields.sections("treatments")),
        models=fields.choices("models", LADDER_MODELS, usual.models),
        samplers=_samplers(fields) if fields.has("samplers") else usual.samplers,
        remedies=fields.choices("remedies", REMEDIES, usual.remedies),
        miss_cost=fields.number("miss_cost", usual.miss_cost),
        beta=fields.number("beta", usual.beta),
        rule=fields.text("rule", ""),
        calibration=cast("Calibration", fields.choice("calibration", CALIBRATIONS, usual.calibration)),
    )
    if ladder.rule:
        _refused(fields, "rule", lambda: parse_rule(ladder.rule))
    fields.done()
    return ladder


def _samplers(fields: Fields) -> tuple[Sampler, ...]:
    """Names, or entries with a name and settings."""
    if fields.is_plain_list("samplers"):
        named = tuple(Sampler(name) for name in fields.choices("samplers", catalogue.SAMPLERS, ()))
    else:
        named = tuple(_sampler_entry(entry) for entry in fields.sections("samplers"))
    return tuple(sampler for sampler in named if sampler.name != "none")


def _sampler_entry(fields: Fields) -> Sampler:
    name = fields.choice("name", catalogue.SAMPLERS)
    settings = tuple(sorted((k, v) for k, v in fields.values() if k != "name"))
    _refused(fields, "name", lambda: catalogue.settings_of(Sampler(name, settings)))
    return Sampler(name, settings)


def _refused(fields: Fields, name: str, check: Callable[[], object]) -> None:
    """Say of what a check raises in which line and field it is."""
    try:
        check()
    except InputError as error:
        fields.refuse(name, error.message.rstrip("."), error.hint)


def _ladder(fields: Fields) -> Ladder:
    overrides = fields.section("calibrations")
    selection = fields.section("selection")
    ladder = Ladder(
        treatments=tuple(_treatment(t) for t in fields.sections("treatments")),
        selection=_selection(selection) if selection else DEFAULT_SELECTION,
        models=fields.choices("models", (*LADDER_MODELS, "ridge"), LADDER_MODELS),
        rungs=fields.choices("rungs", RUNGS, tuple(RUNGS)),
        sampler=_sampler(fields) or Sampler("smoteenn"),
        calibrations=_calibrations(overrides) if overrides else (),
    )
    fields.done()
    return ladder


def _calibrations(fields: Fields) -> tuple[tuple[str, Any], ...]:
    found = tuple(sorted((rung, fields.choice(rung, CALIBRATIONS)) for rung, _ in fields.all_texts()))
    for rung, _ in found:
        if rung not in RUNGS:
            fields.refuse(rung, "there is no such rung", f"The rungs are: {', '.join(RUNGS)}.")
    return found


def _recipe(fields: Fields) -> Recipe:
    settings, selection = fields.section("settings"), fields.section("selection")
    weight = fields.choice("class_weight", get_args(Weights)) if fields.has("class_weight") else None
    name = fields.choice("model", models.MODELS)
    model = Model(name, tuple(sorted(settings.values())) if settings else ())
    sampler = _sampler(fields)
    size = fields.number("weight_number") if fields.has("weight_number") else None
    try:
        models.settings_of(model)
        recipe = Recipe(
            model,
            rung=fields.text("rung", "base"),
            treatments=tuple(_treatment(t) for t in fields.sections("treatments")),
            selection=_selection(selection) if selection else None,
            min_frequency=fields.number("min_frequency", 0.01),
            scale=fields.flag("scale", default=True),
            sampler=sampler,
            class_weight=cast("Any", weight),
            weight_number=size,
            training=cast("Any", fields.choice("training", get_args(Training), "once")),
            leak=cast("Any", fields.choices("leak", get_args(Leak), ())),
        )
        check_weights(recipe.class_weight, weight_number(recipe), 2)
        kind = fields.choice("calibration", CALIBRATIONS, usual_calibration(recipe))
        recipe = replace(recipe, calibration=cast("Calibration", kind))
    except InputError as error:
        if error.message.startswith("Line "):
            raise
        fields.refuse("model", error.message.rstrip("."), error.hint)
    fields.done()
    return recipe


def _treatment(fields: Fields) -> Treatment:
    action = fields.choice("action", get_args(Action))
    column, why = fields.text("column"), fields.text("why", "")
    values, into = fields.texts("values"), fields.text("into", "")
    fields.done()
    try:
        return Treatment(column, cast("Action", action), why, values, into)
    except InputError as error:
        fields.refuse("action", error.message.rstrip("."), error.hint)


def _selection(fields: Fields) -> Selection:
    seen = fields.choice("seen", ("", "training rows", "all rows"), "")
    rule = Selection(
        max_p=fields.number("max_p", 0.05),
        min_effect=fields.number("min_effect", 0.0),
        max_vif=fields.number("max_vif") if fields.has("max_vif") else None,
        keep=fields.texts("keep"),
        drop=fields.texts("drop"),
        seen=cast("Any", seen),
        adjust=cast("Adjust", fields.choice("adjust", get_args(Adjust), "fdr_bh")),
        max_correlation=fields.number("max_correlation") if fields.has("max_correlation") else None,
    )
    fields.done()
    return rule


def _sampler(fields: Fields) -> Sampler | None:
    if not fields.has("sampler"):
        return None
    if fields.is_text("sampler"):
        name, settings = fields.choice("sampler", catalogue.SAMPLERS), ()
    else:
        section = _section(fields, "sampler")
        name = section.choice("name", catalogue.SAMPLERS)
        settings = tuple(sorted((k, v) for k, v in section.values() if k != "name"))  # type: ignore[assignment]
    sampler = Sampler(name, settings)
    try:
        catalogue.settings_of(sampler)
    except InputError as error:
        fields.refuse("sampler", error.message.rstrip("."), error.hint)
    return sampler if name != "none" else None


def _section(fields: Fields, name: str) -> Fields:
    section = fields.section(name)
    if section is None:
        fields.refuse(name, "it is missing", "Add it.")
    return section
