"""Reading a later file as an earlier one was read, so that equal texts become equal cells."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from mlops_lib.data.datasets import open_dataset
from mlops_lib.objects.dataset import Dataset, ReadingOptions
from mlops_lib.workspace.folder import Workspace


def options_alike(workspace: Workspace, dataset: Dataset) -> ReadingOptions:
    """Options under which a file becomes columns like those of `dataset`, or of the version it was derived from.

    Each column gets the kind it has there: cells that do not fit become missing and are listed. What counts as missing
    and the order of day and month are taken over; encoding, delimiter and header are the file's own, and so is the
    decimal sign unless its cells leave that open.
    """
    types = {field.name: field.type for field in pq.read_schema(dataset.path)}
    reading = _root(workspace, dataset).reading
    kinds = ReadingOptions(
        text_columns=tuple(n for n, t in types.items() if pa.types.is_string(t)),
        number_columns=tuple(n for n, t in types.items() if pa.types.is_integer(t) or pa.types.is_floating(t)),
        date_columns=tuple(n for n, t in types.items() if pa.types.is_timestamp(t)),
    )
    if reading is None:
        return kinds
    used = reading.options
    return ReadingOptions(
        missing=used.missing,
        thousands=used.thousands,
        text_columns=kinds.text_columns,
        number_columns=kinds.number_columns,
        date_columns=kinds.date_columns,
        day_first=reading.day_first,
        month_first=reading.month_first,
        expected_decimal=used.decimal,
    )


def _root(workspace: Workspace, dataset: Dataset) -> Dataset:
    while dataset.parent is not None:
        dataset = open_dataset(workspace, dataset.parent)
    return dataset
