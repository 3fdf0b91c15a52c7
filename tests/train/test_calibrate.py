"""Calibrators against SciPy and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.recipe import Model, Recipe, Sampler
from mlops_lib.train.calibrate import cross_fit, fit_calibrator, prior_calibrator
from mlops_lib.train.repair import check_calibration
from mlops_lib.train.scores import apply_calibrator, logit


def scored(n: int = 800, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    raw = rng.beta(1.5, 3, n)
    return raw, (rng.random(n) < expit(0.6 * logit(raw) - 0.8)).astype(np.int8)


def test_sigmoid_is_the_unpenalised_optimum_of_platts_loss() -> None:
    raw, truth = scored()
    n1, n0 = int(truth.sum()), int((truth == 0).sum())
    target = np.where(truth == 1, (n1 + 1) / (n1 + 2), 1 / (n0 + 2))

    def loss(ab: np.ndarray) -> float:
        z = ab[0] * logit(raw) + ab[1]
        return float(np.sum(np.logaddexp(0, z) - target * z))

    best = minimize(loss, [1.0, 0.0], method="BFGS", options={"gtol": 1e-10})
    ours = fit_calibrator("sigmoid", raw, truth)
    np.testing.assert_allclose(ours.numbers, best.x, rtol=1e-5)
    assert loss(np.array(ours.numbers)) <= best.fun + 1e-9


def test_sigmoid_survives_perfectly_separated_scores() -> None:
    raw = np.concatenate([np.full(50, 0.1), np.full(50, 0.9)])
    score = apply_calibrator(fit_calibrator("sigmoid", raw, (raw > 0.5).astype(int)), raw)
    assert np.isfinite(score).all()
    np.testing.assert_allclose(np.unique(score), [1 / 52, 51 / 52], rtol=1e-6)


def test_sigmoid_of_a_constant_is_the_smoothed_base_rate() -> None:
    truth = np.array([1] * 20 + [0] * 80)
    calibrator = fit_calibrator("sigmoid", np.full(100, 0.3), truth)
    expected = (20 * 21 / 22 + 80 / 82) / 100
    np.testing.assert_allclose(apply_calibrator(calibrator, np.array([0.3, 0.9])), expected)


def test_isotonic_agrees_with_scikit_learn() -> None:
    raw, truth = scored()
    new = np.linspace(0, 1, 501)
    ours = apply_calibrator(fit_calibrator("isotonic", raw, truth), new)
    theirs = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(raw, truth).predict(new)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_prior_gives_back_the_odds_before_sampling() -> None:
    calibrator = prior_calibrator(before=(900, 100), after=(900, 900))
    np.testing.assert_allclose(apply_calibrator(calibrator, np.array([0.5])), 0.1)


def test_none_changes_nothing() -> None:
    raw, truth = scored()
    np.testing.assert_array_equal(apply_calibrator(fit_calibrator("none", raw, truth), raw), raw)


def test_a_fold_is_calibrated_without_its_own_answers() -> None:
    raw, truth = scored()
    fold = np.arange(len(raw)) % 5
    before = cross_fit("sigmoid", raw, truth, fold)
    flipped = np.where(fold == 2, 1 - truth, truth)
    after = cross_fit("sigmoid", raw, flipped, fold)
    np.testing.assert_array_equal(after[fold == 2], before[fold == 2])
    assert not np.allclose(after[fold == 1], before[fold == 1])


def test_a_split_in_time_is_calibrated_on_the_past() -> None:
    raw, truth = scored()
    fold = np.arange(len(raw)) // 200
    before = cross_fit("sigmoid", raw, truth, fold, forward=True)
    later = cross_fit("sigmoid", raw, np.where(fold == 3, 1 - truth, truth), fold, forward=True)
    middle = (fold == 1) | (fold == 2)
    np.testing.assert_array_equal(later[middle], before[middle])


@pytest.mark.parametrize(
    ("recipe", "positives", "words"),
    [
        (Recipe(Model("lightgbm"), calibration="isotonic"), 999, "at least 1,000 positive"),
        (Recipe(Model("lightgbm"), calibration="prior"), 5000, "uses neither"),
        (Recipe(Model("lightgbm"), sampler=Sampler("smoteenn"), calibration="prior"), 5000, "uses SMOTEENN"),
    ],
)
def test_calibrations_that_do_not_fit_the_data_are_refused(recipe: Recipe, positives: int, words: str) -> None:
    with pytest.raises(NotPossibleError, match=words) as caught:
        check_calibration(recipe, positives)
    assert "sigmoid" in caught.value.hint


def test_calibrations_that_fit_pass() -> None:
    check_calibration(Recipe(Model("lightgbm"), calibration="isotonic"), 1000)
    check_calibration(Recipe(Model("lightgbm"), sampler=Sampler("random_over"), calibration="prior"), 10)


def test_prior_is_not_fitted_on_scores() -> None:
    with pytest.raises(InputError):
        fit_calibrator("prior", *scored())
