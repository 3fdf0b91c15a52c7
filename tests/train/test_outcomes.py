"""Targets with many classes and numeric targets, from the recipe to stored predictions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import _SigmoidCalibration

from mlops_lib.objects.recipe import Model, Recipe, Sampler, Selection
from mlops_lib.objects.run import Calibrator, Run
from mlops_lib.objects.schema import Classes, Number
from mlops_lib.train.calibrate import fit_calibrator, prior_calibrator
from mlops_lib.train.holdout import predict_hold_out
from mlops_lib.train.ladder import Ladder
from mlops_lib.train.models import MODELS
from mlops_lib.train.outcomes import applied, models_for, rungs_for
from mlops_lib.train.runs import load_fitted, out_of_fold, run_folder
from mlops_lib.train.scores import apply_calibrator, score
from mlops_lib.train.training import train
from mlops_lib.workspace.folder import Workspace
from tests.train.small import Small, keep_frame, small_frame

RIDGE = Recipe(Model("ridge"))
NAMES = ("gold", "none", "silver")


def classes_frame(rows: int = 300) -> pd.DataFrame:
    """Three classes that go with `pay`; "gold" is rare."""
    frame = small_frame(rows).drop(columns="left")
    pay = frame["pay"].fillna(3000).to_numpy() + np.random.default_rng(1).normal(0, 150, rows)
    return frame.assign(level=np.select([pay > 3500, pay > 3100], ["gold", "silver"], "none"))


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return keep_frame(Workspace(tmp_path_factory.mktemp("classes")), classes_frame(), "level", Classes(None), folds=3)


@pytest.fixture(scope="module")
def number(tmp_path_factory: pytest.TempPathFactory) -> Small:
    frame = small_frame().drop(columns="left")
    frame["pay"] = frame["pay"] + 900 * (frame["site"] == "south") + 300 * frame["noise"]
    return keep_frame(Workspace(tmp_path_factory.mktemp("number")), frame, "pay", Number(), folds=3)


def trained(small: Small, *recipes: Recipe) -> list[Run]:
    return list(train(small.workspace, small.experiment(*recipes)))


def test_many_classes_are_trained_with_probabilities_that_add_up_to_one(classes: Small) -> None:
    recipes = applied(Ladder(models=("logistic_regression", "lightgbm")), "classes").ladder.recipes()
    plain = [r for r in recipes if r.sampler is None]
    for run in trained(classes, *plain):
        assert run.state == "complete", run.failure
        found = out_of_fold(classes.workspace, run)
        assert (found.kind, found.names) == ("classes", NAMES)
        assert found.raw.shape == found.score.shape == (found.n, 3)
        np.testing.assert_allclose(found.score.sum(axis=1), 1.0)
        assert len(run.calibrator.numbers) == (6 if run.recipe.class_weight else 0)
        right = float(np.mean(found.score.argmax(axis=1) == found.truth))
        assert right > (0.5 if run.recipe.model.name == "dummy" else 0.7)


def test_the_hold_out_of_classes_is_scored_as_the_fitted_model_scores(classes: Small) -> None:
    (run,) = trained(classes, Recipe(Model("logistic_regression"), class_weight="balanced", calibration="sigmoid"))
    found = predict_hold_out(classes.workspace, run)
    again = predict_hold_out(classes.workspace, run)
    rows = classes.dataset.frame(classes.schema.features()).iloc[found.row]
    raw, calibrated = score(load_fitted(classes.workspace, run), rows)
    for kept, made in ((found.raw, raw), (found.score, calibrated), (again.score, calibrated)):
        np.testing.assert_array_equal(kept, made)
    assert again.kind == "classes"


def test_numbers_are_trained_and_beat_their_mean(number: Small) -> None:
    recipes = applied(Ladder(), "number").ladder.recipes()
    assert {r.model.name for r in recipes} == {"dummy", *models_for("number")}
    errors = {}
    for run in trained(number, *(r for r in recipes if r.selection is None)):
        assert run.state == "complete", run.failure
        found = out_of_fold(number.workspace, run)
        assert (found.kind, found.names, found.truth.dtype) == ("number", (), np.float64)
        np.testing.assert_array_equal(found.raw, found.score)
        errors[run.recipe.model.name] = float(np.mean((found.score - found.truth) ** 2))
        held = predict_hold_out(number.workspace, run)
        assert held.kind == "number"
        assert np.isfinite(held.score).all()
    assert max(error for name, error in errors.items() if name != "dummy") < errors["dummy"]


def test_a_dummy_of_a_number_says_the_mean_of_its_training_rows(number: Small) -> None:
    (run,) = trained(number, Recipe(Model("dummy")))
    found, plan = out_of_fold(number.workspace, run), number.plan
    values = number.dataset.frame(["pay"])["pay"].to_numpy()
    for fold in range(plan.folds):
        expected = values[plan.fold_training_rows(fold)].mean()
        np.testing.assert_allclose(found.score[found.fold == fold], expected, rtol=1e-12)


def test_a_selection_rule_works_for_a_number(number: Small) -> None:
    (run,) = trained(number, Recipe(Model("ridge"), selection=Selection()))
    assert run.state == "complete"
    assert "site" in run.kept
    assert "day" not in run.kept


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        (Recipe(Model("ridge"), sampler=Sampler("smote")), "a sampler"),
        (Recipe(Model("ridge"), class_weight="balanced"), "class weights"),
        (Recipe(Model("ridge"), calibration="sigmoid"), "calibration"),
        (Recipe(Model("logistic_regression")), "cannot predict a number"),
    ],
)
def test_what_a_number_does_not_have_is_refused(number: Small, recipe: Recipe, said: str) -> None:
    (run,) = trained(number, recipe)
    assert run.failure is not None
    assert said in run.failure.message


def test_what_many_classes_do_not_have_is_refused(classes: Small) -> None:
    runs = trained(classes, Recipe(Model("logistic_regression"), calibration="isotonic"), RIDGE)
    assert [r.state for r in runs] == ["failed", "failed"]
    assert "isotonic calibration" in runs[0].failure.message  # type: ignore[union-attr]
    assert "Ridge regression cannot predict many classes" in runs[1].failure.message  # type: ignore[union-attr]


def test_a_ladder_for_two_answers_is_left_as_it_is() -> None:
    ladder = Ladder()
    assert applied(ladder, "binary").ladder is ladder
    assert applied(ladder, "binary").left_out == ""


def test_a_ladder_for_a_number_says_what_it_leaves_out_and_goes_back() -> None:
    found = applied(Ladder(), "number")
    assert found.ladder.rungs == rungs_for("number")
    assert not {"sampling", "weights"} & set(found.ladder.rungs)
    assert "logistic_regression" not in found.ladder.models
    assert "class weights" in found.left_out
    assert applied(found.ladder, "classes").ladder.models[0] == "logistic_regression"
    assert all(MODELS[name].regress is not None for name in found.ladder.models)


def test_sigmoid_of_classes_is_one_against_the_rest_divided_by_the_sum() -> None:
    rng = np.random.default_rng(0)
    raw, truth = rng.dirichlet((1, 2, 3), 400), rng.integers(0, 3, 400)
    ours = apply_calibrator(fit_calibrator("sigmoid", raw, truth), raw)
    logits = np.log(raw / (1 - raw))
    theirs = np.column_stack(
        [_SigmoidCalibration().fit(logits[:, k], (truth == k).astype(float)).predict(logits[:, k]) for k in range(3)]
    )
    np.testing.assert_allclose(ours, theirs / theirs.sum(axis=1, keepdims=True), atol=1e-4)


def test_prior_of_classes_gives_back_the_shares_before_sampling() -> None:
    """A model that only knows the shares of the sampled rows says those; corrected, it says those of the table."""
    before, after = np.array([10, 30, 60]), np.array([60, 60, 60])
    raw = np.tile(after / after.sum(), (2, 1))
    corrected = apply_calibrator(prior_calibrator(before.tolist(), after.tolist()), raw)
    np.testing.assert_allclose(corrected, np.tile(before / before.sum(), (2, 1)))
    assert apply_calibrator(Calibrator(), raw) is not raw


def test_facts_of_two_answers_are_written_as_before(small: Small, number: Small, tmp_path: Path) -> None:
    def facts(of: Small, recipe: Recipe) -> dict[str, object]:
        (run,) = trained(of, recipe)
        content: dict[str, object] = json.loads((run_folder(of.workspace, run.fingerprint) / "model.json").read_text())
        return content

    assert set(facts(small, Recipe(Model("dummy")))) == {"calibrator", "features", "names"}
    assert facts(number, RIDGE)["kind"] == "number"
