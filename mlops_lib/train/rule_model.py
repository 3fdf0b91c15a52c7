"""A rule that the user writes, as a baseline: its text becomes an encoder of raw columns and a classifier behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from mlops_lib.data.conditions import Comparison, Condition, Group, columns_of, parse_condition
from mlops_lib.data.matching import date_bounds, matches
from mlops_lib.objects import words
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.recipe import Model, Recipe
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.train.rule_steps import Joined, Meets, RuleShares

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rule_of(recipe: Recipe) -> str:
    """The rule of a recipe, empty where its model is another."""
    return str(dict(recipe.model.settings).get("rule", "")) if recipe.model.name == "rule" else ""


def rule_recipe(text: str) -> Recipe:
    """The recipe of a rule."""
    return Recipe(Model("rule", (("rule", text),)), rung="your rule")


def parse_rule(text: str, schema: Schema | None = None) -> Condition:
    """The condition that a rule states. Raises InputError where it is none, naming the piece that is not understood, or
    where it asks for a column that is no feature of the schema."""
    if not text.strip():
        raise InputError("The rule is empty.", "Write one such as: overtime == 'Yes' and tenure < 2")
    condition = parse_condition(text)
    if schema is not None:
        named = {column.name: column.role for column in schema.columns}
        for name in columns_of(condition):
            if named.get(name, "feature") != "feature":
                raise InputError(
                    f"The rule asks for '{name}', whose role is {named[name]}.", "Use feature columns only."
                )
        parse_condition(text, schema.features())
    return condition


def check_rule(recipe: Recipe, dataset: Dataset, schema: Schema) -> None:
    """Raises InputError where the recipe's rule cannot be read, names a column that is no feature, or compares a column
    with a value of another kind, and where the recipe does something beside it. A recipe with another model passes."""
    if recipe.model.name == "rule":
        _check_alone(recipe)
        condition = parse_rule(rule_of(recipe), schema)
        matches(dataset.table(columns_of(condition)).slice(0, 0), condition)


def _check_alone(recipe: Recipe) -> None:
    """A rule looks at the raw columns: nothing can be done to them or to the rows before it."""
    asked = {
        "treatments": recipe.treatments,
        "a selection rule": recipe.selection,
        "a sampler": recipe.sampler,
        "steps before the split": recipe.leak,
    }
    found = [what for what, is_asked in asked.items() if is_asked]
    if found:
        raise InputError(
            f"A rule is taken as it is written; the recipe also asks for {words.listed(found)}.", "Leave it out."
        )


def rule_refusal(text: str, dataset: Dataset, schema: Schema) -> str:
    """Why a rule cannot be used on a table and what to do, empty where it can or where there is none."""
    if not text.strip():
        return ""
    try:
        check_rule(rule_recipe(text), dataset, schema)
    except InputError as error:
        return f"{error.message} {error.hint}".strip()
    return ""


def rule_words(text: str, dataset: Dataset, schema: Schema, plan: SplitPlan) -> str:
    """To how many training rows a rule says yes. Raises InputError as `parse_rule` does."""
    condition, rows = parse_rule(text, schema), plan.training_rows()
    met = int(matches(dataset.table(columns_of(condition)), condition)[rows].sum())
    if met in (0, len(rows)):
        said = "no training row" if met == 0 else f"all {words.count(len(rows))} training rows"
        return f"The rule says yes to {said}, so it tells nothing apart."
    return f"The rule says yes to {words.count(met)} of {words.count(len(rows))} training rows."


def rule_classifier(text: str) -> RuleShares:
    """The unfitted classifier behind `rule_encoder`. Raises InputError as `parse_rule` does."""
    numbers = count()
    return RuleShares(_numbered(parse_rule(text), numbers))


def rule_encoder(text: str, frame: pd.DataFrame) -> ColumnTransformer:
    """The unfitted encoder with a column of 0 and 1 for each comparison of the rule, in the order of the text.

    The kinds of the columns are those of `frame`, raw training rows. Raises InputError for a value of another kind.
    """
    comparisons = list(_comparisons(parse_rule(text)))
    steps = [(f"{i + 1}", Pipeline([("rule", _step(one, frame))]), [one.column]) for i, one in enumerate(comparisons)]
    return ColumnTransformer(steps, remainder="drop", sparse_threshold=0.0, verbose_feature_names_out=False)


def _comparisons(condition: Condition) -> Iterator[Comparison]:
    if isinstance(condition, Comparison):
        yield condition
    else:
        for part in condition.parts:
            yield from _comparisons(part)


def _numbered(condition: Condition, numbers: Iterator[int]) -> Joined:
    if isinstance(condition, Group):
        return [condition.how, [_numbered(part, numbers) for part in condition.parts]]
    return next(numbers)


def _step(asked: Comparison, frame: pd.DataFrame) -> Meets:
    if asked.operator in ("missing", "filled"):
        numeric = pd.api.types.is_numeric_dtype(frame[asked.column].dtype)
        return Meets("number" if numeric else "any", asked.operator)
    held = frame[asked.column].dtype
    if pd.api.types.is_datetime64_any_dtype(held):
        return _date_step(asked)
    if pd.api.types.is_numeric_dtype(held):
        return Meets("number", asked.operator, tuple(float(value) for value in asked.values))
    return Meets("text", asked.operator, tuple(str(value) for value in asked.values))


def _date_step(asked: Comparison) -> Meets:
    """A day means all of its moments, so one comparison with a day is one with its first and its last microsecond."""
    spans = [_span(asked, value) for value in asked.values]
    low, high = spans[0]
    if asked.operator == "in":
        return _one_of_dates(spans)
    return {
        "==": lambda: Meets("date", "between", (low, high)),
        "!=": lambda: Meets("date", "outside", (low, high)),
        "<": lambda: Meets("date", "<", (low,)),
        "<=": lambda: Meets("date", "<=", (high,)),
        ">": lambda: Meets("date", ">", (high,)),
        ">=": lambda: Meets("date", ">=", (low,)),
        "between": lambda: Meets("date", "between", (low, spans[-1][1])),
    }[asked.operator]()


def _one_of_dates(spans: Sequence[tuple[int, int]]) -> Meets:
    if any(low != high for low, high in spans):
        raise InputError(
            "In a rule, 'in [...]' is not offered for days.",
            "Join comparisons with == by 'or', or use <= on both sides.",
        )
    return Meets("date", "in", tuple(low for low, _ in spans))


def _span(asked: Comparison, value: Any) -> tuple[int, int]:
    """First and last microsecond since 1970 of what a value means."""
    first, beyond = (_microseconds(moment) for moment in date_bounds(Comparison(asked.column, "==", (value,))))
    return first, max(beyond - 1, first)


def _microseconds(moment: datetime) -> int:
    gap = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH
    return int(np.timedelta64(gap, "us").astype(np.int64))
