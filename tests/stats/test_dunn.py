"""Dunn's pairs by the formula of 1964, by a published example, and beside Kruskal-Wallis."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from mlops_lib.objects.errors import TooLargeError
from mlops_lib.stats.dunn import dunn
from mlops_lib.stats.kruskal import kruskal


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6))
def test_each_pair_is_dunns_formula(seed: int, classes: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 120))
    values, codes = rng.integers(0, 12, n).astype(float), rng.integers(-1, classes, n)
    values[rng.random(n) < 0.1] = np.nan
    kept = ~np.isnan(values) & (codes >= 0)
    values_kept, codes_kept = values[kept], codes[kept]
    present, n = np.unique(codes_kept), int(kept.sum())
    pairs = dunn(values, codes, classes)
    if len(present) < 2 or len(np.unique(values_kept)) < 2:
        assert pairs == ()
        return
    ranks = stats.rankdata(values_kept)
    _, lengths = np.unique(values_kept, return_counts=True)
    ties = (lengths.astype(float) ** 3 - lengths).sum()
    assert [(p.first, p.second) for p in pairs] == [(a, b) for a in present for b in present if a < b]
    for pair in pairs:
        a, b = ranks[codes_kept == pair.first], ranks[codes_kept == pair.second]
        error = math.sqrt((n * (n + 1) / 12 - ties / (12 * (n - 1))) * (1 / len(a) + 1 / len(b)))
        z = (a.mean() - b.mean()) / error
        assert pair.z == pytest.approx(z, rel=1e-9, abs=1e-12)
        assert pair.p == pytest.approx(2 * special.ndtr(-abs(z)), rel=1e-9)
        assert pair.ranks_apart == pytest.approx(a.mean() - b.mean(), rel=1e-9, abs=1e-9)
    p = [pair.p for pair in pairs]
    # Holm: the largest, over all p up to this one, of p times the number of p from there on
    holm = [min(1.0, max(q * sum(other >= q for other in p) for q in p if q <= one)) for one in p]
    np.testing.assert_allclose([x.holm_p for x in pairs], holm, rtol=1e-9)
    np.testing.assert_allclose([x.bh_p for x in pairs], stats.false_discovery_control(p), rtol=1e-9)


def test_a_published_example() -> None:
    # the example in the README of A. Pereira Barata's package "dunn": z and two-sided p of five groups of five
    groups = [
        [0.28551035, 0.338524035, 0.088631321, 0.205930807, 0.363240102],
        [0.52173913, 0.763358779, 0.325436786, 0.425305688, 0.378071834],
        [0.98911968, 1.192718142, 0.788288288, 0.549176236, 0.544588155],
        [1.26705653, 1.625320787, 1.266108976, 1.154187629, 1.268489431],
        [1.25697569, 1.265897356, 1.237814561, 0.954612564, 2.365415457],
    ]
    pairs = dunn(np.concatenate(groups), np.repeat(np.arange(5), 5), 5)
    z = [-0.9882, -2.1054, -3.8241, -3.3944, -1.1171, -2.8358, -2.4061, -1.7187, -1.2890, 0.42967]
    p = [0.32304, 0.03526, 0.00013, 0.00069, 0.26393, 0.00457, 0.01612, 0.08567, 0.19740, 0.66744]
    np.testing.assert_allclose([x.z for x in pairs], z, atol=6e-5)
    np.testing.assert_allclose([x.p for x in pairs], p, atol=6e-6)


def test_two_classes_give_kruskals_h() -> None:
    rng = np.random.default_rng(1)
    values, codes = rng.integers(0, 9, 200).astype(float), rng.integers(0, 2, 200)
    (pair,) = dunn(values, codes, 2)
    whole = kruskal(values, codes, 2)
    assert pair.z**2 == pytest.approx(whole.statistic, rel=1e-12)
    assert pair.p == pytest.approx(whole.p, rel=1e-9)
    assert pair.p == pair.holm_p == pair.bh_p


def test_too_many_classes_are_refused_with_their_number() -> None:
    with pytest.raises(TooLargeError, match="101 classes make 5,050 pairs"):
        dunn(np.arange(101.0), np.arange(101), 101)
