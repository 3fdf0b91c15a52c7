import numpy as np
import pytest
from sklearn import metrics as sk

from mlops_lib.evaluate.metrics import DECISION_METRICS, METRICS, SCORE_METRICS, decision_metric, metric
from mlops_lib.evaluate.sweep import Counts, counts_at, sweep
from mlops_lib.objects.errors import InputError
from tests.evaluate.scored import scored

SCIKIT_SCORES = {
    "roc_auc": sk.roc_auc_score,
    "average_precision": sk.average_precision_score,
    "brier": sk.brier_score_loss,
    "log_loss": sk.log_loss,
}
SCIKIT_DECISIONS = {
    "f1": sk.f1_score,
    "mcc": sk.matthews_corrcoef,
    "balanced_accuracy": sk.balanced_accuracy_score,
    "precision": lambda t, d: sk.precision_score(t, d, zero_division=np.nan),
    "recall": sk.recall_score,
}


def test_every_metric_has_a_reference():
    assert {m.name for m in SCORE_METRICS} == set(SCIKIT_SCORES)
    assert {m.name for m in DECISION_METRICS} == set(SCIKIT_DECISIONS)
    assert all(m.help.endswith(".") and m.label for m in METRICS)


@pytest.mark.parametrize("name", SCIKIT_SCORES)
@pytest.mark.parametrize("digits", [1, 2, 17])
def test_scores_agree_with_scikit_learn(name, digits):
    predictions = scored(800, rate=0.1, seed=3)
    score = np.round(predictions.score, digits)
    ours = metric(name).of(sweep(predictions.truth, score))
    assert ours == pytest.approx(SCIKIT_SCORES[name](predictions.truth, score), abs=1e-12)


@pytest.mark.parametrize("name", SCIKIT_DECISIONS)
def test_decisions_agree_with_scikit_learn_at_every_threshold(name):
    predictions = scored(120, seed=5)
    swept = sweep(predictions.truth, predictions.score)
    ours = metric(name).of(swept.counts)
    theirs = [SCIKIT_DECISIONS[name](predictions.truth, predictions.score >= t) for t in swept.thresholds]
    assert ours == pytest.approx(theirs, abs=1e-12, nan_ok=True)


def test_scores_of_0_and_1_do_not_make_the_log_loss_infinite():
    truth, score = np.array([0, 1, 1]), np.array([0.0, 1.0, 0.0])
    assert metric("log_loss").of(sweep(truth, score)) == pytest.approx(sk.log_loss(truth, score))


def test_what_is_not_defined_is_nan():
    swept = sweep(np.zeros(3, dtype=int), np.array([0.1, 0.2, 0.3]))
    assert np.isnan(metric("roc_auc").of(swept))
    assert np.isnan(metric("average_precision").of(swept))
    nobody = Counts(*(np.array(v) for v in (0, 0, 5, 5)))
    assert np.isnan(metric("precision").of(nobody))
    assert metric("f1").of(nobody) == 0
    assert metric("mcc").of(nobody) == 0


def test_mcc_does_not_overflow_at_a_million_rows():
    counts = counts_at(np.repeat([0, 1], 500_000), np.repeat([0.2, 0.8], 500_000), 0.5)
    assert metric("mcc").of(counts) == pytest.approx(1.0)


def test_unknown_names_are_refused():
    with pytest.raises(InputError, match="no metric 'auc'"):
        metric("auc")
    with pytest.raises(InputError, match="does not depend on a threshold"):
        decision_metric("roc_auc")
