"""The schema as the user confirmed it, checked against what the columns hold."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.schema import Column, Question, Schema


def confirm_schema(dataset: Dataset, columns: Sequence[Column], question: Question) -> Schema:
    """The schema. Raises InputError where a kind does not fit the cells, a column is unknown, or no feature is left."""
    schema = Schema(dataset.fingerprint, tuple(columns), question)
    types = {field.name: field.type for field in pq.read_schema(dataset.path)}
    for column in schema.columns:
        if column.name not in types:
            raise InputError(f"There is no column '{column.name}' in '{dataset.name}'.", "Choose one of its columns.")
        if column.role == "feature":
            _check_kind(column, types[column.name])
    if not schema.features():
        raise InputError("No column is left to predict from.", "Give at least one column the role 'feature'.")
    return schema


def _check_kind(column: Column, held: pa.DataType) -> None:
    holds = "dates" if pa.types.is_timestamp(held) else "text" if pa.types.is_string(held) else "numbers"
    if {"numeric": "numbers", "date": "dates"}.get(column.kind, holds) != holds:
        raise InputError(
            f"The column '{column.name}' holds {holds}, so its kind cannot be '{column.kind}'.",
            "Give it another kind, or read the table again in another way.",
        )
