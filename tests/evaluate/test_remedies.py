from dataclasses import replace

import numpy as np
import pytest
from scipy import special
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score
from statsmodels.stats.multitest import multipletests

from mlops_lib.charts.remedies import remedy_chart
from mlops_lib.evaluate.comparison import Entry, judge_runs
from mlops_lib.evaluate.intervals import corrected_t
from mlops_lib.evaluate.planned import BETTER, SAME, UNKNOWN, WORSE
from mlops_lib.evaluate.raw_scores import calibrated_alike, raw_by_fold
from mlops_lib.evaluate.remedies import (
    COST,
    DECISIONS,
    PROBABILITIES,
    RANKING,
    UNCALIBRATED,
    Asked,
    judge_remedies,
    remedy_pairs,
)
from mlops_lib.evaluate.remedies_words import (
    NO_GAIN,
    advice,
    answer,
    aspect_sentence,
    best_sentence,
    cards_of,
    missing_sentence,
    outcomes_of,
    shown_alone,
    shown_remedies,
    state_of,
    threshold_sentence,
)
from mlops_lib.objects.recipe import Model, Recipe, Sampler
from tests.evaluate.scored import a_run, scored


def entry(name, recipe, own=0.3, **options):
    predictions = scored(run=name, **options)
    return Entry(replace(a_run(name), recipe=recipe), predictions, np.full(5, own))


PLAIN, BOOST = Recipe(Model("logistic_regression")), Recipe(Model("lightgbm"))


def remedied(plain, sampler, **more):
    return replace(plain, sampler=Sampler(sampler), calibration="sigmoid", rung=sampler, **more)


def judged(*, rows=1_500, worse=None, signal=1.0):
    """Two plain models with remedies whose scores are as good, or noisier."""
    return judge_runs([
        entry("plain", PLAIN, n=rows, signal=signal),
        entry("smote", remedied(PLAIN, "smote"), n=rows, signal=signal, noise_seed=worse),
        entry("over", remedied(PLAIN, "random_over"), n=rows, signal=signal),
        entry("boost", BOOST, n=rows, signal=signal, noise_seed=1),
        entry("weights", replace(BOOST, class_weight="balanced", calibration="sigmoid"), n=rows, signal=signal),
    ])  # fmt: skip


@pytest.fixture(scope="module")
def uneven():
    """SMOTE made the plain model noisier, and weights the boosting less so."""
    return judged(worse=3)


@pytest.fixture(scope="module")
def found(uneven):
    return judge_remedies(uneven)


def test_every_remedied_run_meets_the_run_that_differs_in_nothing_else():
    pairs, missing = remedy_pairs(judged(rows=300))
    assert {(run.fingerprint, partner.fingerprint) for run, partner in pairs} == {
        ("smote", "plain"), ("over", "plain"), ("weights", "boost"),
    }  # fmt: skip
    assert missing == ()


def test_a_partner_without_a_result_is_named():
    found = judge_remedies(judge_runs([entry("smote", remedied(PLAIN, "smote")), entry("boost", BOOST)]))
    assert found.remedies == 0
    assert "train Logistic regression · base" in missing_sentence(found)
    assert answer(found).startswith("No remedy can be compared yet")
    assert [a.name for a in found.aspects] == [RANKING, DECISIONS, PROBABILITIES, UNCALIBRATED]


def test_a_calibrated_plain_run_is_a_partner_too_but_the_one_without_comes_first():
    calibrated = entry("plain_sigmoid", replace(PLAIN, calibration="sigmoid"), n=300)
    sampled = entry("smote", remedied(PLAIN, "smote"), n=300)
    assert remedy_pairs(judge_runs([calibrated, sampled]))[0][0][1].fingerprint == "plain_sigmoid"
    both = judge_runs([calibrated, sampled, entry("plain", PLAIN, n=300)])
    assert remedy_pairs(both)[0][0][1].fingerprint == "plain"


def test_a_wrong_order_is_neither_a_remedy_nor_a_partner():
    leak = entry("leak", remedied(PLAIN, "smote", leak=("sample",)), n=700, signal=4.0)
    found = judge_remedies(judge_runs([entry("plain", PLAIN), leak]))
    assert found.remedies == 0
    assert "leak" not in set(found.alone["run"])


def test_gains_are_the_corrected_t_of_the_folds_and_holm_is_over_the_remedies(uneven, found):
    judgement = uneven
    folds = judgement.folds.set_index(["run", "fold"])
    for name, column, sign in ((RANKING, "average_precision", 1), (UNCALIBRATED, "brier_raw", -1)):
        tests = found.of(name).set_index("run")
        for run, partner in (("smote", "plain"), ("over", "plain"), ("weights", "boost")):
            apart = sign * (folds.loc[run, column] - folds.loc[partner, column]).to_numpy()
            expected = corrected_t(apart, judgement.ratio)
            line = tests.loc[run]
            assert [line["gain"], line["low"], line["high"], line["p"]] == pytest.approx(
                [expected.mean, expected.low, expected.high, expected.p]
            )
        assert tests["p_holm"].to_numpy() == pytest.approx(multipletests(tests["p"], method="holm")[1])


