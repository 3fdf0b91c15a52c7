"""Repeats, time and row weights from training to the comparison. A weight of 2 is a row that occurs twice."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_lib.data.splits import plan_split
from mlops_lib.evaluate.comparison import judge
from mlops_lib.evaluate.hold_out import judge_hold_out
from mlops_lib.evaluate.sweep import sweep_of
from mlops_lib.objects.decision import AtLeast, Best, Capacity, Cost
from mlops_lib.objects.predictions import Predictions
from mlops_lib.objects.recipe import Model, Recipe, Sampler, Selection
from mlops_lib.objects.schema import Role
from mlops_lib.threshold.choosing import choose, thresholds_by_fold
from mlops_lib.threshold.compared import entry_of, judge_stored, open_hold_out
from mlops_lib.threshold.leak_meter import leak_meter, leak_recipes
from mlops_lib.threshold.of_run import choice_of_run
from mlops_lib.threshold.outcome import hold_out_outcome, outcome, priced
from mlops_lib.threshold.policies import found_of
from mlops_lib.train.calibrate import cross_fit, fit_calibrator
from mlops_lib.train.experiment_file import read_experiment_file
from mlops_lib.train.experiment_opening import describe_experiment, make_experiment
from mlops_lib.train.experiment_writing import write_experiment_file
from mlops_lib.train.fitting import fit_model
from mlops_lib.train.holdout import predict_hold_out
from mlops_lib.train.row_weights import weighable
from mlops_lib.train.runs import out_of_fold, repeats_of
from mlops_lib.train.scores import positive_scores
from mlops_lib.train.training import train
from mlops_lib.workspace.folder import Workspace
from tests.evaluate.scored import scored
from tests.train.small import Small, keep_frame, small_frame

LOGISTIC = Recipe(Model("logistic_regression"), calibration="sigmoid")


def made(tmp_path: Path, role: dict[str, Role] | None = None, **asked: float) -> Small:
    """The small table with a column of weights, roles as given, and the split that is asked for."""
    weight = np.random.default_rng(5).integers(1, 4, 300) / 2
    small = keep_frame(Workspace(tmp_path), small_frame().assign(w=weight))
    roles = {"w": "ignored", **(role or {})}
    columns = tuple(dataclasses.replace(c, role=roles.get(c.name, c.role)) for c in small.schema.columns)  # type: ignore[arg-type]
    schema = dataclasses.replace(small.schema, columns=columns)
    plan = plan_split(small.dataset, schema, **{"folds": 3, **asked})  # type: ignore[arg-type]
    small.workspace.put(schema)
    small.workspace.put(plan)
    return dataclasses.replace(small, schema=schema, plan=plan)


def test_every_repeat_is_trained_stored_and_judged(tmp_path: Path) -> None:
    small = made(tmp_path, repeats=3)
    (run,) = train(small.workspace, small.experiment(LOGISTIC))
    repeats = repeats_of(small.workspace, run)
    assert len(repeats) == 3
    np.testing.assert_array_equal(repeats[0].score, out_of_fold(small.workspace, run).score)
    for number, predictions in enumerate(repeats):
        np.testing.assert_array_equal(predictions.row, small.plan.training_rows())
        for fold in range(3):
            mine = predictions.row[predictions.fold == fold]
            np.testing.assert_array_equal(mine, small.plan.validation_rows(3 * number + fold))
        expected = cross_fit("sigmoid", predictions.raw, predictions.truth, predictions.fold)
        np.testing.assert_allclose(predictions.score, expected, rtol=1e-12)
    assert run.calibrator == fit_calibrator("sigmoid", repeats[0].raw, repeats[0].truth)
    entry = entry_of(small.workspace, run, Best("f1"))
    own = [thresholds_by_fold(one, Best("f1")) for one in repeats]
    np.testing.assert_array_equal(entry.thresholds, np.concatenate(own))  # type: ignore[arg-type]
    judged = judge_stored(small.workspace, [run])
    assert judged.folds["fold"].tolist() == list(range(9))
    sizes = len(small.plan.validation_rows(0)) / len(small.plan.fold_training_rows(0))
    assert judged.ratio == pytest.approx(sizes, rel=0.05)
    means = [judge(dataclasses.replace(entry, predictions=p, thresholds=t, further=())).intervals["roc_auc"].value
             for p, t in zip(repeats, own, strict=True)]  # fmt: skip
    assert judged.table["roc_auc"].iloc[0] == pytest.approx(np.mean(means))


def test_an_experiment_file_brings_back_repeats_gap_and_the_held_out_value(tmp_path: Path) -> None:
    for name, role, asked in (("r", {}, {"repeats": 2}), ("g", {"day": "time"}, {"gap": 3.5}),
                              ("h", {"site": "split"}, {"held": "south"})):  # fmt: skip
        small = made(tmp_path / name, role, **asked)  # type: ignore[arg-type]
        experiment = small.experiment(LOGISTIC)
        text = write_experiment_file(describe_experiment(small.workspace, experiment))
        again = make_experiment(small.workspace, read_experiment_file(text), tmp_path)
        assert again.split == experiment.split == small.plan.fingerprint


def test_in_a_split_in_time_a_threshold_comes_from_earlier_folds(tmp_path: Path) -> None:
    predictions = scored(500)
    forward = thresholds_by_fold(predictions, Cost(5, 1), forward=True)
    for fold in range(1, 5):
        earlier = predictions.fold < fold
        part = dataclasses.replace(
            predictions, **{n: getattr(predictions, n)[earlier] for n in ("row", "truth", "raw", "score", "fold")}
        )
        assert forward[fold] == choose(part, Cost(5, 1), resamples=0).threshold
    assert forward[0] == thresholds_by_fold(predictions, Cost(5, 1))[0]
    small = made(tmp_path, {"day": "time"}, gap=5)
    (run,) = train(small.workspace, small.experiment(LOGISTIC))
    entry, own = entry_of(small.workspace, run, Cost(5, 1)), out_of_fold(small.workspace, run)
    np.testing.assert_array_equal(entry.thresholds, thresholds_by_fold(own, Cost(5, 1), forward=True))  # type: ignore[arg-type]
    unseen = choice_of_run(small.workspace, run, Cost(5, 1)).unseen
    assert unseen.tp == outcome(own, entry.thresholds).tp  # type: ignore[arg-type]


def test_weights_enter_fits_calibration_thresholds_and_the_hold_out(tmp_path: Path) -> None:
    small = made(tmp_path, {"w": "weight"})
    runs = list(train(small.workspace, small.experiment(LOGISTIC, Recipe(Model("lightgbm")))))
    assert [r.state for r in runs] == ["complete", "complete"]
    weight = small.dataset.frame(["w"])["w"].to_numpy()
    own, held = out_of_fold(small.workspace, runs[0]), predict_hold_out(small.workspace, runs[0])
    for predictions in (own, held, predict_hold_out(small.workspace, runs[0])):
        np.testing.assert_array_equal(predictions.weight, weight[predictions.row])  # type: ignore[arg-type]
    assert runs[0].calibrator == fit_calibrator("sigmoid", own.raw, own.truth, own.weight)
    plain = made(tmp_path / "plain")
    (other,) = train(plain.workspace, plain.experiment(LOGISTIC))
    assert not np.allclose(out_of_fold(plain.workspace, other).raw, own.raw)
    opened = open_hold_out(small.workspace, runs[0], None).counts.iloc[0]
    assert sum(opened[["tp", "fp", "fn", "tn"]]) == pytest.approx(weight[held.row].sum())


def test_a_sampler_is_refused_where_rows_are_weighed(tmp_path: Path) -> None:
    small = made(tmp_path, {"w": "weight"})
    sampled = Recipe(Model("logistic_regression"), sampler=Sampler("smoteenn"))
    (run,) = train(small.workspace, small.experiment(sampled))
    assert run.failure is not None
    assert "weighed by 'w', and SMOTEENN" in run.failure.message
    assert "class weights or move the threshold" in run.failure.hint
    kept, said = weighable((LOGISTIC, sampled), "w")
    assert kept == (LOGISTIC,)
    assert "1 recipe that draws or makes rows is left out" in said
    assert weighable((LOGISTIC, sampled), None) == ((LOGISTIC, sampled), "")


def repeated(predictions: Predictions, weight: np.ndarray) -> Predictions:
    """Each row as often as its weight says."""
    names = ("row", "truth", "raw", "score", "fold")
    return dataclasses.replace(predictions, **{n: np.repeat(getattr(predictions, n), weight) for n in names})


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_a_weight_of_two_is_a_row_that_occurs_twice(seed: int, ties: bool) -> None:
    plain = scored(120, seed=seed)
    if ties:
        plain = dataclasses.replace(plain, raw=plain.raw.round(1), score=plain.score.round(1))
    times = np.random.default_rng(seed).integers(1, 4, 120)
    weighed, copied = dataclasses.replace(plain, weight=times.astype(float)), repeated(plain, times)
    for policy in (Cost(5, 1), Best("f1"), Best("mcc"), Capacity(20, 100)):
        first, second = (choose(p, policy, resamples=0) for p in (weighed, copied))
        assert first.threshold == pytest.approx(second.threshold)
        np.testing.assert_allclose(thresholds_by_fold(weighed, policy), thresholds_by_fold(copied, policy))
    first, second = outcome(weighed, 0.3), outcome(copied, 0.3)
    assert (first.tp, first.fp, first.fn, first.tn) == (second.tp, second.fp, second.fn, second.tn)
    assert priced(first, Cost(3, 1)).cost_per_row == pytest.approx(priced(second, Cost(3, 1)).cost_per_row)
    for kind in ("sigmoid", "isotonic"):
        fits = [fit_calibrator(kind, p.raw, p.truth, p.weight).numbers for p in (weighed, copied)]
        np.testing.assert_allclose(*fits, rtol=1e-6, atol=1e-8)


def test_a_weight_of_two_is_a_row_that_occurs_twice_in_a_fit() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(200, 3))
    y = (x[:, 0] + rng.normal(size=200) > 0.8).astype(np.int64)
    times = rng.integers(1, 4, 200)
    weighed = fit_model(LOGISTIC, x, y, 0, times.astype(float))
    copied = fit_model(LOGISTIC, np.repeat(x, times, axis=0), np.repeat(y, times), 0)
    np.testing.assert_allclose(positive_scores(weighed, x), positive_scores(copied, x), rtol=1e-5)


def test_a_promise_stands_on_the_effective_number_of_rows() -> None:
    """With all weights alike the promise is that without weights, however large they are (Kish 1965)."""
    plain = scored(400)
    heavy = dataclasses.replace(plain, weight=np.full(400, 1_000.0))
    for policy in (AtLeast("recall", 0.8), AtLeast("precision", 0.6)):
        first, second = choose(plain, policy, resamples=200), choose(heavy, policy, resamples=200)
        assert (first.threshold, first.promised) == (second.threshold, second.promised)
        assert second.stability is not None
    uneven = dataclasses.replace(plain, weight=np.where(np.arange(400) % 2, 1.0, 9.0))
    _, rows = found_of(sweep_of(uneven).counts, "recall")
    weight = uneven.weight[plain.truth == 1]  # type: ignore[index]
    np.testing.assert_allclose(rows, weight.sum() ** 2 / (weight**2).sum())


@pytest.mark.parametrize(
    ("roles", "asked"), [({"w": "weight"}, {}), ({"day": "time"}, {"gap": 7.0}), ({"w": "weight", "day": "time"}, {})]
)
def test_a_leak_that_costs_nothing_changes_nothing(
    tmp_path: Path, roles: dict[str, Role], asked: dict[str, float]
) -> None:
    """A rule that keeps every column chooses the same before the split, so both orders give the same model, fitted on
    the same rows with the same weights: whatever the meter shows is the mistake and nothing else."""
    small = made(tmp_path, roles, **asked)
    keeps_all = Selection(max_p=1.0, min_effect=0.0)
    recipes = leak_recipes("select", Model("logistic_regression"), Sampler("none"), keeps_all)
    runs = {run.recipe: run for run in train(small.workspace, small.experiment(*recipes))}
    honest, wrong = (out_of_fold(small.workspace, runs[recipe]) for recipe in recipes)
    for fold in range(3):
        ours, theirs = honest.fold == fold, wrong.fold == fold
        np.testing.assert_allclose(wrong.raw[theirs], honest.raw[ours], rtol=1e-9)
        if small.schema.weight:
            assert honest.weight is not None
            assert wrong.weight is not None
            np.testing.assert_array_equal(wrong.weight[theirs], honest.weight[ours])
    meter = leak_meter(small.workspace, *(runs[recipe] for recipe in recipes))
    np.testing.assert_allclose(meter.table["gain"], 0, atol=1e-9)


def test_what_doing_nothing_costs_is_weighed_too(tmp_path: Path) -> None:
    small = made(tmp_path, {"w": "weight"})
    (run,) = train(small.workspace, small.experiment(LOGISTIC))
    judged = judge_stored(small.workspace, [run], Cost(5, 1))
    predictions = out_of_fold(small.workspace, run)
    rate = np.average(predictions.truth, weights=predictions.weight)
    assert judged.rate == pytest.approx(rate)
    assert judged.rate != pytest.approx(judged.positives / judged.n, abs=1e-3)
    (cost,) = judged.also
    assert judged.nothing[cost] == pytest.approx(min(5 * rate, 1 - rate))


def test_a_hold_out_stands_on_its_rows_however_large_their_weights() -> None:
    """Weights that are all alike, but large, make no interval of the hold-out narrower."""
    plain = dataclasses.replace(scored(200), split="hold-out")
    heavy = dataclasses.replace(plain, weight=np.full(200, 1_000.0))
    first, second = (hold_out_outcome(judge_hold_out(p, 0.3, None, None)) for p in (plain, heavy))
    assert second.many == 200
    assert second.tp == 1_000 * first.tp
    for name in ("recall", "precision"):
        assert second.values[name].low == pytest.approx(first.values[name].low)
