"""What must hold for tables of counts whatever the columns: gaps on both sides, tiny classes, levels without rows."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mlops_lib.stats.chi_square import chi_square, contingency
from mlops_lib.stats.features import Feature
from mlops_lib.stats.mutual import mutual_information
from mlops_lib.stats.testing import Answers, run_test


def columns(seed: int) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Codes of two columns with gaps and classes of a few rows; the last level of the first never occurs."""
    rng = np.random.default_rng(seed)
    n, levels, classes = int(rng.integers(5, 400)), int(rng.integers(2, 8)), int(rng.integers(2, 5))
    a = np.minimum(rng.geometric(0.4, n) - 1, levels - 1).astype(np.int8)
    b = np.minimum(rng.geometric(0.7, n) - 1, classes - 1).astype(np.int16)
    alike = rng.random(n) < rng.random() / 2
    b[alike] = np.minimum(a[alike], classes - 1)
    a[rng.random(n) < 0.1], b[rng.random(n) < 0.1] = -1, -1
    return a, b, levels + 1, classes


@settings(deadline=None)
@given(st.integers(0, 100_000))
def test_gaps_are_left_out_in_pairs(seed: int) -> None:
    a, b, levels, classes = columns(seed)
    known = (a >= 0) & (b >= 0)
    result = chi_square(contingency(a, b, levels, classes))
    assert result.n == known.sum()
    if len(np.unique(a[known])) < 2 or len(np.unique(b[known])) < 2:
        assert not result.possible
        return
    crossed = pd.crosstab(a[known], b[known]).to_numpy()
    expected = stats.chi2_contingency(crossed, correction=False)
    assert result.statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-9)
    assert result.p_reference == pytest.approx(expected.pvalue, rel=1e-9)
    assert 0 < result.p <= 1 or result.p_from == "reference"
    assert result.log_p == pytest.approx(math.log(result.p), abs=1e-12)
    assert 0 <= result.strength <= result.effect <= 1 or result.strength == pytest.approx(result.effect)
    assert 0 < result.detectable <= 1


@settings(deadline=None)
@given(st.integers(0, 100_000))
def test_neither_the_order_of_rows_nor_the_names_of_levels_change_p(seed: int) -> None:
    a, b, levels, classes = columns(seed)
    rng = np.random.default_rng(seed)
    order, names = rng.permutation(len(a)), np.append(rng.permutation(levels), -1)
    first, second = (
        chi_square(contingency(*pair, levels, classes))
        for pair in ((a, b), (names[a][order], b[order].astype(np.int64)))
    )
    assert first.p_from == second.p_from
    assert (first.p, first.statistic) == pytest.approx((second.p, second.statistic), rel=1e-9, nan_ok=True)


@settings(deadline=None)
@given(st.integers(0, 100_000))
def test_information_is_symmetric_and_within_the_entropies(seed: int) -> None:
    a, b, levels, classes = columns(seed)
    one = mutual_information(Feature("a", "categorical", a, tuple(map(str, range(levels)))), Answers(b, classes))
    other = mutual_information(Feature("b", "categorical", b, tuple(map(str, range(classes)))), Answers(a, levels))
    if one.n:
        assert one.nats == pytest.approx(other.nats, abs=1e-12)
        assert one.nats <= min(one.entropy, other.entropy) + 1e-12
        tested = run_test(Feature("a", "categorical", a, tuple(map(str, range(levels)))), Answers(b, classes))
        assert (one.nats == pytest.approx(0, abs=1e-12)) or tested.statistic > 0
