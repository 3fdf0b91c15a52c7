"""Which repair a recipe may have and gets, and prior correction after sampling and after class weights."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from mlops_lib.evaluate.differences import recipe_differences
from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.recipe import Calibration, Model, Recipe, Sampler
from mlops_lib.objects.run import Run
from mlops_lib.objects.schema import Classes
from mlops_lib.train.calibrate import cross_fit, fit_calibrator, prior_calibrator
from mlops_lib.train.experiment_file import read_experiment_file
from mlops_lib.train.ladder import RUNGS, Ladder
from mlops_lib.train.learning_curve import predictions_at, refit_shares
from mlops_lib.train.remedies import remedy_of
from mlops_lib.train.remedy_ladder import REMEDIES, RemedyLadder
from mlops_lib.train.repair import (
    calibration_label,
    calibrations_offered,
    calibrations_tried,
    check_calibration,
    is_approximate,
    is_repaired,
    usual_calibration,
)
from mlops_lib.train.runs import out_of_fold
from mlops_lib.train.scores import apply_calibrator, times_odds
from mlops_lib.train.training import train
from mlops_lib.train.weights import class_weight_of, weight_by_class
from mlops_lib.workspace.folder import Workspace
from tests.train.small import Small, keep_frame, small_frame

LOGISTIC = Model("logistic_regression")
BALANCED = Recipe(LOGISTIC, class_weight="balanced", calibration="prior")
EFFECTIVE = Recipe(LOGISTIC, class_weight="effective", weight_number=0.99, calibration="prior")
COST = Recipe(LOGISTIC, class_weight="cost", weight_number=7.0, calibration="prior")
RATIOS: dict[Recipe, Callable[[float, float], float]] = {
    BALANCED: lambda n0, n1: n0 / n1,
    EFFECTIVE: lambda n0, n1: (1 - 0.99**n0) / (1 - 0.99**n1),
    COST: lambda n0, n1: 7.0,
}
"""w1 / w0 by the counts of the classes: scikit-learn's "balanced"; Cui et al. (2019), equation 2; the cost itself."""


def only(small: Small, *recipes: Recipe) -> list[Run]:
    found = {run.recipe: run for run in train(small.workspace, small.experiment(*recipes))}
    assert [found[r].failure for r in recipes] == [None] * len(recipes)
    return [found[r] for r in recipes]


