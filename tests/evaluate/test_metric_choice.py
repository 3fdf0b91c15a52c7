from dataclasses import replace

import numpy as np
import pytest

from mlops_lib.evaluate.comparison import Entry, judge_runs
from mlops_lib.evaluate.metric_choice import Needs, recommend, why_not_accuracy
from mlops_lib.evaluate.metrics import metric
from mlops_lib.objects.decision import Best, Capacity, Cost
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.words import percent
from tests.evaluate.scored import a_run, scored


@pytest.mark.parametrize(
    ("needs", "rate", "name", "policy"),
    [
        (Needs("probability"), 0.1, "brier", None),
        (Needs("ranking"), 0.1, "average_precision", None),
        (Needs("ranking"), 0.4, "roc_auc", None),
        (Needs("ranking", capacity=0.05), 0.1, "precision_at_k:0.05", Capacity(50, 1_000)),
        (Needs("decision"), 0.1, "f1", Best("f1")),
        (Needs("decision"), 0.4, "mcc", Best("mcc")),
        (Needs("decision", miss=8.0), 0.1, "expected_cost:8:1", Cost(8.0, 1.0)),
        (Needs("decision", capacity=0.2), 0.1, "precision_at_k:0.2", Capacity(200, 1_000)),
        (Needs("decision", miss=8.0, capacity=0.2), 0.1, "expected_cost:8:1", Capacity(200, 1_000)),
    ],
)
def test_three_answers_make_one_metric_that_exists(needs, rate, name, policy):
    advice = recommend(needs, rate)
    assert (advice.metric, advice.policy) == (name, policy)
    assert advice.label == metric(name).label
    assert percent(rate) in advice.why or policy is None or isinstance(policy, Cost) or needs.miss


def test_the_cost_of_doing_nothing_is_said_in_false_alarms():
    assert "never alarming costs 0.800 a row" in recommend(Needs(miss=8.0), 0.1).why
    assert "always alarming costs 0.900 a row" in recommend(Needs(miss=20.0), 0.1).why


def test_answers_that_make_no_sense_are_refused():
    with pytest.raises(InputError, match="cannot be worth"):
        Needs(miss=0.0)
    with pytest.raises(InputError, match="no share of the rows"):
        Needs(capacity=1.0)


@pytest.mark.parametrize(("flip", "always"), [(False, "No"), (True, "Yes")])
def test_why_not_accuracy_is_said_in_the_numbers_of_the_table(flip, always):
    p = scored(800, rate=0.2, run="a")
    if flip:
        p = replace(p, truth=(1 - p.truth).astype(np.int8), score=1 - p.score, raw=1 - p.raw)
    judgement = judge_runs([Entry(a_run("a"), p, np.full(5, 0.3))])
    said = why_not_accuracy(judgement, "a")
    share = max(p.truth.mean(), 1 - p.truth.mean())
    right = ((p.score >= 0.3) == (p.truth == 1)).mean()
    found = (p.score[p.truth == 1] >= 0.3).mean()
    assert f"always saying '{always}' is right {percent(share)} of the time" in said
    assert f"is right {percent(right)} at its own threshold and finds {percent(found)} of the 'Yes'" in said
