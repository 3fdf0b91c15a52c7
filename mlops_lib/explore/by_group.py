"""The target group by group: which groups lie beyond what chance does to groups of their size."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops_lib.data.encoded import encoded_column
from mlops_lib.explore.rows import Looked, Seen, features, look
from mlops_lib.explore.target_levels import TargetLevel, class_of, target_levels
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import NotPossibleError, TooLargeError
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.stats.funnel import LEVELS, binomial_limits, mean_limits
from mlops_lib.stats.group_levels import Difference, Levels, numbers_differ, shares_differ

MAX_GROUPS = 20_000
CURVE = 120
"""Points of each control limit."""

_MISSING = "missing"
BEYOND = ("below the outer", "below the inner", "within", "above the inner", "above the outer")
"""What a group is by the inner and outer limits, -2 to 2."""


@dataclass(frozen=True, eq=False)
class ByGroup(TargetLevel):
    """The target by group, arrays of shape (groups,).

    First stand the groups that are most surely high, last those most surely low: by (level - overall) · √rows.

    `level` is the share of `of` (a class), or for a numeric target its mean, with a 95 % interval. `beyond` is -2 below
    the outer control limit, -1 below the inner one, 0 within, 1 and 2 above them (`stats.funnel.LEVELS`). `missing` is
    the share of missing feature cells, `emptiest` the feature with most of them ("" where none is missing). `curve_n`
    has the sizes and `curves` of shape (4, points) the limits for drawing: outer low, inner low, inner high,
    outer high. Rows without a group are a group called "missing". `between` tests all groups together.
    """

    column: str
    seen: Seen
    split: str
    split_column: str
    target: str
    of: str
    n: int
    groups: tuple[str, ...]
    rows: np.ndarray
    level: np.ndarray
    low: np.ndarray
    high: np.ndarray
    overall: float
    beyond: np.ndarray
    missing: np.ndarray
    emptiest: tuple[str, ...]
    curve_n: np.ndarray
    curves: np.ndarray
    between: Difference

    @property
    def highest(self) -> int | None:
        """Place of the group most surely above the outer limits; None where there is none."""
        return next(iter(np.flatnonzero(self.beyond == 2).tolist()), None)

    @property
    def lowest(self) -> int | None:
        """Place of the group most surely below the outer limits; None where there is none."""
        return next(iter(np.flatnonzero(self.beyond == -2).tolist()[::-1]), None)

    @property
    def far(self) -> int:
        """Groups beyond the outer limits."""
        return int(np.count_nonzero(np.abs(self.beyond) == 2))

    @property
    def far_by_chance(self) -> float:
        """At most how many groups would lie beyond the outer limits if all had the same level, on average."""
        return len(self.groups) * (1 - LEVELS[1])

    def table(self) -> pd.DataFrame:
        """One row a group: group, rows, share of rows, the level with its interval, limits, missing cells."""
        what, low, high = self.numbers
        return pd.DataFrame(
            {
                "group": self.groups,
                "rows": self.rows,
                "share of rows": self.rows / max(self.n, 1),
                what: self.level,
                low: self.low,
                high: self.high,
                "control limits": [BEYOND[b + 2] for b in self.beyond.tolist()],
                "missing cells": self.missing,
                "most missing": self.emptiest,
            }
        )


def group_columns(schema: Schema) -> tuple[str, ...]:
    """Names of the columns that can be groups: that of the role "group" first, then categories but the target."""
    names = [
        c.name for c in schema.columns if c.role != "target" and (c.kind == "categorical" or c.name == schema.group)
    ]
    return tuple(sorted(names, key=lambda name: name != schema.group))


def by_group(
    dataset: Dataset, schema: Schema, plan: SplitPlan, column: str, of: str = "", all_rows: bool = False
) -> ByGroup:
    """The target by the levels of a column.

    `of` is the class whose share is shown, "" for the positive class (of many classes: the commonest).

    Raises
    ------
    InputError : there is no such class.
    NotPossibleError : the column has fewer than two groups in these rows.
    TooLargeError : it has more than `MAX_GROUPS`.
    """
    looked = look(dataset, schema, plan, all_rows)
    codes, groups = _groups(dataset, column, looked.rows)
    answers = looked.answers
    shown, hits = class_of(looked, answers, of)
    rows = np.bincount(codes, minlength=len(groups))
    found = target_levels(codes, rows, answers, hits)
    curve_n, curves = _curves(found)
    between = shares_differ(found) if hits is not None else numbers_differ(codes, len(groups), answers)
    missing, emptiest = _missing(dataset, schema, looked, codes, rows, column)
    order = np.argsort(-(found.level - found.overall) * np.sqrt(rows), kind="stable")
    return ByGroup(
        column, looked.seen, plan.kind, schema.group or "", looked.target.column, shown, len(codes),
        tuple(groups[i] for i in order), rows[order], found.level[order], found.low[order], found.high[order],
        found.overall, _beyond(found)[order], missing[order], tuple(emptiest[i] for i in order),
        curve_n, curves, between,
    )  # fmt: skip


def _groups(dataset: Dataset, column: str, rows: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """The group of each row, among the groups that occur, and their names."""
    feature = encoded_column(dataset, column, "categorical")
    if len(feature.levels) > MAX_GROUPS:
        raise TooLargeError(
            f"'{column}' has {len(feature.levels):,} groups; at most {MAX_GROUPS:,} are compared.",
            "Choose a column with fewer levels.",
        )
    codes = feature.values[rows].astype(np.int32)
    names = (*feature.levels, _MISSING)
    codes[codes < 0] = len(feature.levels)
    present = np.flatnonzero(np.bincount(codes, minlength=len(names)))
    if len(present) < 2:
        raise NotPossibleError(f"'{column}' has one group in these rows.", "Choose another column.")
    place = np.zeros(len(names), np.int32)
    place[present] = np.arange(len(present))
    return place[codes], tuple(names[i] for i in present)


def _limits(n: np.ndarray, found: Levels, level: float) -> tuple[np.ndarray, np.ndarray]:
    if math.isnan(found.spread):
        return binomial_limits(n, found.overall, level)
    return mean_limits(n, found.overall, found.spread, level)


def _beyond(found: Levels) -> np.ndarray:
    beyond = np.zeros(len(found.rows), np.int8)
    for level in LEVELS:
        low, high = _limits(found.rows, found, level)
        beyond += (found.level > high).astype(np.int8) - (found.level < low).astype(np.int8)
    return beyond


def _curves(found: Levels) -> tuple[np.ndarray, np.ndarray]:
    ends = np.log(max(1.0, 0.8 * found.rows.min())), np.log(1.25 * found.rows.max())
    n = np.unique(np.round(np.exp(np.linspace(ends[0], ends[1], CURVE))).astype(np.int64))
    inner, outer = (_limits(n, found, level) for level in LEVELS)
    return n, np.stack((outer[0], inner[0], inner[1], outer[1]))


def _missing(
    dataset: Dataset, schema: Schema, looked: Looked, codes: np.ndarray, rows: np.ndarray, column: str
) -> tuple[np.ndarray, list[str]]:
    """The share of missing feature cells of each group, and the feature with most of them."""
    total, most, where = np.zeros(len(rows)), np.zeros(len(rows), np.int64), np.full(len(rows), -1)
    names = [name for name in schema.features() if name != column]
    for place, name in enumerate(names):
        gone = ~features(dataset, schema, looked.rows, [name])[name].known
        if not gone.any():
            continue
        counts = np.bincount(codes[gone], minlength=len(rows))
        total += counts
        where[counts > most] = place
        most = np.maximum(most, counts)
    return total / (rows * max(1, len(names))), [names[i] if i >= 0 else "" for i in where.tolist()]
