"""A column counted once by the target's classes, and what is read from the counts: bins, summaries, strength."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlops_lib.explore.binning import (
    TAILS,
    are_few,
    date_edges,
    day_label,
    edge_labels,
    level_places,
    number_edges,
    put_in_bins,
    single_edges,
)
from mlops_lib.explore.rows import Looked
from mlops_lib.explore.tally import ALL, Classes, Tally, classes_of, quantiles, tally
from mlops_lib.stats.chi_square import bias_corrected_v
from mlops_lib.stats.features import Feature, level_label
from mlops_lib.stats.kruskal import h_statistic
from mlops_lib.stats.testing import Answers, run_test

COMMONEST = 5
_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Summary:
    """Numbers of a column in one group of rows ("all", or a class): `rows` known values, NaN where undefined."""

    group: str
    rows: int
    missing: int
    mean: float
    sd: float
    min: float
    quarter: float
    median: float
    three_quarters: float
    max: float


@dataclass(frozen=True, eq=False)
class Asked:
    """The rows that are looked at with their answers, found once for all columns.

    `classes` has the class of each row; for a numeric target all rows are one class.
    """

    looked: Looked
    answers: np.ndarray
    classes: Classes

    @property
    def n(self) -> int:
        """Rows that are looked at."""
        return len(self.answers)

    @property
    def by_class(self) -> bool:
        """Whether the target has classes."""
        return self.looked.target.kind != "number"


@dataclass(frozen=True, eq=False)
class Counts:
    """One column counted: `numbers` of a number or date, or `table` (levels, k) of a category, and `missing` (k,)."""

    feature: Feature
    asked: Asked
    missing: np.ndarray
    numbers: Tally | None = None
    table: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class BinCounts:
    """Rows by bin and class, int64 (bins + 1, k), the last row for missing cells; `codes` only for a numeric target."""

    labels: tuple[str, ...]
    edges: np.ndarray | None
    single: bool
    by_class: np.ndarray
    codes: np.ndarray | None = None


@dataclass(frozen=True)
class Facts:
    """What is said of a column besides its bins: distinct values, cells that are 0, the commonest values with their
    rows, summaries of numbers and dates by group, and its effect on the target (NaN where no test is possible).
    """

    distinct: int
    zeros: int
    common: tuple[tuple[str, int], ...]
    groups: tuple[Summary, ...]
    strength: float


def ask(looked: Looked) -> Asked:
    """What all columns are counted by."""
    answers = looked.answers
    if looked.target.kind == "number":
        return Asked(looked, answers, classes_of(np.zeros(len(answers), np.int8), 1))
    return Asked(looked, answers, classes_of(answers, len(looked.target.names)))


def count_column(feature: Feature, asked: Asked) -> Counts:
    """Count a column; it is not looked at again but for the bins of a numeric target."""
    classes = asked.classes
    if feature.kind == "categorical":
        table = _level_table(feature, classes)
        return Counts(feature, asked, classes.sizes - table.sum(axis=0), table=table)
    numbers = tally(feature.values, classes)
    return Counts(feature, asked, classes.sizes - numbers.sizes, numbers=numbers)


def bin_counts(counts: Counts, bins: int) -> BinCounts:
    """Rows in about `bins` bins of the column, or its levels, by class."""
    if counts.table is not None:
        found = level_places(counts.table.sum(axis=1), counts.feature.levels, bins)
        width = len(found.labels)
        by_class = np.zeros((width + 1, counts.table.shape[1]), np.int64)
        np.add.at(by_class, found.place[:-1], counts.table)
        by_class[-1] += counts.missing
        codes = None if counts.asked.by_class else found.place[counts.feature.values]
        return BinCounts(found.labels, None, True, by_class, codes)
    if counts.numbers is None or not counts.numbers.sizes.any():
        codes = None if counts.asked.by_class else np.full(counts.asked.n, -1, np.int16)
        return BinCounts((), None, False, counts.missing[None, :], codes)
    edges, single = _edges(counts.numbers, counts.feature.kind == "date", bins)
    below = counts.numbers.below(edges[1:-1])
    ends = np.zeros((1, below.shape[1]), np.int64), counts.numbers.sizes[None, :]
    by_class = np.vstack((np.diff(np.vstack((ends[0], below, ends[1])), axis=0), counts.missing[None, :]))
    codes = None if counts.asked.by_class else put_in_bins(counts.feature.values, edges)
    return BinCounts(edge_labels(edges, counts.feature.kind == "date", single), edges, single, by_class, codes)


def facts(counts: Counts) -> Facts:
    """All of them, found once however many bins are drawn."""
    return Facts(_distinct(counts), _zeros(counts), _commonest(counts), summaries(counts), strength(counts))


def summaries(counts: Counts) -> tuple[Summary, ...]:
    """Numbers of all rows, then of each class unless the column is the target itself; none for categories."""
    if counts.numbers is None:
        return ()
    target = counts.asked.looked.target
    groups = [("all", ALL)]
    if counts.asked.by_class and counts.feature.name != target.column:
        groups += [(name, code) for code, name in enumerate(target.names)]
    return tuple(_summary(counts, counts.numbers, name, group) for name, group in groups)


def _commonest(counts: Counts) -> tuple[tuple[str, int], ...]:
    """The values or levels that occur most often, as text, with their rows."""
    if counts.table is not None:
        rows = counts.table.sum(axis=1)
        order = [int(i) for i in np.argsort(-rows, kind="stable")[:COMMONEST] if rows[i]]
        return tuple((counts.feature.levels[i], int(rows[i])) for i in order)
    if counts.numbers is None:
        return ()
    written = day_label if counts.feature.kind == "date" else level_label
    return tuple((written(value), rows) for value, rows in counts.numbers.commonest(COMMONEST))


def _distinct(counts: Counts) -> int:
    """How many different values or levels occur."""
    if counts.table is not None:
        return int(np.count_nonzero(counts.table.any(axis=1)))
    return 0 if counts.numbers is None else len(counts.numbers.lengths)


def _zeros(counts: Counts) -> int:
    """Rows that hold the number 0."""
    if counts.numbers is None or counts.feature.kind == "date":
        return 0
    # From the smallest number above zero on, nothing is a zero any more.
    below = counts.numbers.below(np.array([0.0, np.nextafter(0.0, 1.0)])).sum(axis=1)
    return int(below[1] - below[0])


def strength(counts: Counts) -> float:
    """The effect of the target's test on the common scale of `stats`; NaN where no test is possible."""
    asked = counts.asked
    if counts.feature.name == asked.looked.target.column:
        return math.nan
    if not asked.by_class:
        return run_test(counts.feature, Answers.of(asked.answers)).strength
    return _table_strength(counts.table) if counts.table is not None else _rank_strength(counts.numbers)


