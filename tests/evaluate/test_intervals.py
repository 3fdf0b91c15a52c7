import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from mlops_lib.evaluate.intervals import (
    bootstrap_interval,
    bootstrap_intervals,
    corrected_t,
    drawn_interval,
    fold_interval,
    grouped,
    lower_bound,
    percentile_bounds,
    reaches,
    resampled_counts,
    resamples,
    wilson,
)  # fmt: skip
from mlops_lib.evaluate.metrics import METRICS, metric
from mlops_lib.evaluate.sweep import counts_at, sweep, sweep_of
from tests.evaluate.scored import scored


def test_without_shared_training_rows_it_is_the_plain_t_test():
    values = np.array([0.02, 0.05, -0.01, 0.03, 0.04])
    ours, plain = corrected_t(values, ratio=0.0), stats.ttest_1samp(values, 0.0)
    assert (ours.statistic, ours.p, ours.df) == pytest.approx((plain.statistic, plain.pvalue, 4))
    assert (ours.low, ours.high) == pytest.approx(plain.confidence_interval())


def test_shared_training_rows_widen_the_interval_by_the_published_factor():
    values = np.array([0.02, 0.05, -0.01, 0.03, 0.04])
    plain, corrected = corrected_t(values, 0.0), corrected_t(values, 0.25)
    assert (corrected.high - corrected.mean) / (plain.high - plain.mean) == pytest.approx(np.sqrt((0.2 + 0.25) / 0.2))


def test_equal_folds_have_no_spread():
    assert corrected_t(np.zeros(5), 0.25).p == 1.0
    assert corrected_t(np.full(5, 0.1), 0.25).p == 0.0
    assert np.isnan(corrected_t(np.array([0.1, np.nan]), 0.25).p)


def test_an_interval_stays_within_what_the_metric_can_be():
    found = fold_interval(np.array([0.99, 0.8, 1.0, 0.97, 0.99]), 0.25, (0.0, 1.0))
    assert found.high == 1.0
    assert found.low < found.value < 1.0


@pytest.mark.parametrize("one", METRICS, ids=lambda m: m.name)
def test_the_bootstrap_interval_holds_the_value(one):
    swept = sweep_of(scored(400))
    found = bootstrap_interval(swept, one, threshold=0.3, times=300, seed=1)
    assert found.low < found.value < found.high
    again = bootstrap_interval(swept, one, threshold=0.3, times=300, seed=1)
    assert (again.low, again.high) == (found.low, found.high)


def test_several_metrics_have_the_intervals_that_each_has_alone():
    swept = sweep_of(scored(300, rate=0.4))
    found = bootstrap_intervals(swept, METRICS, 0.3, times=99, seed=2)
    assert list(found) == [m.name for m in METRICS]
    assert all(found[m.name] == bootstrap_interval(swept, m, 0.3, times=99, seed=2) for m in METRICS)


def test_the_sample_itself_is_one_of_as_many_as_its_resamples():
    assert percentile_bounds(np.append(np.arange(199.0), np.nan)) == pytest.approx((4.0, 194.0))
    assert np.isnan(percentile_bounds(np.full(3, np.nan))).all()


def test_a_metric_that_resamples_move_is_turned_around_its_value():
    drawn = np.linspace(0.05, 0.09, 199)
    found = drawn_interval(0.04, drawn, approximate=False, biased=True, bounds=(0.0, 1.0))
    low, high = percentile_bounds(drawn)
    assert (found.low, found.high, found.approximate) == (max(2 * 0.04 - high, 0.0), 0.04, True)
    wide = drawn_interval(0.07, drawn, approximate=False, biased=True, bounds=(0.0, 1.0))
    assert (wide.low, wide.high) == pytest.approx((0.14 - high, 0.14 - low))
    plain = drawn_interval(0.07, drawn, approximate=False)
    assert (plain.low, plain.high, plain.approximate) == (low, high, False)


