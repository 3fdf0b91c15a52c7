import json

import numpy as np
import pytest

from mlops_lib.evaluate.sweep import counts_at, sweep, sweep_of
from mlops_lib.threshold.sweep_payload import MOST, sweep_payload
from tests.evaluate.scored import scored


@pytest.mark.parametrize("n", [50, 3_000, 30_000])
def test_every_count_is_exact_after_a_trip_through_json(n):
    predictions = scored(n)
    payload = json.loads(json.dumps(sweep_payload(sweep_of(predictions), predictions.names)))
    assert len(payload["threshold"]) <= MOST
    assert (np.diff(payload["threshold"]) > 0).all()
    step = max(1, len(payload["threshold"]) // 400)
    for threshold, tp, fp in list(zip(payload["threshold"], payload["tp"], payload["fp"], strict=True))[::step]:
        counts = counts_at(predictions.truth, predictions.score, threshold)
        assert (counts.tp, counts.fp) == (tp, fp)


def test_few_scores_are_all_there_with_the_ends_and_exactly_a_half():
    payload = sweep_payload(sweep(np.array([0, 1, 0, 1]), np.array([0.1, 0.6, 0.4, 0.9])), ("No", "Yes"))
    assert payload["tp"] == [2, 2, 2, 1, 0]
    assert payload["fp"] == [2, 1, 0, 0, 0]
    assert payload["threshold"][payload["half"]] == 0.5
    assert (payload["positives"], payload["negatives"], payload["names"]) == (2, 2, ["No", "Yes"])


def test_a_million_rows_of_a_rare_event_fit_and_are_dense_where_the_positives_are():
    predictions = scored(1_000_000, rate=0.01)
    payload = sweep_payload(sweep_of(predictions), predictions.names)
    assert len(json.dumps(payload).encode()) < 200_000
    assert len(payload["threshold"]) <= MOST
    found = -np.diff(payload["tp"]) / payload["positives"]
    assert found.max() < 1 / 2_000
    assert payload["threshold"][payload["half"]] == 0.5