def test_decisions_stand_at_each_runs_own_threshold_and_the_threshold_alone_is_weighed(uneven, found):
    judgement, p = uneven, scored(1_500, run="plain")
    line = found.alone.set_index("run").loc["plain"]
    held = [p.fold == k for k in range(5)]
    own = [f1_score(p.truth[h], p.score[h] >= 0.3) for h in held]
    half = [f1_score(p.truth[h], p.score[h] >= 0.5) for h in held]
    assert (line["own"], line["at_half"]) == pytest.approx((np.mean(own), np.mean(half)))
    expected = corrected_t(np.array(own) - np.array(half), judgement.ratio)
    assert (line["gain"], line["low"]) == pytest.approx((expected.mean, expected.low))
    assert set(found.alone["run"]) == {"plain", "boost"}
    said = threshold_sentence(found, "plain")
    assert said.startswith("Moving the threshold alone from 0.5 to 0.300")
    assert "for Logistic regression · base." in said


def test_cost_counts_misses_and_false_alarms_and_less_is_a_gain(uneven):
    judgement = uneven
    found = judge_remedies(judgement, Asked(decision=COST, costs=(7.0, 2.0)))
    sums = judgement.folds.loc[judgement.folds["run"] == "smote"]
    rows = sums[["tp", "fp", "fn", "tn"]].sum(axis=1)
    cost = ((7 * sums["fn"] + 2 * sums["fp"]) / rows).mean()
    line = found.of(DECISIONS).set_index("run").loc["smote"]
    assert line["value"] == pytest.approx(cost)
    assert line["gain"] == pytest.approx(line["without"] - line["value"])
    aspect = found.aspect(DECISIONS)
    assert aspect.margin == pytest.approx(0.02 * min(7 * judgement.positives, 2 * (1500 - judgement.positives)) / 1500)
    assert "cost per row" in aspect_sentence(found, DECISIONS)


def test_the_plain_model_is_calibrated_alike_for_probabilities_only():
    p = scored(2_000, run="plain")
    pushed = replace(p, raw=p.score**0.3, score=p.score**0.3)
    even = calibrated_alike(pushed, PLAIN)
    assert brier_score_loss(p.truth, even.score) < 0.8 * brier_score_loss(p.truth, pushed.score)
    for k in range(5):
        held = p.fold == k
        assert average_precision_score(p.truth[held], even.score[held]) == pytest.approx(
            average_precision_score(p.truth[held], pushed.score[held])
        ), "calibration changes no order within a fold"
    assert calibrated_alike(pushed, remedied(PLAIN, "smote")) is pushed
    assert calibrated_alike(pushed, Recipe(Model("dummy"))) is pushed
    columns = raw_by_fold(pushed, PLAIN)
    assert columns["brier_raw"][2] == pytest.approx(brier_score_loss(p.truth[p.fold == 2], pushed.raw[p.fold == 2]))
    assert columns["mean_raw"][2] == pytest.approx(pushed.raw[p.fold == 2].mean())
    assert columns["rate"][2] == pytest.approx(p.truth[p.fold == 2].mean())


def test_where_nothing_differs_the_remedies_are_as_good_and_the_answer_is_no():
    found = judge_remedies(judge_runs([
        entry("plain", PLAIN, n=4_000), entry("smote", remedied(PLAIN, "smote"), n=4_000),
        entry("over", remedied(PLAIN, "random_over"), n=4_000),
    ]))  # fmt: skip
    assert set(found.of(RANKING)["outcome"]) == {SAME}
    assert answer(found).startswith("No. On this table none of 2 remedies is detectably better")
    assert "2 as good as" in aspect_sentence(found, RANKING)


def test_where_a_remedy_wins_the_answer_is_yes_and_says_in_what():
    found = judge_remedies(judge_runs([
        entry("plain", PLAIN, n=4_000, noise_seed=1), entry("smote", remedied(PLAIN, "smote"), n=4_000),
    ]))  # fmt: skip
    assert found.of(RANKING)["outcome"].tolist() == [BETTER]
    said = answer(found)
    assert said.startswith("Yes, in ")
    assert "SMOTE (Logistic regression · base) with +" in said
    flipped = judge_remedies(judge_runs([
        entry("plain", PLAIN, n=4_000), entry("smote", remedied(PLAIN, "smote"), n=4_000, noise_seed=1),
    ]))  # fmt: skip
    assert flipped.of(RANKING)["outcome"].tolist() == [WORSE]
    assert answer(flipped).startswith("No in ranking and probabilities; in decisions these data cannot tell. The one ")
    assert "even the best is SMOTE" in answer(flipped)


