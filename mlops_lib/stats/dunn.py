"""Dunn's pairs: which classes differ after a Kruskal-Wallis test."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from mlops_lib.objects.errors import TooLargeError
from mlops_lib.stats.kruskal import known_pairs
from mlops_lib.stats.multiple import benjamini_hochberg, holm
from mlops_lib.stats.ranks import RankSums, rank_sums

MOST_CLASSES = 100
"""4,950 pairs; nobody reads more."""


@dataclass(frozen=True)
class Pair:
    """Two classes by their codes: `z` is above 0 where the first has the larger mean rank, `ranks_apart` by how much.

    `p` is two-sided; `holm_p` and `bh_p` are adjusted over all pairs of the same table (Holm 1979; Benjamini &
    Hochberg 1995).
    """

    first: int
    second: int
    ranks_apart: float
    z: float
    p: float
    holm_p: float
    bh_p: float


def dunn(values: np.ndarray, codes: np.ndarray, n_classes: int) -> tuple[Pair, ...]:
    """Pairs of the classes that occur among float64 `values`, by code; rows with a NaN or a negative code are left out.

    z = difference of mean ranks / sqrt((n(n+1)/12 - ties/(12(n-1))) (1/a + 1/b)) with the ranks of all n rows (Dunn
    1964, Technometrics 6, 241-252), ties the sum of t³ - t. No pairs where fewer than two classes or values occur.

    Raises
    ------
    TooLargeError : more than `MOST_CLASSES` classes occur.
    """
    return dunn_of(rank_sums(*known_pairs(values, codes), n_classes))


def dunn_of(ranks: RankSums) -> tuple[Pair, ...]:
    """The same from rank sums that were made before."""
    k, n = len(ranks.counts), ranks.n
    if k < 2 or ranks.untied == 0:
        return ()
    if k > MOST_CLASSES:
        raise TooLargeError(
            f"{k:,} classes make {k * (k - 1) // 2:,} pairs; up to {MOST_CLASSES:,} classes are compared pair by pair.",
            "Merge small classes first.",
        )
    first, second = np.triu_indices(k, 1)
    means, counts = ranks.mean_ranks, ranks.counts
    variance = n * (n + 1) / 12 * ranks.untied  # the same as n(n+1)/12 - ties/(12(n-1))
    apart = means[first] - means[second]
    z = apart / np.sqrt(variance * (1 / counts[first] + 1 / counts[second]))
    p = special.erfc(np.abs(z) / math.sqrt(2))
    columns = (ranks.present[first], ranks.present[second], apart, z, p, holm(p), benjamini_hochberg(p))
    return tuple(Pair(*row) for row in zip(*(c.tolist() for c in columns), strict=True))
