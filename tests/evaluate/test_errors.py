import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from mlops_lib.evaluate.errors import SURE, confident_errors, shown_errors
from mlops_lib.objects.predictions import Predictions
from mlops_lib.train.scores import times_odds
from tests.evaluate.scored import scored


def numbers(truth, said):
    n = len(truth)
    fold = np.zeros(n, np.int8)
    return Predictions("r", "out-of-fold", (), np.arange(n) + 5, truth, said, said, fold, kind="number")


def classes(truth, score):
    n = len(truth)
    return Predictions(
        "r", "out-of-fold", ("a", "b", "c"), np.arange(n), truth, score, score, np.zeros(n, np.int8), kind="classes"
    )


def test_both_kinds_come_with_the_worst_first():
    p = scored(500, rate=0.3, signal=1.5)
    made = confident_errors(p, 7)
    assert len(made.table) == 14
    for label, kind in zip(("Yes", "No"), made.kinds, strict=True):
        part = made.table[made.table["kind"] == kind]
        assert set(part["truth"]) == {label}
        assert part["chance"].is_monotonic_increasing
        mine = p.truth == (label == "Yes")
        chance = np.where(p.truth == 1, p.score, 1 - p.score)
        np.testing.assert_array_equal(part["chance"], np.sort(chance[mine])[:7])
        np.testing.assert_array_equal(p.score[part["row"]], part["chance"] if label == "Yes" else 1 - part["chance"])


def test_only_rows_that_were_wrong_are_errors():
    p = scored(40, signal=6.0)
    made = confident_errors(p)
    assert (made.table["chance"] < 0.5).all()
    assert (made.table["truth"] != made.table["said"]).all()


def test_expected_errors_are_the_sum_of_the_small_chances():
    p = scored(3_000, rate=0.2, signal=1.2)
    made = confident_errors(p)
    limit = 1 - SURE
    small = np.where(p.score <= limit, p.score, 0) + np.where(1 - p.score <= limit, 1 - p.score, 0)
    chance = np.where(p.truth == 1, p.score, 1 - p.score)
    assert made.sure == np.count_nonzero(chance <= limit)
    assert made.expected == pytest.approx(small.sum(), rel=1e-9)
    spread = np.sqrt((small * (1 - small)).sum())
    assert made.p == pytest.approx(norm.sf((made.sure - 0.5 - small.sum()) / spread), rel=1e-9)


def test_wrong_labels_are_noticed_and_true_probabilities_are_not_blamed():
    p = scored(3_000, rate=0.2, signal=2.0)
    assert "no more than chance explains" in confident_errors(p).hint
    truth = p.truth.copy()
    sure = np.flatnonzero((p.score < 0.02) & (truth == 0))[:60]
    truth[sure] = 1
    made = confident_errors(Predictions("r", "out-of-fold", p.names, p.row, truth, p.raw, p.score, p.fold))
    assert made.p < 0.001
    assert "some labels may be wrong" in made.hint


def test_true_probabilities_are_seldom_blamed():
    rng = np.random.default_rng(0)
    blamed = 0
    for seed in range(300):
        p = scored(600, rate=0.2, signal=1.5, seed=seed)
        truth = (rng.random(600) < p.score).astype(np.int8)
        made = confident_errors(Predictions("r", "out-of-fold", p.names, p.row, truth, p.raw, p.score, p.fold))
        blamed += made.p < 0.05
    assert blamed <= 0.05 * 300 + 3 * np.sqrt(300 * 0.05 * 0.95)


def test_a_correction_to_the_true_share_is_taken_back():
    p = scored(900, rate=0.2, signal=1.5)
    corrected = Predictions("r", "out-of-fold", p.names, p.row, p.truth, p.raw, times_odds(p.score, 0.05), p.fold)
    plain, again = confident_errors(p), confident_errors(corrected, odds=0.05)
    assert (plain.sure, plain.table["row"].tolist()) == (again.sure, again.table["row"].tolist())
    assert plain.expected == pytest.approx(again.expected, rel=1e-9)


def test_too_few_expected_give_no_p():
    made = confident_errors(scored(60, signal=0.1))
    assert np.isnan(made.p)
    assert "(p" not in made.sentence


def test_of_many_classes_the_truth_given_least_comes_first():
    truth = np.array([0, 1, 2, 0], np.int8)
    score = np.array([[0.01, 0.9, 0.09], [0.2, 0.5, 0.3], [0.7, 0.1, 0.2], [0.3, 0.3, 0.4]])
    made = confident_errors(classes(truth, score))
    assert made.table["row"].tolist() == [0, 2, 3]
    assert made.table["kind"].tolist() == ["a, called b", "c, called a", "a, called c"]
    assert made.kinds == ()
    assert shown_errors(made.table)["Thought likeliest"].tolist() == ["b", "a", "c"]


@settings(max_examples=25)
@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), min_size=2, max_size=40))
def test_numbers_are_worst_where_they_are_farthest(pairs):
    truth, said = (np.array(v) for v in zip(*pairs, strict=True))
    made = confident_errors(numbers(truth, said), 3)
    low = made.table[made.table["kind"] == made.kinds[0]]
    high = made.table[made.table["kind"] == made.kinds[1]]
    off = said - truth
    np.testing.assert_array_equal(low["off"], np.sort(off[off < 0])[:3])
    np.testing.assert_array_equal(high["off"], np.sort(off[off > 0])[::-1][:3])
    assert len(shown_errors(made.table, made.kinds[0])) == len(low)


def test_shown_rows_keep_the_cells_of_the_table_and_say_small_chances_in_words():
    made = confident_errors(scored(500, signal=1.5), 5)
    cells = made.table.assign(chance=[0.0001, *made.table["chance"][1:]], age=range(len(made.table)))
    shown = shown_errors(cells, made.kinds[0])
    assert shown["Chance of the truth"][0] == "< 0.1 %"
    assert list(shown) == ["Row", "Truth", "Thought likeliest", "Chance of the truth", "age"]
