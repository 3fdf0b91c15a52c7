"""How many columns a table is encoded into, counted before anything is fitted."""

from __future__ import annotations

import numpy as np

from mlops_lib.data.encoded import encoded
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.schema import Schema
from mlops_lib.train.steps import DATE_PARTS


def columns_ahead(dataset: Dataset, schema: Schema, min_frequency: float = 0.01) -> int:
    """Columns of the encoded matrix of all features, without treatments and selection, over all rows of the table.

    A category gives a column for each level (a missing one is a level) with that share of the rows, and one for the
    rest; a fold may see a level more or less.
    """
    kinds = {name: schema.column(name).kind for name in schema.features()}
    plain = sum(len(DATE_PARTS) if kind == "date" else 1 for kind in kinds.values() if kind != "categorical")
    found = encoded(dataset, {name: kind for name, kind in kinds.items() if kind == "categorical"})
    return plain + sum(_parts(column.values, min_frequency) for column in found.values())


def _parts(codes: np.ndarray, min_frequency: float) -> int:
    counts = np.bincount(codes.astype(np.int64) + 1)
    counts = counts[counts > 0]
    common = int((counts >= min_frequency * len(codes)).sum())
    return common + int(common < len(counts))