def _level_table(feature: Feature, classes: Classes) -> np.ndarray:
    k, levels = len(classes.sizes), len(feature.levels)
    if k == 1:
        known = np.bincount(feature.values + np.int64(1), minlength=levels + 1)
        return np.asarray(known[1:, None])
    cells = feature.values.astype(np.int64)
    cells += 1
    cells *= k
    cells += classes.codes
    return np.bincount(cells, minlength=(levels + 1) * k).reshape(levels + 1, k)[1:]


def _edges(numbers: Tally, dates: bool, bins: int) -> tuple[np.ndarray, bool]:
    low, high = (float(v) for v in quantiles(numbers, (0.0, 1.0)))
    if dates:
        return date_edges(low, high, bins), False
    if numbers.whole and are_few(low, high, bins):
        return single_edges(low, high), True
    core = quantiles(numbers, TAILS)
    return number_edges(low, high, (float(core[0]), float(core[1])), bins), False


def _summary(counts: Counts, numbers: Tally, name: str, group: int) -> Summary:
    rows, missing = (
        (numbers.sizes, counts.missing) if group == ALL else (numbers.sizes[[group]], counts.missing[[group]])
    )
    mean, sd = numbers.moments(group)
    low, quarter, median, three_quarters, high = (float(q) for q in quantiles(numbers, _QUARTERS, group))
    return Summary(name, int(rows.sum()), int(missing.sum()), mean, sd, low, quarter, median, three_quarters, high)


def _table_strength(table: np.ndarray) -> float:
    """Bias-corrected Cramér's V as `stats.chi_square` has it."""
    table = table[table.any(axis=1)][:, table.any(axis=0)]
    if min(table.shape) < 2:
        return math.nan
    n = int(table.sum())
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    chi_squared = float(((table - expected) ** 2 / expected).sum())
    return bias_corrected_v(chi_squared / n, table.shape[0], table.shape[1], n)


def _rank_strength(numbers: Tally | None) -> float:
    """Root of bias-corrected epsilon squared as `stats.kruskal` has it."""
    if numbers is None or np.count_nonzero(numbers.sizes) < 2 or len(numbers.lengths) < 2:
        return math.nan
    ranks = numbers.rank_sums()
    n, k = ranks.n, len(ranks.counts)
    return math.sqrt(min(1.0, max(0.0, (h_statistic(ranks) - k + 1) / (n - k)))) if n > k else 0.0


def as_rows(found: Sequence[Summary], dates: bool) -> list[dict[str, object]]:
    """Summaries as rows of a table, dates as text without a standard deviation."""
    rows = [dict(vars(s)) for s in found]
    if dates:
        for row in rows:
            del row["sd"]
            row.update({name: day_label(float(row[name])) for name in ("mean", *_PLACES)})
    return rows


_PLACES = ("min", "quarter", "median", "three_quarters", "max")
