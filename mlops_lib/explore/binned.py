"""Columns in small codes, made once: what linked figures and the two-feature view count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mlops_lib.explore.binning import Bins, bin_feature
from mlops_lib.explore.distributions import MAX_COLUMNS, MISSING
from mlops_lib.explore.rows import Looked, Seen, features, look, some_features, target_feature
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError, TooLargeError
from mlops_lib.objects.fingerprint import fingerprint
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.stats.features import Feature, FeatureKind
from mlops_lib.stats.proportions import NORMAL_975, wilson
from mlops_lib.stats.testing import Answers, run_test

LINKED_BINS = 12
"""Bins of a small figure (whole numbers in a narrow range keep one bin each, up to twice as many)."""

TargetKind = Literal["binary", "classes", "number"]


@dataclass(frozen=True)
class BinnedColumn:
    """A column in bins: `labels` by bin, the last one "missing" if any cell is.

    `edges` are those of the bins without "missing", None for categories (as in `Bins`); `single` says that each bin is
    one value. `strength` is the effect on the target on the common scale of `stats`, NaN where no test was possible.
    """

    name: str
    kind: FeatureKind
    labels: tuple[str, ...]
    edges: tuple[float, ...] | None
    single: bool
    missing: bool
    strength: float


@dataclass(frozen=True, eq=False)
class Binned:
    """All columns in bins on the rows that were looked at: the target first, then the features, strongest first.

    `codes` has shape (columns, rows) in a narrow unsigned type: bin x classes + class, bin alone for a numeric target.
    `values` is the numeric target less `centre`, float64 of shape (rows,), empty otherwise. `totals` (columns, width)
    counts each code on all rows; `powers` (2, columns, width) adds up values and their squares, empty without values.
    Large, and opened memory-mapped: a session holds no copy. `fingerprint` is of the nouns it was made from.
    """

    fingerprint: str
    seen: Seen
    target: str
    target_kind: TargetKind
    classes: tuple[str, ...]
    columns: tuple[BinnedColumn, ...]
    codes: np.ndarray
    values: np.ndarray
    totals: np.ndarray
    powers: np.ndarray
    centre: float = 0.0

    @property
    def n(self) -> int:
        """Rows that were looked at."""
        return int(self.codes.shape[1])

    @property
    def per_bin(self) -> int:
        """Codes a bin: the number of classes, 1 for a numeric target."""
        return max(1, len(self.classes))

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features, strongest first."""
        return tuple(c.name for c in self.columns[1:])

    def place(self, name: str) -> int:
        """Where a column stands. Raises InputError where there is none of that name."""
        for place, column in enumerate(self.columns):
            if column.name == name:
                return place
        raise InputError(f"There is no column '{name}' in this view.", "Choose one of the features or the target.")

    def column(self, name: str) -> BinnedColumn:
        """A column by its name. Raises InputError where there is none."""
        return self.columns[self.place(name)]


