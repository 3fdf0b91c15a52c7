"""Rank sums in integers: the same whichever way they are made, and exact at a million rows."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from mlops_lib.stats import ordering
from mlops_lib.stats.kruskal import h_statistic, known_pairs, kruskal
from mlops_lib.stats.ordering import in_order
from mlops_lib.stats.ranks import midranks, rank_sums, tie_sum

NUMBERS = {
    "continuous": lambda rng, n: rng.normal(size=n),
    "two decimals": lambda rng, n: np.round(rng.lognormal(2, 1, n), 2),
    "whole": lambda rng, n: rng.integers(-50, 50, n).astype(float),
    "wide whole": lambda rng, n: rng.integers(-(2**60), 2**60, n).astype(float),
    "many zeros": lambda rng, n: rng.exponential(size=n) * (rng.random(n) < 0.3),
    "crowded": lambda rng, n: 1e9 + np.round(rng.normal(size=n), 5) * 1e-3 + rng.random(n) * 1e-9,
    "outliers": lambda rng, n: np.where(rng.random(n) < 0.01, 1e200, rng.normal(size=n)),
    "a few outliers": lambda rng, n: np.where(np.arange(n) < 3, 1e5, rng.normal(size=n)),
    "infinities": lambda rng, n: np.where(rng.random(n) < 0.1, np.inf, rng.normal(size=n)),
    "tiny": lambda rng, n: rng.random(n) * 5e-324 * 1e10,
    "signed zeros": lambda rng, n: np.where(rng.random(n) < 0.5, 0.0, -0.0) + rng.integers(0, 2, n),
}


def exactly(values: np.ndarray, codes: np.ndarray) -> tuple[dict[int, int], int]:
    """Twice the rank sums by class, and ties, counted in Python's integers."""
    order = np.argsort(values, kind="stable")
    ordered, moved = values[order].tolist(), codes[order].tolist()
    twice: dict[int, int] = {}
    ties, start = 0, 0
    for stop in range(1, len(ordered) + 1):
        if stop == len(ordered) or ordered[stop] != ordered[start]:
            for code in moved[start:stop]:
                twice[code] = twice.get(code, 0) + start + stop + 1
            ties += (stop - start) ** 3 - (stop - start)
            start = stop
    return twice, ties


@pytest.mark.parametrize("kind", NUMBERS)
@pytest.mark.parametrize("n", [1, 2, 999, 40_000])
def test_sums_and_ties_are_those_of_counting_one_by_one(kind: str, n: int) -> None:
    rng = np.random.default_rng(n)
    values, codes = NUMBERS[kind](rng, n), rng.choice([0, 2, 3], n).astype(np.int8)
    found = rank_sums(values, codes, 4)
    twice, ties = exactly(values, codes)
    assert dict(zip(found.present.tolist(), found.twice.tolist(), strict=True)) == twice
    assert found.ties == ties
    assert found.n == n


@pytest.mark.parametrize("kind", NUMBERS)
def test_the_order_is_that_of_numpys_sort_and_companions_move_along(kind: str) -> None:
    values = NUMBERS[kind](np.random.default_rng(4), 60_000)
    kept = values.copy()
    ordered, rows = in_order(values, np.arange(60_000, dtype=np.int32))
    np.testing.assert_array_equal(ordered, np.sort(values))
    np.testing.assert_array_equal(values[rows], ordered)
    np.testing.assert_array_equal(np.sort(rows), np.arange(60_000))
    np.testing.assert_array_equal(values, kept)
    np.testing.assert_array_equal(midranks(values), stats.rankdata(values))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    hnp.arrays(np.float64, st.integers(2, 80), elements=st.floats(allow_nan=False)), st.integers(0, 99), st.booleans()
)
def test_spreading_and_comparing_agree(
    monkeypatch: pytest.MonkeyPatch, values: np.ndarray, seed: int, twice: bool
) -> None:
    values = np.repeat(values, 2) if twice else values
    codes = np.random.default_rng(seed).integers(0, 3, len(values))
    monkeypatch.setattr(ordering, "_MANY", 2)
    spread = rank_sums(values, codes, 3)
    monkeypatch.setattr(ordering, "_MANY", 10**9)
    compared = rank_sums(values, codes, 3)
    assert spread.twice.tolist() == compared.twice.tolist()
    assert spread.ties == compared.ties


