"""What is done before the split on purpose really sees the rows that it must not see, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.recipe import Model, Recipe, Sampler, Selection
from mlops_lib.objects.schema import Column, Number, Schema
from mlops_lib.train.prefix import Prefix, prefix_of
from mlops_lib.train.progress import REFIT
from mlops_lib.train.wrong_order import TrainingRows, WrongFold, wrong_fold

ROWS, FOLDS = 240, 4
MODEL = Model("logistic_regression")


def made_rows(noise: int = 0) -> tuple[TrainingRows, Schema]:
    rng = np.random.default_rng(0)
    y = (np.arange(ROWS) % 6 == 0).astype(np.int8)
    columns = {f"n{k}": rng.normal(size=ROWS) for k in range(max(noise, 2))}
    fold = rng.permutation(ROWS) % FOLDS
    schema = Schema(
        "", (Column("y", "numeric", "target"), *(Column(c, "numeric", "feature") for c in columns)), Number()
    )
    return TrainingRows(pd.DataFrame(columns), y, fold, np.ones(ROWS, dtype=bool)), schema


def wrong(rows: TrainingRows, fold: int, schema: Schema, prefix: Prefix) -> WrongFold:
    """One fold of a split by chance, which is trained on all others."""
    return wrong_fold(replace(rows, fitted=rows.fold != fold), fold, schema, prefix, 0, ("no", "yes"))


def test_sampling_first_puts_copies_on_both_sides() -> None:
    rows, schema = made_rows()
    prefix = prefix_of(Recipe(MODEL, sampler=Sampler("random_over"), leak=("sample",)))
    folds = [wrong(rows, k, schema, prefix) for k in range(FOLDS)]
    judged = np.concatenate([f.truth for f in folds])
    assert np.bincount(judged).tolist() == [200, 200]
    first = folds[0]
    trained = {tuple(row) for row in first.prefix.rows.x[first.prefix.rows.y == 1]}
    again = [tuple(row) in trained for row in first.judged[first.truth == 1]]
    assert np.mean(again) > 0.9
    assert len(first.prefix.rows.y) + len(first.truth) == len(judged)


def test_choosing_first_sees_the_answers_of_the_judged_rows() -> None:
    rows, schema = made_rows(noise=60)
    rule = Selection(max_p=1.0, min_effect=0.1)
    prefix = prefix_of(Recipe(MODEL, selection=rule, leak=("select",)))
    kept = {wrong(rows, k, schema, prefix).prefix.kept for k in range(FOLDS)}
    assert len(kept) == 1


def test_scaling_first_centres_on_all_rows() -> None:
    rows, schema = made_rows()
    fold = wrong(rows, 0, schema, prefix_of(Recipe(MODEL, leak=("scale",))))
    everything = np.concatenate([fold.prefix.rows.x, fold.judged])
    assert np.abs(everything.mean(axis=0)).max() < 1e-12
    assert np.abs(fold.prefix.rows.x.mean(axis=0)).max() > 1e-4
    assert np.array_equal(fold.truth, rows.y[rows.fold == 0])


def test_the_refit_has_nothing_to_be_judged_on() -> None:
    rows, schema = made_rows()
    fold = wrong(rows, REFIT, schema, prefix_of(Recipe(MODEL, leak=("scale",))))
    assert fold.judged.size == fold.truth.size == 0
    assert len(fold.prefix.rows.y) == ROWS


def test_only_the_mistake_differs_from_the_right_order() -> None:
    """A fold in time is trained on earlier rows in the wrong order, too: the future would be another mistake."""
    rows, schema = made_rows()
    earlier = rows.fold < 1
    prefix = prefix_of(Recipe(MODEL, leak=("scale",)))
    fold = wrong_fold(replace(rows, fitted=earlier), 1, schema, prefix, 0, ("no", "yes"))
    assert len(fold.prefix.rows.y) == int(earlier.sum())
    assert np.array_equal(fold.prefix.rows.y, rows.y[earlier])
    assert np.array_equal(fold.truth, rows.y[rows.fold == 1])


@pytest.mark.parametrize("leak", ["sample", "select"])
def test_a_recipe_cannot_leak_what_it_does_not_do(leak: str) -> None:
    with pytest.raises(InputError, match=f"is to {leak} before the split"):
        Recipe(MODEL, leak=(leak,))
