"""An experiment as a YAML file: readable, written by hand or downloaded from the Train page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlops_lib.objects.dataset import ReadingOptions
from mlops_lib.objects.decision import AtLeast, Best, Capacity, Cost, Fixed, Policy
from mlops_lib.objects.recipe import Recipe
from mlops_lib.objects.schema import KINDS, ROLES, Above, Classes, Kind, Number, Question, Role
from mlops_lib.objects.target import outcome_of
from mlops_lib.train.experiment_fields import Fields, parse
from mlops_lib.train.experiment_recipes import read_recipes
from mlops_lib.train.ladder import Ladder
from mlops_lib.train.remedy_ladder import RemedyLadder

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
    ladder: Ladder | RemedyLadder | None = None
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


AS_IT_IS: dict[str, Question] = {"classes": Classes(None), "number": Number()}
"""A target that is not turned into a question with two answers."""


def read_experiment_file(text: str, name: str = "the experiment file") -> ExperimentFile:
    """The content of a YAML experiment. Raises InputError naming the line and the field that is wrong."""
    fields = parse(text, name)
    if fields.whole("fulcrum", FORMAT) != FORMAT:
        fields.refuse("fulcrum", f"this version reads format {FORMAT}", "Download the file again.")
    target, question = _question(_required(fields, "question"))
    ladder, recipes = read_recipes(fields, outcome_of(question))
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
    if sum(fields.has(name) for name in ("positive", "above", "as")) != 1:
        fields.refuse(
            "positive",
            "say one of three: which class is positive, above which number, or that the target is taken as it is",
            "Keep one of 'positive', 'above' and 'as'.",
        )
    question: Question
    if fields.has("as"):
        question = AS_IT_IS[fields.choice("as", AS_IT_IS)]
    else:
        question = Above(fields.number("above")) if fields.has("above") else Classes(fields.text("positive"))
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
