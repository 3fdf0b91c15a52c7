"""Rows that belong together: customers with several rows are found, measurements and plain labels are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlops_lib.checks.quality import findings
from mlops_lib.checks.row_groups import is_measured, whole_groups
from mlops_lib.data.splits import plan_split
from mlops_lib.objects.schema import Number, Schema
from tests.checks.tables import YES, Make, N, confirmed, plain, seen, silent


def customers(seed: int, number: int = 250) -> tuple[np.ndarray, np.ndarray]:
    """The customer of each row, and a leaning of each customer."""
    draw = np.random.default_rng(seed)
    who = draw.integers(0, number, N)
    return who, draw.normal(size=number)[who]


def answers(leaning: np.ndarray, seed: int) -> np.ndarray:
    return np.where(leaning + np.random.default_rng(seed).normal(size=N) > 0.7, "Yes", "No")


@pytest.mark.parametrize("as_text", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_customers_with_alike_answers_are_proposed_as_group(table_of: Make, seed: int, as_text: bool) -> None:
    who, leaning = customers(seed)
    number = np.random.default_rng(seed).permutation(9000)[who] + 1000
    column = np.array([f"C{k}" for k in number]) if as_text else number
    found = seen(table_of(plain(seed, customer_id=column, left=answers(leaning, seed))))["FUL034"]
    assert found.suggest_roles == (("customer_id", "group"),)
    assert found.severity == "warning"
    assert "similar answers" in found.what


def test_cases_whose_features_repeat_are_found_even_with_answers_by_chance(table_of: Make) -> None:
    who, _ = customers(1)
    draw = np.random.default_rng(2)
    born, town = draw.integers(1950, 2000, 250)[who], draw.choice(["A", "B", "C"], 250)[who]
    dataset = table_of(plain(person=draw.permutation(9000)[who] + 1000, born=born, town=town, dept=town, x=born * 2.5))
    found = seen(dataset)["FUL034"]
    assert found.suggest_roles == (("person", "group"),)
    assert found.severity == "info"
    assert "repeat 4 of 4 other features" in found.what


@pytest.mark.parametrize("seed", range(8))
def test_codes_and_measurements_are_no_groups(table_of: Make, seed: int) -> None:
    draw = np.random.default_rng(seed)
    age = draw.integers(18, 90, N)
    more = {"age": age, "pay": 100 * (age // 2) + draw.integers(0, 9, N), "shop": draw.integers(0, 80, N)}
    gone = np.where(draw.random(N) < age / 120, "Yes", "No")
    told = silent(table_of(plain(seed, **more, city=[f"t{k}" for k in draw.integers(0, 60, N)], left=gone)))["FUL034"]
    assert told.applies
    assert "not much alike" in told.reason


def test_a_table_without_repeated_values_has_no_candidate(table_of: Make) -> None:
    told = silent(table_of(plain()))["FUL034"]
    assert not told.applies


def test_numbers_as_answers(table_of: Make) -> None:
    who, leaning = customers(3)
    y = leaning + np.random.default_rng(0).normal(size=N)
    found = seen(table_of(plain(customer=[f"c{k}" for k in who], y=y)), target="y", question=Number())["FUL034"]
    assert found.suggest_roles == (("customer", "group"),)


def test_a_split_by_groups_needs_no_proposal(table_of: Make) -> None:
    who, leaning = customers(0)
    dataset = table_of(plain(customer=[f"c{k}" for k in who], left=answers(leaning, 0)))
    columns = tuple(replace(c, role="group") if c.name == "customer" else c for c in confirmed(dataset).columns)
    schema = Schema(dataset.fingerprint, columns, YES)
    told = {s.code: s for s in findings(dataset, schema, plan_split(dataset, schema)).silent}["FUL034"]
    assert not told.applies


def test_groups_are_sampled_whole() -> None:
    values = np.random.default_rng(0).integers(0, 5000, 50_000).astype(float)
    sample = whole_groups(values, 10_000)
    assert len(sample) == pytest.approx(10_000, rel=0.2)
    taken = np.isin(values, values[sample])
    np.testing.assert_array_equal(np.flatnonzero(taken), sample)


def test_names_and_measurements_are_told_apart() -> None:
    draw = np.random.default_rng(0)
    codes = np.unique(draw.integers(0, 200, 800), return_inverse=True)[1]
    constant = draw.normal(size=200)[codes]
    smooth = codes + draw.normal(size=800)
    assert not is_measured([constant], codes)
    assert is_measured([smooth], codes)
    assert not is_measured([constant, constant, smooth], codes)
