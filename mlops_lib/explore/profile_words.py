"""What the profiles over time and by group say, in the numbers of the table. Plain text: names are as they are."""

from __future__ import annotations

import math

from scipy.special import pdtrc

from mlops_lib.explore.by_group import ByGroup
from mlops_lib.explore.distributions import Distribution
from mlops_lib.explore.over_time import Movement, OverTime
from mlops_lib.objects.words import count, counted, interval, number, p_is, percent
from mlops_lib.stats.group_levels import Difference

SURE = 0.05
"""p below which groups are said to differ."""

STEADY = 0.5
"""Share of the movement from which it is called a rise or a fall."""

MOST_COMMON = 0.005
"""Share of the rows from which a value is called common."""

SLIGHT = 0.05
"""Strength below which a movement beyond chance is called slight."""


def time_sentence(found: OverTime) -> str:
    """Whether the level moves over time, from where to where."""
    move, what = found.movement, _what(found)
    if move.between.test == "none":
        return f"{_capital(what)} cannot be compared over time: one period, or one value, in these rows."
    if not move.moves and not move.has_trend:
        return f"{_capital(what)} does not move more over time than chance would move it (p {p_is(move.between.p)})."
    if move.moves and (found.cyclic or move.trend_share < STEADY or not move.has_trend):
        return f"{_capital(what)} goes up and down beyond chance{_ends(found)}."
    way = "rises" if move.rising else "falls"
    if move.rising != (move.last > move.first):
        tends = "higher" if move.rising else "lower"
        return f"{_capital(found.target)} tends to be {tends} in later rows, though its mean does not go that way."
    return (
        f"{_capital(what)} {way} over time, from about {_level(found, move.first)} to about "
        f"{_level(found, move.last)} (the straight line through all periods){_ends(found, '; ')}."
    )


def test_words(move: Movement) -> str:
    """The tests with their numbers."""
    if move.between.test == "none":
        return ""
    said = f"Between periods: {difference_words(move.between)}."
    if move.trend == "none":
        return said
    named = "Cochran-Armitage test" if move.trend == "Cochran-Armitage" else "Spearman's rank correlation with time"
    share = "" if math.isnan(move.trend_share) else f"; {percent(move.trend_share)} of the movement is in one direction"
    return f"{said} In one direction: {named}, p {p_is(move.trend_p)}{share}."


def difference_words(found: Difference) -> str:
    """A test of groups with its numbers; empty where there is none."""
    if found.test == "none":
        return ""
    sign = "χ²" if found.test == "chi-square" else "H"
    degrees = counted(int(found.df), "degree of freedom", "degrees of freedom")
    source = "" if found.p_from == "reference" else f" ({_SOURCES[found.p_from]}, as expected counts are small)"
    return (
        f"{found.test} test, {sign} = {number(found.statistic)}, {degrees}, p {p_is(found.p)}{source}, "
        f"effect {found.strength:.3f}"
    )


_SOURCES = {
    "Fisher": "Fisher's exact test",
    "Monte Carlo": "from drawn tables",
    "Matched moments": "from matched moments",
}


def split_words(found: OverTime) -> str:
    """What the movement means for the split; empty for a cycle and where there is no test."""
    move = found.movement
    if found.cyclic or move.between.test == "none":
        return ""
    if not move.moves and not move.has_trend:
        return "Nothing here speaks against a split at random."
    if found.split == "time":
        return "The split goes forward in time, so the folds already judge models on what comes later."
    if move.between.strength < SLIGHT:
        return (
            f"The movement is slight (effect {move.between.strength:.3f}): a split at random will look only a little "
            "better than the future."
        )
    return (
        "A split at random puts rows of every period on both sides and will look better than the future. "
        f"If the model is to judge later rows, choose a time split: "
        f"give '{found.column}' the role 'time' on the Data page."
    )


def gap_words(found: OverTime) -> str:
    """Periods without rows and rows without a date; empty where there are none."""
    said = []
    if found.empty and not found.cyclic:
        said.append(f"{counted(found.empty, found.period)} of {count(len(found.labels))} without a row (shaded)")
    if found.undated:
        said.append(f"{counted(found.undated, 'row')} without a date, left out")
    return f"{'; '.join(said)}." if said else ""


