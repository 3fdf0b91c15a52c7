"""Mann-Whitney against SciPy, the effects against their definitions, and how well the interval covers."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats
from sklearn.metrics import roc_auc_score

from mlops_lib.stats.auc_interval import newcombe
from mlops_lib.stats.kruskal import kruskal
from mlops_lib.stats.mann_whitney import mann_whitney

CLOSE = {"rel": 1e-9, "abs": 1e-15}


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 200), st.sampled_from(["continuous", "ties", "gaps"]))
def test_it_is_scipys_with_its_defaults(seed: int, few: int, many: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    codes = rng.permutation(np.repeat([0, 1], [many, few]))
    values = rng.normal(size=few + many) + rng.choice([0, 2]) * codes
    if kind == "ties":
        values = np.round(values)
    if kind == "gaps":
        values[rng.random(len(values)) < 0.2] = np.nan
    known = ~np.isnan(values)
    x, y = values[known & (codes == 1)], values[known & (codes == 0)]
    result = mann_whitney(values, codes)
    if not len(x) or not len(y) or np.ptp(values[known]) == 0:
        assert result.reason
        return
    expected = stats.mannwhitneyu(x, y)
    assert result.u == expected.statistic
    assert result.p == pytest.approx(float(expected.pvalue), **CLOSE)
    assert result.log_p == pytest.approx(math.log(result.p), rel=1e-9, abs=1e-12)
    ties = len(np.unique(values[known])) < known.sum()
    assert result.method == ("exact" if min(len(x), len(y)) <= 8 and not ties else "asymptotic")
    assert result.rows == (len(y), len(x))


@pytest.mark.parametrize(("few", "many"), [(1, 2_000), (3, 700), (8, 300), (5, 5), (8, 8)])
def test_exact_p_of_tiny_classes_beside_large_ones(few: int, many: int) -> None:
    rng = np.random.default_rng(few)
    for shift in (0.0, 1.0, 2.0):
        values = rng.normal(size=few + many)
        values[:few] += shift
        result = mann_whitney(values, np.repeat([1, 0], [few, many]))
        expected = stats.mannwhitneyu(values[:few], values[few:], method="exact")
        assert result.method == "exact"
        assert result.p == pytest.approx(expected.pvalue, rel=1e-9)


def test_exact_p_by_listing_every_order() -> None:
    values = np.array([1.0, 2, 3, 4, 5, 6, 7])
    codes = np.array([0, 0, 1, 0, 1, 1, 0])
    u = [sum(a > b for a in c for b in set(values) - set(c)) for c in itertools.combinations(values, 3)]
    result = mann_whitney(values, codes)
    away = abs(result.u - 6)
    assert result.p == pytest.approx(np.mean([abs(v - 6) >= away for v in u]), rel=1e-12)


def test_the_effects_are_what_they_are_called() -> None:
    rng = np.random.default_rng(2)
    codes = rng.integers(0, 2, 500)
    values = np.round(rng.normal(size=500) + codes, 1)
    result = mann_whitney(values, codes)
    x, y = values[codes == 1], values[codes == 0]
    pairs = np.sign(x[:, None] - y[None, :])
    assert result.common_language == pytest.approx(roc_auc_score(codes, values), rel=1e-12)
    assert result.rank_biserial == pytest.approx(pairs.mean(), rel=1e-12)
    low, high = result.interval
    assert low < result.rank_biserial < high
    assert (1 + low) / 2 == pytest.approx(result.common_language_interval[0], rel=1e-12)
    # without the continuity correction z² is H (Kruskal & Wallis 1952)
    spread = (abs(result.u - len(x) * len(y) / 2) - 0.5) / abs(result.z)
    assert ((result.u - len(x) * len(y) / 2) / spread) ** 2 == pytest.approx(kruskal(values, codes, 2).statistic)


def test_swapping_the_classes_turns_the_signs() -> None:
    rng = np.random.default_rng(3)
    values, codes = rng.normal(size=80), np.repeat([0, 1], [30, 50])
    one, other = mann_whitney(values, codes), mann_whitney(values, 1 - codes)
    assert (one.p, one.z) == pytest.approx((other.p, -other.z))
    assert one.rank_biserial == pytest.approx(-other.rank_biserial)
    assert one.interval == pytest.approx((-other.interval[1], -other.interval[0]))


def test_log_p_goes_on_where_p_ends() -> None:
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 1], 20_000)
    result = mann_whitney(rng.normal(size=40_000) + codes, codes)
    assert result.p == 0.0
    assert result.log_p == pytest.approx(math.log(2) + special.log_ndtr(-abs(result.z)), rel=1e-12)


@pytest.mark.parametrize(
    ("values", "codes", "reason"),
    [
        ([1.0, 2, 3], [1, 1, 1], "the target has one class"),
        ([2.0, 2, 2], [0, 1, 1], "it has one value"),
        ([np.nan, 2], [0, -1], "no row has both values"),
        ([1.0, 2, 3], [0, 1, 2], "the target has more classes"),
    ],
)
def test_what_cannot_be_tested_says_why(values: list[float], codes: list[int], reason: str) -> None:
    result = mann_whitney(np.array(values), np.array(codes))
    assert reason in result.reason
    assert math.isnan(result.p)


@pytest.mark.parametrize("auc", [0.0, 0.03, 0.5, 0.81, 1.0])
@pytest.mark.parametrize(("first", "second"), [(5, 9), (40, 40), (980_000, 20_000)])
def test_the_bounds_solve_newcombes_equation(auc: float, first: int, second: int) -> None:
    s = (first + second) / 2 - 1
    for bound, end in zip(newcombe(auc, first, second), (0.0, 1.0), strict=True):
        if auc == end:
            assert bound == end
            continue
        t = bound
        variance = t * (1 - t) * (1 + s * ((1 - t) / (2 - t) + t / (1 + t))) / (first * second)
        assert (auc - t) ** 2 == pytest.approx(1.959963984540054**2 * variance, rel=1e-6)


# (rows of each class, shift in standard deviations): the share of 3,000 draws whose interval held the true value
COVERAGE = {
    (5, 5, 1.0): 0.998, (15, 15, 0.0): 0.970, (15, 15, 1.0): 0.969, (50, 200, 0.5): 0.955, (980, 20, 1.0): 0.945,
    (995, 5, 1.0): 0.941, (100, 100, 2.0): 0.961,
}  # fmt: skip


@pytest.mark.parametrize("case", COVERAGE)
def test_the_interval_covers_as_often_as_the_documentation_says(case: tuple[int, int, float]) -> None:
    first, second, shift = case
    rng = np.random.default_rng(first)
    true = 2 * special.ndtr(shift / math.sqrt(2)) - 1
    codes = np.repeat([0, 1], [first, second])
    hits = 0
    for _ in range(1_000):
        low, high = mann_whitney(rng.normal(size=first + second) + shift * codes, codes).interval
        hits += low <= true <= high
    assert hits / 1_000 == pytest.approx(COVERAGE[case], abs=0.025)


@pytest.mark.parametrize(
    ("rows", "chances", "share"),
    [((4_900, 100), (0.02, 0.1), 0.944), ((500, 500), (0.02, 0.1), 0.957), ((900, 100), (0.3, 0.5), 0.954)],
)
def test_it_covers_a_feature_of_two_values_in_uneven_classes(
    rows: tuple[int, int], chances: tuple[float, float], share: float
) -> None:
    rng = np.random.default_rng(1)
    codes = np.repeat([0, 1], rows)
    hits = 0
    for _ in range(600):
        low, high = mann_whitney((rng.random(len(codes)) < np.take(chances, codes)).astype(float), codes).interval
        hits += low <= chances[1] - chances[0] <= high
    assert hits / 600 == pytest.approx(share, abs=0.03)
