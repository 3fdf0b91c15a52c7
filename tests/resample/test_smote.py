"""SMOTE in blocks against imbalanced-learn's: the same rows to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.over_sampling import SMOTE

from mlops_lib.resample import smote
from mlops_lib.resample.smote import oversampled
from tests.resample.test_tomek import TABLES, codes


def same(x: np.ndarray, y: np.ndarray, neighbours: int, seed: int) -> None:
    counts = np.bincount(y)
    wanted = {code: int(counts.max() - rows) for code, rows in enumerate(counts)}
    ours, our_codes = oversampled(x, y, wanted, neighbours, seed)
    theirs, their_codes = SMOTE(k_neighbors=neighbours, random_state=seed).fit_resample(x, y)
    np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(our_codes, their_codes)
    assert our_codes.dtype == their_codes.dtype


@pytest.mark.parametrize("columns", [1, 6, 20])
@pytest.mark.parametrize("table", TABLES)
def test_the_same_rows_as_imbalanced_learn(table: str, columns: int) -> None:
    rng = np.random.default_rng(3)
    x = TABLES[table](rng, 2_000, max(columns, 3) if table == "one-hot" else columns)
    same(x, codes(rng, [0.95, 0.05], len(x)), 5, 11)


@pytest.mark.parametrize("shares", [[0.6, 0.3, 0.1], [0.1, 0.8, 0.1], [0.25, 0.25, 0.25, 0.25]])
def test_several_classes(shares: list[float]) -> None:
    rng = np.random.default_rng(4)
    same(rng.normal(size=(900, 7)), codes(rng, shares, 900), 3, 2)


@pytest.mark.parametrize("rare", [2, 3, 6])
def test_tiny_classes(rare: int) -> None:
    rng = np.random.default_rng(5)
    same(rng.normal(size=(500, 4)), (np.arange(500) < rare).astype(np.int8), rare - 1, 0)


def test_blocks_of_any_size_give_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(6)
    monkeypatch.setattr(smote, "BLOCK_NUMBERS", 50)
    same(rng.normal(size=(300, 7)), codes(rng, [0.9, 0.1], 300), 5, 1)


def test_nothing_wanted_gives_the_rows_as_they_are() -> None:
    x, y = np.arange(12.0).reshape(6, 2), np.array([0, 1, 0, 1, 0, 1], dtype=np.int8)
    ours, our_codes = oversampled(x, y, {}, 1, 0)
    np.testing.assert_array_equal(ours, x)
    np.testing.assert_array_equal(our_codes, y)


@settings(max_examples=20, deadline=None)
@given(
    rows=st.integers(12, 150),
    columns=st.integers(1, 18),
    decimals=st.integers(0, 2),
    classes=st.integers(2, 4),
    seed=st.integers(0, 10_000),
)
def test_any_table_of_few_values(rows: int, columns: int, decimals: int, classes: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = np.concatenate([np.repeat(np.arange(classes), 2), rng.integers(0, classes, rows)]).astype(np.int8)
    x = rng.normal(size=(len(y), columns)).round(decimals)
    same(x, y, max(min(5, int(np.bincount(y).min()) - 1), 1), seed)