def test_few_rows_of_a_class_make_an_interval_approximate():
    few, enough = (bootstrap_interval(sweep_of(scored(n, rate=0.3)), metric("brier"), times=50) for n in (150, 1_000))
    assert (few.approximate, enough.approximate) == (True, False)


def test_drawing_counts_is_drawing_rows():
    predictions = scored(300)
    truth, score = predictions.truth, predictions.score
    found = bootstrap_interval(sweep_of(predictions), metric("roc_auc"), times=2_000, seed=0)
    rng = np.random.default_rng(1)
    up, down = score[truth == 1], score[truth == 0]
    areas = []
    for _ in range(2_000):
        a, b = rng.choice(up, len(up)), np.sort(rng.choice(down, len(down)))
        areas.append(np.mean(np.searchsorted(b, a, "left") + np.searchsorted(b, a, "right")) / (2 * len(down)))
    assert (found.low, found.high) == pytest.approx(np.quantile(areas, [0.025, 0.975]), abs=0.006)


def test_resamples_keep_the_size_of_each_class():
    swept = sweep_of(scored(200))
    for positives, negatives in resamples(swept, 20, seed=0):
        assert (positives.sum(axis=1) == swept.positives).all()
        assert (negatives.sum(axis=1) == swept.negatives).all()


def test_resamples_of_weights_vary_as_resamples_of_rows():
    predictions, rng = scored(400, rate=0.3), np.random.default_rng(1)
    truth, score = predictions.truth, np.round(predictions.score, 1)
    weight = rng.exponential(size=400)
    drawn = np.concatenate([p for p, _ in resamples(sweep(truth, score, weight), 4_000, seed=0)])
    up = truth == 1
    picks = rng.integers(0, up.sum(), (4_000, up.sum()))
    rows = np.stack([weight[up][p] @ (score[up][p][:, None] == np.unique(score)) for p in picks])
    assert drawn.mean(axis=0) == pytest.approx(rows.mean(axis=0), rel=0.05, abs=0.05)
    spread = np.sqrt(np.outer(rows.var(axis=0), rows.var(axis=0)))
    assert np.cov(drawn.T) == pytest.approx(np.cov(rows.T), abs=0.1 * spread.max())
    assert drawn.std(axis=0) == pytest.approx(rows.std(axis=0), rel=0.06)


def test_counts_under_weights_vary_as_resamples_of_rows():
    predictions, rng = scored(400, rate=0.3), np.random.default_rng(1)
    weight = rng.exponential(size=400)
    counts = counts_at(predictions.truth, predictions.score, 0.5, weight)
    drawn = resampled_counts(counts, 4_000, seed=0)
    up = predictions.truth == 1
    hit = np.where(predictions.score >= 0.5, weight, 0.0)[up]
    rows = hit[rng.integers(0, up.sum(), (4_000, up.sum()))].sum(axis=1)
    assert drawn.tp.mean() == pytest.approx(rows.mean(), rel=0.02)
    assert drawn.tp.std() == pytest.approx(rows.std(), rel=0.06)


def test_grouping_changes_the_area_by_almost_nothing():
    swept = sweep_of(scored(200_000))
    small = grouped(swept)
    assert len(small.levels) <= 2_048
    assert (small.n, small.positives) == (swept.n, swept.positives)
    assert metric("roc_auc").of(small) == pytest.approx(metric("roc_auc").of(swept), abs=1e-5)


def test_shares_agree_with_statsmodels():
    successes, n = np.array([0, 3, 50, 10]), np.array([10, 10, 60, 10])
    assert np.array(wilson(successes, n)) == pytest.approx(np.array(proportion_confint(successes, n, method="wilson")))
    exact = proportion_confint(successes, n, alpha=0.1, method="beta")[0]
    assert lower_bound(successes, n) == pytest.approx(exact)


def test_asking_whether_a_bound_is_reached_is_the_bound():
    n = np.arange(1, 80)
    successes = (n * 0.8).astype(int)
    bound = lower_bound(successes, n)
    for minimum in (0.3, 0.6, 0.7):
        assert (reaches(successes, n, minimum) == (bound >= minimum)).all()
