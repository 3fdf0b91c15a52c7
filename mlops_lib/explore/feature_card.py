"""Everything about one feature and the target: the test, its relatives, what they assume, and what to draw."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import numpy as np

from mlops_lib.explore.card_groups import Groups, groups
from mlops_lib.explore.card_pictures import Mosaic, Trend, mosaic, numbers, trend
from mlops_lib.explore.group_tests import GroupTests, group_tests
from mlops_lib.explore.rows import Looked, Seen, features, look
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitKind, SplitPlan
from mlops_lib.stats.chi_square import SMALL, OddsRatio, adjusted_residuals, contingency, odds_ratio, yates
from mlops_lib.stats.features import Feature, FeatureKind
from mlops_lib.stats.kruskal import kruskal
from mlops_lib.stats.mutual import Mutual, mutual_information
from mlops_lib.stats.ordering import in_order
from mlops_lib.stats.result import OneTest, TestResult
from mlops_lib.stats.testing import Answers, run_test

A = TypeVar("A")
B = TypeVar("B")

TURNS = 0.1
"""How far the strength over bins lies above that of rho where a relation is said to turn."""

CELLS = 3
"""Cells named in words."""


@dataclass(frozen=True)
class Cell:
    """A cell of the table of levels and classes: its rows, how many were expected, and the adjusted residual."""

    level: str
    label: str
    rows: int
    expected: float
    residual: float


@dataclass(frozen=True, eq=False)
class FeatureCard:
    """One feature against the target on the rows that were looked at.

    `rows` of them are there, `n` have a value in both. `values` counts the levels or distinct values of the feature.
    `result` is the test that ranks the feature, and `picture` is None where it could not be made. `cells` are those
    furthest from what chance would give, with at least 5 rows expected. `yates` and `odds` are there for 2 x 2 tables;
    the odds are those of the second class at the second level against the first. `by_group` is there for numbers by
    class or level. `tied` is the share of rows whose number occurs more than once. `bend` is the strength of the
    relation over bins of the feature where both are numbers; above |rho| it shows that the relation turns. `split` and
    `held_together` (the column of groups or of time) say how rows may hang together.
    """

    feature: str
    kind: FeatureKind
    target: str
    target_kind: Literal["binary", "classes", "number"]
    classes: tuple[str, ...]
    seen: Seen
    rows: int
    n: int
    values: int
    split: SplitKind
    held_together: str
    result: TestResult
    picture: Mosaic | Groups | Trend | None = None
    cells: tuple[Cell, ...] = ()
    yates: OneTest | None = None
    odds: OddsRatio | None = None
    mutual: Mutual | None = None
    by_group: GroupTests | None = None
    tied: float = float("nan")
    bend: float = float("nan")

    @property
    def missing(self) -> int:
        """Rows without a value in the feature."""
        return self.rows - self.n

    @property
    def turns(self) -> bool:
        """Whether the relation of two numbers changes its direction, so that rho understates it."""
        return self.bend > self.result.strength + TURNS


def feature_card(
    dataset: Dataset, schema: Schema, plan: SplitPlan, feature: str, all_rows: bool = False
) -> FeatureCard:
    """The card of one feature.

    Raises InputError where it is no feature or does not fit its kind, NotPossibleError where there is no row.
    """
    if feature not in schema.features():
        raise InputError(f"'{feature}' is not a feature.", "Choose a column with the role 'feature'.")
    looked = look(dataset, schema, plan, all_rows)
    column = features(dataset, schema, looked.rows, [feature])[feature]
    asked = Answers.of(looked.answers)
    card = FeatureCard(
        feature, column.kind, schema.target, looked.target.kind, looked.target.names, looked.seen, len(looked.rows),
        int(column.known.sum()), 0, plan.kind, schema.group or schema.time or "",
        run_test(column, asked, intervals=True),
    )  # fmt: skip
    known, answers = _paired(column, looked)
    return _described(card, known, answers)


def _paired(column: Feature, looked: Looked) -> tuple[Feature, np.ndarray]:
    known = column.known
    return (column, looked.answers) if known.all() else (column.take(known), looked.answers[known])


def _described(card: FeatureCard, column: Feature, answers: np.ndarray) -> FeatureCard:
    """The card with picture and details; as it is where no test was possible."""
    categorical, classes = column.kind == "categorical", card.target_kind != "number"
    if categorical:
        column = _without_empty_levels(column)
    if not card.result.possible:
        return replace(card, values=len(column.levels) if categorical else len(np.unique(column.values)))
    if categorical and classes:
        describe = _crossed
    elif classes:
        describe = _number_by_class
    else:
        describe = _number_by_level if categorical else _two_numbers
    described, mutual = _both(
        lambda: describe(card, column, answers), lambda: mutual_information(column, Answers.of(answers))
    )
    return replace(described, mutual=mutual)


def _without_empty_levels(column: Feature) -> Feature:
    filled = np.bincount(column.values, minlength=len(column.levels)) > 0
    place = (np.cumsum(filled) - 1).astype(np.int32)
    levels = tuple(level for level, some in zip(column.levels, filled, strict=True) if some)
    return Feature(column.name, column.kind, place[column.values], levels)


def _crossed(card: FeatureCard, column: Feature, answers: np.ndarray) -> FeatureCard:
    table = contingency(column.values, answers, len(column.levels), len(card.classes))
    return replace(
        card,
        values=len(column.levels),
        picture=mosaic(table, column.levels, card.classes),
        cells=_named_cells(table, column.levels, card.classes),
        yates=yates(table),
        odds=odds_ratio(table),
    )


def _named_cells(table: np.ndarray, levels: tuple[str, ...], classes: tuple[str, ...]) -> tuple[Cell, ...]:
    """The cells furthest from what chance would give; of two classes the second, whose residuals mirror the first's."""
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    residuals = adjusted_residuals(table)
    size = np.where((expected >= SMALL) & np.isfinite(residuals), np.abs(residuals), -1.0)
    if len(classes) == 2:
        size[:, 0] = -1.0
    furthest = np.argsort(-size, axis=None, kind="stable")[:CELLS]
    places = [divmod(int(at), len(classes)) for at in furthest if size.flat[at] >= 0]
    return tuple(
        Cell(levels[i], classes[j], int(table[i, j]), float(expected[i, j]), float(residuals[i, j])) for i, j in places
    )


