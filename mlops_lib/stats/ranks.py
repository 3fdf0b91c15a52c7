"""Ranks with ties and their sums by class, exact and without a comparison sort where the rows are many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

_MANY = 20_000
"""Rows from which spreading values over buckets beats comparing them."""

_FEW_CLASSES = 8
_BLOCK = 1 << 15
_BITS = 16
_SCALES = (1.0, 10.0, 100.0, 1_000.0)
_MOST_CELLS = 1 << 22
_LARGEST = 2.0**40
"""Times the largest scale, still a whole number that a float holds."""


@dataclass(frozen=True, eq=False)
class RankSums:
    """What n values say about classes through their ranks; integers only, so that nothing is rounded.

    Of each class that occurs, shape (classes,) and int64: its code in `present`, its rows in `counts`, and twice the
    sum of its midranks in `twice` (below 2^63 up to 3,000,000,000 rows). `ties` is the sum of t³ - t over groups of t
    equal values.
    """

    present: np.ndarray
    counts: np.ndarray
    twice: np.ndarray
    ties: int

    @property
    def n(self) -> int:
        """All rows."""
        return int(self.counts.sum())

    @property
    def untied(self) -> float:
        """1 - ties / (n³ - n), by which the variance of ranks shrinks; 0 where all values are equal."""
        whole = self.n**3 - self.n
        return (whole - self.ties) / whole if whole else 0.0

    @property
    def mean_ranks(self) -> np.ndarray:
        """Mean rank of each class, float64 of shape (classes,)."""
        return np.asarray(self.twice / (2 * self.counts))


def rank_sums(values: np.ndarray, codes: np.ndarray, n_classes: int) -> RankSums:
    """Midranks summed by class, of finite or infinite float64 `values` with a code from 0 each; no NaN.

    Numbers with few decimals in a narrow range are counted; all others are brought into order together with their
    codes.
    """
    counts = _class_counts(codes, n_classes)
    present = np.flatnonzero(counts)
    found = _counted(values, codes, n_classes)
    if found is None:
        ordered, moved = in_order(values, codes.astype(np.int32, copy=False))
        found = _summed(ordered, moved, counts)
    twice, ties = found
    return RankSums(present, counts[present], twice[present], ties)


@dataclass(frozen=True, eq=False)
class Ranked:
    """Each row's midrank, doubled and centred: `away` = 2 rank - (n + 1), int64 of shape (n,); `ties` as above."""

    away: np.ndarray
    ties: int

    @property
    def squares(self) -> int:
        """Sum of the squares of `away`."""
        n = len(self.away)
        return (n**3 - n - self.ties) // 3

    def product(self, other: Ranked) -> int:
        """Sum of the products of `away`, row by row; exact, because no block of rows can exceed 64 bits."""
        n = len(self.away)
        step = max(1, 2**62 // max(1, n) ** 2)
        return sum(int(self.away[i : i + step] @ other.away[i : i + step]) for i in range(0, n, step))


def ranked(values: np.ndarray) -> Ranked:
    """Float64 values (n,) without NaN by their ranks, equal ones sharing the mean of their ranks."""
    ordered, rows = in_order(values, np.arange(len(values), dtype=np.int32))
    twice, ties = _twice_ranks(ordered)
    twice -= len(values) + 1
    away = np.empty(len(values), np.int64)
    away[rows] = twice
    return Ranked(away, ties)


def midranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1, float64 of shape (n,), equal values sharing the mean of their ranks. No NaN."""
    return (ranked(values).away + (len(values) + 1)) / 2


def in_order(values: np.ndarray, companions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sorted copies of `values` (n,) without NaN and, moved alike, of int32 `companions` from 0.

    Two counting passes over a 32-bit key that grows with the value (a radix sort), then the few neighbours that share
    a key are compared. Where such a key would not tell values apart (few rows, wild outliers, infinities), values are
    compared from the start.
    """
    key = _key(values) if len(values) >= _MANY else None
    if key is None:
        order = np.argsort(values)
        return values[order], companions[order]
    values, companions = _scattered(key.half(values, high=False), values, companions)
    values, companions = _scattered(key.half(values, high=True), values, companions)
    return _mended(values, companions, key)


@dataclass(frozen=True)
class _Key:
    low: float
    scale: float

    def of(self, values: np.ndarray) -> np.ndarray:
        """Whole numbers below 2^32 that never fall where the value grows."""
        scaled = values - self.low
        scaled *= self.scale
        return scaled.astype(np.uint32)

    def half(self, values: np.ndarray, *, high: bool) -> np.ndarray:
        """The upper or lower 16 bits of that, int32."""
        found = np.empty(len(values), np.int32)
        for start in range(0, len(values), _BLOCK):
            part = slice(start, start + _BLOCK)
            keys = self.of(values[part])
            found[part] = keys >> _BITS if high else keys & ((1 << _BITS) - 1)
        return found


def _key(values: np.ndarray) -> _Key | None:
    """Equal steps from the smallest to the largest value; None where a sample of them falls together."""
    low, high = float(values.min()), float(values.max())
    if not 0 < high - low < np.inf:
        return None
    scale = (2.0 ** (2 * _BITS) - 1) / (high - low)
    key = _Key(low, scale)
    sample = np.unique(values[:: max(1, len(values) // 2_048)])
    apart = np.isfinite(scale) and len(np.unique(key.of(sample))) >= 0.98 * len(sample)
    return key if apart else None


def _class_counts(codes: np.ndarray, n_classes: int) -> np.ndarray:
    """Rows of each class; comparing beats counting where classes are few, because one of them is often most rows."""
    if n_classes <= _FEW_CLASSES:
        return np.array([np.count_nonzero(codes == c) for c in range(n_classes)], dtype=np.int64)
    return np.bincount(codes, minlength=n_classes)


def _scattered(bucket: np.ndarray, values: np.ndarray, companions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values and companions by bucket, in their old order inside each: a sparse matrix is laid out by such a pass."""
    cells = sparse.coo_array((values, (bucket, companions)), shape=(1 << _BITS, np.iinfo(np.int32).max))
    cells.has_canonical_format = True  # else equal cells would be added up
    rows = cells.tocsr()
    return rows.data, rows.indices


def _mended(values: np.ndarray, companions: np.ndarray, key: _Key) -> tuple[np.ndarray, np.ndarray]:
    """Put values that share a key into order, in place: these arrays are ours."""
    wrong = np.flatnonzero(values[1:] < values[:-1])
    if len(wrong):
        keys = key.of(values)
        shared = np.unique(keys[wrong])
        starts = np.searchsorted(keys, shared)
        places = _expanded(starts, np.searchsorted(keys, shared, "right") - starts)
        order = places[np.argsort(values[places], kind="stable")]
        values[places], companions[places] = values[order], companions[order]
    return values, companions


def _expanded(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """All positions of the runs of `lengths` from `starts`, one after another."""
    before = np.cumsum(lengths) - lengths
    return np.asarray(np.repeat(starts - before, lengths) + np.arange(int(lengths.sum())))


def _summed(ordered: np.ndarray, codes: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, int]:
    """Twice the rank sums by class, and ties. What a class with most of the rows gets is what the others leave."""
    twice, ties = _twice_ranks(ordered)
    n, most = len(ordered), int(np.argmax(counts)) if len(counts) else 0
    if n == 0 or 2 * counts[most] <= n:
        return _added(twice, codes, len(counts)), ties
    rows = np.flatnonzero(codes != most)
    sums = _added(twice[rows], codes[rows], len(counts))
    sums[most] = n * (n + 1) - int(sums.sum())
    return sums, ties


def _added(twice: np.ndarray, codes: np.ndarray, n_classes: int) -> np.ndarray:
    """Sums by class: of each block exact as floats (below 2^20 times 2^33), added up as integers."""
    sums = np.zeros(n_classes, np.int64)
    for start in range(0, len(twice), 1 << 20):
        part = slice(start, start + (1 << 20))
        sums += np.bincount(codes[part], weights=twice[part], minlength=n_classes).astype(np.int64)
    return sums


def _twice_ranks(ordered: np.ndarray) -> tuple[np.ndarray, int]:
    """Twice the midrank of each of the sorted values, whole numbers as float64, and the sum of t³ - t."""
    n = len(ordered)
    twice = np.arange(2.0, 2 * n + 2, 2)
    same = np.flatnonzero(ordered[1:] == ordered[:-1])
    if len(same) == 0:
        return twice, 0
    first = np.flatnonzero(np.diff(same, prepend=same[0] - 2) != 1)
    starts, lengths = same[first], np.diff(first, append=len(same)) + 1
    twice[_expanded(starts, lengths)] = np.repeat(2 * starts + lengths + 1, lengths)
    return twice, tie_sum(lengths)


def tie_sum(lengths: np.ndarray) -> int:
    """Sum of t³ - t as an exact integer, of whole `lengths` up to 2,000,000 in the array and any above it."""
    large = lengths > 2_000_000  # whose cube would not fit
    t = lengths[(lengths > 1) & ~large].astype(np.int64)
    cubes = t * t * t - t
    halves = (int((cubes >> 32).sum()) << 32) + int((cubes & 0xFFFFFFFF).sum())
    return halves + sum(int(t) ** 3 - int(t) for t in lengths[large])


def _counted(values: np.ndarray, codes: np.ndarray, n_classes: int) -> tuple[np.ndarray, int] | None:
    """Twice the rank sums and ties from one count over class and value; None where the values are not that few."""
    if len(values) == 0:
        return None
    smallest, largest = float(values.min()), float(values.max())
    if max(-smallest, largest) > _LARGEST or (scale := _decimal_scale(values)) is None:
        return None
    low = round(smallest * scale)
    width = round(largest * scale) - low + 1
    if width * n_classes > min(_MOST_CELLS, 4 * len(values)):
        return None
    cells = _cells(values, codes, scale, low, width)
    if cells is None:
        return None
    table = np.bincount(cells, minlength=n_classes * width).reshape(n_classes, width)
    lengths = table.sum(axis=0)
    return table @ (2 * np.cumsum(lengths) - lengths + 1), tie_sum(lengths)


def _decimal_scale(values: np.ndarray) -> float | None:
    """The power of ten that makes the first values whole; the others are looked at where they are counted."""
    head = values[:1_000]
    return next((s for s in _SCALES if np.array_equal(np.rint(head * s) / s, head)), None)


def _cells(values: np.ndarray, codes: np.ndarray, scale: float, low: int, width: int) -> np.ndarray | None:
    """Class times width plus place of the value, int64; None where a value has more decimals."""
    cells = np.empty(len(values), np.int64)
    for start in range(0, len(values), _BLOCK):
        part = slice(start, start + _BLOCK)
        whole = np.rint(values[part] * scale)
        if not np.array_equal(whole / scale, values[part]):
            return None
        whole -= low
        cells[part] = whole
        cells[part] += np.multiply(codes[part], width, dtype=np.int64)
    return cells
