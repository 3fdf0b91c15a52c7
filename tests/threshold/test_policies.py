import numpy as np
import pytest

from mlops_lib.evaluate.intervals import lower_bound
from mlops_lib.evaluate.metrics import decision_metric
from mlops_lib.evaluate.sweep import counts_at, sweep_of
from mlops_lib.objects.decision import AtLeast, Best, Capacity, Cost, Fixed
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.predictions import Predictions
from mlops_lib.threshold.choosing import choose, thresholds_by_fold
from mlops_lib.threshold.policies import said
from tests.evaluate.scored import scored


def every_outcome(predictions):
    swept = sweep_of(predictions)
    return [counts_at(predictions.truth, predictions.score, t) for t in swept.thresholds]


def at(predictions, decision):
    return counts_at(predictions.truth, predictions.score, decision.threshold)


@pytest.mark.parametrize(("miss", "false_alarm"), [(5, 1), (1, 1), (1, 20), (250.5, 3.25)])
def test_no_threshold_costs_less_than_the_one_of_least_cost(miss, false_alarm):
    predictions = scored(400)
    found = at(predictions, choose(predictions, Cost(miss, false_alarm), resamples=0))
    costs = [c.fn * miss + c.fp * false_alarm for c in every_outcome(predictions)]
    assert found.fn * miss + found.fp * false_alarm == min(costs)


@pytest.mark.parametrize("odds", [0.02, 0.5, 3.0])
def test_least_cost_is_least_at_the_true_share(odds):
    predictions, policy = scored(400), Cost(20, 1)
    decision = choose(predictions, policy, resamples=0, odds=odds)
    found = at(predictions, decision)
    costs = [c.fn * 20 * odds + c.fp for c in every_outcome(predictions)]
    assert found.fn * 20 * odds + found.fp == pytest.approx(min(costs))
    assert (decision.policy, decision.odds) == (policy, odds)
    folds = thresholds_by_fold(predictions, policy, odds)
    assert folds.tolist() == thresholds_by_fold(predictions, Cost(20 * odds, 1)).tolist()
    assert choose(predictions, Best("f1"), resamples=0, odds=odds).odds == 1.0


@pytest.mark.parametrize("name", ["f1", "mcc", "balanced_accuracy"])
def test_no_threshold_has_a_better_metric(name):
    predictions, metric = scored(400, seed=4), decision_metric(name)
    found = at(predictions, choose(predictions, Best(name), resamples=0))
    assert metric.of(found) == np.nanmax([metric.of(c) for c in every_outcome(predictions)])


def test_a_capacity_is_used_and_not_exceeded():
    predictions = scored(1_000)
    decision = choose(predictions, Capacity(100, 1_000))
    assert at(predictions, decision).alarms == 100
    assert choose(predictions, Capacity(7, 300), resamples=0).threshold > decision.threshold
    assert (
        "Among 1,000 rows like these, expect about 100 alerts; a single batch may hold 81 to 119." in decision.notes[0]
    )


def test_a_capacity_that_ties_leave_unused_is_said():
    predictions = scored(100)
    coarse = Predictions("run", "out-of-fold", ("No", "Yes"), predictions.row, predictions.truth, predictions.raw,
                         np.repeat([0.2, 0.6], 50), predictions.fold)  # fmt: skip
    decision = choose(coarse, Capacity(30, 100))
    assert at(coarse, decision).alarms == 0
    assert "The next lower threshold would make 50 of them" in decision.notes[1]


@pytest.mark.parametrize("metric", ["precision", "recall"])
def test_a_minimum_is_met_by_its_lower_bound(metric):
    predictions = scored(3_000, signal=1.5)
    decision = choose(predictions, AtLeast(metric, 0.7), resamples=0)
    found = at(predictions, decision)
    whole = {"precision": lambda c: c.alarms, "recall": lambda c: c.positives}[metric]
    assert decision.promised
    assert lower_bound(found.tp, whole(found)) >= 0.7
    keeping = [c for c in every_outcome(predictions) if lower_bound(c.tp, whole(c)) >= 0.7]
    if metric == "precision":
        assert found.tp == max(c.tp for c in keeping)
    else:
        assert found.alarms == min(c.alarms for c in keeping)


def test_what_the_data_cannot_promise_is_said_with_their_numbers():
    predictions = scored(200, rate=0.1, signal=0.3)
    decision = choose(predictions, AtLeast("precision", 0.9))
    assert not decision.promised
    assert decision.stability is None
    assert decision.notes[0].startswith("These data cannot promise a precision of 90.0 %.")
    assert f"({predictions.positives} positives are in the data)" in decision.notes[0]


def test_a_threshold_is_never_put_between_scores_that_differ_by_rounding():
    score = np.array([0.2, 0.5, 0.5 + 1e-13, 0.8])
    predictions = Predictions("r", "out-of-fold", ("No", "Yes"), np.arange(4), np.array([0, 0, 1, 1]), score, score,
                              np.zeros(4, dtype=np.int8))  # fmt: skip
    threshold = choose(predictions, Cost(1, 1), resamples=0).threshold
    assert np.abs(score - threshold).min() > 0.1


def test_the_threshold_of_a_fold_does_not_depend_on_that_fold():
    predictions = scored(500)
    thresholds = thresholds_by_fold(predictions, Cost(5, 1))
    scrambled = predictions.score.copy()
    scrambled[predictions.fold == 3] = 0.5
    other = Predictions("r", "out-of-fold", ("No", "Yes"), predictions.row, predictions.truth, scrambled, scrambled,
                        predictions.fold)  # fmt: skip
    again = thresholds_by_fold(other, Cost(5, 1))
    assert again[3] == thresholds[3]
    assert (again != thresholds).any()
    assert thresholds_by_fold(predictions, Fixed(0.4)).tolist() == [0.4] * 5


def test_a_typed_threshold_is_taken_as_it_is():
    decision = choose(scored(100), Fixed(0.37))
    assert (decision.threshold, decision.stability, decision.equal_band) == (0.37, None, None)


@pytest.mark.parametrize(
    "policy",
    [
        Cost(0, 1),
        Cost(1, -2),
        Cost(float("inf"), 1),
        Capacity(5, 4),
        Capacity(0, 4),
        AtLeast("precision", 1.0),
        AtLeast("accuracy", 0.5),
        Best("precision"),
        Fixed(1.5),
    ],
)
def test_policies_that_make_no_sense_are_refused(policy):
    with pytest.raises(InputError):
        choose(scored(50), policy)


def test_one_class_and_one_fold_are_refused():
    predictions = scored(100)
    zeros = np.zeros(100, dtype=np.int8)
    alone = Predictions("r", "out-of-fold", ("No", "Yes"), predictions.row, zeros, predictions.raw, predictions.score,
                        predictions.fold)  # fmt: skip
    with pytest.raises(NotPossibleError, match="All 100 rows are 'No'"):
        choose(alone, Best("f1"))
    with pytest.raises(NotPossibleError, match="one fold"):
        thresholds_by_fold(scored(100, folds=1), Best("f1"))


def test_policies_in_words():
    assert said(Cost(5000, 100, "EUR")) == "least cost (a miss 5,000 EUR, a false alarm 100 EUR)"
    assert said(Capacity(100, 2500)) == "at most 100 alerts in 2,500 rows"
    assert said(AtLeast("recall", 0.8)) == "recall of at least 80.0 %"
    assert said(Best("f1")) == "best F1"
    assert said(Fixed(0.25)) == "fixed at 0.250"
