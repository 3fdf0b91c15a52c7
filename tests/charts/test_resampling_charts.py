"""Figures of the X-ray, by their data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mlops_lib.charts.resampling import counts_chart, distance_chart, picture
from mlops_lib.charts.theme import NEGATIVE, POSITIVE
from mlops_lib.objects.recipe import Model, Recipe, Sampler
from mlops_lib.objects.schema import Classes
from mlops_lib.train.preview import XrayFolds, xray_folds
from mlops_lib.workspace.folder import Workspace
from tests.train.small import Small, keep_frame, small_frame


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return keep_frame(Workspace(tmp_path_factory.mktemp("charts")), small_frame(), folds=2)


def looked(small: Small, name: str) -> XrayFolds:
    return xray_folds(small.dataset, small.schema, small.plan, Recipe(Model("lightgbm"), sampler=Sampler(name)))


def test_bars_stack_to_the_counts(small: Small) -> None:
    shown = looked(small, "smoteenn")
    fold, found = shown.folds[0], shown.worked[0]
    before, kept, made, removed = counts_chart(fold, shown.names).data
    assert list(before.y) == list(found.before)
    assert [k + m for k, m in zip(kept.y, made.y, strict=True)] == list(found.after)
    assert [k + r for k, r in zip(kept.y, removed.y, strict=True)] == list(found.before)
    assert tuple(before.marker.color) == (NEGATIVE, POSITIVE)


@pytest.mark.parametrize("axes", [("", ""), ("pay", "noise"), ("pay", "")])
@pytest.mark.parametrize("name", ["none", "smoteenn"])
def test_both_pictures_have_the_same_axes(small: Small, name: str, axes: tuple[str, str]) -> None:
    shown = looked(small, name)
    fold, found = shown.folds[1], shown.worked[1]
    before, after = (picture(fold, shown.names, when, axes) for when in (False, True))
    assert before.layout.xaxis.range == after.layout.xaxis.range
    assert before.layout.yaxis.range == after.layout.yaxis.range
    assert sum(len(t.x) for t in before.data) == fold.rows
    assert sum(len(t.x) for t in after.data) == sum(found.after)
    assert (before.layout.xaxis.title.text == "pay") == (axes[0] == "pay")
    assert {t.marker.symbol for t in after.data} == ({"circle"} if name == "none" else {"circle", "x-thin-open"})
    assert {t.marker.symbol for t in before.data} == ({"circle"} if name == "none" else {"circle", "circle-open"})


@pytest.mark.parametrize(("name", "group"), [("smote", "made_to"), ("tomek", "removed_to")])
def test_distances_are_shares_of_all_measured_rows(small: Small, name: str, group: str) -> None:
    shown = looked(small, name)
    real, mine = distance_chart(shown).data
    assert sum(mine.y) == pytest.approx(1.0)
    assert sum(real.y) == pytest.approx(1.0)
    assert mine.marker.color == (POSITIVE if name == "smote" else NEGATIVE)
    to = shown.distances(group, "same" if name == "smote" else "other")
    assert f"{float(np.median(to)):.3g}" in mine.name


def test_without_made_or_removed_rows_the_figure_says_so(small: Small) -> None:
    assert distance_chart(looked(small, "none")).layout.title.text == "There is nothing to compare"


def test_many_classes_have_a_bar_each(tmp_path: Path) -> None:
    frame = small_frame().drop(columns="left").dropna()
    many = keep_frame(Workspace(tmp_path), frame, "site", Classes(None), folds=2)
    shown = looked(many, "smote")
    figure = counts_chart(shown.folds[0], shown.names)
    assert len(figure.data[0].y) == 3
    assert len({*figure.data[0].marker.color} - {NEGATIVE, POSITIVE}) == 3


def test_names_from_the_table_are_text_in_figures(tmp_path: Path) -> None:
    frame = small_frame().rename(columns={"pay": "<b>pay</b>"})
    frame["left"] = frame["left"].map({"yes": "<b>yes</b>", "no": "no"})
    small = keep_frame(Workspace(tmp_path), frame, question=Classes("<b>yes</b>"), folds=2)
    shown = looked(small, "smote")
    fold = shown.folds[0]
    figures = (
        counts_chart(fold, shown.names),
        picture(fold, shown.names, True, ("<b>pay</b>", "noise")),
        distance_chart(shown),
    )
    for figure in figures:
        assert "<b>" not in figure.to_json().replace("\\u003c", "<").replace("\\u003e", ">")
