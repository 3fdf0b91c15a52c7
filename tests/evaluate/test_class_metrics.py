"""Metrics of many classes against scikit-learn, with and without row weights, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn import metrics as theirs
from sklearn.preprocessing import label_binarize

from mlops_lib.evaluate.class_judging import (
    classes_doing_nothing,
    drawn_sums,
    hold_classes,
    judge_classes,
)
from mlops_lib.evaluate.class_metrics import BY_CLASS, CLASS_METRICS, class_rows, class_sums, levels
from mlops_lib.evaluate.intervals import BOOTSTRAP, FOLDS, corrected_t
from mlops_lib.evaluate.judged import weights_of
from mlops_lib.evaluate.row_draws import row_draws
from mlops_lib.objects.predictions import Predictions
from tests.evaluate.many import NAMES, many

Theirs = Callable[[np.ndarray, np.ndarray, np.ndarray], float]


def _decided(of: Callable[..., float], **more: object) -> Theirs:
    return lambda truth, score, weight: of(truth, score.argmax(axis=1), sample_weight=weight, **more)


def _one_against_rest(average: str) -> Theirs:
    def of(truth: np.ndarray, score: np.ndarray, weight: np.ndarray) -> float:
        areas = [theirs.roc_auc_score(truth == k, score[:, k], sample_weight=weight) for k in range(3)]
        shares = np.bincount(truth, weight) if average == "weighted" else None
        return float(np.average(areas, weights=shares))

    return of


def _precision(average: str) -> Theirs:
    return lambda truth, score, weight: theirs.average_precision_score(
        label_binarize(truth, classes=range(3)), score, average=average, sample_weight=weight
    )


def _top_label_error(truth: np.ndarray, score: np.ndarray, weight: np.ndarray) -> float:
    """Ten bins of about equal weight over the highest probability; equal ones stay in one bin (Guo et al. 2017, eq. 3,
    with bins of equal size)."""
    top, right = score.max(axis=1), (score.argmax(axis=1) == truth).astype(float)
    total, before, gaps = weight.sum(), 0.0, {}
    for level in np.unique(top):
        mine = top == level
        own = float(weight[mine].sum())
        place = int((before + own / 2) / total * 10)
        gaps[place] = gaps.get(place, 0.0) + float(weight[mine] @ (top[mine] - right[mine]))
        before += own
    return sum(abs(gap) for gap in gaps.values()) / total


SAME: dict[str, Theirs] = {
    "average_precision_macro": _precision("macro"),
    "roc_auc_macro": _one_against_rest("macro"),
    "f1_macro": _decided(theirs.f1_score, average="macro"),
    "balanced_accuracy": _decided(theirs.balanced_accuracy_score),
    "precision_macro": _decided(theirs.precision_score, average="macro"),
    "mcc": _decided(theirs.matthews_corrcoef),
    "f1_weighted": _decided(theirs.f1_score, average="weighted"),
    "precision_weighted": _decided(theirs.precision_score, average="weighted"),
    "roc_auc_weighted": _one_against_rest("weighted"),
    "average_precision_weighted": _precision("weighted"),
    "accuracy": _decided(theirs.accuracy_score),
    "log_loss": lambda truth, score, weight: theirs.log_loss(truth, score, sample_weight=weight),
    "brier": lambda truth, score, weight: theirs.brier_score_loss(truth, score, sample_weight=weight),
    "ece": _top_label_error,
}


def test_every_metric_has_a_reference() -> None:
    assert set(SAME) == {one.name for one in CLASS_METRICS}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("one", CLASS_METRICS, ids=lambda one: one.name)
def test_metrics_equal_those_of_scikit_learn(one: object, weighted: bool) -> None:
    for seed in (0, 1):
        found = many(seed=seed, weighted=weighted)
        weight = weights_of(found)
        sums = class_sums(class_rows(found.truth, found.score), weight)
        expected = SAME[one.name](found.truth, found.score, weight)  # type: ignore[attr-defined]
        assert one.of(sums) == pytest.approx(expected, rel=1e-9)  # type: ignore[attr-defined]


def test_one_against_rest_is_what_scikit_learn_calls_ovr() -> None:
    found = many()
    sums = class_sums(class_rows(found.truth, found.score), weights_of(found))
    for average in ("macro", "weighted"):
        expected = theirs.roc_auc_score(found.truth, found.score, multi_class="ovr", average=average)
        ours = next(m for m in CLASS_METRICS if m.name == f"roc_auc_{average}").of(sums)
        assert ours == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
def test_values_of_single_classes_equal_those_of_scikit_learn(weighted: bool) -> None:
    found = many(weighted=weighted)
    weight, decided = weights_of(found), found.score.argmax(axis=1)
    sums = class_sums(class_rows(found.truth, found.score), weight)
    expected = theirs.precision_recall_fscore_support(found.truth, decided, sample_weight=weight)
    for name, values in zip(("precision", "recall", "f1"), expected[:3], strict=True):
        np.testing.assert_allclose(BY_CLASS[name](sums), values, rtol=1e-9)
    np.testing.assert_allclose(sums.support, expected[3], rtol=1e-9)
    np.testing.assert_allclose(sums.confusion, theirs.confusion_matrix(found.truth, decided, sample_weight=weight))


def test_a_weight_of_two_is_a_row_twice() -> None:
    found = many(200)
    weight = np.random.default_rng(5).integers(0, 3, found.n)
    again = np.repeat(np.arange(found.n), weight)
    once = class_sums(class_rows(found.truth, found.score), weight.astype(float))
    twice = class_sums(class_rows(found.truth[again], found.score[again]), np.ones(len(again)))
    for one in CLASS_METRICS:
        assert one.of(once) == pytest.approx(one.of(twice), rel=1e-9), one.name


def test_a_class_that_is_never_there_or_never_named() -> None:
    score = np.array([[0.8, 0.1, 0.1], [0.7, 0.2, 0.1], [0.6, 0.3, 0.1]])
    sums = class_sums(class_rows(np.array([0, 0, 1]), score), np.ones(3))
    values = {one.name: one.of(sums) for one in CLASS_METRICS}
    assert np.isnan(values["roc_auc_macro"])
    assert np.isnan(values["average_precision_macro"])
    assert values["f1_macro"] == pytest.approx(
        theirs.f1_score([0, 0, 1], [0, 0, 0], average="macro", zero_division=0), rel=1e-9
    )
    assert values["balanced_accuracy"] == pytest.approx(0.5)
    assert values["mcc"] == 0.0
    np.testing.assert_array_equal(BY_CLASS["precision"](sums), [2 / 3, 0.0, np.nan])


def test_a_run_is_judged_on_its_folds() -> None:
    found = many()
    judged = judge_classes((found,), ratio=0.25)
    assert judged.folds["fold"].tolist() == [0, 1, 2, 3, 4]
    mine = found.fold == 2
    expected = theirs.f1_score(found.truth[mine], found.score[mine].argmax(axis=1), average="macro")
    assert judged.folds["f1_macro"][2] == pytest.approx(expected, rel=1e-9)
    test, interval = corrected_t(judged.folds["f1_macro"], 0.25), judged.intervals["f1_macro"]
    assert (interval.value, interval.low, interval.high, interval.method) == (test.mean, test.low, test.high, FOLDS)
    per_class = judged.details["per_class"]
    assert per_class["label"].unique().tolist() == list(NAMES)
    assert judged.details["confusion"]["rows"].sum() == found.n
    assert judged.whole["brier_raw"] == pytest.approx(theirs.brier_score_loss(found.truth, found.raw), rel=1e-9)


def test_repeats_of_the_folds_are_judged_one_after_the_other() -> None:
    first, second = many(), many()
    judged = judge_classes((first, second))
    assert judged.folds["fold"].tolist() == list(range(10))
    np.testing.assert_array_equal(judged.folds["mcc"][:5], judged.folds["mcc"][5:])


def test_where_a_fold_lacks_a_class_all_rows_are_drawn_again() -> None:
    found = many(120)
    fold = np.where(found.truth == 2, 0, found.fold).astype(np.int8)
    lacking = Predictions(
        "run", "out-of-fold", NAMES, found.row, found.truth, found.raw, found.score, fold, kind="classes"
    )
    judged = judge_classes((lacking,))
    interval = judged.intervals["roc_auc_macro"]
    assert interval.method == BOOTSTRAP
    assert interval.low < interval.value < interval.high
    assert judged.intervals["f1_macro"].method == FOLDS


def test_resamples_keep_each_class_and_spread_as_theory_says() -> None:
    """The recall of a class is a binomial share: its resamples have the standard deviation sqrt(p (1 - p) / n)."""
    found = many(400)
    drawn = drawn_sums(found, 400, 0)
    assert all(np.array_equal(one.support, drawn[0].support) for one in drawn)
    shares = np.array([BY_CLASS["recall"](one)[0] for one in drawn])
    n, p = drawn[0].support[0], shares.mean()
    assert shares.std() == pytest.approx(np.sqrt(p * (1 - p) / n), rel=0.15)
    held = hold_classes(many(400, folds=0))
    assert all(one.low <= one.value <= one.high for name, one in held.intervals.items() if name != "ece")


def test_row_draws_keep_their_strata() -> None:
    strata = np.array([0, 0, 0, 1, 1, 2])
    for weight in row_draws(strata, 6, 20, 0):
        assert np.bincount(strata, weight).tolist() == [3, 2, 1]
    assert all(weight.sum() == 6 for weight in row_draws(None, 6, 5, 0))


def test_grouped_scores_hardly_change_what_is_measured() -> None:
    found = many(20_000)
    exact = levels(np.random.default_rng(0).random(found.n))
    few = exact.grouped(64)
    assert len(few.values) == 64
    assert np.all(np.diff(few.values) > 0)
    assert np.bincount(few.code).min() > 0.9 * found.n / 64


def test_doing_nothing_is_the_shares_of_the_classes() -> None:
    found = many()
    nothing = classes_doing_nothing(found)
    shares = np.bincount(found.truth) / found.n
    assert nothing["roc_auc_macro"] == 0.5
    assert nothing["average_precision_macro"] == pytest.approx(1 / 3)
    assert nothing["accuracy"] == pytest.approx(shares.max())
    assert nothing["balanced_accuracy"] == pytest.approx(1 / 3)
    assert nothing["log_loss"] == pytest.approx(-(shares * np.log(shares)).sum())
