"""Columns that say much the same, in groups: average linkage on one minus the size of their association."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Tree:
    """How p columns join: SciPy's linkage matrix, shape (p - 1, 4), and the columns in the order of its leaves (p,).

    The height of a join is one minus the mean association between the two groups that it joins.
    """

    names: tuple[str, ...]
    joins: np.ndarray
    order: np.ndarray


@dataclass(frozen=True)
class Cluster:
    """Columns whose groups joined at an association of at least the limit.

    `keep` is the one to keep: the strongest with the target (`by` "target"), else the medoid (`by` "likeness"), which
    goes together most with the others on average. `closest` and `loosest` are associations of pairs within.
    """

    names: tuple[str, ...]
    keep: str
    by: str
    medoid: str
    closest: float
    loosest: float


def tree(names: Sequence[str], values: np.ndarray) -> Tree:
    """Of associations (p, p), signed or not; NaN counts as none."""
    # Half a second to import, for the pages that show groups.
    from scipy.cluster import hierarchy
    from scipy.spatial.distance import squareform

    p = len(names)
    if p < 2:
        return Tree(tuple(names), np.zeros((0, 4)), np.arange(p))
    distance = 1 - _sizes(values)
    np.fill_diagonal(distance, 0)
    joins = hierarchy.linkage(squareform(distance, checks=False), method="average", optimal_ordering=p <= 80)
    return Tree(tuple(names), joins, hierarchy.leaves_list(joins).astype(np.int64))


def clusters(
    found: Tree, values: np.ndarray, limit: float, strength: Mapping[str, float] | None = None
) -> tuple[Cluster, ...]:
    """Groups of two or more columns that join at a mean association of at least `limit`, in the order of the leaves."""
    sizes = _sizes(values)
    return tuple(
        _cluster(found.names, group, sizes, strength) for group in groups_above(found, limit) if len(group) > 1
    )


def groups_above(found: Tree, limit: float) -> tuple[tuple[int, ...], ...]:
    """All places, in groups that joined below the height 1 - `limit`, in the order of the leaves."""
    p = len(found.names)
    members: dict[int, list[int]] = {i: [i] for i in range(p)}
    for k, (a, b, height, _) in enumerate(found.joins.tolist()):
        if height <= 1 - limit + 1e-12:
            members[p + k] = members.pop(int(a)) + members.pop(int(b))
    place = {int(column): i for i, column in enumerate(found.order)}
    ordered = [tuple(sorted(group, key=place.__getitem__)) for group in members.values()]
    return tuple(sorted(ordered, key=lambda group: place[group[0]]))


def _sizes(values: np.ndarray) -> np.ndarray:
    sizes = np.nan_to_num(np.abs(values))
    return np.asarray(np.clip((sizes + sizes.T) / 2, 0, 1))


def _cluster(
    names: tuple[str, ...], group: tuple[int, ...], sizes: np.ndarray, strength: Mapping[str, float] | None
) -> Cluster:
    inside = sizes[np.ix_(group, group)]
    pairs = inside[np.triu_indices(len(group), 1)]
    medoid = names[group[int(np.argmax(inside.sum(axis=1) - np.diag(inside)))]]
    inside_names = tuple(names[i] for i in group)
    known = {} if strength is None else {name: strength[name] for name in inside_names if strength.get(name, 0.0) > 0}
    keep = max(known, key=known.__getitem__) if known else medoid
    by = "target" if known else "likeness"
    return Cluster(inside_names, keep, by, medoid, float(pairs.max()), float(pairs.min()))
