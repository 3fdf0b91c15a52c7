"""Spearman's matrix against pandas and SciPy: ties, whole numbers, infinities and gaps of every kind."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mlops_lib.stats.missing_patterns import Gaps
from mlops_lib.stats.rank_matrix import spearman_matrix

KINDS = {
    "continuous": lambda rng, n: rng.normal(size=n),
    "wide whole": lambda rng, n: np.round(rng.normal(size=n) * 1e12),
    "few": lambda rng, n: rng.integers(-3, 3, n).astype(float),
    "rounded": lambda rng, n: np.round(rng.normal(size=n), 1),
    "far": lambda rng, n: 2.0**52 + rng.integers(0, 5, n),
    "one": lambda rng, n: np.ones(n),
}


@settings(deadline=None, max_examples=80)
@given(
    st.integers(0, 10_000),
    st.integers(1, 60),
    st.lists(st.tuples(st.sampled_from(sorted(KINDS)), st.sampled_from([0.0, 0.2, 0.2, 0.9])), min_size=1, max_size=6),
)
def test_it_is_pandas_pair_by_pair(seed: int, n: int, kinds: list[tuple[str, float]]) -> None:
    rng = np.random.default_rng(seed)
    masks = {share: rng.random(n) < share for share in (0.0, 0.2, 0.9)}
    columns = [np.where(masks[share], np.nan, KINDS[kind](rng, n)) for kind, share in kinds]
    expected = pd.DataFrame(dict(enumerate(columns))).corr("spearman").to_numpy()
    np.testing.assert_allclose(spearman_matrix(columns), expected, atol=1e-9)


@pytest.mark.parametrize("n", [1_000, 40_000])
def test_large_columns_are_scipys(n: int) -> None:
    rng = np.random.default_rng(0)
    a = rng.standard_t(2, n)
    b = np.round(a + rng.normal(size=n), 2)
    assert spearman_matrix([a, b])[0, 1] == pytest.approx(stats.spearmanr(a, b).statistic, rel=1e-9)


def test_columns_with_the_same_gaps_share_a_pattern() -> None:
    rows = np.array([True, False, True])
    gaps = Gaps.among([rows, np.ones(3, bool), rows.copy()])
    assert gaps.of.tolist() == [0, 1, 0]
    ((shared, pairs),) = gaps.shared()
    assert (shared.tolist(), pairs) == ([True, False, True], [(0, 1)])
    assert gaps.of_first(1).of.tolist() == [0]
