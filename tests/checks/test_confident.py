"""Confident learning: the joint as written in the paper, planted flips found, and nothing where nothing is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from mlops_lib.checks.confident import doubt
from mlops_lib.checks.label_errors import discrimination, kept
from mlops_lib.checks.quick_model import Matrix, judge, spread_folds


def separable(seed: int, classes: int, rows: int = 2000) -> tuple[Matrix, np.ndarray]:
    """Classes six standard deviations apart, and six columns of noise."""
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, classes, rows)
    values = draw.normal(size=(rows, 8))
    values[:, 0] += 6 * (labels % 3)
    values[:, 1] += 6 * (labels // 3)
    return Matrix(tuple("abcdefgh"), values, ()), labels


def flipped(labels: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels with a share of them wrong, and which."""
    draw = np.random.default_rng(seed)
    classes = int(labels.max()) + 1
    wrong = draw.choice(len(labels), int(share * len(labels)), replace=False)
    given = labels.copy()
    given[wrong] = (given[wrong] + draw.integers(1, classes, len(wrong))) % classes
    return given, wrong


def candidates(matrix: Matrix, labels: np.ndarray) -> np.ndarray:
    classes = int(labels.max()) + 1
    chances = judge(matrix, labels, classes, spread_folds(labels, 5, 0), 0).chances
    return kept(doubt(chances, labels), chances, labels).positions


def test_the_joint_is_the_one_of_the_paper() -> None:
    draw = np.random.default_rng(0)
    labels = draw.integers(0, 3, 300)
    chances = draw.dirichlet([1, 1, 1], 300)
    thresholds = [chances[labels == j, j].mean() for j in range(3)]
    counted = np.zeros((3, 3))
    for chance, label in zip(chances, labels, strict=True):
        sure = [j for j in range(3) if chance[j] >= thresholds[j]]
        if sure:
            counted[label, max(sure, key=lambda j: chance[j])] += 1
    scaled = counted / counted.sum(axis=1, keepdims=True) * np.bincount(labels)[:, None]
    found = doubt(chances, labels)
    np.testing.assert_allclose(found.joint, scaled / scaled.sum(), rtol=1e-12)
    assert found.noise == pytest.approx(1 - np.trace(scaled) / scaled.sum())
    assert np.all(chances[found.positions].argmax(axis=1) == found.better)
    assert np.all(found.better != labels[found.positions])


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("share", [0.02, 0.06])
def test_planted_flips_are_found(classes: int, share: float) -> None:
    matrix, labels = separable(1, classes)
    given, wrong = flipped(labels, share, 2)
    found = candidates(matrix, given)
    assert np.isin(found, wrong).mean() >= 0.85
    assert np.isin(wrong, found).mean() >= 0.85


@pytest.mark.parametrize("seed", range(5))
def test_clean_classes_that_lie_apart_have_no_candidate(seed: int) -> None:
    assert len(candidates(*separable(seed, 2))) <= 1
    assert len(candidates(*separable(seed, 4))) <= 2


def test_rows_and_columns_in_another_order_give_the_same_rows() -> None:
    draw = np.random.default_rng(3)
    labels = draw.integers(0, 2, 200)
    chances = draw.dirichlet([1, 1], 200)
    order = draw.permutation(200)
    there, here = doubt(chances[order], labels[order]), doubt(chances, labels)
    assert set(order[there.positions]) == set(here.positions)
    swapped = doubt(chances[:, ::-1], 1 - labels)
    np.testing.assert_allclose(swapped.joint, here.joint[::-1, ::-1])
    assert set(swapped.positions) == set(here.positions)


def test_discrimination_is_the_difference_of_means() -> None:
    chances = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.5, 0.5]])
    known, sure = discrimination(chances, np.array([0, 0, 1, 1]))
    assert known == pytest.approx(0.85 - 0.4)
    assert sure == pytest.approx(0.45 / np.sqrt(0.005 / 2 + 0.02 / 2))


def test_a_model_of_noise_knows_nothing() -> None:
    draw = np.random.default_rng(0)
    matrix = Matrix(tuple("abcde"), draw.normal(size=(800, 5)), ())
    known = []
    for seed in range(10):
        labels = (np.random.default_rng(seed).random(800) < 0.2).astype(np.int64)
        chances = judge(matrix, labels, 2, spread_folds(labels, 5, seed), seed).chances
        known.append(discrimination(chances, labels)[0])
    assert max(known) < 0.05
