"""The smallest detectable effect: by the definition of power, Cohen's tables, and by drawing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from mlops_lib.stats.kruskal import kruskal
from mlops_lib.stats.power import detectable_correlation, detectable_noncentrality, detectable_rank_effect
from mlops_lib.stats.spearman import spearman


@pytest.mark.parametrize("df", [1, 2, 5, 40, 999, 99_000])
@pytest.mark.parametrize(("power", "level"), [(0.8, 0.05), (0.95, 0.01)])
def test_the_noncentrality_has_the_power_that_was_asked_for(df: int, power: float, level: float) -> None:
    found = detectable_noncentrality(df, power, level)
    assert stats.ncx2.sf(stats.chi2.isf(level, df), df, found) == pytest.approx(power, rel=1e-9)


@pytest.mark.parametrize(("df", "cohen"), [(1, 7.85), (2, 9.63), (3, 10.90), (4, 11.94), (5, 12.83), (10, 16.24)])
def test_cohens_lambda_at_80_percent(df: int, cohen: float) -> None:
    # Cohen (1988, chapter 7): n = lambda / w²; lambda for power .80 at .05 is 7.85, 9.63, 10.90, ...
    assert detectable_noncentrality(df) == pytest.approx(cohen, abs=0.005)


def test_what_is_too_small_finds_nothing() -> None:
    assert math.isnan(detectable_correlation(3))
    assert math.isnan(detectable_rank_effect(3, 3))
    assert math.isnan(detectable_rank_effect(10, 1))
    assert detectable_correlation(4) < 1
    assert detectable_rank_effect(6, 5) == 1.0


def test_spearman_finds_that_effect_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    n = 60
    rho = detectable_correlation(n)
    pearson = 2 * math.sin(math.pi * rho / 6)  # Spearman's rho of normal pairs (Pearson 1907)
    found = 0
    for _ in range(600):
        a, noise = rng.normal(size=(2, n))
        found += spearman(a, pearson * a + math.sqrt(1 - pearson**2) * noise).p < 0.05
    assert 0.75 < found / 600 < 0.85


def test_kruskal_finds_that_effect_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    codes = np.repeat(np.arange(3), 40)
    shift = np.array([-1.0, 0.0, 1.0])[codes]
    found = 0
    # the true strength of these shifts, read off a large sample
    big = np.repeat(np.arange(3), 100_000)
    true = kruskal(rng.normal(size=300_000) + 0.28 * np.array([-1.0, 0.0, 1.0])[big], big, 3).strength
    for _ in range(600):
        found += kruskal(rng.normal(size=120) + 0.28 * shift, codes, 3).p < 0.05
    # power at the true strength, by the same distribution that the detectable effect comes from
    power = stats.ncx2.sf(stats.chi2.isf(0.05, 2), 2, true**2 * 117)
    assert found / 600 == pytest.approx(power, abs=0.06)
