"""The card of a feature in words: the hypothesis, the conclusion with its numbers, and what it does not say.

Plain text: names and cells are as they are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from mlops_lib.explore.binning import day_label
from mlops_lib.explore.card_pictures import Groups, Mosaic, Trend
from mlops_lib.explore.distributions import ENOUGH
from mlops_lib.explore.feature_card import FeatureCard
from mlops_lib.explore.feature_tests import SMALL, FeatureTests
from mlops_lib.objects.words import count, counted, listed, number, p_value, percent

SCALE = ((0.5, "strongly"), (0.3, "clearly"), (SMALL, "weakly"), (0.0, "faintly"))
"""Words by effect on the common scale, after Cohen (1988) for r."""


@dataclass(frozen=True)
class Place:
    """How a feature stands among all that were tested: rank from 1, adjusted p, and the rule's limit on it."""

    position: int
    tested: int
    adjusted_p: float
    limit: float

    @property
    def significant(self) -> bool:
        """Whether the adjusted p is at most the limit."""
        return self.adjusted_p <= self.limit


def place_of(tests: FeatureTests, feature: str) -> Place:
    """The place of a feature in a ranking that was made before; no column is tested again."""
    position = tests.table.index[tests.table["feature"] == feature][0]
    return Place(int(position) + 1, tests.tested, float(tests.table["adjusted_p"][position]), tests.rule.max_p)


def hypothesis(card: FeatureCard) -> str:
    """The question, and what would be seen if the answer were no."""
    asked = f"Does {card.feature} go with {card.target}? If it did not,"
    if card.kind == "categorical" and card.target_kind == "binary":
        return f"{asked} the share of {_said(card.classes[1])} would be the same at every level, but for chance."
    if card.kind == "categorical" and card.target_kind == "classes":
        return f"{asked} all classes would have the same shares at every level, but for chance."
    if card.target_kind != "number":
        return f"{asked} its values would be spread alike in every class, but for chance."
    if card.kind == "categorical":
        return f"{asked} {card.target} would be spread alike at every level, but for chance."
    return f"{asked} rows with a higher {card.feature} would not tend to a higher or lower {card.target}."


def conclusion(card: FeatureCard, place: Place) -> str:
    """The answer about this feature with its numbers, the effect first."""
    result = card.result
    if not result.possible:
        return f"{card.feature} cannot be tested against {card.target}: {result.assumption}."
    low, high = result.strength_interval or (math.nan, math.nan)
    numbers = (
        f"effect {result.strength:.3f} ({low:.3f} to {high:.3f}), adjusted p {p_value(place.adjusted_p)}, "
        f"n = {count(result.n)}."
    )
    if not place.significant:
        return f"No sign that {card.feature} goes with {card.target}: {numbers}"
    return f"{card.feature} goes {strength_word(result.strength)} with {card.target}: {numbers}"


def strength_word(strength: float) -> str:
    """ "strongly" to "faintly"."""
    return next(word for limit, word in SCALE if strength >= limit)


def difference(card: FeatureCard) -> str:
    """What differs, in the numbers of the table; empty where there is nothing to compare."""
    picture = card.picture
    if isinstance(picture, Mosaic):
        return _shares(card, picture) if card.target_kind == "binary" else ""
    if isinstance(picture, Groups):
        return _medians(card, picture)
    return _course(card, picture) if picture else ""


def limits(card: FeatureCard, place: Place) -> str:
    """What the conclusion does not say."""
    result = card.result
    if not result.possible:
        return ""
    said = [_missed(card)]
    if place.significant:
        said = ["An association in these rows, not a cause: what drives both would look the same."]
        if result.strength < SMALL:
            said.append(
                f"With {counted(result.n, 'row')} even an effect as faint as this is told from chance, "
                "and nobody would notice it in single rows."
            )
    return " ".join(part for part in said if part)


def cells_sentence(card: FeatureCard) -> str:
    """The cells furthest from chance; empty where there are none."""
    cells = [
        f"{card.feature} {_said(c.level)} with {card.target} {_said(c.label)}, {counted(c.rows, 'row')} where "
        f"{number(c.expected)} were expected (residual {number(c.residual)})"
        for c in card.cells
    ]
    return f"Furthest from chance: {'; '.join(cells)}." if cells else ""


