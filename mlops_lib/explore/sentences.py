"""The sentence that matters first, in the numbers of the table. Plain text: names and cells are as they are."""

from __future__ import annotations

import math

import pandas as pd

from mlops_lib.explore.balance import ClassBalance
from mlops_lib.explore.distributions import MISSING, Distribution
from mlops_lib.explore.rare_levels import ENOUGH
from mlops_lib.objects.words import count, counted, interval, number, percent, quoted


def balance_sentence(balance: ClassBalance) -> str:
    """What a model that learns nothing achieves, and what it never finds."""
    nothing = balance.do_nothing
    if balance.kind == "number":
        return (
            f"A model that always answers the mean of '{balance.column}', {nothing.answer}, is off by "
            f"{number(nothing.rmse)} (root mean square); one that answers the median is off by {number(nothing.mae)}."
        )
    right = f"A model that always says {quoted(nothing.answer)} is right {percent(nothing.accuracy)} of the time"
    rare = balance.names[balance.smallest]
    missed = counted(balance.counts[balance.smallest], "row")
    if balance.kind == "classes":
        return f"{right} and finds no other class: {quoted(rare)} has {missed} of {count(balance.n)}."
    return f"{right} and finds none of the {missed} where '{balance.column}' is {quoted(rare)}."


def missing_sentence(balance: ClassBalance) -> str:
    """How many rows have no answer; empty where none."""
    if not balance.missing:
        return ""
    verb = "has" if balance.missing == 1 else "have"
    return (
        f"{counted(balance.missing, 'row')} of the table {verb} no '{balance.column}' and stay out of everything here."
    )


def column_sentence(d: Distribution) -> str:
    """Where the target is surely high and low along a column, or that it is not."""
    if d.target_kind == "classes":
        if math.isnan(d.strength):
            return f"{d.name} has one value in these {counted(d.n, 'row')}."
        return f"{d.name} goes with {d.target} by {d.strength:.2f}, where 0 is not at all and 1 completely."
    found = d.extremes()
    if found is None:
        what = f"The mean of {d.target}" if d.target_kind == "number" else f"How often {_asked(d)}"
        return f"{what} hardly changes along {d.name}: no two groups of {ENOUGH} rows or more surely differ."
    low, high = found
    what = f"the mean of {d.target} is" if d.target_kind == "number" else f"{_asked(d)} in"
    return (
        f"{_group(d, high)}, {what} {_level(d, high)} ({_range(d, high)}, {counted(int(d.counts[high]), 'row')}); "
        f"{_group(d, low, first=False)}, {'it is' if d.target_kind == 'number' else 'in'} {_level(d, low)}."
    )


def _asked(d: Distribution) -> str:
    return f"{d.target} is {quoted(d.classes[1])}"


def pairs_sentence(pairs: pd.DataFrame, limit: float, features: int) -> str:
    """How many pairs are close, and which most."""
    every = features * (features - 1) // 2
    if not every:
        return "There is one feature, so there is no pair of features to compare."
    if len(pairs) == 0:
        return f"None of the {counted(every, 'pair')} of features reaches {limit:g}: each says something of its own."
    first = pairs.iloc[0]
    reach = "reaches" if len(pairs) == 1 else "reach"
    return (
        f"{count(len(pairs))} of {counted(every, 'pair')} of features {reach} {limit:g} and say much the same: "
        f"{first['first']} and {first['second']} most ({first['measure']} {number(first['value'])})."
    )


def _group(d: Distribution, place: int, *, first: bool = True) -> str:
    label = d.labels[place]
    word = "Where" if first else "where"
    return f"{word} {d.name} is {label if label == MISSING else quoted(label) if d.edges is None else label}"


def _level(d: Distribution, place: int) -> str:
    value = float(d.level[place])
    return number(value) if d.target_kind == "number" else percent(value)


def _range(d: Distribution, place: int) -> str:
    low, high = float(d.low[place]), float(d.high[place])
    return interval(low, high) if d.target_kind == "number" else f"{percent(low)} to {percent(high)}"
