"""The preview shows what training does."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from mlops_lib.objects.recipe import Model, Recipe, Sampler, Selection
from mlops_lib.resample.catalogue import SAMPLERS
from mlops_lib.train.prefix import fit_prefix, prefix_of, seed_for
from mlops_lib.train.preview import POINTS, preview
from mlops_lib.train.question import training_question
from mlops_lib.workspace import codec
from tests.train.small import Small, keep_frame, small_frame


def recipe(name: str, selection: Selection | None = None) -> Recipe:
    return Recipe(Model("lightgbm"), selection=selection, sampler=Sampler(name))


@pytest.mark.parametrize("name", SAMPLERS)
def test_counts_are_those_of_training(small: Small, name: str) -> None:
    shown = preview(small.dataset, small.schema, small.plan, recipe(name), 1, 4)
    prefix = prefix_of(recipe(name))
    rows = small.plan.fold_training_rows(1)
    y = (small.dataset.frame(["left"])["left"] == "yes").to_numpy().astype(np.int8)[rows]
    frame = small.dataset.frame(small.schema.features()).iloc[rows]
    trained = fit_prefix(frame, y, small.schema, prefix, seed_for(4, prefix.fingerprint, 1), ("no", "yes"))
    assert (shown.before, shown.after) == (trained.rows.before, trained.rows.after)
    assert shown.fractional == trained.rows.fractional
    table = shown.table()
    assert (table["after"] == table["before"] + table["made"] - table["removed"]).all()


def test_the_picture_is_the_plane_of_the_rows_before(small: Small) -> None:
    shown = preview(small.dataset, small.schema, small.plan, recipe("smoteenn", Selection()), 0)
    assert shown.points is not None
    states = shown.points.groupby("state").size()
    assert states["made"] == sum(shown.added)
    assert states["removed"] == sum(shown.removed)
    assert states["kept"] == shown.rows - sum(shown.removed)
    before = shown.points[shown.points["state"] != "made"]
    assert abs(before[["x", "y"]].to_numpy().mean()) < 1e-9
    flat = PCA(2).fit(before[["x", "y"]].to_numpy())
    np.testing.assert_allclose(np.abs(flat.components_), np.eye(2), atol=1e-6)


def test_points_are_limited(tmp_path_factory: pytest.TempPathFactory) -> None:
    from mlops_lib.workspace.folder import Workspace

    large = keep_frame(Workspace(tmp_path_factory.mktemp("large")), small_frame(4000))
    shown = preview(large.dataset, large.schema, large.plan, recipe("random_over"), 0)
    assert shown.points is not None
    assert shown.points.groupby(["class", "state"]).size().max() == POINTS


def test_a_sampler_that_cannot_work_is_told_not_raised(tmp_path_factory: pytest.TempPathFactory) -> None:
    from mlops_lib.workspace.folder import Workspace

    frame = small_frame()[["pay", "noise", "left"]]
    plain = keep_frame(Workspace(tmp_path_factory.mktemp("plain")), frame)
    shown = preview(plain.dataset, plain.schema, plain.plan, recipe("smotenc"), 0)
    assert "SMOTE works" in shown.refused
    assert shown.sentence == shown.refused
    assert shown.points is None


def test_a_preview_can_be_stored(small: Small, tmp_path_factory: pytest.TempPathFactory) -> None:
    shown = preview(small.dataset, small.schema, small.plan, recipe("smote"), 0)
    folder = tmp_path_factory.mktemp("stored")
    codec.save(shown, folder)
    back = codec.load(folder)
    assert back.sentence == shown.sentence
    assert back.points.equals(shown.points)


def test_the_question_is_stated_with_its_numbers(small: Small) -> None:
    question = training_question(small.dataset, small.schema, small.plan)
    rows = len(small.plan.training_rows())
    assert question.sentence.startswith(f"Is left yes? {question.positives} of {rows} training rows say yes (")
    assert question.rows == rows
