"""Likeness of neighbours and of groups against scipy, written-out formulas and shuffled rows."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from mlops_lib.checks.likeness import few_runs, intraclass, neighbours_alike, within_groups


def test_numbers_are_judged_by_the_autocorrelation_of_ranks() -> None:
    values = np.random.default_rng(0).normal(size=200).cumsum()
    ranks = stats.rankdata(values) - 100.5
    assert neighbours_alike(values, classes=False).share == pytest.approx((ranks[1:] @ ranks[:-1]) / (ranks @ ranks))


def test_classes_in_blocks_are_alike_and_alternating_ones_are_not() -> None:
    blocks = neighbours_alike(np.repeat([0.0, 1.0], 100), classes=True)
    assert blocks.share > 0.97
    assert blocks.p < 1e-12
    assert neighbours_alike(np.tile([0.0, 1.0], 100), classes=True).share == pytest.approx(-1)
    assert neighbours_alike(np.zeros(50), classes=True).p == 1


@pytest.mark.parametrize("kind", ["number", "rare", "four"])
def test_shuffled_rows_are_called_alike_as_often_as_stated(kind: str) -> None:
    draw = np.random.default_rng(1)
    values = {
        "number": np.exp(draw.normal(size=400)),
        "rare": (np.arange(400) < 20).astype(float),
        "four": draw.choice(4, 400, p=[0.6, 0.2, 0.15, 0.05]).astype(float),
    }[kind]
    p = np.array([neighbours_alike(draw.permutation(values), kind != "number").p for _ in range(2000)])
    assert np.mean(p < 0.05) <= 0.06
    assert np.mean(p < 0.001) <= 0.003


def test_the_chance_of_few_runs_is_counted_out() -> None:
    def runs(places: tuple[int, ...]) -> int:
        return sum(k == 0 or places[k] != places[k - 1] + 1 for k in range(len(places)))

    every = np.array([runs(places) for places in combinations(range(12), 5)])
    for wanted in (1, 2, 3, 5):
        inside = np.zeros(12, bool)
        inside[list(next(p for p in combinations(range(12), 5) if runs(p) == wanted))] = True
        assert few_runs(inside) == pytest.approx(np.mean(every <= wanted))


@pytest.mark.parametrize("seed", range(3))
def test_groups_agree_with_one_way_analysis_of_variance(seed: int) -> None:
    draw = np.random.default_rng(seed)
    groups = np.unique(draw.integers(0, 40, 300), return_inverse=True)[1]
    values = draw.normal(size=300) + 0.5 * draw.normal(size=40)[groups]
    reference = stats.f_oneway(*(values[groups == k] for k in range(groups.max() + 1)))
    assert intraclass(values, groups)[1] == pytest.approx(reference.statistic)
    assert within_groups(values, groups).p == pytest.approx(reference.pvalue)


def test_the_share_is_the_variance_between_groups() -> None:
    draw = np.random.default_rng(0)
    groups = np.repeat(np.arange(2000), 4)
    values = np.sqrt(0.3) * draw.normal(size=2000)[groups] + np.sqrt(0.7) * draw.normal(size=8000)
    assert intraclass(values, groups)[0] == pytest.approx(0.3, abs=0.03)


def test_ends_of_the_scale() -> None:
    groups = np.repeat(np.arange(50), 2)
    assert intraclass(groups.astype(float), groups) == (1.0, np.inf)
    assert intraclass(np.ones(100), groups) == (0.0, 0.0)
    assert intraclass(np.arange(100.0), np.arange(100)) == (0.0, 0.0)
    assert within_groups(np.arange(100.0), np.arange(100)).p == 1
