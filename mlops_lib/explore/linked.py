"""Columns in small codes, made once, so that a selection in one figure filters all others while you watch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from mlops_lib.stats.proportions import wilson
from mlops_lib.stats.testing import Answers, run_test

LINKED_BINS = 12
"""Bins of a small figure (whole numbers in a narrow range keep one bin each, up to twice as many)."""

Selections = Mapping[str, Sequence[int]]
"""The chosen bins by column; a row is selected where every column named has one of its bins."""

TargetKind = Literal["binary", "classes", "number"]

_NORMAL_975 = 1.959963984540054


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
    counts each code on all rows. Large, and opened memory-mapped: a session holds no copy. `fingerprint` is of the
    nouns it was made from.
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
class Level:
    """How the target stands in some rows: `n` of them, the share of a class or the mean, with a 95 % interval.

    Wilson's interval for a share, the normal one for a mean; NaN where there are too few rows for it.
    """

    n: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class LinkedColumn:
    """One column among the rows that the *other* columns select; arrays go by bin, shape (bins,).

    `every` counts all rows, `counts` the selected ones; `by_class` (bins, classes) splits these. `level` is the share
    of the class asked about in them, or their mean, `every_level` the same in all rows. `chosen` are its own bins.
    """

    column: BinnedColumn
    chosen: tuple[int, ...]
    every: np.ndarray
    counts: np.ndarray
    by_class: np.ndarray
    level: np.ndarray
    low: np.ndarray
    high: np.ndarray
    every_level: np.ndarray


@dataclass(frozen=True, eq=False)
class Filtered:
    """The columns asked for under a selection.

    `selected` counts the rows in all selections; `inside` is the target in the rows that the selections of the features
    leave, `overall` in all rows; both ask about the class `of` (-1: the mean of a number).
    """

    target: str
    of: int
    asked: str
    selections: Mapping[str, tuple[int, ...]]
    columns: tuple[LinkedColumn, ...]
    n: int
    selected: int
    inside: Level
    overall: Level


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
    made_from = fingerprint("linked", dataset.fingerprint, schema.fingerprint, plan.fingerprint, all_rows)
    target = looked.target
    columns = tuple(binned[place][0] for place in order)
    return Binned(
        made_from, looked.seen, target.column, target.kind, target.names, columns, codes, values, totals, centre
    )


def filtered(
    binned: Binned, selections: Selections, columns: Sequence[str] | None = None, of: int | None = None
) -> Filtered:
    """Counts and target level of each column (all, or those named) among the rows that the other columns select.

    `of` is the class whose share is asked for (default: the positive one, the last class of many). Raises InputError
    for an unknown column, bin or class.
    """
    chosen = checked(binned, selections)
    asked = class_asked(binned, of)
    masks = {name: _mask(binned, name, bins) for name, bins in chosen.items()}
    names = [c.name for c in binned.columns] if columns is None else list(columns)
    common = _Counter(binned, _both(masks.values()))
    shown = []
    for name in names:
        counter = _Counter(binned, _both(_others(masks, name))) if name in chosen else common
        shown.append(_linked(binned, name, chosen.get(name, ()), counter, asked))
    features_only = _Counter(binned, _both(_others(masks, binned.target))) if binned.target in chosen else common
    return Filtered(
        binned.target, asked, binned.classes[asked] if asked >= 0 else "", chosen, tuple(shown), binned.n, common.n,
        features_only.level(asked), _Counter(binned, None).level(asked),
    )  # fmt: skip


def checked(binned: Binned, selections: Selections) -> dict[str, tuple[int, ...]]:
    """The selections with bins in order, without empty ones. Raises InputError for an unknown column or bin."""
    chosen = {name: tuple(sorted({int(b) for b in bins})) for name, bins in selections.items() if len(bins)}
    for name, bins in chosen.items():
        size = len(binned.column(name).labels)
        if bins[0] < 0 or bins[-1] >= size:
            raise InputError(f"'{name}' has the bins 0 to {size - 1}, got {bins}.", "Choose among its bins.")
    return chosen


def class_asked(binned: Binned, of: int | None) -> int:
    """The class that a share is of, -1 for a numeric target. Raises InputError for one that does not exist."""
    if binned.target_kind == "number":
        return -1
    asked = len(binned.classes) - 1 if of is None else of
    if not 0 <= asked < len(binned.classes):
        raise InputError(f"'{binned.target}' has {len(binned.classes)} classes, got the number {of}.")
    return asked


def levels_of(
    binned: Binned, counts: np.ndarray, sums: np.ndarray, squares: np.ndarray, of: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The share of class `of` (counts shaped (..., classes)) or the mean (of -1), with its 95 % interval, by group.

    `sums` and `squares` (of values less `binned.centre`) are used for a mean only.
    """
    n = counts.sum(axis=-1)
    if of >= 0:
        share = np.divide(counts[..., of], n, out=np.full(n.shape, np.nan), where=n > 0)
        low, high = wilson(counts[..., of], n)
        return share, np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):  # an empty group has no mean, a single row no spread
        mean = sums / n
        error = np.sqrt(np.maximum(squares - n * mean**2, 0) / (n - 1) / n)
    reach = np.where(n > 1, _NORMAL_975 * error, np.nan)
    return mean + binned.centre, mean + binned.centre - reach, mean + binned.centre + reach


