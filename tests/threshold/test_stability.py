import numpy as np
import pytest

from mlops_lib.evaluate.sweep import counts_at, sweep_of
from mlops_lib.objects.decision import AtLeast, Best, Capacity, Cost
from mlops_lib.threshold.choosing import choose
from mlops_lib.threshold.stability import stability
from tests.evaluate.scored import scored


@pytest.mark.parametrize("policy", [Cost(5, 1), Best("mcc"), Capacity(50, 500), AtLeast("recall", 0.6)])
def test_the_range_holds_the_choice_and_narrows_with_more_rows(policy):
    few, many = (choose(scored(n, seed=2), policy, resamples=300) for n in (400, 40_000))
    for decision in (few, many):
        low, high = decision.stability
        assert low <= decision.threshold <= high
    assert np.ptp(many.stability) < np.ptp(few.stability)


def test_counts_bootstrap_agrees_with_drawing_rows():
    predictions = scored(300, seed=1)
    found = choose(predictions, Cost(4, 1), resamples=2_000, seed=3).stability
    rng, picks = np.random.default_rng(8), []
    up, down = np.flatnonzero(predictions.truth == 1), np.flatnonzero(predictions.truth == 0)
    thresholds = sweep_of(predictions).thresholds
    for _ in range(1_000):
        rows = np.concatenate((rng.choice(up, len(up)), rng.choice(down, len(down))))
        drawn_up, drawn_down = (np.sort(predictions.score[rows][predictions.truth[rows] == k]) for k in (1, 0))
        fn = np.searchsorted(drawn_up, thresholds)
        fp = len(down) - np.searchsorted(drawn_down, thresholds)
        cost = 4 * fn + fp
        picks.append(thresholds[len(cost) - 1 - np.argmin(cost[::-1])])
    assert found == pytest.approx(tuple(np.quantile(picks, [0.025, 0.975])), abs=0.03)


def test_the_band_holds_the_choice_and_leaves_out_what_costs_clearly_more():
    predictions = scored(5_000)
    decision = choose(predictions, Cost(5, 1))
    low, high = decision.equal_band
    assert low < decision.threshold < high

    def cost(threshold):
        counts = counts_at(predictions.truth, predictions.score, threshold)
        return int(5 * counts.fn + counts.fp)

    best = cost(decision.threshold)
    assert cost(low) < 1.1 * best
    assert cost(high) < 1.1 * best
    assert cost(0.02) > 1.2 * best
    assert low > 0.02
    assert high < 0.9


def test_policies_without_a_cost_have_no_band():
    assert choose(scored(300), Capacity(10, 100), resamples=50).equal_band is None


def test_grouping_a_large_sweep_keeps_the_chosen_cut():
    swept = sweep_of(scored(60_000))
    found = stability(swept, Cost(5, 1), cut=30_000, times=50)
    assert found.equal_band[0] <= swept.thresholds[30_000] <= found.equal_band[1]
    assert found.found == 1.0


def test_the_seed_is_an_argument():
    predictions, policy = scored(300), Best("f1")
    first = choose(predictions, policy, resamples=100, seed=1)
    assert choose(predictions, policy, resamples=100, seed=1) == first
    assert choose(predictions, policy, resamples=100, seed=2).stability != first.stability