def picture_note(card: FeatureCard) -> str:
    """What the picture leaves out or draws together."""
    said = [_drawn(card)]
    if card.missing:
        said.append(f"{counted(card.missing, 'row')} without a value in {card.feature} stay out.")
    return " ".join(part for part in said if part)


def value_text(card: FeatureCard, value: float) -> str:
    """A value of the number that is drawn along the axis: a date for dates."""
    return day_label(float(value)) if card.kind == "date" else number(float(value))


def _missed(card: FeatureCard) -> str:
    smallest = card.result.detectable
    if math.isnan(smallest):
        return ""
    found = (
        f"A single test on {counted(card.result.n, 'row')} finds an effect of {number(smallest, 2)} eight times in ten;"
    )
    if smallest < SMALL:
        return f"{found} what it may have missed is too small to notice."
    return f"{found} a weaker one may be there unseen."


def _shares(card: FeatureCard, m: Mosaic) -> str:
    rows = m.counts.sum(axis=1)
    enough = [i for i in range(len(rows) - (m.folded_levels > 0)) if rows[i] >= min(ENOUGH, rows.max())]
    if len(enough) < 2:
        return ""
    low, high = (pick(enough, key=lambda i: m.shares[i, 1]) for pick in (min, max))
    among = f"Of the {count(len(m.levels) - 1)} most frequent levels, " if m.folded_levels else ""
    return (
        f"{among}{card.target} is {_said(card.classes[1])} in {percent(m.shares[high, 1])} of "
        f"{counted(int(rows[high]), 'row')} where {card.feature} is {_said(m.levels[high])}, and in "
        f"{percent(m.shares[low, 1])} of {count(rows[low])} where it is {_said(m.levels[low])}."
    )


def _medians(card: FeatureCard, g: Groups) -> str:
    shown = range(len(g.names) - (g.folded > 0))
    enough = [i for i in shown if g.counts[i] >= min(ENOUGH, g.counts.max())]
    if len(enough) < 2:
        return ""
    low, high = (pick(enough, key=lambda i: g.medians[i]) for pick in (min, max))
    what, where = (card.feature, card.target) if card.target_kind != "number" else (card.target, card.feature)
    if g.medians[low] == g.medians[high]:
        return f"The median of {what} is {value_text(card, g.medians[low])} in every group."
    return (
        f"The median of {what} is {value_text(card, g.medians[high])} where {where} is {_said(g.names[high])} "
        f"(n = {count(g.counts[high])}) and {value_text(card, g.medians[low])} where it is {_said(g.names[low])} "
        f"(n = {count(g.counts[low])})."
    )


def _course(card: FeatureCard, t: Trend) -> str:
    first, last = (number(float(t.quartiles[i, 1])) for i in (0, -1))
    lowest, highest = value_text(card, t.high[0]), value_text(card, t.low[-1])
    return (
        f"The median of {card.target} is {first} up to a {card.feature} of {lowest} and {last} from {highest} on; "
        f"Spearman's ρ = {number(card.result.statistic)}."
    )


def _drawn(card: FeatureCard) -> str:
    picture = card.picture
    if isinstance(picture, Mosaic):
        parts = [
            counted(folded, f"rarer {one}", f"rarer {many}")
            for folded, one, many in (
                (picture.folded_levels, "level", "levels"),
                (picture.folded_classes, "class", "classes"),
            )
            if folded
        ]
        words = "Widths: share of rows; heights: share of each class."
        return f"{words} {_together(parts)}" if parts else words
    if isinstance(picture, Groups):
        parts = [counted(picture.folded, "rarer group")] if picture.folded else []
        beyond = (
            f"{counted(picture.beyond, 'row')} beyond the ends are not drawn in the ridges." if picture.beyond else ""
        )
        words = "Boxes: middle half; whiskers: nine of ten rows."
        return " ".join(part for part in (words, _together(parts) if parts else "", beyond) if part)
    return "Bins with about equally many rows; the band holds the middle half." if picture else ""


def _together(parts: list[str]) -> str:
    return f"{listed(parts)} are drawn together, each in one."


def _said(name: str) -> str:
    return f"'{name}'" if " " in name or not name else name
