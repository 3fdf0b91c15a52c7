import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from mlops_lib.evaluate.metrics import DECISION_METRICS
from mlops_lib.objects.decision import Cost
from mlops_lib.threshold.outcome import outcome, outcome_table
from tests.evaluate.scored import scored


def test_an_outcome_is_counted_exactly():
    predictions = scored(500)
    found = outcome(predictions, 0.35, Cost(5, 2))
    alarm = predictions.score >= 0.35
    assert found.n == 500
    assert found.values["f1"].value == pytest.approx(f1_score(predictions.truth, alarm))
    assert found.values["precision"].value == pytest.approx(precision_score(predictions.truth, alarm))
    assert found.values["recall"].value == pytest.approx(recall_score(predictions.truth, alarm))
    assert found.alert_rate == pytest.approx(alarm.mean())
    assert found.cost_per_row == pytest.approx((5 * found.fn + 2 * found.fp) / 500)
    assert found.cost_low < found.cost_per_row < found.cost_high
    assert all(
        found.values[m.name].low <= found.values[m.name].value <= found.values[m.name].high for m in DECISION_METRICS
    )


def test_rows_can_be_judged_at_the_threshold_of_their_fold():
    predictions = scored(500)
    thresholds = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    found = outcome(predictions, thresholds)
    assert found.tp + found.fp == (predictions.score >= thresholds[predictions.fold]).sum()
    assert found.cost_per_row is None


def test_outcomes_stand_side_by_side():
    predictions = scored(200)
    table = outcome_table(("own", outcome(predictions, 0.3)), ("0.5", outcome(predictions, 0.5)))
    assert table["at"].tolist() == ["own", "0.5"]
    assert {f"{m.name}_low" for m in DECISION_METRICS} <= set(table.columns)


def test_nobody_flagged_has_no_precision():
    found = outcome(scored(100), 1.0)
    assert np.isnan(found.values["precision"].value)
    assert found.values["recall"].value == 0.0
