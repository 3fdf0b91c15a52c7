"""Every kind of remedy over the real path: trained on folds, stored, read back and asked for scores."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mlops_lib.explain.shap_values import explain
from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.recipe import Model, Recipe, Sampler
from mlops_lib.objects.run import Run
from mlops_lib.registry.packing import _copy_code
from mlops_lib.train.rule_model import rule_recipe
from mlops_lib.train.runs import load_fitted, out_of_fold, run_folder
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
    return keep_frame(Workspace(tmp_path_factory.mktemp("workspace")), small_frame(240), folds=2)


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


SCORE = """
import sys
from pathlib import Path
import pandas as pd
from mlops_lib.train.scores import load_model, score
frame = pd.read_parquet(sys.argv[1])
for folder in sys.argv[2:]:
    print(repr(float(score(load_model(Path(folder)), frame)[1][3])))
assert not {"imblearn", "shap", "mlflow", "streamlit"} & set(sys.modules), sorted(sys.modules)
"""


def test_every_kind_is_scored_with_nothing_but_what_travels(
    runs: dict[str, Run], small3: Small, tmp_path: Path
) -> None:
    code, frame = _copy_code(tmp_path), small3.dataset.frame(small3.schema.features())
    frame.to_parquet(tmp_path / "rows.parquet")
    folders = [str(run_folder(small3.workspace, run.fingerprint)) for run in runs.values()]
    command = [sys.executable, "-c", SCORE, str(tmp_path / "rows.parquet"), *folders]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(code.parent)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    expected = [score(load_fitted(small3.workspace, run), frame)[1][3] for run in runs.values()]
    np.testing.assert_allclose([float(line) for line in done.stdout.split()], expected, rtol=1e-12)


@pytest.mark.parametrize("name", ["focal_lightgbm", "cost_lightgbm", "two_phase", "dynamic", "balanced_bagging"])
def test_the_parts_of_an_explanation_add_up_to_the_score(runs: dict[str, Run], small3: Small, name: str) -> None:
    found = explain(small3.workspace, runs[name], rows=20)
    np.testing.assert_allclose(found.values.sum(axis=1) + found.expected, found.score, rtol=0, atol=1e-6)
    on_scale = found.raw if found.scale == "probability" else np.log(found.raw / (1 - found.raw))
    np.testing.assert_allclose(found.score, on_scale, rtol=1e-9)


@pytest.mark.parametrize(
    ("name", "why"),
    [("adaboost", "lets trees vote"), ("easy_ensemble", "averages several"), ("anomaly", "no sum over trees"),
     ("rule", "its own explanation")],
)  # fmt: skip
def test_what_cannot_be_explained_says_why(runs: dict[str, Run], small3: Small, name: str, why: str) -> None:
    with pytest.raises(NotPossibleError, match=why):
        explain(small3.workspace, runs[name], rows=20)


def test_a_recipe_that_cannot_be_trained_is_a_failed_run_with_its_reason(small3: Small) -> None:
    wrong = (rule_recipe("wage < 3"), Recipe(Model("random_forest"), training="dynamic"))
    failed = list(train(small3.workspace, small3.experiment(*wrong)))
    assert [run.state for run in failed] == ["failed", "failed"]
    said = " ".join(run.failure.message for run in failed if run.failure)
    assert "There is no column 'wage'" in said
    assert "cannot be trained on rows that change" in said
