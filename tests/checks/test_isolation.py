"""Lone rows: found where planted, and none in tables of many shapes in which nothing is wrong."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mlops_lib.checks.isolation import chance_threshold, fill_gaps, isolate

Draw = np.random.Generator
CLEAN: dict[str, Callable[[Draw], np.ndarray]] = {
    "unrelated": lambda d: d.normal(size=(1000, 8)),
    "related": lambda d: d.normal(size=(1000, 8)) @ d.normal(size=(8, 8)),
    "one factor": lambda d: 0.95 * d.normal(size=(1000, 1)) + 0.3 * d.normal(size=(1000, 8)),
    "skewed": lambda d: np.exp(0.9 * d.normal(size=(1000, 1)) + 0.5 * d.normal(size=(1000, 8))),
    "heavy tails": lambda d: d.standard_t(3, size=(1000, 8)),
    "clusters": lambda d: (4 * d.normal(size=(3, 8)))[d.integers(0, 3, 1000)] + d.normal(size=(1000, 8)),
    "codes": lambda d: d.integers(0, 5, (1000, 8)).astype(float),
    "rare flags": lambda d: np.column_stack([d.normal(size=(1000, 5)), d.random((1000, 3)) < 0.02]),
    "gaps": lambda d: np.where(
        d.random((1000, 8)) < 0.1, np.nan, 0.9 * d.normal(size=(1000, 1)) + 0.4 * d.normal(size=(1000, 8))
    ),
}


@pytest.mark.parametrize("shape", CLEAN)
def test_clean_tables_have_no_lone_row(shape: str) -> None:
    alarms = [len(isolate(CLEAN[shape](np.random.default_rng(seed)), 0).rows) > 0 for seed in range(4)]
    assert sum(alarms) <= 1


def test_rows_odd_in_every_column_at_once_are_found() -> None:
    recalls = []
    for seed in range(5):
        draw = np.random.default_rng(seed)
        values = 0.9 * draw.normal(size=(2000, 1)) + 0.4 * draw.normal(size=(2000, 10))
        wrong = draw.choice(2000, 5, replace=False)
        values[wrong] = draw.choice([-3.0, 3.0], (5, 10))
        found = isolate(values, 0)
        recalls.append(np.isin(wrong, found.rows).mean())
        assert np.isin(found.rows, wrong).mean() >= 0.8
    assert np.mean(recalls) >= 0.7


def test_a_broken_relation_is_found_and_its_column_named() -> None:
    draw = np.random.default_rng(0)
    values = draw.normal(size=(2000, 1)) + 0.05 * draw.normal(size=(2000, 6))
    values[7, 4] = -values[7, 0] + 3 * np.sign(-values[7, 0])
    found = isolate(values, 0)
    assert found.rows[0] == 7
    assert found.share[7].argmax() == 4
    np.testing.assert_allclose(found.share.sum(axis=1), 1)


def test_other_units_change_nothing() -> None:
    values = np.random.default_rng(0).normal(size=(300, 4))
    one, other = isolate(values, 0), isolate(1024 * values + 4, 0)
    np.testing.assert_allclose(one.score, other.score, atol=0.02)
    assert one.threshold == pytest.approx(other.threshold, abs=0.01)


def test_the_threshold_is_passed_by_one_table_in_twenty_of_an_exponential_tail() -> None:
    draw = np.random.default_rng(0)
    passed = [draw.exponential(size=2000).max() > chance_threshold(draw.exponential(size=2000)) for _ in range(400)]
    assert 0.02 <= np.mean(passed) <= 0.1


def test_a_gap_is_filled_with_what_the_others_let_one_expect() -> None:
    covariance = np.array([[1.0, 0.8], [0.8, 1.0]])
    normal = np.array([[2.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
    known = np.array([[True, False], [True, True], [False, False]])
    filled, judged = fill_gaps(normal, known, covariance)
    np.testing.assert_allclose(filled, [[2.0, 1.6], [1.0, 1.0], [0.0, 0.0]])
    assert judged.all()
