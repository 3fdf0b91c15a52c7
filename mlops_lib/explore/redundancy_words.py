"""Redundancy in words and formats. Plain text: names are as they are."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mlops_lib.explore.redundancy import Groups, Redundancy
from mlops_lib.objects.words import MISSING, count, counted, listed, number, percent

NAMED = 3


def redundancy_sentence(found: Redundancy) -> str:
    """How many features follow from others, how many are above the limit, and what dropping would do."""
    if found.collinearity.n <= len(found.before) + 1:
        rows = counted(found.collinearity.n, "row")
        return f"{rows} are too few for {counted(len(found.before), 'numeric feature')}: each follows from the others."
    if len(found.before) < 2:
        only = [f"{name} is the only numeric feature that varies: no other can say the same." for name in found.before]
        return "".join(only) or "No numeric feature has more than one value in these rows."
    if not found.above:
        return f"No numeric feature has a VIF above {number(found.limit)}; the largest is {_largest(found.before)}."
    following, above = len(found.following), len(found.above) - len(found.following)
    said = []
    if following:
        said.append(f"{counted(following, 'feature')} {'follows' if following == 1 else 'follow'} from others")
    if above:
        noun = f"{'more ' if following else ''}{'feature has' if above == 1 else 'features have'}"
        said.append(f"{count(above)} {noun} a VIF above {number(found.limit)}")
    return f"{' and '.join(said)}; {_outcome(found)}."


def _outcome(found: Redundancy) -> str:
    kept = [name for name, vif in found.after.items() if vif > found.limit]
    if not found.steps:
        return f"{listed(kept, NAMED)} {'is' if len(kept) == 1 else 'are'} kept by the rule"
    names = f"dropping {count(len(found.steps))} ({listed(found.dropped, NAMED)})"
    if kept:
        return f"{names} still leaves {listed(kept, NAMED)} above it, which the rule keeps"
    return f"{names} brings every VIF to {number(found.limit)} or below"


def rows_sentence(found: Redundancy) -> str:
    """Which rows were counted, and the column with most gaps where they are not all."""
    one = found.collinearity
    if one.n == one.rows and not one.filled:
        return f"Counted on all {counted(one.rows, found.seen[:-1], found.seen)}."
    name, missing = max(((n, found.missing[n]) for n in one.names), key=lambda pair: pair[1])
    emptiest = f"{name} alone is missing in {percent(missing / one.rows)}"
    if one.filled:
        return (
            f"Too few rows have every numeric feature ({emptiest}), so missing cells stand at their column's mean: "
            "the true VIF is larger."
        )
    share = percent(one.n / one.rows)
    counted_rows = f"{count(one.n)} of {count(one.rows)} {found.seen} ({share})"
    return f"Counted on {counted_rows}, which have every numeric feature; {emptiest}."


def combination_lines(found: Redundancy, most: int = 8) -> tuple[str, ...]:
    """The columns that follow from others with their combinations, the first ones in full."""
    combinations = found.collinearity.combinations
    more = len(combinations) - most
    lines = tuple(c.words for c in combinations[:most])
    return (*lines, f"and {counted(more, 'more combination')}, in the table below") if more > 0 else lines


def single_sentence(found: Redundancy, name: str) -> str:
    """What leaving out one column would do to the others."""
    after = found.without(name)
    helped = {n: (found.before[n], vif) for n, vif in after.items() if found.before[n] > 1.1 * vif}
    most = sorted(helped, key=lambda n: -_fall(*helped[n]))[:NAMED]
    if not most:
        return f"Without {name} the others stay as they are; the largest VIF is {_largest(after)}."
    falls = [f"{n} from {vif_words(helped[n][0])} to {vif_words(helped[n][1])}" for n in most]
    above = sum(vif > found.limit for vif in after.values())
    rest = f"{counted(above, 'feature')} would stay above {number(found.limit)}" if above else "none would stay above"
    return f"Without {name}, VIF falls: {listed(falls)}; {rest}."


def _fall(before: float, after: float) -> float:
    return math.inf if math.isinf(before) and not math.isinf(after) else math.log(before / after) if after > 0 else 0.0


def _largest(values: Mapping[str, float]) -> str:
    return vif_words(max(values.values(), default=1.0))


def vif_words(value: float) -> str:
    """A VIF with three digits; "follows" where the others leave nothing, a dash where the column is gone."""
    if math.isnan(value):
        return MISSING
    return "follows" if math.isinf(value) else number(value)


def groups_sentence(found: Groups) -> str:
    """How many features say much the same, and which of them to keep."""
    if len(found.tree.names) < 2:
        return f"{found.tree.names[0]} is the only feature: no other can say the same."
    if not found.clusters:
        return f"No group of features goes together at {found.limit:g} or more on average."
    inside = sum(len(c.names) for c in found.clusters)
    kept = listed([c.keep for c in found.clusters], NAMED)
    groups = counted(len(found.clusters), "group")
    return (
        f"{count(inside)} of {counted(len(found.tree.names), 'feature')} form {groups}; one of each would do: {kept}."
    )


def tree_words(found: Groups) -> str:
    """How to read the tree, and how many features it leaves out."""
    bold = "Bold: the one to keep." if found.clusters else ""
    more = len(found.tree.names) - len(found.joining)
    if not more:
        return bold
    joins = "feature joins" if more == 1 else "features join"
    return f"{bold} {count(more)} {joins} others only below {found.seen_from:.2f}: not drawn.".strip()


@dataclass(frozen=True)
class Shown:
    """How a column of a table is shown: its header, what it means, and how its numbers are written (None: as text)."""

    header: str
    help: str = ""
    write: Callable[[float], str] | None = None


PATH_COLUMNS = {
    "step": Shown("step"),
    "drop": Shown("leave out"),
    "vif": Shown(
        "its VIF", "When it is its turn; 'follows': the others leave less than a millionth of its variance.", vif_words
    ),
    "like": Shown("says much the same as", "The features that stay with which it goes together most."),
    "strength": Shown("effect", "Its own effect on the target, on the common scale from 0 to 1.", number),
    "largest": Shown("largest VIF left", "Of all features that are left after this step.", vif_words),
    "left": Shown("features left", "Numeric features after this step.", count),
}
"""How `Redundancy.path` is shown."""

TABLE_COLUMNS = {
    "feature": Shown("feature"),
    "vif": Shown("VIF", "'follows': the others leave less than a millionth of its variance.", vif_words),
    "vif_after": Shown("VIF after dropping", "Once all drops are made; a dash: it is one of them.", vif_words),
    "strength": Shown("effect", "Its own effect on the target, on the common scale from 0 to 1.", number),
    "missing": Shown("missing cells", "", count),
    "follows": Shown("combination", "The features that give it exactly, where there are any."),
}
"""How `Redundancy.table` is shown."""

GROUPS_COLUMNS = {
    "group": Shown("group"),
    "columns": Shown("features"),
    "keep": Shown("keep"),
    "why": Shown("because it is"),
    "closest": Shown("closest pair", "The largest association of two features of the group.", number),
    "loosest": Shown("loosest pair", "The smallest association of two features of the group.", number),
}
"""How `Groups.table` is shown."""
