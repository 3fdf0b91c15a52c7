"""Tomek links, the same as imbalanced-learn's, from neighbours of the few rows that can have one.

A link joins two rows of different classes that are each other's nearest neighbour (Tomek 1976). One of the two lies
outside the largest class, so neighbours are searched for those rows, and for the rows that they hit, only.

Where rows are as near as rounding lets one tell (repeated rows, and numbers on a grid), the neighbour that
imbalanced-learn reports depends on where a row stands in the block of rows that scikit-learn multiplies at once. Such
rows are asked for again at that place, so that the answer is the same there too.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

import numpy as np

BLOCK = 256
"""Rows that scikit-learn compares at once (`pairwise_dist_chunk_size`)."""
ROUNDING = 64
"""Relative error of a squared distance from a product of matrices, for each column, in units of rounding; generous."""


def linked(x: np.ndarray, y: np.ndarray, remove: Literal["auto", "all"] = "auto") -> np.ndarray:
    """Whether each row is the part of a Tomek link that is removed: boolean of shape (rows,).

    `x` float64 (rows, columns), `y` int codes (rows,). "auto" removes the rows of every class but the smallest (the
    first of them where several are), "all" both rows of a link.
    """
    counts = np.bincount(y)
    links = np.zeros(len(y), dtype=bool)
    few = np.flatnonzero(y != counts.argmax())
    search = _Search(x)
    near = search.nearest(few)
    other = y[near] != y[few]
    few, near = few[other], near[other]
    hit = np.unique(near)
    back = np.full(len(y), -1)
    back[hit] = search.nearest(hit)
    mutual = back[near] == few
    links[few[mutual]] = links[near[mutual]] = True
    if remove == "auto":
        links[y == _smallest(counts)] = False
    return links


def _smallest(counts: np.ndarray) -> int:
    present = np.flatnonzero(counts)
    return int(present[counts[present].argmin()])


def _layers(places: np.ndarray) -> np.ndarray:
    """How many of the values before each are equal to it."""
    order = np.argsort(places, kind="stable")
    ascending = places[order]
    layers = np.empty(len(places), dtype=np.int64)
    layers[order] = np.arange(len(places)) - np.searchsorted(ascending, ascending)
    return layers


class _Search:
    """The second nearest row of a row among all rows (the row itself is among them), as scikit-learn reports it."""

    def __init__(self, x: np.ndarray) -> None:
        from sklearn.neighbors import NearestNeighbors
        from sklearn.utils._openmp_helpers import _openmp_effective_n_threads

        self.x = x
        self.neighbours: Any = NearestNeighbors(n_neighbors=2).fit(x)
        # A tree answers for each row alone; it is only the product of matrices that depends on its block.
        self.by_blocks = self.neighbours._fit_method == "brute"
        # From more than four blocks a thread on, scikit-learn hands each thread whole blocks of the rows asked for.
        self.fewest = 4 * BLOCK * _openmp_effective_n_threads()

    def nearest(self, rows: np.ndarray) -> np.ndarray:
        """For each of these rows (sorted positions), the position of its neighbour."""
        if not len(rows):
            return np.empty(0, dtype=np.int64)
        if not self.by_blocks:
            return self._asked(rows, 2)[:, 1]
        if len(self.x) <= self.fewest or len(rows) > len(self.x) // 2:
            return np.asarray(self._of_all[rows])
        found = self._asked(rows, 3)
        near = found[:, 1].copy()
        unsure = self._unsure(rows, found)
        if unsure.any():
            near[unsure] = self._by_block(rows[unsure])
        return near

    @cached_property
    def _of_all(self) -> np.ndarray:
        found: np.ndarray = self.neighbours.kneighbors(self.x, return_distance=False)[:, 1]
        return found

    def _by_block(self, rows: np.ndarray) -> np.ndarray:
        """The same as for all rows at once: each row is asked for at the place in a block at which it stands there.

        What stands beside it does not matter, so rows of many blocks share one. The last block, which may be shorter,
        is asked for whole.
        """
        last = len(self.x) // BLOCK * BLOCK
        early = rows < last
        layer, place = _layers(rows[early] % BLOCK), rows % BLOCK
        asked = max(int(layer.max(initial=-1)) + 1, self.fewest // BLOCK + 1)
        if 2 * asked * BLOCK > len(self.x):
            return np.asarray(self._of_all[rows])
        positions = np.tile(np.arange(BLOCK), (asked, 1))
        positions[layer, place[early]] = rows[early]
        end = np.empty(0, dtype=np.int64) if early.all() else np.arange(last, len(self.x))
        near = self._asked(np.concatenate([positions.ravel(), end]), 2)[:, 1]
        place[early] += layer * BLOCK
        place[~early] += asked * BLOCK
        return np.asarray(near[place])

    def _asked(self, rows: np.ndarray, most: int) -> np.ndarray:
        found: np.ndarray = self.neighbours.kneighbors(self.x[rows], n_neighbors=most, return_distance=False)
        return found

    def _unsure(self, rows: np.ndarray, found: np.ndarray) -> np.ndarray:
        """Rows whose three nearest are not further apart than rounding may move them."""
        own = self.x[rows]
        squared = np.stack([((self.x[found[:, i]] - own) ** 2).sum(axis=1) for i in range(3)])
        scale = (own**2).sum(axis=1) + squared[2]
        gap = np.diff(squared, axis=0).min(axis=0)
        rounding = ROUNDING * np.finfo(self.x.dtype).eps * (self.x.shape[1] + 8)
        unsure: np.ndarray = gap <= rounding * scale
        return unsure
