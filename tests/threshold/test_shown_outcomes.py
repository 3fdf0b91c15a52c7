import math

import pytest

from mlops_lib.objects.decision import AtLeast, Best, Capacity, Cost, Fixed
from mlops_lib.threshold.choosing import choose
from mlops_lib.threshold.outcome import outcome
from mlops_lib.threshold.shown import decision_sentence, outcome_sentence, shown_outcomes, unseen_sentence
from tests.evaluate.scored import scored


def test_a_decision_is_said_with_its_range_and_band():
    decision = choose(scored(1_000), Cost(5, 1, "EUR"))
    text = decision_sentence(decision)
    assert text.startswith("For the least cost (a miss 5 EUR, a false alarm 1 EUR), flag from a score of 0.")
    assert "Drawing the 1,000 rows anew" in text
    assert "its cost can hardly be told from the best." in text


@pytest.mark.parametrize("policy", [Capacity(50, 1_000), AtLeast("recall", 0.5), Best("mcc"), Fixed(0.3)])
def test_every_policy_has_a_sentence(policy):
    text = decision_sentence(choose(scored(1_000), policy, resamples=50))
    assert "flag from a score of" in text
    assert text.endswith(".")


def test_what_cannot_be_promised_is_all_that_is_said():
    decision = choose(scored(100, rate=0.1, signal=0.2), AtLeast("precision", 0.95))
    assert decision_sentence(decision) == decision.notes[0]


def test_outcomes_are_said_in_counts_and_money():
    cost = Cost(5_000, 100, "EUR")
    found = outcome(scored(500), 0.3, cost)
    text = outcome_sentence(found, cost)
    assert f"finds {found.tp} of {found.tp + found.fn} 'Yes', misses {found.fn}" in text
    assert text.endswith("EUR per 1,000 rows.")
    assert outcome_sentence(outcome(scored(500), 0.3)).endswith("false alarms.")
    assert "On rows it was not chosen on, it finds" in unseen_sentence(found, "EUR")
    assert math.isclose(found.cost_per_row, (5_000 * found.fn + 100 * found.fp) / 500)


def test_lines_show_the_currency_and_what_is_not_defined():
    cost = Cost(5, 1, "EUR")
    shown = shown_outcomes({"here": outcome(scored(200), 0.3, cost), "nobody": outcome(scored(200), 1.0, cost)}, "EUR")
    assert "Cost per 1,000 rows (EUR)" in shown.columns
    assert shown.loc[1, "Precision"] == "–"
