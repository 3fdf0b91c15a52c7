"""Sorting many numbers together with their companions: counting passes instead of comparisons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

_MANY = 20_000
"""Rows from which spreading values over buckets beats comparing them."""

_KEY_BITS, _BITS = 32, 8
"""Four passes over 256 buckets, whose ends fit into the fastest caches; two over 65,536 gain little."""

_BLOCK = 1 << 15


def in_order(values: np.ndarray, companions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sorted copies of `values` (n,) without NaN and, moved alike, of int32 `companions` from 0.

    Counting passes over a 32-bit key that grows with the value (a radix sort), then the few neighbours that share a
    key are compared. Where such a key would not tell values apart (few rows, wild outliers, infinities), values are
    compared from the start.
    """
    key = _key(values) if len(values) >= _MANY else None
    if key is None:
        order = np.argsort(values)
        return values[order], companions[order]
    for shift in range(0, _KEY_BITS, _BITS):
        values, companions = _scattered(key.digit(values, shift), values, companions)
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

    def digit(self, values: np.ndarray, shift: int) -> np.ndarray:
        """The `_BITS` bits of that from `shift` on, int32."""
        found = np.empty(len(values), np.int32)
        for start in range(0, len(values), _BLOCK):
            part = slice(start, start + _BLOCK)
            found[part] = (self.of(values[part]) >> shift) & ((1 << _BITS) - 1)
        return found


def _key(values: np.ndarray) -> _Key | None:
    """Equal steps from the smallest to the largest value; None where a sample of them falls together."""
    low, high = float(values.min()), float(values.max())
    if not 0 < high - low < np.inf:
        return None
    scale = (2.0**_KEY_BITS - 1) / (high - low)
    key = _Key(low, scale)
    sample = np.unique(values[:: max(1, len(values) // 2_048)])
    apart = np.isfinite(scale) and len(np.unique(key.of(sample))) >= 0.98 * len(sample)
    return key if apart else None


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
        places = expanded(starts, np.searchsorted(keys, shared, "right") - starts)
        order = places[np.argsort(values[places], kind="stable")]
        values[places], companions[places] = values[order], companions[order]
    return values, companions


def expanded(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """All positions of the runs of `lengths` from `starts`, one after another."""
    before = np.cumsum(lengths) - lengths
    return np.asarray(np.repeat(starts - before, lengths) + np.arange(int(lengths.sum())))
