"""Stored models give the same scores, and only classes on our list are read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from mlops_lib.objects.errors import InputError, NotTrustedError
from mlops_lib.objects.recipe import Model, Treatment
from mlops_lib.objects.run import Calibrator
from mlops_lib.train.ladder import LADDER_MODELS
from mlops_lib.train.models import make_model
from mlops_lib.train.prefix import Prefix, fit_prefix
from mlops_lib.train.scores import MODEL_FILE, FittedModel, load_model, save_model, score
from tests.train.small import Small, small_frame

TREATMENTS = (
    Treatment("pay", "clip"),
    Treatment("pay", "log"),
    Treatment("pay", "indicator"),
    Treatment("pay", "as_missing", values=("-999", "98")),
    Treatment("site", "merge", values=("north",), into="south"),
    Treatment("site", "frequency"),
)


def fitted(small: Small, name: str, class_weight: str | None = None) -> FittedModel:
    frame, y = small_frame(), (small_frame()["left"] == "yes").to_numpy().astype(np.int8)
    prefix = fit_prefix(frame, y, small.schema, Prefix(TREATMENTS), 0, ("no", "yes"))
    with threadpool_limits(1):
        model = make_model(Model(name), class_weight, 0).fit(prefix.rows.x, prefix.rows.y)
    pipeline = Pipeline([("encode", prefix.encoder), ("model", model)])
    return FittedModel(pipeline, Calibrator("sigmoid", (0.8, -0.1)), small.schema.features(), ("no", "yes"))


@pytest.mark.parametrize("name", [*LADDER_MODELS, "dummy"])
def test_a_stored_model_gives_the_same_scores(small: Small, tmp_path: Path, name: str) -> None:
    model, new = fitted(small, name), small_frame(1000, seed=5)
    save_model(model, tmp_path)
    back = load_model(tmp_path)
    assert (back.calibrator, back.features, back.names) == (model.calibrator, model.features, model.names)
    for ours, theirs in zip(score(model, new), score(back, new), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_weighted_models_can_be_stored(small: Small, tmp_path: Path) -> None:
    for name in LADDER_MODELS:
        folder = tmp_path / name
        folder.mkdir()
        save_model(fitted(small, name, "balanced"), folder)
        assert load_model(folder).names == ("no", "yes")


@pytest.mark.parametrize("name", LADDER_MODELS)
def test_scores_do_not_depend_on_the_batch(small: Small, name: str) -> None:
    model, new = fitted(small, name), small_frame(60, seed=6)
    whole = score(model, new)[1]
    single = np.concatenate([score(model, new.iloc[[i]])[1] for i in range(len(new))])
    np.testing.assert_allclose(single, whole, atol=1e-12)


def test_columns_may_come_in_any_order_with_others_beside(small: Small) -> None:
    model, new = fitted(small, "logistic_regression"), small_frame(50, seed=7)
    mixed = new[sorted(new.columns, reverse=True)].assign(extra=1)
    np.testing.assert_array_equal(score(model, mixed)[0], score(model, new)[0])


def test_a_missing_column_is_named(small: Small) -> None:
    with pytest.raises(InputError, match="lacks 1 of the 4 columns the model needs: pay"):
        score(fitted(small, "dummy"), small_frame(5).drop(columns="pay"))


def test_no_rows_give_no_scores(small: Small) -> None:
    raw, calibrated = score(fitted(small, "dummy"), small_frame(5).iloc[:0])
    assert raw.shape == calibrated.shape == (0,)


def test_a_class_that_is_not_on_the_list_is_neither_written_nor_read(small: Small, tmp_path: Path) -> None:
    model = fitted(small, "dummy")
    x = np.zeros((4, 1))
    foreign = GaussianProcessClassifier().fit(x + np.arange(4)[:, None], [0, 1, 0, 1])
    stranger = FittedModel(foreign, Calibrator(), model.features, model.names)
    with pytest.raises(NotTrustedError, match="does not trust"):
        save_model(stranger, tmp_path)
    save_model(model, tmp_path)
    skops.io.dump(foreign, tmp_path / MODEL_FILE)
    with pytest.raises(NotTrustedError, match="does not trust"):
        load_model(tmp_path)
