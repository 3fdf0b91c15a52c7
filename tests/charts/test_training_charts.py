"""Figures of Train, by their data."""

from __future__ import annotations

import pytest

from mlops_lib.charts.training import arrived_chart
from mlops_lib.evaluate.partial import so_far
from mlops_lib.objects.recipe import Model, Recipe
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
    assert figure.layout.title.text.startswith("Highest ROC-AUC so far: ")
    assert figure.layout.title.text.endswith("Logistic regression · base")
