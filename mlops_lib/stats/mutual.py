"""Mutual information of a feature and the target: any kind of relation, on one scale for all kinds of columns."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mlops_lib.stats.chi_square import contingency
from mlops_lib.stats.features import Feature
from mlops_lib.stats.testing import Answers

BINS = 64
"""Quantile bins of numbers with more distinct values than this; others keep each value for itself."""

_HEAD = 10_000
_BLOCK = 1 << 14


@dataclass(frozen=True)
class Mutual:
    """How much knowing the feature tells about the target, on the `n` rows where both are known.

    `nats` is the plug-in estimate (natural logarithms; `sklearn.metrics.mutual_info_score` of the same codes).
    `corrected` is without its first-order bias, not below 0 (Miller & Madow: Miller 1955, Information Theory in
    Psychology, 95-100): the plug-in overstates by about (cells - rows - columns + 1) / 2n, counting those that occur.
    Where that is below 0, as one column follows from the other, it does not exceed the smaller of both entropies.
    `entropy` is the target's, in nats, and `share` = corrected / entropy, from 0 to 1. `feature_bins` and
    `target_bins` are the quantile bins a number was put into; 0 where each value or level stands for itself.
    All numbers are NaN where no row has both; `share` is where the target has one value.
    """

    nats: float
    corrected: float
    entropy: float
    share: float
    n: int
    feature_bins: int
    target_bins: int

    @property
    def binned(self) -> str:
        """What was put into bins, in words; empty where nothing was."""
        said = (("the feature", self.feature_bins), ("the target", self.target_bins))
        return " and ".join(f"{what} in {bins} bins of about equal size" for what, bins in said if bins)


@dataclass(frozen=True, eq=False)
class _Codes:
    """Codes (n,), -1 missing, below `size`; `bins` is their number where numbers were put into bins, else 0."""

    values: np.ndarray
    size: int
    bins: int = 0


def mutual_information(a: Feature, answers: Answers) -> Mutual:
    """Mutual information of one column and the target on the same rows."""
    return mutual_informations([a], answers)[0]


def mutual_informations(columns: Iterable[Feature], answers: Answers) -> tuple[Mutual, ...]:
    """The same for several columns; a numeric target is put into bins once."""
    target = _Codes(answers.values, answers.n_classes) if answers.n_classes else _number_codes(answers.values)
    return tuple(_mutual(_feature_codes(column), target) for column in columns)


def _feature_codes(a: Feature) -> _Codes:
    return _Codes(a.values, len(a.levels)) if a.kind == "categorical" else _number_codes(a.values)


def _mutual(a: _Codes, target: _Codes) -> Mutual:
    table = contingency(a.values, target.values, a.size, target.size)
    n = int(table.sum())
    if n == 0:
        return Mutual(math.nan, math.nan, math.nan, math.nan, 0, a.bins, target.bins)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    i, j = np.nonzero(table)
    cells = table[i, j]
    # The logarithm of a ratio near 1, not a difference of logarithms of counts, which loses digits under independence.
    ratio = cells * (n / (rows[i].astype(np.float64) * columns[j]))
    nats = max(0.0, float((cells * np.log(ratio)).sum()) / n)
    occurring = int(np.count_nonzero(rows)) + int(np.count_nonzero(columns))
    entropy = _entropy(columns, n)
    corrected = max(0.0, nats - (len(cells) - occurring + 1) / (2 * n))
    corrected = min(corrected, max(nats, min(entropy, _entropy(rows, n))))
    share = min(1.0, corrected / entropy) if np.count_nonzero(columns) > 1 else math.nan
    return Mutual(nats, corrected, entropy, share, n, a.bins, target.bins)


def _entropy(counts: np.ndarray, n: int) -> float:
    held = counts[counts > 0] / n
    return max(0.0, -float((held * np.log(held)).sum()))


def _number_codes(values: np.ndarray) -> _Codes:
    """Each value for itself up to `BINS` distinct ones, else quantile bins."""
    missing = np.isnan(values)
    known = values[~missing] if missing.any() else values
    if len(known) == 0:
        return _Codes(np.full(len(values), -1, np.int8), 1)
    distinct = np.unique(known) if len(np.unique(known[:_HEAD])) <= BINS else None
    if distinct is not None and len(distinct) <= BINS:
        edges, bins = distinct, 0
    else:
        edges = _quantile_edges(known)
        bins = len(edges)
    codes = _placed(values, edges)
    codes[missing] = -1
    return _Codes(codes, len(edges), bins)


def _quantile_edges(known: np.ndarray) -> np.ndarray:
    """Lower edges of at most `BINS` bins, the smallest value first. A value that fills more than one bin gets one of
    its own."""
    places = np.arange(BINS) * len(known) // BINS
    edges, times = np.unique(np.partition(known, places)[places], return_counts=True)
    edges = np.union1d(edges, np.nextafter(edges[times > 1], np.inf))
    return np.asarray(edges[edges <= known.max()])


def _placed(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """How many of the edges after the first a value reaches, int8 of shape (n,): for few edges, comparing a block with
    each while it is in the cache is faster than a search for each value."""
    codes = np.zeros(len(values), np.int8)
    for start in range(0, len(values), _BLOCK):
        block, place = values[start : start + _BLOCK], codes[start : start + _BLOCK]
        for edge in edges[1:]:
            place += block >= edge
    return codes
