"""Statistics and p-values against SciPy, on random tables with ties, tiny classes and gaps."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import special, stats

from mlops_lib.stats.chi_square import chi_square, contingency
from mlops_lib.stats.features import Feature
from mlops_lib.stats.kruskal import kruskal
from mlops_lib.stats.ranks import midranks
from mlops_lib.stats.spearman import spearman
from mlops_lib.stats.testing import Answers, run_test

CLOSE = {"rel": 1e-9, "abs": 1e-12}


@settings(deadline=None)
@given(
    hnp.arrays(np.int64, hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=6), elements=st.integers(0, 60))
)
def test_chi_square_is_scipys(table: np.ndarray) -> None:
    result = chi_square(table)
    full = table[table.any(axis=1)][:, table.any(axis=0)]
    if min(full.shape, default=0) < 2:
        assert not result.possible
        return
    expected = stats.chi2_contingency(full, correction=False)
    assert result.statistic == pytest.approx(expected.statistic, **CLOSE)
    assert result.df == expected.dof
    assert result.p_reference == pytest.approx(expected.pvalue, **CLOSE)
    assert result.effect == pytest.approx(stats.contingency.association(full, method="cramer"), **CLOSE)
    small = expected.expected_freq < 5
    assert result.assumption_met == (small.mean() <= 0.2 and expected.expected_freq.min() >= 1)


def test_bias_corrected_v_is_bergsmas() -> None:
    table = np.array([[20, 5, 3], [4, 30, 8]])
    n, r, c = 70, 2, 3
    phi = stats.chi2_contingency(table, correction=False).statistic / n
    phi_c = max(0, phi - (r - 1) * (c - 1) / (n - 1))
    expected = math.sqrt(phi_c / min(r - (r - 1) ** 2 / (n - 1) - 1, c - (c - 1) ** 2 / (n - 1) - 1))
    assert chi_square(table).corrected == pytest.approx(expected, rel=1e-12)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5), st.sampled_from(["whole", "coarse", "continuous", "wide"]))
def test_kruskal_is_scipys(seed: int, classes: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(classes * 2, 300))
    values = {
        "whole": rng.integers(-3, 4, n).astype(float),
        "coarse": np.round(rng.normal(size=n), 1),
        "continuous": rng.normal(size=n),
        "wide": rng.integers(-(10**12), 10**12, n).astype(float),
    }[kind]
    codes = rng.integers(0, classes, n)
    values[rng.random(n) < 0.1] = np.nan
    known = ~np.isnan(values)
    groups = [values[known & (codes == c)] for c in range(classes)]
    groups = [g for g in groups if len(g)]
    result = kruskal(values, codes, classes)
    if len(groups) < 2 or len(np.unique(values[known])) < 2:
        assert not result.possible
        return
    expected = stats.kruskal(*groups)
    assert result.statistic == pytest.approx(expected.statistic, **CLOSE)
    assert result.p == pytest.approx(expected.pvalue, **CLOSE)
    n = int(known.sum())
    assert result.n == n
    assert result.effect == pytest.approx(min(1, expected.statistic / (n - 1)), **CLOSE)
    assert result.assumption_met == (min(map(len, groups)) >= 5)


def test_kruskal_beside_scipy_at_a_large_n() -> None:
    rng = np.random.default_rng(3)
    codes = (rng.random(200_000) < 0.02).astype(np.int8)
    values = np.round(rng.normal(size=200_000) + 0.3 * codes, 2)
    expected = stats.kruskal(values[codes == 0], values[codes == 1])
    assert kruskal(values, codes, 2).statistic == pytest.approx(expected.statistic, rel=1e-9)


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_spearman_is_scipys(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(6, 200))
    a, b = rng.integers(0, 8, n).astype(float), np.round(rng.normal(size=n), 1)
    b += rng.choice([0.0, 0.5]) * a
    a[rng.random(n) < 0.1], b[rng.random(n) < 0.1] = np.nan, np.nan
    known = ~(np.isnan(a) | np.isnan(b))
    result = spearman(a, b)
    if known.sum() < 4 or len(np.unique(a[known])) < 2 or len(np.unique(b[known])) < 2:
        assert not result.possible
        return
    expected = stats.spearmanr(a[known], b[known])
    assert result.statistic == pytest.approx(expected.statistic, **CLOSE)
    assert result.p_reference == pytest.approx(expected.pvalue, **CLOSE)
    if known.sum() >= 10 and abs(result.statistic) < 1:
        assert (result.p_from, result.p) == ("reference", result.p_reference)


@pytest.mark.parametrize(
    ("a", "b"),
    [((1, 2, 3, 4), (1, 2, 3, 4)), ((1, 2, 2, 4, 5), (5, 3, 4, 4, 1)), ((1, 2, 3, 4, 5, 6), (2, 1, 4, 3, 6, 5))],
)
def test_p_of_few_pairs_is_the_share_of_all_orders(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    result = spearman(np.array(a, float), np.array(b, float), intervals=True)
    with np.errstate(divide="ignore"):
        every = [abs(stats.spearmanr(a, order).statistic) for order in permutations(b)]
    assert result.p == pytest.approx(np.mean(np.array(every) >= abs(result.statistic) - 1e-12))
    assert result.p_from == "All orders"
    assert math.isfinite(result.log_p)
    low, high = result.effect_interval or (math.nan, math.nan)
    assert low < abs(result.statistic) <= high


def test_a_perfect_order_of_many_pairs_has_a_finite_logarithm_of_p() -> None:
    result = spearman(np.arange(12.0), -np.arange(12.0))
    assert result.p == pytest.approx(2 / math.factorial(12))
    assert result.p_reference == 0.0
    two = np.repeat([0.0, 1.0], [5, 7])
    assert spearman(two, two).p == pytest.approx(2 / math.comb(12, 5))
    assert math.isfinite(spearman(np.arange(5_000.0), np.arange(5_000.0)).log_p)


def test_spearman_of_a_perfect_order_is_one_and_of_many_rows_scipys() -> None:
    rng = np.random.default_rng(9)
    a = rng.normal(size=300_000)
    assert spearman(a, np.exp(a)).statistic == 1.0
    assert spearman(a, -np.round(a, 12)).statistic == pytest.approx(-1.0, abs=1e-12)
    b = np.round(a + 3 * rng.normal(size=300_000), 1)
    assert spearman(a, b).statistic == pytest.approx(stats.spearmanr(a, b).statistic, rel=1e-9)


def test_ranks_of_the_target_are_used_again_only_where_no_row_is_missing() -> None:
    rng = np.random.default_rng(10)
    values, target = rng.normal(size=400), np.round(rng.normal(size=400), 1)
    answers = Answers.of(target)
    assert run_test(Feature("a", "numeric", values), answers) == spearman(values, target)
    values[:50] = np.nan
    assert run_test(Feature("a", "numeric", values), answers) == spearman(values[50:], target[50:])


@settings(deadline=None)
@given(hnp.arrays(np.float64, st.integers(1, 60), elements=st.floats(-5, 5).map(lambda v: round(v, 1))))
def test_midranks_are_scipys(values: np.ndarray) -> None:
    np.testing.assert_array_equal(midranks(values), stats.rankdata(values))


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_intervals_hold_the_estimate_and_invert_the_distribution(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(0, 4, 300), rng.integers(0, 3, 300)
    alike = rng.random(300) < rng.random()
    columns[alike] = np.minimum(rows[alike], 2)
    result = chi_square(contingency(rows, columns, 4, 3), intervals=True)
    if not result.possible:
        return
    assert result.effect_interval is not None
    assert result.strength_interval is not None
    low, high = result.strength_interval
    assert 0 <= low <= result.strength <= high + 1e-12 <= 1 + 1e-12
    for bound, tail in ((result.effect_interval[0], 0.975), (result.effect_interval[1], 0.025)):
        if 0 < bound < 1:
            noncentrality = bound**2 * result.n * min(3, 2)
            assert stats.ncx2.cdf(result.statistic, result.df, noncentrality) == pytest.approx(tail, abs=1e-6)


def test_the_interval_covers_the_true_effect_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    joint = np.array([[0.30, 0.10], [0.15, 0.45]])
    margins = np.outer(joint.sum(1), joint.sum(0))
    true = math.sqrt(((joint - margins) ** 2 / margins).sum())
    hits = 0
    for _ in range(400):
        table = rng.multinomial(150, joint.ravel()).reshape(2, 2)
        bounds = chi_square(table, intervals=True).effect_interval
        assert bounds is not None
        hits += bounds[0] <= true <= bounds[1]
    assert 0.90 <= hits / 400 <= 0.99


def test_log_p_goes_on_where_p_ends() -> None:
    rng = np.random.default_rng(1)
    codes = np.repeat([0, 1], 50_000)
    strong = kruskal(rng.normal(size=100_000) + codes, codes, 2)
    assert strong.p == 0.0
    # for one degree of freedom P(X >= x) = 2 P(Z >= sqrt(x)), whose logarithm SciPy has
    assert strong.log_p == pytest.approx(math.log(2) + special.log_ndtr(-math.sqrt(strong.statistic)), rel=1e-10)
    weak = kruskal(rng.normal(size=100), codes[::1000], 2)
    assert weak.log_p == pytest.approx(math.log(weak.p), rel=1e-12)


def test_log_p_of_a_correlation_goes_on_where_p_ends() -> None:
    a = np.arange(30_000.0)
    b = a + np.random.default_rng(0).normal(0, 30_000, 30_000)
    result = spearman(a, b)
    # with 30,000 pairs t is normal but for a relative term of about t^4 / (4 df) in the logarithm
    t2 = result.statistic**2 * (result.n - 2) / (1 - result.statistic**2)
    direct = -(result.df + 1) / 2 * math.log1p(t2 / result.df)
    assert result.p == 0.0
    assert result.log_p == pytest.approx(direct, abs=12)


def test_each_pair_of_kinds_gets_its_test() -> None:
    number, text = np.array([1.0, 2, 3, 4, 5, 6]), np.array([0, 0, 1, 1, 2, 2], np.int32)
    numeric, categorical = Feature("a", "numeric", number), Feature("b", "categorical", text, ("x", "y", "z"))
    classes, numbers = Answers.of(np.array([0, 0, 0, 1, 1, 1], np.int8)), Answers.of(number[::-1].copy())
    assert run_test(numeric, classes).test == "Kruskal-Wallis"
    assert run_test(categorical, classes).test == "chi-square"
    assert run_test(numeric, numbers).statistic == -1.0
    assert run_test(categorical, numbers).test == "Kruskal-Wallis"


@pytest.mark.parametrize(
    ("feature", "target", "reason"),
    [
        (Feature("a", "numeric", np.full(6, 2.0)), np.array([0, 1] * 3), "it has one value"),
        (Feature("a", "numeric", np.full(6, np.nan)), np.array([0, 1] * 3), "no row has both values"),
        (Feature("a", "numeric", np.arange(6.0)), np.zeros(6, int), "the target has one class"),
        (Feature("a", "categorical", np.zeros(6, int), ("x",)), np.array([0, 1] * 3), "it has one value"),
        (Feature("a", "categorical", np.full(6, -1), ("x",)), np.array([0, 1] * 3), "no row has both values"),
        (Feature("a", "categorical", np.zeros(6, int), ("x",)), np.arange(6.0), "it has one value"),
        (Feature("a", "categorical", np.array([0, 1] * 3), ("x", "y")), np.full(6, 1.5), "the target has one value"),
        (Feature("a", "numeric", np.full(6, 1.0)), np.arange(6.0), "it has one value"),
        (Feature("a", "numeric", np.array([1, 2] + [np.nan] * 4)), np.arange(6.0), "only 2 rows"),
    ],
)
def test_what_cannot_be_tested_says_why(feature: Feature, target: np.ndarray, reason: str) -> None:
    result = run_test(feature, Answers.of(target), intervals=True)
    assert not result.possible
    assert reason in result.assumption
    assert math.isnan(result.p)
