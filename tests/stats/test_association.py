"""Association measures against SciPy and pandas, with gaps pair by pair."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mlops_lib.stats import association, moments
from mlops_lib.stats.association import (
    association_matrix,
    correlation_ratio,
    cramers_v,
    pearson_matrix,
)
from mlops_lib.stats.collinearity import collinearity
from mlops_lib.stats.features import Feature, features_from
from mlops_lib.stats.rank_matrix import spearman_matrix


def gappy(seed: int, n: int = 150) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"a": rng.normal(1e6, 3, n), "b": rng.integers(0, 5, n).astype(float), "c": rng.normal(size=n)}
    )
    frame["d"] = frame["a"] * 2 + frame["c"]
    frame.loc[rng.random(n) < 0.2, "b"] = np.nan
    frame.loc[rng.random(n) < 0.3, "c"] = np.nan
    return frame


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_correlations_are_pandas_pairwise(seed: int) -> None:
    frame = gappy(seed)
    columns = [frame[c].to_numpy() for c in frame]
    np.testing.assert_allclose(pearson_matrix(columns), frame.corr().to_numpy(), atol=1e-9)
    np.testing.assert_allclose(spearman_matrix(columns), frame.corr(method="spearman").to_numpy(), atol=1e-9)


def test_complete_columns_take_the_short_way_to_the_same_numbers() -> None:
    frame = gappy(1)[["a", "d"]]
    columns = [frame[c].to_numpy() for c in frame]
    np.testing.assert_allclose(pearson_matrix(columns), frame.corr().to_numpy(), atol=1e-9)


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_v_is_scipys(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.integers(-1, 4, 120), rng.integers(0, 3, 120)
    b[a == 2] = 1
    plain, corrected = cramers_v(a, b)
    table = pd.crosstab(a[a >= 0], b[a >= 0]).to_numpy()
    assert plain == pytest.approx(stats.contingency.association(table, method="cramer"), rel=1e-9)
    assert 0 <= corrected <= plain + 1e-12


def test_v_of_many_levels_counts_only_pairs_that_occur(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 40, 3000), rng.integers(0, 30, 3000)
    full = cramers_v(a, b)
    monkeypatch.setattr(association, "_DENSE", 0)
    assert cramers_v(a, b) == pytest.approx(full, rel=1e-12)


def test_correlation_ratio_is_the_root_of_r_squared_on_levels() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, 300)
    values = rng.normal(size=300) + codes
    groups = [values[codes == c] for c in range(4)]
    f = stats.f_oneway(*groups).statistic
    plain, corrected = correlation_ratio(codes, values)
    assert plain**2 == pytest.approx(f * 3 / (f * 3 + 296), rel=1e-9)
    assert corrected**2 == pytest.approx(1 - (1 - plain**2) * 299 / 296, rel=1e-12)


def test_independent_columns_of_many_levels_are_near_zero_once_corrected() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 200, 2000), rng.integers(0, 150, 2000)
    plain, corrected = cramers_v(a, b)
    assert plain > 0.2
    assert corrected < 0.05
    plain, corrected = correlation_ratio(a, rng.normal(size=2000))
    assert plain > 0.2
    assert corrected < 0.1


def test_the_matrix_is_symmetric_with_the_rows_of_each_pair() -> None:
    frame = gappy(2)
    frame["k"] = pd.cut(frame["d"], 3, labels=["x", "y", "z"]).astype(str)
    found = association_matrix(
        list(features_from(frame, dict.fromkeys("abcd", "numeric") | {"k": "categorical"}).values())
    )
    for matrix in (found.values("pearson"), found.values("spearman"), found.plain, found.n):
        np.testing.assert_array_equal(matrix, matrix.T)
    assert not np.isnan(found.values()).any()
    assert found.n[1, 2] == (frame["b"].notna() & frame["c"].notna()).sum()
    assert found.plain[3, 4] > 0.8
    assert math.isnan(found.pearson[0, 4])
    assert math.isnan(found.plain[0, 1])


def test_columns_without_variety_have_no_association() -> None:
    columns = [
        Feature("one", "numeric", np.ones(20)),
        Feature("empty", "numeric", np.full(20, np.nan)),
        Feature("x", "numeric", np.arange(20.0)),
        Feature("level", "categorical", np.zeros(20, np.int32), ("a",)),
        Feature("none", "categorical", np.full(20, -1, np.int32), ("a",)),
    ]
    values = association_matrix(columns).values()
    assert values[2, 2] == pytest.approx(1)
    values[2, 2] = np.nan
    assert np.isnan(values).all()


def dythons_v(a: np.ndarray, b: np.ndarray) -> float:
    """Bias-corrected V as dython writes it (`dython.nominal.cramers_v`)."""
    table = pd.crosstab(a, b).to_numpy()
    chi2, n = stats.chi2_contingency(table, correction=False).statistic, table.sum()
    r, k = table.shape
    phi2 = max(0, chi2 / n - (k - 1) * (r - 1) / (n - 1))
    return float(np.sqrt(phi2 / min(k - (k - 1) ** 2 / (n - 1) - 1, r - (r - 1) ** 2 / (n - 1) - 1)))


def dythons_ratio(codes: np.ndarray, values: np.ndarray) -> float:
    """Correlation ratio as dython writes it (`dython.nominal.correlation_ratio`)."""
    groups = [values[codes == c] for c in np.unique(codes)]
    between = sum(len(g) * (g.mean() - values.mean()) ** 2 for g in groups)
    return float(np.sqrt(between / ((values - values.mean()) ** 2).sum()))


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.floats(0, 0.9))
def test_mixed_pairs_are_dythons_formulas_on_the_rows_that_both_have(seed: int, missing: float) -> None:
    rng = np.random.default_rng(seed)
    n = 200
    a, b = rng.integers(0, 5, n), rng.integers(0, 3, n)
    x = 1e6 + rng.normal(size=n) + a
    x[0] = 1e9  # a column whose spread outside a pair's rows is another than inside
    codes = [np.where(rng.random(n) < missing / 2, -1, c).astype(np.int8) for c in (a, b)]
    gappy = np.where(rng.random(n) < missing, np.nan, x)
    columns = [
        Feature("a", "categorical", codes[0]),
        Feature("x", "numeric", gappy),
        Feature("b", "categorical", codes[1]),
    ]
    found = association_matrix(columns)
    both = (codes[0] >= 0) & (codes[1] >= 0)
    assert found.corrected[0, 2] == pytest.approx(dythons_v(codes[0][both], codes[1][both]), rel=1e-9, abs=1e-9)
    for place, c in ((0, codes[0]), (2, codes[1])):
        rows = (c >= 0) & ~np.isnan(gappy)
        assert found.n[1, place] == rows.sum()
        assert found.plain[1, place] == pytest.approx(dythons_ratio(c[rows], gappy[rows]), rel=1e-9, abs=1e-9)


def test_levels_beyond_the_limit_are_taken_column_by_column(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    columns = [
        Feature("k", "categorical", rng.integers(-1, 30, 500).astype(np.int8)),
        Feature("x", "numeric", rng.normal(size=500)),
    ]
    whole = association_matrix(columns)
    monkeypatch.setattr(moments, "MANY_LEVELS", 10)
    np.testing.assert_allclose(association_matrix(columns).plain, whole.plain, rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e150, 1e300, 1e307])
def test_huge_and_tiny_numbers_go_together_as_others_do(scale: float) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 300))
    c = a + 0.5 * b + 0.1 * rng.normal(size=300)
    gaps = np.where(np.arange(300) % 50 == 0, np.inf, 1.0)
    level = Feature("k", "categorical", (b > 0).astype(np.int8), ("x", "y"))
    plain = association_matrix([Feature("a", "numeric", a * gaps), Feature("c", "numeric", c), level])
    scaled = association_matrix([Feature("a", "numeric", a * scale * gaps), Feature("c", "numeric", c * scale), level])
    for measure in ("pearson", "spearman"):
        np.testing.assert_allclose(scaled.values(measure), plain.values(measure), rtol=1e-9)
    moved = collinearity({"a": a * scale, "b": b, "c": c * scale})
    np.testing.assert_allclose(moved.vif, collinearity({"a": a, "b": b, "c": c}).vif, rtol=1e-8)
