"""Permutation importance agrees with shuffling the raw column, and says which column matters."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from mlops_lib.data.datasets import open_dataset
from mlops_lib.data.target import resolve_target
from mlops_lib.explain import permutation
from mlops_lib.explain.permutation import permutation_importance, permutation_job
from mlops_lib.explain.rows import notable_rows
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.train.encode import encode, matrix_columns
from mlops_lib.train.runs import load_fitted, out_of_fold
from mlops_lib.train.scores import score
from tests.trained import KINDS, Trained, trained


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return trained(tmp_path_factory.mktemp("permutation") / "home")


def test_the_auc_before_is_that_of_the_refit_on_its_training_rows(made: Trained) -> None:
    run = made.runs["random_forest"]
    found = permutation_job(made.workspace, {"run": run.fingerprint}, lambda _event: None)
    dataset, schema = open_dataset(made.workspace, run.dataset), made.workspace.get(Schema, run.schema)
    rows = made.workspace.get(SplitPlan, run.split).training_rows()
    raw, _ = score(load_fitted(made.workspace, run), dataset.frame().iloc[rows])
    assert found.auc == pytest.approx(roc_auc_score(resolve_target(dataset, schema).codes(rows), raw))
    assert found.rows == found.training_rows == len(rows)
    assert set(found.table["column"]) == set(KINDS)
    assert found.table["drop"].is_monotonic_decreasing


def test_the_columns_that_drive_the_answer_come_first(made: Trained) -> None:
    found = permutation_importance(made.workspace, made.runs["logistic_regression"])
    assert set(found.table["column"].head(2)) == {"age", "dept"}


def test_shuffling_encoded_parts_is_shuffling_the_column(made: Trained) -> None:
    fitted = load_fitted(made.workspace, made.runs["logistic_regression"])
    frame = open_dataset(made.workspace, made.experiment.dataset).frame(fitted.features)
    encoder = fitted.pipeline.named_steps["encode"]
    matrix, order = encode(encoder, frame), np.random.default_rng(0).permutation(len(frame))
    for column in KINDS:
        block = [i for i, c in enumerate(matrix_columns(encoder)) if c.source == column]
        changed = frame.assign(**{column: frame[column].to_numpy()[order]})
        shuffled = matrix.copy()
        shuffled[:, block] = matrix[order][:, block]
        np.testing.assert_array_equal(encode(encoder, changed), shuffled)


def test_many_rows_are_sampled_with_as_many_positives_as_can_be(made: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permutation, "MOST_ROWS", 100)
    found = permutation_importance(made.workspace, made.runs["logistic_regression"])
    assert found.rows == 100 < found.training_rows


def test_notable_rows_are_extreme_and_name_the_worst_mistakes(made: Trained) -> None:
    run = made.runs["logistic_regression"]
    predictions = out_of_fold(made.workspace, run)
    found = {r.key: r for r in notable_rows(made.workspace, run, 0.4)}
    assert found["highest"].probability == predictions.score.max()
    assert found["lowest"].probability == predictions.score.min()
    assert found["missed"].truth == 1
    assert found["missed"].probability < 0.4
    assert found["false_alarm"].truth == 0
    assert found["false_alarm"].probability >= 0.4
    assert abs(found["borderline"].probability - 0.4) == np.abs(predictions.score - 0.4).min()
