"""Every kind of remedy over the real path: trained on folds, stored, read back and asked for scores."""

from __future__ import annotations

import numpy as np
import pytest

from mlops_lib.objects.recipe import Model, Recipe, Sampler
from mlops_lib.objects.run import Run
from mlops_lib.train.rule_model import rule_recipe
from mlops_lib.train.runs import load_fitted, out_of_fold
from mlops_lib.train.scores import score
from mlops_lib.train.training import train
from mlops_lib.workspace.folder import Workspace
from tests.train.small import Small, keep_frame, small_frame

RULE = "site == 'south' and pay < 3000 or not (pay >= 2500)"
SMALL = {
    "focal_lightgbm": (("n_estimators", 20),),
    "cost_lightgbm": (("n_estimators", 20),),
    "balanced_random_forest": (("n_estimators", 10),),
    "balanced_bagging": (("n_estimators", 5),),
    "easy_ensemble": (("n_estimators", 5), ("subsets", 2)),
    "rusboost": (("n_estimators", 5),),
    "bagged_trees": (("n_estimators", 5),),
    "adaboost": (("n_estimators", 5),),
    "anomaly": (("n_estimators", 20),),
}
BOOSTED = Model("lightgbm", (("n_estimators", 20),))
RECIPES = {
    **{name: Recipe(Model(name, settings), calibration="sigmoid") for name, settings in SMALL.items()},
    "rule": rule_recipe(RULE),
    "effective": Recipe(BOOSTED, class_weight="effective"),
    "cost": Recipe(BOOSTED, class_weight="cost", weight_number=5.0),
    "two_phase": Recipe(BOOSTED, sampler=Sampler("random_under"), training="two_phase", calibration="sigmoid"),
    "dynamic": Recipe(BOOSTED, training="dynamic", calibration="sigmoid"),
}


@pytest.fixture(scope="module")
def runs(small3: Small) -> dict[str, Run]:
    experiment = small3.experiment(*RECIPES.values())
    found = {run.recipe.fingerprint: run for run in train(small3.workspace, experiment)}
    return {name: found[recipe.fingerprint] for name, recipe in RECIPES.items()}


@pytest.fixture(scope="module")
def small3(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return keep_frame(Workspace(tmp_path_factory.mktemp("workspace")), small_frame(240), folds=3)


@pytest.mark.parametrize("name", RECIPES)
def test_it_is_trained_stored_and_scores_raw_rows(runs: dict[str, Run], small3: Small, name: str) -> None:
    run = runs[name]
    assert run.failure is None
    fitted = load_fitted(small3.workspace, run)
    frame = small3.dataset.frame(small3.schema.features())
    raw, calibrated = score(fitted, frame)
    for values in (raw, calibrated, out_of_fold(small3.workspace, run).score):
        assert np.isfinite(values).all()
        assert ((values >= 0) & (values <= 1)).all()
    assert np.ptp(raw) > 0
    np.testing.assert_allclose(score(fitted, frame.iloc[[7]])[0], raw[[7]], rtol=1e-12)


def test_what_is_stored_names_no_class_of_imbalanced_learn(runs: dict[str, Run], small3: Small) -> None:
    for run in runs.values():
        model = load_fitted(small3.workspace, run).pipeline.named_steps["model"]
        assert not type(model).__module__.startswith("imblearn")
