"""A selection in one figure filters all others: counts and target level among the rows that the others select."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlops_lib.explore.binned import Binned, BinnedColumn, Tallied, class_asked
from mlops_lib.objects.errors import InputError

Selections = Mapping[str, Sequence[int]]
"""The chosen bins by column; a row is selected where every column named has one of its bins."""


@dataclass(frozen=True)
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
    everybody = Counter(binned)
    common = Counter(binned, _both(masks.values()))
    without = {name: Counter(binned, _both(_others(masks, name))) for name in chosen}
    shown = [_linked(name, chosen.get(name, ()), without.get(name, common), everybody, asked) for name in names]
    return Filtered(
        binned.target, asked, binned.classes[asked] if asked >= 0 else "", chosen, tuple(shown), binned.n, common.n,
        level_of(without.get(binned.target, common).together(), asked), level_of(everybody.together(), asked),
    )  # fmt: skip


def checked(binned: Binned, selections: Selections) -> dict[str, tuple[int, ...]]:
    """The selections with bins in order, without empty ones. Raises InputError for an unknown column or bin."""
    chosen = {name: tuple(sorted({int(b) for b in bins})) for name, bins in selections.items() if len(bins)}
    for name, bins in chosen.items():
        size = len(binned.column(name).labels)
        if bins[0] < 0 or bins[-1] >= size:
            raise InputError(f"'{name}' has the bins 0 to {size - 1}, got {bins}.", "Choose among its bins.")
    return chosen


def labels_of(binned: Binned, selections: Selections) -> dict[str, list[str]]:
    """The chosen bins by their labels, which mean the same on other rows; plain JSON."""
    return {name: [binned.column(name).labels[b] for b in bins] for name, bins in checked(binned, selections).items()}


def bins_of(binned: Binned, labels: Mapping[str, Sequence[str]]) -> dict[str, tuple[int, ...]]:
    """The bins with these labels; columns and labels that do not exist here are left out."""
    known = {c.name: c.labels for c in binned.columns}
    found = {
        name: tuple(known[name].index(x) for x in some if x in known[name])
        for name, some in labels.items()
        if name in known
    }
    return checked(binned, found)


def toggled(selections: Selections, name: str, bins: Sequence[int]) -> dict[str, tuple[int, ...]]:
    """The selections after a click on some bins of a column: what was chosen is no longer, what was not is."""
    now = set(selections.get(name, ())) ^ set(bins)
    return {**{n: tuple(b) for n, b in selections.items()}, name: tuple(sorted(now))}


class Counter:
    """Counts codes among some rows: those of a mask, or the others where they are fewer, taken from the totals."""

    def __init__(self, binned: Binned, mask: np.ndarray | None = None) -> None:
        """`mask` is boolean of shape (rows,), None for all rows."""
        self.binned = binned
        self.n = binned.n if mask is None else int(np.count_nonzero(mask))
        self._number = binned.target_kind == "number"
        self._inverted = not self._number and 2 * self.n > binned.n
        self.rows = None if mask is None else np.flatnonzero(~mask if self._inverted else mask)
        values = binned.values.take(self.rows) if self._number and self.rows is not None else binned.values[:0]
        self._powers = values, values**2

    def by_bin(self, name: str) -> Tallied:
        """The rows of each bin of a column."""
        place, per_bin = self.binned.place(name), self.binned.per_bin
        bins = len(self.binned.columns[place].labels)
        counts = self._counts(place)[: bins * per_bin].reshape(bins, per_bin)
        if not self._number:
            return Tallied(counts, np.zeros(bins), np.zeros(bins), 0.0)
        if self.rows is None:
            sums, squares = self.binned.powers[:, place, :bins]
        else:
            codes = self._codes(place)
            sums, squares = (np.bincount(codes, power, minlength=bins) for power in self._powers)
        return Tallied(counts, sums, squares, self.binned.centre)

    def together(self) -> Tallied:
        """All these rows as one group."""
        parts = self._counts(0).reshape(-1, self.binned.per_bin).sum(axis=0)
        whole = self.binned.powers[:, 0] if self._number and self.rows is None else self._powers
        sums, squares = (np.array(power.sum()) for power in whole)
        return Tallied(parts, sums, squares, self.binned.centre)

    def _counts(self, place: int) -> np.ndarray:
        totals = self.binned.totals[place]
        if self.rows is None:
            return np.asarray(totals)
        found = np.bincount(self._codes(place), minlength=len(totals))
        return np.asarray(totals - found) if self._inverted else found

    def _codes(self, place: int) -> np.ndarray:
        codes = self.binned.codes[place]
        return np.asarray(codes if self.rows is None else codes.take(self.rows))


def level_of(found: Tallied, of: int) -> Level:
    """The level of one group."""
    value, low, high = found.levels(of)
    return Level(int(found.n), float(value), float(low), float(high))


def _linked(name: str, chosen: tuple[int, ...], counter: Counter, everybody: Counter, of: int) -> LinkedColumn:
    found, every = counter.by_bin(name), everybody.by_bin(name)
    level, low, high = found.levels(of)
    column = counter.binned.column(name)
    by_class = found.counts if counter.binned.classes else found.counts[:, :0]
    return LinkedColumn(column, chosen, every.n, found.n, by_class, level, low, high, every.levels(of)[0])


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
