"""SHAP values of tree models, exact where the shap package by itself is not."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

with warnings.catch_warnings():
    # shap builds matplotlib colour maps on import with a call that matplotlib means to remove; nothing of ours.
    warnings.simplefilter("ignore", PendingDeprecationWarning)
    import shap

_MAX_NODES = 32_767
"""shap's interventional code numbers the nodes of a tree with 16 bits."""

_MILLISECONDS_PER_ROW = 0.13
"""Time for one row against 100 background rows, per square root of the leaves of all trees (measured: 12 ms at 12,645
leaves, 44 ms at 163,526, 110 ms at 603,135)."""


_BLOCK = 25
"""Rows between two words about progress: about a third of a second for a forest."""


@dataclass(frozen=True)
class _Tree:
    """Arrays of shape (nodes,); at leaves `feature` and children are negative. `value` is the positive class's."""

    left: np.ndarray
    right: np.ndarray
    default: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    value: np.ndarray
    weight: np.ndarray

    @property
    def inner(self) -> np.ndarray:
        return self.left >= 0


def affordable_rows(model: Any, seconds: float, background: int) -> int:
    """How many rows can be explained in about so many seconds on one core; depends on the trees, not on the clock."""
    leaves = sum(int(np.count_nonzero(~t.inner)) for t in _read(model)[0])
    per_row = _MILLISECONDS_PER_ROW * math.sqrt(max(leaves, 1)) * background / 100
    return max(int(1000 * seconds / per_row), 1)


def largest_tree(model: Any) -> int:
    """Nodes of the largest tree."""
    return max(len(t.left) for t in _read(model)[0])


def can_explain(model: Any) -> bool:
    """Whether shap's node numbers suffice for the trees."""
    return largest_tree(model) <= _MAX_NODES


def tree_contributions(
    model: Any, background: np.ndarray, matrix: np.ndarray, on_rows: Callable[[int], None] | None = None
) -> tuple[np.ndarray, float]:
    """Interventional SHAP values (rows, matrix columns) and E[f] over the background: log-odds for boosted trees,
    probability for forests.

    shap compares cells with thresholds in 32 bits, which sends rows that lie next to a threshold the wrong way (0.004
    of probability on a random forest of 200 trees). So each cell is replaced by the number of thresholds of its column
    that lie below it: small whole numbers that 32 bits hold exactly, and every comparison comes out as before.

    `on_rows` is told after each block how many rows are done.
    """
    trees, offset, single = _read(model)
    cuts = _cuts(trees, matrix.shape[1])
    coded = {"trees": [_coded(t, cuts) for t in trees], "base_offset": offset, "input_dtype": np.float64}
    explainer = shap.TreeExplainer(coded, data=_rank(background, cuts, single), feature_perturbation="interventional")
    ranks, values = _rank(matrix, cuts, single), np.empty(matrix.shape)
    for start in range(0, len(ranks), _BLOCK):
        block = ranks[start : start + _BLOCK]
        found = np.asarray(explainer.shap_values(block, check_additivity=False), dtype=np.float64)
        values[start : start + _BLOCK] = found.reshape(block.shape)
        if on_rows is not None:
            on_rows(start + len(block))
    return values, float(np.ravel(explainer.expected_value)[0])


def _read(model: Any) -> tuple[list[_Tree], float, bool]:
    """The trees, the constant added to their sum, and whether the model looks at its cells in 32 bits."""
    # Our own objectives hold LightGBM's booster and, apart from it, the constant that its trees start from.
    booster, start = (model.booster_, model.start_) if hasattr(model, "start_") else (model, 0.0)
    ensemble = shap.TreeExplainer(booster).model
    trees = [
        _Tree(
            t.children_left,
            t.children_right,
            t.children_default,
            t.features,
            np.asarray(t.thresholds, dtype=np.float64),
            np.asarray(t.values, dtype=np.float64)[:, -1],
            t.node_sample_weight,
        )
        for t in ensemble.trees
    ]
    return trees, start + float(np.ravel(ensemble.base_offset)[-1]), ensemble.input_dtype == np.float32


def _cuts(trees: list[_Tree], columns: int) -> list[np.ndarray]:
    """The distinct thresholds of each matrix column, ascending."""
    feature = np.concatenate([t.feature[t.inner] for t in trees])
    threshold = np.concatenate([t.threshold[t.inner] for t in trees])
    return [np.unique(threshold[feature == j]) for j in range(columns)]


def _rank(matrix: np.ndarray, cuts: list[np.ndarray], single: bool) -> np.ndarray:
    """The number of cuts below each cell: x <= cuts[k] exactly where the rank is <= k."""
    seen = matrix.astype(np.float32).astype(np.float64) if single else matrix
    return np.column_stack([np.searchsorted(cuts[j], seen[:, j], side="left") for j in range(seen.shape[1])]).astype(
        np.float64
    )


def _coded(tree: _Tree, cuts: list[np.ndarray]) -> dict[str, np.ndarray]:
    threshold = np.zeros(len(tree.left))
    for node in np.flatnonzero(tree.inner):
        threshold[node] = np.searchsorted(cuts[tree.feature[node]], tree.threshold[node])
    return {
        "children_left": tree.left,
        "children_right": tree.right,
        "children_default": tree.default,
        "features": tree.feature,
        "thresholds": threshold,
        "values": tree.value[:, None],
        "node_sample_weight": tree.weight,
    }
