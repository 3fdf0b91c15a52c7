"""Rows that a finding speaks of, to be looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mlops_lib.objects.dataset import Dataset

ROW = "row"
"""The column of row numbers, counted from 0."""


def example_rows(dataset: Dataset, rows: Sequence[int], first: Sequence[str] = ()) -> pd.DataFrame:
    """These rows (ids) in the order given: their number, the columns `first`, then all others in table order.

    Names that the table does not have are left out of `first`. A column of the table called "row" is "row (column)".
    """
    front = [name for name in dict.fromkeys(first) if name in dataset.columns]
    columns = [*front, *(name for name in dataset.columns if name not in front)]
    frame = dataset.frame(columns, rows=np.asarray(rows, dtype=np.int64)).rename(columns={ROW: f"{ROW} (column)"})
    frame.insert(0, ROW, np.asarray(rows, dtype=np.int64))
    return frame
