"""Our own objectives: derivatives against numerical ones, and known special cases."""

from __future__ import annotations

import numpy as np
import pytest
from lightgbm import LGBMClassifier
from scipy.special import expit
from sklearn.metrics import log_loss

from mlops_lib.train.objectives import (
    CostBooster,
    FocalBooster,
    cost_derivatives,
    cost_loss,
    focal_derivatives,
    focal_loss,
)

SETTINGS = {"learning_rate": 0.1, "n_estimators": 30, "num_leaves": 7, "reg_lambda": 1.0, "random_state": 0}
RAW = np.linspace(-8, 8, 65)


@pytest.mark.parametrize("y", [0.0, 1.0])
@pytest.mark.parametrize(("alpha", "gamma"), [(0.25, 2.0), (0.5, 0.0), (0.9, 0.5), (0.75, 5.0)])
def test_focal_derivatives_are_those_of_the_loss(y: float, alpha: float, gamma: float) -> None:
    truth, step = np.full(len(RAW), y), 1e-5
    first, second = focal_derivatives(RAW, truth, alpha, gamma)
    up, down = focal_loss(RAW + step, truth, alpha, gamma), focal_loss(RAW - step, truth, alpha, gamma)
    np.testing.assert_allclose(first, (up - down) / (2 * step), rtol=1e-5, atol=1e-9)
    above, below = (focal_derivatives(RAW + s, truth, alpha, gamma)[0] for s in (step, -step))
    np.testing.assert_allclose(second, (above - below) / (2 * step), rtol=1e-5, atol=1e-9)


def test_the_focal_loss_is_as_published() -> None:
    p = expit(RAW)
    ours = focal_loss(RAW, np.ones(len(RAW)), 0.25, 2.0)
    np.testing.assert_allclose(ours, -0.25 * (1 - p) ** 2 * np.log(p), rtol=1e-10)
    zeros = focal_loss(RAW, np.zeros(len(RAW)), 0.25, 2.0)
    np.testing.assert_allclose(zeros, -0.75 * p**2 * np.log1p(-p), rtol=1e-9)


@pytest.mark.parametrize("y", [0.0, 1.0])
def test_cost_derivatives_are_those_of_the_loss(y: float) -> None:
    truth, step = np.full(len(RAW), y), 1e-5
    first, second = cost_derivatives(RAW, truth, 7.0)
    up, down = cost_loss(RAW + step, truth, 7.0), cost_loss(RAW - step, truth, 7.0)
    np.testing.assert_allclose(first, (up - down) / (2 * step), rtol=1e-5, atol=1e-9)
    above, below = (cost_derivatives(RAW + s, truth, 7.0)[0] for s in (step, -step))
    np.testing.assert_allclose(second, (above - below) / (2 * step), rtol=1e-5, atol=1e-9)
    weighed = log_loss(truth, expit(RAW), labels=[0, 1], sample_weight=np.where(truth == 1, 7.0, 1.0))
    np.testing.assert_allclose(cost_loss(RAW, truth, 7.0).mean() / (7.0 if y else 1.0), weighed, rtol=1e-9)


def _rows() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(600, 5))
    return x, (x[:, 0] - x[:, 1] + rng.normal(size=600) > 1.8).astype(np.int8)


def test_a_miss_that_costs_more_is_a_class_that_weighs_more() -> None:
    x, y = _rows()
    ours = CostBooster(4.0, **SETTINGS).fit(x, y).predict_proba(x)[:, 1]
    fixed = {"verbose": -1, "n_jobs": 1, "deterministic": True, "force_row_wise": True}
    theirs = LGBMClassifier(**SETTINGS, **fixed, class_weight={0: 1.0, 1: 4.0}).fit(x, y).predict_proba(x)[:, 1]
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_focal_loss_without_focus_is_log_loss() -> None:
    x, y = _rows()
    ours = FocalBooster(0.5, 0.0, **{**SETTINGS, "reg_lambda": 0.0}).fit(x, y)
    theirs = CostBooster(1.0, **{**SETTINGS, "reg_lambda": 0.0}).fit(x, y)
    # Half of the log loss has half of both derivatives, so the same trees where nothing is penalised.
    assert np.corrcoef(ours.raw_score(x), theirs.raw_score(x))[0, 1] > 0.99
    assert ours.start_ == pytest.approx(np.log(y.mean() / (1 - y.mean())))


def test_second_derivatives_used_are_above_zero_and_the_start_is_the_best_constant() -> None:
    x, y = _rows()
    model = FocalBooster(**SETTINGS).fit(x, y)
    assert (model.derivatives(RAW, np.ones(len(RAW)))[1] > 0).all()
    assert (focal_derivatives(RAW, np.ones(len(RAW)), 0.25, 2.0)[1] < 0).any()
    around = [focal_loss(np.full(len(y), model.start_ + d), y, 0.25, 2.0).sum() for d in (-0.05, 0.0, 0.05)]
    assert around[1] == min(around)


def test_weights_of_rows_count_like_repeated_rows() -> None:
    x, y = _rows()
    weight = np.where(np.arange(len(y)) % 3 == 0, 2.0, 1.0)
    weighed = CostBooster(2.0, **SETTINGS).fit(x, y, sample_weight=weight)
    repeated = np.repeat(np.arange(len(y)), weight.astype(int))
    assert weighed.start_ == pytest.approx(CostBooster(2.0, **SETTINGS).fit(x[repeated], y[repeated]).start_)