@pytest.mark.parametrize("kind", ["continuous", "two decimals", "whole", "many zeros"])
def test_h_of_a_million_rows_is_the_exact_one(kind: str) -> None:
    rng = np.random.default_rng(8)
    n = 1_000_000
    values, codes = NUMBERS[kind](rng, n), rng.integers(0, 5, n).astype(np.int8)
    twice, ties = exactly(values, codes)
    counts = np.bincount(codes).tolist()
    between = sum(Fraction((twice[c] - counts[c] * (n + 1)) ** 2, counts[c]) for c in twice)
    exact = 3 * between / (n * (n + 1)) / (1 - Fraction(ties, n**3 - n))
    assert kruskal(values, codes, 5).statistic == pytest.approx(float(exact), rel=1e-14)


@pytest.mark.parametrize("kind", ["continuous", "two decimals", "many zeros", "infinities", "signed zeros"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_the_spread_of_placements_is_that_of_comparing_every_pair(kind: str, share: float) -> None:
    rng = np.random.default_rng(3)
    values, codes = NUMBERS[kind](rng, 300), np.where(rng.random(300) < share, 4, 1)
    found = rank_sums(values, codes, 5, spread=True)
    groups = [values[codes == 1], values[codes == 4]]
    for own, other, ours in zip(groups, groups[::-1], found.spread or (), strict=True):
        placements = ((own[:, None] > other).sum(1) + (own[:, None] == other).sum(1) / 2) / len(other)
        assert ours == pytest.approx(placements.var(ddof=1), rel=1e-9, abs=1e-12)
    assert rank_sums(values, codes, 5).spread is None


def test_ties_beyond_64_bits() -> None:
    lengths = np.array([1, 2, 3_000_000_000, 2_000_000, 1_999_999])
    assert tie_sum(lengths) == sum(int(t) ** 3 - int(t) for t in lengths)
    # 40,000 runs whose cubes fit one by one, but not added up
    assert tie_sum(np.full(40_000, 2_000_000)) == 40_000 * (2_000_000**3 - 2_000_000)


def test_float32_and_mapped_columns_are_taken_as_they_are(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=30_000).astype(np.float32)
    values[::50] = np.nan
    codes = rng.integers(-1, 2, 30_000).astype(np.int16)
    np.save(tmp_path / "values.npy", values.astype(np.float64))
    np.save(tmp_path / "codes.npy", codes)
    mapped = kruskal(np.load(tmp_path / "values.npy", mmap_mode="r"), np.load(tmp_path / "codes.npy", mmap_mode="r"), 2)
    assert kruskal(values, codes, 2) == mapped
    kept = ~np.isnan(values) & (codes >= 0)
    expected = stats.kruskal(*(values[kept & (codes == c)].astype(np.float64) for c in (0, 1)))
    assert mapped.statistic == pytest.approx(expected.statistic, rel=1e-9)


def test_mean_ranks_and_h_of_a_published_example() -> None:
    # Hollander & Wolfe (1973), as in R's ?kruskal.test: mucociliary clearance, H = 0.7714 on 2 degrees of freedom
    groups = [[2.9, 3.0, 2.5, 2.6, 3.2], [3.8, 2.7, 4.0, 2.4], [2.8, 3.4, 3.7, 2.2, 2.0]]
    values = np.concatenate(groups)
    codes = np.repeat([0, 1, 2], [5, 4, 5])
    found = rank_sums(*known_pairs(values, codes), 3)
    assert h_statistic(found) == pytest.approx(0.77143, abs=5e-6)
    np.testing.assert_allclose(found.mean_ranks, [7.2, 9.0, 6.6], rtol=1e-12)
