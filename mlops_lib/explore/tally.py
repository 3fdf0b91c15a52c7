"""A column of numbers counted once by class: bins, quantiles, ties and rank sums are then read from the counts.

Whole numbers in a narrow range are counted value by value, without a sort; all others are sorted once, class by class.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from mlops_lib.stats.kruskal import RankSums

ALL = -1
"""The group of all classes together."""

_WIDEST = 1 << 16
_FEW = 1 << 12
_BLOCK = 1 << 16


class Tally(Protocol):
    """Finite values of one column by class."""

    @property
    def sizes(self) -> np.ndarray:
        """How many values each class has, shape (k,)."""

    @property
    def whole(self) -> bool:
        """Whether all of them are whole numbers."""

    @property
    def lengths(self) -> np.ndarray:
        """How often each distinct value occurs, in ascending order of values."""

    def below(self, edges: np.ndarray) -> np.ndarray:
        """Values smaller than each edge, int64 of shape (len(edges), k)."""

    def at(self, places: np.ndarray, group: int = ALL) -> np.ndarray:
        """The values at some places (from 0) of a class in ascending order."""

    def moments(self, group: int = ALL) -> tuple[float, float]:
        """Mean and standard deviation (n-1) of a class; NaN where they do not exist."""

    def commonest(self, most: int) -> list[tuple[float, int]]:
        """The values that occur most often, with how often; the smaller value first among equals."""

    def rank_sums(self) -> RankSums:
        """Midranks summed by class."""


@dataclass(frozen=True, eq=False)
class Counted:
    """Whole numbers: distinct `values` of shape (m,), ascending, and `counts` of shape (m, k)."""

    values: np.ndarray
    counts: np.ndarray
    sizes: np.ndarray
    whole: bool = True

    @cached_property
    def lengths(self) -> np.ndarray:
        return np.asarray(self.counts.sum(axis=1))

    @cached_property
    def _upto(self) -> np.ndarray:
        """Rows of each class up to and with each value, a row of zeros first."""
        return np.concatenate((np.zeros((1, len(self.sizes)), np.int64), np.cumsum(self.counts, axis=0)))

    def below(self, edges: np.ndarray) -> np.ndarray:
        return np.asarray(self._upto[np.searchsorted(self.values, edges, "left")])

    def at(self, places: np.ndarray, group: int = ALL) -> np.ndarray:
        upto = np.cumsum(self.lengths) if group == ALL else self._upto[1:, group]
        return np.asarray(self.values[np.searchsorted(upto, places, "right")])

    def moments(self, group: int = ALL) -> tuple[float, float]:
        counts = self.lengths if group == ALL else self.counts[:, group]
        n = int(counts.sum())
        if n == 0:
            return math.nan, math.nan
        mean = float((counts * self.values).sum()) / n
        squares = float((counts * (self.values - mean) ** 2).sum())
        return mean, math.sqrt(squares / (n - 1)) if n > 1 else math.nan

    def commonest(self, most: int) -> list[tuple[float, int]]:
        return _commonest(self.values, self.lengths, most)

    def rank_sums(self) -> RankSums:
        twice = 2 * (np.cumsum(self.lengths) - self.lengths) + self.lengths + 1
        present = self.sizes > 0
        return RankSums(self.sizes[present], (twice @ self.counts / 2)[present], _tie_sum(self.lengths))


@dataclass(frozen=True, eq=False)
class Sorted:
    """Any numbers: each class in ascending order, and all of them together."""

    by_class: tuple[np.ndarray, ...]
    everything: np.ndarray
    sizes: np.ndarray
    whole: bool

    @cached_property
    def _starts(self) -> np.ndarray:
        ordered = self.everything
        return np.concatenate(([0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1))[: len(ordered)]

    @cached_property
    def lengths(self) -> np.ndarray:
        return np.diff(self._starts, append=len(self.everything))

    def below(self, edges: np.ndarray) -> np.ndarray:
        return np.stack([np.searchsorted(values, edges, "left") for values in self.by_class], axis=1)

    def at(self, places: np.ndarray, group: int = ALL) -> np.ndarray:
        return np.asarray((self.everything if group == ALL else self.by_class[group])[places])

    def moments(self, group: int = ALL) -> tuple[float, float]:
        values = self.everything if group == ALL else self.by_class[group]
        if len(values) == 0:
            return math.nan, math.nan
        return float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else math.nan

    def commonest(self, most: int) -> list[tuple[float, int]]:
        return _commonest(self.everything[self._starts], self.lengths, most)

    def rank_sums(self) -> RankSums:
        n, largest = len(self.everything), int(np.argmax(self.sizes))
        sums = np.zeros(len(self.sizes))
        for code, values in enumerate(self.by_class):
            if code != largest:  # its sum is what is left of n(n+1)/2
                left, right = (np.searchsorted(self.everything, values, side) for side in ("left", "right"))
                sums[code] = (int(left.sum()) + int(right.sum()) + len(values)) / 2
        sums[largest] = n * (n + 1) / 2 - sums.sum()
        present = self.sizes > 0
        return RankSums(self.sizes[present], sums[present], _tie_sum(self.lengths))


@dataclass(frozen=True, eq=False)
class ClassRows:
    """The class of each of n rows: `codes` (n,), and the rows of each class, ascending."""

    codes: np.ndarray
    rows: tuple[np.ndarray, ...]

    @property
    def sizes(self) -> np.ndarray:
        """Rows of each class, shape (k,)."""
        return np.array([len(r) for r in self.rows], dtype=np.int64)


def class_rows(codes: np.ndarray, k: int) -> ClassRows:
    """Class codes 0 .. k-1 with the rows of each; found once for all columns."""
    if k == 1:
        return ClassRows(codes, (np.arange(len(codes)),))
    order = np.argsort(codes, kind="stable")
    return ClassRows(codes, tuple(np.split(order, np.cumsum(np.bincount(codes, minlength=k))[:-1])))


def tally(values: np.ndarray, classes: ClassRows) -> Tally:
    """Count float64 `values` (n,) by class; values that are not finite are left out."""
    low, high, whole = _range(values)
    k = len(classes.rows)
    if whole and high - low < _WIDEST and (high - low + 1) * k <= max(_FEW, 4 * len(values)):
        return _counted(values, low, int(high - low) + 1, classes)
    return _sorted(values, classes, whole)


def quantiles(counted: Tally, shares: Sequence[float], group: int = ALL) -> np.ndarray:
    """Quantiles by linear interpolation between neighbours, as `numpy.quantile`; NaN without a value."""
    n = int(counted.sizes.sum() if group == ALL else counted.sizes[group])
    if n == 0:
        return np.full(len(shares), np.nan)
    place = np.asarray(shares) * (n - 1)
    lower = np.floor(place).astype(np.int64)
    part = place - lower
    a, b = counted.at(lower, group), counted.at(np.minimum(lower + 1, n - 1), group)
    return np.asarray(np.where(part < 0.5, a + (b - a) * part, b - (b - a) * (1 - part)))


def _range(values: np.ndarray) -> tuple[float, float, bool]:
    """Smallest and largest finite value, and whether all finite ones are whole numbers."""
    if len(values) == 0:
        return math.nan, math.nan, False
    low, high = float(np.fmin.reduce(values)), float(np.fmax.reduce(values))
    if math.isinf(low) or math.isinf(high):
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (math.nan, math.nan)
    return low, high, max(abs(low), abs(high)) < 2.0**52 and _whole(values)


def _whole(values: np.ndarray) -> bool:
    for start in range(0, len(values), _BLOCK):
        block = values[start : start + _BLOCK]
        fractions = block != np.floor(block)
        if fractions.any() and np.isfinite(block[fractions]).any():
            return False
    return True


def _counted(values: np.ndarray, low: float, width: int, classes: ClassRows) -> Counted:
    """Blocks keep the whole-number copy of the column in the cache; missing values have a place of their own."""
    k = len(classes.rows)
    table = np.zeros((width + 1) * k, np.int64)
    step = max(_BLOCK, 2 * len(table))
    for start in range(0, len(values), step):
        places = values[start : start + step] - low
        places[~np.isfinite(places)] = width
        cells = places.astype(np.int64)
        if k > 1:
            cells *= k
            cells += classes.codes[start : start + step]
        table += np.bincount(cells, minlength=len(table))
    counts = table.reshape(width + 1, k)[:-1]
    present = np.flatnonzero(counts.any(axis=1))
    return Counted(low + present, counts[present], counts.sum(axis=0))


def _sorted(values: np.ndarray, classes: ClassRows, whole: bool) -> Sorted:
    by_class = []
    for rows in classes.rows:
        part = values if len(rows) == len(values) else values[rows]
        by_class.append(np.sort(part[np.isfinite(part)]))
    # A stable sort merges what is sorted already, which takes a fraction of another sort.
    everything = by_class[0] if len(by_class) == 1 else np.sort(np.concatenate(by_class), kind="stable")
    return Sorted(tuple(by_class), everything, np.array([len(v) for v in by_class], dtype=np.int64), whole)


def _commonest(values: np.ndarray, lengths: np.ndarray, most: int) -> list[tuple[float, int]]:
    if len(lengths) > most:
        limit = np.partition(lengths, -most)[-most]
        chosen = np.flatnonzero(lengths > limit)
        equal = np.flatnonzero(lengths == limit)[: most - len(chosen)]
        chosen = np.sort(np.concatenate((chosen, equal)))
    else:
        chosen = np.arange(len(lengths))
    chosen = chosen[np.argsort(-lengths[chosen], kind="stable")]
    return [(float(values[i]), int(lengths[i])) for i in chosen]


def _tie_sum(lengths: np.ndarray) -> float:
    tied = lengths[lengths > 1].astype(np.float64)
    return float((tied**3 - tied).sum())
