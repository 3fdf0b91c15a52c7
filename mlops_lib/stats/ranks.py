"""Ranks with ties and their sums by class, exact and without a comparison sort where the rows are many."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from mlops_lib.stats.ordering import expanded, in_order

_FEW_CLASSES = 8
_BLOCK = 1 << 15
_SCALES = (1.0, 10.0, 100.0, 1_000.0)
_MOST_CELLS = 1 << 22
_LARGEST = 2.0**40
"""Times the largest scale, still a whole number that a float holds."""

Runs = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class RankSums:
    """What n values say about classes through their ranks; integers only, so that nothing is rounded.

    Of each class that occurs, shape (classes,) and int64: its code in `present`, its rows in `counts`, and twice the
    sum of its midranks in `twice` (below 2^63 up to 3,000,000,000 rows). `ties` is the sum of t³ - t over groups of t
    equal values. `spread`, asked for and of two classes only: the variance of each class's placements, that is of the
    share of the other class below a row, ties half; NaN for a class with one row.
    """

    present: np.ndarray
    counts: np.ndarray
    twice: np.ndarray
    ties: int
    spread: tuple[float, float] | None = None

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


def rank_sums(values: np.ndarray, codes: np.ndarray, n_classes: int, *, spread: bool = False) -> RankSums:
    """Midranks summed by class, of finite or infinite float64 `values` with a code from 0 each; no NaN.

    Numbers with few decimals in a narrow range are counted; all others are brought into order together with their
    codes.
    """
    counts = _class_counts(codes, n_classes)
    present = np.flatnonzero(counts)
    pair = spread and len(present) == 2
    table = _counted(values, codes, n_classes)
    if table is not None:
        lengths = table.sum(axis=0)
        twice, ties = table @ (2 * np.cumsum(lengths) - lengths + 1), tie_sum(lengths)
        squares = _squares_counted(*table[present]) if pair else None
    else:
        ordered, moved = in_order(values, codes.astype(np.int32, copy=False))
        runs = _runs(ordered)
        ranks = _twice_ranks(len(ordered), runs)
        twice, ties = _summed(ranks, moved, counts), tie_sum(runs[1])
        squares = _squares_sorted(ranks, runs, moved, present, counts[present]) if pair else None
    found = RankSums(present, counts[present], twice[present], ties)
    return found if squares is None else replace(found, spread=_variances(found, squares))


def _variances(ranks: RankSums, squares: tuple[float, float]) -> tuple[float, float]:
    """Variances of placements from the sums of squares of twice the rows of the other class below."""
    rows = [int(c) for c in ranks.counts]
    sums = [int(t) - c * (c + 1) for t, c in zip(ranks.twice, rows, strict=True)]
    return tuple(  # type: ignore[return-value]
        max(0.0, (square - total * total / own) / (own - 1) / (2 * other) ** 2) if own > 1 else np.nan
        for square, total, own, other in zip(squares, sums, rows, rows[::-1], strict=True)
    )


def _squares_counted(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """Those sums of squares of each class, from the rows of both classes at each value."""
    below = [(2 * np.cumsum(c) - c).astype(np.float64) for c in (first, second)]
    return float((first * below[1] ** 2).sum()), float((second * below[0] ** 2).sum())


def _squares_sorted(
    ranks: np.ndarray, runs: Runs, codes: np.ndarray, present: np.ndarray, counts: np.ndarray
) -> tuple[float, float]:
    """The same from sorted rows: counted along them is only the smaller class, of which few rows are looked up."""
    small = int(counts[1] < counts[0])
    mine = codes == present[small]
    below = np.cumsum(mine, dtype=np.int32)
    starts, lengths = runs
    tied = below[starts + lengths - 1] + below[starts] - mine[starts]
    below *= 2
    below -= mine
    below[expanded(starts, lengths)] = np.repeat(tied, lengths)
    rows = np.flatnonzero(mine)
    of_large = _sum_of_squares(below) - _sum_of_squares(below[rows])
    others = ranks[rows] - 1 - below[rows]
    of_small = float(np.square(others).sum())
    return (of_large, of_small) if small else (of_small, of_large)


def _sum_of_squares(whole: np.ndarray) -> float:
    """Of int32 numbers, as floats of one block at a time."""
    # no product of BLAS, whose own threads would wait for each other while the columns have threads already
    blocks = (whole[i : i + _BLOCK].astype(np.float64) for i in range(0, len(whole), _BLOCK))
    return math.fsum(float(np.square(block, out=block).sum()) for block in blocks)


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
    runs = _runs(ordered)
    away = np.empty(len(values), np.int64)
    away[rows] = _twice_ranks(len(values), runs) - (len(values) + 1)
    return Ranked(away, tie_sum(runs[1]))


def midranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1, float64 of shape (n,), equal values sharing the mean of their ranks. No NaN."""
    return (ranked(values).away + (len(values) + 1)) / 2


