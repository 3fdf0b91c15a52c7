"""An experiment as a YAML file: readable, written by hand or downloaded from the Train page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast, get_args

from mlops_lib.objects.dataset import ReadingOptions
from mlops_lib.objects.decision import AtLeast, Best, Capacity, Cost, Fixed, Policy
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.recipe import Action, Adjust, Model, Recipe, Sampler, Selection, Treatment
from mlops_lib.objects.schema import KINDS, ROLES, Above, Classes, Kind, Question, Role
from mlops_lib.resample import catalogue
from mlops_lib.train import models
from mlops_lib.train.calibrate import CALIBRATIONS
from mlops_lib.train.experiment_fields import Fields, parse
from mlops_lib.train.ladder import DEFAULT_SELECTION, LADDER_MODELS, RUNGS, Ladder

FORMAT = 1

COLUMN_LISTS = ("text_columns", "number_columns", "date_columns", "day_first", "month_first")
"""Fields of `ReadingOptions` that name columns."""


@dataclass(frozen=True)
class DataSource:
    """Where the table comes from: a dataset of the workspace, else a file beside the YAML file (checked where both)."""

    dataset: str = ""
    file: str = ""
    name: str = ""
    options: ReadingOptions | None = None


@dataclass(frozen=True)
class Registration:
    """Under which model name a run is registered, which recipe (empty: the recommended one), and an alias to set."""

    model: str
    recipe: str = ""
    alias: str = ""


@dataclass(frozen=True)
class ExperimentFile:
    """What a file says. `columns` are (name, kind, role) that differ from what would be proposed, or all of them.

    `folds`, `hold_out`, `split_seed`, `repeats`, `gap` and `held` are what `data.splits.plan_split` is asked for.
    `reference` is the name of a recipe, empty for the ladder's own. `prevalence` is the true share of
    positives where the table has another one on purpose. `ladder` is None where recipes are listed.
    """

    data: DataSource
    target: str
    question: Question
    recipes: tuple[Recipe, ...]
    ladder: Ladder | None = None
    columns: tuple[tuple[str, Kind, Role], ...] = ()
    folds: int = 5
    hold_out: float = 0.25
    split_seed: int = 0
    repeats: int = 1
    gap: float = 0.0
    held: str = ""
    seed: int = 0
    name: str = ""
    reference: str = ""
    prevalence: float | None = None
    policy: Policy = Best("f1")
    register: Registration | None = None


def read_experiment_file(text: str, name: str = "the experiment file") -> ExperimentFile:
    """The content of a YAML experiment. Raises InputError naming the line and the field that is wrong."""
    fields = parse(text, name)
    if fields.whole("fulcrum", FORMAT) != FORMAT:
        fields.refuse("fulcrum", f"this version reads format {FORMAT}", "Download the file again.")
    target, question = _question(_required(fields, "question"))
    ladder, recipes = _recipes(fields)
    split = fields.section("split")
    result = ExperimentFile(
        data=_data(_required(fields, "data")),
        target=target,
        question=question,
        recipes=recipes,
        ladder=ladder,
        columns=_columns(fields.section("columns")),
        folds=split.whole("folds", 5) if split else 5,
        hold_out=split.number("hold_out", 0.25) if split else 0.25,
        split_seed=split.whole("seed", 0) if split else 0,
        repeats=split.whole("repeats", 1) if split else 1,
        gap=split.number("gap", 0.0) if split else 0.0,
        held=split.text("held", "") if split else "",
        seed=fields.whole("seed", 0),
        name=fields.text("name", ""),
        reference=fields.text("reference", ""),
        prevalence=_prevalence(fields),
        policy=_policy(fields.section("policy")),
        register=_registration(fields.section("register")),
    )
    for part in (split, fields):
        if part is not None:
            part.done()
    return result


def _prevalence(fields: Fields) -> float | None:
    if not fields.has("prevalence"):
        return None
    share = fields.number("prevalence")
    if not 0 < share < 1:
        fields.refuse("prevalence", f"{share:g} is no share", "Give a number above 0 and below 1.")
    return share


def _required(fields: Fields, name: str) -> Fields:
    section = fields.section(name)
    if section is None:
        fields.refuse(name, "it is missing", "Add it.")
    return section


def _data(fields: Fields) -> DataSource:
    reading = fields.section("reading")
    found = DataSource(
        dataset=fields.text("dataset", ""),
        file=fields.text("file", ""),
        name=fields.text("name", ""),
        options=_reading(reading) if reading else None,
    )
    if not found.dataset and not found.file:
        fields.refuse("file", "it is missing", "Name a file, or a dataset of this workspace.")
    fields.done()
    return found


def _reading(fields: Fields) -> ReadingOptions:
    column_lists: dict[str, Any] = {name: fields.texts(name) for name in COLUMN_LISTS}
    options = ReadingOptions(
        encoding=fields.text("encoding", "") or None,
        delimiter=fields.text("delimiter", "") or None,
        decimal=fields.text("decimal", "") or None,
        header=fields.flag("header", default=True) if fields.has("header") else None,
        sheet=fields.text("sheet", "") or None,
        missing=fields.texts("missing") if fields.has("missing") else None,
        header_row=fields.whole("header_row") if fields.has("header_row") else None,
        comment=fields.text("comment") if fields.has("comment") else None,
        thousands=fields.text("thousands") if fields.has("thousands") else None,
        **column_lists,
    )
    fields.done()
    return options


def _question(fields: Fields) -> tuple[str, Question]:
    target = fields.text("target")
    if fields.has("above") == fields.has("positive"):
        fields.refuse("positive", "say either which class is positive or above which number", "Keep one of the two.")
    question: Question = Above(fields.number("above")) if fields.has("above") else Classes(fields.text("positive"))
    fields.done()
    return target, question


def _columns(fields: Fields | None) -> tuple[tuple[str, Kind, Role], ...]:
    if fields is None:
        return ()
    columns = []
    for name, said in fields.all_texts():
        kind, _, role = said.partition(" ")
        role = role.strip() or "feature"
        if kind not in KINDS or role not in ROLES:
            fields.refuse(
                name, f"'{said}' is no kind and role", f"Write one of {', '.join(KINDS)}, then {', '.join(ROLES)}."
            )
        columns.append((name, kind, role))
    return tuple(columns)


def _recipes(fields: Fields) -> tuple[Ladder | None, tuple[Recipe, ...]]:
    listed = tuple(_recipe(entry) for entry in fields.sections("recipes"))
    section = fields.section("ladder")
    if listed and section:
        fields.refuse("recipes", "there is a ladder too", "Keep either 'ladder' or 'recipes'.")
    if listed:
        return None, listed
    ladder = _ladder(section) if section else Ladder()
    return ladder, ladder.recipes()


def _ladder(fields: Fields) -> Ladder:
    overrides = fields.section("calibrations")
    selection = fields.section("selection")
    ladder = Ladder(
        treatments=tuple(_treatment(t) for t in fields.sections("treatments")),
        selection=_selection(selection) if selection else DEFAULT_SELECTION,
        models=fields.choices("models", LADDER_MODELS, LADDER_MODELS),
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
    weight = fields.choice("class_weight", ("balanced",)) if fields.has("class_weight") else None
    name = fields.choice("model", models.MODELS)
    model = Model(name, tuple(sorted(settings.values())) if settings else ())
    sampler = _sampler(fields)
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
            calibration=cast("Any", fields.choice("calibration", CALIBRATIONS, "none")),
        )
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
        section = _required(fields, "sampler")
        name = section.choice("name", catalogue.SAMPLERS)
        settings = tuple(sorted((k, v) for k, v in section.values() if k != "name"))  # type: ignore[assignment]
    sampler = Sampler(name, settings)
    try:
        catalogue.settings_of(sampler)
    except InputError as error:
        fields.refuse("sampler", error.message.rstrip("."), error.hint)
    return sampler if name != "none" else None


def _policy(fields: Fields | None) -> Policy:
    if fields is None:
        return Best("f1")
    if fields.has("best"):
        policy: Policy = Best(fields.text("best"))
    elif fields.has("miss") or fields.has("false_alarm"):
        policy = Cost(fields.number("miss"), fields.number("false_alarm"), fields.text("currency", ""))
    elif fields.has("alerts") or fields.has("out_of"):
        policy = Capacity(fields.whole("alerts"), fields.whole("out_of"))
    elif fields.has("metric") or fields.has("minimum"):
        policy = AtLeast(fields.choice("metric", ("precision", "recall")), fields.number("minimum"))
    else:
        policy = Fixed(fields.number("threshold"))
    fields.done()
    return policy


def _registration(fields: Fields | None) -> Registration | None:
    if fields is None:
        return None
    found = Registration(fields.text("model"), fields.text("recipe", ""), fields.text("alias", ""))
    fields.done()
    return found
