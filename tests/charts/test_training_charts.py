"""Figures of the Resampling lab and of Train, by their data."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_lib.charts.resampling import counts_chart, picture
from mlops_lib.charts.theme import NEGATIVE, POSITIVE
from mlops_lib.charts.training import arrived_chart
from mlops_lib.evaluate.partial import so_far
from mlops_lib.objects.recipe import Model, Recipe, Sampler
from mlops_lib.train.preview import Preview, preview
from mlops_lib.train.training import train
from mlops_lib.workspace.folder import Workspace
from tests.train.small import Small, keep_frame, small_frame


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return keep_frame(Workspace(tmp_path_factory.mktemp("charts")), small_frame())


def shown(small: Small, name: str) -> Preview:
    return preview(small.dataset, small.schema, small.plan, Recipe(Model("lightgbm"), sampler=Sampler(name)), 0)


def test_bars_stack_to_the_counts(small: Small) -> None:
    told = shown(small, "smoteenn")
    before, kept, made, removed = counts_chart(told).data
    assert list(before.y) == list(told.before)
    assert [k + m for k, m in zip(kept.y, made.y, strict=True)] == list(told.after)
    assert [k + r for k, r in zip(kept.y, removed.y, strict=True)] == list(told.before)
    assert tuple(before.marker.color) == (NEGATIVE, POSITIVE)


@pytest.mark.parametrize("name", ["none", "smote", "enn"])
def test_both_pictures_have_the_same_axes(small: Small, name: str) -> None:
    told = shown(small, name)
    before, after = picture(told, after=False), picture(told, after=True)
    assert before.layout.xaxis.range == after.layout.xaxis.range
    assert sum(len(t.x) for t in before.data) == told.rows
    assert sum(len(t.x) for t in after.data) == sum(told.after)


def test_names_from_the_table_are_text_in_figures(tmp_path: Path) -> None:
    frame = small_frame()
    frame["left"] = frame["left"].map({"yes": "<b>yes</b>", "no": "no"})
    from mlops_lib.objects.schema import Classes

    small = keep_frame(Workspace(tmp_path), frame, question=Classes("<b>yes</b>"))
    for figure in (counts_chart(shown(small, "smote")), picture(shown(small, "smote"), after=True)):
        assert "<b>yes" not in figure.to_json().replace("\\u003c", "<")


def test_every_complete_run_is_drawn(small: Small) -> None:
    recipes = (Recipe(Model("logistic_regression")), Recipe(Model("dummy"), rung="do nothing"))
    experiment = small.experiment(*recipes)
    assert len(arrived_chart(so_far(small.workspace, experiment).table).data) == 0
    list(train(small.workspace, experiment))
    table = so_far(small.workspace, experiment).table
    figure = arrived_chart(table)
    assert len(figure.data) == 4
    assert [len(t.x) for t in figure.data] == [5, 1, 5, 1]
    assert figure.layout.title.text.startswith("Highest ROC-AUC so far: ")
    assert figure.layout.title.text.endswith("Logistic regression · base")