@pytest.fixture(scope="module")
def small2(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return keep_frame(Workspace(tmp_path_factory.mktemp("workspace")), small_frame(), folds=2)


def test_weights_shift_the_odds_by_their_ratio() -> None:
    """Where the model is true and not penalised, weighing a class moves its intercept alone (Elkan 2001, theorem 2)."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(60_000, 2))
    truth = rng.random(60_000) < expit(x @ [1.0, -0.5] - 3)
    plain = LogisticRegression(C=1e9).fit(x, truth)
    weighed = LogisticRegression(C=1e9, class_weight={0: 0.5, 1: 6.0}).fit(x, truth)
    n1 = int(truth.sum())
    n0 = len(truth) - n1
    back = apply_calibrator(prior_calibrator((n0, n1), (0.5 * n0, 6.0 * n1)), weighed.predict_proba(x)[:, 1])
    assert weighed.predict_proba(x)[:, 1].mean() > 3 * truth.mean()
    np.testing.assert_allclose(back, plain.predict_proba(x)[:, 1], atol=0.03)
    assert abs(back.mean() - truth.mean()) < 0.002


def test_every_fold_is_corrected_by_the_weights_of_its_own_training_rows(small2: Small) -> None:
    runs = only(small2, *RATIOS)
    answers = (small2.dataset.frame(["left"])["left"] == "yes").to_numpy()
    for run in runs:
        ratio, predictions = RATIOS[run.recipe], out_of_fold(small2.workspace, run)
        for k in range(2):
            mine, rows = predictions.fold == k, answers[small2.plan.fold_training_rows(k)]
            expected = times_odds(predictions.raw[mine], 1 / ratio((~rows).sum(), rows.sum()))
            np.testing.assert_allclose(predictions.score[mine], expected, rtol=1e-9)
        rows = answers[small2.plan.training_rows()]
        assert run.calibrator.numbers[0] == pytest.approx(1 / ratio((~rows).sum(), rows.sum()), rel=1e-9)
        rate = predictions.truth.mean()
        assert abs(predictions.score.mean() - rate) < 0.03 < abs(predictions.raw.mean() - rate)


def test_a_curve_over_shares_corrects_by_the_same_weights(small2: Small) -> None:
    (run,) = only(small2, COST)
    refits = refit_shares(small2.workspace, run)
    full = predictions_at(refits, len(refits.shares) - 1, run)
    stored = out_of_fold(small2.workspace, run)
    np.testing.assert_allclose(full.score[np.argsort(full.row)], stored.score, rtol=1e-12)


def test_with_weights_of_rows_each_class_weighs_the_same_in_all(tmp_path: Path) -> None:
    weight = np.random.default_rng(5).integers(1, 4, 300) / 2.0
    small = keep_frame(Workspace(tmp_path), small_frame().assign(w=weight), folds=2)
    columns = tuple(dataclasses.replace(c, role="weight" if c.name == "w" else c.role) for c in small.schema.columns)
    schema = dataclasses.replace(small.schema, columns=columns)
    plan = dataclasses.replace(small.plan, schema=schema.fingerprint)
    small.workspace.put(schema)
    small.workspace.put(plan)
    (run,) = only(dataclasses.replace(small, schema=schema, plan=plan), BALANCED)
    rows = plan.training_rows()
    yes = (small.dataset.frame(["left"])["left"] == "yes").to_numpy()[rows]
    assert run.calibrator.numbers[0] == pytest.approx(weight[rows][yes].sum() / weight[rows][~yes].sum(), rel=1e-9)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5)), min_size=3, max_size=40))
def test_a_weight_of_two_is_a_row_twice(rows: list[tuple[int, int]]) -> None:
    y, times = (np.array(part) for part in zip(*rows, strict=True))
    recipe = Recipe(LOGISTIC, class_weight="balanced")
    found = weight_by_class(recipe, y, times.astype(float))
    copied = weight_by_class(recipe, np.repeat(y, times))
    assert found == pytest.approx(copied, rel=1e-12)
    assert class_weight_of(recipe, y) == "balanced"
    assert class_weight_of(recipe, y, times.astype(float)) == found


def test_many_classes_are_each_multiplied_by_what_they_weighed_less(tmp_path: Path) -> None:
    small = keep_frame(Workspace(tmp_path), small_frame(), target="site", question=Classes(None), folds=2)
    recipe = Recipe(LOGISTIC, class_weight="balanced", calibration="prior")
    (run,) = only(small, recipe)
    predictions = out_of_fold(small.workspace, run)
    site = small.dataset.frame(["site"])["site"].to_numpy()[small.plan.training_rows()]
    counts = np.array([(site == name).sum() for name in predictions.names])
    np.testing.assert_allclose(run.calibrator.numbers, counts / counts.sum(), rtol=1e-9)
    np.testing.assert_allclose(predictions.score.sum(axis=1), 1, rtol=1e-12)


REFUSED = {
    "SMOTE": Recipe(LOGISTIC, sampler=Sampler("smote")),
    "Tomek links": Recipe(LOGISTIC, sampler=Sampler("tomek")),
    "two phases": Recipe(Model("lightgbm"), sampler=Sampler("random_under"), training="two_phase"),
    "dynamic under-sampling": Recipe(Model("lightgbm"), training="dynamic"),
    "focal loss": Recipe(Model("focal_lightgbm")),
    "cost-sensitive loss": Recipe(Model("cost_lightgbm")),
    "balanced random forest": Recipe(Model("balanced_random_forest")),
    "neither": Recipe(LOGISTIC),
}


@pytest.mark.parametrize("said", REFUSED)
def test_prior_correction_is_refused_for_all_else(said: str) -> None:
    with pytest.raises(NotPossibleError, match=f"this recipe uses {said}") as caught:
        check_calibration(dataclasses.replace(REFUSED[said], calibration="prior"), 5_000)
    assert "Use sigmoid" in caught.value.hint
    assert calibrations_offered(REFUSED[said], "binary", 5_000) == ("none", "sigmoid", "isotonic")


def test_only_what_holds_is_offered() -> None:
    drawn = Recipe(LOGISTIC, sampler=Sampler("random_under", (("ratio", 0.5),)))
    assert calibrations_offered(drawn, "binary", 999) == ("none", "sigmoid", "prior")
    assert calibrations_offered(BALANCED, "binary", 1_000) == ("none", "sigmoid", "isotonic", "prior")
    assert calibrations_offered(BALANCED, "classes", 5_000) == ("none", "sigmoid", "prior")
    assert calibrations_offered(Recipe(LOGISTIC), "number", 5_000) == ()
    assert calibrations_tried(999) == ("none", "sigmoid", "prior")
    assert "isotonic" in calibrations_tried(1_000)


def test_approximate_stands_where_weights_are_corrected() -> None:
    drawn = Recipe(LOGISTIC, sampler=Sampler("random_over"), calibration="prior")
    assert calibration_label(BALANCED) == "prior correction, approximate"
    assert calibration_label(drawn) == "prior correction"
    assert is_approximate(COST)
    assert not is_approximate(drawn)
    assert not is_approximate(dataclasses.replace(BALANCED, calibration="sigmoid"))
    shown = recipe_differences(BALANCED, drawn).set_index("field").loc["Calibration"]
    assert shown.tolist()[:2] == ["prior correction, approximate", "prior correction"]


def test_what_distorts_is_repaired_unless_somebody_says_otherwise() -> None:
    assert [usual_calibration(recipe) for recipe in REFUSED.values()] == ["sigmoid"] * 7 + ["none"]
    assert usual_calibration(Recipe(Model("anomaly"))) == "sigmoid"
    assert [usual_calibration(recipe) for recipe in RATIOS] == ["sigmoid"] * 3
    for recipe in (*Ladder().recipes(), *RemedyLadder(remedies=tuple(REMEDIES)).recipes()):
        assert recipe.calibration == usual_calibration(recipe), recipe.name
    assert not is_repaired(REFUSED["SMOTE"], "none")
    assert is_repaired(REFUSED["SMOTE"], "sigmoid")
    assert is_repaired(Recipe(LOGISTIC), "none")
    assert {name for name in RUNGS if usual_calibration(Ladder().example(name)) != "none"} == {"sampling", "weights"}


FILE = """
data: {file: t.csv}
question: {target: left, positive: yes}
recipes:
  - {model: lightgbm}
  - {model: lightgbm, sampler: smote}
  - {model: lightgbm, class_weight: effective}
  - {model: lightgbm, training: dynamic}
  - {model: easy_ensemble}
  - {model: lightgbm, sampler: smote, calibration: none}
  - {model: lightgbm, class_weight: balanced, calibration: prior}
"""


def test_recipes_of_a_file_are_repaired_unless_it_says_otherwise() -> None:
    kinds = [recipe.calibration for recipe in read_experiment_file(FILE).recipes]
    assert kinds == ["none", "sigmoid", "sigmoid", "sigmoid", "sigmoid", "none", "prior"]


def test_prior_correction_of_all_remedies_is_taken_where_it_can_be() -> None:
    recipes = RemedyLadder(remedies=tuple(REMEDIES), calibration="prior").recipes()
    for recipe in recipes:
        check_calibration(recipe, 10)
    found = {remedy_of(r): r.calibration for r in recipes if remedy_of(r)}
    corrected = {name for name, kind in found.items() if kind == "prior"}
    assert corrected == {
        "Random over-sampling", "Random under-sampling", "class weights, balanced", "class weights, effective number",
        "class weights, cost 10 to 1",
    }  # fmt: skip
    assert set(found.values()) == {"prior", "sigmoid"}


@pytest.mark.parametrize("kind", ["sigmoid", "isotonic"])
@given(seed=st.integers(0, 10_000), forward=st.booleans(), weighed=st.booleans())
def test_no_row_is_calibrated_by_itself(kind: Calibration, seed: int, forward: bool, weighed: bool) -> None:
    """Whatever the answers of a fold were, its calibrated scores are the same: those by the other folds."""
    rng = np.random.default_rng(seed)
    raw, fold = np.round(rng.random(80), 1), rng.permutation(np.arange(80) % 4)
    truth = (rng.random(80) < raw).astype(np.int8)
    weight = rng.uniform(0.5, 2, 80) if weighed else None
    held = int(rng.integers(0, 4))
    other = np.where(fold == held, rng.permutation(truth), truth)
    first, second = (cross_fit(kind, raw, y, fold, forward, weight)[fold == held] for y in (truth, other))
    np.testing.assert_array_equal(first, second)
    known = (fold < held) if forward and held else fold != held
    own = fit_calibrator(kind, raw[known], truth[known], None if weight is None else weight[known])
    np.testing.assert_array_equal(first, apply_calibrator(own, raw[fold == held]))
