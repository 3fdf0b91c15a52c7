"""Repeated splits, splits in time with a gap, splits that the table brings along, and weights of rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_lib.data.part_names import meaning_of
from mlops_lib.data.parts import describe_parts
from mlops_lib.data.split_words import judged_how, parts_table, thresholds_from, weight_words
from mlops_lib.data.splits import plan_split
from mlops_lib.data.weights import row_weights
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.schema import Classes, Column, Schema
from mlops_lib.objects.split import HOLD_OUT, UNUSED, WARM_UP, SplitPlan

Make = Callable[[Any], Dataset]
ROWS = 600
YES = np.where(np.random.default_rng(1).random(ROWS) < 0.3, "Yes", "No")


def schema(dataset: Dataset, **roles: str) -> Schema:
    """The column `y` is the target, the others are ignored unless a role is given."""
    kinds = {"time": "date", "weight": "numeric"}
    columns = [
        Column(n, kinds.get(roles.get(n, ""), "categorical"), "target" if n == "y" else roles.get(n, "ignored"))  # type: ignore[arg-type]
        for n in dataset.columns
    ]
    return Schema(dataset.fingerprint, tuple(columns), Classes("Yes"))


def test_repeats_deal_the_same_rows_out_anew_and_keep_the_hold_out(dataset_of: Make) -> None:
    dataset = dataset_of({"y": YES, "row": list(range(ROWS))})
    asked = schema(dataset)
    once, plan = plan_split(dataset, asked), plan_split(dataset, asked, repeats=3)
    assert plan.all_folds == tuple(range(15))
    np.testing.assert_array_equal(plan.assignment, once.assignment)
    assert plan.again is not None
    assert plan.again.shape == (2, ROWS)
    for repeat in range(3):
        numbers = plan.folds_of(repeat)
        judged = np.concatenate([plan.validation_rows(k) for k in numbers])
        np.testing.assert_array_equal(np.sort(judged), plan.training_rows())
        for k in numbers:
            assert not np.intersect1d(plan.fold_training_rows(k), plan.validation_rows(k)).size
            assert not np.intersect1d(plan.fold_training_rows(k), plan.hold_out_rows()).size
        yes = [int((YES[plan.validation_rows(k)] == "Yes").sum()) for k in numbers]
        assert max(yes) - min(yes) <= 1
    assert any(not np.array_equal(plan.validation_rows(k), plan.validation_rows(k + 5)) for k in range(5))
    assert plan_split(dataset, asked, repeats=3).fingerprint == plan.fingerprint != once.fingerprint
    assert plan_split(dataset, asked, **plan.asked).fingerprint == plan.fingerprint


def test_a_plan_of_the_past_has_the_fingerprint_of_its_old_fields(dataset_of: Make) -> None:
    dataset = dataset_of({"y": YES, "row": list(range(ROWS))})
    plan = plan_split(dataset, schema(dataset))
    old = {f.name for f in fields(SplitPlan)} - {"repeats", "again", "gap", "usable_from", "held"}
    assert SplitPlan(**{name: getattr(plan, name) for name in old}).fingerprint == plan.fingerprint
    assert (plan.repeats, plan.again, plan.usable_from) == (1, None, None)


@pytest.mark.parametrize(
    ("roles", "more", "words"),
    [
        ({}, {"repeats": 11}, "11 repeats"),
        ({}, {"gap": 3.0}, "does not go forward in time"),
        ({}, {"held": "test"}, "no column names the parts"),
        ({"day": "time"}, {"repeats": 2}, "not by chance"),
        ({"day": "time"}, {"gap": -1.0}, "A gap of -1"),
    ],
)
def test_what_a_kind_cannot_do_is_refused(dataset_of: Make, roles: Any, more: Any, words: str) -> None:
    dataset = dataset_of({"y": YES, "day": pd.date_range("2024-01-01", periods=ROWS)})
    with pytest.raises(InputError, match=words):
        plan_split(dataset, schema(dataset, **roles), **more)


def test_a_gap_keeps_rows_that_lie_too_close_before_a_fold_out_of_its_training(dataset_of: Make) -> None:
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.random.default_rng(2).integers(0, 300, ROWS), unit="D")
    dataset = dataset_of({"y": YES, "day": days})
    plain, plan = (plan_split(dataset, schema(dataset, day="time"), gap=gap) for gap in (0, 10))
    when = days.to_numpy()
    gap = np.timedelta64(10, "D")
    np.testing.assert_array_equal(plan.assignment, plain.assignment)
    for fold in plan.all_folds:
        start = when[plan.validation_rows(fold)].min()
        expected = [r for r in plain.fold_training_rows(fold) if when[r] <= start - gap]
        assert plan.fold_training_rows(fold).tolist() == expected
        assert len(expected) < len(plain.fold_training_rows(fold))
        np.testing.assert_array_equal(plan.validation_rows(fold), plain.validation_rows(fold))
    start = when[plan.hold_out_rows()].min()
    assert plan.training_rows().tolist() == [r for r in plain.training_rows() if when[r] <= start - gap]
    lost = len(plain.training_rows()) - len(plan.training_rows())
    assert f"{lost} rows before the hold-out train no final model" in plan.notes[-1]
    assert "The gap of 10 days costs each fold" in plan.notes[-1]


def test_a_gap_in_numbers_is_in_their_own_unit(dataset_of: Make) -> None:
    dataset = dataset_of({"y": YES, "hour": np.arange(ROWS) / 4})
    plan = plan_split(dataset, schema(dataset, hour="time"), gap=0.5)
    for fold in plan.all_folds:
        assert plan.validation_rows(fold).min() - plan.fold_training_rows(fold).max() == 2


def test_a_gap_that_leaves_nothing_is_refused_in_words(dataset_of: Make) -> None:
    dataset = dataset_of({"y": YES, "day": pd.date_range("2024-01-01", periods=ROWS)})
    with pytest.raises(NotPossibleError, match="A gap of 90 days leaves fold 1 no row to train on"):
        plan_split(dataset, schema(dataset, day="time"), gap=90)
    late = np.where(np.arange(ROWS) < 40, "No", YES)
    dataset = dataset_of({"y": late, "day": pd.date_range("2024-01-01", periods=ROWS)})
    with pytest.raises(NotPossibleError, match="rows to train on, none of them 'Yes'"):
        plan_split(dataset, schema(dataset, day="time"), gap=40)


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("Train", "train"), ("TRAINING SET", "train"), ("학습", "train"), ("훈련용", "train"), ("val", "validation"),
        ("검증 데이터", "validation"), ("Hold-out", "hold-out"), ("hold_out", "hold-out"), ("시험", "hold-out"),
        ("test_set", "hold-out"), ("Fold 2", "fold"), ("3", "fold"), ("1.0", "fold"), ("exclude", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_names_of_parts_are_understood_in_any_case(name: str, meaning: str) -> None:
    assert meaning_of(name) == meaning


def test_train_and_validation_are_dealt_into_folds_and_what_is_named_test_is_held_out(dataset_of: Make) -> None:
    parts = np.array(["train", "Validation", "TEST", "exclude", None], object)[np.arange(ROWS) % 10 // 2]
    dataset = dataset_of({"y": YES, "part": parts})
    plan = plan_split(dataset, schema(dataset, part="split"), repeats=2)
    assert (plan.kind, plan.folds, plan.repeats) == ("predefined", 5, 2)
    assert plan.hold_out_rows().tolist() == np.flatnonzero(parts == "TEST").tolist()
    assert plan.training_rows().tolist() == np.flatnonzero((parts == "train") | (parts == "Validation")).tolist()
    assert (plan.assignment[(parts == "exclude") | pd.isna(parts)] == UNUSED).all()
    said = " ".join(plan.notes)
    assert "120 rows of 'exclude' belong to no part" in said
    assert "120 rows have no 'part'" in said
    assert "taken together and dealt into folds" in said
    assert plan_split(dataset, schema(dataset, part="split"), **plan.asked).fingerprint == plan.fingerprint


def test_numbered_folds_are_taken_as_they_are(dataset_of: Make) -> None:
    number = np.arange(ROWS) % 4 + 1
    dataset = dataset_of({"y": YES, "fold": number})
    asked = schema(dataset, fold="split")
    with pytest.raises(InputError, match="No single value of 'fold' is called test or hold-out"):
        plan_split(dataset, asked)
    plan = plan_split(dataset, asked, held="4")
    assert plan.folds == 3
    for k in range(3):
        assert plan.validation_rows(k).tolist() == np.flatnonzero(number == k + 1).tolist()
    assert plan.hold_out == 0.25
    with pytest.raises(InputError, match="not by chance"):
        plan_split(dataset, asked, held="4", repeats=2)
    with pytest.raises(InputError, match="has no value '9'"):
        plan_split(dataset, asked, held="9")


def test_train_beside_numbered_folds_trains_every_fold(dataset_of: Make) -> None:
    part = np.array(["train", "1", "2", "test"], object)[np.arange(ROWS) % 4]
    dataset = dataset_of({"y": YES, "part": part})
    plan = plan_split(dataset, schema(dataset, part="split"))
    assert (plan.assignment[part == "train"] == WARM_UP).all()
    assert plan.fold_training_rows(0).tolist() == np.flatnonzero((part == "train") | (part == "2")).tolist()
    assert "train every fold and are never judged" in plan.notes[0]


def test_a_column_of_too_many_values_names_no_parts(dataset_of: Make) -> None:
    dataset = dataset_of({"y": YES, "row": [f"r{k}" for k in range(ROWS)]})
    with pytest.raises(NotPossibleError, match="600 different values"):
        describe_parts(dataset, "row")


def test_a_part_without_a_class_is_refused(dataset_of: Make) -> None:
    part = np.where(YES == "Yes", "train", np.where(np.arange(ROWS) % 2 == 0, "train", "test"))
    dataset = dataset_of({"y": YES, "part": part})
    with pytest.raises(NotPossibleError, match="the hold-out has no row of 'Yes'"):
        plan_split(dataset, schema(dataset, part="split"))


def test_weights_must_be_positive_and_faults_are_counted(dataset_of: Make) -> None:
    weight = np.ones(ROWS)
    weight[:3], weight[3:5], weight[5] = np.nan, -1, 0
    dataset = dataset_of({"y": YES, "w": weight, "good": np.arange(ROWS) + 1, "text": list(YES)})
    with pytest.raises(InputError, match="3 weights are missing, 1 weight is 0 and 2 weights are negative"):
        plan_split(dataset, schema(dataset, w="weight"))
    with pytest.raises(InputError, match="holds no numbers"):
        plan_split(dataset, schema(dataset, text="weight"))
    good = schema(dataset, good="weight")
    assert row_weights(dataset, good, np.array([0, 9])).tolist() == [1.0, 10.0]  # type: ignore[union-attr]
    assert row_weights(dataset, schema(dataset), np.array([0])) is None
    effective = np.sum(np.arange(1, ROWS + 1)) ** 2 / np.sum(np.arange(1, ROWS + 1) ** 2)
    assert f"600 rows are worth {effective:,.0f} even ones" in weight_words(dataset, good)


def test_one_role_for_the_split_and_one_weight(dataset_of: Make) -> None:
    dataset = dataset_of({"y": YES, "a": list(YES), "b": np.arange(ROWS)})
    with pytest.raises(InputError, match="follow the parts that 'a' names or keep groups together"):
        schema(dataset, a="split", b="group")
    with pytest.raises(InputError, match="Only one column can be the weight"):
        schema(dataset, a="weight", b="weight")


def test_what_a_split_comes_to_is_said(dataset_of: Make) -> None:
    dataset = dataset_of({"y": YES, "day": pd.date_range("2024-01-01", periods=ROWS), "w": np.arange(ROWS) + 1.0})
    asked = schema(dataset, day="time", w="weight")
    plan = plan_split(dataset, asked, gap=5)
    table = parts_table(dataset, asked, plan)
    assert list(table["Part"]) == ["Fold 1", "Fold 2", "Fold 3", "Fold 4", "Fold 5", "Hold-out"]
    held = np.flatnonzero(plan.assignment == HOLD_OUT)
    many = int((YES[held] == "Yes").sum())
    assert table["Of them 'Yes'"].iloc[-1] == f"{many} ({100 * many / len(held):.1f} %)"
    assert thresholds_from(plan).startswith("earlier folds")
    assert "weighted by 'w'" in judged_how(asked, plan)
    plain = schema(dataset)
    assert judged_how(plain, plan_split(dataset, plain)) == ""
    assert "25 folds" in judged_how(plain, plan_split(dataset, plain, repeats=5))


def test_a_table_may_bring_more_folds_than_can_be_asked_for(dataset_of: Make) -> None:
    """What was made can be made again from what it says of itself, as pages and experiment files do."""
    part = [f"fold {k}" if k else "test" for k in np.arange(ROWS) % 25]
    dataset = dataset_of({"y": ["Yes", "No"] * (ROWS // 2), "part": part})
    asked = schema(dataset, part="split")
    plan = plan_split(dataset, asked)
    assert plan.folds == 24
    assert plan_split(dataset, asked, **plan.asked).fingerprint == plan.fingerprint
