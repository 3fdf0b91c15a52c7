"""The question asked of the target: a missing answer is never No, the positive class never guessed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from mlops_lib.data.target import answer, describe_labels
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.schema import Above, Classes, Number


def column(values: list[object], kind: pa.DataType | None = None) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values, kind)])


def test_two_classes_are_no_and_yes_and_missing_is_neither() -> None:
    target = answer(column(["Yes", "No", None, "No"]), "left", Classes("Yes"))
    assert target.kind == "binary"
    assert (target.negative, target.positive) == ("No", "Yes")
    np.testing.assert_array_equal(target.values, [1, 0, np.nan, 0])
    np.testing.assert_array_equal(target.known, [True, True, False, True])


def test_several_classes_become_one_against_the_rest() -> None:
    target = answer(column(["a", "b", "c", None, "b"]), "x", Classes("b"))
    assert target.names == ("not b", "b")
    np.testing.assert_array_equal(target.values, [0, 1, 0, np.nan, 1])


def test_several_classes_as_they_are_are_sorted_by_label() -> None:
    target = answer(column(["b", "c", "a", None]), "x", Classes(None))
    assert (target.kind, target.names) == ("classes", ("a", "b", "c"))
    np.testing.assert_array_equal(target.values, [1, 2, 0, np.nan])


@pytest.mark.parametrize("values", [[0, 1, None, 1], [0.0, 1.0, None, 1.0]])
def test_numbers_are_labels_as_people_write_them(values: list[object]) -> None:
    target = answer(column(values), "class", Classes("1"))
    assert target.names == ("0", "1")
    np.testing.assert_array_equal(target.values, [0, 1, np.nan, 1])


def test_a_limit_asks_for_more_than_it_and_missing_stays_missing() -> None:
    target = answer(column([15, 16, None, -3]), "delay", Above(15.0))
    assert target.names == ("15 or less", "above 15")
    np.testing.assert_array_equal(target.values, [0, 1, np.nan, 0])


def test_a_large_limit_keeps_its_digits() -> None:
    target = answer(column([1234567, 1234568]), "pay", Above(1234567.0))
    assert target.names == ("1234567 or less", "above 1234567")
    with pytest.raises(NotPossibleError, match="above 1234568; they go from 1234567 to 1234568"):
        answer(column([1234567, 1234568]), "pay", Above(1234568.0))


def test_the_values_given_are_not_changed() -> None:
    values = column([1.0, 2.0, 3.0])
    before = values.to_pylist()
    target = answer(values, "x", Number())
    with pytest.raises(ValueError, match="read-only"):
        target.values[0] = 99
    assert values.to_pylist() == before


@pytest.mark.parametrize(
    ("values", "question", "error", "says"),
    [
        (["No", "No", None], Classes("Yes"), NotPossibleError, r"has one class \('No', 2 rows\)"),
        ([None, None], Classes("Yes"), NotPossibleError, "has no value at all"),
        (["Yes", "No"], Classes("yes"), InputError, "'yes' is not a value of 'y'"),
        (["Yes", "No"], Classes(None), InputError, "Say which one is the positive class"),
        ([1, 2, 3], Above(3.0), NotPossibleError, "No value of 'y' is above 3"),
        ([1, 2, 3], Above(0.0), NotPossibleError, "Every value of 'y' is above 0"),
        (["a", "b"], Above(1.0), InputError, "holds labels, not numbers"),
        ([7, 7, None], Number(), NotPossibleError, "never changes"),
        ([str(k) for k in range(101)], Classes(None), NotPossibleError, "101 classes; the limit is 100"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(
    values: list[object], question: Classes | Above | Number, error: type[Exception], says: str
) -> None:
    kind = pa.string() if all(v is None for v in values) else None
    with pytest.raises(error, match=says):
        answer(column(values, kind), "y", question)


def test_dates_are_no_target() -> None:
    with pytest.raises(InputError, match="holds dates"):
        answer(column([1, 2], pa.timestamp("us")), "when", Classes("x"))


def test_labels_come_with_their_counts(dataset_of: object) -> None:
    dataset: Dataset = dataset_of({"y": ["b", "a", None, "b", "c"]})  # type: ignore[operator]
    labels = describe_labels(dataset, "y")
    assert (labels.labels, labels.counts) == (("b", "a", "c"), (2, 1, 1))
    assert (labels.distinct, labels.missing, labels.rows, labels.numeric) == (3, 1, 5, False)
    with pytest.raises(InputError, match="no column 'z'"):
        describe_labels(dataset, "z")
