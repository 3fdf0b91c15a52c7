"""The nouns refuse what makes no sense and answer simple questions about themselves."""

import numpy as np
import pytest

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.recipe import Model, Recipe, Sampler
from mlops_lib.objects.schema import Classes, Column, Schema
from mlops_lib.objects.split import HOLD_OUT, UNUSED, WARM_UP, SplitPlan


def schema(*columns: Column) -> Schema:
    return Schema("d", columns, Classes("Yes"))


TARGET = Column("left", "categorical", "target")


def test_a_schema_has_one_target() -> None:
    with pytest.raises(InputError, match="exactly one target"):
        schema(Column("age", "numeric", "feature"))
    with pytest.raises(InputError, match="left, gone"):
        schema(TARGET, Column("gone", "categorical", "target"))


def test_no_role_is_accepted_and_then_ignored() -> None:
    with pytest.raises(InputError, match="Only one column can be the group"):
        schema(TARGET, Column("a", "numeric", "group"), Column("b", "numeric", "group"))
    with pytest.raises(InputError, match="not both"):
        schema(TARGET, Column("a", "numeric", "group"), Column("b", "date", "time"))
    with pytest.raises(InputError, match="cannot be a feature"):
        schema(TARGET, Column("note", "text", "feature"))


def test_features_come_in_table_order_and_by_kind() -> None:
    made = schema(Column("z", "numeric", "feature"), TARGET, Column("a", "categorical", "feature"))
    assert made.features() == ("z", "a")
    assert made.features("categorical") == ("a",)
    with pytest.raises(InputError, match="no column 'q'"):
        made.column("q")


def test_sampler_and_class_weights_exclude_each_other() -> None:
    with pytest.raises(InputError, match="Choose one"):
        Recipe(Model("lightgbm"), sampler=Sampler("smote"), class_weight="balanced")


def test_a_fold_never_trains_on_rows_it_is_judged_on() -> None:
    assignment = np.array([0, 1, 2, HOLD_OUT, UNUSED, 0, 1, 2], np.int8)
    plan = SplitPlan("d", "s", "stratified", 3, 0.25, 0, assignment)
    for fold in range(3):
        trained, judged = plan.fold_training_rows(fold), plan.validation_rows(fold)
        assert set(trained) | set(judged) == set(plan.training_rows()) == {0, 1, 2, 5, 6, 7}
        assert not set(trained) & set(judged)
    assert plan.hold_out_rows().tolist() == [3]


def test_a_time_fold_trains_on_earlier_rows_only() -> None:
    assignment = np.array([WARM_UP, WARM_UP, 0, 1, 2, HOLD_OUT], np.int8)
    plan = SplitPlan("d", "s", "time", 3, 0.25, 0, assignment)
    assert plan.fold_training_rows(0).tolist() == [0, 1]
    assert plan.fold_training_rows(2).tolist() == [0, 1, 2, 3]
    assert plan.training_rows().tolist() == [0, 1, 2, 3, 4]
