"""Fisher's exact test and drawn tables, against SciPy, full enumeration and published examples."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from scipy.stats import gamma, random_table

from mlops_lib.objects.errors import InputError
from mlops_lib.stats.exact import EXCEEDING, fisher, matched_moments, monte_carlo


def test_the_lady_tasting_tea() -> None:
    # Fisher 1935, The Design of Experiments, chapter II, with three of four cups right: Agresti 2002, Categorical Data
    # Analysis, 2nd ed., section 3.5.2: P = 0.486 two-sided, which is 34/70.
    found = fisher(np.array([[3, 1], [1, 3]]))
    assert found.p == pytest.approx(34 / 70, rel=1e-14)
    assert found.statistic == 9.0
    assert fisher(np.array([[4, 0], [0, 4]])).p == pytest.approx(2 / 70, rel=1e-14)


@settings(deadline=None, max_examples=300)
@given(hnp.arrays(np.int64, (2, 2), elements=st.integers(0, 60)))
def test_fisher_is_scipys(table: np.ndarray) -> None:
    expected, found = stats.fisher_exact(table), fisher(table)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-9, abs=1e-300)
    assert found.log_p == pytest.approx(math.log(found.p), abs=1e-12)
    if table.any(axis=0).all() and table.any(axis=1).all():
        assert found.statistic == pytest.approx(expected.statistic, rel=1e-12)


@pytest.mark.parametrize(
    "table", [[[12, 988], [30, 98_970]], [[400, 600], [4_000, 95_000]], [[3, 9_997], [0, 90_000]], [[50, 50], [50, 50]]]
)
def test_fisher_of_many_rows_is_scipys(table: list[list[int]]) -> None:
    assert fisher(np.array(table)).p == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-9)


def test_fisher_of_a_million_rows_is_that_of_whole_numbers() -> None:
    table = np.array([[6, 994], [1_994, 997_006]])
    row, column, n = 1_000, 2_000, 1_000_000
    weights = [math.comb(row, k) * math.comb(n - row, column - k) for k in range(row + 1)]
    expected = Fraction(sum(w for w in weights if w <= weights[6]), sum(weights))
    assert fisher(table).p == pytest.approx(float(expected), rel=1e-10)


def test_log_p_of_fisher_goes_on_where_p_ends() -> None:
    found = fisher(np.array([[1_000, 0], [0, 1_000]]))
    assert found.p == 0.0
    assert found.log_p == pytest.approx(math.log(2) - (math.lgamma(2_001) - 2 * math.lgamma(1_001)), rel=1e-9)


def test_fisher_is_for_two_by_two_tables() -> None:
    with pytest.raises(InputError, match=r"shape \(2, 3\)"):
        fisher(np.ones((2, 3), int))


def enumerated(table: np.ndarray) -> float:
    """P of chi-square over all 3 x 3 tables with the same margins, in whole numbers."""
    rows, columns, n = table.sum(axis=1).tolist(), table.sum(axis=0).tolist(), int(table.sum())

    def chi(cells: np.ndarray) -> Fraction:
        return sum(Fraction(int(o) ** 2, rows[i] * columns[j]) for (i, j), o in np.ndenumerate(cells))

    observed, weight, whole = chi(table), Fraction(0), Fraction(0)
    for a, b, c, d in product(*(range(min(rows[i], columns[j]) + 1) for i in (0, 1) for j in (0, 1))):
        top, middle = (a, b, rows[0] - a - b), (c, d, rows[1] - c - d)
        bottom = tuple(columns[j] - top[j] - middle[j] for j in range(3))
        cells = np.array([top, middle, bottom])
        if cells.min() < 0:
            continue
        assert cells.sum() == n
        chance = Fraction(1, math.prod(math.factorial(int(v)) for v in cells.ravel()))
        whole += chance
        weight += chance if chi(cells) >= observed else 0
    return float(weight / whole)


@pytest.mark.parametrize(
    "table",
    [
        [[3, 0, 1], [1, 4, 0], [0, 2, 3]],
        [[5, 0, 0], [0, 4, 1], [1, 0, 3]],
        [[2, 1, 1], [1, 2, 1], [1, 1, 2]],
        [[6, 1, 0], [2, 0, 0], [3, 0, 2]],
        [[1, 0, 0], [0, 1, 0], [4, 5, 3]],
    ],
)
def test_drawn_tables_come_close_to_all_tables(table: list[list[int]]) -> None:
    counts = np.array(table)
    true = enumerated(counts)
    drawn = monte_carlo(counts, seed=4)
    # The error of EXCEEDING / l is about p sqrt((1 - p) / EXCEEDING), that of (g + 1) / (N + 1) sqrt(p (1 - p) / N).
    error = max(true * math.sqrt((1 - true) / EXCEEDING), math.sqrt(true * (1 - true) / 10_000))
    assert drawn.p == pytest.approx(true, abs=4 * error + 1e-4)


def test_drawn_tables_agree_with_scipys() -> None:
    table = np.array([[9, 1, 0, 2], [4, 6, 1, 3], [1, 2, 5, 2]])
    method = stats.MonteCarloMethod(n_resamples=9_999, rng=np.random.default_rng(3))
    expected = stats.chi2_contingency(table, correction=False, method=method)
    found = monte_carlo(table)
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-12)
    assert found.p == pytest.approx(expected.pvalue, abs=4 * math.sqrt(2 * expected.pvalue / 10_000))


@settings(deadline=None, max_examples=25)
@given(
    hnp.arrays(np.int64, st.tuples(st.integers(2, 6), st.integers(2, 5)), elements=st.integers(0, 6)),
    st.integers(0, 1_000),
)
def test_the_seed_fixes_p_and_no_order_changes_it(table: np.ndarray, seed: int) -> None:
    full = table[table.any(axis=1)][:, table.any(axis=0)]
    if min(full.shape, default=0) < 2:
        with pytest.raises(InputError, match="nothing to test"):
            monte_carlo(table)
        return
    first = monte_carlo(table, seed=seed)
    assert first == monte_carlo(table, seed=seed)
    rng = np.random.default_rng(seed)
    moved = table[rng.permutation(len(table))][:, rng.permutation(table.shape[1])]
    assert monte_carlo(moved, seed=seed).p == first.p
    assert monte_carlo(table.T, seed=seed).p == first.p


def test_the_words_tell_how_p_came_about() -> None:
    strong = monte_carlo(np.array([[9, 0, 0], [0, 9, 0], [0, 0, 9]]), seed=7)
    assert strong.p == 1 / 10_001
    assert strong.words == (
        "Monte Carlo: 0 of 10,000 tables drawn with the same totals (seed 7) are at least as far from independence; "
        "p = (0 + 1) / (10,000 + 1)"
    )
    weak = monte_carlo(np.array([[3, 2, 1], [2, 3, 1], [1, 2, 2]]), seed=7)
    drawn = round(EXCEEDING / weak.p)
    assert EXCEEDING <= drawn < 1_000
    assert weak.words.startswith(f"Monte Carlo: 500 of {drawn:,} tables")
    assert weak.words.endswith(f"drawing stopped there, p = 500 / {drawn:,}")


def test_fewer_tables_may_be_drawn() -> None:
    found = monte_carlo(np.array([[9, 0, 0], [0, 9, 0], [0, 0, 9]]), tables=99)
    assert found.p == 1 / 100
    independent = monte_carlo(np.full((2, 3), 2), tables=99)
    assert independent.p == 1.0


def test_under_independence_small_p_is_no_more_frequent_than_it_says() -> None:
    rng = np.random.default_rng(8)
    family = stats.random_table([7, 4, 3, 2], [10, 4, 2])
    p = np.array([monte_carlo(t, seed=i, tables=2_000).p for i, t in enumerate(family.rvs(size=400, random_state=rng))])
    for level in (0.01, 0.05, 0.1, 0.3):
        assert (p <= level).mean() <= level + 3 * math.sqrt(level * (1 - level) / 400)
    assert (p <= 0.3).mean() > 0.15


def test_matched_moments_are_those_of_all_tables_with_the_same_totals() -> None:
    table = np.array([[3, 1, 0], [1, 2, 2], [0, 0, 1]])
    found = matched_moments(table)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    expected = np.outer(rows, columns) / table.sum()
    inner = product(*(range(min(rows[i], columns[j]) + 1) for i in (0, 1) for j in (0, 1)))
    top = [np.array(cells).reshape(2, 2) for cells in inner]
    wide = [np.c_[t, rows[:2] - t.sum(axis=1)] for t in top]
    every = [t for t in (np.r_[w, [columns - w.sum(axis=0)]] for w in wide) if t.min() >= 0]
    chances = np.array([random_table(rows, columns).pmf(t) for t in every])
    distances = np.array([((t - expected) ** 2 / expected).sum() for t in every])
    mean = float(chances @ distances)
    variance = float(chances @ (distances - mean) ** 2)
    assert chances.sum() == pytest.approx(1.0)
    assert found.statistic == pytest.approx(((table - expected) ** 2 / expected).sum(), rel=1e-12)
    assert found.df == pytest.approx(2 * mean**2 / variance, rel=1e-9)
    assert found.p == pytest.approx(gamma.sf(found.statistic, mean**2 / variance, scale=variance / mean), rel=1e-9)


def test_where_each_row_has_a_level_of_its_own_nothing_is_found() -> None:
    found = matched_moments(np.array([[1, 0]] * 150 + [[0, 1]] * 60))
    assert (found.p, found.log_p) == (1.0, 0.0)


@pytest.mark.parametrize("table", [[[1, 1], [1, 0]], [[2, 3], [0, 0]], [[2, 3]]])
def test_moments_need_rows_and_columns_that_occur(table: list[list[int]]) -> None:
    with pytest.raises(InputError):
        matched_moments(np.array(table))
