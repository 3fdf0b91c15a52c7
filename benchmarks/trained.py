"""Logistic regressions trained on simulated tables, many tables at once: how well they do is known from a formula."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from benchmarks.populations import NormalOdds

FOLDS = 5
RIDGE = 1.0
MODELS = 1_250


@dataclass(frozen=True)
class Recipe:
    """Tables of `rows`, a share `rate` positive, with `signal` columns that separate the classes by `apart` standard
    deviations together, and for each of several recipes its own `noise` columns that mean nothing.

    The recipes differ in their noise alone, so that in truth none is better than another: their expected performance is
    the same. With `signal` 0 nothing can be predicted.
    """

    rows: int
    rate: float
    apart: float
    signal: int
    noise: int

    @property
    def truth(self) -> np.ndarray:
        """Answers, int8 (rows,)."""
        return (np.arange(self.rows) < round(self.rate * self.rows)).astype(np.int8)

    @property
    def fold(self) -> np.ndarray:
        """Stratified folds, (rows,)."""
        return np.arange(self.rows) % FOLDS


@dataclass(frozen=True, eq=False)
class Trained:
    """Out-of-fold scores (recipes, tables, rows) and the models of the folds as populations (recipes x tables x folds).

    `expected` is what a model trained on so many rows can be expected to reach in each metric, the mean of about
    MODELS of them.
    """

    recipe: Recipe
    score: np.ndarray
    odds: NormalOdds

    @cached_property
    def expected(self) -> dict[str, float]:
        return {name: float(np.mean(values)) for name, values in self.odds.some(MODELS).truth.items()}


def trained(recipe: Recipe, tables: int, recipes: int, seed: int = 0, threshold: float = 0.3) -> Trained:
    """Train every recipe on the folds of every table."""
    rng, truth = np.random.default_rng(seed), recipe.truth
    shift = recipe.apart / np.sqrt(max(recipe.signal, 1))
    shared = rng.normal(size=(tables, recipe.rows, recipe.signal)) + shift * truth[None, :, None]
    scores, weights = [], []
    for _ in range(recipes):
        noise = rng.normal(size=(tables, recipe.rows, recipe.noise))
        columns = np.concatenate([np.ones((tables, recipe.rows, 1)), shared, noise], axis=2)
        score, weight = _out_of_fold(columns, truth.astype(np.float64), recipe.fold)
        scores.append(score)
        weights.append(weight)
    w = np.stack(weights).reshape(-1, 1 + recipe.signal + recipe.noise)
    lift = shift * w[:, 1 : 1 + recipe.signal].sum(axis=1)
    odds = NormalOdds(w[:, 0], w[:, 0] + lift, np.linalg.norm(w[:, 1:], axis=1), recipe.rate, threshold)
    return Trained(recipe, np.stack(scores), odds)


def _out_of_fold(columns: np.ndarray, truth: np.ndarray, fold: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scores (tables, rows) and weights (tables, folds, columns)."""
    score, weights = np.empty(columns.shape[:2]), []
    for held in range(FOLDS):
        train = fold != held
        weight = logistic(columns[:, train], truth[train])
        score[:, ~train] = special.expit(np.matmul(columns[:, ~train], weight[..., None])[..., 0])
        weights.append(weight)
    return score, np.stack(weights, axis=1)


def logistic(columns: np.ndarray, truth: np.ndarray, steps: int = 12) -> np.ndarray:
    """Ridge-penalised logistic regressions by Newton's method: columns (tables, rows, p) to weights (tables, p).

    The first column is the constant, which is not penalised.
    """
    penalty = RIDGE * np.diag(np.arange(columns.shape[2]) > 0)
    weight = np.zeros((columns.shape[0], columns.shape[2]))
    for _ in range(steps):
        p = special.expit(np.matmul(columns, weight[..., None])[..., 0])
        slope = np.matmul((truth - p)[:, None], columns)[:, 0] - weight @ penalty
        curve = np.matmul((columns * (p * (1 - p))[..., None]).transpose(0, 2, 1), columns) + penalty
        weight = weight + np.linalg.solve(curve, slope[..., None])[..., 0]
    return weight
