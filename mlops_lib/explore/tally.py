"""A column of numbers counted once by class: bins, quantiles, ties and rank sums are then read from the counts.

Numbers with few decimals in a narrow range are counted value by value, without a sort; all others are sorted once,
together with their classes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from mlops_lib.stats.ordering import in_order
from mlops_lib.stats.quantiles import quantiles_at
from mlops_lib.stats.ranks import RankSums, tie_sum

ALL = -1
"""The group of all classes together."""

_MOST_CELLS = 1 << 22
_FEW = 1 << 12
_FEW_CLASSES = 8
_BLOCK = 1 << 16
_SCALES = (1.0, 10.0, 100.0, 1_000.0)
_LARGEST = 2.0**40
"""Times the largest scale, still a whole number that a float holds."""


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
    """Distinct `values` of shape (m,), ascending, and `counts` of shape (m, k)."""

    values: np.ndarray
    counts: np.ndarray
    sizes: np.ndarray
    whole: bool

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
        present = np.flatnonzero(self.sizes)
        twice = (2 * np.cumsum(self.lengths) - self.lengths + 1) @ self.counts
        return RankSums(present, self.sizes[present], twice[present], tie_sum(self.lengths))


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
        twice = np.zeros(len(self.sizes), np.int64)
        for code, values in enumerate(self.by_class):
            if code != largest:  # its sum is what is left of n(n+1)/2
                left, right = (np.searchsorted(self.everything, values, side) for side in ("left", "right"))
                twice[code] = int(left.sum()) + int(right.sum()) + len(values)
        twice[largest] = n * (n + 1) - int(twice.sum())
        present = np.flatnonzero(self.sizes)
        return RankSums(present, self.sizes[present], twice[present], tie_sum(self.lengths))


@dataclass(frozen=True, eq=False)
class Classes:
    """The class of each of n rows: `codes` int32 (n,), and how many rows each has, shape (k,)."""

    codes: np.ndarray
    sizes: np.ndarray


def classes_of(codes: np.ndarray, k: int) -> Classes:
    """Class codes 0 .. k-1 with the rows of each; made once for all columns."""
    return Classes(codes.astype(np.int32, copy=False), np.bincount(codes, minlength=k))


def tally(values: np.ndarray, classes: Classes) -> Tally:
    """Count float64 `values` (n,) by class; values that are not finite are left out."""
    return _counted(values, classes) or _sorted(values, classes)


def quantiles(counted: Tally, shares: Sequence[float], group: int = ALL) -> np.ndarray:
    """Quantiles as `stats.quantiles` has them; NaN without a value."""
    n = int(counted.sizes.sum() if group == ALL else counted.sizes[group])
    if n == 0:
        return np.full(len(shares), np.nan)
    return quantiles_at(lambda places: counted.at(places, group), n, shares)


def _counted(values: np.ndarray, classes: Classes) -> Counted | None:
    """None where the values are not few enough. Blocks keep the whole-number copy of the column in the cache."""
    scale = _scale(values)
    low, high = _ends(values)
    if scale is None or not max(-low, high) <= _LARGEST:
        return None
    first, k = round(low * scale), len(classes.sizes)
    width = round(high * scale) - first + 1
    if width * k > max(_FEW, min(_MOST_CELLS, 4 * len(values))):
        return None
    table = np.zeros((width + 1) * k, np.int64)
    step = max(_BLOCK, 2 * len(table))
    for start in range(0, len(values), step):
        cells = _cells(values[start : start + step], scale, first, width)
        if cells is None:
            return None
        if k > 1:
            cells *= k
            cells += classes.codes[start : start + step]
        table += np.bincount(cells, minlength=len(table))
    counts = table.reshape(width + 1, k)[:-1]
    present = np.flatnonzero(counts.any(axis=1))
    return Counted((first + present) / scale, counts[present], counts.sum(axis=0), scale == 1)


def _cells(block: np.ndarray, scale: float, first: int, width: int) -> np.ndarray | None:
    """The place of each value, missing ones behind all others; None where a value has more decimals."""
    places = block * scale if scale != 1 else block.copy()
    np.rint(places, out=places)
    gone = ~np.isfinite(block)
    same = (places / scale if scale != 1 else places) == block
    if not same.all() and not (same | gone).all():
        return None
    places[gone] = first + width
    places -= first
    return places.astype(np.int64)


def _scale(values: np.ndarray) -> float | None:
    """The power of ten that makes the first values whole; the others are looked at where they are counted."""
    head = values[:1_000]
    head = head[np.isfinite(head)]
    return next((s for s in _SCALES if np.array_equal(np.rint(head * s) / s, head)), None)


def _ends(values: np.ndarray) -> tuple[float, float]:
    """Smallest and largest finite value; NaN without one."""
    if len(values) == 0:
        return math.nan, math.nan
    low, high = float(np.fmin.reduce(values)), float(np.fmax.reduce(values))
    if math.isinf(low) or math.isinf(high):
        finite = values[np.isfinite(values)]
        return (float(finite.min()), float(finite.max())) if len(finite) else (math.nan, math.nan)
    return low, high


def _sorted(values: np.ndarray, classes: Classes) -> Sorted:
    known = np.isfinite(values)
    codes, k = classes.codes, len(classes.sizes)
    if not known.all():
        values, codes = values[known], codes[known]
    if k == 1:
        everything = np.sort(values)
        return Sorted((everything,), everything, np.array([len(values)]), whole=False)
    everything, moved = in_order(values, codes)
    sizes = np.bincount(moved, minlength=k)
    return Sorted(_by_class(everything, moved, sizes), everything, sizes, whole=False)


def _by_class(ordered: np.ndarray, codes: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, ...]:
    if len(sizes) <= _FEW_CLASSES:
        return tuple(ordered[codes == c] for c in range(len(sizes)))
    small = codes.astype(np.int16 if len(sizes) < 1 << 15 else np.int32)  # 16 bits are sorted by counting
    return tuple(np.split(ordered[np.argsort(small, kind="stable")], np.cumsum(sizes)[:-1]))


def _commonest(values: np.ndarray, lengths: np.ndarray, most: int) -> list[tuple[float, int]]:
    chosen = np.flatnonzero(lengths > 1)
    if len(chosen) > most:
        rows = lengths[chosen]
        limit = np.partition(rows, -most)[-most]
        above, equal = chosen[rows > limit], chosen[rows == limit]
        chosen = np.sort(np.concatenate((above, equal[: most - len(above)])))
    elif len(chosen) < most:  # those that occur once fill up
        single = np.flatnonzero(lengths[: 2 * most] == 1)  # at most `most` - 1 places are taken by the others
        chosen = np.concatenate((chosen, single[: most - len(chosen)]))
    chosen = chosen[np.argsort(-lengths[chosen], kind="stable")]
    return [(float(values[i]), int(lengths[i])) for i in chosen]
