import numpy as np

from mlops_lib.evaluate.comparison import Entry, comparison_table, conclude
from mlops_lib.evaluate.hold_out import judge_hold_out
from mlops_lib.evaluate.shown import how_tested, shown_hold_out, shown_planned, shown_table
from tests.evaluate.scored import a_run, scored


def comparison():
    entries = [
        Entry(a_run("a"), scored(run="a"), np.full(5, 0.3)),
        Entry(a_run("b", "lightgbm"), scored(run="b", noise_seed=1), np.full(5, 0.2)),
        Entry(a_run("bad", rung="selection + smoteenn", state="failed")),
    ]
    return comparison_table(entries, "a", threshold_rule="best F1")


def test_the_head_says_which_threshold_and_no_third_decimal_is_shown_as_a_rank():
    shown = shown_table(comparison())
    assert {"F1 at best F1", "F1 at 0.5", "MCC at best F1", "Balanced accuracy at 0.5"} <= set(shown.columns)
    assert shown.loc[0, "ROC-AUC"].count(".") == 3
    assert all(len(v.split(" ")[0]) == 4 for v in shown["ROC-AUC"][:2])


def test_a_failed_run_is_a_line_with_its_reason():
    last = shown_table(comparison()).iloc[-1]
    assert (last["Rank"], last["ROC-AUC"]) == ("–", "–")
    assert "fold 2 has 3" in last["Note"]


def test_planned_comparisons_are_said_in_words():
    shown = shown_planned(comparison())
    assert shown["Plan"].tolist() == ["against the reference"]
    assert shown.loc[0, "Outcome"] in {"no detectable difference", "better", "worse", "practically equal"}


def test_the_words_name_the_test_that_was_made():
    judgement = comparison().judgement
    folds, drawn = (how_tested(conclude(judgement, "a", name)) for name in ("roc_auc", "ece"))
    assert folds.startswith("Corrected resampled t-test on the folds")
    assert drawn.startswith("Paired bootstrap of all out-of-fold rows")
    assert all("approximate" in said for said in (folds, drawn))


def test_the_hold_out_has_a_column_for_each_run():
    chosen, other = scored(300, run="a", split="hold-out"), scored(300, run="b", split="hold-out", noise_seed=2)
    assert list(shown_hold_out(judge_hold_out(chosen, 0.3, other, 0.4), "A", "B").columns) == [
        "Metric", "A", "B", "Difference", "p", "95 % interval",
    ]  # fmt: skip
    assert list(shown_hold_out(judge_hold_out(chosen, 0.3, None, None), "A").columns) == [
        "Metric",
        "A",
        "95 % interval",
    ]
