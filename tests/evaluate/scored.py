"""Scores with a known truth, for the tests of everything that judges."""

import numpy as np

from mlops_lib.objects.predictions import Predictions
from mlops_lib.objects.recipe import Model, Recipe, Sampler, Selection
from mlops_lib.objects.run import Failure, Run


def scored(n=1_000, rate=0.2, signal=1.0, seed=0, folds=5, run="run", split="out-of-fold", noise_seed=None):
    """Logistic scores that are calibrated by construction; `noise_seed` gives another model on the same rows."""
    rng = np.random.default_rng(seed)
    strength = rng.normal(size=n) * signal * 2
    truth = (rng.random(n) < 1 / (1 + np.exp(-(strength + np.log(rate / (1 - rate)))))).astype(np.int8)
    truth[:2] = (0, 1)
    if noise_seed is not None:
        strength = strength + np.random.default_rng(noise_seed).normal(size=n) * 0.7
    score = 1 / (1 + np.exp(-(strength + np.log(rate / (1 - rate)))))
    fold = (np.arange(n) % folds).astype(np.int8) if split == "out-of-fold" else np.full(n, -1, dtype=np.int8)
    return Predictions(run, split, ("No", "Yes"), np.arange(n), truth, score**0.8, score, fold)


def a_run(name="run", model="logistic_regression", rung="base", state="complete", split="split", fit=1.0):
    recipe = Recipe(
        Model(model),
        rung=rung,
        selection=Selection() if "selection" in rung else None,
        sampler=Sampler("smoteenn") if "smoteenn" in rung else None,
    )
    failure = Failure("SMOTEENN needs 6 rows of 'Yes'; fold 2 has 3.") if state == "failed" else None
    return Run(
        name, "data", "schema", split, 0, recipe, state, fit_seconds=fit, predict_seconds_per_1000=0.01, failure=failure
    )
