"""Sums, products and sums by level of many columns in one pass over blocks of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mlops_lib.stats.missing_patterns import Gaps

BLOCK = 1 << 14
"""Rows that are taken at a time: twenty columns of them stay in the processor's cache."""

MANY_LEVELS = 50_000
"""Levels beyond which a column's sums are not kept: it has none in the result."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over the rows that both sides have, of p standardised columns, k patterns of gaps and the levels of codes.

    `products` (p, p) and `squares` (p, k), `sums` (p, k) over the rows of a pattern, `rows` (k, k) that two patterns
    share; for each column of codes the sums of its levels (levels, p) and their rows by pattern (levels, k), both
    without levels where those are more than `MANY_LEVELS`.
    """

    products: np.ndarray
    squares: np.ndarray
    sums: np.ndarray
    rows: np.ndarray
    level_sums: tuple[np.ndarray, ...]
    level_rows: tuple[np.ndarray, ...]


def moments(columns: Sequence[np.ndarray], codes: Sequence[np.ndarray], gaps: Gaps) -> Moments:
    """Of float64 columns (n,) and integer codes (n,; -1 missing); `gaps` are those of all, columns before codes.

    A column stands in units of its own standard deviation around its mean; what is not finite counts as missing.
    """
    p, k = len(columns), len(gaps.patterns)
    n = len(gaps.patterns[0]) if k else 0
    places = [_place(column, gaps.patterns[gaps.of[i]]) for i, column in enumerate(columns)]
    widths = [int(c.max(initial=-1)) + 2 for c in codes]
    starts = np.cumsum([0, *(width if width <= MANY_LEVELS else 1 for width in widths)])
    every, squares = np.zeros((p + k, p + k)), np.zeros((p, k))
    levels = np.zeros((int(starts[-1]), p + k))
    block = max(BLOCK, min(len(levels), 8 * BLOCK))
    for start in range(0, n, block):
        rows = slice(start, min(start + block, n))
        both = _block(columns, places, gaps, rows)
        every += both.T @ both
        squares += (both[:, :p] ** 2).T @ both[:, p:]
        if len(codes):
            levels += _by_level(codes, starts, both, rows)
    parts = [levels[a + 1 : b] for a, b in pairwise(starts.tolist())]
    return Moments(
        every[:p, :p], squares, every[:p, p:], np.rint(every[p:, p:]),
        tuple(part[:, :p] for part in parts), tuple(np.rint(part[:, p:]) for part in parts),
    )  # fmt: skip


def _place(column: np.ndarray, known: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation (1 where there is none) of the known values."""
    values = column if known.all() else column[known]
    if len(values) == 0:
        return 0.0, 1.0
    return float(values.mean()), float(values.std()) or 1.0


def _block(columns: Sequence[np.ndarray], places: Sequence[tuple[float, float]], gaps: Gaps, rows: slice) -> np.ndarray:
    """Standardised values, 0 where missing, and then a 1 for each pattern that has the row."""
    p = len(columns)
    block = np.empty((rows.stop - rows.start, p + len(gaps.patterns)))
    for place, pattern in enumerate(gaps.patterns):
        block[:, p + place] = pattern[rows]
    for i, (column, (mean, deviation)) in enumerate(zip(columns, places, strict=True)):
        values = (column[rows] - mean) / deviation
        known = gaps.patterns[gaps.of[i]][rows]
        block[:, i] = values if known.all() else np.where(known, values, 0.0)
    return block


def _by_level(codes: Sequence[np.ndarray], starts: np.ndarray, block: np.ndarray, rows: slice) -> np.ndarray:
    """Sums of the block's columns by level, shape (levels of all codes with one for missing each, columns)."""
    # Sums of all columns at once: the matrix of which row has which levels is sparse.
    from scipy import sparse

    n, c = len(block), len(codes)
    levels = np.empty((n, c), dtype=np.int32)
    for i, column in enumerate(codes):
        if starts[i + 1] - starts[i] == 1:
            levels[:, i] = starts[i]
        else:
            np.add(column[rows], starts[i] + 1, out=levels[:, i], casting="unsafe")
    ends = np.arange(0, n * c + 1, c, dtype=np.int32)
    having = sparse.csc_array((np.ones(n * c), levels.reshape(-1), ends), shape=(int(starts[-1]), n))
    return np.asarray(having @ block)
