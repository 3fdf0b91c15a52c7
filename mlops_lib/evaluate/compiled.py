"""Loops over rows that numpy has no call for, compiled when they are first asked for.

Compiling takes seconds (once a machine, where a cache can be written), so callers use these for large tables only,
which are worked on in jobs. The functions are plain Python, too, and one thread each, so that a process may fork later.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

COMPILED_FROM = 100_000
"""Rows from which the compiled form is used."""


@lru_cache(maxsize=16)
def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function compiled by numba, kept in its cache where a folder for that can be written."""
    from numba import njit

    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError:  # no folder for the cache can be written
        return njit(nogil=True)(function)


def scatter_keys(
    keys: np.ndarray, rows: np.ndarray, other_keys: np.ndarray, other_rows: np.ndarray, seen: np.ndarray
) -> bool:
    """Bring uint64 `keys` (n,) nearly into order by three counting passes over 11 bits each: all but the lowest 31.

    Passes over bits that all keys share are left out. `rows` (n,) int32 are moved alike, or empty. `other_keys` and
    `other_rows` are of the same sizes, `seen` (3, 2048) int64 zeros. True where the result is in the other arrays.
    """
    n, carried, moved = keys.size, rows.size > 0, False
    for i in range(n):
        for p in range(3):
            seen[p, (keys[i] >> np.uint64(31 + 11 * p)) & np.uint64(2047)] += 1
    source, target, from_rows, to_rows = keys, other_keys, rows, other_rows
    for p in range(3):
        if seen[p].max() == n:
            continue
        shift = np.uint64(31 + 11 * p)
        ends = np.cumsum(seen[p])
        starts = ends - seen[p]
        for i in range(n):
            key = source[i]
            bucket = (key >> shift) & np.uint64(2047)
            place = starts[bucket]
            starts[bucket] = place + 1
            target[place] = key
            if carried:
                to_rows[place] = from_rows[i]
        source, target, from_rows, to_rows, moved = target, source, to_rows, from_rows, not moved
    return moved


def insert_keys(keys: np.ndarray, rows: np.ndarray) -> bool:
    """Sort uint64 `keys` (n,) that are nearly in order in place; `rows` (n,) are moved alike, or empty.

    False where that would take long: keys are then not in order.
    """
    n, carried, moves = keys.size, rows.size > 0, 0
    for i in range(1, n):
        key = keys[i]
        j = i - 1
        if keys[j] <= key:
            continue
        row = rows[i] if carried else 0
        while j >= 0 and keys[j] > key and moves <= 8 * n:
            keys[j + 1] = keys[j]
            if carried:
                rows[j + 1] = rows[j]
            j -= 1
            moves += 1
        keys[j + 1] = key
        if carried:
            rows[j + 1] = row
    return moves <= 8 * n


def place_rows(keys: np.ndarray, rows: np.ndarray, positive: np.ndarray, placed: np.ndarray) -> None:
    """Write for each positive row the share of negatives with a lower key, for each negative row that of positives with
    a higher one, equal keys half, to `placed` (n,). `keys` (n,) ascend, `rows` (n,) say whose they are."""
    n = keys.size
    ups = 0
    for i in range(n):
        ups += positive[i]
    downs, ups_below, first = n - ups, 0, 0
    while first < n:
        end, here = first, 0
        while end < n and keys[end] == keys[first]:
            here += positive[rows[end]]
            end += 1
        below = (first - ups_below + (end - first - here) / 2) / max(downs, 1)
        above = (ups - ups_below - here / 2) / max(ups, 1)
        for i in range(first, end):
            placed[rows[i]] = below if positive[rows[i]] else above
        ups_below += here
        first = end


def add_draws(starts: np.ndarray, codes: np.ndarray, weights: np.ndarray, cells: np.ndarray) -> None:
    """For each of the uint64 `starts` (times,), draw as many rows as there are and add them up by their code.

    `codes` (rows,) below the width of `cells` (times, width), float64, which is added to; `weights` (rows,), or empty
    where each row counts one. Draws are those of `bootstrap.picks`.
    """
    rows = codes.size
    for r in range(starts.size):
        state = starts[r]
        for _ in range(rows):
            state += np.uint64(0x9E3779B97F4A7C15)
            z = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            z = z ^ (z >> np.uint64(31))
            row = np.int64(np.float64(z >> np.uint64(11)) * 1.1102230246251565e-16 * rows)
            cells[r, codes[row]] += weights[row] if weights.size else 1.0


def pair_wins(
    few_starts: np.ndarray, many_starts: np.ndarray, few: np.ndarray, many: np.ndarray, levels: int, twice: np.ndarray
) -> None:
    """For each resample twice the number of pairs in which the row of `few` lies above that of `many`, ties half.

    `few` (m,) holds the level of each row (0 .. levels - 1), `many` (n,) where each row lies among these: 2 l below
    level l, 2 l + 1 at it. Writes to `twice` (times,), int64. Draws are those of `bootstrap.picks`.
    """
    drawn = np.zeros(levels, np.int64)
    wins = np.zeros(2 * levels + 1, np.int64)
    for r in range(twice.size):
        drawn[:] = 0
        state = few_starts[r]
        for _ in range(few.size):
            state += np.uint64(0x9E3779B97F4A7C15)
            z = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            z = z ^ (z >> np.uint64(31))
            drawn[few[np.int64(np.float64(z >> np.uint64(11)) * 1.1102230246251565e-16 * few.size)]] += 1
        above = 0
        for level in range(levels - 1, -1, -1):
            wins[2 * level + 2] = 2 * above
            wins[2 * level + 1] = 2 * above + drawn[level]
            above += drawn[level]
        wins[0] = 2 * above
        total = 0
        state = many_starts[r]
        for _ in range(many.size):
            state += np.uint64(0x9E3779B97F4A7C15)
            z = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            z = z ^ (z >> np.uint64(31))
            total += wins[many[np.int64(np.float64(z >> np.uint64(11)) * 1.1102230246251565e-16 * many.size)]]
        twice[r] = total
