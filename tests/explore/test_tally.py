"""A tally says of a column by class what numpy, pandas and scipy say of its cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlops_lib.explore.tally import ALL, Counted, Sorted, classes_of, quantiles, tally
from mlops_lib.stats.kruskal import known_pairs
from mlops_lib.stats.ranks import rank_sums

CELLS = (
    st.floats(-1e6, 1e6)
    | st.integers(-20, 20).map(float)
    | st.integers(-900, 900).map(lambda v: v / 100)
    | st.sampled_from([np.nan, np.inf, -np.inf, 1e15, 0.1 + 0.2])
)
SHARES = (0.0, 0.005, 0.25, 0.5, 0.75, 0.995, 1.0)


def made(kind: str, n: int = 5_000) -> np.ndarray:
    rng = np.random.default_rng(3)
    values = {
        "whole": rng.integers(-5, 90, n).astype(float),
        "decimals": np.round(rng.normal(50, 9, n), 2),
        "continuous": rng.lognormal(3, 1, n),
        "wide": rng.integers(0, 10**9, n).astype(float),
    }[kind]
    values[rng.random(n) < 0.1] = np.nan
    return values


@pytest.mark.parametrize(
    ("kind", "counted"), [("whole", True), ("decimals", True), ("continuous", False), ("wide", False)]
)
def test_a_column_is_described_as_pandas_does(kind: str, counted: bool) -> None:
    values, codes = made(kind), np.random.default_rng(1).integers(0, 3, 5_000)
    found = tally(values, classes_of(codes, 3))
    assert isinstance(found, Counted if counted else Sorted)
    for group in (ALL, 0, 1, 2):
        known = pd.Series(values if group == ALL else values[codes == group]).dropna()
        assert found.moments(group) == pytest.approx((known.mean(), known.std()), rel=1e-12)
        np.testing.assert_allclose(quantiles(found, SHARES, group), np.quantile(known, SHARES), rtol=1e-14)
    counts = pd.Series(values).value_counts()
    assert len(found.lengths) == len(counts)
    common = found.commonest(5)
    assert [rows for _, rows in common] == counts.head(5).tolist()
    assert all(counts[value] == rows for value, rows in common)


@settings(deadline=None)
@given(hnp.arrays(np.float64, st.integers(1, 120), elements=CELLS), st.integers(1, 4))
def test_counts_and_ranks_are_those_of_the_cells(values: np.ndarray, k: int) -> None:
    codes = np.random.default_rng(len(values)).integers(0, k, len(values))
    found = tally(values, classes_of(codes, k))
    known = np.isfinite(values)
    assert found.sizes.tolist() == np.bincount(codes[known], minlength=k).tolist()
    assert found.lengths.sum() == known.sum()
    edges = np.array([-1e7, -3.5, 0.0, 0.3, 2.0, 7.0, 1e16])
    expected = [[int((values[known & (codes == c)] < e).sum()) for c in range(k)] for e in edges]
    assert found.below(edges).tolist() == expected
    if known.any():
        ranks = rank_sums(*known_pairs(np.where(known, values, np.nan), codes), k)
        ours = found.rank_sums()
        assert ours.twice.tolist() == ranks.twice.tolist()
        assert ours.counts.tolist() == ranks.counts.tolist()
        assert ours.ties == ranks.ties
        np.testing.assert_array_equal(quantiles(found, (0.0, 1.0)), [values[known].min(), values[known].max()])


@settings(deadline=None)
@given(hnp.arrays(np.float64, st.integers(2, 80), elements=CELLS), st.permutations(range(80)))
def test_the_order_of_rows_does_not_matter(values: np.ndarray, order: list[int]) -> None:
    codes = np.arange(len(values)) % 2
    moved = np.array([i for i in order if i < len(values)])
    one, other = (tally(values[rows], classes_of(codes[rows], 2)) for rows in (np.arange(len(values)), moved))
    assert one.lengths.tolist() == other.lengths.tolist()
    np.testing.assert_array_equal(quantiles(one, SHARES, 1), quantiles(other, SHARES, 1))
    assert one.rank_sums().twice.tolist() == other.rank_sums().twice.tolist()


def test_infinite_cells_are_left_out_wherever_they_are_counted() -> None:
    values = np.array([1.0, np.inf, 2.0, -np.inf, 2.0, np.nan])
    for codes, k in ((np.zeros(6, int), 1), (np.array([0, 0, 1, 1, 1, 0]), 2)):
        found = tally(values, classes_of(codes, k))
        assert isinstance(found, Counted)
        assert found.lengths.tolist() == [1, 2]
        assert found.sizes.sum() == 3


def test_a_column_without_a_value_has_none() -> None:
    found = tally(np.full(4, np.nan), classes_of(np.array([0, 1, 0, 1]), 2))
    assert found.sizes.tolist() == [0, 0]
    assert np.isnan(quantiles(found, SHARES)).all()
    assert np.isnan(found.moments()).all()
    assert found.commonest(5) == []
