"""What must hold for the tests whatever the data: row order, repeated rows, names of classes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_lib.stats.association import association_matrix
from mlops_lib.stats.chi_square import chi_square, contingency
from mlops_lib.stats.features import Feature
from mlops_lib.stats.testing import Answers, run_test


def columns(seed: int, n: int = 120) -> tuple[list[Feature], np.ndarray]:
    rng = np.random.default_rng(seed)
    gaps = rng.normal(size=n)
    gaps[rng.random(n) < 0.2] = np.nan
    found = [
        Feature("ties", "numeric", rng.integers(0, 6, n).astype(float)),
        Feature("gaps", "numeric", gaps),
        Feature("levels", "categorical", rng.integers(-1, 4, n).astype(np.int32), ("a", "b", "c", "d")),
    ]
    return found, rng.integers(0, 3, n)


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_the_order_of_rows_changes_no_test_and_no_association(seed: int) -> None:
    found, target = columns(seed)
    order = np.random.default_rng(seed + 1).permutation(len(target))
    moved = [f.take(order) for f in found]
    for a, b in zip(found, moved, strict=True):
        for one, other in ((target, target[order]), (found[0].values, found[0].values[order])):
            first, second = run_test(a, Answers.of(one)), run_test(b, Answers.of(other))
            assert first.statistic == pytest.approx(second.statistic, rel=1e-10, abs=1e-12)
            assert (first.n, first.df) == (second.n, second.df)
    np.testing.assert_allclose(association_matrix(found).values(), association_matrix(moved).values(), atol=1e-10)


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_the_numbering_of_classes_changes_nothing(seed: int) -> None:
    found, target = columns(seed)
    for feature in found:
        first, second = run_test(feature, Answers.of(target)), run_test(feature, Answers.of(2 - target))
        assert first.statistic == pytest.approx(second.statistic, rel=1e-9, abs=1e-12)
        assert first.strength == pytest.approx(second.strength, rel=1e-9, abs=1e-12)


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_every_row_twice_doubles_chi_square_and_keeps_v(seed: int) -> None:
    found, target = columns(seed)
    once = contingency(found[2].values, target, 4, 3)
    first, second = chi_square(once), chi_square(2 * once)
    assert second.statistic == pytest.approx(2 * first.statistic, rel=1e-10)
    assert second.effect == pytest.approx(first.effect, rel=1e-10)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 1e6), st.floats(-1e6, 1e6))
def test_scale_and_origin_of_a_number_change_no_rank_test(seed: int, scale: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    values, target = rng.integers(0, 1000, 200).astype(float), rng.integers(0, 2, 200)
    moved = np.exp(values / 500) * scale + shift
    if len(np.unique(moved)) != len(np.unique(values)):
        return  # rounding made values equal that were not
    first = run_test(Feature("x", "numeric", values), Answers.of(target))
    second = run_test(Feature("x", "numeric", moved), Answers.of(target))
    assert first.statistic == pytest.approx(second.statistic, rel=1e-10)
