"""What must hold for any scores and answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, roc_auc_score

from mlops_lib.evaluate.decision_metrics import precision, recall
from mlops_lib.evaluate.metrics import DECISION_METRICS, SCORE_METRICS
from mlops_lib.evaluate.sweep import counts_at, sweep
from mlops_lib.objects.decision import Best, Capacity, Cost
from mlops_lib.objects.predictions import Predictions
from mlops_lib.threshold.choosing import choose
from mlops_lib.threshold.sweep_payload import sweep_payload

probability = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.1, 0.5, np.nextafter(0.5, 1), 1.0]))
rows = st.lists(st.tuples(st.integers(0, 1), probability), min_size=1, max_size=60)
both_classes = rows.filter(lambda r: len({t for t, _ in r}) == 2)


def arrays(drawn):
    return np.array([t for t, _ in drawn]), np.array([s for _, s in drawn])


@given(rows)
def test_counts_sum_to_n_and_recall_never_rises_with_the_threshold(drawn):
    swept = sweep(*arrays(drawn))
    assert (swept.counts.n == len(drawn)).all()
    assert (np.diff(swept.thresholds) > 0).all()
    assert (np.diff(swept.counts.tp) <= 0).all()
    assert (np.diff(recall(swept.counts))[: len(swept.levels)] <= 0).all() or swept.positives == 0


@given(rows)
def test_sweeps_agree_with_scikit_learn_at_every_threshold(drawn):
    truth, score = arrays(drawn)
    swept = sweep(truth, score)
    for cut, threshold in enumerate(swept.thresholds):
        tn, fp, fn, tp = confusion_matrix(truth, score >= threshold, labels=[0, 1]).ravel()
        one = swept.counts.at(cut)
        assert (one.tn, one.fp, one.fn, one.tp) == (tn, fp, fn, tp)


@given(rows, st.randoms(use_true_random=False))
def test_row_order_does_not_matter(drawn, shuffler):
    shuffled = list(drawn)
    shuffler.shuffle(shuffled)
    one, other = sweep(*arrays(drawn)), sweep(*arrays(shuffled))
    for metric in SCORE_METRICS:
        assert metric.of(one) == pytest.approx(metric.of(other), nan_ok=True, abs=0)
    for metric in DECISION_METRICS:
        assert np.array_equal(metric.of(one.counts), metric.of(other.counts), equal_nan=True)


@given(both_classes)
def test_the_area_agrees_with_scikit_learn_and_turns_round(drawn):
    truth, score = arrays(drawn)
    area = SCORE_METRICS[0].of(sweep(truth, score))
    assert area == pytest.approx(roc_auc_score(truth, score), abs=1e-12)
    assert SCORE_METRICS[0].of(sweep(1 - truth, score)) == pytest.approx(1 - area, abs=1e-12)


@given(both_classes, st.integers(2, 4))
def test_repeating_every_row_changes_no_metric(drawn, times):
    one, many = sweep(*arrays(drawn)), sweep(*arrays(drawn * times))
    for metric in SCORE_METRICS:
        assert metric.of(many) == pytest.approx(metric.of(one), abs=1e-12)
    assert precision(many.counts) == pytest.approx(precision(one.counts), nan_ok=True)


@given(both_classes, st.data())
def test_a_weight_of_two_is_a_repeated_row(drawn, data):
    truth, score = arrays(drawn)
    times = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(truth), max_size=len(truth))))
    if not {0, 1} <= set(truth[times > 0]):
        times = times + 1
    weighted = sweep(truth, score, times.astype(np.float64))
    repeated = sweep(np.repeat(truth, times), np.repeat(score, times))
    for metric in SCORE_METRICS:
        assert metric.of(weighted) == pytest.approx(metric.of(repeated), rel=1e-9, abs=1e-12), metric.name
    for metric in DECISION_METRICS:
        assert metric.of(weighted.counts) == pytest.approx(metric.of(repeated.counts), rel=1e-9, nan_ok=True)


@given(both_classes, st.sampled_from([Cost(5.0, 1.0), Cost(1.0, 7.0), Best("f1"), Best("mcc"), Capacity(3, 10)]))
def test_a_chosen_threshold_is_a_cut_between_scores_that_differ(drawn, policy):
    truth, score = arrays(drawn)
    fold = np.zeros(len(truth), dtype=np.int8)
    predictions = Predictions("run", "out-of-fold", ("No", "Yes"), np.arange(len(truth)), truth, score, score, fold)
    threshold = choose(predictions, policy, resamples=0).threshold
    below, above = score[score < threshold], score[score >= threshold]
    if len(below) and len(above):
        assert above.min() - below.max() >= 1e-9


@given(rows)
def test_what_the_browser_gets_is_exact(drawn):
    truth, score = arrays(drawn)
    payload = sweep_payload(sweep(truth, score), ("No", "Yes"))
    assert (np.diff(payload["threshold"]) > 0).all()
    for threshold, tp, fp in zip(payload["threshold"], payload["tp"], payload["fp"], strict=True):
        counts = counts_at(truth, score, threshold)
        assert (counts.tp, counts.fp) == (tp, fp)
