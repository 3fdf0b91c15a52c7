"""The card of a feature in words: the hypothesis, the conclusion with its numbers, and what it does not say.

Plain text: names and cells are as they are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mlops_lib.explore.binning import day_label
from mlops_lib.explore.card_groups import LEVELS, Groups
from mlops_lib.explore.card_pictures import Mosaic, Trend
from mlops_lib.explore.feature_card import FeatureCard
from mlops_lib.explore.feature_tests import SMALL, FeatureTests
from mlops_lib.explore.survival import Survival
from mlops_lib.objects.words import count, counted, listed, number, p_value, percent, quoted

SCALE = ((0.5, "strongly"), (0.3, "clearly"), (SMALL, "weakly"), (0.0, "faintly"))
"""Words by effect on the common scale, after Cohen (1988) for r."""


PICTURES = {
    "Mosaic": "Areas are rows. By adjusted residual: ▲▲ orange above 3, far more rows than by chance; ▲ above 2; "
    "▼ below −2; ▼▼ blue below −3, far fewer. Of two classes the first mirrors the second and stays grey.",
    "Ridges": "Areas are equal, so that shapes compare; the thick line is the median.",
    "Boxes": "The box holds the middle half, the whiskers nine of ten rows; the line is the median.",
    "Trend": "Bins with about equally many rows; the band holds the middle half.",
    "Density": "Darker: more rows, on a logarithmic scale; the line is the median.",
}
"""How to read each picture."""

NOTABLE = 2.0
"""Adjusted residuals beyond this are called more or fewer than by chance; about 1 in 20 is by chance alone."""


@dataclass(frozen=True)
class Place:
    """How a feature stands among all that were tested: rank from 1, p adjusted as the rule says and by both ways, and
    the rule's limit on it."""

    position: int
    tested: int
    adjusted_p: float
    bh_p: float
    holm_p: float
    limit: float

    @property
    def significant(self) -> bool:
        """Whether the adjusted p is at most the limit."""
        return self.adjusted_p <= self.limit


def place_of(tests: FeatureTests, feature: str) -> Place:
    """The place of a feature in a ranking that was made before; no column is tested again."""
    position = tests.table.index[tests.table["feature"] == feature][0]
    adjusted, bh, holm = (float(tests.table[name][position]) for name in ("adjusted_p", "bh_p", "holm_p"))
    return Place(int(position) + 1, tests.tested, adjusted, bh, holm, tests.rule.max_p)


def hypothesis(card: FeatureCard) -> str:
    """The question, and what would be seen if the answer were no."""
    asked = f"Does {card.feature} go with {card.target}? If it did not,"
    if card.kind == "categorical" and card.target_kind == "binary":
        return f"{asked} the share of {quoted(card.classes[1])} would be the same at every level, but for chance."
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
        return f"It is not shown that {card.feature} goes with {card.target}: {numbers}"
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
        return f"{_medians(card, picture)} {_chance_of_higher(card)}".strip()
    return _course(card, picture) if picture else ""


def limits(card: FeatureCard, place: Place) -> str:
    """What the conclusion does not say."""
    result = card.result
    if not result.possible:
        return ""
    said = ["Chance alone can make differences like these.", _missed(card)]
    if card.turns:
        said = [
            f"But ρ looks for one direction only, and over bins the relation has a strength of {number(card.bend)}."
        ]
    if place.significant:
        said = ["An association in these rows, not a cause: what drives both would look the same."]
        if result.strength < SMALL:
            said.append(
                f"With {counted(result.n, 'row')} even an effect as faint as this is told from chance, "
                "so p says nothing about its size."
            )
    return " ".join(part for part in said if part)


def cells_sentence(card: FeatureCard) -> str:
    """The cells furthest from chance; empty where there are none."""
    cells = [
        f"{card.target} {quoted(c.label)} at {quoted(c.level)} ({counted(c.rows, 'row')}, "
        f"{number(c.expected)} expected, residual {number(c.residual)})"
        for c in card.cells
    ]
    return f"Furthest from chance: {'; '.join(cells)}." if cells else ""


def survival_sentence(card: FeatureCard, place: Place, survived: Survival) -> str:
    """How often the same test finds the feature inside the training folds, and the range of its effect there."""
    row = survived.table[survived.table["feature"] == card.feature].to_dict("records")[0]
    if not row["tested"]:
        return f"It cannot be tested in any of the {survived.folds} folds."
    ranks = f"{row['rank_low']:.0f}" + (f" to {row['rank_high']:.0f}" if row["rank_high"] > row["rank_low"] else "")
    return (
        f"On the training rows of the folds, the same test has an adjusted p of at most {place.limit:g} in "
        f"{row['significant']} of {survived.folds}, and the rule keeps it in {row['kept']}; its effect lies between "
        f"{row['effect_low']:.3f} and {row['effect_high']:.3f}, its rank is {ranks}."
    )


