"""Each column alone and by the target: rows per bin or level, and how often the positive class occurs there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from mlops_lib.explore.binning import BINS, Bins
from mlops_lib.explore.column_counts import (
    Asked,
    BinCounts,
    Counts,
    Facts,
    Summary,
    as_rows,
    ask,
    bin_counts,
    count_column,
    facts,
)
from mlops_lib.explore.rare_levels import ENOUGH
from mlops_lib.explore.rows import Seen, features, look, some_features, target_feature
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import TooLargeError
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.stats.features import FeatureKind
from mlops_lib.stats.group_levels import mean_levels
from mlops_lib.stats.proportions import wilson

OVERVIEW_BINS = 10
MAX_COLUMNS = 500
MISSING = "missing"


@dataclass(frozen=True, eq=False)
class Distribution:
    """A column on the rows that were looked at; arrays go by bin, shape (bins,), the last one "missing" if any is.

    `edges` as in `Bins` (None for categories). `by_class` has shape (bins, classes), (bins, 0) for a numeric target.
    `level` is the share of positives, for a numeric target its mean, NaN for many classes or without rows, with a 95 %
    interval (Wilson; normal for the mean). `overall` is the same on all rows. `strength` is the effect on the common
    scale of `stats` (NaN where no test was possible). `levels` counts the distinct values, `zeros` the cells that are
    0, `common` has the commonest values with their rows, `groups` summaries of numbers and dates by class.
    """

    name: str
    kind: FeatureKind
    seen: Seen
    target_kind: Literal["binary", "classes", "number"]
    target: str
    classes: tuple[str, ...]
    n: int
    missing: int
    levels: int
    single: bool
    labels: tuple[str, ...]
    edges: np.ndarray | None
    counts: np.ndarray
    by_class: np.ndarray
    level: np.ndarray
    low: np.ndarray
    high: np.ndarray
    overall: float
    strength: float
    zeros: int
    common: tuple[tuple[str, int], ...]
    groups: tuple[Summary, ...]

    @property
    def summary(self) -> pd.DataFrame:
        """One row a group: group, rows, missing, mean, sd, min, quarter, median, three_quarters, max; no `sd` and text
        instead of numbers for dates, empty for categories.
        """
        return pd.DataFrame(as_rows(self.groups, self.kind == "date"))

    @property
    def bins(self) -> int:
        """Bins without the one for missing cells."""
        return len(self.labels) - (1 if self.missing else 0)

    @property
    def rate_columns(self) -> tuple[str, ...]:
        """Columns of `table()` that are shares of the target; none for a number or many classes."""
        return (f"share of {self.classes[1]}", "95 % from", "95 % to") if self.target_kind == "binary" else ()

    @property
    def summary_numbers(self) -> tuple[str, ...]:
        """Columns of `summary` that are numbers to be written short."""
        found = self.summary
        return tuple(str(c) for c in found if found[c].dtype.kind == "f")

    def extremes(self) -> tuple[int, int] | None:
        """The bins with the surest lowest and highest level (by the near end of their intervals); None with fewer than
        two bins of `ENOUGH` rows, or where no interval excludes the other.
        """
        enough = np.flatnonzero((self.counts >= ENOUGH) & ~np.isnan(self.level))
        if len(enough) < 2:
            return None
        lowest = int(enough[np.argmin(self.high[enough])])
        highest = int(enough[np.argmax(self.low[enough])])
        return (lowest, highest) if self.high[lowest] < self.low[highest] else None

    def table(self) -> pd.DataFrame:
        """One row a bin: value, rows, share of rows, then rows of each class, and the level with its interval."""
        shares = self.counts / max(self.n, 1)
        frame = pd.DataFrame({"value": self.labels, "rows": self.counts, "share of rows": shares})
        for place, label in enumerate(self.classes):
            frame[f"{self.target} = {label}"] = self.by_class[:, place]
        if self.target_kind != "classes":
            what = f"share of {self.classes[1]}" if self.target_kind == "binary" else f"mean of {self.target}"
            frame[what], frame["95 % from"], frame["95 % to"] = self.level, self.low, self.high
        return frame


def column_distribution(
    dataset: Dataset, schema: Schema, plan: SplitPlan, column: str, all_rows: bool = False
) -> Distribution:
    """The distribution of one column. Raises InputError for a column that cannot be read as its kind."""
    asked = ask(look(dataset, schema, plan, all_rows))
    if column == schema.target:
        feature = target_feature(asked.looked)
    else:
        feature = features(dataset, schema, asked.looked.rows, [column])[column]
    counts = count_column(feature, asked)
    return distribution(counts, facts(counts), BINS)


def overview(
    dataset: Dataset,
    schema: Schema,
    plan: SplitPlan,
    all_rows: bool = False,
    columns: Sequence[str] | None = None,
) -> tuple[Distribution, ...]:
    """Every feature in a few bins, the strongest relation with the target first.

    Raises TooLargeError above `MAX_COLUMNS` features, NotPossibleError without any.
    """
    names = not_too_many(some_features(schema) if columns is None else columns)
    asked = ask(look(dataset, schema, plan, all_rows))
    counted = (count_column(features(dataset, schema, asked.looked.rows, [name])[name], asked) for name in names)
    return strongest_first(distribution(counts, facts(counts), OVERVIEW_BINS) for counts in counted)


def not_too_many(names: Sequence[str]) -> tuple[str, ...]:
    """The names given. Raises TooLargeError where they are more than `MAX_COLUMNS`."""
    if len(names) > MAX_COLUMNS:
        raise TooLargeError(
            f"The table has {len(names):,} features; an overview shows at most {MAX_COLUMNS}.",
            "Set columns that cannot matter to 'ignored' on the Data page.",
        )
    return tuple(names)


def strongest_first(shown: Iterable[Distribution]) -> tuple[Distribution, ...]:
    """By relation with the target; columns without a test last."""
    return tuple(sorted(shown, key=lambda d: -np.nan_to_num(d.strength, nan=-1.0)))


def distribution(counts: Counts, found: Facts, most: int) -> Distribution:
    """A counted column in about `most` bins."""
    feature, asked, target = counts.feature, counts.asked, counts.asked.looked.target
    bins = bin_counts(counts, most)
    rows = bins.by_class.sum(axis=1)
    missing = int(rows[-1])
    keep = len(rows) if missing else len(rows) - 1
    level, low, high, overall = _levels_by_bin(bins, rows, asked)
    by_class = bins.by_class if asked.by_class else np.zeros((len(rows), 0), np.int64)
    return Distribution(
        feature.name, feature.kind, asked.looked.seen, target.kind, target.column, target.names, asked.n, missing,
        found.distinct, bins.single, bins.labels + ((MISSING,) if missing else ()), bins.edges,
        rows[:keep], by_class[:keep], level[:keep], low[:keep], high[:keep], overall, found.strength,
        found.zeros, found.common, found.groups,
    )  # fmt: skip


def _levels_by_bin(bins: BinCounts, rows: np.ndarray, asked: Asked) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    if bins.codes is not None:
        place = np.where(bins.codes < 0, len(rows) - 1, bins.codes)
        found = mean_levels(place, rows, asked.answers)
        return found.level, found.low, found.high, found.overall
    if asked.looked.target.kind == "classes":
        unknown = np.full(len(rows), np.nan)
        return unknown, unknown, unknown, float("nan")
    hits = bins.by_class[:, 1]
    level = np.divide(hits, rows, out=np.full(len(rows), np.nan), where=rows > 0)
    low, high = wilson(hits, rows)
    return level, low, high, float(hits.sum() / rows.sum())


__all__ = ["Bins", "Distribution", "column_distribution", "overview"]
