import numpy as np
import pytest
from sklearn import metrics

from mlops_lib.evaluate.measures import Scores, measure_of
from mlops_lib.evaluate.outcomes import METRICS_OF
from tests.evaluate.scored import scored

CODES = np.array([0, 1, 2, 1, 0, 2, 2, 1, 0, 0])


def chances():
    made = np.random.default_rng(0).dirichlet((1, 1, 1), 10)
    return made / made.sum(axis=1, keepdims=True)


def test_two_answers_agree_with_scikit_learn():
    p = scored(400)
    assert measure_of("binary", "roc_auc").of(p.truth, p.score, 0.5, None) == pytest.approx(
        metrics.roc_auc_score(p.truth, p.score), rel=1e-9
    )
    decided = p.score >= 0.3
    assert measure_of("binary", "f1").of(p.truth, p.score, 0.3, None) == pytest.approx(
        metrics.f1_score(p.truth, decided), rel=1e-9
    )
    weight = np.random.default_rng(1).random(400)
    assert measure_of("binary", "brier").of(p.truth, p.score, 0.5, weight) == pytest.approx(
        metrics.brier_score_loss(p.truth, p.score, sample_weight=weight), rel=1e-9
    )


def test_many_classes_and_numbers_agree_with_scikit_learn():
    score = chances()
    assert measure_of("classes", "log_loss").of(CODES, score, 0.5, None) == pytest.approx(
        metrics.log_loss(CODES, score), rel=1e-9
    )
    assert measure_of("classes", "f1_macro").of(CODES, score, 0.5, None) == pytest.approx(
        metrics.f1_score(CODES, score.argmax(axis=1), average="macro"), rel=1e-9
    )
    truth, said = np.arange(10.0), np.arange(10.0)[::-1] / 2
    assert measure_of("number", "rmse").of(truth, said, 0.5, None) == pytest.approx(
        metrics.root_mean_squared_error(truth, said), rel=1e-9
    )


@pytest.mark.parametrize("kind", ["binary", "classes", "number"])
def test_every_metric_of_every_kind_is_a_measure(kind):
    p = scored(200)
    truth, score = {
        "binary": (p.truth, p.score),
        "classes": (CODES, chances()),
        "number": (np.arange(10.0), np.arange(10.0) + 1),
    }[kind]
    for one in METRICS_OF[kind]:
        made = measure_of(kind, one.name)
        assert np.isfinite(made.of(truth, score, 0.5, None)), one.name
        assert made.perfect == (1.0 if one.higher_is_better else 0.0)
        assert made.needs_threshold == one.needs_threshold


def test_each_fold_is_judged_at_its_own_threshold():
    p = scored(300, folds=3)
    thresholds = np.array([0.1, 0.5, 0.9])
    values = Scores(p.truth, p.score, p.fold, thresholds).by_fold(measure_of("binary", "recall"))
    for fold, value in enumerate(values):
        mine = p.fold == fold
        assert value == pytest.approx(metrics.recall_score(p.truth[mine], p.score[mine] >= thresholds[fold]))
