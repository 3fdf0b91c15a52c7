"""Tomek links against imbalanced-learn's: the same rows, also where many rows are equally near."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.under_sampling import TomekLinks
from threadpoolctl import threadpool_limits

from mlops_lib.resample import tomek
from mlops_lib.resample.tomek import linked

Remove = Literal["auto", "all"]


def same(x: np.ndarray, y: np.ndarray) -> None:
    """Both ways of removing leave the rows that imbalanced-learn leaves."""
    for remove in ("auto", "all"):
        theirs = TomekLinks(sampling_strategy=remove)
        theirs.fit_resample(x, y)
        np.testing.assert_array_equal(np.flatnonzero(~linked(x, y, remove)), theirs.sample_indices_)


def codes(rng: np.random.Generator, shares: list[float], rows: int) -> np.ndarray:
    y = rng.choice(len(shares), rows, p=shares).astype(np.int8)
    y[: len(shares)] = np.arange(len(shares))
    return y


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each search of ours was for."""
    numbers: list[int] = []
    search = tomek._Search._asked

    def counted(self: tomek._Search, rows: np.ndarray, most: int) -> np.ndarray:
        numbers.append(len(rows))
        return search(self, rows, most)

    monkeypatch.setattr(tomek._Search, "_asked", counted)
    return numbers


TABLES = {
    "continuous": lambda rng, n, d: rng.normal(size=(n, d)),
    "far from nought": lambda rng, n, d: 1e6 + rng.normal(size=(n, d)),
    "on a grid": lambda rng, n, d: rng.integers(0, 2, (n, d)).astype(float),
    "repeated": lambda rng, n, d: rng.normal(size=(n // 3, d))[rng.integers(0, n // 3, n)],
    "few repeated": lambda rng, n, d: np.vstack([a := rng.normal(size=(n - 40, d)), a[:40]]),
    "one-hot": lambda rng, n, d: np.hstack(
        [np.eye(d - 2)[rng.integers(0, d - 2, n)], rng.normal(size=(n, 2)).round(1)]
    ),
    "all equal": lambda _, n, d: np.ones((n, d)),
}


@pytest.mark.parametrize("columns", [4, 20])
@pytest.mark.parametrize("table", TABLES)
def test_the_same_rows_as_imbalanced_learn(table: str, columns: int) -> None:
    rng = np.random.default_rng(3)
    x = TABLES[table](rng, 4_000, columns)
    with threadpool_limits(1):
        same(x, codes(rng, [0.97, 0.03], len(x)))


def test_the_same_rows_with_all_threads() -> None:
    rng = np.random.default_rng(3)
    x = TABLES["few repeated"](rng, 4_000, 20)
    same(x, codes(rng, [0.97, 0.03], len(x)))


@pytest.mark.parametrize("rows", [8_000, 256 * 32])
def test_repeated_rows_are_asked_for_again_with_their_blocks_only(rows: int, asked: list[int]) -> None:
    rng = np.random.default_rng(7)
    x = rng.integers(0, 3, (rows, 18)) + 0.1
    x[:-60, 0] += rng.normal(size=rows - 60)
    x[-60:-30] = x[-30:]
    y = np.zeros(rows, dtype=np.int8)
    y[-60::2] = y[10:40] = 1
    with threadpool_limits(1):
        same(x, y)
    ours = [number for number in asked if number < rows]
    assert len(ours) == len(asked) > 4
    assert max(ours) > 4 * 256
    assert max(ours) % 256 == rows % 256


@pytest.mark.parametrize("shares", [[0.6, 0.3, 0.1], [0.02, 0.96, 0.02], [0.25, 0.25, 0.25, 0.25]])
@pytest.mark.parametrize("table", ["continuous", "on a grid", "few repeated"])
def test_several_classes(table: str, shares: list[float]) -> None:
    rng = np.random.default_rng(4)
    with threadpool_limits(1):
        same(TABLES[table](rng, 2_500, 18), codes(rng, shares, 2_500))


@pytest.mark.parametrize("rare", [1, 2, 3])
@pytest.mark.parametrize("rows", [4, 60, 3_000])
def test_tiny_classes(rows: int, rare: int) -> None:
    rng = np.random.default_rng(5)
    same(rng.normal(size=(rows, 17)).round(1), (np.arange(rows) < rare).astype(np.int8))


def test_only_rows_that_can_have_a_link_are_asked_for(asked: list[int]) -> None:
    rng = np.random.default_rng(6)
    linked(rng.normal(size=(6_000, 20)), (np.arange(6_000) < 100).astype(np.int8))
    assert sum(asked) <= 200


@settings(max_examples=30, deadline=None)
@given(
    rows=st.integers(2, 200),
    columns=st.integers(1, 20),
    decimals=st.integers(0, 2),
    classes=st.integers(2, 4),
    seed=st.integers(0, 10_000),
)
def test_any_table_of_few_values(rows: int, columns: int, decimals: int, classes: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, classes, rows)
    y[0], y[-1] = 0, 1
    same(rng.normal(size=(rows, columns)).round(decimals), np.unique(y, return_inverse=True)[1].astype(np.int8))