def group_sentence(found: ByGroup) -> str:
    """How many groups are beyond chance, and which most."""
    groups = count(len(found.groups))
    if not found.far and found.between.p < SURE:
        high, low = _at(found, 0), _at(found, len(found.groups) - 1)
        return (
            f"The {groups} groups of {found.column} differ beyond chance, from {low} to {high}; no single one lies "
            "beyond the outer limits."
        )
    if found.far and _few(found):
        return (
            f"{count(found.far)} of {groups} groups of {found.column} {'lies' if found.far == 1 else 'lie'} beyond the "
            "outer limits, which by chance happens more often than once in twenty tables; together the groups do not "
            f"differ more than chance would make them (p {p_is(found.between.p)})."
        )
    if not found.far:
        return (
            f"None of the {groups} groups of {found.column} strays further from {_level(found, found.overall)} than "
            "chance alone lets groups of their size stray."
        )
    named = [f"most surely {way} {_at(found, place)}" for place, way in _farthest(found)]
    are = "lies" if found.far == 1 else "lie"
    most = "at most" if found.is_rate else "about"
    return (
        f"{count(found.far)} of {groups} groups of {found.column} {are} beyond the outer limits, where chance alone "
        f"puts {most} {found.far_by_chance:.1g}: {' and '.join(named)}."
    )


def group_split_words(found: ByGroup) -> str:
    """What differing groups mean for the split; empty where they do not differ or are kept together already."""
    if not ((found.far and not _few(found)) or found.between.p < SURE) or found.split_column == found.column:
        return ""
    return (
        f"If the model is to judge groups that are not in this table, give '{found.column}' the role 'group' on the "
        "Data page: then no group is in training and validation at once."
    )


def common_words(found: Distribution) -> str:
    """How many values a column has, and which are the commonest."""
    values = counted(found.levels, "level" if found.edges is None else "distinct value")
    zeros = f", {counted(found.zeros, 'cell')} of 0" if found.zeros else ""
    if not found.common or found.common[0][1] < MOST_COMMON * found.n:
        return f"{values}{zeros}; none is common."
    return f"{values}{zeros}; most often: {'; '.join(f'{label} ({count(rows)})' for label, rows in found.common)}."


def _few(found: ByGroup) -> bool:
    """Whether chance puts as many groups beyond the outer limits in one case of twenty or more, and all together do
    not differ either. Counts beyond limits are about Poisson."""
    return float(pdtrc(found.far - 1, found.far_by_chance)) >= SURE and not found.between.p < SURE


def _farthest(found: ByGroup) -> list[tuple[int, str]]:
    ends = ((found.highest, "above"), (found.lowest, "below"))
    return [(place, way) for place, way in ends if place is not None]


def _at(found: ByGroup, place: int) -> str:
    level, rows = _level(found, float(found.level[place])), counted(int(found.rows[place]), "row")
    return f"'{found.groups[place]}' with {level} {'of' if found.is_rate else 'on average in'} {rows}"


def _what(found: OverTime) -> str:
    return f"how often {found.target} is {found.of}" if found.is_rate else f"the mean of {found.target}"


def _ends(found: OverTime, before: str = ", ") -> str:
    ends = found.extremes()
    if ends is None or ends[0] == ends[1]:
        return ""
    low, high = ends
    lead = "between" if before == ", " else "single periods lie between"
    return (
        f"{before}{lead} {_level(found, float(found.level[low]))} ({found.labels[low]}) and "
        f"{_level(found, float(found.level[high]))} ({found.labels[high]})"
    )


def _level(found: OverTime | ByGroup, value: float) -> str:
    return percent(value) if found.is_rate else number(value)


def level_range(found: OverTime | ByGroup, low: float, high: float) -> str:
    """An interval of the level as people write it."""
    return f"{percent(low)} to {percent(high)}" if found.is_rate else interval(low, high)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
