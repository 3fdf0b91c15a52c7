"""How far rows lie from the nearest row of each class, and which rows repeat another exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BLOCK = 4096
"""Rows that are compared at a time: the distances to them stay in the processor's cache."""


NEIGHBOURS = 5
"""Nearest real rows that say whether a row lies amid another class."""


@dataclass(frozen=True, eq=False)
class Distances:
    """Of some rows: their class code, the distance to the nearest real row of it and to the nearest of another class,
    and `amid`, whether most of the 5 nearest real rows are of another class.

    Arrays of shape (rows,); Euclidean, in the encoded columns. A distance is infinite where there is no such row.
    """

    code: np.ndarray
    same: np.ndarray
    other: np.ndarray
    amid: np.ndarray

    @property
    def nearer_other(self) -> np.ndarray:
        """Boolean (rows,): the nearest real row is of another class."""
        nearer: np.ndarray = self.other < self.same
        return nearer


def distances(
    rows: np.ndarray, codes: np.ndarray, x: np.ndarray, y: np.ndarray, own: np.ndarray | None = None
) -> Distances:
    """Distances of `rows` of classes `codes` to the real rows `x` of classes `y`.

    `own` is the position of each among the real rows, where they are such: a row is not its own neighbour.
    """
    classes = int(max(y.max(initial=0), codes.max(initial=0))) + 1
    found = [_nearest(rows, x, np.flatnonzero(y == k), own) for k in range(classes)]
    to, near = np.column_stack([f[0] for f in found]), np.stack([f[1] for f in found], axis=1)
    at = np.arange(len(rows))
    same, mine = to[at, codes].copy(), near[at, codes]
    to[at, codes] = np.inf
    return Distances(codes.astype(np.int64), same, to.min(axis=1), _amid(near, mine))


def _amid(near: np.ndarray, mine: np.ndarray) -> np.ndarray:
    """Whether fewer than half of the nearest rows, whose squares are `near` by class, are among `mine`."""
    flat = np.sort(near.reshape(len(near), near.shape[1] * near.shape[2]), axis=1)
    counted = np.isfinite(flat[:, :NEIGHBOURS]).sum(axis=1)
    limit = flat[np.arange(len(flat)), np.maximum(counted - 1, 0)]
    own = (np.isfinite(mine) & (mine <= limit[:, None])).sum(axis=1)
    amid: np.ndarray = 2 * own < counted
    return amid


def _nearest(
    rows: np.ndarray, x: np.ndarray, among: np.ndarray, own: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Distance of each row to the nearest of the rows `among` of x, infinite where there is none but itself; and the
    squares of the `NEIGHBOURS` nearest, less the square of the row itself, shape (rows, NEIGHBOURS)."""
    near, at = np.full((len(rows), NEIGHBOURS), np.inf), np.zeros(len(rows), dtype=np.int64)
    doubled = -2.0 * rows
    for start in range(0, len(among), BLOCK):
        some = among[start : start + BLOCK]
        block = x[some]
        # The square of each row itself is the same for all candidates and not needed to find the nearest.
        squares = doubled @ block.T
        squares += np.einsum("ij,ij->i", block, block)
        if own is not None:
            itself = np.minimum(np.searchsorted(some, own), len(some) - 1)
            mine = np.flatnonzero(some[itself] == own)
            squares[mine, itself[mine]] = np.inf
        closer = np.flatnonzero(squares.min(axis=1) < near[:, -1])  # few, once some blocks have been seen
        squares = squares[closer]
        place = squares.argmin(axis=1)
        nearer = squares[np.arange(len(closer)), place] < near[closer, 0]
        at[closer[nearer]] = some[place[nearer]]
        kept = np.partition(squares, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS] if len(some) > NEIGHBOURS else squares
        near[closer] = np.sort(np.hstack([near[closer], kept]), axis=1)[:, :NEIGHBOURS]
    # From the two rows again: the shortcut above cancels where they lie close together.
    exact = np.sqrt(((rows - x[at]) ** 2).sum(axis=1)) if len(x) else near[:, 0]
    return np.where(np.isfinite(near[:, 0]), exact, np.inf), near


def repeats(rows: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Boolean (rows,): whether a row of x is equal in every column."""
    return np.isin(_keys(rows), _keys(x))


def _keys(x: np.ndarray) -> np.ndarray:
    """A 64-bit number for each row, equal for equal rows; two of a million others share one by a chance of 3e-8."""
    keys = np.full(len(x), 0x9E3779B97F4A7C15, dtype=np.uint64)
    for j in range(x.shape[1]):
        keys ^= (x[:, j] + 0.0).view(np.uint64)  # adding 0 makes -0.0 equal to 0.0
        keys *= np.uint64(0xBF58476D1CE4E5B9)
        keys ^= keys >> np.uint64(31)
    return keys
