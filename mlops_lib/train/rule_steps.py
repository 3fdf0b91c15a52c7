"""A rule at work on raw columns. It travels with a registered model: numpy, pandas and scikit-learn only."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin

from mlops_lib.train.steps import AsText

Joined = list[Any] | int
"""How comparisons are joined: the number of a comparison, or ["all" | "any" | "none", parts]."""


class Meets(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Which rows meet one comparison: a column of the table to 1.0 and 0.0, float64 of shape (rows, 1).

    `kind` "number" compares numbers, "date" microseconds since 1970 (UTC), "text" labels; "any" asks only whether a
    cell is there. `values` are one for ==, !=, <, <=, >, >=; low and high for "between" (both included) and "outside"
    (neither); any number for "in"; none for "missing" and "filled". A missing cell meets "missing" alone.
    """

    def __init__(self, kind: str, operator: str, values: tuple[Any, ...] = ()) -> None:
        self.kind = kind
        self.operator = operator
        self.values = values

    def fit(self, x: pd.DataFrame, y: object = None) -> Self:  # noqa: ARG002  (scikit-learn passes it)
        self.n_features_in_ = x.shape[1]
        return self

    def said(self, column: str) -> str:
        """The comparison for people: "tenure < 2.0"."""
        return " ".join([column, self.operator, *map(repr, self.values)])

    def transform(self, x: pd.DataFrame) -> np.ndarray:
        cells, there = _cells(x.iloc[:, 0], self.kind)
        return _met(cells, there, self.operator, list(self.values)).astype(np.float64)[:, None]


class RuleShares(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Rows that meet a rule get the share of class 1 among such rows in training, all others that among the others.

    `joined` says how the columns of `Meets` make the rule. A side without rows gets the share of all.
    """

    def __init__(self, joined: Joined) -> None:
        self.joined = joined

    def fit(self, x: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None = None) -> Self:
        """Fit on rows `x` (rows, comparisons) with the codes 0 and 1 in `y`; `sample_weight` of shape (rows,)."""
        weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        met, positive = self.met(x), np.asarray(y) == 1
        self.classes_ = np.array([0, 1])
        self.n_features_in_ = x.shape[1]
        share = np.average(positive, weights=weight)
        sides = [(side, weight[side].sum()) for side in (~met, met)]
        self.shares_ = np.array([np.average(positive[s], weights=weight[s]) if w > 0 else share for s, w in sides])
        self.rows_ = np.array([int(side.sum()) for side, _ in sides])
        return self

    def met(self, x: np.ndarray) -> np.ndarray:
        """Which rows meet the rule, boolean of shape (rows,)."""
        return _joined(self.joined, np.asarray(x) > 0.5)

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        """Probabilities of classes 0 and 1, shape (rows, 2)."""
        share = self.shares_[self.met(x).astype(np.int64)]
        return np.column_stack([1 - share, share])

    def predict(self, x: np.ndarray) -> np.ndarray:
        """1 for rows that meet the rule."""
        return self.met(x).astype(np.int64)


def _cells(column: pd.Series, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Cells that can be compared, and which of them are there."""
    if kind == "number":
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        return numbers, ~np.isnan(numbers)
    there = column.notna().to_numpy(dtype=bool)
    if kind == "date":
        dates = pd.to_datetime(column, utc=True).dt.as_unit("us")
        return dates.to_numpy(dtype="datetime64[us]").astype(np.int64), there
    return AsText().fit_transform(column.to_frame())[:, 0], there


def _met(cells: np.ndarray, there: np.ndarray, operator: str, values: list[Any]) -> np.ndarray:
    if operator in ("missing", "filled"):
        return ~there if operator == "missing" else there
    met = np.zeros(len(cells), dtype=bool)
    met[there] = _compared(cells[there], operator, values)
    return met


def _compared(cells: np.ndarray, operator: str, values: list[Any]) -> np.ndarray:
    first = values[0]
    if operator in ("==", "!=", "in"):
        same = (
            np.isin(cells, values) if cells.dtype != object else pd.Series(cells, dtype=object).isin(values).to_numpy()
        )
        return np.asarray(same if operator != "!=" else ~same, dtype=bool)
    if operator in ("between", "outside"):
        within = (cells >= first) & (cells <= values[1])
        return np.asarray(within if operator == "between" else ~within, dtype=bool)
    signs = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
    return np.asarray(signs[operator](cells, first), dtype=bool)


def _joined(joined: Joined, met: np.ndarray) -> np.ndarray:
    if isinstance(joined, int):
        return np.asarray(met[:, joined])
    how, parts = joined
    found = [_joined(part, met) for part in parts]
    if how == "all":
        return np.asarray(np.logical_and.reduce(found))
    some = np.logical_or.reduce(found)
    return np.asarray(some if how == "any" else ~some)