@dataclass(frozen=True, eq=False)
class Tallied:
    """Groups of rows counted: `counts` (..., classes), one column for a numeric target; for that also the `sums` and
    `squares` (...) of its values less `centre`, else zeros.
    """

    counts: np.ndarray
    sums: np.ndarray
    squares: np.ndarray
    centre: float

    @property
    def n(self) -> np.ndarray:
        """Rows of each group."""
        return np.asarray(self.counts.sum(axis=-1))

    def levels(self, of: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The share of class `of` in each group, or with -1 the mean, and its 95 % interval (Wilson; normal).

        NaN where a group has too few rows for it.
        """
        n = self.n
        if of >= 0:
            share = np.divide(self.counts[..., of], n, out=np.full(n.shape, np.nan), where=n > 0)
            low, high = wilson(self.counts[..., of], n)
            return share, np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):  # an empty group has no mean, a single row no spread
            mean = self.sums / n
            error = np.sqrt(np.maximum(self.squares - n * mean**2, 0) / (n - 1) / n)
        reach = np.where(n > 1, NORMAL_975 * error, np.nan)
        return mean + self.centre, mean + self.centre - reach, mean + self.centre + reach


def bin_columns(dataset: Dataset, schema: Schema, plan: SplitPlan, all_rows: bool = False) -> Binned:
    """Every feature and the target in bins, each row once.

    Raises TooLargeError above `MAX_COLUMNS` features, NotPossibleError without any.
    """
    names = some_features(schema)
    if len(names) > MAX_COLUMNS:
        raise TooLargeError(
            f"The table has {len(names):,} features; linked figures take at most {MAX_COLUMNS}.",
            "Set columns that cannot matter to 'ignored' on the Data page.",
        )
    looked = look(dataset, schema, plan, all_rows)
    number = looked.target.kind == "number"
    binned = [_column(feature, looked) for feature in _every(dataset, schema, looked, names)]
    order = [0, *(1 + i for i in np.argsort([_last_if_nan(c.strength) for c, _ in binned[1:]], kind="stable"))]
    per_bin = 1 if number else len(looked.target.names)
    width = per_bin * max(len(c.labels) for c, _ in binned)
    codes = np.empty((len(order), len(looked.rows)), np.min_scalar_type(width))
    answers = looked.answers
    for row, place in enumerate(order):
        bins = binned[place][1]
        codes[row] = bins if number else bins.astype(codes.dtype) * per_bin + answers.astype(codes.dtype)
    centre = float(answers.mean()) if number else 0.0
    values = np.asarray(answers - centre, dtype=np.float64) if number else np.zeros(0)
    totals = np.stack([np.bincount(row, minlength=width) for row in codes])
    weights = (values, values**2) if number else ()
    powers = np.array([[np.bincount(row, w, minlength=width) for row in codes] for w in weights], dtype=np.float64)
    made_from = fingerprint("linked", dataset.fingerprint, schema.fingerprint, plan.fingerprint, all_rows)
    target = looked.target
    columns = tuple(binned[place][0] for place in order)
    return Binned(
        made_from, looked.seen, target.column, target.kind, target.names, columns, codes, values, totals, powers, centre
    )


def class_asked(binned: Binned, of: int | None) -> int:
    """The class that a share is of, -1 for a numeric target. Raises InputError for one that does not exist."""
    if binned.target_kind == "number":
        return -1
    asked = len(binned.classes) - 1 if of is None else of
    if not 0 <= asked < len(binned.classes):
        raise InputError(f"'{binned.target}' has {len(binned.classes)} classes, got the number {of}.")
    return asked


def _every(dataset: Dataset, schema: Schema, looked: Looked, names: Sequence[str]) -> Iterator[Feature]:
    """The target, then each feature; one at a time, so that the table never lies in memory as numbers."""
    yield target_feature(looked)
    for name in names:
        yield features(dataset, schema, looked.rows, [name])[name]


def _column(feature: Feature, looked: Looked) -> tuple[BinnedColumn, np.ndarray]:
    """A column and the bin of each row, "missing" last."""
    bins = _few(bin_feature(feature, LINKED_BINS))
    missing = bool((bins.codes < 0).any())
    codes = np.where(bins.codes < 0, len(bins.labels), bins.codes) if missing else bins.codes
    itself = feature.name == looked.target.column
    strength = float("nan") if itself else run_test(feature, Answers.of(looked.answers)).strength
    edges = None if bins.edges is None else tuple(float(e) for e in bins.edges)
    labels = bins.labels + ((MISSING,) if missing else ())
    return BinnedColumn(feature.name, feature.kind, labels, edges, bins.single, missing, strength), codes.astype(
        np.min_scalar_type(len(labels))
    )


def _few(bins: Bins) -> Bins:
    """Categories in at most `LINKED_BINS` bins: the commonest one by one, the others together, last."""
    if bins.edges is not None or len(bins.labels) <= LINKED_BINS:
        return bins
    counts = np.bincount(bins.codes[bins.codes >= 0], minlength=len(bins.labels)).astype(float)
    if bins.levels > len(bins.labels):
        counts[-1] = -1  # it holds the others already
    kept = np.sort(np.argsort(-counts, kind="stable")[: LINKED_BINS - 1])
    place = np.full(len(bins.labels) + 1, len(kept))
    place[kept], place[-1] = np.arange(len(kept)), -1
    labels = (*(bins.labels[i] for i in kept), f"{bins.levels - len(kept):,} other levels")
    return Bins(place[bins.codes], labels, single=True, levels=bins.levels)


def _last_if_nan(strength: float) -> float:
    return np.inf if np.isnan(strength) else -strength
