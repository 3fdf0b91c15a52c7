"""What counts as a remedy, what is left without it, and the weights and the kinds of training that are refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.recipe import Model, Recipe, Sampler, Selection, Training, Weights
from mlops_lib.train.fitting import check_fit
from mlops_lib.train.models import MODELS
from mlops_lib.train.phases import fit_dynamic, fit_two_phases
from mlops_lib.train.remedies import plain_model, remedy_of, without_remedy
from mlops_lib.train.remedy_ladder import REMEDIES, SAMPLERS, RemedyLadder, for_table, remedies_tried
from mlops_lib.train.weights import class_weight_of, scaled_weights

BOOSTED = Model("lightgbm", (("n_estimators", 20),))


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        (Recipe(BOOSTED), ""),
        (Recipe(BOOSTED, calibration="sigmoid"), ""),
        (Recipe(Model("anomaly")), ""),
        (Recipe(BOOSTED, sampler=Sampler("smote")), "SMOTE"),
        (Recipe(BOOSTED, sampler=Sampler("smote", (("ratio", 0.5),))), "SMOTE to 0.5"),
        (Recipe(BOOSTED, class_weight="balanced"), "class weights, balanced"),
        (Recipe(BOOSTED, class_weight="cost", weight_number=5.0), "class weights, cost 5 to 1"),
        (Recipe(BOOSTED, sampler=Sampler("tomek"), training="two_phase"), "two phases, Tomek links"),
        (Recipe(BOOSTED, training="dynamic"), "dynamic under-sampling"),
        (Recipe(Model("focal_lightgbm")), "focal loss"),
        (Recipe(Model("balanced_random_forest")), "balanced random forest"),
    ],
)
def test_a_remedy_is_named_and_taken_off(recipe: Recipe, said: str) -> None:
    assert remedy_of(recipe) == said
    plain = without_remedy(replace(recipe, calibration="sigmoid", rung="any", selection=Selection()))
    assert not remedy_of(plain)
    assert (plain.calibration, plain.selection, plain.rung) == ("none", Selection(), "selection")
    assert without_remedy(plain) == plain


def test_the_plain_relative_keeps_the_settings_that_both_have() -> None:
    asked = Model("easy_ensemble", (("max_depth", 2), ("subsets", 3)))
    assert plain_model(asked) == Model("adaboost", (("max_depth", 2),))
    assert plain_model(Model("rusboost")) == Model("adaboost")
    for name, spec in MODELS.items():
        assert bool(spec.plain) == bool(spec.remedy)
        assert plain_model(Model(name)).name == (spec.plain or name)


@pytest.mark.parametrize("counts", [(90, 10), (50, 30, 20), (1, 99_999)])
def test_weights_are_those_of_their_sources(counts: tuple[int, ...]) -> None:
    y = np.repeat(np.arange(len(counts)), counts)
    n = np.array(counts, dtype=float)
    usual = compute_class_weight("balanced", classes=np.arange(len(counts)), y=y)
    np.testing.assert_allclose(list(scaled_weights("balanced", 0, counts).values()), usual, rtol=1e-12)
    found = np.array(list(scaled_weights("effective", 0.99, counts).values()))
    theirs = (1 - 0.99) / (1 - 0.99**n)
    np.testing.assert_allclose(found / found[0], theirs / theirs[0], rtol=1e-9)
    assert np.average(found, weights=n) == pytest.approx(1)
    np.testing.assert_allclose(list(scaled_weights("effective", 0.0, counts).values()), 1)
    near = list(scaled_weights("effective", 1 - 1e-12, counts).values())
    np.testing.assert_allclose(near, usual, rtol=1e-6)


def test_costs_set_the_ratio_of_the_two_classes() -> None:
    y = np.repeat([0, 1], [80, 20])
    found = class_weight_of(Recipe(BOOSTED, class_weight="cost", weight_number=7.0), y)
    assert isinstance(found, dict)
    assert found[1] / found[0] == pytest.approx(7)
    assert class_weight_of(Recipe(BOOSTED, class_weight="balanced"), y) == "balanced"


@pytest.mark.parametrize(
    ("kind", "size", "classes", "words"),
    [("effective", 1.0, 2, "below 1; got 1"), ("cost", 0.0, 2, "above 0"), ("cost", 2.0, 3, "there are 3")],
)
def test_weights_that_cannot_be_are_refused(kind: Weights, size: float, classes: int, words: str) -> None:
    with pytest.raises(InputError, match=words):
        check_fit(Recipe(BOOSTED, class_weight=kind, weight_number=size), classes)


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        (Recipe(Model("logistic_regression"), training="dynamic"), "would forget the first phase"),
        (Recipe(Model("hist_gradient_boosting"), training="dynamic"), "misread its earlier trees"),
        (Recipe(Model("random_forest"), training="dynamic"), "do not build on each other"),
        (Recipe(Model("easy_ensemble"), training="dynamic"), "in one piece"),
        (Recipe(BOOSTED, training="two_phase"), "has no sampler"),
        (Recipe(BOOSTED, training="dynamic", class_weight="balanced"), "draws even classes itself"),
        (Recipe(Model("rusboost"), class_weight="balanced"), "cannot weigh classes"),
    ],
)
def test_training_that_cannot_be_is_refused_before_it_begins(recipe: Recipe, words: str) -> None:
    with pytest.raises(InputError, match=words):
        check_fit(recipe)


def test_losses_for_two_classes_are_refused_for_three() -> None:
    with pytest.raises(InputError, match="two classes; there are 3"):
        check_fit(Recipe(Model("focal_lightgbm")), 3)


def _rows(rows: int = 400) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(rows, 4))
    return x, (x[:, 0] + rng.normal(size=rows) > 1.4).astype(np.int8)


def test_two_phases_grow_half_of_the_trees_on_each_set_of_rows() -> None:
    x, y = _rows()
    even = np.concatenate([np.flatnonzero(y == 1), np.flatnonzero(y == 0)[: int(y.sum())]])
    recipe = Recipe(BOOSTED, sampler=Sampler("random_under"), training="two_phase")
    found = fit_two_phases(recipe, (x[even], y[even]), lambda: (x, y), 0)
    assert found.booster_.num_trees() == 20
    raw = found.predict(x, raw_score=True)
    first = found.booster_.predict(x, raw_score=True, num_iteration=10)
    assert np.abs(raw - first).max() > 0.1
    probability = found.predict_proba(x)[:, 1]
    np.testing.assert_allclose(probability, 1 / (1 + np.exp(-raw)), rtol=1e-12)
    # The second half pulls the mean probability back to the true share.
    assert abs(probability.mean() - y.mean()) < abs((1 / (1 + np.exp(-first))).mean() - y.mean())


def test_dynamic_training_draws_even_classes_anew() -> None:
    x, y = _rows()
    found = fit_dynamic(BOOSTED, x, y, 0)
    settings = found.get_params()
    assert settings["pos_bagging_fraction"] == 1.0
    assert settings["neg_bagging_fraction"] == pytest.approx(y.sum() / (len(y) - y.sum()))
    assert settings["bagging_freq"] == 10
    assert found.predict_proba(x)[:, 1].mean() > y.mean() + 0.1
    np.testing.assert_array_equal(found.predict_proba(x), fit_dynamic(BOOSTED, x, y, 0).predict_proba(x))


def test_every_remedied_recipe_has_its_partner_in_the_ladder() -> None:
    tried = RemedyLadder(samplers=for_table(SAMPLERS, 3, 5), remedies=remedies_tried(0.01), rule="pay < 2")
    recipes = tried.recipes()
    prints = [recipe.fingerprint for recipe in recipes]
    assert len(set(prints)) == len(prints)
    assert len({recipe.name for recipe in recipes}) == len(recipes)
    remedied = [recipe for recipe in recipes if remedy_of(recipe)]
    assert {recipe.calibration for recipe in remedied} == {"sigmoid"}
    assert all(without_remedy(recipe).fingerprint in prints for recipe in remedied)
    assert {"smotenc", "random_under"} <= {r.sampler.name for r in recipes if r.sampler}
    assert {r.model.name for r in recipes} >= {
        "rule",
        "anomaly",
        "dummy",
        "focal_lightgbm",
        "easy_ensemble",
        "adaboost",
    }
    for recipe in remedied:
        check_fit(recipe)


def test_an_anomaly_score_is_for_very_rare_events() -> None:
    assert "anomaly" in remedies_tried(0.02)
    assert set(REMEDIES) - set(remedies_tried(0.16)) == {"anomaly"}


@pytest.mark.parametrize(
    "wrong", [{"models": ("oracle",)}, {"remedies": ("prayer",)}, {"samplers": (Sampler("luck"),)}]
)
def test_what_does_not_exist_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match="There is no"):
        RemedyLadder(**wrong).recipes()  # type: ignore[arg-type]


def test_kinds_of_training_are_all_known() -> None:
    kinds: tuple[Training, ...] = ("once", "two_phase", "dynamic")
    prints = {replace(Recipe(BOOSTED), training=kind).fingerprint for kind in kinds}
    assert len(prints) == len(kinds)
