"""Near pairs against looking at every pair, and the number that chance gives against drawing tables."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from mlops_lib.checks.digest import bits_of, digest_columns
from mlops_lib.checks.pairs import chance_pairs, comparable, near_pairs, repeated
from mlops_lib.stats.features import Feature


def digests(features: list[Feature]) -> np.ndarray:
    return digest_columns((bits_of(f.values) for f in features), len(features[0].values))


def numbers(values: np.ndarray, name: str = "x") -> Feature:
    return Feature(name, "numeric", np.asarray(values, np.float64))


def planted(seed: int, rows: int = 600, pairs: int = 40) -> list[Feature]:
    """Three fine columns, whole numbers and labels; the last rows nearly repeat the first ones."""
    draw = np.random.default_rng(seed)
    columns = [draw.normal(size=rows) * 10**k for k in range(3)]
    for k, column in enumerate(columns):
        column[-pairs:] = column[:pairs] + draw.uniform(-1.2e-3, 1.2e-3, pairs) * 10**k
        column[draw.random(rows) < 0.02] = np.nan
    whole = draw.integers(0, 5, rows)
    whole[-pairs:] = whole[:pairs]
    codes = draw.integers(0, 2, rows)
    codes[-pairs:] = codes[:pairs] ^ draw.integers(0, 2, pairs)
    labels = Feature("l", "categorical", codes, ("a b", "A  b "))
    return [*(numbers(c, f"x{k}") for k, c in enumerate(columns)), numbers(whole, "w"), labels]


@pytest.mark.parametrize("seed", range(5))
def test_near_pairs_are_those_found_by_looking_at_every_pair(seed: int) -> None:
    features = planted(seed)
    columns = [comparable(f) for f in features]
    exact = digests(features)

    def near(one: int, other: int) -> bool:
        return exact[one] != exact[other] and all(
            abs(c.values[one] - c.values[other]) <= c.tolerance or (np.isnan(c.values[[one, other]]).all())
            for c in columns
        )

    expected = {pair for pair in combinations(range(len(exact)), 2) if near(*pair)}
    found = {tuple(pair) for pair in near_pairs(columns, exact, 0).tolist()}
    assert len(expected) > 10
    assert found <= expected
    assert len(found) >= 0.95 * len(expected)


def test_whole_numbers_are_near_only_where_they_are_equal() -> None:
    whole = comparable(numbers(np.arange(1000) % 60))
    assert (whole.fine, whole.tolerance) == (False, 0.0)
    fine = comparable(numbers(np.random.default_rng(0).normal(size=10_000)))
    assert fine.fine
    assert fine.tolerance == pytest.approx(1e-3, rel=0.05)


def test_labels_are_compared_without_case_and_blanks() -> None:
    label = Feature("l", "categorical", np.array([0, 1, 2, -1]), ("New  York", " new york", "Boston"))
    values = comparable(label).values
    assert values[0] == values[1] != values[2]
    assert np.isnan(values[3])


def test_equal_rows_are_not_near() -> None:
    features = [numbers(np.tile(np.random.default_rng(0).normal(size=50), 2))]
    assert len(near_pairs([comparable(f) for f in features], digests(features), 0)) == 0


def test_nothing_changes_when_a_column_is_constant() -> None:
    features = [*planted(0), numbers(np.full(600, 7.0), "same")]
    without = near_pairs([comparable(f) for f in features[:-1]], digests(features[:-1]), 0)
    with_it = near_pairs([comparable(f) for f in features], digests(features), 0)
    assert {tuple(p) for p in without} == {tuple(p) for p in with_it}


def test_the_number_that_chance_gives() -> None:
    seen, expected = [], []
    for seed in range(20):
        draw = np.random.default_rng(seed)
        features = [numbers(draw.normal(size=800)), numbers(draw.integers(0, 6, 800), "w")]
        columns = [comparable(f) for f in features]
        one, other = np.triu_indices(800, 1)
        near = np.ones(len(one), bool)
        for c in columns:
            near &= np.abs(c.values[one] - c.values[other]) <= c.tolerance
        seen.append(near.sum())
        expected.append(chance_pairs(columns))
    assert np.mean(expected) == pytest.approx(np.mean(seen), rel=0.1)


def test_repeated_rows_agree_with_pandas() -> None:
    import pandas as pd

    digest = np.random.default_rng(0).integers(0, 200, 300).astype(np.uint64)
    np.testing.assert_array_equal(repeated(digest), np.flatnonzero(pd.Series(digest).duplicated(keep=False)))
    assert len(repeated(np.arange(5, dtype=np.uint64))) == 0
    assert len(repeated(np.zeros(0, np.uint64))) == 0
