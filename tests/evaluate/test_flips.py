import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, fisher_exact
from statsmodels.stats.contingency_tables import mcnemar as reference
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from mlops_lib.evaluate.flips import GRID, flips, mcnemar, shown_apart, shown_flipped, shown_kinds, stands_apart
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.predictions import Predictions
from mlops_lib.stats.features import Feature
from tests.evaluate.scored import scored

HALF = np.full(5, 0.4)


@pytest.fixture(scope="module")
def two():
    return scored(800, rate=0.3), scored(800, rate=0.3, noise_seed=1)


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_that_of_statsmodels(first, second):
    expected = reference([[5, first], [second, 5]], exact=True).pvalue if first + second else 1.0
    assert mcnemar(first, second) == pytest.approx(expected, rel=1e-9)


def test_decisions_are_counted_at_the_threshold_of_each_fold(two):
    thresholds = (np.array([0.2, 0.3, 0.4, 0.5, 0.6]), HALF)
    made = flips(*two, thresholds)
    a, b = (p.score >= t[p.fold] for p, t in zip(two, thresholds, strict=True))
    truth = two[0].truth == 1
    assert made.right.tolist() == [
        [np.sum((a == truth) & (b == truth)), np.sum((a == truth) & (b != truth))],
        [np.sum((a != truth) & (b == truth)), np.sum((a != truth) & (b != truth))],
    ]
    assert made.right.sum() == 800
    assert made.flips == np.sum(a != b) == len(made.flipped) == made.kinds["n"].sum()
    assert made.p == mcnemar(int(made.right[0, 1]), int(made.right[1, 0]))
    for line in made.kinds.itertuples():
        assert line.n == np.sum((truth == line.truth) & (a == line.first) & (b == line.second))
        assert (line.right == "first") == (line.first == line.truth)


def test_the_flipped_rows_come_with_both_probabilities(two):
    made = flips(*two, (HALF, HALF), most=10)
    table = made.table
    assert len(table) == min(10, made.flips)
    np.testing.assert_array_equal(table["first"], two[0].score[table["row"]])
    np.testing.assert_array_equal(table["second"], two[1].score[table["row"]])
    assert (table["first_alarm"] != table["second_alarm"]).all()
    apart = (table["first"] - table["second"]).abs()
    assert apart.is_monotonic_decreasing
    assert (np.where(table["first_alarm"], "Yes", "No") == table["truth"]).tolist() == (
        table["right"] == "first"
    ).tolist()
    shown = shown_flipped(made, table.assign(age=3))
    assert list(shown) == ["Row", "Truth", "Chosen run says", "Reference says", "Right", "age"]


def test_the_picture_counts_every_row_once(two):
    made = flips(*two, (HALF, HALF))
    assert made.grid.shape == (2, GRID, GRID)
    assert made.grid.sum(axis=(1, 2)).tolist() == [800 - two[0].positives, two[0].positives]
    counts, _, _ = np.histogram2d(two[0].score, two[1].score, bins=GRID, range=[[0, made.top]] * 2)
    np.testing.assert_array_equal(made.grid.sum(axis=0).sum(axis=1), counts.sum(axis=1))


def test_a_run_against_itself_flips_nothing(two):
    made = flips(two[0], two[0], (HALF, HALF))
    assert made.flips == 0
    assert made.p == 1.0
    assert made.sentence == "The two runs decide alike on all 800 rows."


def test_the_sentence_says_for_whom_it_speaks(two):
    worse = flips(two[0], two[1], (HALF, np.full(5, 0.01)))
    assert "which is more than chance (McNemar p < 0.001)" in worse.sentence
    alike = flips(*two, (HALF, HALF))
    assert ("no detectable difference" in alike.sentence) == (alike.p >= 0.05)
    kinds = shown_kinds(alike)
    assert kinds["Rows"].sum() == alike.flips
    assert set(kinds["Right"]) == {"chosen run", "reference"}


def test_other_rows_and_other_targets_are_refused(two):
    with pytest.raises(InputError, match="not judged on the same rows"):
        flips(two[0], scored(500), (HALF, HALF))
    p = two[0]
    many = Predictions("r", "out-of-fold", ("a", "b", "c"), p.row, p.truth, p.raw, p.score, p.fold, kind="classes")
    with pytest.raises(NotPossibleError, match="two answers"):
        flips(many, many, (HALF, HALF))


def features(n, flipped):
    rng = np.random.default_rng(3)
    mark = np.zeros(n, bool)
    mark[flipped] = True
    where = np.where(mark & (rng.random(n) < 0.8), 1, rng.integers(0, 3, n))
    return {
        "noise": Feature("noise", "numeric", rng.normal(size=n)),
        "dept": Feature("dept", "categorical", where, ("A", "B", "C")),
    }


def test_the_column_that_sets_flipped_rows_apart_is_found():
    flipped = np.arange(0, 600, 10)
    columns = features(600, flipped)
    made = stands_apart(columns, flipped)
    assert made.found["column"].tolist() == ["dept"]
    mark = np.isin(np.arange(600), flipped)
    table = np.array([[np.sum(mark & (columns["dept"].values == k)), np.sum(~mark & (columns["dept"].values == k))]
                      for k in range(3)])  # fmt: skip
    line = made.table.iloc[0]
    assert line["p"] == pytest.approx(chi2_contingency(table, correction=False).pvalue, rel=1e-9)
    np.testing.assert_allclose(made.table["p_holm"], multipletests(made.table["p"], method="holm")[1], rtol=1e-9)
    assert line["where"] == "B"
    assert line["share"] == table[1, 0] / table[1].sum()
    assert (line["low"], line["high"]) == pytest.approx(
        proportion_confint(*table[1].cumsum(), method="wilson"), rel=1e-9
    )
    rest = table[[0, 2]].sum(axis=0)
    assert line["elsewhere"] == rest[0] / rest.sum()
    assert fisher_exact([table[1], rest]).pvalue < 0.001
    assert "most in dept: " in made.sentence
    assert shown_apart(made, 5)["Column"].tolist() == ["dept"]


def test_few_flipped_rows_are_not_searched():
    made = stands_apart(features(600, np.arange(5)), np.arange(5))
    assert made.tested == 0
    assert made.found.empty
    assert "Too few rows flip" in made.sentence


def test_columns_without_a_say_are_not_named():
    rng = np.random.default_rng(1)
    columns = {f"x{k}": Feature(f"x{k}", "numeric", rng.normal(size=500)) for k in range(8)}
    made = stands_apart(columns, rng.choice(500, 60, replace=False))
    assert made.tested == 8
    assert made.found.empty
    assert "stand out in none of 8 columns" in made.sentence
