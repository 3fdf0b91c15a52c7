import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score
from statsmodels.stats.multitest import multipletests

from mlops_lib.evaluate.binary_judging import COMPARED
from mlops_lib.evaluate.comparison import Entry, comparison_table
from mlops_lib.evaluate.intervals import corrected_t
from mlops_lib.evaluate.planned import (
    BETTER,
    REFERENCE,
    SAME,
    UNDEFINED,
    UNKNOWN,
    WITHIN,
    WORSE,
    Paired,
    holm,
    outcome,
)
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.workspace.codec import load, save
from tests.evaluate.scored import a_run, scored


def entry(name, model="logistic_regression", rung="base", fit=1.0, **options):
    predictions = scored(run=name, **options)
    return Entry(a_run(name, model, rung, fit=fit), predictions, np.full(5, 0.3))


def paired(first, second):
    return Paired({"first": np.array(first), "second": np.array(second)}).test("first", "second")


def do_nothing(name="dummy", **options):
    predictions = scored(run=name, **options)
    constant = np.full(predictions.n, predictions.truth.mean())
    flat = type(predictions)(
        name, "out-of-fold", predictions.names, predictions.row, predictions.truth, constant, constant, predictions.fold
    )
    return Entry(a_run(name, "dummy", "do nothing"), flat, np.full(5, 0.9))


def test_every_value_is_the_mean_of_its_folds():
    one = entry("a")
    table = comparison_table([one], "a").table
    p = one.predictions
    areas = [roc_auc_score(p.truth[p.fold == k], p.score[p.fold == k]) for k in range(5)]
    at = [f1_score(p.truth[p.fold == k], p.score[p.fold == k] >= 0.3) for k in range(5)]
    half = [f1_score(p.truth[p.fold == k], p.score[p.fold == k] >= 0.5) for k in range(5)]
    row = table.iloc[0]
    assert row["roc_auc"] == pytest.approx(np.mean(areas))
    assert row["f1"] == pytest.approx(np.mean(at))
    assert row["f1_at_half"] == pytest.approx(np.mean(half))
    test = corrected_t(np.array(areas), 0.25)
    assert (row["roc_auc_low"], row["roc_auc_high"]) == pytest.approx((test.low, test.high))
    assert all(row[f"{m.name}_method"] == "folds, corrected resampled t" for m in COMPARED if m.by_fold)
    assert row["ece_method"] == "stratified bootstrap"


def test_a_fold_is_judged_at_its_own_threshold():
    predictions = scored(run="a")
    thresholds = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
    folds = comparison_table([Entry(a_run("a"), predictions, thresholds)], "a").judgement.folds
    for k, threshold in enumerate(thresholds):
        here = predictions.fold == k
        expected = f1_score(predictions.truth[here], predictions.score[here] >= threshold)
        assert folds.loc[folds["fold"] == k, "f1"].item() == pytest.approx(expected)


def test_a_failed_run_is_one_line_with_its_reason():
    failed = Entry(a_run("bad", rung="selection + smoteenn", state="failed"))
    table = comparison_table([failed, entry("a")], "a").table
    last = table.iloc[-1]
    assert (last["state"], last["reason"]) == ("failed", "SMOTEENN needs 6 rows of 'Yes'; fold 2 has 3.")
    assert np.isnan(last["roc_auc"])
    assert np.isnan(last["rank"])


def test_runs_of_different_splits_do_not_sit_in_one_table():
    other = Entry(a_run("b", split="another"), scored(run="b"), np.full(5, 0.3))
    with pytest.raises(InputError, match="different splits"):
        comparison_table([entry("a"), other], "a")
    with pytest.raises(InputError, match="same rows"):
        comparison_table([entry("a"), entry("b", n=999)], "a")
    with pytest.raises(NotPossibleError, match="No run has a result"):
        comparison_table([Entry(a_run("bad", state="failed"))], "bad")


