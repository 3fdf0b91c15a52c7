import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from mlops_lib.evaluate.curves import precision_recall_curve, reliability, roc_curve
from mlops_lib.evaluate.metrics import metric
from mlops_lib.evaluate.score_metrics import calibration_error
from mlops_lib.evaluate.sweep import sweep, sweep_of
from tests.evaluate.scored import scored


def test_a_thinned_roc_curve_keeps_its_area_and_ends():
    swept = sweep_of(scored(100_000))
    curve = roc_curve(swept, most=300)
    assert len(curve.x) <= 300
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(curve.y, curve.x) == pytest.approx(metric("roc_auc").of(swept), abs=1e-3)


def test_no_point_of_a_thinned_curve_is_far_from_the_full_one():
    swept = sweep_of(scored(20_000, rate=0.05))
    full, thin = precision_recall_curve(swept, most=10**9), precision_recall_curve(swept, most=400)
    way = np.abs(np.diff(full.x)).sum() + np.abs(np.diff(full.y)).sum()
    nearest = (np.abs(full.x[:, None] - thin.x) + np.abs(full.y[:, None] - thin.y)).min(axis=1)
    assert nearest.max() <= way / 399 + 1e-12
    assert set(zip(thin.x, thin.y, strict=True)) <= set(zip(full.x, full.y, strict=True))


def test_reliability_agrees_with_scikit_learn():
    predictions = scored(2_000)
    table = reliability(sweep_of(predictions), bins=10)
    observed, predicted = calibration_curve(predictions.truth, predictions.score, n_bins=10, strategy="quantile")
    assert table["observed"].to_numpy() == pytest.approx(observed, abs=0.006)
    assert table["predicted"].to_numpy() == pytest.approx(predicted, abs=0.006)
    assert table["n"].sum() == 2_000
    assert ((table["observed_low"] <= table["observed"]) & (table["observed"] <= table["observed_high"])).all()


def test_equal_scores_stay_in_one_bin():
    table = reliability(sweep(np.array([0, 0, 0, 1]), np.full(4, 0.25)))
    assert len(table) == 1
    assert table.loc[0, ["predicted", "observed", "n"]].tolist() == [0.25, 0.25, 4]


def test_distorted_probabilities_have_a_larger_calibration_error():
    predictions = scored(5_000)
    honest = calibration_error(sweep_of(predictions))
    assert honest < 0.02
    assert calibration_error(sweep(predictions.truth, np.sqrt(predictions.score))) > 5 * honest
