import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact, norm
from sklearn.metrics import precision_score, recall_score
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from mlops_lib.evaluate.slices import ALIKE, FEW, FEWEST, MEASURES, MISSING, WORSE, groups_of, shown_slices, slices
from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.predictions import Predictions
from mlops_lib.stats.features import Feature
from mlops_lib.train.scores import times_odds
from tests.evaluate.scored import scored

THRESHOLDS = np.array([0.2, 0.25, 0.3, 0.35, 0.4])
P = scored(1_500, rate=0.25, signal=1.2)
ALARM = P.score >= THRESHOLDS[P.fold]


def category(codes, levels=("A", "B", "C")):
    return Feature("dept", "categorical", np.asarray(codes), levels)


@pytest.fixture(scope="module")
def found():
    return slices(P, THRESHOLDS, {"dept": category(np.random.default_rng(0).integers(-1, 3, P.n))})


def codes_of(found_codes):
    return np.where(found_codes == -1, 3, found_codes)


def test_every_group_is_measured_as_by_scikit_learn(found):
    codes = np.random.default_rng(0).integers(-1, 3, P.n)
    names = {"A": 0, "B": 1, "C": 2, MISSING: -1}
    assert set(found.table["slice"]) == set(names)
    for line in found.table.to_dict("records"):
        mine = codes == names[line["slice"]]
        truth, alarm = P.truth[mine] == 1, ALARM[mine]
        assert (line["n"], line["positives"], line["alarms"]) == (mine.sum(), truth.sum(), alarm.sum())
        assert line["recall"] == pytest.approx(recall_score(truth, alarm), rel=1e-9)
        assert line["precision"] == pytest.approx(precision_score(truth, alarm), rel=1e-9)
        assert line["false_alarms"] == pytest.approx(alarm[~truth].mean(), rel=1e-9)
        assert line["mean_score"] == pytest.approx(P.score[mine].mean(), rel=1e-9)
        wilson = proportion_confint((truth & alarm).sum(), truth.sum(), method="wilson")
        assert (line["recall_low"], line["recall_high"]) == pytest.approx(wilson, rel=1e-9)
        rest, rest_alarm = P.truth[~mine] == 1, ALARM[~mine]
        table = [
            [(truth & alarm).sum(), (truth & ~alarm).sum()],
            [(rest & rest_alarm).sum(), (rest & ~rest_alarm).sum()],
        ]
        assert line["p_recall"] == pytest.approx(fisher_exact(table).pvalue, rel=1e-9)
        assert line["rest_recall"] == pytest.approx(recall_score(rest, rest_alarm), rel=1e-9)
        spread = (P.score[mine] * (1 - P.score[mine])).sum()
        z = abs(truth.sum() - P.score[mine].sum()) / np.sqrt(spread)
        assert line["p_calibration"] == pytest.approx(2 * norm.sf(z), rel=1e-9)
        missed, accused = (truth & ~alarm).sum(), (~truth & alarm).sum()
        overall = P.truth == 1
        excess = (
            missed - truth.sum() * (1 - recall_score(overall, ALARM)),
            accused - (~truth).sum() * ALARM[~overall].mean(),
        )
        assert line["harm"] == pytest.approx(sum(max(e, 0) for e in excess), abs=1e-9)


def test_p_is_adjusted_over_all_looks(found):
    raw = found.table[[f"p_{m}" for m in MEASURES]].to_numpy()
    adjusted = found.table[[f"p_{m}_holm" for m in MEASURES]].to_numpy()
    assert found.looks == 16
    np.testing.assert_allclose(adjusted.ravel(), multipletests(raw.ravel(), method="holm")[1], rtol=1e-9)
    assert found.table["outcome"].tolist() == [ALIKE] * 4
    assert (
        found.sentence
        == "The run is not detectably worse in any of the groups of one column (16 looks, adjusted by Holm)."
    )


def test_a_group_that_is_missed_is_called_worse_and_comes_first():
    codes = np.random.default_rng(1).integers(0, 3, P.n)
    score = np.where(codes == 2, P.score * 0.2, P.score)
    worse = Predictions("r", "out-of-fold", P.names, P.row, P.truth, P.raw, score, P.fold)
    made = slices(worse, THRESHOLDS, {"dept": category(codes)})
    first = made.table.iloc[0]
    assert (first["slice"], first["outcome"]) == ("C", WORSE)
    assert "misses more" in first["worse_in"]
    assert "probabilities off" in first["worse_in"]
    assert made.sentence.startswith("The run is worse where dept = C: ")
    # what the others have more of than C is no harm that a test found
    assert not made.table.loc[made.table["slice"] == "A", "worse_in"].str.contains("misses").any()
    assert shown_slices(made)["Finding"][0] == first["worse_in"]


