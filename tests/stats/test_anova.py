"""Welch's analysis of variance against statsmodels, the classical one against SciPy, effects by their formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.oneway import anova_oneway, confint_effectsize_oneway

from mlops_lib.stats.anova import welch
from mlops_lib.stats.tails import f_tail


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6), st.sampled_from([1.0, 1e-9, 1e150]), st.sampled_from([0.0, 1e4]))
def test_it_is_statsmodels_and_scipys(seed: int, classes: int, scale: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(10, 300))
    codes = rng.integers(0, classes, n)
    plain = np.round(rng.normal(size=n) * (1 + codes) + rng.choice([0.0, 0.5]) * codes, 2) + shift
    plain[rng.random(n) < 0.1] = np.nan
    groups = [plain[~np.isnan(plain) & (codes == c)] for c in range(classes)]
    groups = [g for g in groups if len(g)]
    result = welch(plain * scale, codes, classes)
    if len(groups) < 2 or min(len(g) for g in groups) < 2 or min(np.ptp(g) for g in groups) == 0:
        assert result.reason
        assert math.isnan(result.f)
        return
    groups = [g - shift for g in groups]  # statsmodels loses digits to a distant origin
    expected, classical = anova_oneway(groups, use_var="unequal"), stats.f_oneway(*groups)
    assert result.f == pytest.approx(expected.statistic, rel=1e-9)
    assert (result.df1, result.df2) == pytest.approx(expected.df, rel=1e-9)
    assert result.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert result.log_p == pytest.approx(math.log(result.p), rel=1e-9, abs=1e-12)
    assert result.classical_f == pytest.approx(classical.statistic, rel=1e-9)
    assert result.classical_p == pytest.approx(classical.pvalue, rel=1e-9)
    everything = np.concatenate(groups)
    between = sum(len(g) * (g.mean() - everything.mean()) ** 2 for g in groups)
    total = ((everything - everything.mean()) ** 2).sum()
    n, k = len(everything), len(groups)
    mean_square = (total - between) / (n - k)
    assert result.eta_squared == pytest.approx(between / total, rel=1e-9)
    omega = (between - (k - 1) * mean_square) / (total + mean_square)
    assert result.omega_squared == pytest.approx(max(0.0, omega), rel=1e-8, abs=1e-12)


def test_a_published_example() -> None:
    # Welch's test in R's ?oneway.test: extra sleep by group, F = 3.4626 on 1 and 17.776 degrees of freedom, p = 0.07939
    extra = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0, 1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    result = welch(np.array(extra), np.repeat([0, 1], 10), 2)
    assert (result.f, result.df2, result.p) == pytest.approx((3.4626, 17.776, 0.07939), abs=5e-4)


@pytest.mark.parametrize("shift", [0.0, 0.3, 1.0])
def test_the_interval_inverts_the_noncentral_f(shift: float) -> None:
    rng = np.random.default_rng(5)
    codes = np.repeat(np.arange(3), 50)
    result = welch(rng.normal(size=150) + shift * codes, codes, 3)
    for bound, tail in zip(result.interval, (0.975, 0.025), strict=True):
        size = 150 * bound / (1 - bound)
        if bound:
            assert stats.ncf.cdf(result.classical_f, 2, 147, size) == pytest.approx(tail, abs=1e-9)
        else:
            assert stats.f.cdf(result.classical_f, 2, 147) <= tail
    theirs = confint_effectsize_oneway(result.classical_f, (2, 147), nobs=150)  # which is solved to three digits
    np.testing.assert_allclose(result.interval, np.maximum(theirs.eta2, 0), atol=1e-3)


def test_the_interval_of_a_strong_effect_in_a_million_rows() -> None:
    rng = np.random.default_rng(6)
    codes = rng.integers(0, 4, 1_000_000)
    result = welch(rng.normal(size=1_000_000) + codes, codes, 4)
    low, high = result.interval
    assert low < 1.25 / 2.25 < high  # the variance of 0, 1, 2, 3 over that and the noise
    assert high - low < 0.01
    assert result.p == 0.0
    assert result.log_p < -100_000


def test_log_p_of_f_goes_on_where_p_ends() -> None:
    # for two numerator degrees P(F >= f) = (1 + 2f/df)^(-df/2)
    for f in (200.0, 2_000.0):
        p, log_p = f_tail(f, 2, 5_000)
        direct = -2_500 * math.log1p(2 * f / 5_000)
        assert log_p == pytest.approx(direct, rel=1e-10)
        assert p == pytest.approx(math.exp(direct), rel=1e-9)


@pytest.mark.parametrize(
    ("values", "codes", "reason"),
    [
        ([], [], "no row has both values"),
        ([1.0, 2], [0, 0], "the target has one class"),
        ([3.0, 3, 3, 3], [0, 0, 1, 1], "it has one value"),
        ([1.0, 2, 3], [0, 0, 1], "one class has a single row"),
        ([1.0, 2, 3, 4], [0, 0, 1, 2], "2 classes have a single row each"),
        ([0.1, 0.1, 0.1, 3, 4], [0, 0, 0, 1, 1], "one class has one value"),
        ([0.1, 0.1, 0.3, 0.3], [0, 0, 1, 1], "2 classes have one value each"),
        ([1.0, np.inf, 3, 4], [0, 0, 1, 1], "it has infinite values"),
    ],
)
def test_what_cannot_be_tested_says_why(values: list[float], codes: list[int], reason: str) -> None:
    result = welch(np.array(values), np.array(codes, dtype=np.int64), 3)
    assert reason in result.reason
    assert math.isnan(result.p)


# (rows of each class, shift between neighbouring classes): the share of 800 draws whose interval holds the true value
COVERAGE = {(10, 0.0): 0.975, (10, 0.5): 0.95, (60, 0.5): 0.95, (60, 1.5): 0.95}


@pytest.mark.parametrize("case", COVERAGE)
def test_the_interval_of_eta_squared_covers_as_often_as_the_documentation_says(case: tuple[int, float]) -> None:
    rows, shift = case
    rng = np.random.default_rng(rows)
    codes = np.repeat(np.arange(3), rows)
    between = shift**2 * 2 / 3
    true = between / (1 + between)
    hits = 0
    for _ in range(800):
        low, high = welch(rng.normal(size=3 * rows) + shift * codes, codes, 3).interval
        hits += low <= true <= high
    assert hits / 800 == pytest.approx(COVERAGE[case], abs=0.025)
