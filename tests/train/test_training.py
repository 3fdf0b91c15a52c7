"""From an experiment to stored runs."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mlops_lib.data.splits import plan_split
from mlops_lib.objects.errors import InputError, NotFoundError
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.recipe import Model, Recipe, Sampler, Selection, Treatment
from mlops_lib.objects.run import Failure, Run
from mlops_lib.objects.schema import Above, Kind, Role
from mlops_lib.train.calibrate import fit_calibrator
from mlops_lib.train.engine import SerialEngine
from mlops_lib.train.holdout import predict_hold_out
from mlops_lib.train.ladder import ladder
from mlops_lib.train.progress import REFIT, FitTold, RunTold
from mlops_lib.train.runs import has_run, load_fitted, load_run, out_of_fold, run_fingerprint
from mlops_lib.train.scores import score
from mlops_lib.train.setting import open_setting
from mlops_lib.train.training import train, units
from mlops_lib.train.units import FitDone, FitEvent, FitFailed, FitStarted, Unit, run_unit
from mlops_lib.workspace.folder import Workspace
from tests.train.small import Small, keep_frame, small_frame

LOGISTIC = Recipe(Model("logistic_regression"))
FOREST = Recipe(Model("random_forest", (("n_estimators", 12),)))
DUMMY = Recipe(Model("dummy"))
SAMPLED = Recipe(
    Model("logistic_regression"), selection=Selection(), sampler=Sampler("smoteenn"), calibration="sigmoid"
)


def trained(small: Small, *recipes: Recipe, seed: int = 0) -> list[Run]:
    return list(train(small.workspace, small.experiment(*recipes, seed=seed)))


def fresh(tmp_path: Path, frame: pd.DataFrame | None = None) -> Small:
    return keep_frame(Workspace(tmp_path), small_frame() if frame is None else frame)


def test_every_recipe_of_the_ladder_becomes_a_run(small: Small) -> None:
    runs = trained(small, *ladder(models=("logistic_regression", "lightgbm")))
    assert [r.state for r in runs] == ["complete"] * 9
    plan = small.plan
    for run in runs:
        predictions = out_of_fold(small.workspace, run)
        np.testing.assert_array_equal(predictions.row, plan.training_rows())
        np.testing.assert_array_equal(predictions.fold, plan.assignment[predictions.row])
        assert ((predictions.score >= 0) & (predictions.score <= 1)).all()
        assert len(run.kept_by_fold) == 5
        assert run.fit_seconds > 0
        assert run.predict_seconds_per_1000 > 0


def test_a_fold_gives_what_scikit_learn_gives_by_hand(small: Small) -> None:
    (run,) = trained(small, LOGISTIC)
    predictions = out_of_fold(small.workspace, run)
    frame = small.dataset.frame()
    frame["days"] = (frame["day"] - pd.Timestamp("1970-01-01")).dt.days
    frame["hour"] = 0
    frame["month"], frame["weekday"] = frame["day"].dt.month, frame["day"].dt.day_of_week
    frame["site"] = frame["site"].astype(object).where(frame["site"].notna(), "(missing)")
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    one_hot = OneHotEncoder(min_frequency=0.01, handle_unknown="infrequent_if_exist", sparse_output=False)
    columns = (["pay", "noise", "days", "month", "weekday", "hour"], ["site"])
    by_hand = make_pipeline(
        make_column_transformer((numbers, columns[0]), (one_hot, columns[1])),
        LogisticRegression(max_iter=5000, tol=1e-8),
    )
    rows, judged = small.plan.fold_training_rows(2), small.plan.validation_rows(2)
    by_hand.fit(frame.iloc[rows], (frame["left"] == "yes").iloc[rows])
    expected = by_hand.predict_proba(frame.iloc[judged])[:, 1]
    np.testing.assert_allclose(predictions.raw[predictions.fold == 2], expected, atol=1e-5)


def test_adding_and_reordering_recipes_changes_no_number(tmp_path: Path) -> None:
    one, two = fresh(tmp_path / "a"), fresh(tmp_path / "b")
    (alone,) = trained(one, FOREST)
    among = {r.fingerprint: r for r in trained(two, SAMPLED, LOGISTIC, FOREST, DUMMY)}[alone.fingerprint]
    np.testing.assert_array_equal(out_of_fold(one.workspace, alone).raw, out_of_fold(two.workspace, among).raw)
    new = small_frame(200, seed=9)
    np.testing.assert_array_equal(
        score(load_fitted(one.workspace, alone), new)[0], score(load_fitted(two.workspace, among), new)[0]
    )


def test_the_seed_of_the_experiment_matters(small: Small) -> None:
    (first,), (second,) = trained(small, FOREST), trained(small, FOREST, seed=1)
    assert first.fingerprint != second.fingerprint
    assert (out_of_fold(small.workspace, first).raw != out_of_fold(small.workspace, second).raw).any()


def test_the_fingerprint_covers_what_determines_a_run(small: Small) -> None:
    experiment = small.experiment(LOGISTIC)
    base = run_fingerprint(experiment, LOGISTIC)
    assert base == run_fingerprint(small.experiment(LOGISTIC, FOREST), dataclasses.replace(LOGISTIC, rung="renamed"))
    stated = Recipe(Model("logistic_regression", (("C", 1.0),)))
    assert run_fingerprint(experiment, stated) != base
    assert run_fingerprint(experiment, dataclasses.replace(LOGISTIC, class_weight="balanced")) != base
    assert run_fingerprint(small.experiment(LOGISTIC, seed=1), LOGISTIC) != base


def test_a_stored_run_is_read_back(small: Small) -> None:
    trained(small, LOGISTIC)

    class NoEngine:
        def run(self, units: Sequence[Unit]) -> Iterator[FitEvent]:
            assert not units
            return iter(())

    events: list[object] = []
    (run,) = train(small.workspace, small.experiment(LOGISTIC), NoEngine(), events.append)
    assert run.state == "complete"
    assert events == [RunTold(run.fingerprint, LOGISTIC.name, "complete", known=True)]


def test_the_stored_pipeline_holds_no_sampler_and_only_kept_columns(small: Small) -> None:
    (run,) = trained(small, SAMPLED)
    model = load_fitted(small.workspace, run)
    assert [name for name, _ in model.pipeline.steps] == ["encode", "model"]
    named = {c for _, _, columns in model.pipeline["encode"].transformers_ if columns is not None for c in columns}
    assert set(run.kept) <= named
    assert "noise" not in run.kept
    assert model.features == small.schema.features()


def test_serving_uses_the_calibrator_of_all_out_of_fold_scores(small: Small) -> None:
    (run,) = trained(small, SAMPLED)
    predictions = out_of_fold(small.workspace, run)
    assert run.calibrator == fit_calibrator("sigmoid", predictions.raw, predictions.truth)


def test_calibration_repairs_what_sampling_distorts(small: Small) -> None:
    (run,) = trained(small, SAMPLED)
    predictions = out_of_fold(small.workspace, run)
    rate = predictions.truth.mean()
    assert abs(predictions.score.mean() - rate) < 0.02 < abs(predictions.raw.mean() - rate)


def test_prior_correction_follows_random_sampling(small: Small) -> None:
    recipe = Recipe(Model("logistic_regression"), sampler=Sampler("random_over"), calibration="prior")
    (run,) = trained(small, recipe)
    predictions = out_of_fold(small.workspace, run)
    assert run.calibrator.kind == "prior"
    assert abs(predictions.score.mean() - predictions.truth.mean()) < 0.04


def test_the_hold_out_is_predicted_by_the_refit(small: Small) -> None:
    (run,) = trained(small, LOGISTIC)
    first, again = predict_hold_out(small.workspace, run), predict_hold_out(small.workspace, run)
    np.testing.assert_array_equal(first.row, small.plan.hold_out_rows())
    np.testing.assert_array_equal(first.score, again.score)
    raw, _ = score(load_fitted(small.workspace, run), small.dataset.frame().iloc[first.row])
    np.testing.assert_array_equal(first.raw, raw)


def test_a_recipe_that_cannot_be_is_one_failed_run(small: Small) -> None:
    wrong = [
        Recipe(Model("random_forest", (("n_estimators", -1),))),
        Recipe(Model("lightgbm"), treatments=(Treatment("site", "clip"),)),
        Recipe(Model("lightgbm"), calibration="isotonic"),
        Recipe(Model("oracle")),
    ]
    runs = {r.recipe: r for r in trained(small, *wrong, LOGISTIC)}
    assert runs[LOGISTIC].state == "complete"
    reasons = {recipe: runs[recipe].failure for recipe in wrong}
    assert all(runs[recipe].state == "failed" for recipe in wrong)
    assert "n_estimators" in str(reasons[wrong[0]])
    assert "cannot be treated with 'clip'" in str(reasons[wrong[1]])
    assert "1,000 positive" in str(reasons[wrong[2]])
    assert "no model 'oracle'" in str(reasons[wrong[3]])
    assert load_run(small.workspace, runs[wrong[0]].fingerprint).failure == reasons[wrong[0]]
    with pytest.raises(NotFoundError, match="has no model"):
        out_of_fold(small.workspace, runs[wrong[0]])


class FailingEngine(SerialEngine):
    """Fails one fit of the forest, as a killed process would."""

    def run(self, units: Sequence[Unit]) -> Iterator[FitEvent]:
        for event in super().run(units):
            if isinstance(event, FitDone) and event.fold == 3 and event.kept and self.victim == event.run:
                yield FitFailed(event.run, event.fold, Failure("The process was killed."))
            else:
                yield event

    def __init__(self, victim: str) -> None:
        self.victim = victim


def test_a_failed_fit_fails_its_run_only_and_is_tried_again(tmp_path: Path) -> None:
    small = fresh(tmp_path)
    experiment = small.experiment(LOGISTIC, FOREST)
    victim = run_fingerprint(experiment, FOREST)
    runs = {r.recipe: r for r in train(small.workspace, experiment, FailingEngine(victim))}
    assert (runs[LOGISTIC].state, runs[FOREST].state) == ("complete", "failed")
    assert not has_run(small.workspace, victim)
    again = {r.recipe: r for r in train(small.workspace, experiment)}
    assert again[FOREST].state == "complete"
    assert load_run(small.workspace, victim).state == "complete"


def test_progress_counts_every_fit_and_estimates_the_rest(tmp_path: Path) -> None:
    small, events = fresh(tmp_path), []  # type: ignore[var-annotated]
    list(train(small.workspace, small.experiment(LOGISTIC, DUMMY), on_event=events.append))
    steps = [e for e in events if isinstance(e, Progress)]
    assert steps[-1].done == steps[-1].total == 12
    assert all(e.remaining_seconds is not None for e in steps if e.done)
    fits = {(e.run, e.fold) for e in events if isinstance(e, FitTold) and e.state == "done"}
    assert len(fits) == 12
    assert {fold for _, fold in fits} == {0, 1, 2, 3, 4, REFIT}


def test_stopping_early_keeps_what_was_finished_and_leaves_no_litter(tmp_path: Path) -> None:
    small = fresh(tmp_path)
    going = train(small.workspace, small.experiment(LOGISTIC, SAMPLED))
    first = next(going)
    going.close()  # type: ignore[attr-defined]
    assert load_run(small.workspace, first.fingerprint).state == "complete"
    assert [p.name for p in small.workspace.runs.iterdir()] == [first.fingerprint]


def test_models_with_one_prefix_share_a_unit(small: Small, tmp_path: Path) -> None:
    experiment = small.experiment(*ladder())
    made = units(open_setting(small.workspace, experiment), experiment.recipes, tmp_path)
    assert len(made) == 3 * 6
    assert sum(len(u.fits) for u in made) == 126


def test_a_unit_does_only_what_it_still_has(small: Small, tmp_path: Path) -> None:
    experiment = small.experiment(LOGISTIC, FOREST, DUMMY)
    unit = units(open_setting(small.workspace, experiment), experiment.recipes, tmp_path)[1]
    rest = unit.without({unit.fits[0].run})
    whole = {e.run: e for e in run_unit(unit) if isinstance(e, FitDone)}
    events = list(run_unit(rest))
    assert [type(e) for e in events] == [FitStarted, FitDone] * 2
    for event in events:
        if isinstance(event, FitDone):
            np.testing.assert_array_equal(event.raw, whole[event.run].raw)
    assert list(run_unit(unit.without({f.run for f in unit.fits}))) == []


def test_a_warning_of_a_model_becomes_a_note(tmp_path: Path) -> None:
    small = fresh(tmp_path)
    (run,) = trained(small, Recipe(Model("logistic_regression", (("max_iter", 1),))))
    assert any("ConvergenceWarning" in note and "fold 1 of 5" in note for note in run.notes)


def test_rows_without_an_answer_are_left_out(tmp_path: Path) -> None:
    frame = small_frame()
    frame.loc[frame.index[::10], "left"] = None
    small = fresh(tmp_path, frame)
    (run,) = trained(small, LOGISTIC)
    assert not np.isin(out_of_fold(small.workspace, run).row, np.arange(0, 300, 10)).any()


def test_a_number_turned_into_a_question_is_trained(tmp_path: Path) -> None:
    question = keep_frame(Workspace(tmp_path), small_frame().drop(columns="left"), "pay", Above(3200))
    assert trained(question, LOGISTIC)[0].state == "complete"


def test_a_split_of_another_schema_is_refused(small: Small, tmp_path: Path) -> None:
    other = keep_frame(small.workspace, small_frame(seed=3))
    mixed = dataclasses.replace(small.experiment(LOGISTIC), split=other.plan.fingerprint)
    with pytest.raises(InputError, match="another dataset or schema"):
        list(train(small.workspace, mixed))


def with_role(small: Small, column: str, role: Role, question_kind: Kind | None = None) -> Small:
    """The same table with another role for one column, and the split that follows from it."""
    columns = tuple(
        dataclasses.replace(c, role=role, kind=question_kind or c.kind) if c.name == column else c
        for c in small.schema.columns
    )
    schema = dataclasses.replace(small.schema, columns=columns)
    plan = plan_split(small.dataset, schema, 3)
    small.workspace.put(schema)
    small.workspace.put(plan)
    return dataclasses.replace(small, schema=schema, plan=plan)


def test_groups_stay_together_and_travel_with_the_predictions(tmp_path: Path) -> None:
    frame = small_frame().assign(team=[f"t{i % 40}" for i in range(300)])
    small = with_role(fresh(tmp_path, frame), "team", "group", "identifier")
    (run,) = trained(small, LOGISTIC)
    assert "team" not in run.kept
    out, held = out_of_fold(small.workspace, run), predict_hold_out(small.workspace, run)
    assert out.group is not None
    assert held.group is not None
    for team in np.unique(out.group):
        assert len(np.unique(out.fold[out.group == team])) == 1
    assert not set(out.group) & set(held.group)


def test_a_split_in_time_never_trains_on_the_future(tmp_path: Path) -> None:
    small = with_role(fresh(tmp_path), "day", "time")
    (run,) = trained(small, SAMPLED)
    assert run.state == "complete"
    day = small.dataset.frame(["day"])["day"].to_numpy()
    out = out_of_fold(small.workspace, run)
    for fold in np.unique(out.fold):
        assert day[small.plan.fold_training_rows(fold)].max() <= day[out.row[out.fold == fold]].min()
    assert np.isfinite(out.score).all()


def test_litter_of_killed_trainings_is_swept_after_two_days(tmp_path: Path) -> None:
    small = fresh(tmp_path)
    old, new = small.workspace.runs / ".training-old", small.workspace.runs / ".training-new"
    for folder in (old, new):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))
    trained(small, DUMMY)
    assert new.is_dir()
    assert not old.exists()
