"""How unlike the common class a row is, as a classifier: a reference for very rare events. It travels with a registered
model."""

from __future__ import annotations

from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin


class AnomalyScore(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """An isolation forest that has seen the rows of the common class only; of the rare class it knows nothing.

    The probability of the rare class is the forest's anomaly score 2^(-mean depth / expected depth), which lies between
    0 and 1 and rises with oddness (Liu, Ting & Zhou 2008, ICDM, equation 2). It is a ranking; the recipe's calibrator
    turns it into a share.
    """

    def __init__(
        self, n_estimators: int = 200, max_samples: int = 256, random_state: int | None = None, n_jobs: int = 1
    ) -> None:
        self.n_estimators = n_estimators
        self.max_samples = max_samples
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, x: np.ndarray, y: np.ndarray) -> Self:
        """Fit on rows `x` (rows, columns) with the codes 0 and 1 in `y`; of two equal classes 0 is the common one."""
        from sklearn.ensemble import IsolationForest

        self.classes_ = np.array([0, 1])
        self.n_features_in_ = x.shape[1]
        self.rare_ = int(np.count_nonzero(y == 1) <= np.count_nonzero(y == 0))
        common = x[y != self.rare_]
        drawn = min(self.max_samples, len(common))
        self.forest_ = IsolationForest(
            n_estimators=self.n_estimators, max_samples=drawn, random_state=self.random_state, n_jobs=self.n_jobs
        ).fit(common)
        return self

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        """Scores of classes 0 and 1, shape (rows, 2)."""
        odd = -self.forest_.score_samples(x)
        return np.column_stack([1 - odd, odd] if self.rare_ else [odd, 1 - odd])

    def predict(self, x: np.ndarray) -> np.ndarray:
        """The class with the higher score."""
        found: np.ndarray = self.predict_proba(x).argmax(axis=1)
        return found
