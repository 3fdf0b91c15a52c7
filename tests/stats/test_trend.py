"""The trend test against a published example, its formula and statsmodels; the line against least squares."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from mlops_lib.stats.trend import cochran_armitage, weighted_line

DRINKS = np.array([0, 0.5, 1.5, 4, 7])
ABSENT, PRESENT = np.array([17_066, 14_464, 788, 126, 37]), np.array([48, 38, 5, 1, 1])
"""Malformations by alcohol a day: Agresti (2007), An Introduction to Categorical Data Analysis, table 2.7."""


def test_the_published_example() -> None:
    found = cochran_armitage(PRESENT, ABSENT + PRESENT, DRINKS)
    assert found is not None
    assert found.z**2 == pytest.approx(6.57, abs=0.005)  # M² there
    assert found.p == pytest.approx(0.0104, abs=0.0001)
    assert found.last > found.first


def test_the_formula_and_statsmodels() -> None:
    from statsmodels.stats.contingency_tables import Table

    rng = np.random.default_rng(2)
    n, scores = rng.integers(30, 90, 8), np.sort(rng.random(8)) * 10
    hits = rng.binomial(n, np.linspace(0.2, 0.4, 8))
    found = cochran_armitage(hits, n, scores)
    assert found is not None
    total, share = n.sum(), hits.sum() / n.sum()
    spread = (n * scores**2).sum() - (n * scores).sum() ** 2 / total
    z = ((hits - n * share) * scores).sum() / math.sqrt(share * (1 - share) * spread)
    assert found.z == pytest.approx(z, rel=1e-12)
    assert found.p == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-9)
    assert found.log_p == pytest.approx(math.log(found.p), rel=1e-9)
    theirs = Table(np.column_stack((n - hits, hits)), shift_zeros=False).test_ordinal_association(
        scores, np.array([0.0, 1.0])
    )
    # Linear by linear association takes n-1 where Cochran and Armitage take n.
    assert found.z == pytest.approx(theirs.zscore * math.sqrt(total / (total - 1)), rel=1e-9)
    line = stats.linregress(
        np.repeat(scores, n), np.concatenate([np.arange(m) < h for m, h in zip(n, hits, strict=True)])
    )
    assert found.slope == pytest.approx(line.slope, rel=1e-9)
    assert found.first == pytest.approx(line.intercept + line.slope * scores.min(), rel=1e-9)


def test_what_allows_no_trend() -> None:
    assert cochran_armitage(np.array([0, 0]), np.array([5, 5]), np.array([0, 1])) is None
    assert cochran_armitage(np.array([5, 5]), np.array([5, 5]), np.array([0, 1])) is None
    assert cochran_armitage(np.array([1, 0]), np.array([5, 0]), np.array([0, 1])) is None
    assert cochran_armitage(np.array([1, 2]), np.array([5, 5]), np.array([3, 3])) is None


def test_a_tiny_p_keeps_its_logarithm() -> None:
    found = cochran_armitage(np.array([0, 100_000]), np.array([100_000, 100_000]), np.array([0, 1]))
    assert found is not None
    assert found.p == 0
    assert found.log_p == pytest.approx(math.log(2) + stats.norm.logsf(abs(found.z)), rel=1e-9)


def test_the_weighted_line_is_that_of_polyfit() -> None:
    x, y, w = np.array([0.0, 1, 3, 4]), np.array([1.0, 4, 2, 8]), np.array([3.0, 1, 5, 2])
    slope, first, last = weighted_line(y, w, x)
    expected = np.polyfit(x, y, 1, w=np.sqrt(w))
    assert slope == pytest.approx(expected[0], rel=1e-12)
    assert (first, last) == pytest.approx(tuple(np.polyval(expected, [0, 4])), rel=1e-12)
