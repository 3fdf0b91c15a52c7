"""With shuffled labels there is nothing to learn: whatever scores above chance has seen what it is judged on.

The check is one function; the wrong orders at the end make it fail, so it can.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from mlops_lib.evaluate.score_metrics import roc_auc
from mlops_lib.evaluate.sweep import sweep
from mlops_lib.objects.recipe import Model, Recipe, Sampler, Selection
from mlops_lib.resample.resampling import resample
from mlops_lib.stats.features import features_from
from mlops_lib.stats.selection import select
from mlops_lib.train.ladder import Ladder, recipe_title
from mlops_lib.train.progress import REFIT
from mlops_lib.train.setting import open_setting
from mlops_lib.train.training import units
from mlops_lib.train.units import FitDone, FitFailed, run_unit
from mlops_lib.workspace.folder import Workspace
from tests.train.small import keep_frame, small_frame

SHUFFLES = 12
ROWS = 260
STRONGEST = Selection(max_p=1.0, min_effect=0.13)
"""A rule that lets noise through where it looks strong by chance."""

LOOSE = Selection(max_p=1.0, min_effect=0.02)
TREES = ("random_forest", "extra_trees", "hist_gradient_boosting")
DEEP = Model("extra_trees", (("max_depth", 20), ("min_samples_leaf", 1), ("n_estimators", 12)))
"""Learns rows by heart, so that it finds a row it has seen before."""

Prepared = Callable[[pd.DataFrame, int], pd.DataFrame]


def quick(recipe: Recipe) -> Recipe:
    """The recipe with fewer trees, which are enough to find a leak."""
    trees = {"random_forest": "n_estimators", "extra_trees": "n_estimators", "lightgbm": "n_estimators"}
    setting = {**trees, "hist_gradient_boosting": "max_iter"}.get(recipe.model.name)
    model = Model(recipe.model.name, ((setting, 12),)) if setting else recipe.model
    return Recipe(**{**vars(recipe), "model": model})


def shuffled(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    return frame.assign(left=np.random.default_rng(seed).permutation(frame["left"]))


def noise(frame: pd.DataFrame, seed: int, columns: int = 60) -> pd.DataFrame:
    values = np.random.default_rng(seed + 1000).normal(size=(len(frame), columns))
    return pd.DataFrame(values, columns=[f"x{i}" for i in range(columns)]).assign(left=frame["left"].to_numpy())


def mean_aucs(folder: Path, recipes: tuple[Recipe, ...], prepared: Prepared) -> dict[Recipe, np.ndarray]:
    """The mean ROC-AUC over the folds of every recipe for each shuffle, from the units that training runs."""
    found: dict[Recipe, list[float]] = {recipe: [] for recipe in recipes}
    for shuffle in range(SHUFFLES):
        frame = prepared(shuffled(small_frame(ROWS, seed=100), shuffle), shuffle)
        small = keep_frame(Workspace(folder / str(shuffle)), frame)
        experiment = small.experiment(*recipes, seed=shuffle)
        setting = open_setting(small.workspace, experiment)
        by_fit = {fit.run: r for u in units(setting, recipes, folder) for fit in u.fits for r in recipes
                  if r.fingerprint == fit.recipe.fingerprint}  # fmt: skip
        aucs: dict[Recipe, list[float]] = {recipe: [] for recipe in recipes}
        for unit in units(setting, recipes, folder):
            for event in run_unit(unit) if unit.fold != REFIT else ():
                assert not isinstance(event, FitFailed), event
                if isinstance(event, FitDone):
                    truth = setting.target.codes(setting.plan.validation_rows(unit.fold))
                    aucs[by_fit[event.run]].append(roc_auc(sweep(truth, event.raw)))
        for recipe, values in aucs.items():
            found[recipe].append(float(np.mean(values)))
    return {recipe: np.array(values) for recipe, values in found.items()}


def leaks(aucs: np.ndarray) -> bool:
    """Whether the mean lies more than three standard errors from 0.5."""
    return bool(abs(aucs.mean() - 0.5) > 3 * aucs.std(ddof=1) / np.sqrt(len(aucs)) + 1e-12)


def as_it_is(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    return frame.join(noise(frame, seed, 8).drop(columns="left"))


def test_no_recipe_of_the_ladder_learns_from_shuffled_labels(tmp_path: Path) -> None:
    recipes = tuple(
        quick(r)
        for r in (
            *Ladder(models=("logistic_regression", "lightgbm"), selection=LOOSE).recipes(),
            *Ladder(models=TREES, rungs=("sampling",), selection=LOOSE).recipes(),
        )
    )
    found = mean_aucs(tmp_path, recipes, as_it_is)
    assert {r.rung for r in recipes} == {r.rung for r in Ladder().recipes()}
    assert {r.model.name for r in recipes} == {r.model.name for r in Ladder().recipes()}
    told = {recipe_title(r): (values.mean(), values.std()) for r, values in found.items() if leaks(values)}
    assert not told


def test_no_sampler_inside_the_folds_leaks(tmp_path: Path) -> None:
    names = ("random_over", "smote", "smotenc", "enn")
    recipes = tuple(Recipe(DEEP, sampler=Sampler(name)) for name in names)
    found = mean_aucs(tmp_path, recipes, as_it_is)
    assert not [recipe.sampler for recipe, values in found.items() if leaks(values)]


def test_the_rule_inside_the_folds_does_not_leak(tmp_path: Path) -> None:
    recipe = Recipe(Model("logistic_regression"), selection=STRONGEST)
    (values,) = mean_aucs(tmp_path, (recipe,), noise).values()
    assert not leaks(values)


def test_sampling_before_the_split_is_caught(tmp_path: Path) -> None:
    def sampled_first(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
        numbers = noise(frame, seed, 8)
        y = (numbers["left"] == "yes").to_numpy().astype(np.int8)
        after = resample(numbers.drop(columns="left").to_numpy(), y, (), Sampler("random_over"), seed)
        return pd.DataFrame(after.x).add_prefix("x").assign(left=np.where(after.y == 1, "yes", "no"))

    (values,) = mean_aucs(tmp_path, (Recipe(DEEP),), sampled_first).values()
    assert leaks(values)
    assert values.mean() > 0.6


def test_selection_before_the_split_is_caught(tmp_path: Path) -> None:
    def selected_first(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
        numbers = noise(frame, seed)
        y = (numbers["left"] == "yes").to_numpy().astype(np.int8)
        kinds = dict.fromkeys(numbers.columns.drop("left"), "numeric")
        kept = select(features_from(numbers, kinds), y, STRONGEST).kept
        return numbers[[*kept, "left"]]

    (values,) = mean_aucs(tmp_path, (Recipe(Model("logistic_regression")),), selected_first).values()
    assert leaks(values)
    assert values.mean() > 0.6
