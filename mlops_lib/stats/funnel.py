"""How far the share or mean of a group of n rows strays from that of all rows by chance."""

from __future__ import annotations

import numpy as np
from scipy.special import bdtr, bdtrik, ndtri

LEVELS = (0.95, 0.998)
"""The limits usually drawn: one in twenty, and one in five hundred groups lie outside by chance."""


def binomial_limits(n: np.ndarray, share: float, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Limits of the share of hits among n rows for a true `share`, each float64 of the shape of n, within 0 and 1.

    A share lies outside exactly where the chance of as few hits, or of as many, is below (1 - level) / 2. Between
    whole counts they are interpolated, so that they change smoothly with n: Spiegelhalter (2005, Statistics in Medicine
    24, 1185-1202), appendix A.1.1; his upper limit lies up to one hit lower and can exclude what is likely.
    """
    n = np.asarray(n, dtype=np.int64)
    tail = (1 - level) / 2
    return _lower(n, share, tail), 1 - _lower(n, 1 - share, tail)


def mean_limits(n: np.ndarray, mean: float, spread: float, level: float) -> tuple[np.ndarray, np.ndarray]:
    """The same for the mean of n values, by the normal distribution: mean ± z · spread / √n."""
    reach = float(ndtri((1 + level) / 2)) * spread / np.sqrt(np.asarray(n, dtype=np.float64))
    return mean - reach, mean + reach


def _lower(n: np.ndarray, share: float, tail: float) -> np.ndarray:
    """Place of `tail` on the way between the cumulative probabilities of two neighbouring counts, as a share of n."""
    if not 0 < share < 1:
        return np.full(n.shape, share)
    count = np.clip(np.ceil(bdtrik(tail, n, share)), 0, n)
    # The inverse may be one off; what is sought is the first count whose cumulative probability reaches the tail.
    count += _upto(count, n, share) < tail
    count -= _upto(count - 1, n, share) >= tail
    upto, before = _upto(count, n, share), _upto(count - 1, n, share)
    return np.asarray(np.clip((count - (upto - tail) / (upto - before)) / n, 0.0, 1.0))


def _upto(count: np.ndarray, n: np.ndarray, share: float) -> np.ndarray:
    return np.where(count >= 0, bdtr(np.maximum(count, 0), n, share), 0.0)
