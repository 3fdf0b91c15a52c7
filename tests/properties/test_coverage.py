"""What the Compare page promises of 95 % intervals and of "better", on 500 tables whose truth is known.

`python -m benchmarks.coverage` measures more of it, for docs/statistics.md.
"""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, log_loss, roc_auc_score

from benchmarks.coverage import runs_of, said_of, shares
from benchmarks.populations import Binormal, predicted
from benchmarks.trained import FOLDS, RIDGE, Recipe, logistic, trained
from mlops_lib.evaluate.bootstrap import paired_differences, replicates
from mlops_lib.evaluate.comparison import Judgement, conclude
from mlops_lib.evaluate.delong import auc_spread, delong
from mlops_lib.evaluate.intervals import FOLDS as METHOD
from mlops_lib.evaluate.intervals import bootstrap_intervals, fold_interval
from mlops_lib.evaluate.metrics import METRICS, metric
from mlops_lib.evaluate.planned import (
    BETTER,
    LEVEL,
    WORSE,
    Paired,
    bootstrap_tests,
    corrected_tests,
    planned_comparisons,
)
from mlops_lib.evaluate.sweep import sweep, sweep_of
from mlops_lib.stats.multiple import holm

TABLES, QUICK = 500, 3_000
HELD, ROWS = Binormal(1.5, 0.3, 0.3), 500
SIGNAL, NOTHING = Recipe(300, 0.3, 1.2, 3, 3), Recipe(300, 0.3, 0.0, 0, 5)
JUDGED = ("roc_auc", "average_precision", "brier")


def promised(covered):
    """Whether what holds in 95 % of all tables held in about as many of these."""
    return 0.93 <= covered <= 0.97


def test_the_truth_is_what_scikit_learn_finds_on_a_million_rows():
    population = Binormal(1.5, 0.2, 0.3, stretch=1.6)
    one = population.drawn(1_000_000, np.random.default_rng(0))[0]
    alarms = one.score >= 0.3
    found = {
        "roc_auc": roc_auc_score(one.truth, one.score),
        "average_precision": average_precision_score(one.truth, one.score),
        "brier": brier_score_loss(one.truth, one.score),
        "log_loss": log_loss(one.truth, one.score),
        "f1": f1_score(one.truth, alarms),
        "recall": alarms[one.truth == 1].mean(),
        "precision_at_k:0.1": one.truth[np.argsort(one.score)[-100_000:]].mean(),
    }
    assert {name: population.truth[name] for name in found} == pytest.approx(found, abs=3e-3)


def test_the_trained_models_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    columns, truth = rng.normal(size=(3, 200, 4)), (rng.random(200) < 0.4).astype(np.float64)
    columns[..., 0] = 1.0
    for found, table in zip(logistic(columns, truth), columns, strict=True):
        fitted = LogisticRegression(C=1 / RIDGE, tol=1e-12).fit(table[:, 1:], truth)
        assert found == pytest.approx([*fitted.intercept_, *fitted.coef_[0]], abs=1e-4)


def test_bootstrap_intervals_hold_the_truth():
    held = dict.fromkeys((m.name for m in METRICS), 0)
    for table in range(TABLES):
        one = HELD.drawn(ROWS, np.random.default_rng(table))[0]
        found = bootstrap_intervals(sweep_of(one), METRICS, HELD.threshold, times=200, seed=table)
        for name, interval in found.items():
            held[name] += interval.low <= HELD.truth[name] <= interval.high
            assert interval.approximate == (name == "ece")
    held.pop("ece")
    assert {name: count / TABLES for name, count in held.items() if not promised(count / TABLES)} == {}


@pytest.mark.parametrize(("rate", "rows"), [(0.3, 300), (0.1, 600)])
def test_delong_holds_the_truth_and_claims_no_difference_that_is_not_there(rate, rows):
    population, held, better, claimed = Binormal(1.5, rate), 0, 0, 0
    for table in range(QUICK):
        first, second = population.drawn(rows, np.random.default_rng(table), 2)
        _, low, high = auc_spread(first.truth, first.score)
        held += low <= population.truth["roc_auc"] <= high
        test = delong(first.truth, first.score, second.score)
        claimed += test.p < 0.05
        better += test.p < 0.05 and test.difference > 0
    assert promised(held / QUICK)
    assert better <= 0.05 * QUICK
    assert claimed <= 0.05 * QUICK


def test_paired_differences_hold_0_where_models_do_not_differ():
    metrics = [metric(name) for name in ("average_precision", "brier", "f1")]
    claimed, better = ({m.name: 0 for m in metrics} for _ in range(2))
    for table in range(TABLES):
        first, second = HELD.drawn(300, np.random.default_rng(table), 2)
        for name, apart in paired_differences(first, second, metrics, 200, table, (0.3, 0.3)).items():
            claimed[name] += not apart.low <= 0 <= apart.high
            better[name] += apart.p < 0.05 and apart.value > 0
    assert all(promised(1 - count / TABLES) for count in claimed.values()), claimed
    assert max(better.values()) <= 0.05 * TABLES