def _class_counts(codes: np.ndarray, n_classes: int) -> np.ndarray:
    """Rows of each class; comparing beats counting where classes are few, because one of them is often most rows."""
    if n_classes <= _FEW_CLASSES:
        return np.array([np.count_nonzero(codes == c) for c in range(n_classes)], dtype=np.int64)
    return np.bincount(codes, minlength=n_classes)


def _summed(twice: np.ndarray, codes: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Twice the rank sums by class. What a class with most of the rows gets is what the others leave."""
    n, most = len(twice), int(np.argmax(counts)) if len(counts) else 0
    if n == 0 or 2 * counts[most] <= n:
        return _added(twice, codes, len(counts))
    rows = np.flatnonzero(codes != most)
    sums = _added(twice[rows], codes[rows], len(counts))
    sums[most] = n * (n + 1) - int(sums.sum())
    return sums


def _added(twice: np.ndarray, codes: np.ndarray, n_classes: int) -> np.ndarray:
    """Sums by class: of each block exact as floats (below 2^20 times 2^33), added up as integers."""
    sums = np.zeros(n_classes, np.int64)
    for start in range(0, len(twice), 1 << 20):
        part = slice(start, start + (1 << 20))
        sums += np.bincount(codes[part], weights=twice[part], minlength=n_classes).astype(np.int64)
    return sums


def _runs(ordered: np.ndarray) -> Runs:
    """Start and length of each run of two or more equal values in a sorted array."""
    same = np.flatnonzero(ordered[1:] == ordered[:-1])
    first = np.flatnonzero(np.diff(same, prepend=-2) != 1)
    return same[first], np.diff(first, append=len(same)) + 1


def _twice_ranks(n: int, runs: Runs) -> np.ndarray:
    """Twice the midrank of each of n sorted values, whole numbers as float64."""
    starts, lengths = runs
    twice = np.arange(2.0, 2 * n + 2, 2)
    twice[expanded(starts, lengths)] = np.repeat(2 * starts + lengths + 1, lengths)
    return twice


def tie_sum(lengths: np.ndarray) -> int:
    """Sum of t³ - t as an exact integer, of whole `lengths` up to 2,000,000 in the array and any above it."""
    large = lengths > 2_000_000  # whose cube would not fit
    t = lengths[(lengths > 1) & ~large].astype(np.int64)
    cubes = t * t * t - t
    halves = (int((cubes >> 32).sum()) << 32) + int((cubes & 0xFFFFFFFF).sum())
    return halves + sum(int(t) ** 3 - int(t) for t in lengths[large])


def _counted(values: np.ndarray, codes: np.ndarray, n_classes: int) -> np.ndarray | None:
    """Rows by class and value, int64 (n_classes, values); None where the values are not that few."""
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
    return np.bincount(cells, minlength=n_classes * width).reshape(n_classes, width)


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
