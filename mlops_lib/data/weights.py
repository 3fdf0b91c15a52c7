"""How much every row counts, where a column says so."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.words import counted, listed

WEIGHT_HINT = "Mend the column, or give it another role: without weights every row counts as one."


def row_weights(dataset: Dataset, schema: Schema, rows: np.ndarray) -> np.ndarray | None:
    """The weight of each of these rows (ids), float64 of shape (rows,); None where no column has the role "weight".

    A weight of 2 means that the row stands for two like it.

    Raises InputError where the column holds no numbers, or a weight is missing, infinite or not above 0.
    """
    column = schema.weight
    if column is None:
        return None
    values = dataset.table([column])[column]
    if not (pa.types.is_integer(values.type) or pa.types.is_floating(values.type)):
        raise InputError(f"The weight column '{column}' holds no numbers.", WEIGHT_HINT)
    weights: np.ndarray = values.to_numpy().astype(np.float64)[rows]
    faults = {"missing": np.isnan(weights), "infinite": np.isinf(weights), "0": weights == 0, "negative": weights < 0}
    found = [f"{counted(int(bad.sum()), 'weight')} {_is(bad)} {name}" for name, bad in faults.items() if bad.any()]
    if found:
        raise InputError(f"Of {counted(len(rows), 'row')} with an answer, in '{column}' {listed(found)}.", WEIGHT_HINT)
    return weights


def _is(bad: np.ndarray) -> str:
    return "is" if bad.sum() == 1 else "are"
