"""Which rows are looked at, and columns of a dataset on those rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mlops_lib.data.encoded import encoded
from mlops_lib.data.target import resolve_target
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.target import Target
from mlops_lib.stats.features import Feature

Seen = Literal["training rows", "all rows"]


@dataclass(frozen=True, eq=False)
class Looked:
    """The rows that are looked at (ids, ascending int64), what they are called, and the target of the dataset."""

    rows: np.ndarray
    seen: Seen
    target: Target

    @property
    def answers(self) -> np.ndarray:
        """The target on those rows: int class codes, or float64 numbers; shape (rows,)."""
        return self.target.values[self.rows] if self.target.kind == "number" else self.target.codes(self.rows)


def look(dataset: Dataset, schema: Schema, plan: SplitPlan, all_rows: bool = False) -> Looked:
    """The training rows of a plan, or all rows whose target is known.

    Raises
    ------
    InputError : schema or plan belong to another dataset.
    NotPossibleError : there is no such row.
    """
    if not schema.dataset == plan.dataset == dataset.fingerprint or plan.schema != schema.fingerprint:
        raise InputError(
            "Table, columns and split do not belong together.", "Confirm the columns on the Data page again."
        )
    target = resolve_target(dataset, schema)
    rows = np.flatnonzero(target.known) if all_rows else plan.training_rows()
    if len(rows) == 0:
        raise NotPossibleError(f"No row has a value in the target '{schema.target}'.", "Choose another target.")
    return Looked(rows, "all rows" if all_rows else "training rows", target)


def some_features(schema: Schema) -> tuple[str, ...]:
    """Names of the features. Raises NotPossibleError where there are none."""
    names = schema.features()
    if not names:
        raise NotPossibleError(
            "There is no feature to look at.", "Give at least one column the role 'feature' on the Data page."
        )
    return names


def features(dataset: Dataset, schema: Schema, rows: np.ndarray, names: Sequence[str]) -> dict[str, Feature]:
    """Columns of the dataset on some rows, by their kind in the schema, in the order of `names`; to be read only."""
    every = len(rows) == dataset.rows
    columns = encoded(dataset, {name: schema.column(name).kind for name in names})
    return columns if every else {name: column.take(rows) for name, column in columns.items()}


def target_feature(looked: Looked) -> Feature:
    """The target as a column like any other: categories, or numbers."""
    kind: Literal["numeric", "categorical"] = "numeric" if looked.target.kind == "number" else "categorical"
    return Feature(looked.target.column, kind, looked.answers, looked.target.names)