def _number_by_class(card: FeatureCard, column: Feature, answers: np.ndarray) -> FeatureCard:
    (ordered, codes), tests = _both(
        lambda: in_order(column.values, answers.astype(np.int32)),
        lambda: group_tests(column.values, answers, card.classes),
    )
    distinct, tied = _ties(ordered)
    return replace(card, values=distinct, tied=tied, picture=groups(ordered, codes, card.classes), by_group=tests)


def _number_by_level(card: FeatureCard, column: Feature, answers: np.ndarray) -> FeatureCard:
    ordered, codes = in_order(answers, column.values.astype(np.int32))
    return replace(
        card,
        values=len(column.levels),
        tied=_ties(ordered)[1],
        picture=groups(ordered, codes, column.levels, by_median=not numbers(column.levels)),
        by_group=group_tests(answers, column.values, column.levels),
    )


def _two_numbers(card: FeatureCard, column: Feature, answers: np.ndarray) -> FeatureCard:
    ordered, rows = in_order(column.values, np.arange(len(answers), dtype=np.int32))
    moved = answers[rows]
    distinct, tied = _ties(ordered)
    picture = trend(ordered, moved)
    bend = kruskal(moved, picture.codes, len(picture.counts)).strength
    return replace(card, values=distinct, tied=tied, bend=bend, picture=picture)


def _both(first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
    """The answers of two calls that are made side by side; an error of one is raised."""
    with ThreadPoolExecutor(1) as other:
        waiting = other.submit(second)
        return first(), waiting.result()


def _ties(ordered: np.ndarray) -> tuple[int, float]:
    """How many distinct values there are among ascending ones, and the share of rows whose value occurs again."""
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    lengths = np.diff(starts, append=len(ordered))
    return len(lengths), float(lengths[lengths > 1].sum() / len(ordered))
