"""Quantiles of values whose order is known already."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np


def quantiles_at(at: Callable[[np.ndarray], np.ndarray], n: int, shares: Sequence[float]) -> np.ndarray:
    """Quantiles of n > 0 values, linear between neighbours, as `numpy.quantile` (Hyndman & Fan 1996, type 7).

    `at` gives the values at some places (from 0) in ascending order. Values may be infinite. Shape (len(shares),).
    """
    place = np.asarray(shares) * (n - 1)
    lower = np.floor(place).astype(np.int64)
    part = place - lower
    a, b = at(lower), at(np.minimum(lower + 1, n - 1))
    with np.errstate(invalid="ignore"):  # beside an infinite neighbour the value itself is taken
        between = np.where(part < 0.5, a + (b - a) * part, b - (b - a) * (1 - part))
    return np.asarray(np.where((a == b) | (part == 0), a, between))


def quantiles_of(ordered: np.ndarray, shares: Sequence[float]) -> np.ndarray:
    """Quantiles of ascending values (n,), n > 0."""
    return quantiles_at(ordered.take, len(ordered), shares)