def test_small_groups_say_that_they_are_small():
    codes = np.zeros(P.n, int)
    codes[:20] = 1
    made = slices(P, THRESHOLDS, {"dept": category(codes)})
    small = made.table[made.table["slice"] == "B"].iloc[0]
    assert small["outcome"] == FEW
    assert np.isnan([small[f"p_{m}"] for m in MEASURES]).all()
    assert small["n"] < FEWEST


def test_the_group_without_positives_has_no_recall_and_no_test():
    codes = np.where(P.truth == 0, np.arange(P.n) % 2, 1)
    made = slices(P, THRESHOLDS, {"dept": category(codes)})
    line = made.table[made.table["slice"] == "A"].iloc[0]
    assert np.isnan(line["recall"])
    assert np.isnan(line["p_recall"])
    shown = shown_slices(made)
    assert shown.loc[shown["Group"] == "A", "Recall"].item() == "–"


def test_a_correction_to_the_true_share_is_taken_back_before_calibration_is_judged():
    codes = np.random.default_rng(4).integers(0, 3, P.n)
    corrected = Predictions("r", "out-of-fold", P.names, P.row, P.truth, P.raw, times_odds(P.score, 0.1), P.fold)
    low = times_odds(THRESHOLDS, 0.1)
    before, after = (
        slices(P, THRESHOLDS, {"dept": category(codes)}),
        slices(corrected, low, {"dept": category(codes)}, 0.1),
    )
    assert before.table["slice"].tolist() == after.table["slice"].tolist()
    for name in ("recall", "mean_score", "p_calibration"):
        np.testing.assert_allclose(before.table[name], after.table[name], rtol=1e-9)


def test_several_columns_are_adjusted_together_and_named():
    rng = np.random.default_rng(7)
    columns = {f"x{k}": Feature(f"x{k}", "numeric", rng.normal(size=P.n)) for k in range(4)}
    made = slices(P, THRESHOLDS, columns)
    assert made.columns == 4
    assert 60 < made.looks <= 4 * 5 * 4
    assert shown_slices(made)["Group"].str.match(r"x\d = ").all()
    assert "the groups of 4 columns" in made.sentence


def test_groups_that_do_not_differ_are_seldom_called_worse():
    """120 tables whose groups mean nothing: in at most 5 % of them any group is called worse (family-wise)."""
    rng = np.random.default_rng(0)
    false = 0
    for seed in range(120):
        p = scored(400, rate=0.3, signal=1.0, seed=seed)
        made = slices(p, HALF, {"dept": category(rng.integers(0, 4, p.n), ("A", "B", "C", "D"))})
        false += bool(len(made.worse))
    assert false <= 0.05 * 120 + 3 * np.sqrt(120 * 0.05 * 0.95)


HALF = np.full(5, 0.4)


def test_other_targets_are_refused():
    many = Predictions("r", "out-of-fold", ("a", "b", "c"), P.row, P.truth, P.raw, P.score, P.fold, kind="classes")
    with pytest.raises(NotPossibleError, match="two answers"):
        slices(many, THRESHOLDS, {})


# the groups of a column -----------------------------------------------------------------------------------------------
def test_levels_stay_missing_is_one_and_rare_ones_go_together():
    levels = tuple(f"l{k}" for k in range(30))
    codes = np.repeat(np.arange(30), np.arange(40, 10, -1))
    made = groups_of(category(np.append(codes, -1), levels))
    assert made.labels[-1] == MISSING
    assert any("other levels" in label for label in made.labels)
    assert len(made.labels) <= 13
    assert made.codes[-1] == len(made.labels) - 1


def test_few_values_stay_and_dates_are_written_as_dates():
    made = groups_of(Feature("level", "numeric", np.array([1.0, 3.0, 3.0, np.nan])))
    assert made.labels == ("1", "3", MISSING)
    assert made.codes.tolist() == [0, 1, 1, 2]
    assert groups_of(Feature("day", "date", np.array([0.0, 365.0]))).labels == ("1970-01-01", "1971-01-01")


@given(
    st.lists(
        st.one_of(st.floats(-50, 50), st.integers(-3, 3).map(float), st.just(float("nan"))), min_size=1, max_size=90
    )
)
def test_bins_are_in_order_and_hold_every_row_once(values):
    cells = np.array(values)
    made = groups_of(Feature("x", "numeric", cells))
    assert made.codes.min() >= 0
    assert made.codes.max() == len(made.labels) - 1
    assert set(made.codes) == set(range(len(made.labels)))
    known = np.isfinite(cells)
    assert np.array_equal(made.codes == len(made.labels) - 1, ~known) or known.all()
    order = np.argsort(cells[known], kind="stable")
    assert (np.diff(made.codes[known][order]) >= 0).all()
