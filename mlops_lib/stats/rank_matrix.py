"""Spearman's correlation of every pair of columns, each pair ranked on the rows that both have."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlops_lib.stats.missing_patterns import Gaps
from mlops_lib.stats.moments import BLOCK
from mlops_lib.stats.ordering import in_order
from mlops_lib.stats.threads import in_threads

_LOOK = 1024
"""Values that are looked at first to tell whether a column can hold whole numbers alone."""


def spearman_matrix(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Shape (p, p), of float64 columns (n,) with NaN for missing; NaN where a pair has no variety."""
    return spearman_by_gaps(columns, Gaps.among([np.isfinite(c) for c in columns]))


def spearman_by_gaps(columns: Sequence[np.ndarray], gaps: Gaps) -> np.ndarray:
    """The same where the patterns of known rows are there already; columns with the same gaps are ranked once."""
    known = [gaps.patterns[i] for i in gaps.of]
    ranks = in_threads(lambda pair: _ranked(*pair), list(zip(columns, known, strict=True)))
    result = _correlated(ranks)
    for rows, pairs in gaps.shared():
        for inside, again in _again(ranks, gaps, rows, pairs):
            result[inside] = again
    return result


Places = tuple[np.ndarray, np.ndarray]


def _again(
    ranks: Sequence[np.ndarray], gaps: Gaps, rows: np.ndarray, pairs: Sequence[tuple[int, int]]
) -> list[tuple[Places, np.ndarray]]:
    """Correlations of columns with different gaps on the rows that they share, with their places in the matrix."""
    patterns = sorted({pattern for pair in pairs for pattern in pair})
    inside = np.concatenate([gaps.columns(pattern) for pattern in patterns])
    matrix = _correlated(in_threads(lambda i: _ranked_again(ranks[i], rows), inside.tolist()))
    found: list[tuple[Places, np.ndarray]] = []
    for pair in pairs:
        a, b = (np.flatnonzero(gaps.of[inside] == pattern) for pattern in pair)
        found.append(((inside[a][:, None], inside[b][None, :]), matrix[np.ix_(a, b)]))
        found.append(((inside[b][:, None], inside[a][None, :]), matrix[np.ix_(b, a)]))
    return found


def _ranked(column: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Twice each value's midrank, less their mean: whole numbers from -n to n of shape (n,), 0 where missing."""
    if known.all():
        return _twice_ranks(column)
    result = np.zeros(len(column), dtype=np.int32)
    result[known] = _twice_ranks(column[known])
    return result


def _ranked_again(ranks: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Ranks among some rows alone, from the ranks among more: two values' twice midranks are at least 2 apart."""
    places = ranks[rows]
    if len(places):
        places = (places - places.min()) >> 1
    again: np.ndarray = _centred(np.bincount(places))[places]
    return again


def _twice_ranks(values: np.ndarray) -> np.ndarray:
    whole = _whole(values)
    if whole is not None:
        counted: np.ndarray = _centred(np.bincount(whole))[whole]
        return counted
    n = len(values)
    ordered, rows = in_order(values, np.arange(n, dtype=np.int32))
    new = ordered[1:] != ordered[:-1]
    ranks = np.empty(n, dtype=np.int32)
    if new.all():
        ranks[rows] = np.arange(1 - n, n, 2, dtype=np.int32)
    else:
        counts = np.diff(np.flatnonzero(new) + 1, prepend=0, append=n)
        ranks[rows] = np.repeat(_centred(counts), counts)
    return ranks


def _whole(values: np.ndarray) -> np.ndarray | None:
    """Values less the smallest as int64 where all are whole and lie close together, so that counting replaces sorting.

    None where they are not.
    """
    first = values[:_LOOK]
    if len(values) == 0 or not np.array_equal(first, np.rint(first)):
        return None
    low, high = float(values.min()), float(values.max())
    if not high - low <= len(values):
        return None
    whole = (values - low).astype(np.int64)
    return whole if np.array_equal(whole + low, values) else None


def _centred(counts: np.ndarray) -> np.ndarray:
    """Twice the midrank of each place, less its mean over all values: the rows before it less those behind."""
    upto = np.cumsum(counts)
    return np.asarray(2 * upto - counts - (upto[-1] if len(upto) else 0), dtype=np.int32)


def _correlated(ranks: Sequence[np.ndarray]) -> np.ndarray:
    p, n = len(ranks), len(ranks[0]) if ranks else 0
    products = np.zeros((p, p))
    block = np.empty((p, BLOCK))
    for start in range(0, n, BLOCK):
        part = block[:, : min(BLOCK, n - start)]
        for i, column in enumerate(ranks):
            part[i] = column[start : start + BLOCK]
        products += part @ part.T
    sizes = np.sqrt(np.diag(products))
    sizes[sizes == 0] = np.nan
    return np.asarray(np.clip(products / np.outer(sizes, sizes), -1.0, 1.0))
