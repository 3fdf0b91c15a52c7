"""Rare levels put together, so that a picture or a sentence can name the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

ENOUGH = 20
"""Rows from which the target's level in a group of them (a level, a bin, a period) is worth naming."""


def largest(counts: np.ndarray, most: int) -> tuple[np.ndarray, int]:
    """Positions of the largest counts in their old order, and how many non-empty ones are left over."""
    present = np.flatnonzero(counts)
    if len(present) <= most:
        return present, 0
    kept = np.sort(present[np.argsort(-counts[present], kind="stable")[: most - 1]])
    return kept, len(present) - len(kept)


def fold(table: np.ndarray, kept: np.ndarray, folded: int) -> np.ndarray:
    """The rows of a table of counts that are kept, and below them the sum of all others where any is folded."""
    shown = table[kept]
    return np.vstack([shown, table.sum(axis=0) - shown.sum(axis=0)]) if folded else shown


def named(names: Sequence[str], kept: np.ndarray, folded: int, what: str) -> tuple[str, ...]:
    """The names that are kept, and one for the others ("38 other levels")."""
    return tuple(names[i] for i in kept) + ((f"{folded:,} other {what}",) if folded else ())


def ends_of(rows: np.ndarray, values: np.ndarray) -> tuple[int, ...]:
    """Positions of the smallest and largest value among those with `ENOUGH` rows; none where all are equal."""
    among = np.flatnonzero(rows >= min(ENOUGH, rows.max())).tolist()
    if len({float(values[i]) for i in among}) < 2:
        return ()
    return min(among, key=values.__getitem__), max(among, key=values.__getitem__)
