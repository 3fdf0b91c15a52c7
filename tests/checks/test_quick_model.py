"""The quick model judges only what it was not fitted on, and its matrix says what the columns say."""

from __future__ import annotations

import numpy as np

from mlops_lib.checks.quick_model import MOST_LEVELS, Matrix, judge, matrix_of, spread_folds
from mlops_lib.stats.features import Feature


def test_levels_are_ranked_by_their_size_and_gaps_stay() -> None:
    label = Feature("l", "categorical", np.array([0, 1, 1, -1, 2, 1, 2]), ("a", "b", "c"))
    amount = Feature("n", "numeric", np.array([1.0, np.nan, 3.0, 4.0, 5.0, 6.0, 7.0]))
    matrix = matrix_of([label, amount])
    np.testing.assert_array_equal(matrix.values[:, 0], [2, 0, 0, np.nan, 1, 0, 1])
    np.testing.assert_array_equal(matrix.values[:, 1], amount.values)
    assert matrix.labels == (0,)


def test_rare_levels_count_as_one() -> None:
    codes = np.concatenate([np.repeat(np.arange(MOST_LEVELS), 2), np.arange(MOST_LEVELS, MOST_LEVELS + 30)])
    levels = tuple(f"{k:03d}" for k in range(MOST_LEVELS + 30))
    values = matrix_of([Feature("l", "categorical", codes, levels)]).values[:, 0]
    assert np.all(values[-30:] == MOST_LEVELS)


def test_rows_that_no_fold_judges_have_no_chance() -> None:
    draw = np.random.default_rng(0)
    labels = draw.integers(0, 2, 300)
    matrix = Matrix(("a", "b"), draw.normal(size=(300, 2)), ())
    later = [(np.arange(100), np.arange(100, 200)), (np.arange(200), np.arange(200, 300))]
    chances = judge(matrix, labels, 2, later, 0).chances
    assert np.isnan(chances[:100]).all()
    np.testing.assert_allclose(chances[100:].sum(axis=1), 1)


def test_labels_learnt_by_heart_do_not_show() -> None:
    draw = np.random.default_rng(0)
    labels = draw.integers(0, 2, 1000)
    names = Feature("who", "categorical", np.arange(1000), tuple(map(str, range(1000))))
    chances = judge(matrix_of([names]), labels, 2, spread_folds(labels, 5, 0), 0).chances[:, 1]
    assert abs(chances[labels == 1].mean() - chances[labels == 0].mean()) < 0.03


def test_folds_are_even_and_part_the_rows() -> None:
    strata = np.repeat([0, 1], [90, 10])
    folds = spread_folds(strata, 5, 3)
    assert sorted(np.concatenate([judged for _, judged in folds])) == list(range(100))
    for fitted, judged in folds:
        assert not set(fitted) & set(judged)
        assert strata[judged].sum() == 2
