"""Columns that follow from others are named with the combination, in their own units."""

from __future__ import annotations

import numpy as np
import pytest

from mlops_lib.stats.collinearity import collinearity


def drawn(seed: int = 0, n: int = 500) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {"hours": rng.integers(0, 24, n) * 1.0, "minutes": rng.integers(0, 60, n) * 1.0, "x": rng.normal(size=n)}


def words(columns: dict[str, np.ndarray]) -> list[str]:
    return [c.words for c in collinearity(columns).combinations]


@pytest.mark.parametrize("place", range(3))
def test_the_combination_with_the_simplest_numbers_is_named_wherever_the_columns_stand(place: int) -> None:
    columns = list(drawn().items())
    hours, minutes = columns[0][1], columns[1][1]
    columns.insert(place, ("total_minutes", 60 * hours + minutes))
    found = collinearity(dict(columns))
    assert [c.words for c in found.combinations] == ["total_minutes = 60 × hours + minutes"]
    assert dict(zip(found.names, np.isinf(found.vif), strict=True)) == {
        "total_minutes": True, "hours": True, "minutes": True, "x": False,
    }  # fmt: skip


def test_constants_and_signs_are_written_out() -> None:
    columns = drawn()
    columns["left"] = 1_440 - 60 * columns["hours"] - columns["minutes"]
    assert words(columns) == ["left = \N{MINUS SIGN}60 × hours \N{MINUS SIGN} minutes + 1,440"]
    columns = drawn()
    columns["fahrenheit"] = 1.8 * columns["x"] + 32
    assert words(columns) == ["fahrenheit = 1.8 × x + 32"]


def test_a_copy_is_named_once_and_a_longer_combination_uses_one_of_the_two() -> None:
    columns = drawn()
    columns |= {"copy": columns["hours"].copy(), "total": 60 * columns["hours"] + columns["minutes"]}
    assert words(columns) == ["copy = hours", "total = 60 × hours + minutes"]
    assert collinearity(columns).perfect == (("hours", "minutes", "copy", "total"),)


def test_what_holds_almost_says_how_far_off_it_is() -> None:
    columns = drawn(n=5_000)
    error = 1e-3 * np.random.default_rng(1).uniform(-1, 1, 5_000)
    columns["total"] = 60 * columns["hours"] + columns["minutes"] + error
    (found,) = collinearity(columns).combinations
    assert found.words.startswith("total ≈ 60 × hours + ")
    assert found.off == pytest.approx(1e-3, rel=0.05)
    assert dict(found.parts) == pytest.approx({"hours": 60, "minutes": 1}, rel=1e-4)


def test_it_is_found_on_the_rows_that_have_all_columns() -> None:
    columns = drawn()
    columns["total"] = 60 * columns["hours"] + columns["minutes"]
    columns["hours"][:100] = np.nan
    columns["total"][50:150] = np.nan
    (found,) = collinearity(columns).combinations
    assert (found.words, found.n) == ("total = 60 × hours + minutes", 350)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_units_do_not_hide_a_combination(scale: float) -> None:
    columns = drawn()
    columns["x"] *= scale
    columns["sum"] = columns["x"] / scale + columns["hours"]
    (found,) = collinearity(columns).combinations
    assert found.off == 0
    assert set(found.columns) == {"sum", "x", "hours"}


def test_with_fewer_rows_than_columns_nothing_is_named() -> None:
    rng = np.random.default_rng(0)
    found = collinearity({f"x{i}": rng.normal(size=5) for i in range(8)})
    assert np.isinf(found.vif).all()
    assert found.combinations == ()


def test_a_combination_of_many_columns_names_them_without_numbers() -> None:
    rng = np.random.default_rng(0)
    columns = {f"x{i}": rng.normal(size=300) for i in range(9)}
    columns["sum"] = np.sum(list(columns.values()), axis=0)
    assert words(columns) == ["sum follows from x0, x1, x2, x3, x4, x5 and 3 more"]
