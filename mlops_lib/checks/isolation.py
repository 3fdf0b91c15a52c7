"""Rows isolated over all numbers together: an isolation forest, with a threshold from shuffled columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

TREES = 100
_TAIL = 0.05
_FALSE_ALARMS = 0.05
_RIDGE = 1e-3
_ENOUGH_TAIL = 20
_PATTERNS = 300
_CENTRE = 0.95
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

    Numbers are measured in robust standard deviations and their tails drawn in (asinh), so a skewed column alone
    isolates nothing. Then they are turned to uncorrelated axes (principal components of a covariance without the
    farthest rows, each scaled to variance one), so a row that breaks a relation between columns lies out, too. The
    same forest on axes shuffled one by one says how far rows lie out by chance; the threshold is where, by a tail
    fitted to the highest 5 % of those scores, one table in twenty without any isolated row would have one above it.

    Parameters
    ----------
    values : float (n, p), NaN where missing; a gap counts as what the row's other numbers let one expect.
    """
    known = ~np.isnan(values)
    scaled = np.column_stack([_drawn_in(values[:, k]) for k in range(values.shape[1])])
    covariance = _covariance(scaled, known)
    scaled, judged = fill_gaps(scaled, known, covariance)
    axes, inverse = _uncorrelated(scaled, covariance)
    score = np.where(judged, _scores(axes, seed), 0.0)
    draw = np.random.default_rng(seed)
    shuffled = np.column_stack([draw.permutation(axes[:, k]) for k in range(axes.shape[1])])
    distance = scaled * (scaled @ inverse)
    share = np.maximum(distance, 0.0)
    share /= np.maximum(share.sum(axis=1, keepdims=True), 1e-12)
    return Isolation(score, chance_threshold(_scores(shuffled, seed)), share)


def _drawn_in(column: np.ndarray) -> np.ndarray:
    """asinh of the robust z, 0 where missing; the plain z where the middle half is equal."""
    known = column[~np.isnan(column)]
    if not len(known):
        return np.zeros(len(column))
    low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
    spread = (high - low) / 1.349 if high > low else known.std() or 1.0
    drawn: np.ndarray = np.nan_to_num(np.arcsinh((column - middle) / spread))
    return drawn


def _covariance(scaled: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Covariance of the rows without a gap where they are enough, twice taken anew without the farthest 5 %.

    Without that, a row that breaks a relation would itself loosen it (masking; the idea of the concentration steps of
    Rousseeuw & Van Driessen 1999). A little ridge holds equal columns apart.
    """
    full = known.all(axis=1)
    rows = scaled[full] if full.sum() >= max(_FULL_ROWS, _FULL_ROWS_A_COLUMN * scaled.shape[1]) else scaled
    covariance = _regular(rows)
    for _ in range(2):
        centred = rows - np.median(rows, axis=0)
        distance = np.einsum("ij,ij->i", centred @ np.linalg.inv(covariance), centred)
        covariance = _regular(rows[distance <= np.quantile(distance, _CENTRE)])
    return covariance


def _regular(rows: np.ndarray) -> np.ndarray:
    covariance = np.cov(rows, rowvar=False).reshape(rows.shape[1], rows.shape[1])
    regular: np.ndarray = covariance + _RIDGE * np.eye(len(covariance))
    return regular


def fill_gaps(scaled: np.ndarray, known: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the known cells of a row let one expect in its gaps, by the normal law with this covariance.

    Also which rows were filled: boolean (n,), all but those whose gaps lie as in hardly any other row, where more than
    `_PATTERNS` ways of lying occur. A gap filled with the mean would break the relations between columns, and the row
    would seem odd for no other reason.
    """
    filled = scaled.copy()
    patterns, which, sizes = np.unique(known, axis=0, return_inverse=True, return_counts=True)
    taken = np.argsort(-sizes, kind="stable")[:_PATTERNS]
    for k in taken:
        there, rows = patterns[k], np.flatnonzero(which.ravel() == k)
        if there.any() and not there.all():
            weights = np.linalg.solve(covariance[np.ix_(there, there)], covariance[np.ix_(there, ~there)])
            filled[np.ix_(rows, ~there)] = scaled[np.ix_(rows, there)] @ weights
    return filled, np.isin(which.ravel(), taken)


def _uncorrelated(scaled: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Principal components of variance one, and the inverse covariance."""
    spread, turn = np.linalg.eigh(covariance)
    return (scaled - np.median(scaled, axis=0)) @ turn / np.sqrt(spread), turn / spread @ turn.T


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
