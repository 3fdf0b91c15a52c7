"""Intervals of proportions."""

from __future__ import annotations

import numpy as np

NORMAL_975 = 1.959963984540054
"""What a normal variable of variance 1 exceeds in 2.5 % of cases."""


def wilson(hits: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's 95 % score interval (1927, JASA 22, 209-212) of hits / n, elementwise; 0 to 1 where n is 0."""
    hits, n = np.asarray(hits, dtype=np.float64), np.asarray(n, dtype=np.float64)
    z2 = NORMAL_975**2
    share = np.divide(hits, n, out=np.full(n.shape, 0.5), where=n > 0)
    centre = (share * n + z2 / 2) / (n + z2)
    reach = NORMAL_975 * np.sqrt(share * (1 - share) * n + z2 / 4) / (n + z2)
    low, high = np.where(hits > 0, centre - reach, 0.0), np.where(hits < n, centre + reach, 1.0)
    return low, high
