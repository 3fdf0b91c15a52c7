"""What a registered model expects of a table: its columns, their types and the labels it has seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from mlops_lib.train.steps import AsText

InputType = Literal["number", "text", "date", "yes/no"]

MOST_LEVELS = 10_000
"""Labels kept of one column; a column with more is not checked for unseen ones."""


@dataclass(frozen=True)
class InputColumn:
    """A raw column. `categorical` says that the model takes its cells as labels, whatever their type.

    `levels` are the labels among the training rows, sorted; None where they are not checked.
    """

    name: str
    type: InputType
    categorical: bool = False
    levels: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Contract:
    """The columns of a registered model, in the order of training, with the labels (negative, positive)."""

    columns: tuple[InputColumn, ...]
    names: tuple[str, ...]
    target: str


def input_column(name: str, cells: pd.Series, categorical: bool) -> InputColumn:
    """The column as the training rows have it."""
    seen = pd.unique(labels_of(cells)) if categorical else ()
    levels = tuple(sorted(map(str, seen))) if categorical and len(seen) <= MOST_LEVELS else None
    return InputColumn(name, input_type(cells), categorical, levels)


def labels_of(cells: pd.Series) -> np.ndarray:
    """The filled cells as the labels that the model sees: text, shape (filled cells,)."""
    filled = cells[cells.notna()].to_frame()
    labels: np.ndarray = AsText().fit(filled).transform(filled)[:, 0]
    return labels


def input_type(cells: pd.Series) -> InputType:
    """The type of a pandas column in the words of people."""
    dtype = cells.dtype
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return "date"
    if pd.api.types.is_bool_dtype(dtype):
        return "yes/no"
    return "number" if pd.api.types.is_numeric_dtype(dtype) else "text"