def test_where_intervals_are_wide_both_ways_the_data_cannot_tell_and_say_what_they_could_find():
    found = judge_remedies(judge_runs([
        entry("plain", PLAIN, n=150, noise_seed=1), entry("smote", remedied(PLAIN, "smote"), n=150, noise_seed=2),
    ]))  # fmt: skip
    assert state_of(found, RANKING) == "open"
    assert answer(found).startswith("These data cannot tell.")
    line, aspect = found.of(RANKING).iloc[0], found.aspect(RANKING)
    assert aspect.detectable == pytest.approx((line["high"] - line["low"]) / 2), "one remedy: nothing to adjust for"
    assert "had to be about" in answer(found)


def test_remedied_runs_are_also_weighed_against_the_best_run_without_a_remedy(uneven, found):
    best = next(b for b in found.best if b.aspect == RANKING)
    folds = uneven.folds.set_index(["run", "fold"])["average_precision"].unstack()
    assert best.run == max(("plain", "boost"), key=lambda run: folds.loc[run].mean())
    own = corrected_t(folds.loc[best.run].to_numpy(), uneven.ratio)
    assert (best.value, best.low, best.high) == pytest.approx((own.mean, own.low, own.high))
    for line in best.tests.to_dict("records"):
        test = corrected_t((folds.loc[line["run"]] - folds.loc[best.run]).to_numpy(), uneven.ratio)
        assert (line["gain"], line["low"], line["p"]) == pytest.approx((test.mean, test.low, test.p))
    assert best.tests["p_holm"].to_numpy() == pytest.approx(multipletests(best.tests["p"], method="holm")[1])
    assert "The best without a remedy: Logistic regression · base in ranking (average precision " in best_sentence(
        found
    )


def test_a_weak_model_mended_by_a_remedy_is_held_against_the_best_plain_one():
    found = judge_remedies(judge_runs([
        entry("plain", PLAIN, n=4_000), entry("boost", BOOST, n=4_000, noise_seed=1),
        entry("weights", replace(BOOST, class_weight="balanced", calibration="sigmoid"), n=4_000),
    ]))  # fmt: skip
    assert answer(found).startswith("Yes, in ")
    assert "The one run with a remedy is not detectably better than" in best_sentence(found)


def test_the_advice_says_what_more_folds_could_find():
    wide = judge_remedies(judge_runs([
        entry("plain", PLAIN, n=150, noise_seed=1), entry("smote", remedied(PLAIN, "smote"), n=150, noise_seed=2),
    ]))  # fmt: skip
    aspect = wide.aspect(RANKING)
    four, many = (special.stdtrit(df, 0.975) * np.sqrt(1 / (df + 1) + 0.25) for df in (4, 24))
    assert aspect.repeated == pytest.approx(aspect.detectable * many / four)
    assert all(0.0 <= best.low <= best.value <= best.high <= 1.0 for best in wide.best), "no value lies beyond"
    assert "repeat the folds" in advice(wide, 1)
    assert advice(wide, 5) == "", "they are repeated already"


def test_no_gain_is_said_where_the_interval_ends_below_the_margin(found):
    closed = int(outcomes_of(found, RANKING).isin([SAME, NO_GAIN, WORSE]).sum())
    assert ("is ruled out for" in answer(found)) == (answer(found).startswith("No") and closed < found.remedies)
    for name in (RANKING, DECISIONS, PROBABILITIES):
        tests, said = found.of(name), outcomes_of(found, name)
        ruled_out = (tests["outcome"] == UNKNOWN) & (tests["high"] <= found.aspect(name).margin)
        assert (said == NO_GAIN).tolist() == ruled_out.tolist()


def test_tables_and_cards_have_a_line_for_each(found):
    shown = shown_remedies(found)
    assert sorted(shown["Remedy"]) == ["Random over-sampling", "SMOTE", "class weights, balanced"]
    assert {"Average precision, gain", "Brier score before calibration, gain"} <= set(shown.columns)
    assert shown_alone(found)["Run"].tolist() == ["Logistic regression · base", "LightGBM · base"]
    assert [label for label, _, _ in cards_of(found)] == [RANKING, DECISIONS, PROBABILITIES]
    assert all(value.endswith(" of 3") for _, value, _ in cards_of(found))


def test_the_forest_has_a_mark_for_each_remedy_and_the_band_is_the_margin(found):
    figure = remedy_chart(found, RANKING)
    drawn = {round(x, 12) for trace in figure.data for x in trace.x}
    assert drawn == {round(x, 12) for x in found.of(RANKING)["gain"]}
    band = next(s for s in figure.layout.shapes if s.type == "rect")
    assert (band.x0, band.x1) == pytest.approx((-found.aspect(RANKING).margin, found.aspect(RANKING).margin))
    names = [a.text for a in figure.layout.annotations]
    assert names[0].startswith("<b>")
    assert len(names) == 3 + 2
