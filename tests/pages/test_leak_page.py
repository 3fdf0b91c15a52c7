"""The Resampling lab's leak meter: one button trains both orders, and the wrong one is refused on later pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mlops_lib.objects.decision import Best, Decision, Fixed
from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.recipe import Model, Sampler, Selection
from mlops_lib.threshold.choosing import choose
from mlops_lib.threshold.compared import stored_runs
from mlops_lib.threshold.leak_meter import leak_recipes
from mlops_lib.train.experiment_opening import new_experiment
from mlops_lib.train.runs import out_of_fold
from mlops_lib.workspace.folder import Workspace
from tests.pages.conftest import texts
from tests.train.small import Small, keep_frame, small_frame

Open = Callable[..., AppTest]


@pytest.fixture
def small(workspace: Workspace) -> Small:
    return keep_frame(workspace, small_frame())


def lab(open_app: Open, small: Small, **more: Any) -> AppTest:
    nouns = {"dataset": small.dataset.fingerprint, "schema": small.schema.fingerprint, "split": small.plan.fingerprint}
    app = open_app("resampling", **{**nouns, **more})
    return app.get_by_key("resampling_part").set_value("Leak meter").run()


def test_both_orders_are_trained_and_told_apart(
    open_app: Open, small: Small, do_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = lab(open_app, small)
    app.selectbox(key="leak_model").select("logistic_regression").run()
    app.button(key="leak_measure").click().run()
    assert do_jobs() >= 1
    app.run()
    assert not app.exception
    assert "in the right order it is" in texts(app)
    assert app.dataframe[0].value["Metric"].tolist()[0] == "ROC-AUC"
    monkeypatch.setattr("mlops_lib.threshold.compared.QUICK_ROWS", 10)
    app.run()
    assert do_jobs() == 1
    app.run()
    assert app.dataframe[0].value["Metric"].tolist()[0] == "ROC-AUC"
    app.selectbox(key="leak_mistake").select("scale").run()
    assert app.button(key="leak_measure").label == "Measure the leak"


def test_a_run_in_the_wrong_order_is_marked_on_every_page_and_gets_no_threshold(
    open_app: Open, small: Small, workspace: Workspace, do_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.shared.registry_views.list_models", lambda _: ())
    app = lab(open_app, small)
    app.selectbox(key="leak_model").select("logistic_regression").run()
    app.selectbox(key="leak_mistake").select("select").run()
    app.button(key="leak_measure").click().run()
    do_jobs()
    recipes = leak_recipes("select", Model("logistic_regression"), Sampler("none"), Selection())
    experiment = new_experiment(small.plan, recipes, 0, "Leak meter")
    wrong = next(run for run in stored_runs(workspace, experiment) if run.recipe.leak)
    with pytest.raises(NotPossibleError, match="wrong order"):
        choose(out_of_fold(workspace, wrong), Best("f1"))
    nouns = {"dataset": small.dataset.fingerprint, "schema": small.schema.fingerprint, "split": small.plan.fingerprint}
    chosen = {**nouns, "experiment": experiment.fingerprint, "run": wrong.fingerprint}
    forced = Decision(wrong.fingerprint, Fixed(0.5), 0.5, "out-of-fold", 225)
    workspace.put(forced)
    for page in ("threshold", "explain", "registry", "compare"):
        shown = open_app(page, **chosen, decision=forced.fingerprint)
        assert any("is the chosen run. It shows what a mistake pretends" in e.value for e in shown.error), page
        keys = [button.key for button in shown.button]
        assert not {"threshold_keep", "registry_make"} & set(keys), page
    compared = open_app("compare", **chosen)
    for what in ("run", "reference"):
        assert compared.selectbox(key=f"compare_{what}_{experiment.fingerprint}").options == [
            "Logistic regression · selection"
        ]
