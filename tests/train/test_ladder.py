"""The ladder and the names in it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.recipe import Model, Recipe, Sampler
from mlops_lib.train.changes import changed_sentence, what_changed
from mlops_lib.train.experiment_opening import new_experiment
from mlops_lib.train.ladder import RUNGS, Ladder, ladder, recipe_title, reference, rung_name
from mlops_lib.train.models import MODELS, make_model, make_regressor, settings_of
from tests.train.small import Small


def test_the_ladder_has_twenty_one_recipes_that_differ() -> None:
    recipes = ladder()
    assert len(recipes) == len({r.fingerprint for r in recipes}) == len({r.name for r in recipes}) == 21
    assert [rung_name(r) for r in recipes] == ["nothing"] + [r for r in RUNGS if r != "nothing" for _ in range(5)]


def test_sampled_and_weighted_rungs_are_calibrated() -> None:
    kinds = {rung_name(r): r.calibration for r in ladder()}
    assert kinds == {
        "nothing": "none",
        "base": "none",
        "selection": "none",
        "sampling": "sigmoid",
        "weights": "sigmoid",
    }


def test_the_rung_says_which_sampler() -> None:
    (recipe,) = ladder(models=("lightgbm",), rungs=("sampling",), sampler=Sampler("smotenc"))
    assert recipe_title(recipe) == "LightGBM · selection + SMOTENC"


def test_the_label_of_a_rung_determines_nothing() -> None:
    assert Recipe(Model("lightgbm"), rung="a").fingerprint == Recipe(Model("lightgbm"), rung="b").fingerprint


def test_the_reference_is_the_plain_logistic_regression() -> None:
    assert reference(ladder()).name == "logistic_regression · base"
    assert reference(ladder(models=("lightgbm",))).model.name == "lightgbm"
    with pytest.raises(InputError, match="no recipe"):
        reference(())


@pytest.mark.parametrize("wrong", [{"rungs": ("attic",)}, {"models": ("oracle",)}, {"sampler": Sampler("magic")}])
def test_unknown_names_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match="There is no"):
        ladder(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", MODELS)
def test_every_model_is_made_with_one_thread_and_its_settings(name: str) -> None:
    own = (("rule", "pay < 2"),) if name == "rule" else ()
    makers = [lambda: make_model(Model(name, own), None, 7)] if MODELS[name].build else []
    makers += [lambda: make_regressor(Model(name), 7)] if MODELS[name].regress and name != "dummy" else []
    assert makers
    for make in makers:
        _check_settings(name, make().get_params())


def _check_settings(name: str, parameters: Mapping[str, object]) -> None:
    assert parameters.get("n_jobs") in (None, 1)
    for setting, value in settings_of(Model(name)):
        found = [value for name, value in parameters.items() if name.rpartition("__")[2] == setting]
        assert found == [value] or name == "rule"


def test_unknown_settings_are_refused() -> None:
    with pytest.raises(InputError, match="no setting 'trees'"):
        settings_of(Model("random_forest", (("trees", 5),)))
    with pytest.raises(InputError, match="cannot weigh classes"):
        make_model(Model("dummy"), "balanced", 0)


def test_changes_since_training_are_named(small: Small) -> None:
    before = new_experiment(small.plan, Ladder().recipes())
    assert what_changed(before, before) == ()
    after = new_experiment(small.plan, Ladder(sampler=Sampler("smote"), models=("lightgbm",)).recipes(), seed=1)
    assert what_changed(before, after) == ("the seed", "the sampler", "the models")
    assert changed_sentence(("the sampler",)) == "The sampler has changed since these runs were trained."
