import numpy as np
import pytest
from scipy import stats

from mlops_lib.evaluate.measures import measure_of
from mlops_lib.evaluate.more_rows import FALLING, FLAT, ONE_SIZE, RISING, UNSURE, more_rows
from mlops_lib.objects.errors import NotPossibleError

AUC, BRIER = measure_of("binary", "roc_auc"), measure_of("binary", "brier")
WOBBLE = np.array([-0.004, 0.002, 0.0, 0.003, -0.001])
ROWS = (100.0, 200.0, 400.0, 800.0)


def values(*means, spread=1.0):
    return [mean + spread * np.roll(WOBBLE, place) for place, mean in enumerate(means)]


def test_a_rising_curve_is_called_so_and_extended_as_a_straight_line_in_doublings():
    made = more_rows(AUC, ROWS, values(0.6, 0.65, 0.7, 0.75), 0.25, 0.01)
    assert made.state == RISING
    assert made.sentence.startswith("More rows would probably help: the last doubling, from 400 to 800 training rows")
    step = values(0.6, 0.65, 0.7, 0.75)
    difference = step[3] - step[2]
    error = difference.std(ddof=1) * np.sqrt(1 / 5 + 0.25)
    reach = stats.t.ppf(0.975, 4) * error
    assert made.step.mean == pytest.approx(0.05)
    assert (made.step.low, made.step.high) == pytest.approx((difference.mean() - reach, difference.mean() + reach))
    slope = (step[3] - step[1]) / 2
    reach = stats.t.ppf(0.975, 4) * slope.std(ddof=1) * np.sqrt(1 / 5 + 0.25)
    assert made.doubled == pytest.approx((0.8, 0.8 - reach, 0.8 + reach))
    assert "0.750 to 0.800" in made.outlook
    assert "extrapolated, not measured" in made.outlook


def test_a_flat_curve_and_one_that_wobbles_are_told_apart():
    flat = more_rows(AUC, ROWS, values(0.6, 0.7, 0.748, 0.75, spread=0.3), 0.25, 0.01)
    assert flat.state == FLAT
    assert "would hardly help" in flat.sentence
    unsure = more_rows(AUC, ROWS, values(0.6, 0.7, 0.74, 0.75, spread=10), 0.25, 0.01)
    assert unsure.state == UNSURE
    assert unsure.sentence.startswith("These data cannot say")
    assert unsure.doubled is None
    assert "No figure is given" in unsure.outlook


def test_where_lower_is_better_a_gain_is_a_fall():
    rising = more_rows(BRIER, ROWS, values(0.20, 0.18, 0.15, 0.12), 0.25, 0.01)
    assert rising.state == RISING
    assert rising.step.mean == pytest.approx(0.03)
    assert "changed Brier score by −0.0300 (" in rising.sentence
    assert "where lower is better" in rising.sentence
    value, low, high = rising.doubled
    assert low < value < 0.12
    assert high > value
    assert more_rows(BRIER, ROWS, values(0.12, 0.12, 0.12, 0.18), 0.25, 0.01).state == FALLING


def test_the_extrapolation_never_leaves_what_is_possible():
    made = more_rows(AUC, ROWS, values(0.7, 0.8, 0.9, 0.995), 0.25, 0.01)
    assert made.doubled[0] == 1.0
    assert made.doubled[2] == 1.0
    made = more_rows(BRIER, ROWS, values(0.3, 0.2, 0.1, 0.01), 0.25, 0.01)
    assert made.doubled[0] == made.doubled[1] == 0.0


def test_sizes_without_a_value_are_skipped_and_one_size_says_nothing():
    holes = values(0.6, 0.65, 0.7, 0.75)
    holes[0] = np.full(5, np.nan)
    assert len(more_rows(AUC, ROWS, holes, 0.25, 0.01).table) == 3
    one = more_rows(AUC, ROWS[-1:], values(0.75), 0.25, 0.01)
    assert one.state == ONE_SIZE
    assert one.step is None
    with pytest.raises(NotPossibleError, match="not defined in every fold"):
        more_rows(AUC, ROWS[-1:], [np.array([0.5, np.nan])], 0.25, 0.01)


def test_a_curve_that_does_not_rise_is_seldom_said_to_rise():
    """Folds without a rise, correlated as overlapping training sets make them: rho = ratio / (1 + ratio)."""
    rng = np.random.default_rng(0)
    ratio, said = 0.25, 0
    rho = ratio / (1 + ratio)
    for _ in range(400):
        shared = rng.normal(size=2) * np.sqrt(rho)
        drawn = [0.7 + 0.02 * (shared[k] + rng.normal(size=5) * np.sqrt(1 - rho)) for k in range(2)]
        said += more_rows(AUC, (100.0, 200.0), drawn, ratio, 0.001).state in (RISING, FALLING)
    assert said <= 0.05 * 400 + 3 * np.sqrt(400 * 0.05 * 0.95)
