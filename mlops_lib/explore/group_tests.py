"""The tests of a number by group beside Kruskal-Wallis, from ranks that are made once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlops_lib.stats.anova import Welch, welch
from mlops_lib.stats.dunn import MOST_CLASSES, Pair, dunn_of
from mlops_lib.stats.mann_whitney import MannWhitney, mann_whitney_of
from mlops_lib.stats.ranks import rank_sums

PAIRS = 12
"""Pairs that are named."""

LEVEL = 0.05


@dataclass(frozen=True)
class NamedPair:
    """Two groups by name, the one with the larger mean rank first; p two-sided, and adjusted over all pairs (Holm)."""

    higher: str
    lower: str
    z: float
    p: float
    holm_p: float


@dataclass(frozen=True)
class GroupTests:
    """Tests of a number by group beside Kruskal-Wallis.

    `mann_whitney` is there for two groups, `two` by name: the second against the first. Of more groups Dunn's pairs:
    `compared` of them, 0 where there are too many groups; `apart` have an adjusted p of at most `LEVEL`, and `pairs`
    are the `PAIRS` furthest apart.
    """

    groups: int
    two: tuple[str, ...]
    mann_whitney: MannWhitney | None
    welch: Welch
    pairs: tuple[NamedPair, ...]
    compared: int
    apart: int


def group_tests(values: np.ndarray, codes: np.ndarray, names: Sequence[str]) -> GroupTests:
    """Tests of float64 `values` (n,) by integer `codes` into `names`, none missing."""
    ranks = rank_sums(values, codes, len(names), spread=True)
    k = len(ranks.counts)
    pairs = dunn_of(ranks) if 2 < k <= MOST_CLASSES else ()
    furthest = sorted(pairs, key=lambda pair: -abs(pair.z))[:PAIRS]
    return GroupTests(
        k,
        tuple(names[code] for code in ranks.present) if k == 2 else (),
        mann_whitney_of(ranks) if k == 2 else None,
        welch(values, codes, len(names)),
        tuple(_named(pair, names) for pair in furthest),
        len(pairs),
        sum(pair.holm_p <= LEVEL for pair in pairs),
    )


def _named(pair: Pair, names: Sequence[str]) -> NamedPair:
    first, second = names[pair.first], names[pair.second]
    higher, lower = (first, second) if pair.z >= 0 else (second, first)
    return NamedPair(higher, lower, abs(pair.z), pair.p, pair.holm_p)
