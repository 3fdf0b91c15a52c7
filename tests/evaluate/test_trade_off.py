import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_lib.evaluate.intervals import corrected_t
from mlops_lib.evaluate.trade_off import AS_QUICK, best_of_each_model, pareto, shown_trade_off, trade_off
from mlops_lib.objects.words import interval
from mlops_lib.train.processing import Latency, Measured, Processing

METRIC = ("roc_auc", "ROC-AUC", True)
FOLDS = {"slow": [0.80, 0.82, 0.81], "quick": [0.79, 0.80, 0.80], "bad": [0.6, 0.61, 0.6], "nothing": [0.5] * 3}
MS = {"slow": 40.0, "quick": 1.0, "bad": 5.0, "nothing": 0.5}


def joined(folds=FOLDS, ms=MS, metric=METRIC):
    table = pd.DataFrame({
        "run": list(folds), "recipe": [f"the {name} one" for name in folds],
        "model": ["dummy" if name == "nothing" else "random_forest" for name in folds], "rung": "base",
        "roc_auc": [np.nanmean(v) for v in folds.values()], "roc_auc_low": 0.4, "roc_auc_high": 0.9, "fit_seconds": 1.0,
    })  # fmt: skip
    rows = [{"run": r, "fold": k, "roc_auc": v} for r, values in folds.items() for k, v in enumerate(values)]
    runs = tuple(Processing(r, Latency(ms[r], 2 * ms[r], 60), 1e6 / ms[r], 10_000, 4, 1_000, 2_000) for r in folds)
    return trade_off(table, pd.DataFrame(rows), 0.5, metric, Measured(runs, 2))


def test_the_best_is_set_against_the_quickest_that_nobody_beats():
    made = joined()
    assert made.table["run"].tolist() == ["slow", "quick", "bad", "nothing"]
    assert made.table["pareto"].tolist() == [True, True, False, True]
    test = corrected_t(np.array(FOLDS["slow"]) - np.array(FOLDS["quick"]), 0.5)
    assert test.p > 0.05
    assert made.sentence == (
        "the slow one is 0.0133 better in ROC-AUC than the quick one and 40 times slower (40 ms against 1 ms a row); "
        f"these data cannot tell that difference from none ({interval(test.low, test.high)})."
    )


def test_a_difference_beyond_doubt_is_given_its_interval_and_lower_may_be_better():
    folds = {"slow": [0.10, 0.12, 0.11], "quick": [0.30, 0.33, 0.31]}
    made = joined(folds, metric=("roc_auc", "Loss", False))
    assert made.table["run"].tolist() == ["slow", "quick"]
    assert "the folds put the difference at 0.1" in made.sentence
    assert made.table["pareto"].all()


def test_a_run_that_is_best_and_quickest_needs_no_comparison():
    made = joined({"quick": [0.8, 0.81], "slow": [0.7, 0.71]})
    assert (
        made.sentence
        == "the quick one has the best ROC-AUC (0.805), and none of the others is clearly quicker (1 ms a row)."
    )
    one = joined({"quick": [0.8, 0.81], "nothing": [0.5, 0.5]})
    assert one.sentence == "There is one model to look at."


def test_a_metric_without_values_by_fold_has_no_doubt_to_tell():
    folds = {"slow": [0.8, np.nan], "quick": [0.7, 0.7]}
    made = joined(folds)
    assert made.table["run"].tolist() == ["slow", "quick"]
    assert made.sentence.endswith("a row).")


def test_the_table_is_written_for_people():
    shown = shown_trade_off(joined())
    assert shown["None beats it in both"].tolist() == ["✓", "✓", "", "✓"]
    assert shown["One row, median"].tolist()[:2] == ["40 ms", "1 ms"]
    assert shown["Rows a second"].tolist()[0] == "25,000"
    assert shown["In memory"].tolist()[0] == "2.0 KB"


points = st.lists(st.tuples(st.integers(0, 4), st.integers(1, 20)), min_size=1, max_size=12)


@given(points)
def test_no_run_on_the_front_is_beaten_and_the_best_is_on_it(drawn):
    good, slow = (np.array(v, float) for v in zip(*drawn, strict=True))
    front = pareto(good, slow)
    assert front[good == good.max()].any()
    for i in np.flatnonzero(front):
        assert not ((good > good[i]) & (slow <= AS_QUICK * slow[i])).any()
        assert not ((good == good[i]) & (slow < slow[i])).any()
    for i in np.flatnonzero(~front):
        assert ((good >= good[i]) & (slow <= AS_QUICK * slow[i])).sum() >= 2


def test_times_that_hardly_differ_count_as_equal():
    assert pareto(np.array([0.8, 0.7]), np.array([1.05, 1.0])).tolist() == [True, False]
    assert pareto(np.array([0.8, 0.7]), np.array([1.2, 1.0])).tolist() == [True, True]
    assert pytest.approx(AS_QUICK) == 1.1


def test_of_many_runs_the_best_of_each_model_and_those_asked_for_are_timed():
    table = pd.DataFrame({
        "run": ["a", "b", "c", "d", "e"], "model": ["one", "one", "one", "two", "three"],
        "loss": [0.3, 0.1, 0.2, 0.4, np.nan],
    })  # fmt: skip
    assert best_of_each_model(table, "loss", False) == ["b", "d"]
    assert best_of_each_model(table, "loss", True, ("c",)) == ["a", "c", "d"]