def picture_note(card: FeatureCard, shown: str) -> str:
    """How to read the picture of that name, and what it leaves out or draws together."""
    said = [PICTURES[shown], _together(card)]
    if isinstance(card.picture, Groups) and shown == "Ridges" and card.picture.beyond:
        said.append(f"{counted(card.picture.beyond, 'row')} beyond the ends are not drawn.")
    if isinstance(card.picture, Mosaic) and card.picture.start:
        said.append(f"The axis is cut: only the last {percent(1 - card.picture.start)} of each level are drawn.")
    if card.missing:
        said.append(f"{counted(card.missing, 'row')} without a value in {card.feature} stay out.")
    return " ".join(part for part in said if part)


def value_text(card: FeatureCard, value: float) -> str:
    """A value of the number that is drawn along the axis: a date for dates."""
    return day_label(float(value)) if card.kind == "date" else number(float(value))


def exact_sentence(card: FeatureCard) -> str:
    """How p came about where expected counts are too small; empty where it comes from the reference distribution."""
    return f"{card.result.p_words}." if card.result.p_words else ""


def pairs_sentence(card: FeatureCard) -> str:
    """How many pairs of groups differ, and which most; empty where there are no pairs."""
    tests = card.by_group
    if tests is None or tests.mann_whitney:
        return ""
    if not tests.compared:
        return f"{counted(tests.groups, 'group')} are too many to be compared pair by pair."
    said = f"{count(tests.apart)} of {counted(tests.compared, 'pair')} of groups differ (Dunn, p by Holm at most 0.05)"
    first = tests.pairs[0]
    return f"{said}, {quoted(first.higher)} and {quoted(first.lower)} most." if tests.apart else f"{said}."


def _chance_of_higher(card: FeatureCard) -> str:
    tests = card.by_group
    if tests is None or tests.mann_whitney is None:
        return ""
    earlier, later = (quoted(name) for name in tests.two)
    ties = ", equal values counted half" if card.tied else ""
    return (
        f"Of a row of {later} and one of {earlier}, the first has the higher value in "
        f"{percent(tests.mann_whitney.common_language)} of all pairs{ties}; chance gives 50.0 %."
    )


def _missed(card: FeatureCard) -> str:
    smallest = card.result.detectable
    if math.isnan(smallest):
        return ""
    if smallest >= 1:
        return f"A single test on {counted(card.result.n, 'row')} may miss even the strongest relation."
    found = (
        f"A single test on {counted(card.result.n, 'row')} finds an effect of {number(smallest, 2)} eight times in ten;"
    )
    return f"{found} a weaker one may be there unseen."


def _shares(card: FeatureCard, m: Mosaic) -> str:
    ends = m.extremes()
    if not ends:
        return ""
    (low, high), rows = ends, m.counts.sum(axis=1)
    among = f"Of the {count(LEVELS - 1)} most frequent levels, " if m.folded_levels else ""
    return (
        f"{among}{card.target} is {quoted(card.classes[1])} in {percent(m.shares[high, 1])} of "
        f"{counted(int(rows[high]), 'row')} where {card.feature} is {quoted(m.levels[high])}, and in "
        f"{percent(m.shares[low, 1])} of {count(rows[low])} where it is {quoted(m.levels[low])}."
    )


def _medians(card: FeatureCard, g: Groups) -> str:
    ends = g.extremes()
    what, where = (card.feature, card.target) if card.target_kind != "number" else (card.target, card.feature)
    if not ends:
        alike = np.ptp(g.medians) == 0
        return f"The median of {what} is {value_text(card, g.medians[0])} in every group." if alike else ""
    low, high = ends
    return (
        f"The median of {what} is {value_text(card, g.medians[high])} where {where} is {quoted(g.names[high])} "
        f"(n = {count(g.counts[high])}) and {value_text(card, g.medians[low])} where it is {quoted(g.names[low])} "
        f"(n = {count(g.counts[low])})."
    )


def _course(card: FeatureCard, t: Trend) -> str:
    first, last = (number(float(t.quartiles[i, 1])) for i in (0, -1))
    lowest, highest = value_text(card, t.high[0]), value_text(card, t.low[-1])
    return (
        f"The median of {card.target} is {first} up to a {card.feature} of {lowest} and {last} from {highest} on; "
        f"Spearman's ρ = {number(card.result.statistic)}."
    )


def _together(card: FeatureCard) -> str:
    if isinstance(card.picture, Mosaic) and card.picture.left_out:
        rarer, rows = counted(card.picture.folded_levels, "rarer level"), counted(card.picture.left_out, "row")
        return f"{rarer} with {rows} are not drawn."
    if isinstance(card.picture, Mosaic):
        folded = {"level": card.picture.folded_levels, "class": card.picture.folded_classes}
    else:
        folded = {"group": card.picture.folded if isinstance(card.picture, Groups) else 0}
    parts = [counted(many, f"rarer {what}", f"rarer {_MANY[what]}") for what, many in folded.items() if many]
    return f"{listed(parts)} {'are' if sum(folded.values()) > 1 else 'is'} drawn together." if parts else ""


_MANY = {"level": "levels", "class": "classes", "group": "groups"}
