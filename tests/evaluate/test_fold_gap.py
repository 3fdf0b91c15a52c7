import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from mlops_lib.evaluate.fold_gap import fold_gap
from mlops_lib.evaluate.intervals import corrected_t
from mlops_lib.evaluate.measures import Scores, measure_of
from mlops_lib.objects.errors import NotPossibleError
from tests.evaluate.scored import scored

AUC, BRIER = measure_of("binary", "roc_auc"), measure_of("binary", "brier")


def scores(signal, seed=0, n=2_000):
    p = scored(n, rate=0.3, signal=signal, seed=seed)
    return Scores(p.truth, p.score, p.fold)


def test_the_gap_is_the_difference_fold_by_fold():
    learnt, held = scores(3.0), scores(0.5, 1)
    made = fold_gap(AUC, learnt, held, 0.25, 0.01)
    for line in made.table.itertuples():
        inside, outside = learnt.fold == line.fold - 1, held.fold == line.fold - 1
        assert line.learnt == pytest.approx(roc_auc_score(learnt.truth[inside], learnt.score[inside]), rel=1e-9)
        assert line.validation == pytest.approx(roc_auc_score(held.truth[outside], held.score[outside]), rel=1e-9)
    assert made.gap == corrected_t(made.table["gap"].to_numpy(), 0.25)
    assert made.way == pytest.approx(made.gap.mean / (1 - made.validation))
    assert made.sentence.startswith("It memorises: ROC-AUC is")
    assert "no fault" in made.advice


def test_small_gaps_and_none_have_their_own_words():
    held = scores(0.8)
    assert fold_gap(AUC, held, held, 0.25, 0.01).sentence.startswith("It does not memorise")
    assert fold_gap(AUC, scores(1.1, 3, 20_000), scores(0.8, 4, 20_000), 0.25, 0.01).sentence.startswith(
        "It memorises a little"
    )
    assert fold_gap(AUC, scores(0.9, 3, 150), scores(0.8, 4, 150), 0.25, 0.01).sentence.startswith("No clear sign")


def test_where_lower_is_better_a_gap_is_still_above_0():
    made = fold_gap(BRIER, scores(3.0), scores(0.5, 1), 0.25, 0.01)
    assert made.gap.mean > 0
    assert made.learnt < made.validation
    assert made.way == pytest.approx(made.gap.mean / made.validation)


def test_a_fold_without_positives_is_said():
    held = scores(0.8)
    truth = np.where(held.fold == 0, 0, held.truth)
    with pytest.raises(NotPossibleError, match="not defined in every fold"):
        fold_gap(AUC, held, Scores(truth, held.score, held.fold), 0.25, 0.01)