def test_ranks_tie_where_the_data_cannot_tell():
    entries = [entry("a"), entry("twin", "random_forest", noise_seed=None), do_nothing()]
    shifted = entries[1].predictions
    swapped = shifted.score.copy()
    swapped[:10] = swapped[:10][::-1]
    near = type(shifted)(
        "twin", "out-of-fold", shifted.names, shifted.row, shifted.truth, swapped, swapped, shifted.fold
    )
    table = comparison_table([entries[0], Entry(entries[1].run, near, np.full(5, 0.3)), entries[2]], "a").table
    values = table.set_index("run")["average_precision"]
    assert 0 < abs(values["a"] - values["twin"]) < 0.01
    assert table.set_index("run")["rank"].to_dict() == {"a": 1, "twin": 1, "dummy": 3}


def test_planned_pairs_are_the_reference_and_within_a_model():
    entries = [
        entry("base"),
        entry("selected", rung="selection", noise_seed=1),
        entry("sampled", rung="selection + smoteenn", noise_seed=2),
        entry("forest", "random_forest", noise_seed=3),
        entry("forest2", "random_forest", "selection", noise_seed=4),
    ]
    planned = comparison_table(entries, "base").planned
    assert set(planned.loc[planned["kind"] == REFERENCE, "first"]) == {"selected", "sampled", "forest", "forest2"}
    within = {frozenset(p) for p in planned.loc[planned["kind"] == WITHIN, ["first", "second"]].to_numpy()}
    assert within == {frozenset(("selected", "sampled")), frozenset(("forest", "forest2"))}
    assert planned["p_holm"].to_numpy() == pytest.approx(multipletests(planned["p"], method="holm")[1])


def test_holm_agrees_with_statsmodels_and_leaves_out_what_was_not_tested():
    p = np.array([0.01, 0.04, 0.03, 0.8, 0.001])
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])
    with_gap = holm(np.array([0.01, np.nan, 0.04]))
    assert with_gap == pytest.approx([0.02, np.nan, 0.04], nan_ok=True)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([0.80, 0.81, 0.82, 0.80, 0.81], [0.70, 0.71, 0.71, 0.70, 0.71], BETTER),
        ([0.70, 0.71, 0.71, 0.70, 0.71], [0.80, 0.81, 0.82, 0.80, 0.81], WORSE),
        ([0.800, 0.811, 0.790, 0.805, 0.81], [0.801, 0.810, 0.790, 0.806, 0.81], SAME),
        ([0.80, 0.70, 0.90, 0.60, 0.81], [0.70, 0.81, 0.75, 0.70, 0.71], UNKNOWN),
        ([np.nan, 0.70, 0.90, 0.60, 0.81], [0.70, 0.81, 0.75, 0.70, 0.71], UNDEFINED),
    ],
)
def test_outcomes_in_words(first, second, expected):
    test = paired(first, second)
    assert outcome(test, test.p, True, 0.01) == expected


def test_the_outcome_of_a_loss_is_turned_round():
    test = paired([0.30, 0.31, 0.30], [0.20, 0.20, 0.21])
    assert outcome(test, test.p, False, 0.01) == WORSE


def test_a_verdict_may_say_that_there_is_no_detectable_difference():
    entries = [entry("a"), entry("twin", "lightgbm", noise_seed=5, fit=9.0), do_nothing()]
    said = comparison_table(entries, "twin").verdict
    assert not said.detectable
    assert said.sentence.startswith("No detectable difference: none of the 2 other recipes")
    assert said.recommended == "a"
    assert "Logistic regression · base cannot be told from the reference and is simpler" in said.why


def test_a_verdict_names_the_best_value_where_another_run_is_preferred():
    entries = [entry("a", noise_seed=5), entry("ahead", "lightgbm", noise_seed=11, fit=9.0)]
    made = comparison_table(entries, "a")
    values = made.table.set_index("run")["average_precision"]
    said = made.verdict
    assert values["ahead"] > values["a"] + made.margin
    assert made.planned["p"].iloc[0] > 0.05
    assert said.recommended == "a"
    assert "LightGBM · base has the best value (" in said.why
    assert "but these data cannot tell it from the reference. None that is about as good is simpler" in said.why
    assert said.why.endswith("so keep Logistic regression · base.")


