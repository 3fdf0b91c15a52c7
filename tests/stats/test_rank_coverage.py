"""How often the approximate intervals of Kruskal-Wallis and Spearman hold the true value: docs/statistics.md."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

from mlops_lib.stats.kruskal import kruskal
from mlops_lib.stats.spearman import spearman


def true_strength(shifts: np.ndarray, shares: np.ndarray) -> float:
    """Root of epsilon squared in a population of normal groups: 12 times the sum of share (P(larger) - 1/2)²."""
    larger = special.ndtr((shifts[:, None] - shifts) / math.sqrt(2)) @ shares
    return math.sqrt(12 * float(shares @ (larger - 0.5) ** 2))


# (rows of each class, shift between neighbouring classes): the share of 2,000 draws whose interval held the true value
KRUSKAL = {
    ((15, 15), 0.0): 0.979, ((15, 15), 1.0): 0.975, ((980, 20), 0.5): 0.968, ((980, 20), 1.0): 0.954,
    ((30, 30, 30), 0.0): 0.974, ((30, 30, 30), 0.3): 0.962, ((30, 30, 30), 0.6): 0.986,
    ((30, 30, 30), 1.2): 1.0, ((100,) * 5, 0.2): 0.959, ((100,) * 5, 0.5): 0.996,
}  # fmt: skip


@pytest.mark.parametrize("case", KRUSKAL)
def test_the_interval_of_kruskal_wallis(case: tuple[tuple[int, ...], float]) -> None:
    rows, shift = case
    rng = np.random.default_rng(7)
    codes = np.repeat(np.arange(len(rows)), rows)
    true = true_strength(shift * np.arange(len(rows)), np.array(rows) / sum(rows))
    hits = 0
    for _ in range(600):
        result = kruskal(rng.normal(size=len(codes)) + shift * codes, codes, len(rows), intervals=True)
        assert result.strength_interval is not None
        hits += result.strength_interval[0] <= true <= result.strength_interval[1]
    assert hits / 600 == pytest.approx(KRUSKAL[case], abs=0.025)


# (pairs, Pearson's correlation of the normal population): the same
SPEARMAN = {
    (20, 0.0): 0.964,
    (20, 0.5): 0.964,
    (20, 0.8): 0.96,
    (100, 0.3): 0.954,
    (100, 0.9): 0.952,
    (500, 0.3): 0.962,
}


@pytest.mark.parametrize("case", SPEARMAN)
def test_the_interval_of_spearman(case: tuple[int, float]) -> None:
    n, pearson = case
    rng = np.random.default_rng(8)
    true = 6 / math.pi * math.asin(pearson / 2)
    hits = 0
    for _ in range(800):
        a, b = rng.normal(size=(2, n))
        result = spearman(a, pearson * a + math.sqrt(1 - pearson**2) * b, intervals=True)
        assert result.strength_interval is not None
        hits += result.strength_interval[0] <= true <= result.strength_interval[1]
    assert hits / 800 == pytest.approx(SPEARMAN[case], abs=0.025)


@pytest.mark.parametrize("seed", range(20))
def test_the_interval_of_two_classes_holds_the_estimate(seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes = (rng.random(200) < rng.random()).astype(int)
    values = np.round(rng.normal(size=200) + rng.choice([0.0, 1.0, 9.0]) * codes, rng.integers(0, 3))
    result = kruskal(values, codes, 2, intervals=True)
    if not result.possible:
        return
    assert result.effect_interval is not None
    assert result.strength_interval is not None
    assert result.effect_interval[0] <= result.effect <= result.effect_interval[1] + 1e-12
    assert result.strength_interval[0] <= result.strength <= result.strength_interval[1] + 1e-12
