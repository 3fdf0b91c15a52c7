"""Scores of many classes and of numbers with a known truth, for the tests of what judges them."""

from __future__ import annotations

import numpy as np

from mlops_lib.objects.predictions import Predictions

NAMES = ("a", "b", "c")


def many(
    rows: int = 600, seed: int = 0, folds: int = 5, noise_seed: int = 1, run: str = "run", weighted: bool = False
) -> Predictions:
    """Three classes, "c" rare; the scores know the truth a little, with ties. `noise_seed` gives another model."""
    rng, noise = np.random.default_rng(seed), np.random.default_rng(noise_seed)
    truth = rng.choice(3, rows, p=[0.6, 0.3, 0.1]).astype(np.int8)
    truth[:15] = np.repeat([0, 1, 2], 5)
    logits = noise.normal(size=(rows, 3)) + 1.5 * np.eye(3)[truth]
    score = np.exp(logits.round(1))
    score /= score.sum(axis=1, keepdims=True)
    weight = rng.gamma(2.0, size=rows).round(2) + 0.01 if weighted else None
    split = "out-of-fold" if folds else "hold-out"
    fold = (np.arange(rows) % folds if folds else np.full(rows, -1)).astype(np.int8)
    return Predictions(run, split, NAMES, np.arange(rows), truth, score, score, fold, weight=weight, kind="classes")  # type: ignore[arg-type]


def numbers(
    rows: int = 500, seed: int = 0, folds: int = 5, noise_seed: int = 1, run: str = "run", weighted: bool = False
) -> Predictions:
    """A number and predictions that are right up to noise, with ties. `noise_seed` gives another model."""
    rng, noise = np.random.default_rng(seed), np.random.default_rng(noise_seed)
    truth = (10 + 3 * rng.normal(size=rows)).round(1)
    score = (truth + 2 * noise.normal(size=rows)).round(1)
    weight = rng.gamma(2.0, size=rows).round(2) + 0.01 if weighted else None
    split = "out-of-fold" if folds else "hold-out"
    fold = (np.arange(rows) % folds if folds else np.full(rows, -1)).astype(np.int8)
    return Predictions(run, split, (), np.arange(rows), truth, score, score, fold, weight=weight, kind="number")  # type: ignore[arg-type]