@pytest.fixture(scope="module")
def seen():
    """Recipes trained on 500 tables each: four that differ in columns that mean nothing, and two that know nothing.

    Each with its values by fold.
    """
    found = {"signal": trained(SIGNAL, TABLES, 4), "nothing": trained(NOTHING, TABLES, 2, seed=1)}
    return {kind: (one, by_fold(one)) for kind, one in found.items()}


def by_fold(found):
    """The metrics JUDGED, (recipes, tables, folds, metrics)."""
    truth, fold = found.recipe.truth, found.recipe.fold
    parts = [(fold == k, truth[fold == k]) for k in range(FOLDS)]
    return np.array([
        [[[metric(name).of(swept) for name in JUDGED] for swept in (sweep(t, score[mine]) for mine, t in parts)]
         for score in tables]
        for tables in found.score
    ])  # fmt: skip


def judgement(values):
    """Values (recipes, folds, metrics) of one table in the form that the verdict is made from."""
    runs, ratio = runs_of(len(values)), 1 / (FOLDS - 1)
    rows, folds = [], []
    for (name, run), own in zip(runs.items(), values, strict=True):
        row = {"run": name, "recipe": run.recipe.model.name}
        for place, one in enumerate(JUDGED):
            found = fold_interval(own[:, place], ratio, (0.0, 1.0))
            row |= {one: found.value, f"{one}_low": found.low, f"{one}_high": found.high, f"{one}_method": METHOD}
        rows.append(row)
        folds.append(pd.DataFrame({"run": name, "fold": np.arange(FOLDS), **dict(zip(JUDGED, own.T, strict=True))}))
    return Judgement(
        tuple(runs.values()), pd.DataFrame(rows), pd.concat(folds), pd.DataFrame(), ratio, "0.5", SIGNAL.rows,
        int(SIGNAL.truth.sum()), ("No", "Yes"), {"roc_auc": 0.5, "average_precision": 0.3, "brier": 0.21},
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["signal", "nothing"])
def test_folds_hold_what_a_model_can_be_expected_to_reach_and_the_verdict_claims_nothing_more(seen, kind):
    found, values = seen[kind]
    covered = {
        name: np.mean([i.low <= found.expected[name] <= i.high for i in intervals_of(values[0, :, :, place])])
        for place, name in enumerate(JUDGED)
    }
    assert min(covered.values()) > (0.93 if kind == "signal" else 0.9), "approximate: docs/statistics.md"
    name = "average_precision" if kind == "signal" else "roc_auc"
    said = [said_of(conclude(judgement(values[:2, t]), "logistic_regression", name)) for t in range(TABLES)]
    assert np.mean([one["better"] for one in said]) <= 0.05
    assert np.mean([one["claimed"] for one in said]) <= (0.05 if kind == "signal" else 0.08)


def intervals_of(values):
    found = [fold_interval(one, 1 / (FOLDS - 1), (0.0, 1.0)) for one in values]
    assert all(one.approximate for one in found)
    return found


def test_of_several_recipes_none_is_called_better_where_none_is(seen):
    _, values = seen["signal"]
    runs, area = runs_of(len(values)), metric("roc_auc")
    said = [
        planned_comparisons(
            runs, Paired(dict(zip(runs, values[:, t, :, 0], strict=True))), next(iter(runs)), area, 0.01
        )
        for t in range(TABLES)
    ]
    assert np.mean([(one["outcome"] == BETTER).any() for one in said]) <= 0.05
    assert np.mean([one["outcome"].isin([BETTER, WORSE]).any() for one in said]) <= 0.05


def test_of_several_remedies_none_is_called_better_in_any_of_three_metrics_where_none_is(seen):
    _, values = seen["signal"]
    gains = np.array([1.0, 1.0, -1.0]) * (values[1:] - values[:1])
    gain, _, _, _, p = corrected_tests(np.moveaxis(gains, 2, -1), 1 / (FOLDS - 1))
    better = [
        any((holm(p[:, t, m]) < LEVEL)[gain[:, t, m] > 0].any() for m in range(len(JUDGED))) for t in range(TABLES)
    ]
    assert 0 < np.mean(better) <= 0.05


def test_out_of_fold_rows_drawn_again_claim_too_much_unless_they_are_widened(seen):
    (found, _), area = seen["nothing"], metric("roc_auc")
    claimed = np.zeros(2)
    for table in range(TABLES):
        pair = [predicted(NOTHING.truth, s[table], str(place), NOTHING.fold) for place, s in enumerate(found.score)]
        whole = np.array([area.of(sweep_of(one)) for one in pair])
        drawn = np.array([replicates(one, [area], 200, table)["roc_auc"] for one in pair])
        claimed += [bootstrap_tests(whole, drawn, overlap)[4][0, 1] < 0.05 for overlap in (1.25, 0.0)]
    assert claimed[0] <= 0.05 * TABLES
    assert claimed[1] > 0.08 * TABLES


@pytest.mark.parametrize("n", [40, 100, 1_000])
def test_wilson_holds_a_share(n):
    assert all(promised(np.round(shares(n, share), 3)) for share in (0.1, 0.3, 0.5))
