"""Missing in disguise: found where it stands apart, and left alone where it is a value like any other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.checks.tables import Make, N, plain, seen, silent, training

DRAW = np.random.default_rng(5)
AGES = DRAW.integers(18, 66, N).astype(float)
FEW = np.arange(N) % 40 == 0


def mixed(values: np.ndarray, code: object, where: np.ndarray = FEW) -> Any:
    return np.where(where, np.array(code, dtype=values.dtype), values)


def days(first: str, last: str) -> np.ndarray:
    low, high = np.datetime64(first, "D"), np.datetime64(last, "D")
    return (low + DRAW.integers(0, (high - low).astype(int), N)).astype("datetime64[us]")


@pytest.mark.parametrize(
    ("values", "cells"),
    [
        (mixed(DRAW.normal(100, 10, N), -999.0), ("-999",)),
        (mixed(AGES, 99.0), ("99",)),
        (mixed(mixed(AGES, 99.0), 98.0, np.arange(N) % 37 == 0), ("98", "99")),
        (mixed(mixed(AGES, -1.0), 999.0, np.arange(N) % 37 == 0), ("-1", "999")),
        (mixed(AGES, -9999.0, np.arange(N) % 100 == 7), ("-9999",)),
        (mixed(DRAW.poisson(3, N).astype(float), -1.0, DRAW.random(N) < 0.5), ("-1",)),
        (mixed(DRAW.integers(1, 6, N).astype(float), 98.0), ("98",)),
        (mixed(DRAW.normal(72, 11, N).round(), 0.0), ("0",)),
        (mixed(days("2015-01-01", "2024-01-01"), "1900-01-01"), ("1900-01-01",)),
        (mixed(days("2015-01-01", "2024-01-01"), "9999-12-31"), ("9999-12-31",)),
        (mixed(days("2015-01-01", "2024-01-01"), "1970-01-01"), ("1970-01-01",)),
        (mixed(DRAW.choice(["red", "green"], N).astype("U10"), "unknown"), ("unknown",)),
        (mixed(DRAW.choice(["red", "green"], N).astype("U10"), " N/A "), (" N/A ",)),
        (mixed(DRAW.choice(["red", "green"], N).astype("U10"), "None"), ("None",)),
        (mixed(DRAW.choice(["빨강", "초록"], N).astype("U10"), "미상"), ("미상",)),
    ],
)
def test_codes_for_missing_are_found(table_of: Make, values: Any, cells: tuple[str, ...]) -> None:
    dataset = table_of(plain(odd=values))
    finding = seen(dataset)["FUL015"]
    assert finding.columns == ("odd",)
    (treatment,) = finding.treatments
    assert (treatment.column, treatment.action, treatment.values) == ("odd", "as_missing", cells)
    assert set(finding.examples) <= set(training(dataset).tolist())
    assert finding.rows >= len(finding.examples) > 0


@pytest.mark.parametrize(
    "values",
    [
        DRAW.integers(0, 100, N).astype(float),
        DRAW.integers(-1, 2, N).astype(float),
        DRAW.integers(90, 1000, N).astype(float),
        DRAW.normal(0, 1, N).round(),
        DRAW.poisson(3, N).astype(float),
        DRAW.poisson(10, N).astype(float),
        DRAW.normal(60, 20, N).clip(0).round(1),
        DRAW.exponential(100, N).round(),
        np.where(DRAW.random(N) < 0.6, 0.0, DRAW.normal(500, 80, N).round()),
        days("1960-01-01", "1980-01-01"),
        mixed(days("1890-01-01", "1910-01-01"), "1900-01-01"),
        DRAW.choice(["None", "Rare", "Frequent"], N),
        DRAW.choice(["yes", "no"], N),
    ],
)
def test_values_like_the_others_are_left_alone(table_of: Make, values: Any) -> None:
    quiet = silent(table_of(plain(odd=values)))["FUL015"]
    assert quiet.applies
    assert "stands apart" in quiet.reason


def test_codes_of_a_category_that_are_numbers_are_found(table_of: Make) -> None:
    dataset = table_of(plain(odd=mixed(DRAW.integers(1, 6, N), 98)))
    finding = seen(dataset, kinds={"odd": "categorical"})["FUL015"]
    assert finding.treatments[0].values == ("98",)
    assert finding.severity == "info"
