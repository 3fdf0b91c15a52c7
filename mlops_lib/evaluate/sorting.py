"""Scores in order, as whole numbers that sort as they do."""

from __future__ import annotations

import numpy as np

from mlops_lib.evaluate.compiled import compiled, insert_keys, scatter_keys

SORTED_FROM = 500_000
"""Rows from which the compiled sort is used: more than any page judges while it is drawn."""

_HALF = np.uint64(1 << 63)


def in_order(keys: np.ndarray) -> np.ndarray:
    """The uint64 keys (n,), which may be overwritten, in ascending order."""
    if len(keys) >= SORTED_FROM:
        found = _carried(keys, np.empty(0, dtype=np.int32))
        if found is not None:
            return found[0]
    return np.sort(keys)


def ordered(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keys (n,) that ascend as the float64 values (n,) do, none of them NaN, and the rows that they are of."""
    keys = _keys(values)
    if SORTED_FROM <= len(values) < 2**31:
        found = _carried(keys, np.arange(len(values), dtype=np.int32))
        if found is not None:
            return found
    rows = np.argsort(values, kind="stable")
    return _keys(values)[rows], rows


def _keys(values: np.ndarray) -> np.ndarray:
    bits = (values + 0.0).view(np.uint64)  # makes -0.0 the same as 0.0
    return bits if values.min() >= 0.0 else np.where(bits & _HALF, ~bits, bits | _HALF)


def _carried(keys: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Keys in order and their rows, by the compiled sort; None where it would take long. The arguments are used up."""
    other_keys, other_rows = np.empty_like(keys), np.empty_like(rows)
    moved = compiled(scatter_keys)(keys, rows, other_keys, other_rows, np.zeros((3, 2048), dtype=np.int64))
    found = (other_keys, other_rows) if moved else (keys, rows)
    return found if compiled(insert_keys)(*found) else None


def labelled_keys(positive: np.ndarray, score: np.ndarray) -> np.ndarray:
    """A key a row (n,) that sorts by score (0 or more, below 2), then by answer: its lowest bit is the answer."""
    bits = score.astype(np.float64, copy=False).view(np.uint64) << np.uint64(1)  # the bit of the sign is 0
    bits |= positive.view(np.uint8)
    return bits


def scores_of(keys: np.ndarray) -> np.ndarray:
    """The scores of `labelled_keys`."""
    return (keys >> np.uint64(1)).view(np.float64)
