import numpy as np
import pytest
from sklearn.metrics import confusion_matrix_at_thresholds
from sklearn.metrics import roc_curve as sklearn_roc

from mlops_lib.evaluate.sweep import counts_at, sweep, sweep_of
from mlops_lib.objects.errors import InputError, NotPossibleError
from tests.evaluate.scored import scored


def test_counts_agree_with_scikit_learn_at_every_threshold():
    predictions = scored(500)
    truth, score = predictions.truth, np.round(predictions.score, 2)
    swept = sweep(truth, score)
    tn, fp, fn, tp, thresholds = confusion_matrix_at_thresholds(truth, score)
    ours = {t: i for i, t in enumerate(swept.levels)}
    for i, threshold in enumerate(thresholds):
        if np.isfinite(threshold):
            counts = swept.counts.at(ours[threshold])
            assert (counts.tn, counts.fp, counts.fn, counts.tp) == (tn[i], fp[i], fn[i], tp[i])


def test_every_threshold_makes_its_cut():
    predictions = scored(300)
    swept = sweep_of(predictions)
    assert (np.diff(swept.thresholds) > 0).all()
    for cut, threshold in enumerate(swept.thresholds):
        exact = counts_at(predictions.truth, predictions.score, threshold)
        assert (exact.tp, exact.fp) == (swept.counts.tp[cut], swept.counts.fp[cut])
        assert swept.cut_of(threshold) == cut


def test_a_threshold_lies_midway_between_neighbouring_scores():
    swept = sweep(np.array([0, 1, 1]), np.array([0.2, 0.4, 0.8]))
    assert swept.thresholds == pytest.approx([0.1, 0.3, 0.6, 0.9])


def test_neighbouring_floats_and_the_ends_of_the_scale_are_still_told_apart():
    score = np.array([0.0, 0.3, np.nextafter(0.3, 1), 1.0])
    swept = sweep(np.array([0, 0, 1, 1]), score)
    alarms = [int((score >= t).sum()) for t in swept.thresholds]
    assert alarms == [4, 3, 2, 1, 0]


def test_one_threshold_a_row_is_applied_row_by_row():
    counts = counts_at(np.array([1, 1, 0, 0]), np.array([0.5, 0.5, 0.5, 0.5]), np.array([0.4, 0.6, 0.4, 0.6]))
    assert (counts.tp, counts.fn, counts.fp, counts.tn) == (1, 1, 1, 1)


@pytest.mark.parametrize(
    ("truth", "score", "error"),
    [
        ([], [], NotPossibleError),
        ([0, 1, -1], [0.1, 0.2, 0.3], InputError),
        ([0, 1], [0.1, np.nan], InputError),
        ([0, 1], [0.1, 1.2], InputError),
        ([0, 1], [0.1], InputError),
    ],
)
def test_what_cannot_be_judged_is_refused(truth, score, error):
    with pytest.raises(error):
        sweep(np.array(truth), np.array(score, dtype=float))


def test_a_weight_is_a_number_of_rows():
    predictions = scored(300)
    truth, score = predictions.truth, np.round(predictions.score, 2)
    times = np.random.default_rng(0).integers(0, 4, 300)
    weighted, repeated = sweep(truth, score, times.astype(float)), sweep(*(np.repeat(a, times) for a in (truth, score)))
    assert weighted.levels.tolist() == repeated.levels.tolist()
    assert weighted.positives_at.tolist() == repeated.positives_at.tolist()
    assert weighted.negatives_at.tolist() == repeated.negatives_at.tolist()
    assert weighted.squares.n == (times**2).sum()
    assert weighted.rows == (np.sum(truth[times > 0] == 1), np.sum(truth[times > 0] == 0))
    one, other = weighted.counts.at(7), counts_at(truth, score, weighted.thresholds[7], times.astype(float))
    for cell in ("tp", "fp", "fn", "tn"):
        assert getattr(one, cell) == getattr(other, cell)
        assert getattr(one.squares, cell) == getattr(other.squares, cell)


@pytest.mark.parametrize("weight", [[1.0], [1.0, -1.0], [1.0, np.nan]])
def test_weights_that_make_no_sense_are_refused(weight):
    with pytest.raises(InputError, match="weights"):
        sweep(np.array([0, 1]), np.array([0.1, 0.2]), np.array(weight))


def test_rows_that_all_count_nothing_are_refused():
    with pytest.raises(NotPossibleError, match="weight of 0"):
        sweep(np.array([0, 1]), np.array([0.1, 0.2]), np.zeros(2))


def test_a_million_rows_are_counted_exactly():
    predictions = scored(1_000_000)
    swept = sweep_of(predictions)
    assert swept.n == 1_000_000
    fpr, tpr, _ = sklearn_roc(predictions.truth, predictions.score, drop_intermediate=False)
    assert np.array_equal(swept.counts.tp[::-1], np.rint(tpr * swept.positives))
    assert np.array_equal(swept.counts.fp[::-1], np.rint(fpr * swept.negatives))
