"""What a model's scores are made of, as plain arrays; drawn by `charts`, made by `explain.shap_values`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from mlops_lib.objects.errors import NotFoundError

Scale = Literal["log-odds", "probability"]


@dataclass(frozen=True, eq=False)
class Explanation:
    """Interventional SHAP values of the fitted model's score before calibration, in columns of the table.

    `values` (rows, columns) on `scale`; each row of it adds up to `score - expected`. `expected` is the mean score of
    the `background` rows, which come from the training rows as they are (never resampled). The parts of a one-hot
    encoded column are added up, which keeps the sum but is not that group's own Shapley value; `summed` names these
    columns. `cells` are the original values, aligned with `values`.
    `row` ids; `raw` and `probability` the model's probability before and after calibration; `out_of_fold` the
    calibrated one from the fold that did not see the row (NaN where there is none); `truth` 1, 0, or -1 where it is
    not known or not shown. All have shape (rows,).
    `training_rows` is the number that `row` was drawn from and `base_rate` the share of positives among them.
    `additivity` is the largest gap between score and sum of parts, relative to the largest score.
    """

    run: str
    names: tuple[str, ...]
    scale: Scale
    method: str
    columns: tuple[str, ...]
    summed: tuple[str, ...]
    values: np.ndarray
    cells: pd.DataFrame
    expected: float
    background: int
    row: np.ndarray
    score: np.ndarray
    raw: np.ndarray
    probability: np.ndarray
    out_of_fold: np.ndarray
    truth: np.ndarray
    training_rows: int
    base_rate: float
    additivity: float
    seconds: float

    @property
    def n(self) -> int:
        return len(self.row)

    @cached_property
    def importance(self) -> pd.DataFrame:
        """One row a column, the most important first: column, mean_abs, error, share.

        `mean_abs` is the mean |SHAP| on `scale`; `error` its standard error as a mean of `n` of `training_rows` rows
        (with the finite population correction: 0 where all were explained); `share` its part of the total.
        """
        sizes = np.abs(self.values)
        mean = sizes.mean(axis=0)
        spread = sizes.std(axis=0, ddof=1) if self.n > 1 else np.full(len(mean), np.nan)
        left_out = max(1.0 - self.n / max(self.training_rows, 1), 0.0)
        table = pd.DataFrame(
            {
                "column": list(self.columns),
                "mean_abs": mean,
                "error": spread * np.sqrt(left_out / max(self.n, 1)),
                "share": mean / mean.sum() if mean.sum() > 0 else mean,
            }
        )
        return table.sort_values("mean_abs", ascending=False, kind="stable", ignore_index=True)

    def position(self, row: int) -> int:
        """Where a row id stands in the arrays. Raises NotFoundError where it was not explained."""
        found = np.flatnonzero(self.row == row)
        if not len(found):
            raise NotFoundError(
                f"Row {row:,} is not among the {self.n:,} explained rows.", "Ask for its own explanation."
            )
        return int(found[0])

    def parts(self, row: int) -> pd.DataFrame:
        """What one row's score is made of, the largest part first: column, cell, value."""
        at = self.position(row)
        cells = [self.cells[c].iloc[at] for c in self.columns]
        table = pd.DataFrame({"column": list(self.columns), "cell": cells, "value": self.values[at]})
        return table.sort_values("value", key=np.abs, ascending=False, kind="stable", ignore_index=True)


def cell_text(cell: object) -> str:
    """A cell as it stands in the table, without a needless ".0"; numbers to six digits, "" where it is missing."""
    if cell is None or cell is pd.NaT or (isinstance(cell, float) and np.isnan(cell)):
        return ""
    if isinstance(cell, (int, float, np.number)) and not isinstance(cell, bool):
        value = float(cell)
        return str(int(value)) if value.is_integer() else f"{value:.6g}"
    return str(cell)


@dataclass(frozen=True)
class PermutationImportance:
    """How much ROC-AUC falls when one column is shuffled: the refitted model on `rows` of its own training rows.

    `table` has one row a column, the largest drop first: column, drop, spread (standard deviation over `repeats`).
    `auc` is the ROC-AUC before. The model has seen these rows: the drop says what it relies on, not what holds
    on new rows.
    """

    run: str
    table: pd.DataFrame
    auc: float
    rows: int
    training_rows: int
    repeats: int
    seconds: float
