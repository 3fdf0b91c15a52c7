"""The anomaly score: learnt from the common class alone, the isolation forest's own, whichever class is rare."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest

from mlops_lib.train.anomaly import AnomalyScore


@pytest.mark.parametrize("rare", [0, 1])
def test_it_is_the_isolation_forest_of_the_common_class(rare: int) -> None:
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(size=(200, 3)), rng.normal(5, 1, size=(8, 3))])
    y = np.repeat([1 - rare, rare], [200, 8]).astype(np.int8)
    found = AnomalyScore(n_estimators=20, max_samples=64, random_state=1).fit(x, y)
    theirs = IsolationForest(n_estimators=20, max_samples=64, random_state=1).fit(x[:200])
    score = found.predict_proba(x)
    np.testing.assert_array_equal(score[:, rare], -theirs.score_samples(x))
    np.testing.assert_allclose(score.sum(axis=1), 1)
    assert ((score > 0) & (score < 1)).all()
    assert score[200:, rare].min() > np.median(score[:200, rare])
    moved = AnomalyScore(n_estimators=20, max_samples=64, random_state=1).fit(np.vstack([x[:200], -9 * x[200:]]), y)
    np.testing.assert_array_equal(moved.predict_proba(x), score)
