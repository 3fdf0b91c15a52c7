"""Metrics of a numeric target against scikit-learn, with and without row weights, and what is made of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics as theirs

from mlops_lib.evaluate.hold_out_outcomes import judge_outcome_hold_out
from mlops_lib.evaluate.intervals import FOLDS, corrected_t
from mlops_lib.evaluate.judged import weights_of
from mlops_lib.evaluate.number_judging import (
    grid,
    hold_numbers,
    judge_number,
    number_doing_nothing,
    residuals,
)
from mlops_lib.evaluate.number_metrics import NUMBER_METRICS, number_values
from mlops_lib.objects.predictions import Predictions
from tests.evaluate.many import numbers

SAME = {
    "rmse": theirs.root_mean_squared_error,
    "mae": theirs.mean_absolute_error,
    "r2": theirs.r2_score,
    "median_absolute_error": theirs.median_absolute_error,
    "pinball_10": lambda *a, **k: theirs.mean_pinball_loss(*a, alpha=0.1, **k),
    "pinball_50": lambda *a, **k: theirs.mean_pinball_loss(*a, alpha=0.5, **k),
    "pinball_90": lambda *a, **k: theirs.mean_pinball_loss(*a, alpha=0.9, **k),
}


def test_every_metric_has_a_reference() -> None:
    assert set(SAME) == {one.name for one in NUMBER_METRICS}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("rows", [2, 7, 500, 501])
def test_metrics_equal_those_of_scikit_learn(rows: int, weighted: bool) -> None:
    found = numbers(rows, weighted=weighted)
    values = number_values(found.truth, found.score, weights_of(found))
    for name, of in SAME.items():
        expected = of(found.truth, found.score, sample_weight=found.weight)
        assert values[name] == pytest.approx(expected, rel=1e-9, abs=1e-12), name


def test_a_weight_of_two_is_a_row_twice() -> None:
    found = numbers(101)
    weight = np.random.default_rng(3).integers(0, 3, found.n)
    again = np.repeat(np.arange(found.n), weight)
    once = number_values(found.truth, found.score, weight.astype(float))
    twice = number_values(found.truth[again], found.score[again], np.ones(len(again)))
    assert once == pytest.approx(twice, rel=1e-9)


def test_a_truth_that_never_changes_has_no_spread_to_explain() -> None:
    assert np.isnan(number_values(np.ones(3), np.zeros(3), np.ones(3))["r2"])


def test_a_run_is_judged_on_its_folds() -> None:
    found = numbers()
    judged = judge_number((found,), ratio=0.25)
    mine = found.fold == 1
    expected = theirs.root_mean_squared_error(found.truth[mine], found.score[mine])
    assert judged.folds["rmse"][1] == pytest.approx(expected, rel=1e-9)
    test, interval = corrected_t(judged.folds["rmse"], 0.25), judged.intervals["rmse"]
    assert (interval.value, interval.low, interval.high, interval.method) == (test.mean, test.low, test.high, FOLDS)
    assert judge_number((found, found)).folds["fold"].tolist() == list(range(10))


def test_a_metric_not_defined_in_a_fold_stands_on_all_rows() -> None:
    found = numbers(50)
    truth = np.where(found.fold == 0, 7.0, found.truth)
    odd = Predictions("run", "out-of-fold", (), found.row, truth, found.raw, found.score, found.fold, kind="number")
    interval = judge_number((odd,)).intervals["r2"]
    assert interval.value == pytest.approx(theirs.r2_score(truth, found.score), rel=1e-9)
    assert interval.low < interval.value < interval.high


def test_the_bootstrap_of_the_mean_error_spreads_as_theory_says() -> None:
    """The resamples of a mean have the standard deviation s / sqrt(n)."""
    found = numbers(400, folds=0)
    held = hold_numbers(found)
    distance = np.abs(found.truth - found.score)
    assert held.drawn["mae"].std() == pytest.approx(distance.std() / np.sqrt(400), rel=0.12)
    assert held.intervals["mae"].low < held.intervals["mae"].value < held.intervals["mae"].high


def test_doing_nothing_is_the_mean() -> None:
    found = numbers(weighted=True)
    nothing = number_doing_nothing(found)
    assert nothing["r2"] == pytest.approx(0.0, abs=1e-12)
    mean = np.average(found.truth, weights=found.weight)
    expected = np.sqrt(np.average((found.truth - mean) ** 2, weights=found.weight))
    assert nothing["rmse"] == pytest.approx(expected)


def test_the_grid_counts_every_row_once_and_keeps_it_in_its_cell() -> None:
    tied, rng = numbers(300), np.random.default_rng(8)
    found = replace(tied, truth=tied.truth + rng.random(300), score=tied.score + rng.random(300))
    cells = grid(found, 10)
    assert cells["rows"].sum() == 300
    edges = np.linspace(found.truth.min(), found.truth.max(), 11)
    expected, *_ = np.histogram2d(found.truth, np.clip(found.score, edges[0], edges[-1]), bins=[edges, edges])
    assert sorted(cells["rows"]) == sorted(expected[expected > 0])


def test_residuals_are_truth_minus_prediction_by_prediction() -> None:
    found = numbers(480)
    table = residuals(found, 8)
    assert table["rows"].sum() == 480
    assert table["predicted"].is_monotonic_increasing
    apart = found.truth - found.score
    assert (table["residual"] * table["rows"]).sum() == pytest.approx(apart.sum())
    assert (table["q10"] <= table["q50"]).all()
    assert (table["q50"] <= table["q90"]).all()


def test_equal_predictions_are_one_group() -> None:
    found = numbers(60)
    flat = Predictions(
        "run", "hold-out", (), found.row, found.truth, found.raw, np.full(60, 5.0), found.fold, kind="number"
    )
    assert len(residuals(flat)) == 1


@pytest.mark.parametrize(("rows", "approximate"), [(400, True), (1_200, False)])
def test_few_rows_of_a_number_make_its_intervals_approximate(rows: int, approximate: bool) -> None:
    found = numbers(rows)
    held = judge_outcome_hold_out(replace(found, split="hold-out", fold=np.full(rows, -1, dtype=np.int8)), None)
    assert (held.table["approximate"] == approximate).all()
