"""Rows in time order: by a date, by a number that runs with the rows, or without a column."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlops_lib.checks.quality import findings
from mlops_lib.checks.row_order import runs_with_rows, sorted_by
from mlops_lib.data.splits import plan_split
from mlops_lib.objects.schema import Number, Schema
from tests.checks.tables import YES, Make, N, confirmed, left, plain, seen, silent

DAYS = np.datetime64("2024-01-01", "us") + np.arange(N) * np.timedelta64(6, "h")


def in_waves(seed: int = 0) -> np.ndarray:
    """Answers that come in waves."""
    draw = np.random.default_rng(seed)
    return np.where(draw.random(N) < 0.35 + 0.35 * np.sin(np.arange(N) / 15), "Yes", "No")


def test_a_date_in_the_order_of_the_file_is_proposed_as_time(table_of: Make) -> None:
    found = seen(table_of(plain(day=DAYS, left=in_waves())))["FUL033"]
    assert found.suggest_roles == (("day", "time"),)
    assert found.severity == "warning"
    assert "The file is in the order of 'day'" in found.what


def test_without_likeness_a_running_date_is_information(table_of: Make) -> None:
    found = seen(table_of(plain(day=DAYS)))["FUL033"]
    assert found.severity == "info"
    assert "though neighbours do not have more similar answers" in found.what


def test_a_date_that_sorts_the_answers_is_found_in_a_shuffled_file(table_of: Make) -> None:
    order = np.random.default_rng(1).permutation(N)
    found = seen(table_of(plain(day=DAYS[order], left=in_waves()[order])))["FUL033"]
    assert found.severity == "info"
    assert found.suggest_roles == (("day", "time"),)
    assert "Rows can be put in the order of 'day'" in found.what


def test_a_number_that_runs_with_the_rows_is_proposed(table_of: Make) -> None:
    found = seen(table_of(plain(week=np.arange(N) // 20, left=in_waves())))["FUL033"]
    assert found.suggest_roles == (("week", "time"),)


def test_waves_without_a_column_are_said_and_nothing_is_proposed(table_of: Make) -> None:
    found = seen(table_of(plain(left=in_waves())))["FUL033"]
    assert found.suggest_roles == ()
    assert "no column says why" in found.what


def test_rows_sorted_by_the_answer_are_not_taken_for_time(table_of: Make) -> None:
    found = seen(table_of(plain(left=np.sort(left(np.random.default_rng(0))))))["FUL033"]
    assert found.severity == "info"
    assert "sorted by 'left'" in found.what


def test_numbers_and_several_classes_are_looked_at_too(table_of: Make) -> None:
    draw = np.random.default_rng(0)
    y = np.sin(np.arange(N) / 20) + draw.normal(size=N)
    assert "FUL033" in seen(table_of(plain(y=y)), target="y", question=Number())
    assert "FUL033" in silent(table_of(plain(y=draw.permutation(y))), target="y", question=Number())


@pytest.mark.parametrize("seed", range(15))
def test_shuffled_rows_are_silent(table_of: Make, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(N)
    told = silent(table_of(plain(seed, born=DAYS[order])))["FUL033"]
    assert told.applies
    assert "do not have similar answers" in told.reason
    assert "'born'" in told.reason


def test_a_split_in_time_needs_no_proposal(table_of: Make) -> None:
    dataset = table_of(plain(day=DAYS, left=in_waves()))
    columns = tuple(replace(c, role="time") if c.name == "day" else c for c in confirmed(dataset).columns)
    schema = Schema(dataset.fingerprint, columns, YES)
    told = {s.code: s for s in findings(dataset, schema, plan_split(dataset, schema)).silent}["FUL033"]
    assert not told.applies
    assert "goes forward in 'day' already" in told.reason


def test_what_runs_and_what_is_sorted() -> None:
    assert runs_with_rows(np.arange(100.0))
    assert runs_with_rows(-np.arange(100.0) // 3)
    assert not runs_with_rows(np.ones(100))
    assert not runs_with_rows(np.random.default_rng(0).normal(size=100))
    assert not runs_with_rows(np.concatenate([np.full(80, np.nan), np.arange(20.0)]))
    assert sorted_by(np.array([1.0, 1, 0, 0, 2]), classes=True)
    assert not sorted_by(np.array([1.0, 0, 1, 0, 2]), classes=True)
    assert sorted_by(np.array([3.0, 2, 2, 1]), classes=False)
