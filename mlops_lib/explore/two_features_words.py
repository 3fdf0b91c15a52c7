"""What two features say together, in words. Plain text: names and labels are as they are in the table."""

from __future__ import annotations

from collections.abc import Sequence

from mlops_lib.explore.binned import BinnedColumn
from mlops_lib.explore.linked import Level
from mlops_lib.explore.linked_words import against, among, chosen_words, condition, few_rows, level_words
from mlops_lib.explore.two_features import Joint, Together, inside
from mlops_lib.objects.words import count, counted, number, p_is, percent
from mlops_lib.stats.additive import DRAWS

SURE = 0.05
WORTH = 0.002
"""Share of the outcome from which what lies beyond adding up is worth naming."""


def together_sentence(found: Joint, both: Together | None) -> str:
    """Whether the two say more together than each alone, and more than their effects added up."""
    names = f"{found.first.name} and {found.second.name}"
    if both is None:
        return f"{names} cannot be compared: one of them has a single group, or the target a single value."
    result = both.result
    stronger, alone = max((result.first, found.first.name), (result.second, found.second.name))
    text = (
        f"Added up, {names} explain {percent(result.added)} of {found.target}; {alone} alone explains "
        f"{percent(stronger)} and {_weaker(found, both)}."
    )
    if result.p >= SURE:
        return f"{text} No combination surely departs from adding up (p {p_is(result.p)})."
    if result.extra < WORTH:
        beyond = percent(result.extra) if result.extra >= 5e-4 else "less than 0.1 %"
        return (
            f"{text} Combinations depart from that beyond chance (p {p_is(result.p)}), but explain only {beyond} more."
        )
    more = f"another {percent(result.extra)} (p {p_is(result.p)})"
    return f"{text} Together they say more: {more}. {_cell_words(found, both)}"


def method_words(both: Together) -> str:
    """How that was measured."""
    result, (a, b) = both.result, both.groups
    groups = f"{len(a)} x {len(b)} groups, {count(result.n)} rows with both values."
    if result.p_from == "F":
        return (
            f"{groups} The means of the cells against those of both effects added up: F {number(result.statistic)} on "
            f"{result.df} and {count(result.df_rest)} degrees of freedom, p {p_is(result.p)}. Shares are adjusted R²."
        )
    drawn = f", from {DRAWS} tables drawn with effects that add up (cells are thin)" if result.p_from == "draws" else ""
    return (
        f"{groups} The cells against both effects added up on the log-odds: G² {number(result.statistic)} on "
        f"{counted(result.df, 'degree')} of freedom, p {p_is(result.p)}{drawn}. "
        "Shares are of the deviance, less what as many groups explain by chance."
    )


def chosen_sentence(found: Joint, first: Sequence[int], second: Sequence[int]) -> str:
    """The numbers of the chosen bins; without any, of all rows."""
    level = inside(found, first, second)
    parts = [condition(c, bins) for c, bins in ((found.first, first), (found.second, second)) if len(bins)]
    where = " and ".join(parts)
    if not parts:
        overall = level_words(found.target, found.asked, level)
        return f"In all {count(level.n)} rows {overall}. Choose a cell or a bar in a margin for its numbers."
    if not level.n:
        return f"There is no row where {where}."
    words = level_words(found.target, found.asked, level)
    text = f"{among(where, level.n)} {words}, {against(found.asked, level, found.overall)}."
    few = few_rows(found.asked, level)
    return f"{text} {few}" if few else text


def cell_words(found: Joint, i: int, j: int, level: Level) -> tuple[str, str]:
    """A cell for its hover: the two bins, and the rows with the level."""
    bins = f"{condition(found.first, [i])}, {condition(found.second, [j])}"
    if not level.n:
        return bins, "no rows"
    return bins, f"{count(level.n)} rows: {level_words(found.target, found.asked, level)}"


def _weaker(found: Joint, both: Together) -> str:
    less, name = min((both.result.first, found.first.name), (both.result.second, found.second.name))
    return f"{name} alone {percent(less)}"


def _cell_words(found: Joint, both: Together) -> str:
    """The combination that departs most from adding up."""
    i, j = both.cell
    where = f"{_group(found.first, both.groups[0][i])} and {_group(found.second, both.groups[1][j])}"
    seen, wanted = float(both.result.observed[i, j]), float(both.result.expected[i, j])
    if found.of >= 0:
        return f"Most where {where}: {percent(seen)}, where adding up gives {percent(wanted)}."
    return f"Most where {where}: a mean of {number(seen)}, where adding up gives {number(wanted)}."


def _group(column: BinnedColumn, bins: Sequence[int]) -> str:
    words = chosen_words(column, bins)
    return f"{column.name} is {'another value' if column.edges is None and len(bins) > 1 else words}"
