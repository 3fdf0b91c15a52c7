"""Own fitted transformers of a pipeline. They travel with a registered model: numpy, pandas and scikit-learn only."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

MISSING = "(missing)"
"""The level that a missing category becomes."""

DATE_PARTS = ("days since 1970", "month", "weekday", "hour")


class _Stateless(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Learns nothing but the number of columns."""

    def fit(self, x: Any, y: object = None) -> Self:  # noqa: ARG002  (scikit-learn passes it)
        self.n_features_in_ = x.shape[1]
        return self


class AsNumber(_Stateless):
    """Columns to a float64 matrix of the same shape; infinite values become missing (NaN), as no model can use them.

    Raises ValueError where a cell is text that is no number.
    """

    def transform(self, x: pd.DataFrame) -> np.ndarray:
        matrix = np.empty(x.shape, dtype=np.float64)
        for i in range(x.shape[1]):
            matrix[:, i] = pd.to_numeric(x.iloc[:, i]).to_numpy(dtype=np.float64, na_value=np.nan)
        matrix[np.isinf(matrix)] = np.nan
        return matrix


class SignedLog(_Stateless):
    """sign(x)·log(1 + |x|), which is defined for every number and keeps the order."""

    def transform(self, x: np.ndarray) -> np.ndarray:
        result: np.ndarray = np.sign(x) * np.log1p(np.abs(x))
        return result


class ClipToRange(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Clip every column to its quantiles `low` and `high` among the rows it was fitted on; missing stays missing."""

    def __init__(self, low: float = 0.01, high: float = 0.99) -> None:
        self.low = low
        self.high = high

    def fit(self, x: np.ndarray, y: object = None) -> Self:  # noqa: ARG002  (scikit-learn passes it)
        bounds = [np.nanquantile(c, [self.low, self.high]) if np.isfinite(c).any() else (0.0, 0.0) for c in x.T]
        self.low_, self.high_ = np.asarray(bounds, dtype=np.float64).reshape(-1, 2).T.copy()
        self.n_features_in_ = x.shape[1]
        return self

    def transform(self, x: np.ndarray) -> np.ndarray:
        result: np.ndarray = np.clip(x, self.low_, self.high_)
        return result


class AsText(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Categories to a matrix of text: 1, 1.0 and "1" are one level, and a missing cell is a level of its own.

    `missing` "own_level" writes `MISSING`; "most_frequent" writes the commonest level of the rows it was fitted on
    (the first in sorted order where several are as common).
    """

    def __init__(self, missing: str = "own_level") -> None:
        self.missing = missing

    def fit(self, x: pd.DataFrame, y: object = None) -> Self:  # noqa: ARG002  (scikit-learn passes it)
        columns = (_as_text(x.iloc[:, i]) for i in range(x.shape[1]))
        self.fill_ = [MISSING if self.missing == "own_level" else _commonest(c) for c in columns]
        self.n_features_in_ = x.shape[1]
        return self

    def transform(self, x: pd.DataFrame) -> np.ndarray:
        matrix = np.empty(x.shape, dtype=object)
        for i, fill in enumerate(self.fill_):
            matrix[:, i] = _as_text(x.iloc[:, i]).where(lambda c: c.notna(), fill).to_numpy(dtype=object)
        return matrix


class DateParts(_Stateless):
    """Each date to `DATE_PARTS`, side by side: a float64 matrix of shape (rows, 4·columns); missing is NaN.

    Dates with a time zone are taken in UTC.
    """

    def transform(self, x: pd.DataFrame) -> np.ndarray:
        return np.hstack([_date_parts(x.iloc[:, i]) for i in range(x.shape[1])])


def _as_text(column: pd.Series) -> pd.Series:
    """Text with NaN where missing; numbers without a needless ".0"."""
    known = column.notna().to_numpy()
    if pd.api.types.is_bool_dtype(column.dtype) or not pd.api.types.is_numeric_dtype(column.dtype):
        text = column.astype(object).where(known, None)
        distinct = {v: _cell_text(v) for v in pd.unique(text[known])}
        return text.map(distinct)
    numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
    values, codes = np.unique(numbers[known], return_inverse=True)
    result = np.full(len(column), None, dtype=object)
    result[known] = np.array([_cell_text(v) for v in values.tolist()], dtype=object)[codes]
    return pd.Series(result, index=column.index, dtype=object)


def _cell_text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _commonest(column: pd.Series) -> str:
    counts = column.value_counts()
    return MISSING if counts.empty else str(min(counts.index[counts == counts.iloc[0]]))


def _date_parts(column: pd.Series) -> np.ndarray:
    dates = pd.to_datetime(column, utc=True)
    days = (dates - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1)
    parts: list[pd.Series] = [days, dates.dt.month, dates.dt.day_of_week, dates.dt.hour]
    return np.column_stack([p.to_numpy(dtype=np.float64, na_value=np.nan) for p in parts])
