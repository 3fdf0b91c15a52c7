import numpy as np
import pytest
from imblearn.metrics import geometric_mean_score
from sklearn import metrics as sk

from mlops_lib.evaluate.metrics import (
    BUILT,
    DECISION_METRICS,
    METRICS,
    SCORE_METRICS,
    decision_metric,
    expected_cost,
    metric,
    precision_at_k,
    recall_at_precision,
)
from mlops_lib.evaluate.sweep import Counts, Sweep, counts_at, sweep
from mlops_lib.objects.errors import InputError
from tests.evaluate.scored import scored


def best_recall(truth, score, minimum=0.5):
    precision, recall, _ = sk.precision_recall_curve(truth, score)
    return recall[precision >= minimum].max()


def precision_of_top(truth, score, share=0.1):
    """Every order of ties counts alike, so each row of a tie is worth the share of positives among them."""
    worth = np.array([truth[score == s].mean() for s in score])[np.argsort(-score, kind="stable")]
    k = share * len(truth)
    whole = int(k)
    return (worth[:whole].sum() + (k - whole) * worth[whole]) / k


def calibration_gap(truth, score):
    """Ten bins by the middle rank of each score."""
    rank = np.array([(score < s).sum() + (score == s).sum() / 2 for s in score])
    bin_of = np.floor(rank / len(score) * 10)
    return sum(abs(score[bin_of == b].sum() - truth[bin_of == b].sum()) for b in range(10)) / len(score)


SCIKIT_SCORES = {
    "roc_auc": sk.roc_auc_score,
    "average_precision": sk.average_precision_score,
    "brier": sk.brier_score_loss,
    "log_loss": sk.log_loss,
    "recall_at_precision:0.5": best_recall,
    "precision_at_k:0.1": precision_of_top,
    "ece": calibration_gap,
}
SCIKIT_DECISIONS = {
    "f1": sk.f1_score,
    "f_beta:2": lambda t, d: sk.fbeta_score(t, d, beta=2),
    "g_mean": geometric_mean_score,
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
    predictions = scored(803, rate=0.1, seed=3)
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


def test_resamples_are_judged_all_at_once():
    predictions, rng = scored(90, seed=4), np.random.default_rng(0)
    swept = sweep(predictions.truth, np.round(predictions.score, 1))
    positives, negatives = (rng.multinomial(40, np.full(len(swept.levels), 1 / len(swept.levels)), 7) for _ in "pn")
    many = Sweep(swept.levels, positives, negatives)
    for one in SCORE_METRICS:
        each = [one.of(Sweep(swept.levels, p, n)) for p, n in zip(positives, negatives, strict=True)]
        assert one.each(many) == pytest.approx(each, rel=1e-12), one.name


def test_a_metric_with_numbers_is_found_by_its_name():
    assert metric("recall_at_precision:0.80").name == recall_at_precision(0.8).name == "recall_at_precision:0.8"
    assert metric("recall_at_precision:0.5") is METRICS[2]
    assert metric("precision_at_k:100").label == "Precision, top 100"
    assert metric("expected_cost:5:1").of(counts_at(np.array([1, 1, 0, 0]), np.array([0.1, 0.9, 0.9, 0.1]), 0.5)) == 1.5
    assert {m.name.split(":")[0] for m in METRICS if ":" in m.name} <= set(BUILT)
    assert all(metric(m.name) is m for m in METRICS)


def test_what_knowing_nothing_gets_is_what_the_base_rate_and_an_alarm_everywhere_get():
    truth = np.repeat([1, 0], [30, 170])
    flat = sweep(truth, np.full(200, 0.15))
    for one in METRICS:
        if one.name in ("recall_at_precision:0.5", "recall", "ece"):
            continue
        value = one.of(flat) if one in SCORE_METRICS else float(one.of(flat.counts.at(0)))
        assert one.nothing(0.15) == pytest.approx(value, abs=1e-12), one.name
    assert expected_cost(5, 1).nothing(0.15) == pytest.approx(0.75)


@pytest.mark.parametrize("k", [1, 7, 50, 200])
def test_the_top_rows_by_number(k):
    predictions = scored(100, seed=8)
    swept = sweep(predictions.truth, predictions.score)
    top = predictions.truth[np.argsort(-predictions.score)][:k]
    assert precision_at_k(k).of(swept) == pytest.approx(top.mean())


def test_a_precision_that_is_never_reached_has_no_recall():
    assert recall_at_precision(0.9).of(sweep(np.array([1, 0, 0]), np.array([0.1, 0.5, 0.6]))) == 0.0


@pytest.mark.parametrize(
    "name", ["recall_at_precision:0", "recall_at_precision:2", "precision_at_k:1.5", "f_beta:0", "f_beta:nan",
             "expected_cost:0:0", "expected_cost:-1:2"],
)  # fmt: skip
def test_numbers_that_make_no_sense_are_refused(name):
    with pytest.raises(InputError) as refused:
        metric(name)
    assert "no metric" not in refused.value.message


@pytest.mark.parametrize("name", ["auc", "f_beta", "f_beta:two", "f_beta:1:2", "roc_auc:1"])
def test_unknown_names_are_refused(name):
    with pytest.raises(InputError, match=f"no metric '{name}'"):
        metric(name)


def test_a_metric_of_scores_decides_nothing():
    with pytest.raises(InputError, match="does not depend on a threshold"):
        decision_metric("roc_auc")
