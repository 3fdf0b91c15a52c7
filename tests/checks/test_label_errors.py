"""Answers that may be wrong: planted ones are among the candidates, and where nothing can be said, why."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mlops_lib.checks.label_errors import plan_folds, sample_of
from mlops_lib.checks.quality import findings
from mlops_lib.data.profile import propose_columns
from mlops_lib.data.reading import read_table
from mlops_lib.data.splits import plan_split
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.finding import Finding, NotFound
from mlops_lib.objects.schema import Above, Classes, Number, Schema
from mlops_lib.objects.split import SplitPlan
from tests.checks.tables import YES, Make, N, confirmed, left, plain, seen, silent

FOLDER = os.environ.get("FULCRUM_TEST_DATA")


def apart(seed: int) -> dict[str, np.ndarray]:
    """Two classes six standard deviations apart."""
    draw = np.random.default_rng(seed)
    yes = draw.random(N) < 0.3
    return {
        "x": draw.normal(size=N) + 6 * yes,
        "z": draw.normal(size=N),
        "dept": draw.choice(["a", "b", "c"], N),
        "left": np.where(yes, "Yes", "No"),
    }


def test_planted_flips_are_the_candidates(table_of: Make) -> None:
    table = apart(0)
    wrong = np.random.default_rng(1).choice(N, 40, replace=False)
    table["left"][wrong] = np.where(table["left"][wrong] == "Yes", "No", "Yes")
    dataset = table_of(table)
    schema = confirmed(dataset)
    trained = np.isin(wrong, plan_split(dataset, schema).training_rows())
    found = seen(dataset)["FUL035"]
    assert np.isin(found.examples, wrong).mean() >= 0.9
    assert np.isin(wrong[trained], found.examples).mean() >= 0.9
    assert found.severity == "warning"
    assert "labelled 'No' where it expects 'Yes'" in found.what
    assert "candidates" in found.do


@pytest.mark.parametrize("seed", range(5))
def test_clean_labels_have_no_candidate(table_of: Make, seed: int) -> None:
    told = silent(table_of(apart(seed)))["FUL035"]
    assert told.applies
    assert "contradicts no label clearly" in told.reason


def test_where_labels_cannot_be_doubted_it_is_said_why(table_of: Make) -> None:
    draw = np.random.default_rng(0)
    dataset = table_of(plain(y=draw.normal(size=N)))

    def reason(told: NotFound) -> str:
        assert not told.applies
        return told.reason

    assert "hardly tells the answers apart" in reason(silent(table_of(plain()))["FUL035"])
    assert "a number, not a label" in reason(silent(dataset, target="y", question=Number())["FUL035"])
    assert "against a limit" in reason(silent(dataset, target="y", question=Above(0.5))["FUL035"])
    rare = np.where(np.arange(N) % 99 == 0, "Yes", "No")
    assert "rarest class has 8 rows" in reason(silent(table_of(plain(left=rare)))["FUL035"])
    bare = table_of({"id": np.arange(N), "left": left(draw)})
    assert "no feature column" in reason(silent(bare)["FUL035"])
    many = table_of(plain(left=[f"c{k}" for k in draw.integers(0, 12, N)]))
    assert "12 classes" in reason(silent(many, question=Classes(None))["FUL035"])


def hr(table_of: Make, seed: int | None) -> tuple[Dataset, np.ndarray]:
    """The HR table, and 5 % of its rows with the other answer (none without a seed)."""
    table = read_table(Path(str(FOLDER)) / "ibm_hr_attrition.csv", "ibm_hr_attrition.csv").table
    answers = np.array(table["Attrition"].to_pylist())
    wrong = np.zeros(0, np.int64)
    if seed is not None:
        wrong = np.random.default_rng(seed).choice(len(answers), len(answers) // 20, replace=False)
        answers[wrong] = np.where(answers[wrong] == "Yes", "No", "Yes")
    columns = dict(zip(table.column_names, table.columns, strict=True))
    return table_of({**columns, "Attrition": answers.tolist()}), wrong


def candidates(dataset: Dataset) -> tuple[Finding, np.ndarray]:
    schema = confirmed(dataset, target="Attrition")
    plan = plan_split(dataset, schema)
    found = {f.code: f for f in findings(dataset, schema, plan, part="slow").found}["FUL035"]
    return found, plan.training_rows()


@pytest.mark.skipif(not FOLDER, reason="FULCRUM_TEST_DATA names no folder with the real tables")
@pytest.mark.parametrize("seed", [0, 1])
def test_on_the_hr_table_flips_are_several_times_as_frequent_among_candidates(table_of: Make, seed: int) -> None:
    dataset, wrong = hr(table_of, seed)
    found, rows = candidates(dataset)
    hits = np.isin(found.examples, wrong)
    assert hits.mean() >= 0.25
    assert hits.sum() / np.isin(wrong, rows).sum() >= 0.5


@pytest.mark.skipif(not FOLDER, reason="FULCRUM_TEST_DATA names no folder with the real tables")
def test_on_the_hr_table_as_it_is_the_class_is_called_hard(table_of: Make) -> None:
    found, _ = candidates(hr(table_of, None)[0])
    assert found.severity == "info"
    assert "may just be hard to recognise" in found.what


def plan_of(assignment: list[int], kind: str, folds: int) -> SplitPlan:
    return SplitPlan("d", "s", kind, folds, 0.25, 0, np.array(assignment, np.int8))  # type: ignore[arg-type]


def test_folds_are_the_plans_own() -> None:
    folds = plan_folds(plan_of([0, 1, -1, 0, 1, -2], "stratified", 2), np.array([0, 1, 3, 4]), np.zeros(4, int))
    assert [(f.tolist(), j.tolist()) for f, j in folds] == [([1, 3], [0, 2]), ([0, 2], [1, 3])]


def test_folds_in_time_learn_from_earlier_rows_only() -> None:
    folds = plan_folds(plan_of([-3, -3, 0, 1, -1], "time", 2), np.array([0, 1, 2, 3]), np.zeros(4, int))
    assert [(f.tolist(), j.tolist()) for f, j in folds] == [([0, 1], [2]), ([0, 1, 2], [3])]


def test_many_folds_are_joined_to_five() -> None:
    plan = plan_of(list(range(20)), "stratified", 20)
    folds = plan_folds(plan, np.arange(20), np.zeros(20, int))
    assert [len(judged) for _, judged in folds] == [4] * 5


def test_a_sample_is_the_same_every_time() -> None:
    np.testing.assert_array_equal(sample_of(100, 50), sample_of(100, 50))
    assert len(set(sample_of(100, 50))) == 50
    np.testing.assert_array_equal(sample_of(30, 50), np.arange(30))


def test_a_split_in_time_has_candidates_among_judged_rows_only(table_of: Make) -> None:
    table = apart(0)
    wrong = np.random.default_rng(1).choice(N, 60, replace=False)
    table["left"][wrong] = np.where(table["left"][wrong] == "Yes", "No", "Yes")
    dataset = table_of({**table, "day": np.datetime64("2024-01-01", "us") + np.arange(N) * np.timedelta64(1, "D")})
    columns = [
        replace(c, role={"left": "target", "day": "time"}.get(c.name, c.role))  # type: ignore[arg-type]
        for c in propose_columns(dataset)
    ]
    schema = Schema(dataset.fingerprint, tuple(columns), YES)
    plan = plan_split(dataset, schema)
    found = {f.code: f for f in findings(dataset, schema, plan, part="slow").found}["FUL035"]
    assert np.all(plan.assignment[list(found.examples)] >= 0)
    assert np.isin(found.examples, wrong).mean() >= 0.8
