"""What calibration does to probabilities, before and after on the same folds."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from mlops_lib.evaluate.calibrated import calibrated, calibration_sentence, shown_calibrated
from mlops_lib.evaluate.comparison import Entry, comparison_table
from mlops_lib.evaluate.intervals import corrected_t
from mlops_lib.objects.recipe import Model, Recipe
from mlops_lib.train.calibrate import cross_fit
from mlops_lib.train.scores import times_odds
from tests.evaluate.scored import a_run, scored

PLAIN = Recipe(Model("logistic_regression"))
WEIGHED = replace(PLAIN, class_weight="balanced", rung="class weights, balanced")


def judged(recipe, factor, score_of):
    """A judgement of one run whose odds a remedy multiplied by `factor`, repaired by `score_of`."""
    made = scored(n=2_000)
    raw = times_odds(made.score, factor)
    predictions = replace(made, raw=raw, score=score_of(raw, made))
    entry = Entry(replace(a_run("run"), recipe=recipe), predictions, np.full(5, 0.3))
    return predictions, calibrated(comparison_table([entry], "run").judgement, "run")


def sigmoid(raw, made):
    return cross_fit("sigmoid", raw, made.truth, made.fold)


def test_before_and_after_are_means_of_the_same_folds():
    p, one = judged(replace(WEIGHED, calibration="sigmoid"), 6.0, sigmoid)
    folds = [p.fold == k for k in range(5)]
    raw, after = (
        np.array([brier_score_loss(p.truth[f], of[f]) for f in folds]) for of in (p.raw, p.score)
    )  # fmt: skip
    assert one.brier_raw.mean == pytest.approx(raw.mean(), rel=1e-9)
    assert one.brier.mean == pytest.approx(after.mean(), rel=1e-9)
    gain = corrected_t(raw - after, 0.25)
    assert (one.brier_gain.low, one.brier_gain.high) == pytest.approx((gain.low, gain.high))
    assert one.mean_raw == pytest.approx(np.mean([p.raw[f].mean() for f in folds]))
    assert one.rate == pytest.approx(p.truth.mean())
    assert one.ece[0] < 0.05 < one.ece_raw[0]
    assert one.ece[1] <= one.ece[0] <= one.ece[2]


def test_a_remedy_that_was_repaired_is_said_with_its_numbers():
    _, one = judged(replace(WEIGHED, calibration="sigmoid"), 6.0, sigmoid)
    said = calibration_sentence(one, "Yes")
    assert said.startswith("Class weights, balanced pushed the mean probability to ")
    assert "calibration (sigmoid) brings it back to" in said
    assert "(lower by 0." in said
    assert list(shown_calibrated(one)) == ["", "Before calibration", "After (sigmoid)"]


def test_prior_correction_of_weights_is_called_approximate():
    _, one = judged(replace(WEIGHED, calibration="prior"), 6.0, lambda raw, _: times_odds(raw, 1 / 6))
    assert "calibration (prior correction, approximate) brings it back to" in calibration_sentence(one, "Yes")
    assert "After (prior correction, approximate)" in shown_calibrated(one)


def test_a_repair_that_does_harm_or_nothing_is_said_too():
    _, worse = judged(replace(WEIGHED, calibration="prior"), 1.0, lambda raw, _: times_odds(raw, 1 / 6))
    assert "(higher by 0." in calibration_sentence(worse, "Yes")
    _, same = judged(replace(PLAIN, calibration="sigmoid"), 1.0, sigmoid)
    assert "left the mean probability at" in calibration_sentence(same, "Yes")
    assert "no detectable change" in calibration_sentence(same, "Yes")


def test_what_is_not_calibrated_says_so():
    _, one = judged(WEIGHED, 6.0, lambda raw, _: raw)
    assert calibration_sentence(one, "Yes").startswith("With class weights, balanced and no calibration the mean")
    assert shown_calibrated(one)["After"].tolist() == ["not calibrated"] * 4
