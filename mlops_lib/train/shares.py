"""Growing shares of a fold's training rows, each inside the next, so that sizes are compared pair by pair."""

from __future__ import annotations

import numpy as np

from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.target import Target
from mlops_lib.train.setting import group_codes

_LEARNT = 1
"""Set apart from the seed of the shares, so that which rows are looked at says nothing of which came first."""


def training_share(
    rows: np.ndarray, share: float, seed: int, target: Target, dataset: Dataset, schema: Schema, plan: SplitPlan
) -> np.ndarray:
    """A share of a fold's training rows (ids, ascending): whole groups where the split keeps groups together, else of
    each class alike. A smaller share of the same seed lies inside a larger one."""
    if share >= 1.0:
        return rows
    groups = group_codes(dataset, schema, rows) if plan.kind == "group" else None
    if groups is not None:
        return np.take(rows, share_of_groups(groups, share, seed))
    strata = np.zeros(len(rows), np.int64) if target.kind == "number" else target.codes(rows).astype(np.int64)
    return np.take(rows, share_of_rows(strata, share, seed))


def share_of_rows(strata: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Positions, ascending, of a share of the rows of every stratum (integer codes (n,)), rounded up."""
    shuffled = np.random.default_rng(seed).permutation(len(strata))
    order = shuffled[np.argsort(strata[shuffled], kind="stable")]
    sizes = np.bincount(strata)
    place = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    wanted = np.ceil(np.round(share * sizes, 9))
    return np.sort(order[place < wanted[strata[order]]])


def share_of_groups(groups: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Positions, ascending, of the rows of whole groups in a random order, until they hold that share of the rows."""
    _, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(sizes))
    before = np.empty(len(sizes), np.int64)
    before[order] = np.cumsum(sizes[order]) - sizes[order]
    return np.flatnonzero(before[codes] < share * len(groups))


def drawn_rows(rows: np.ndarray, most: int, seed: int) -> np.ndarray:
    """At most `most` of the rows (ids), drawn by chance, ascending; all of them where there are no more."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng((seed, _LEARNT)).choice(rows, most, replace=False))
