"""What is looked at is what training makes, fold by fold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.decomposition import PCA

from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.recipe import Model, Recipe, Sampler, Selection, Treatment
from mlops_lib.objects.schema import Classes, Number
from mlops_lib.train.decode import matrix_parts
from mlops_lib.train.encode import encode
from mlops_lib.train.prefix import fit_encoder, fit_prefix, prefix_of, seed_for
from mlops_lib.train.preview import XrayFolds, xray_folds
from mlops_lib.train.preview_points import POINTS
from mlops_lib.train.preview_words import advice, cards_of, fold_lines, headline, measured_words, where_they_fell
from mlops_lib.train.question import training_question
from mlops_lib.workspace import codec
from mlops_lib.workspace.folder import Workspace
from tests.train.small import Small, keep_frame, small_frame


def recipe(name: str, selection: Selection | None = None, **more: object) -> Recipe:
    return Recipe(Model("lightgbm"), selection=selection, sampler=Sampler(name, tuple(sorted(more.items()))))


def looked(small: Small, name: str, seed: int = 0, **more: object) -> XrayFolds:
    return xray_folds(small.dataset, small.schema, small.plan, recipe(name, **more), seed)


@pytest.mark.parametrize("name", ["smote", "smoteenn", "random_under", "tomek"])
def test_counts_are_those_of_training(small: Small, name: str) -> None:
    shown = looked(small, name, 4)
    prefix = prefix_of(recipe(name))
    answer = (small.dataset.frame(["left"])["left"] == "yes").to_numpy().astype(np.int8)
    features = small.dataset.frame(small.schema.features())
    assert [f.fold for f in shown.folds] == [0, 1, 2, 3, 4]
    for fold in (0, 3):
        rows = small.plan.fold_training_rows(fold)
        seed = seed_for(4, prefix.fingerprint, fold)
        trained = fit_prefix(features.iloc[rows], answer[rows], small.schema, prefix, seed, ("no", "yes")).rows
        found = shown.folds[fold].found
        assert found is not None
        assert (found.before, found.made, found.removed, found.after) == (
            trained.before,
            trained.added,
            trained.removed,
            trained.after,
        )
        assert found.half == trained.fractional
    table = shown.table()
    assert (table["after"] == table["before"] + table["made"] - table["removed"]).all()


def test_neighbours_are_capped_by_the_smallest_class_of_each_fold(tmp_path_factory: pytest.TempPathFactory) -> None:
    frame = small_frame(400)
    frame["left"] = np.where(np.arange(400) % 57 == 0, "yes", "no")
    few = keep_frame(Workspace(tmp_path_factory.mktemp("few")), frame)
    shown = looked(few, "smote", k_neighbors=5)
    smallest = [min(f.before) for f in shown.folds]
    assert min(smallest) < 6
    assert [f.neighbours for f in shown.folds] == [min(5, s - 1) for s in smallest]
    assert shown.asked == 5
    assert "5 neighbours were asked for" in measured_words(shown)


def test_the_lines_of_the_folds_name_both_classes_and_leave_out_what_says_nothing(small: Small) -> None:
    shown = looked(small, "smoteenn")
    lines, found = fold_lines(shown), shown.worked[0]
    assert lines["before"][0] == f"{found.before[0]} + {found.before[1]}"
    assert lines["removed"][0] == f"{found.removed[0]} + {found.removed[1]}"
    assert {"half a category", "amid another class"} <= set(lines)
    assert not {"smallest class", "copies", "neighbours"} & set(lines)
    assert (fold_lines(looked(small, "random_over"))["copies"] == 1.0).all()


def test_the_picture_is_the_plane_of_the_rows_before(small: Small) -> None:
    fold = xray_folds(small.dataset, small.schema, small.plan, recipe("smoteenn", Selection())).folds[0]
    assert fold.points is not None
    assert fold.found is not None
    states = fold.points.groupby("state").size()
    assert states["made"] == sum(fold.found.made)
    assert states["removed"] == sum(fold.found.removed)
    assert states["kept"] == fold.rows - sum(fold.found.removed)
    before = fold.points[fold.points["state"] != "made"]
    assert abs(before[["x", "y"]].to_numpy().mean()) < 1e-9
    flat = PCA(2).fit(before[["x", "y"]].to_numpy())
    np.testing.assert_allclose(np.abs(flat.components_), np.eye(2), atol=1e-6)


def test_axes_are_in_the_unit_of_their_column(small: Small) -> None:
    fold = looked(small, "smote").folds[0]
    assert fold.points is not None
    assert fold.axes[0] == "pay", "it parts the classes most"
    kept = fold.points.loc[fold.points["state"] == "kept", "0"].to_numpy()
    real = small.dataset.frame(["pay"])["pay"].to_numpy()[small.plan.fold_training_rows(0)]
    real = np.where(np.isnan(real), np.nanmedian(real), real)
    np.testing.assert_allclose(np.sort(kept), np.sort(real), rtol=1e-12)


def test_points_are_limited(tmp_path_factory: pytest.TempPathFactory) -> None:
    large = keep_frame(Workspace(tmp_path_factory.mktemp("large")), small_frame(4000))
    fold = looked(large, "random_over").folds[0]
    assert fold.points is not None
    assert fold.points.groupby(["code", "state"]).size().max() == POINTS


def test_a_sampler_that_cannot_work_is_told_not_raised(tmp_path_factory: pytest.TempPathFactory) -> None:
    frame = small_frame()[["pay", "noise", "left"]]
    plain = keep_frame(Workspace(tmp_path_factory.mktemp("plain")), frame)
    shown = looked(plain, "smotenc")
    assert all("SMOTE works" in fold.refused for fold in shown.folds)
    assert headline(shown) == shown.folds[0].refused
    assert not shown.worked
    assert not advice(shown)
    assert cards_of(shown) == ()
    assert len(shown.table()) == 5


def test_a_weight_column_excludes_samplers_and_that_is_said(small: Small) -> None:
    columns = tuple(replace(c, role="weight") if c.name == "pay" else c for c in small.schema.columns)
    schema = replace(small.schema, columns=columns)
    shown = xray_folds(small.dataset, schema, small.plan, recipe("smote"))
    assert not shown.worked
    assert "The rows are weighed by 'pay'" in headline(shown)
    plain = Recipe(Model("logistic_regression"))
    assert xray_folds(small.dataset, schema, small.plan, plain).idle == 5


def test_doing_nothing_is_said_first(tmp_path_factory: pytest.TempPathFactory) -> None:
    rng = np.random.default_rng(0)
    frame = small_frame(300)[["noise"]].assign(far=rng.normal(size=300), left="no")
    frame.loc[:29, "left"], frame.loc[:29, "far"] = "yes", 90.0 + rng.normal(size=30)
    apart = keep_frame(Workspace(tmp_path_factory.mktemp("apart")), frame)
    shown = looked(apart, "tomek")
    assert shown.idle == 5
    assert headline(shown).startswith("Tomek links did nothing: in every fold all ")
    assert not where_they_fell(shown)
    assert "Moving the threshold" in dict(advice(shown))
    assert "Class weights" not in dict(advice(shown))


def test_the_sentence_has_the_numbers_of_the_table(small: Small) -> None:
    shown = looked(small, "smote")
    made = [sum(x.made) for x in shown.worked]
    said = headline(shown)
    assert said.startswith(
        f"SMOTE makes {min(made)} to {max(made)} rows of yes a fold" if min(made) < max(made) else ""
    )
    share = sum(x.half for x in shown.worked) / sum(made)
    assert f"{100 * share:.1f} % of them have half a category, such as 0." in said
    assert "(site)" in said
    assert "lie amid rows of no." in said
    assert "SMOTENC" in dict(advice(shown))
    assert {label for label, *_ in cards_of(shown)} >= {"Made", "Half a category", "Amid others"}
    copied = looked(small, "random_over")
    assert "repeats" in headline(copied)
    assert copied.share("copies") == 1.0
    assert copied.total("impossible") == 0
    assert looked(small, "smotenc").total("half") == 0


def test_shares_of_real_rows_are_weighed_as_the_made_ones(small: Small) -> None:
    shown = looked(small, "smoteenn")
    for group in ("like_made", "like_removed"):
        share, count_of = 0.0, 0
        beside = np.concatenate([getattr(x, group.replace("like_", "") + "_to").code for x in shown.worked])
        near = [getattr(x, group) for x in shown.worked]
        code = np.concatenate([n.code for n in near])
        mark = np.concatenate([n.nearer_other for n in near])
        for k in (0, 1):
            weight = np.sum(beside == k)
            count_of += weight
            share += weight * (mark[code == k].mean() if weight else 0.0)
        assert shown.share_where(group, "nearer_other") == pytest.approx(share / count_of, rel=1e-12)


def test_parts_say_what_every_column_of_the_matrix_is(small: Small) -> None:
    treatments = (
        Treatment("pay", "indicator"),
        Treatment("pay", "clip"),
        Treatment("pay", "log"),
        Treatment("site", "frequency"),
    )
    plan = Recipe(Model("lightgbm"), treatments=treatments)
    frame = small.dataset.frame(small.schema.features())
    encoder, x, _ = fit_encoder(frame, small.schema.features(), small.schema, prefix_of(plan))
    parts = matrix_parts(encoder)
    assert [(p.start, p.stop) for p in parts] == [(i, i + 1) for i in range(x.shape[1])]
    kinds = {p.label: p.kind for p in parts}
    assert kinds["site: how common"] == "share"
    assert kinds["pay is missing"] == "flag"
    assert kinds["day"] == "date"
    assert kinds["pay"] == kinds["day: month"] == "number"
    pay = next(p for p in parts if p.label == "pay")
    known = frame["pay"].to_numpy()
    low, high = np.nanquantile(known, [0.01, 0.99])
    told = pay.own_unit(encode(encoder, frame))
    np.testing.assert_allclose(told[~np.isnan(known)], np.clip(known, low, high)[~np.isnan(known)], rtol=1e-9)
    np.testing.assert_allclose(np.unique(told[np.isnan(known)]), pay.placed[0], rtol=1e-9)
    days = next(p for p in parts if p.label == "day").own_unit(x)
    np.testing.assert_allclose(days, frame["day"].to_numpy().astype("datetime64[D]").astype(float), rtol=1e-12)


def test_many_classes_are_looked_at_and_numbers_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    frame = small_frame(600).drop(columns="left").dropna()
    many = keep_frame(Workspace(tmp_path_factory.mktemp("many")), frame, "site", Classes(None))
    shown = looked(many, "smote")
    assert shown.names == ("east", "north", "south")
    assert all(len(set(x.after)) == 1 for x in shown.worked)
    assert "rows of other classes" in headline(shown)
    number = keep_frame(Workspace(tmp_path_factory.mktemp("number")), frame, "pay", Number())
    with pytest.raises(NotPossibleError, match="samplers need classes"):
        looked(number, "smote")


def test_progress_is_told_fold_by_fold(small: Small) -> None:
    heard: list[Progress] = []
    xray_folds(small.dataset, small.schema, small.plan, recipe("random_over"), 0, heard.append)
    assert [(p.done, p.total) for p in heard] == [(k, 5) for k in range(5)]


def test_what_was_found_can_be_stored(small: Small, tmp_path_factory: pytest.TempPathFactory) -> None:
    shown = looked(small, "smote")
    folder = tmp_path_factory.mktemp("stored")
    codec.save(shown, folder)
    back = codec.load(folder)
    assert headline(back) == headline(shown)
    assert back.table().equals(shown.table())
    assert back.impossible_table().equals(shown.impossible_table())
    assert back.folds[0].points.equals(shown.folds[0].points)


def test_the_question_is_stated_with_its_numbers(small: Small) -> None:
    question = training_question(small.dataset, small.schema, small.plan)
    rows = len(small.plan.training_rows())
    assert question.sentence.startswith(f"Is left yes? {question.positives} of {rows} training rows say yes (")
    assert question.rows == rows
