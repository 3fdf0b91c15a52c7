import pytest

from mlops_lib.evaluate.hold_out import judge_hold_out
from mlops_lib.evaluate.metrics import METRICS
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
