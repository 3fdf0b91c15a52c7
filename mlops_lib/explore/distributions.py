"""Each column alone and by the target: rows per bin or level, and how often the positive class occurs there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from mlops_lib.explore.binning import BINS, Bins, bin_feature, day_label
from mlops_lib.explore.rows import Looked, Seen, features, look, some_features, target_feature
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import TooLargeError
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.stats.features import Feature, FeatureKind
from mlops_lib.stats.proportions import wilson
from mlops_lib.stats.testing import Answers, run_test

OVERVIEW_BINS = 10
MAX_COLUMNS = 500
MISSING = "missing"
ENOUGH = 20
"""Rows from which a bin's rate is worth naming."""

_NORMAL_975 = 1.959963984540054


@dataclass(frozen=True, eq=False)
class Distribution:
    """A column on the rows that were looked at; arrays go by bin, shape (bins,), the last one "missing" if any is.

    `edges` as in `Bins` (None for categories). `by_class` has shape (bins, classes), (bins, 0) for a numeric target.
    `level` is the share of positives, for a numeric target its mean, NaN for many classes or without rows, with a 95 %
    interval (Wilson; normal for the mean). `overall` is the same on all rows. `strength` is the effect on the common
    scale of `stats` (NaN where no test was possible).
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
    summary: pd.DataFrame

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
        return tuple(str(c) for c in self.summary if self.summary[c].dtype.kind == "f")

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
    """The distribution of one column, with a summary of numbers by class.

    `summary` has the columns group, rows, missing, mean, sd, min, quarter, median, three_quarters, max (empty for
    categories; dates as text). Raises InputError for a column that cannot be read as its kind.
    """
    looked = look(dataset, schema, plan, all_rows)
    if column == schema.target:
        return _distribution(target_feature(looked), looked, BINS, describe=True)
    feature = features(dataset, schema, looked.rows, [column])[column]
    return _distribution(feature, looked, BINS, describe=True)


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
    names = some_features(schema) if columns is None else tuple(columns)
    if len(names) > MAX_COLUMNS:
        raise TooLargeError(
            f"The table has {len(names):,} features; an overview shows at most {MAX_COLUMNS}.",
            "Set columns that cannot matter to 'ignored' on the Data page.",
        )
    looked = look(dataset, schema, plan, all_rows)
    shown = (
        _distribution(features(dataset, schema, looked.rows, [name])[name], looked, OVERVIEW_BINS) for name in names
    )
    return tuple(sorted(shown, key=lambda d: -np.nan_to_num(d.strength, nan=-1.0)))


def _distribution(feature: Feature, looked: Looked, most: int, *, describe: bool = False) -> Distribution:
    bins = bin_feature(feature, most)
    codes = np.where(bins.codes < 0, len(bins.labels), bins.codes)
    width = len(bins.labels) + 1
    counts = np.bincount(codes, minlength=width)
    missing = int(counts[-1])
    keep = width if missing else width - 1
    by_class, level, low, high, overall = _levels_by_bin(codes, width, counts, looked)
    itself = feature.name == looked.target.column
    strength = float("nan") if itself else run_test(feature, Answers.of(looked.answers)).strength
    target = looked.target
    return Distribution(
        feature.name, feature.kind, looked.seen, target.kind, target.column, target.names, len(codes), missing,
        bins.levels, bins.single, bins.labels + ((MISSING,) if missing else ()), bins.edges,
        counts[:keep], by_class[:keep], level[:keep], low[:keep], high[:keep], overall, strength,
        _summary(feature, looked) if describe else pd.DataFrame(),
    )  # fmt: skip


def _levels_by_bin(
    codes: np.ndarray, width: int, counts: np.ndarray, looked: Looked
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float]:
    answers, target = looked.answers, looked.target
    if target.kind == "number":
        level, low, high = _means(codes, width, counts, answers)
        return np.zeros((width, 0), np.int64), level, low, high, float(answers.mean())
    k = len(target.names)
    by_class = np.bincount(codes * k + answers, minlength=width * k).reshape(width, k)
    if target.kind == "classes":
        unknown = np.full(width, np.nan)
        return by_class, unknown, unknown, unknown, float("nan")
    level = np.divide(by_class[:, 1], counts, out=np.full(width, np.nan), where=counts > 0)
    low, high = wilson(by_class[:, 1], counts)
    return by_class, level, low, high, float(by_class[:, 1].sum() / counts.sum())


def _means(
    codes: np.ndarray, width: int, counts: np.ndarray, answers: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean of the target in each bin, with its normal 95 % interval from the bin's own spread."""
    centre = answers.mean()
    moved = answers - centre
    with np.errstate(divide="ignore", invalid="ignore"):  # an empty bin has no mean, a single row no spread
        mean = np.bincount(codes, weights=moved, minlength=width) / counts
        squares = np.bincount(codes, weights=moved**2, minlength=width)
        error = np.sqrt(np.maximum(squares - counts * mean**2, 0) / (counts - 1) / counts)
    reach = np.where(counts > 1, _NORMAL_975 * error, np.nan)
    return mean + centre, mean + centre - reach, mean + centre + reach


def _summary(feature: Feature, looked: Looked) -> pd.DataFrame:
    if feature.kind == "categorical":
        return pd.DataFrame()
    groups = [("all", np.ones(len(feature.values), dtype=bool))]
    if looked.target.kind != "number" and feature.name != looked.target.column:
        groups += [(name, looked.answers == code) for code, name in enumerate(looked.target.names)]
    return pd.DataFrame([_summarised(name, feature.values[rows], feature.kind) for name, rows in groups])


def _summarised(group: str, values: np.ndarray, kind: str) -> dict[str, object]:
    known = values[np.isfinite(values)]
    numbers = ("mean", "sd", "min", "quarter", "median", "three_quarters", "max")
    if len(known) == 0:
        found = [float("nan")] * len(numbers)
    else:
        spread = float(known.std(ddof=1)) if len(known) > 1 else float("nan")
        found = [float(known.mean()), spread, *(float(q) for q in np.quantile(known, [0, 0.25, 0.5, 0.75, 1]))]
    shown: dict[str, object] = dict(zip(numbers, found, strict=True))
    if kind == "date":
        shown = {name: day_label(value) for name, value in zip(numbers, found, strict=True) if name != "sd"}
    return {"group": group, "rows": len(known), "missing": len(values) - len(known), **shown}


__all__ = ["Bins", "Distribution", "column_distribution", "overview"]