def test_a_verdict_says_how_little_the_best_value_is_ahead():
    entries = [entry("a", noise_seed=9), entry("ahead", "lightgbm", fit=9.0)]
    made = comparison_table(entries, "a", "average_precision", 0.2)
    assert made.planned["p"].iloc[0] < 0.05
    assert made.verdict.recommended == "a"
    assert "it is ahead by less than 0.2" in made.verdict.why


def test_a_verdict_names_what_is_better_and_prefers_the_simpler():
    strong = {"n": 20_000, "signal": 1.5}
    entries = [
        do_nothing(**strong),
        entry("boosting", "lightgbm", fit=4.0, **strong),
        entry("logistic", fit=0.1, **strong),
    ]
    comparison = comparison_table(entries, "dummy")
    assert comparison.verdict.detectable
    assert comparison.verdict.recommended == "logistic"
    assert (
        "Logistic regression · base is detectably better than the reference, Do nothing" in comparison.verdict.sentence
    )
    assert "2 recipes of the 2 compared are detectably better." in comparison.verdict.why


def test_a_model_that_knows_nothing_is_told_so():
    blind = scored(run="a", seed=1)
    shuffled = np.random.default_rng(0).permutation(blind.score)
    guess = type(blind)("a", "out-of-fold", blind.names, blind.row, blind.truth, shuffled, shuffled, blind.fold)
    entries = [Entry(a_run("a"), guess, np.full(5, 0.3)), do_nothing(seed=1)]
    assert "not detectably better than doing nothing" in comparison_table(entries, "a").verdict.why


def test_a_small_but_certain_gain_over_doing_nothing_is_a_gain():
    rare = {"n": 20_000, "rate": 0.003, "signal": 1.0}
    comparison = comparison_table([entry("a", **rare), do_nothing(**rare)], "a", "brier")
    planned = comparison.planned.iloc[0]
    assert planned["p"] < 0.05
    assert 0 < comparison.margin < 0.0005, "2 % of the Brier score of the base rate, so that a gain can be seen at all"
    assert "doing nothing" not in comparison.verdict.why


def test_a_verdict_calls_faster_what_is_only_faster():
    entries = [entry("slow", "random_forest", fit=9.0), entry("quick", "extra_trees", fit=0.5)]
    said = comparison_table(entries, "slow").verdict
    assert said.recommended == "quick"
    assert "cannot be told from the reference and is faster" in said.why
    assert "the other recipe is not detectably better" in said.sentence


def test_without_a_reference_the_verdict_says_so():
    said = comparison_table([entry("a")], "missing").verdict
    assert "The reference has no result" in said.sentence
    assert said.recommended == "a"


def test_a_fold_with_one_class_falls_back_to_all_rows():
    predictions = scored(200, run="a")
    truth = predictions.truth.copy()
    truth[predictions.fold == 2] = 0
    poor = type(predictions)(
        "a",
        "out-of-fold",
        predictions.names,
        predictions.row,
        truth,
        predictions.raw,
        predictions.score,
        predictions.fold,
    )
    row = comparison_table([Entry(a_run("a"), poor, np.full(5, 0.3))], "a").table.iloc[0]
    assert row["roc_auc_method"] == "stratified bootstrap"
    assert row["roc_auc"] == pytest.approx(roc_auc_score(truth, predictions.score))
    assert row["brier_method"] == "folds, corrected resampled t"
    assert np.isfinite(row["balanced_accuracy_low"])


def test_a_comparison_can_be_stored(tmp_path):
    comparison = comparison_table([entry("a"), entry("b", "lightgbm", noise_seed=1)], "a")
    save(comparison, tmp_path)
    back = load(tmp_path)
    assert back.verdict == comparison.verdict
    assert back.table["run"].tolist() == comparison.table["run"].tolist()
