"""Figures of Train, by their data."""

from __future__ import annotations

import pytest

from mlops_lib.charts.training import arrived_chart
from mlops_lib.evaluate.partial import so_far
from mlops_lib.objects.recipe import Model, Recipe, Sampler
from mlops_lib.train.training import train
from mlops_lib.workspace.folder import Workspace
from tests.train.small import Small, keep_frame, small_frame


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return keep_frame(Workspace(tmp_path_factory.mktemp("charts")), small_frame())


def test_every_complete_run_is_drawn(small: Small) -> None:
    recipes = (Recipe(Model("logistic_regression")), Recipe(Model("dummy"), rung="do nothing"))
    experiment = small.experiment(*recipes)
    assert len(arrived_chart(so_far(small.workspace, experiment)).data) == 0
    list(train(small.workspace, experiment))
    figure = arrived_chart(so_far(small.workspace, experiment))
    assert len(figure.data) == 4
    assert [len(t.x) for t in figure.data] == [5, 1, 5, 1]
    best = so_far(small.workspace, experiment).best
    assert best is not None
    assert figure.layout.title.text == f"Highest ROC-AUC: {best['roc_auc']:.3f}"


def test_recipes_of_one_model_stand_under_its_name_and_say_what_differs(small: Small) -> None:
    model = Model("logistic_regression")
    recipes = (
        Recipe(Model("dummy"), rung="do nothing"),
        Recipe(model),
        Recipe(model, sampler=Sampler("random_over"), rung="remedy"),
        Recipe(model, sampler=Sampler("random_under"), rung="remedy"),
    )
    experiment = small.experiment(*recipes)
    list(train(small.workspace, experiment))
    known = so_far(small.workspace, experiment)
    figure = arrived_chart(known)
    labels = figure.layout.yaxis.ticktext
    assert labels[:3] == ("Do nothing", "<b>Logistic regression</b>", "base")
    assert len(labels) == len(recipes) + 1
    means = [t for t in figure.data if len(t.x) == 1]
    assert [t.y[0] for t in means] == [0, 2, 3, 4]
    assert [t.x[0] for t in means] == list(known.table["roc_auc"])
