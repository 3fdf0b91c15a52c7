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


class MendCells(_Stateless):
    """Cells that stand for others: labels of `merge` (pairs of label and what it becomes), then `missing` ones emptied.

    Cells are compared as numbers in a column of numbers, as points in time in a column of dates (without a zone: UTC),
    and else as text. What cannot be compared with a column stays in it.
    """

    def __init__(self, merge: tuple[tuple[str, str], ...] = (), missing: tuple[str, ...] = ()) -> None:
        self.merge = merge
        self.missing = missing

    def transform(self, x: pd.DataFrame) -> pd.DataFrame:
        columns = {name: _mended(x[name], dict(self.merge), self.missing) for name in x.columns}
        return pd.DataFrame(columns, index=x.index, columns=x.columns)


class AsFrequency(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Categories to the share of the fitted rows that have the same level, float64 of the same shape.

    Levels are those of `AsText` with the same `missing`; one that was not fitted has the share 0.
    """

    def __init__(self, missing: str = "own_level") -> None:
        self.missing = missing

    def fit(self, x: pd.DataFrame, y: object = None) -> Self:  # noqa: ARG002  (scikit-learn passes it)
        self.codes_ = AsCodes(self.missing).fit(x)
        codes = self.codes_.transform(x)
        self.shares_ = [np.bincount(c, minlength=1) / max(len(c), 1) for c in codes.T]
        self.n_features_in_ = x.shape[1]
        return self

    def transform(self, x: pd.DataFrame) -> np.ndarray:
        codes = self.codes_.transform(x)
        shares = [np.append(s, 0.0)[c] for s, c in zip(self.shares_, codes.T, strict=True)]
        return np.column_stack(shares)


class AsText(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Categories to a matrix of text: 1, 1.0 and "1" are one level, and a missing cell is a level of its own.

    `missing` "own_level" writes `MISSING`; "most_frequent" writes the commonest level of the rows it was fitted on
    (the first in sorted order where several are as common).
    """

    def __init__(self, missing: str = "own_level") -> None:
        self.missing = missing

    def fit(self, x: pd.DataFrame, y: object = None) -> Self:  # noqa: ARG002  (scikit-learn passes it)
        self.fill_ = [_fill(x.iloc[:, i], self.missing) for i in range(x.shape[1])]
        self.n_features_in_ = x.shape[1]
        return self

    def transform(self, x: pd.DataFrame) -> np.ndarray:
        matrix = np.empty(x.shape, dtype=object)
        for i, fill in enumerate(self.fill_):
            codes, labels = _labelled(x.iloc[:, i])
            matrix[:, i] = np.array([*labels, fill], dtype=object)[codes]
        return matrix


class AsCodes(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Categories to int64 codes into `levels_`, the sorted levels of each column among the rows it was fitted on.

    Levels are those of `AsText` with the same `missing`; one that was not fitted has the code -1.
    """

    def __init__(self, missing: str = "own_level") -> None:
        self.missing = missing

    def fit(self, x: pd.DataFrame, y: object = None) -> Self:  # noqa: ARG002  (scikit-learn passes it)
        self.fill_ = [_fill(x.iloc[:, i], self.missing) for i in range(x.shape[1])]
        self.levels_ = [_levels(x.iloc[:, i], fill) for i, fill in enumerate(self.fill_)]
        self.n_features_in_ = x.shape[1]
        return self

    def transform(self, x: pd.DataFrame) -> np.ndarray:
        matrix = np.empty(x.shape, dtype=np.int64)
        for i, (fill, levels) in enumerate(zip(self.fill_, self.levels_, strict=True)):
            codes, labels = _labelled(x.iloc[:, i])
            place = {level: k for k, level in enumerate(levels)}
            matrix[:, i] = np.array([place.get(label, -1) for label in (*labels, fill)])[codes]
        return matrix


class DateParts(_Stateless):
    """Each date to `DATE_PARTS`, side by side: a float64 matrix of shape (rows, 4·columns); missing is NaN.

    Dates with a time zone are taken in UTC.
    """

    def transform(self, x: pd.DataFrame) -> np.ndarray:
        return np.hstack([_date_parts(x.iloc[:, i]) for i in range(x.shape[1])])


def _mended(column: pd.Series, merge: dict[str, str], missing: tuple[str, ...]) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        days = pd.to_datetime(pd.Series(missing, dtype=object), utc=True, errors="coerce", format="ISO8601").dropna()
        return column.mask(pd.to_datetime(column, utc=True).isin(days))
    if pd.api.types.is_numeric_dtype(column.dtype) and not merge:
        numbers = pd.to_numeric(pd.Series(missing, dtype=object), errors="coerce").dropna()
        return column.mask(column.isin(numbers.astype(float)))
    codes, labels = _labelled(column)
    into: list[str | None] = [merge.get(label, label) for label in labels]
    cells = np.array([*(None if label in missing else label for label in into), None], dtype=object)[codes]
    return pd.Series(cells, index=column.index, name=column.name, dtype=object)


def _labelled(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Codes of shape (rows,), -1 where missing, into labels; two codes may have the same label (1 and "1")."""
    codes, values = pd.factorize(column, use_na_sentinel=True)
    return codes, [_cell_text(v) for v in values.tolist()]


def _cell_text(value: Any) -> str:
    """Numbers without a needless ".0"."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _fill(column: pd.Series, missing: str) -> str:
    if missing == "own_level":
        return MISSING
    codes, labels = _labelled(column)
    counts: dict[str, int] = {}
    for label, count in zip(labels, np.bincount(codes[codes >= 0], minlength=len(labels)), strict=True):
        counts[label] = counts.get(label, 0) + int(count)
    return min(counts, key=lambda label: (-counts[label], label)) if counts else MISSING


def _levels(column: pd.Series, fill: str) -> list[str]:
    codes, labels = _labelled(column)
    return sorted({*labels, fill} if (codes < 0).any() else set(labels))


def _date_parts(column: pd.Series) -> np.ndarray:
    dates = pd.to_datetime(column, utc=True)
    # In microseconds: nanoseconds end in the year 2262, and 9999-12-31 is a usual way to say "never".
    days = (dates.dt.as_unit("us") - pd.Timestamp(0, tz="UTC").as_unit("us")) / pd.Timedelta(days=1).as_unit("us")
    parts: list[pd.Series] = [days, dates.dt.month, dates.dt.day_of_week, dates.dt.hour]
    return np.column_stack([p.to_numpy(dtype=np.float64, na_value=np.nan) for p in parts])
