"""The target and one column over time: does the rate move more than chance, and what does that mean for the split?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from mlops_lib.data.encoded import encoded_column
from mlops_lib.explore.periods import PERIODS, Placed, possible, put_in_periods, sensible
from mlops_lib.explore.rare_levels import ENOUGH
from mlops_lib.explore.rows import Seen, features, look
from mlops_lib.explore.target_levels import TargetLevel, class_of, target_levels
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.stats.features import Feature
from mlops_lib.stats.group_levels import (
    Difference,
    Levels,
    numbers_differ,
    shares_differ,
)
from mlops_lib.stats.spearman import spearman
from mlops_lib.stats.trend import cochran_armitage, weighted_line

COMMONEST = 5
"""Levels of a category that are followed over time."""

_LEVEL = 0.05

TrendTest = Literal["Cochran-Armitage", "Spearman", "none"]


@dataclass(frozen=True)
class Movement:
    """Whether the level of the target differs between periods (`between`), and whether it rises or falls.

    `trend_p` is that of `trend`, NaN for cycles; `first` and `last` are the ends of the straight line that fits all
    rows best. `trend_share` is the share of the statistic between periods that the trend accounts for (Cochran 1954
    splits chi-square into trend and departure from it; a number: rho² (n-1) / H). `rising` is the direction that the
    trend test found; a line through means may go the other way where a few values are far off.
    """

    between: Difference
    trend: TrendTest = "none"
    trend_p: float = math.nan
    first: float = math.nan
    last: float = math.nan
    trend_share: float = math.nan
    rising: bool = False

    @property
    def moves(self) -> bool:
        """Whether the periods differ beyond chance (p below 0.05)."""
        return self.between.p < _LEVEL

    @property
    def has_trend(self) -> bool:
        """Whether the level rises or falls beyond chance (p below 0.05)."""
        return self.trend_p < _LEVEL


@dataclass(frozen=True, eq=False)
class OverTime(TargetLevel):
    """The target by period of a date column; arrays have shape (periods,), empty periods included.

    `level` is the share of `of` (a class), or for a numeric target its mean; NaN in a period without rows; `low` and
    `high` its 95 % interval (Wilson; normal for the mean). `starts` are days since 1970 (places for a cycle). `undated`
    counts rows without a date. `periods` are the names of all periods that suit the column, `split` the plan's kind.
    """

    column: str
    period: str
    periods: tuple[str, ...]
    cyclic: bool
    seen: Seen
    split: str
    target: str
    of: str
    n: int
    undated: int
    labels: tuple[str, ...]
    starts: np.ndarray
    rows: np.ndarray
    level: np.ndarray
    low: np.ndarray
    high: np.ndarray
    overall: float
    movement: Movement

    def extremes(self) -> tuple[int, int] | None:
        """The periods of at least `ENOUGH` rows with the surest lowest and highest level; None with fewer than two."""
        enough = np.flatnonzero((self.rows >= ENOUGH) & ~np.isnan(self.low))
        if len(enough) < 2:
            return None
        return int(enough[np.argmin(self.high[enough])]), int(enough[np.argmax(self.low[enough])])

    @property
    def empty(self) -> int:
        """Periods without a row."""
        return int(np.count_nonzero(self.rows == 0))

    def table(self) -> pd.DataFrame:
        """One row a period: period, rows, the level and its interval."""
        what, low, high = self.numbers
        return pd.DataFrame(
            {"period": self.labels, "rows": self.rows, what: self.level, low: self.low, high: self.high}
        )


@dataclass(frozen=True, eq=False)
class ColumnOverTime:
    """A column by period. Numbers: `quarter`, `middle` (the median) and `three_quarters` of shape (periods,).

    Categories: `shares` of shape (periods, levels) of the commonest `levels`. `missing` is the share of missing cells.
    NaN in a period without rows (for numbers: without values).
    """

    name: str
    period: str
    labels: tuple[str, ...]
    starts: np.ndarray
    cyclic: bool
    rows: np.ndarray
    missing: np.ndarray
    quarter: np.ndarray
    middle: np.ndarray
    three_quarters: np.ndarray
    levels: tuple[str, ...]
    shares: np.ndarray

    def table(self) -> pd.DataFrame:
        """One row a period: period, rows, share missing, then the quartiles, or the share of each level."""
        frame = pd.DataFrame({"period": self.labels, "rows": self.rows, "share missing": self.missing})
        if not self.levels:
            return frame.assign(quarter=self.quarter, median=self.middle, three_quarters=self.three_quarters)
        for place, level in enumerate(self.levels):
            frame[f"share of {level}"] = self.shares[:, place]
        return frame


def date_columns(schema: Schema) -> tuple[str, ...]:
    """Names of all date columns but the target, that of the role "time" first, whatever their role."""
    names = [c.name for c in schema.columns if c.kind == "date" and c.role != "target"]
    return tuple(sorted(names, key=lambda name: name != schema.time))


def over_time(
    dataset: Dataset,
    schema: Schema,
    plan: SplitPlan,
    column: str,
    period: str = "",
    of: str = "",
    all_rows: bool = False,
) -> OverTime:
    """The target by period of a date column.

    `period` is a name in `periods.PERIODS`, "" for one that suits the dates; `of` the class whose share is shown, ""
    for the positive class (of many classes: the commonest).

    Raises
    ------
    InputError : there is no such period or class, or the column holds no dates.
    NotPossibleError : the dates of these rows allow no period.
    """
    looked = look(dataset, schema, plan, all_rows)
    days = encoded_column(dataset, column, "date").values[looked.rows]
    placed, name, names = _placed(days, column, period)
    answers = looked.answers
    shown, hits = class_of(looked, answers, of)
    rows = np.bincount(placed.codes[placed.codes >= 0], minlength=len(placed.labels))
    found = target_levels(placed.codes, rows, answers, hits)
    return OverTime(
        column, name, names, PERIODS[name].cyclic, looked.seen, plan.kind, looked.target.column, shown, len(days),
        int(np.count_nonzero(placed.codes < 0)), placed.labels, placed.starts, rows, found.level, found.low, found.high,
        found.overall, _movement(placed, found, answers if hits is None else None, cyclic=PERIODS[name].cyclic),
    )  # fmt: skip


def column_over_time(
    dataset: Dataset, schema: Schema, plan: SplitPlan, column: str, shown: str, period: str = "", all_rows: bool = False
) -> ColumnOverTime:
    """The column `shown` by period of the date column `column`. Raises what `over_time` raises."""
    looked = look(dataset, schema, plan, all_rows)
    days = encoded_column(dataset, column, "date").values[looked.rows]
    placed, name, _ = _placed(days, column, period)
    feature = features(dataset, schema, looked.rows, [shown])[shown]
    dated = placed.codes >= 0
    count = len(placed.labels)
    rows = np.bincount(placed.codes[dated], minlength=count)
    known = np.bincount(placed.codes[dated & feature.known], minlength=count)
    missing = _ratio(rows - known, rows)
    quartiles = np.full((count, 3), np.nan)
    levels, shares = (), np.zeros((count, 0))  # type: tuple[tuple[str, ...], np.ndarray]
    if feature.kind == "categorical":
        levels, shares = _level_shares(feature, placed.codes, known)
    else:
        quartiles = _quartiles(feature.values, placed.codes, count)
    return ColumnOverTime(
        shown, name, placed.labels, placed.starts, PERIODS[name].cyclic, rows, missing,
        quartiles[:, 0], quartiles[:, 1], quartiles[:, 2], levels, shares,
    )  # fmt: skip


def _placed(days: np.ndarray, column: str, period: str) -> tuple[Placed, str, tuple[str, ...]]:
    names = possible(days)
    chosen = period or sensible(days) or next(iter(names), "")
    if period and period not in PERIODS:
        raise InputError(f"There is no period '{period}'.", f"Choose one of: {', '.join(PERIODS)}.")
    if not names or chosen not in names:
        what = f"do not fit into periods of a {period}" if period else "all fall into one period, or are missing"
        raise NotPossibleError(f"The dates of '{column}' in these rows {what}.", "Choose another period or column.")
    return put_in_periods(days, PERIODS[chosen]), chosen, names


def _movement(placed: Placed, found: Levels, numbers: np.ndarray | None, *, cyclic: bool) -> Movement:
    between = shares_differ(found) if numbers is None else numbers_differ(placed.codes, len(found.rows), numbers)
    if cyclic or between.test == "none":
        return Movement(between)
    present = np.flatnonzero(found.rows)
    n, starts = found.rows[present].astype(np.float64), placed.starts[present]
    if numbers is None:
        rise = cochran_armitage(found.hits[present], n, starts)
        if rise is None:
            return Movement(between)
        part = _part(rise.z**2, between.statistic)
        return Movement(between, "Cochran-Armitage", rise.p, rise.first, rise.last, part, rise.z > 0)
    rho = spearman(np.where(placed.codes >= 0, placed.codes, np.nan), numbers)
    if not rho.possible:
        return Movement(between)
    _, first, last = weighted_line(found.level[present], n, starts)
    part = _part(rho.statistic**2 * (rho.n - 1), between.statistic)
    return Movement(between, "Spearman", rho.p, first, last, part, rho.statistic > 0)


def _part(of_trend: float, whole: float) -> float:
    return min(1.0, of_trend / whole) if whole > 0 else math.nan


def _level_shares(feature: Feature, codes: np.ndarray, known: np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
    counts = np.bincount(feature.values[feature.values >= 0], minlength=len(feature.levels))
    order = np.argsort(-counts, kind="stable")[:COMMONEST]
    order = order[counts[order] > 0]
    place = np.full(len(feature.levels) + 1, -1, np.int64)
    place[order] = np.arange(len(order))
    of_row = place[feature.values]
    inside = (codes >= 0) & (of_row >= 0)
    cells = codes[inside] * np.int64(max(1, len(order))) + of_row[inside]
    table = np.bincount(cells, minlength=len(known) * len(order)).reshape(len(known), len(order))
    return tuple(feature.levels[i] for i in order), _ratio(table, known[:, None])


def _quartiles(values: np.ndarray, codes: np.ndarray, count: int) -> np.ndarray:
    """Quarter, median and three quarters of the finite values of each period, shape (periods, 3)."""
    inside = (codes >= 0) & np.isfinite(values)
    codes, values = codes[inside], values[inside]
    order = np.argsort(codes, kind="stable")
    parts = np.split(values[order], np.cumsum(np.bincount(codes, minlength=count))[:-1])
    found = [np.quantile(p, (0.25, 0.5, 0.75)) if len(p) else np.full(3, np.nan) for p in parts]
    return np.array(found, dtype=np.float64).reshape(count, 3)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    whole = np.broadcast_to(whole, part.shape)
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0))