class _Counter:
    """Counts codes among some rows: the ones of a mask, or the others where they are fewer, taken from the totals."""

    def __init__(self, binned: Binned, mask: np.ndarray | None) -> None:
        self.binned = binned
        self.n = binned.n if mask is None else int(np.count_nonzero(mask))
        number = binned.target_kind == "number"
        self.inverted = not number and 2 * self.n > binned.n
        self.rows = None if mask is None else np.flatnonzero(~mask if self.inverted else mask)
        self.values = binned.values if self.rows is None or not number else binned.values.take(self.rows)

    def counts(self, place: int) -> np.ndarray:
        """Rows by code of one column, shape (width,)."""
        totals = self.binned.totals[place]
        if self.rows is None:
            return np.asarray(totals)
        found = np.bincount(self._codes(place), minlength=len(totals))
        return totals - found if self.inverted else found

    def sums(self, place: int) -> tuple[np.ndarray, np.ndarray]:
        """Sum and sum of squares of the numeric target by code, less its centre; zeros for classes."""
        width = self.binned.totals.shape[1]
        if self.binned.target_kind != "number":
            return np.zeros(width), np.zeros(width)
        codes = self._codes(place)
        first, second = (np.bincount(codes, weights=w, minlength=width) for w in (self.values, self.values**2))
        return first, second

    def level(self, of: int) -> Level:
        """The target in all these rows."""
        counts = self.counts(0).reshape(-1, self.binned.per_bin).sum(axis=0)
        sums = np.array(self.values.sum()), np.array(np.square(self.values).sum())
        value, low, high = levels_of(self.binned, counts, *sums, of)
        return Level(self.n, float(value), float(low), float(high))

    def _codes(self, place: int) -> np.ndarray:
        codes = self.binned.codes[place]
        return codes if self.rows is None else codes.take(self.rows)


def _linked(binned: Binned, name: str, chosen: tuple[int, ...], counter: _Counter, of: int) -> LinkedColumn:
    place = binned.place(name)
    column, per_bin = binned.columns[place], binned.per_bin
    bins = len(column.labels)

    def by_bin(flat: np.ndarray) -> np.ndarray:
        return np.asarray(flat[: bins * per_bin].reshape(bins, per_bin))

    every = _Counter(binned, None)
    counts, totals = by_bin(counter.counts(place)), by_bin(every.counts(place))
    sums, squares = (s[:bins] for s in counter.sums(place))
    level, low, high = levels_of(binned, counts, sums, squares, of)
    all_sums = (sums, squares) if counter.rows is None else tuple(s[:bins] for s in every.sums(place))
    return LinkedColumn(
        column, chosen, totals.sum(axis=1), counts.sum(axis=1), counts if binned.classes else counts[:, :0],
        level, low, high, levels_of(binned, totals, *all_sums, of)[0],
    )  # fmt: skip


def _mask(binned: Binned, name: str, bins: Sequence[int]) -> np.ndarray:
    """Boolean, shape (rows,): the rows of a column that lie in some bins."""
    inside = np.zeros(binned.totals.shape[1], dtype=bool)
    for b in bins:
        inside[b * binned.per_bin : (b + 1) * binned.per_bin] = True
    return np.asarray(inside.take(binned.codes[binned.place(name)]))


def _others(masks: Mapping[str, np.ndarray], name: str) -> Iterator[np.ndarray]:
    return (mask for other, mask in masks.items() if other != name)


def _both(masks: Iterable[np.ndarray]) -> np.ndarray | None:
    """All masks together; None where there is none."""
    together: np.ndarray | None = None
    for mask in masks:
        together = mask if together is None else together & mask
    return together


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
