"""A selection and what it shows, in words. Plain text: names and labels are as they are in the table."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

import numpy as np

from mlops_lib.explore.binned import Binned, BinnedColumn
from mlops_lib.explore.binning import edge_words
from mlops_lib.explore.distributions import MISSING
from mlops_lib.explore.linked import Filtered, Level
from mlops_lib.explore.rare_levels import ENOUGH
from mlops_lib.objects.words import count, counted, interval, number, percent, quoted

_NAMED = 4


def condition(column: BinnedColumn, bins: Sequence[int]) -> str:
    """The chosen bins of a column: "Age is 18 to 30 or missing", "Department is Sales or IT"."""
    return f"{column.name} is {chosen_words(column, bins)}"


def chosen_words(column: BinnedColumn, bins: Sequence[int]) -> str:
    """The chosen bins alone; neighbouring ones of a number or date as one range."""
    known = [b for b in sorted(bins) if not (column.missing and b == len(column.labels) - 1)]
    parts = [quoted(column.labels[b]) for b in known] if column.edges is None else _ranges(column, known)
    if len(known) < len(set(bins)):
        parts.append(MISSING)
    if len(parts) > _NAMED:
        parts = [*parts[: _NAMED - 1], f"{len(parts) - _NAMED + 1} others"]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"


def conditions(binned: Binned, selections: dict[str, tuple[int, ...]]) -> str:
    """All selections: "OverTime is Yes and Age is below 30"."""
    parts = [condition(binned.column(name), bins) for name, bins in selections.items()]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def linked_sentence(binned: Binned, found: Filtered) -> str:
    """How the target stands among the selected rows, against all rows."""
    of_features = {name: bins for name, bins in found.selections.items() if name != found.target}
    only_target = {name: bins for name, bins in found.selections.items() if name == found.target}
    if not found.selections:
        overall = level_words(found.target, found.asked, found.overall)
        return f"In all {counted(found.n, 'row')} {overall}. Choose a bar to see who is behind it."
    if not found.selected:
        return f"There is no row where {conditions(binned, dict(found.selections))}. Take one of the selections away."
    if not of_features:
        where = conditions(binned, only_target)
        share = percent(found.selected / found.n)
        return f"The coloured bars show the {counted(found.selected, 'row')} where {where}, {share} of all."
    level = level_words(found.target, found.asked, found.inside)
    compared = against(found.asked, found.inside, found.overall)
    text = f"{among(conditions(binned, of_features), found.inside.n)} {level}, {compared}."
    if only_target:
        text += f" The figures show the {count(found.selected)} where {conditions(binned, only_target)}."
    return text


def level_words(target: str, asked: str, level: Level) -> str:
    """ "Attrition is Yes in 38.8 % (32.5 % to 45.4 %)"; of a number (`asked` is empty) its mean."""
    if not asked:
        reach = "" if isnan(level.low) else f" ({interval(level.low, level.high)})"
        return f"the mean of {target} is {number(level.value)}{reach}"
    return f"{target} is {quoted(asked)} in {percent(level.value)} ({_reach(level)})"


def against(asked: str, inside: Level, overall: Level) -> str:
    """The level inside against that of all rows, as a multiple where the two surely differ."""
    everywhere = percent(overall.value) if asked else number(overall.value)
    if not (inside.low > overall.value or inside.high < overall.value):
        return f"which cannot be told from the {everywhere} of all rows"
    if asked:
        return f"{number(inside.value / overall.value, 2)} times the {everywhere} of all rows"
    more = "more" if inside.value > overall.value else "less"
    return f"{number(abs(inside.value - overall.value))} {more} than the {everywhere} of all rows"


def few_rows(asked: str, level: Level) -> str:
    """That the rows are too few to read a level from; empty where they are not, or where there are none."""
    if level.n >= ENOUGH or not level.n:
        return ""
    if isnan(level.low):
        return f"{counted(level.n, 'row')}: too few for an interval."
    spans = _reach(level) if asked else interval(level.low, level.high)
    return f"{counted(level.n, 'row')}: the interval spans {spans}. Too few to act on."


def chance_warning(found: Filtered) -> str:
    """That the highest of many groups is partly chance; empty without a selection of a feature."""
    if not set(found.selections) - {found.target}:
        return ""
    groups = sum(len(part.column.labels) for part in found.columns if part.column.name != found.target)
    return (
        f"The figures show {count(groups)} groups, and their combinations are many more: whoever looks for the highest "
        "finds one that is high by chance. An interval is right for a group named beforehand; check this one on "
        "rows that were not looked at here."
    )


def among(where: str, n: int) -> str:
    """ "Among the 214 rows where OverTime is Yes," """
    return f"In the one row where {where}," if n == 1 else f"Among the {count(n)} rows where {where},"


def _reach(level: Level) -> str:
    return f"{percent(level.low)} to {percent(level.high)}"


def _ranges(column: BinnedColumn, bins: Sequence[int]) -> list[str]:
    """Runs of neighbouring bins as ranges."""
    runs: list[list[int]] = []
    for b in bins:
        if runs and runs[-1][-1] == b - 1:
            runs[-1].append(b)
        else:
            runs.append([b])
    return [_range(column, run[0], run[-1]) for run in runs]


def _range(column: BinnedColumn, first: int, last: int) -> str:
    if first == last:
        return column.labels[first]
    if column.single:
        return f"{column.labels[first]} to {column.labels[last]}"
    words = edge_words(np.array(column.edges), column.kind == "date")
    low, high = words[first], words[last + 1]
    if low and high:
        return f"{low} to {high}"
    return f"below {high}" if high else f"{low} and more" if low else "any value"
