"""The small tables of a feature's card: what the test assumes, and the tests side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops_lib.explore.card_groups import Groups
from mlops_lib.explore.card_words import Place
from mlops_lib.explore.feature_card import FeatureCard
from mlops_lib.explore.group_tests import GroupTests
from mlops_lib.explore.rare_levels import ENOUGH
from mlops_lib.objects.words import counted, interval, number, p_value, percent

UNEQUAL = 2.0
"""Quartile ranges further apart than this are called unequal: twice as wide is plain to see."""

MET, NOT_MET, OPEN = "✓ met", "✗ not met", "– not checked"

Row = tuple[str, str, str, str]


def assumptions_table(card: FeatureCard) -> pd.DataFrame:
    """Columns assumption, met, what was found, what follows; one row for each thing the test rests on."""
    rows = [*_OF_TEST[card.result.test](card), _independence(card)] if card.result.possible else []
    return pd.DataFrame(rows, columns=["assumption", "met", "what was found", "what follows"])


def side_by_side(card: FeatureCard, place: Place) -> pd.DataFrame:
    """All tests and measures of the feature, one a row; columns test, statistic, df, p, measure, value, 95 % interval.

    Numbers are NaN where a row has none; `df` is text, because F has two.
    """
    lines = (
        [*_LINES_OF[card.result.test](card), *_mutual_lines(card), *_adjusted_lines(place)]
        if card.result.possible
        else []
    )
    columns = ["test", "statistic", "df", "p", "measure", "value", "95 % interval"]
    return pd.DataFrame([line.row() for line in lines], columns=columns)


@dataclass(frozen=True)
class _Line:
    """A row of `side_by_side`."""

    test: str
    measure: str
    value: float
    bounds: tuple[float, float] | None = None
    statistic: float = math.nan
    df: str = ""
    p: float = math.nan

    def row(self) -> tuple[object, ...]:
        shown = interval(*self.bounds) if self.bounds else ""
        return self.test, self.statistic, self.df, self.p, self.measure, self.value, shown


def _chi_square_lines(card: FeatureCard) -> Iterator[_Line]:
    r = card.result
    yield _Line("Chi-square", "Cramér's V", r.effect, r.effect_interval, r.statistic, number(r.df), r.p_reference)
    yield _Line("", "Cramér's V without bias, which ranks", r.strength, r.strength_interval)
    if r.p_from != "reference":
        yield _Line(r.p_from, "", math.nan, p=r.p)
    if card.yates:
        yield _Line("Chi-square, Yates' correction", "", math.nan, None, card.yates.statistic, "1", card.yates.p)
    if card.odds:
        yield _Line("", "Odds ratio", card.odds.value, (card.odds.low, card.odds.high))


def _kruskal_lines(card: FeatureCard) -> Iterator[_Line]:
    r = card.result
    yield _Line("Kruskal-Wallis", "ε²", r.effect, r.effect_interval, r.statistic, number(r.df), r.p)
    yield _Line("", "√ε² without bias, which ranks", r.strength, r.strength_interval)
    if card.by_group:
        yield from _group_lines(card.by_group)


def _group_lines(tests: GroupTests) -> Iterator[_Line]:
    if m := tests.mann_whitney:
        yield _Line("Mann-Whitney", "rank-biserial correlation", m.rank_biserial, m.interval, m.u, p=m.p)
        yield _Line("", f"chance that {tests.two[1]} is higher", m.common_language, m.common_language_interval)
    w = tests.welch
    if w.reason:
        yield _Line("Welch's ANOVA", f"not possible: {w.reason}", math.nan)
    else:
        df = f"{number(w.df1)}; {number(w.df2)}"
        yield _Line("Welch's ANOVA", "η²", w.eta_squared, w.interval, w.f, df, w.p)


def _spearman_lines(card: FeatureCard) -> Iterator[_Line]:
    r = card.result
    yield _Line("Spearman", "|ρ|", r.effect, r.effect_interval, r.statistic, number(r.df), r.p)
    yield _Line("", "|ρ| without bias, which ranks", r.strength, r.strength_interval)


def _mutual_lines(card: FeatureCard) -> Iterator[_Line]:
    if card.mutual:
        yield _Line("Mutual information", "nats without bias", card.mutual.corrected)
        yield _Line("", "share of the target's entropy", card.mutual.share)


def _adjusted_lines(place: Place) -> Iterator[_Line]:
    yield _Line(f"Adjusted for {counted(place.tested, 'test')}", "Benjamini-Hochberg", math.nan, p=place.bh_p)
    yield _Line("", "Holm", math.nan, p=place.holm_p)


_LINES_OF: dict[str, Callable[[FeatureCard], Iterator[_Line]]] = {
    "chi-square": _chi_square_lines,
    "Kruskal-Wallis": _kruskal_lines,
    "Spearman": _spearman_lines,
}


def pairs_table(tests: GroupTests) -> pd.DataFrame:
    """Dunn's pairs that are furthest apart: higher, lower, z, p, p adjusted (Holm)."""
    rows = [(pair.higher, pair.lower, pair.z, pair.p, pair.holm_p) for pair in tests.pairs]
    return pd.DataFrame(rows, columns=["higher", "lower", "z", "p", "p adjusted (Holm)"])


