"""The question asked of the target, answered for every row; a missing target is never an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mlops_lib.data.encoded import encode, encoded_column
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.schema import Above, Classes, Question, Schema
from mlops_lib.objects.target import Target
from mlops_lib.stats.features import Feature, level_label

MAX_CLASSES = 100


@dataclass(frozen=True)
class Labels:
    """The values of a column as labels, most frequent first (at most `MAX_CLASSES`), with their counts.

    `distinct` counts all of them; `numeric` says whether a limit ("above 15") can be asked about.
    """

    column: str
    labels: tuple[str, ...]
    counts: tuple[int, ...]
    distinct: int
    missing: int
    rows: int
    numeric: bool


def describe_labels(dataset: Dataset, column: str) -> Labels:
    """The labels of a column, for choosing the target's question. Raises InputError where there is no such column."""
    values = _values(dataset, column)
    counts = pc.value_counts(values.drop_null())
    number = np.asarray(counts.field("counts"))
    # Sorting by label first makes the order of equally frequent labels the same on every machine.
    named = [level_label(v) for v in counts.field("values").to_pylist()] if len(number) <= 100_000 else []
    order = sorted(range(len(named)), key=lambda k: (-number[k], named[k]))[:MAX_CLASSES]
    return Labels(
        column=column,
        labels=tuple(named[k] for k in order),
        counts=tuple(int(number[k]) for k in order),
        distinct=len(number),
        missing=values.null_count,
        rows=len(values),
        numeric=_is_number(values.type),
    )


def resolve_target(dataset: Dataset, schema: Schema) -> Target:
    """The answer of every row under the schema's question.

    Raises
    ------
    InputError : the question does not fit the column, or its positive class is not among the labels.
    NotPossibleError : fewer than two classes, more than `MAX_CLASSES`, or a number that never changes.
    """
    column = schema.target
    held = _held(dataset, column)
    return _answered(held, column, schema.question, lambda kind: encoded_column(dataset, column, kind))


def answer(values: pa.ChunkedArray, column: str, question: Question) -> Target:
    """The same for a bare column."""
    return _answered(values.type, column, question, lambda kind: encode(values, column, kind))


def _answered(held: pa.DataType, column: str, question: Question, encoded: Callable[[str], Feature]) -> Target:
    """The answer, where `held` is the type of the cells and `encoded` gives them as numbers or codes."""
    if pa.types.is_timestamp(held):
        raise InputError(f"The target '{column}' holds dates.", "Choose a column of labels or numbers.")
    if isinstance(question, Classes):
        return _classes(encoded("categorical"), question.positive)
    if not _is_number(held):
        raise InputError(
            f"The target '{column}' holds labels, not numbers.", "Choose its positive class instead of a limit."
        )
    numbers = encoded("numeric").values
    if isinstance(question, Above):
        return _above(numbers, column, question.limit)
    known = numbers[~np.isnan(numbers)]
    if len(known) == 0 or known.min() == known.max():
        raise NotPossibleError(f"The target '{column}' never changes.", "Choose a target with at least two values.")
    return Target("number", column, (), numbers)


def _classes(encoded: Feature, positive: str | None) -> Target:
    column, codes, labels = encoded.name, encoded.values, list(encoded.levels)
    if len(labels) > max(MAX_CLASSES, 2) and positive is None:
        raise NotPossibleError(
            f"The target '{column}' has {len(labels):,} classes; the limit is {MAX_CLASSES}.",
            "Choose one class against the rest, or for a number a limit.",
        )
    _check_classes(labels, codes, column, positive)
    if positive is None:
        names = tuple(sorted(labels))
        places = np.array([names.index(label) for label in labels], np.float64)
        return Target("classes", column, names, _looked_up(places, codes))
    yes = np.array([label == positive for label in labels], np.float64)
    others = [label for label in labels if label != positive]
    negative = others[0] if len(others) == 1 else f"not {positive}"
    return Target("binary", column, (negative, positive), _looked_up(yes, codes))


def _check_classes(labels: list[str], codes: np.ndarray, column: str, positive: str | None) -> None:
    if len(labels) < 2:
        count = int(np.count_nonzero(codes >= 0))
        what = f"has one class ('{labels[0]}', {count:,} rows)" if labels else "has no value at all"
        raise NotPossibleError(f"The target '{column}' {what}.", "Choose a target with at least two classes.")
    listed = ", ".join(f"'{label}'" for label in sorted(labels)[:10]) + (", …" if len(labels) > 10 else "")
    if positive is None and len(labels) == 2:
        raise InputError(f"The target '{column}' has the classes {listed}.", "Say which one is the positive class.")
    if positive is not None and positive not in labels:
        raise InputError(f"The positive class '{positive}' is not a value of '{column}'.", f"Its values are {listed}.")


def _above(numbers: np.ndarray, column: str, limit: float) -> Target:
    limit = float(limit)
    known = ~np.isnan(numbers)
    values = np.where(known, (numbers > limit).astype(np.float64), np.nan)
    above, filled = int(np.nansum(values)), int(known.sum())
    if above in (0, filled):
        which = "No" if above == 0 else "Every"
        low, high = (np.nanmin(numbers), np.nanmax(numbers)) if filled else (np.nan, np.nan)
        raise NotPossibleError(
            f"{which} value of '{column}' is above {level_label(limit)}; "
            f"they go from {level_label(low)} to {level_label(high)}.",
            "Choose a limit between these.",
        )
    return Target("binary", column, (f"{level_label(limit)} or less", f"above {level_label(limit)}"), values)


def _looked_up(by_label: np.ndarray, codes: np.ndarray) -> np.ndarray:
    values: np.ndarray = np.append(by_label, np.nan).take(codes, mode="wrap")  # what is missing (-1) takes the last
    return values


def _held(dataset: Dataset, column: str) -> pa.DataType:
    if column not in dataset.columns:
        raise InputError(f"There is no column '{column}' in '{dataset.name}'.", "Choose one of its columns.")
    return pq.read_schema(dataset.path).field(column).type


def _values(dataset: Dataset, column: str) -> pa.ChunkedArray:
    _held(dataset, column)
    return dataset.table([column])[column]


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))
