"""Mutual information against scikit-learn, a textbook example and what it must be by its definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import mutual_info_score

from mlops_lib.stats.features import Feature
from mlops_lib.stats.mutual import BINS, mutual_information, mutual_informations
from mlops_lib.stats.testing import Answers


def categorical(codes: np.ndarray, levels: int | None = None) -> Feature:
    size = levels or int(codes.max()) + 1
    return Feature("a", "categorical", codes, tuple(f"level {i}" for i in range(size)))


def numeric(values: np.ndarray) -> Feature:
    return Feature("a", "numeric", np.asarray(values, np.float64))


def test_the_textbook_example() -> None:
    # Cover & Thomas 2006, Elements of Information Theory, 2nd ed., example 2.2.1: H(X) = 7/4 bits, H(Y) = 2 bits,
    # I(X; Y) = 3/8 bit.
    table = np.array([[4, 2, 1, 1], [2, 4, 1, 1], [2, 2, 2, 2], [8, 0, 0, 0]])
    y, x = (np.repeat(axis.ravel(), table.ravel()) for axis in np.indices(table.shape))
    found = mutual_information(categorical(y), Answers.of(x))
    assert found.nats == pytest.approx(3 / 8 * math.log(2), rel=1e-12)
    assert found.entropy == pytest.approx(7 / 4 * math.log(2), rel=1e-12)
    # 13 cells, 4 rows and 4 columns occur in 32 observations
    assert found.corrected == pytest.approx(3 / 8 * math.log(2) - (13 - 4 - 4 + 1) / 64, rel=1e-12)
    assert found.share == pytest.approx(found.corrected / found.entropy)
    assert (found.n, found.feature_bins, found.target_bins, found.binned) == (32, 0, 0, "")


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(1, 6))
def test_categories_are_scikit_learns(seed: int, levels: int, classes: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 400))
    codes, target = rng.integers(-1, levels, n).astype(np.int8), rng.integers(0, classes, n)
    known = codes >= 0
    found = mutual_information(categorical(codes, levels), Answers.of(target))
    assert found.n == known.sum()
    if found.n == 0:
        assert math.isnan(found.nats)
        return
    assert found.nats == pytest.approx(mutual_info_score(codes[known], target[known]), rel=1e-9, abs=1e-14)
    assert found.corrected >= 0
    if len(np.unique(target[known])) < 2:
        assert math.isnan(found.share)
    else:
        assert 0 <= found.share <= 1


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_few_values_stand_for_themselves(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, target = rng.integers(-20, 40, 500).astype(float), rng.integers(0, 3, 500)
    target[values > 10] = 1
    values[rng.random(500) < 0.1] = np.nan
    known = ~np.isnan(values)
    found = mutual_information(numeric(values), Answers.of(target))
    assert found.feature_bins == 0
    assert found.nats == pytest.approx(mutual_info_score(values[known], target[known]), rel=1e-9, abs=1e-14)


def test_many_values_are_put_into_bins_of_equal_size() -> None:
    rng = np.random.default_rng(2)
    values, target = rng.lognormal(size=6_400), rng.integers(0, 2, 6_400)
    target[values > 2] = 1
    rank = np.argsort(np.argsort(values))
    found = mutual_information(numeric(values), Answers.of(target))
    assert found.feature_bins == BINS
    assert found.binned == "the feature in 64 bins of about equal size"
    assert found.nats == pytest.approx(mutual_info_score(rank // 100, target), rel=1e-12)


def test_a_value_that_fills_bins_gets_one_of_its_own() -> None:
    rng = np.random.default_rng(3)
    values = rng.random(100_000)
    values[:60_000] = 0.0
    zero = (values == 0).astype(np.int8)
    found = mutual_information(numeric(values), Answers.of(zero))
    assert found.nats == pytest.approx(found.entropy, rel=1e-12)
    seldom = np.ones(100_000)
    seldom[-500:] += rng.random(500) + 1
    found = mutual_information(numeric(seldom), Answers.of((seldom > 1).astype(np.int8)))
    assert found.share == 1.0


def test_a_numeric_target_is_put_into_bins_once_for_all_columns() -> None:
    rng = np.random.default_rng(4)
    target = rng.normal(size=64_000)
    columns = [numeric(target + rng.normal(size=64_000)), numeric(rng.normal(size=64_000)), categorical(target > 0)]
    target[::1_000] = np.nan
    found = mutual_informations(columns, Answers.of(target))
    assert found == tuple(mutual_information(column, Answers.of(target)) for column in columns)
    assert [m.target_bins for m in found] == [BINS] * 3
    assert found[0].n == 64_000 - 64
    assert found[0].binned == "the feature in 64 bins of about equal size and the target in 64 bins of about equal size"
    # For normal variables with correlation sqrt(1/2) the information is -log(1 - 1/2) / 2; bins lose a little of it.
    assert math.log(2) / 2 * 0.97 < found[0].corrected < math.log(2) / 2
    assert found[1].nats == pytest.approx(63 * 63 / 2 / 64_000, rel=0.1)
    assert found[1].corrected < 0.1 * found[1].nats
    # Only the bin around 0 holds values of both signs.
    assert math.log(2) * 63 / 64 <= found[2].nats < math.log(2)


def test_nothing_known_has_no_information() -> None:
    nothing = mutual_information(numeric(np.full(9, np.nan)), Answers.of(np.arange(9) % 2))
    assert math.isnan(nothing.nats)
    assert nothing.n == 0
    assert math.isnan(mutual_information(numeric(np.arange(9.0)), Answers.of(np.full(9, np.nan))).nats)


def test_the_order_of_rows_changes_nothing() -> None:
    rng = np.random.default_rng(6)
    values, target = np.round(rng.normal(size=20_000), 2), rng.normal(size=20_000)
    order = rng.permutation(20_000)
    first = mutual_information(numeric(values), Answers.of(target))
    second = mutual_information(numeric(values[order]), Answers.of(target[order]))
    assert first.nats == pytest.approx(second.nats, rel=1e-12)
    assert first.feature_bins == second.feature_bins


@pytest.mark.parametrize("classes", [2, 3, 8])
def test_corrected_information_never_exceeds_an_entropy(classes: int) -> None:
    codes = np.arange(classes).repeat(2)
    same = Feature("a", "categorical", codes, tuple("abcdefgh"[:classes]))
    found = mutual_information(same, Answers.of(codes))
    assert found.nats == pytest.approx(math.log(classes))
    assert found.corrected == pytest.approx(found.entropy) == pytest.approx(math.log(classes))
    halves = Feature("b", "categorical", codes % 2, ("x", "y"))
    assert mutual_information(halves, Answers.of(codes)).corrected <= math.log(2) * (1 + 1e-12)