PAIRS_FORMATS: dict[str, Callable[[float], str]] = {"z": number, "p": p_value, "p adjusted (Holm)": p_value}
"""How the numbers of `pairs_table` are written."""

TESTS_FORMATS: dict[str, Callable[[float], str]] = {
    "statistic": lambda v: number(v) if v == v else "",
    "p": lambda v: p_value(v) if v == v else "",
    "value": lambda v: number(v) if v == v else "",
}
"""How the numbers of `side_by_side` are written."""


def _chi_square(card: FeatureCard) -> list[Row]:
    result = card.result
    if result.assumption_met:
        follows = "p may come from the chi-square distribution."
    elif result.p_from == "reference":
        follows = "p is only approximate."
    else:
        follows = f"p comes from {result.p_from}."
    return [("Expected counts are large enough", _met(result.assumption_met), result.assumption, follows)]


def _kruskal(card: FeatureCard) -> list[Row]:
    result = card.result
    enough = "p may come from the chi-square distribution." if result.assumption_met else "p is only approximate."
    rows = [("Every group has 5 rows", _met(result.assumption_met), result.assumption, enough), _ties(card)]
    ratio = spread_ratio(card.picture) if isinstance(card.picture, Groups) else math.nan
    if math.isnan(ratio):
        return rows
    even = ratio <= UNEQUAL
    follows = (
        "It may be read as a shift of the medians." if even else "Read it as: values tend to be larger, not as a shift."
    )
    found = f"the widest middle half is {number(ratio)} times the narrowest"
    return [*rows, ("Equal shapes, to read it by medians", _met(even), found, follows)]


def _spearman(card: FeatureCard) -> list[Row]:
    result = card.result
    enough = "p may come from Student's t." if result.assumption_met else "p is only approximate."
    found = f"strength {number(card.bend)} over bins, {number(result.strength)} by ρ"
    follows = "ρ understates the relation: look at the trend." if card.turns else "ρ tells the relation well."
    return [
        ("At least 10 pairs", _met(result.assumption_met), result.assumption, enough),
        _ties(card),
        ("One direction all along", _met(not card.turns), found, follows),
    ]


def _ties(card: FeatureCard) -> Row:
    found = f"{percent(card.tied)} of rows share their value with another"
    return (
        "Ties are accounted for",
        MET,
        found,
        "Tied rows share their mean rank." if card.tied else "Nothing to correct.",
    )


def _independence(card: FeatureCard) -> Row:
    if card.split == "group":
        found, follows = (
            f"rows of one {card.held_together} belong together",
            "p is too small, intervals are too narrow.",
        )
        return ("Rows are independent", NOT_MET, found, follows)
    if card.split == "time":
        found, follows = (
            f"rows follow each other in {card.held_together}",
            "Neighbours are often alike; p may be too small.",
        )
        return ("Rows are independent", OPEN, found, follows)
    return ("Rows are independent", OPEN, "taken for granted", "Repeated or related rows would make p too small.")


def spread_ratio(g: Groups) -> float:
    """Widest over narrowest quartile range of the groups with rows enough; NaN where one has none to compare."""
    wide = (g.quantiles[:, 3] - g.quantiles[:, 1])[g.counts >= ENOUGH]
    if len(wide) < 2 or not np.all(wide > 0):
        return math.nan
    return float(wide.max() / wide.min())


def _met(met: bool) -> str:
    return MET if met else NOT_MET


_OF_TEST = {"chi-square": _chi_square, "Kruskal-Wallis": _kruskal, "Spearman": _spearman}
