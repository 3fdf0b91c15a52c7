from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from mlops_lib.evaluate.bootstrap import paired_bootstrap
from mlops_lib.evaluate.hold_out import judge_hold_out
from mlops_lib.evaluate.metrics import METRICS, expected_cost
from mlops_lib.objects.errors import InputError
from tests.evaluate.scored import scored


def test_both_runs_are_judged_at_their_own_threshold():
    chosen = scored(400, run="a", split="hold-out")
    reference = scored(400, run="b", split="hold-out", noise_seed=3)
    result = judge_hold_out(chosen, 0.3, reference, 0.6)
    assert result.table["metric"].tolist() == [m.name for m in METRICS]
    area = result.table.set_index("metric").loc["roc_auc"]
    assert (area["chosen"], area["reference"]) == pytest.approx((result.delong.auc, result.delong.other))
    assert (area["chosen_low"], area["chosen_high"]) == pytest.approx((result.delong.auc_low, result.delong.auc_high))
    counts = result.counts.set_index("run")
    assert counts.loc["a", ["tp", "fp"]].sum() == (chosen.score >= 0.3).sum()
    assert counts.loc["b", ["tp", "fp"]].sum() == (reference.score >= 0.6).sum()
    assert counts[["tp", "fp", "fn", "tn"]].sum(axis=1).tolist() == [400, 400]


def test_the_two_runs_differ_by_what_a_paired_bootstrap_says():
    chosen = scored(400, run="a", split="hold-out")
    reference = scored(400, run="b", split="hold-out", noise_seed=3)
    result = judge_hold_out(chosen, 0.3, reference, 0.6, metrics=[*METRICS, expected_cost(5, 1)])
    table = result.table.set_index("metric")
    assert table["difference"].to_numpy() == pytest.approx((table["chosen"] - table["reference"]).to_numpy())
    assert (table["difference_low"] <= table["difference"]).all()
    assert (table["difference"] <= table["difference_high"]).all()
    area = table.loc["roc_auc"]
    assert (area["p"], area["method"], area["difference_low"]) == (result.delong.p, "DeLong", result.delong.low)
    found = paired_bootstrap(chosen, reference, METRICS[1], 1_000, 0)
    line = table.loc["average_precision"]
    assert (line["difference_low"], line["difference_high"], line["p"]) == (found.low, found.high, found.p)
    assert table["approximate"].to_dict() == {name: name == "ece" for name in table.index}


def test_few_positives_make_an_interval_approximate():
    result = judge_hold_out(scored(200, rate=0.05, split="hold-out"), 0.3, None, None)
    assert result.positives < 50
    assert result.table["approximate"].all()


def test_weighted_rows_are_judged_by_a_bootstrap_of_rows():
    weight = np.random.default_rng(0).exponential(size=400)
    chosen = replace(scored(400, run="a", split="hold-out"), weight=weight)
    reference = replace(scored(400, run="b", split="hold-out", noise_seed=3), weight=weight)
    result = judge_hold_out(chosen, 0.3, reference, 0.6)
    assert result.delong is None
    area = result.table.set_index("metric").loc["roc_auc"]
    assert area["chosen"] == pytest.approx(roc_auc_score(chosen.truth, chosen.score, sample_weight=weight))
    assert area["method"] == "stratified bootstrap"
    assert area["chosen_low"] < area["chosen"] < area["chosen_high"]
    assert result.counts["tp"][0] == pytest.approx(weight[(chosen.truth == 1) & (chosen.score >= 0.3)].sum())


def test_one_run_alone_has_no_test():
    result = judge_hold_out(scored(400, run="a", split="hold-out"), 0.3, None, None)
    assert result.delong is None
    assert result.reference is None
    assert result.table["reference"].isna().all()


def test_out_of_fold_predictions_and_other_rows_are_refused():
    with pytest.raises(InputError, match="hold-out"):
        judge_hold_out(scored(100), 0.5, None, None)
    with pytest.raises(InputError, match="different hold-out rows"):
        judge_hold_out(scored(100, split="hold-out"), 0.5, scored(90, split="hold-out"), 0.5)
