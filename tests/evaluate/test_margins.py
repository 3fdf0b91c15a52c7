from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from sklearn.dummy import DummyClassifier
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, fbeta_score, log_loss, roc_auc_score

from mlops_lib.evaluate.comparison import Entry, comparison_table, judge_runs
from mlops_lib.evaluate.intervals import corrected_t
from mlops_lib.evaluate.margins import margin_of, nothing_values, perfect
from mlops_lib.evaluate.metrics import METRICS, metric
from mlops_lib.evaluate.planned import Paired
from mlops_lib.evaluate.ranks import ranks
from mlops_lib.objects.errors import NotPossibleError
from tests.evaluate.scored import a_run, scored


def test_doing_nothing_gets_what_scikit_learn_says_of_the_base_rate():
    truth = np.repeat([0, 1], [870, 130])
    base = DummyClassifier(strategy="prior").fit(truth[:, None], truth).predict_proba(truth[:, None])[:, 1]
    found = nothing_values(0.13)
    everyone = np.ones(1000, dtype=int)
    expected = {
        "roc_auc": roc_auc_score(truth, base),
        "average_precision": average_precision_score(truth, base),
        "brier": brier_score_loss(truth, base),
        "log_loss": log_loss(truth, base),
        "f1": f1_score(truth, everyone),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert nothing_values(0.13).keys() == {m.name for m in METRICS}
    assert fbeta_score(truth, everyone, beta=2) == pytest.approx(5 * 0.13 / (4 * 0.13 + 1))


@pytest.mark.parametrize("one", METRICS, ids=lambda m: m.name)
@pytest.mark.parametrize("rate", [0.001, 0.16, 0.5, 0.9])
def test_every_margin_is_the_same_share_of_its_own_way(one, rate):
    nothing = nothing_values(rate)
    assert margin_of(one, nothing, 0.02) == pytest.approx(0.02 * abs(perfect(one) - nothing[one.name]))
    assert margin_of(one, nothing, 0.02) > 0


def test_the_margin_of_a_rare_event_is_small_in_brier_and_the_same_in_roc_auc():
    rare = nothing_values(0.002)
    assert margin_of(metric("brier"), rare) == pytest.approx(0.02 * 0.002 * 0.998)
    assert margin_of(metric("roc_auc"), rare) == pytest.approx(0.01)
    assert margin_of(metric("roc_auc"), {}) == pytest.approx(0.02), "an unknown scale counts as 1"


def test_all_pairs_at_once_are_the_corrected_t_of_each():
    rng = np.random.default_rng(4)
    values = {str(k): rng.random(6) for k in range(5)}
    values |= {"twin": values["0"].copy(), "shifted": values["0"] + 0.25}
    paired = Paired(values, 0.3)
    for first in values:
        for second in values:
            one, other = paired.test(first, second), corrected_t(values[first] - values[second], 0.3)
            assert [one.mean, one.low, one.high, one.p] == pytest.approx([other.mean, other.low, other.high, other.p])
            assert one.statistic == pytest.approx(other.statistic)


def test_without_fold_values_pairs_stand_on_common_resamples():
    rng = np.random.default_rng(1)
    drawn = {"a": rng.normal(0.8, 0.02, 999), "b": rng.normal(0.7, 0.02, 999)}
    test = Paired({k: v.mean(keepdims=True) for k, v in drawn.items()}, drawn=drawn).test("a", "b")
    apart = drawn["a"] - drawn["b"]
    assert (test.low, test.high) == pytest.approx(tuple(np.sort(apart)[[24, 974]])), "25th and 975th of 999"
    normal = 2 * stats.norm.sf(apart.mean() / apart.std())
    assert test.p == pytest.approx(min(normal, 2 * (int((apart <= 0).sum()) + 1) / 1000))
    assert test.p < 0.002, "a thousand resamples alone could not say less"


def test_resamples_are_spread_by_what_other_training_rows_would_add():
    rng = np.random.default_rng(1)
    drawn = {"a": rng.normal(0.72, 0.02, 999), "b": rng.normal(0.7, 0.02, 999), "none": np.full(999, np.nan)}
    drawn["a"][:300] = np.nan
    whole = {"a": np.array([0.72]), "b": np.array([0.7]), "none": np.array([np.nan])}
    plain, wide = (Paired(whole, drawn=drawn, overlap=overlap).test("a", "b") for overlap in (0.0, 1.25))
    apart = (drawn["a"] - drawn["b"])[300:]
    assert plain.p == pytest.approx(2 * ((apart <= 0).sum() + 1) / 700), "of those that are defined"
    assert (wide.low, wide.high) == pytest.approx((0.02 + 1.5 * (plain.low - 0.02), 0.02 + 1.5 * (plain.high - 0.02)))
    assert wide.p == pytest.approx(2 * ((0.02 + 1.5 * (apart - 0.02) <= 0).sum() + 1) / 700)
    assert np.isnan(Paired(whole, drawn=drawn).test("a", "none").p)


def test_a_rank_steps_down_only_where_all_below_are_worse():
    best = np.array([0.80, 0.82, 0.81, 0.79, 0.80])
    noisy = best - [0.2, -0.1, 0.25, -0.1, 0.2]
    values = {"close": best - 0.03, "noisy": noisy, "best": best, "low": best - 0.5}
    assert Paired(values, 0.25).test("best", "close").p < 0.05
    assert ranks(Paired(values, 0.25), True, 0.01) == {"best": 1, "close": 1, "noisy": 1, "low": 4}, (
        "the noisy one may be as good as the best, so what lies between cannot rank below it"
    )
    assert ranks(Paired({k: v for k, v in values.items() if k != "noisy"}, 0.25), True, 0.01)["close"] == 2


def test_a_rank_is_one_more_than_the_runs_that_are_better():
    close = np.array([0.80, 0.82, 0.81, 0.79, 0.80])
    paired = Paired({"a": close, "b": close - [0.02, -0.01, 0.03, -0.02, 0.01], "low": close - 0.2}, 0.25)
    assert ranks(paired, True, 0.01) == {"a": 1, "b": 1, "low": 3}
    assert ranks(paired, False, 0.01) == {"a": 2, "b": 2, "low": 1}
    assert set(ranks(paired, True, 0.5).values()) == {1}, "what is within the margin is no rank"


def leaking():
    run = a_run("leak", rung="selection + smoteenn")
    return replace(run, recipe=replace(run.recipe, leak=("sample",)))


def test_a_run_in_the_wrong_order_is_shown_but_takes_no_part():
    entries = [
        Entry(leaking(), scored(1_400, run="leak", signal=4.0), np.full(5, 0.5)),
        Entry(a_run("a"), scored(run="a"), np.full(5, 0.3)),
        Entry(a_run("b", "lightgbm"), scored(run="b", noise_seed=1), np.full(5, 0.3)),
    ]
    comparison = comparison_table(entries, "leak")
    line = comparison.table.set_index("run").loc["leak"]
    assert np.isnan(line["rank"])
    assert line["roc_auc"] > 0.9
    assert line["recipe"].startswith("⚠ wrong order")
    assert comparison.verdict.recommended != "leak"
    assert "leak" not in set(comparison.planned["first"]) | set(comparison.planned["second"])
    assert "reference" in comparison.verdict.sentence, "a wrong order is no reference"
    assert comparison.judgement.n == 1_000, "rows are counted where the order is right"
    assert comparison_table(entries, "a").verdict.recommended == "a"


def test_only_wrong_orders_are_nothing_to_compare():
    with pytest.raises(NotPossibleError, match="No run has a result that can be compared"):
        judge_runs([Entry(leaking(), scored(run="leak"), np.full(5, 0.5))])
