import dataclasses

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from mlops_lib.evaluate import bootstrap
from mlops_lib.evaluate.bootstrap import (
    auc_replicates,
    difference,
    paired_bootstrap,
    paired_differences,
    picks,
    replicates,
)
from mlops_lib.evaluate.compiled import compiled, pair_wins
from mlops_lib.evaluate.intervals import bootstrap_interval
from mlops_lib.evaluate.metrics import METRICS, SCORE_METRICS, expected_cost, metric
from mlops_lib.evaluate.sweep import sweep_of
from mlops_lib.objects.errors import InputError
from tests.evaluate.scored import scored


def drawn_rows(truth, seed, resample):
    """The rows of one resample, as indices."""
    up, down = np.flatnonzero(truth == 1), np.flatnonzero(truth == 0)
    one = np.array([resample])
    return np.concatenate([side[picks(seed, one, stream, len(side))[0]] for stream, side in enumerate((up, down))])


def test_draws_are_even_and_differ_by_seed_resample_and_stream():
    drawn = picks(3, np.arange(2_000), 0, 50)
    assert np.bincount(drawn.ravel(), minlength=50) == pytest.approx(np.full(50, 2_000), abs=5 * np.sqrt(2_000))
    assert abs(np.corrcoef(drawn[:-1].ravel(), drawn[1:].ravel())[0, 1]) < 0.01
    assert not np.array_equal(drawn[0], picks(4, np.arange(1), 0, 50)[0])
    assert not np.array_equal(drawn[0], picks(3, np.arange(1), 1, 50)[0])
    assert np.array_equal(drawn[7:9], picks(3, np.array([7, 8]), 0, 50))


@pytest.mark.parametrize("digits", [1, 17])
@pytest.mark.parametrize("rate", [0.1, 0.8])
def test_every_resample_has_the_area_that_scikit_learn_gives(digits, rate):
    predictions = scored(300, rate=rate, seed=2)
    truth, score = predictions.truth, np.round(predictions.score, digits)
    looped, plain = (auc_replicates(truth, score, 40, 5, loops) for loops in (True, False))
    assert looped == pytest.approx(plain, rel=1e-14)
    rows = [drawn_rows(truth, 5, r) for r in range(40)]
    assert looped == pytest.approx([roc_auc_score(truth[r], score[r]) for r in rows], rel=1e-12)


def test_the_loops_do_the_same_uncompiled():
    few, many, levels = np.array([0, 2, 1, 2]), np.array([0, 1, 4, 5, 6, 2]), 3
    starts = np.array([1, 2], dtype=np.uint64), np.array([3, 4], dtype=np.uint64)
    with np.errstate(over="ignore"):
        ours, theirs = np.empty(2, np.int64), np.empty(2, np.int64)
        pair_wins(*starts, few, many, levels, ours)
    compiled(pair_wins)(*starts, few, many, levels, theirs)
    assert ours.tolist() == theirs.tolist()


@pytest.mark.parametrize("weighted", [False, True])
def test_every_metric_is_that_of_the_drawn_rows(monkeypatch, weighted):
    predictions = scored(120, seed=4, split="hold-out")
    if weighted:
        weight = np.random.default_rng(0).exponential(size=120)
        predictions = dataclasses.replace(predictions, weight=weight)
    found = replicates(predictions, METRICS, 6, 1, 0.3)
    monkeypatch.setattr(bootstrap, "COMPILED_FROM", 1)
    looped = replicates(predictions, METRICS, 6, 1, 0.3)
    for r in range(6):
        rows = drawn_rows(predictions.truth, 1, r)
        swept = sweep_of(predictions, rows)
        for one in METRICS:
            value = one.of(swept.counts.at(swept.cut_of(0.3))) if one.needs_threshold else one.of(swept)
            assert found[one.name][r] == pytest.approx(float(value), rel=1e-9, nan_ok=True), one.name
            assert looped[one.name][r] == pytest.approx(found[one.name][r], rel=1e-9, nan_ok=True), one.name


def test_groups_of_scores_change_a_resample_by_almost_nothing(monkeypatch):
    predictions = scored(5_000, seed=4)
    grouped = replicates(predictions, SCORE_METRICS, 5, 1)
    monkeypatch.setattr(bootstrap, "grouped_levels", lambda swept: (swept.levels, swept.levels))
    exact = replicates(predictions, SCORE_METRICS, 5, 1)
    for one in SCORE_METRICS:
        close = 0.03 if one.name == "ece" else 2e-3
        assert grouped[one.name] == pytest.approx(exact[one.name], rel=close, abs=2e-4), one.name


def test_two_runs_are_compared_on_common_rows():
    a, b = scored(400, run="a", seed=1), scored(400, run="b", seed=1, noise_seed=5)
    metrics = [*METRICS, expected_cost(5, 1)]
    own, other = replicates(a, metrics, 200, 3, 0.2), replicates(b, metrics, 200, 3, 0.4)
    found = paired_differences(a, b, metrics, 200, 3, (0.2, 0.4))
    for one in metrics:
        low, high = np.nanquantile(own[one.name] - other[one.name], [0.025, 0.975], method="weibull")
        assert (found[one.name].low, found[one.name].high) == pytest.approx((low, high))
    area = metric("roc_auc")
    alone = [bootstrap_interval(sweep_of(p), area, times=200) for p in (a, b)]
    assert found["roc_auc"].value == pytest.approx(alone[0].value - alone[1].value)
    widths = [one.high - one.low for one in alone]
    assert found["roc_auc"].high - found["roc_auc"].low < 0.7 * np.hypot(*widths)
    assert paired_bootstrap(a, b, area, 200, 3) == found["roc_auc"]


def test_a_run_does_not_differ_from_itself():
    run = scored(200)
    found = paired_bootstrap(run, run, metric("brier"), 50)
    assert (found.value, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)


def test_a_threshold_may_be_one_a_fold():
    run = scored(200)
    each = paired_bootstrap(run, run, metric("f1"), 50, thresholds=(np.full(5, 0.2), 0.4))
    assert each == paired_bootstrap(run, run, metric("f1"), 50, thresholds=(0.2, 0.4))


def test_the_p_of_a_difference_is_twice_the_smaller_tail():
    apart = np.concatenate([np.full(5, -1.0), np.arange(1, 95), [np.nan]])
    assert difference(40.0, apart).p == pytest.approx(2 * 6 / 100)
    assert np.isnan(difference(np.nan, apart).p)


def test_other_rows_are_refused():
    with pytest.raises(InputError, match="same rows"):
        paired_bootstrap(scored(100), scored(90), metric("brier"))


def test_without_a_folder_for_the_cache_it_is_compiled_all_the_same(monkeypatch):
    from numba.core import caching

    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])
    compiled.cache_clear()
    starts, twice = np.array([7], dtype=np.uint64), np.empty(1, np.int64)
    compiled(pair_wins)(starts, starts, np.array([0]), np.array([2]), 1, twice)
    compiled.cache_clear()
    assert twice.tolist() == [0]
