"""Control limits exclude exactly what is too unlikely, and groups differ as SciPy says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mlops_lib.stats.funnel import binomial_limits, mean_limits
from mlops_lib.stats.group_levels import mean_levels, numbers_differ, share_levels, shares_differ


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 300), st.floats(0.001, 0.999), st.sampled_from([0.95, 0.998]))
def test_a_share_lies_outside_exactly_where_its_tail_is_too_small(n: int, share: float, level: float) -> None:
    low, high = (float(v[0]) for v in binomial_limits(np.array([n]), share, level))
    hits, tail = np.arange(n + 1), (1 - level) / 2
    few, many = stats.binom.cdf(hits, n, share), stats.binom.sf(hits - 1, n, share)
    clear = (np.abs(few - tail) > 1e-9) & (np.abs(many - tail) > 1e-9)
    np.testing.assert_array_equal((hits / n < low - 1e-12)[clear], (few < tail)[clear])
    np.testing.assert_array_equal((hits / n > high + 1e-12)[clear], (many < tail)[clear])
    assert 0 <= low <= high <= 1


def test_limits_close_in_on_the_share_and_those_of_means_are_normal() -> None:
    n = np.array([10, 100, 10_000, 1_000_000])
    low, high = binomial_limits(n, 0.2, 0.95)
    assert (np.diff(high - low) < 0).all()
    assert high[-1] == pytest.approx(0.2 + 1.96 * np.sqrt(0.16 / 1e6), abs=2e-6)
    low, high = mean_limits(np.array([25]), 10.0, 5.0, 0.998)
    assert (low[0], high[0]) == pytest.approx(stats.norm.interval(0.998, 10, 1), rel=1e-12)
    assert [float(v[0]) for v in binomial_limits(np.array([4]), 0.0, 0.95)] == [0, 0]


def test_levels_and_differences_are_those_of_scipy() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(-1, 5, 800)
    hits = rng.random(800) < 0.2 + 0.05 * codes
    values = rng.normal(codes, 3)
    rows = np.bincount(codes[codes >= 0], minlength=6)
    shares, means = share_levels(codes, rows, hits), mean_levels(codes, rows, values)
    inside = codes >= 0
    table = np.stack([rows[:5] - shares.hits[:5], shares.hits[:5]])
    found, theirs = shares_differ(shares), stats.chi2_contingency(table, correction=False)
    assert (found.statistic, found.df, found.p) == pytest.approx(
        (theirs.statistic, theirs.dof, theirs.pvalue), rel=1e-9
    )
    ranked, by_rank = numbers_differ(codes, 6, values), stats.kruskal(*(values[codes == c] for c in range(5)))
    assert (ranked.statistic, ranked.p) == pytest.approx((by_rank.statistic, by_rank.pvalue), rel=1e-9)
    assert shares.overall == pytest.approx(hits[inside].mean())
    assert means.overall == pytest.approx(values[inside].mean())
    assert means.spread == pytest.approx(values[inside].std(ddof=1))
    assert np.isnan([shares.level[5], shares.low[5], means.level[5], means.low[5]]).all()
    for code in range(5):
        part = values[codes == code]
        assert means.level[code] == pytest.approx(part.mean(), rel=1e-12)
        assert means.high[code] == pytest.approx(part.mean() + 1.959963984540054 * stats.sem(part), rel=1e-12)
        wilson = stats.binomtest(int(shares.hits[code]), int(rows[code])).proportion_ci(method="wilson")
        assert (shares.low[code], shares.high[code]) == pytest.approx(tuple(wilson), rel=1e-9)


def test_a_group_of_zeros_has_the_mean_zero() -> None:
    found = mean_levels(np.array([0, 0, 1, 1]), np.array([2, 2]), np.array([0.0, 0.0, 0.1, 1e9]))
    assert found.level[0] == 0


def test_one_group_or_one_class_has_no_test() -> None:
    one = share_levels(np.zeros(4, int), np.array([4]), np.array([True, False, True, False]))
    same = share_levels(np.array([0, 1]), np.array([1, 1]), np.array([True, True]))
    assert shares_differ(one).test == shares_differ(same).test == "none"
    assert numbers_differ(np.zeros(3, int), 1, np.arange(3.0)).test == "none"
