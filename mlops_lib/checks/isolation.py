"""Rows isolated over all numbers together: an isolation forest, with a threshold from shuffled columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata

TREES = 100
_TAIL = 0.05
_FALSE_ALARMS = 0.05
_RIDGE = 1e-3
_ENOUGH_TAIL = 20
_PATTERNS = 300
_FULL_ROWS = 100
_FULL_ROWS_A_COLUMN = 5


@dataclass(frozen=True, eq=False)
class Isolation:
    """`score` (n,) between 0 and 1 (Liu, Ting & Zhou 2008, eq. 2), the higher the more isolated; `threshold`.

    `share` (n, p) says how much each column contributes to a row's distance, adding up to one over columns.
    """

    score: np.ndarray
    threshold: float
    share: np.ndarray

    @property
    def rows(self) -> np.ndarray:
        """Positions of the isolated rows, the most isolated first."""
        far = np.flatnonzero(self.score > self.threshold)
        return far[np.argsort(-self.score[far], kind="stable")]


def isolate(values: np.ndarray, seed: int) -> Isolation:
    """Rows that lie farther out than any row would if its parts came together by chance.

    Numbers become normal scores of their ranks, so a skewed column alone isolates nothing, and these are turned to
    uncorrelated axes (principal components, each scaled to variance one), so a row that breaks a relation between
    columns lies out, too. The same forest on axes shuffled one by one says how far rows lie out by chance; the
    threshold is where, by a tail fitted to the highest 5 % of those scores, one table in twenty without any isolated
    row would have one above it.

    Parameters
    ----------
    values : float (n, p), NaN where missing; a gap counts as what the row's other numbers let one expect.
    """
    known = ~np.isnan(values)
    normal = np.column_stack([_normal_scores(values[:, k]) for k in range(values.shape[1])])
    covariance = _covariance(normal, known)
    normal, judged = fill_gaps(normal, known, covariance)
    axes, inverse = _uncorrelated(normal, covariance)
    score = np.where(judged, _scores(axes, seed), 0.0)
    draw = np.random.default_rng(seed)
    shuffled = np.column_stack([draw.permutation(axes[:, k]) for k in range(axes.shape[1])])
    distance = normal * (normal @ inverse)
    share = np.maximum(distance, 0.0)
    share /= np.maximum(share.sum(axis=1, keepdims=True), 1e-12)
    return Isolation(score, chance_threshold(_scores(shuffled, seed)), share)


def _normal_scores(column: np.ndarray) -> np.ndarray:
    """Normal quantiles of the ranks (Blom 1958), ties sharing their mean rank; 0 where missing."""
    known = ~np.isnan(column)
    scores = np.zeros(len(column))
    if known.any():
        scores[known] = ndtri((rankdata(column[known]) - 0.375) / (known.sum() + 0.25))
    return scores


def _covariance(normal: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Covariance of the rows without a gap where they are enough; a little ridge holds equal columns apart."""
    full = normal[known.all(axis=1)]
    enough = len(full) >= max(_FULL_ROWS, _FULL_ROWS_A_COLUMN * normal.shape[1])
    covariance = np.cov(full if enough else normal, rowvar=False).reshape(normal.shape[1], normal.shape[1])
    regular: np.ndarray = covariance + _RIDGE * np.eye(len(covariance))
    return regular


def fill_gaps(normal: np.ndarray, known: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the known cells of a row let one expect in its gaps, by the normal law with this covariance.

    Also which rows were filled: boolean (n,), all but those whose gaps lie as in hardly any other row, where more than
    `_PATTERNS` ways of lying occur. A gap filled with the mean would break the relations between columns, and the row
    would seem odd for no other reason.
    """
    filled = normal.copy()
    patterns, which, sizes = np.unique(known, axis=0, return_inverse=True, return_counts=True)
    taken = np.argsort(-sizes, kind="stable")[:_PATTERNS]
    for k in taken:
        there, rows = patterns[k], np.flatnonzero(which.ravel() == k)
        if there.any() and not there.all():
            weights = np.linalg.solve(covariance[np.ix_(there, there)], covariance[np.ix_(there, ~there)])
            filled[np.ix_(rows, ~there)] = normal[np.ix_(rows, there)] @ weights
    return filled, np.isin(which.ravel(), taken)


def _uncorrelated(normal: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Principal components of variance one, and the inverse covariance."""
    spread, turn = np.linalg.eigh(covariance)
    return (normal - normal.mean(axis=0)) @ turn / np.sqrt(spread), turn / spread @ turn.T


def _scores(axes: np.ndarray, seed: int) -> np.ndarray:
    from sklearn.ensemble import IsolationForest

    forest: Any = IsolationForest(n_estimators=TREES, max_samples=min(256, len(axes)), random_state=seed, n_jobs=1)
    scores: np.ndarray = -forest.fit(axes).score_samples(axes)
    return scores


def chance_threshold(scores: np.ndarray) -> float:
    """The score that one table in twenty would exceed in any of its n rows by chance.

    An exponential tail above the 95 % quantile u (peaks over threshold, Pickands 1975, with shape 0, which is on the
    safe side for a score that cannot exceed one): u + mean excess * log(n * 0.05 / 0.05).
    """
    ordered = np.sort(scores)
    tail = min(max(_ENOUGH_TAIL, round(_TAIL * len(scores))), len(scores) - 1)
    excess = ordered[-tail:] - ordered[-tail - 1]
    return float(ordered[-tail - 1] + excess.mean() * np.log(tail / _FALSE_ALARMS))
