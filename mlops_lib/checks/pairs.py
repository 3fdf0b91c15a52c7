"""Pairs of rows that are equal or nearly equal in a set of columns, and how many chance would give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlops_lib.checks.digest import bits_of, digest_columns
from mlops_lib.stats.features import Feature

NEAR = 1e-3
"""How far apart nearly equal numbers may be, in robust standard deviations (IQR / 1.349) of their column."""
_BLOCK = 100 * NEAR
_GRIDS = 3
_GRID_COLUMNS = 6
_LAGS = 3
_SAMPLE = 5_000


@dataclass(frozen=True, eq=False)
class Comparable:
    """A column to compare rows by: `values` float64 (n,), NaN where missing; equal up to `tolerance`.

    `fine` says that the numbers lie closer together than the tolerance, so that not only equal ones are near.
    """

    values: np.ndarray
    tolerance: float
    fine: bool


def repeated(digest: np.ndarray) -> np.ndarray:
    """Positions of the rows that are not alone with their digest, ascending."""
    ordered = np.sort(digest)
    again = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(again):
        return np.zeros(0, np.int64)
    place = np.minimum(np.searchsorted(again, digest), len(again) - 1)
    return np.flatnonzero(again[place] == digest)


def comparable(feature: Feature) -> Comparable:
    """A feature as a column to compare by: labels after folding case and blanks, numbers with their tolerance."""
    if feature.kind == "categorical":
        return Comparable(_folded(feature), 0.0, fine=False)
    values = feature.values
    known = values[~np.isnan(values)]
    tolerance = NEAR * _spread(known)
    some = np.unique(known[:: max(1, len(known) // _SAMPLE)])
    fine = tolerance > 0 and len(some) > 1 and float(np.diff(some).min()) <= tolerance
    # Numbers on a coarse grid are near only where they are equal, so they can be compared by digest.
    return Comparable(values, tolerance if fine else 0.0, fine)


def _folded(feature: Feature) -> np.ndarray:
    folded = {label: " ".join(label.split()).casefold() for label in feature.levels}
    place = {label: float(k) for k, label in enumerate(dict.fromkeys(folded.values()))}
    lookup = np.array([place[folded[label]] for label in feature.levels] + [np.nan])
    values: np.ndarray = lookup[feature.values]
    return values


def _spread(known: np.ndarray) -> float:
    """Robust standard deviation, the plain one where the middle half of the numbers is equal."""
    if not len(known):
        return 0.0
    low, high = np.quantile(known[:: max(1, len(known) // 100_000)], [0.25, 0.75])
    return float(high - low) / 1.349 if high > low else float(known.std())


def near_pairs(columns: Sequence[Comparable], exact: np.ndarray, seed: int) -> np.ndarray:
    """Pairs of positions (m, 2), the smaller first, of rows near in every column but not equal in all.

    Rows are put into blocks: equal in every coarse column, and in up to six fine ones in the same cell of a grid a
    hundred times as wide as the tolerance, laid three times at random. In a block, rows are compared with the next
    three in the order of the finest column. So near pairs are found with near certainty unless blocks are crowded, and
    every pair returned is near.

    Parameters
    ----------
    exact : uint64 (n,), digests equal where rows are equal as they stand.
    """
    rows = len(exact)
    fine = sorted((c for c in columns if c.fine), key=_near_share)
    coarse = digest_columns((bits_of(c.values) for c in columns if not c.fine), rows)
    gaps = digest_columns((bits_of(np.isnan(c.values).astype(np.int64)) for c in fine), rows)
    draw = np.random.default_rng(seed)
    order = np.argsort(fine[0].values, kind="stable") if fine else np.arange(rows)
    found = []
    for _ in range(_GRIDS if fine else 1):
        cells = [_cells(c, float(draw.random())) for c in fine[:_GRID_COLUMNS]]
        block = digest_columns([coarse, gaps, *cells], rows)
        found += _neighbours(block, order, columns, exact)
    return np.unique(np.concatenate(found), axis=0) if found else np.zeros((0, 2), np.int64)


def _cells(column: Comparable, offset: float) -> np.ndarray:
    width = column.tolerance * _BLOCK / NEAR
    cell = np.floor(np.nan_to_num(column.values) / width + offset)
    return bits_of(cell)


def _neighbours(
    block: np.ndarray, order: np.ndarray, columns: Sequence[Comparable], exact: np.ndarray
) -> list[np.ndarray]:
    ranked = order[np.argsort(block[order], kind="stable")]
    sorted_block = block[ranked]
    found = []
    for lag in range(1, _LAGS + 1):
        same = np.flatnonzero(sorted_block[lag:] == sorted_block[:-lag])
        pairs = np.column_stack([ranked[same], ranked[same + lag]])
        pairs = pairs[exact[pairs[:, 0]] != exact[pairs[:, 1]]]
        for column in columns:
            pairs = pairs[_near(column, pairs)] if len(pairs) else pairs
        found.append(np.sort(pairs, axis=1))
    return found


def _near(column: Comparable, pairs: np.ndarray) -> np.ndarray:
    one, other = column.values[pairs[:, 0]], column.values[pairs[:, 1]]
    near: np.ndarray = (np.abs(one - other) <= column.tolerance) | (np.isnan(one) & np.isnan(other))
    return near


def chance_pairs(columns: Sequence[Comparable]) -> float:
    """How many pairs of near or equal rows there would be if columns had nothing to do with each other.

    The share of near pairs in each column, estimated on a few thousand rows, multiplied over the columns.
    """
    if not columns:
        return 0.0
    rows = len(columns[0].values)
    share = 1.0
    for column in columns:
        share *= _near_share(column)
    return share * rows * (rows - 1) / 2


def _near_share(column: Comparable) -> float:
    some = np.sort(column.values[:: max(1, len(column.values) // _SAMPLE)])
    known = some[~np.isnan(some)]
    gaps = len(some) - len(known)
    near = np.searchsorted(known, known + column.tolerance, side="right") - np.arange(1, len(known) + 1)
    pairs = len(some) * (len(some) - 1) / 2
    return (float(near.sum()) + gaps * (gaps - 1) / 2) / pairs if pairs else 0.0
