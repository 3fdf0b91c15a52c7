from __future__ import annotations

import pytest

from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.schema import Above, Classes, Column, Question, Schema
from mlops_lib.registry.names import checked_name, suggested_name


def named(table: str, target: str, question: Question) -> str:
    dataset = Dataset("f" * 16, table, "upload", 1, (target,), "", "")
    return suggested_name(dataset, Schema("f" * 16, (Column(target, "categorical", "target"),), question))


def test_a_name_says_table_and_question() -> None:
    assert named("ibm_hr.csv", "Attrition", Classes("Yes")) == "ibm_hr - Attrition is Yes"
    assert named("flights.parquet", "arr_delay", Above(15.0)) == "flights - arr_delay above 15"
    assert named("pay.csv", "pay", Above(1234567.0)) == "pay - pay above 1234567"


@pytest.mark.parametrize("table", ["a/b:c%.csv", "직원.xlsx", "..", "x" * 500, "a\nb.csv"])
def test_a_suggested_name_is_one_that_mlflow_takes(table: str) -> None:
    made = named(table, "이직 여부", Classes("예"))
    assert checked_name(made) == made


@pytest.mark.parametrize(
    ("name", "said"), [("", "no name"), ("a/b", "'/'"), ("a:b", "':'"), ("x" * 121, "121"), ("..", "'.'")]
)
def test_names_that_mlflow_refuses_are_refused_with_the_reason(name: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        checked_name(name)
