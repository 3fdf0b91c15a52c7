"""A quick boosted model over a table's features as they come: what it says of rows it was not fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops_lib.stats.features import Feature

MOST_LEVELS = 60
"""Levels of a category that stay apart; the rarer ones count as one."""
_BIN = 63
_LEAF_ROWS = 20

Folds = Sequence[tuple[np.ndarray, np.ndarray]]
"""For every fold the positions fitted on and the positions judged."""


@dataclass(frozen=True, eq=False)
class Matrix:
    """n rows of p features: `values` float64 (n, p), NaN where missing; `labels` are the columns that hold codes."""

    names: tuple[str, ...]
    values: np.ndarray
    labels: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Judged:
    """What models said of rows they were not fitted on.

    `chances` is float64 (n, k), NaN in rows that no fold judges; `gains` (p,) is how much each feature told, adding up
    to one (all zero where no feature told anything).
    """

    chances: np.ndarray
    gains: np.ndarray


def matrix_of(features: Sequence[Feature]) -> Matrix:
    """Features as columns of numbers; a category by the rank of its levels in size, the largest first."""
    columns = [_ranked(f.values, len(f.levels)) if f.kind == "categorical" else f.values for f in features]
    values = np.column_stack(columns).astype(np.float64) if columns else np.zeros((0, 0))
    labels = tuple(k for k, f in enumerate(features) if f.kind == "categorical")
    return Matrix(tuple(f.name for f in features), values, labels)


def _ranked(codes: np.ndarray, levels: int) -> np.ndarray:
    sizes = np.bincount(codes[codes >= 0], minlength=max(levels, 1))
    place = np.empty(len(sizes))
    place[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    place = np.minimum(place, MOST_LEVELS)
    return np.where(codes >= 0, place[np.maximum(codes, 0)], np.nan)


def judge(matrix: Matrix, codes: np.ndarray, classes: int, folds: Folds, seed: int, trees: int = 50) -> Judged:
    """Out-of-fold chances of every class, by gradient boosting of shallow trees (LightGBM) on one thread.

    Parameters
    ----------
    codes : int (n,), from 0 to `classes` - 1.
    """
    chances = np.full((len(codes), classes), np.nan)
    gains = np.zeros(len(matrix.names))
    for fitted, judged in folds:
        model = _fit(matrix, fitted, codes[fitted], classes, seed, trees)
        said = model.predict(matrix.values[judged], num_threads=1)
        chances[judged] = np.column_stack([1 - said, said]) if classes == 2 else said
        gains += model.feature_importance("gain")
    return Judged(chances, gains / gains.sum() if gains.sum() > 0 else gains)


def _fit(matrix: Matrix, rows: np.ndarray, codes: np.ndarray, classes: int, seed: int, trees: int) -> Any:
    import lightgbm

    settings = {
        **({"objective": "binary"} if classes == 2 else {"objective": "multiclass", "num_class": classes}),
        "learning_rate": 0.1, "num_leaves": 15, "min_data_in_leaf": min(_LEAF_ROWS, max(1, len(rows) // 20)),
        "lambda_l2": 1.0, "max_bin": _BIN, "verbose": -1, "num_threads": 1, "seed": seed, "deterministic": True,
        "force_row_wise": True,
    }  # fmt: skip
    data = lightgbm.Dataset(
        matrix.values[rows], codes, categorical_feature=list(matrix.labels), params={"max_bin": _BIN, "verbose": -1}
    )
    return lightgbm.train(settings, data, trees)


def spread_folds(strata: np.ndarray, folds: int, seed: int) -> Folds:
    """`folds` random folds of n positions with the codes of `strata` (n,) in the same shares."""
    shuffled = np.random.default_rng(seed).permutation(len(strata))
    order = shuffled[np.argsort(strata[shuffled], kind="stable")]
    fold = np.empty(len(strata), np.int64)
    fold[order] = np.arange(len(strata)) % folds
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(folds)]
