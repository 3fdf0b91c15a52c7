"""Predictions of the hold-out rows by the refitted model. Who opens them counts the opening."""

from __future__ import annotations

import numpy as np

from mlops_lib.data.datasets import open_dataset
from mlops_lib.data.target import resolve_target
from mlops_lib.data.weights import row_weights
from mlops_lib.objects.predictions import Predictions
from mlops_lib.objects.run import Run
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.train.runs import load_fitted, read_predictions, run_folder
from mlops_lib.train.scores import score
from mlops_lib.train.setting import group_codes
from mlops_lib.workspace import atomic
from mlops_lib.workspace.folder import Workspace

HOLD_OUT_FILE = "hold-out.parquet"


def predict_hold_out(workspace: Workspace, run: Run) -> Predictions:
    """Predictions of a complete run on the hold-out, stored beside it the first time.

    Raises NotFoundError where the run is not complete or what it was trained on is gone.
    """
    model = load_fitted(workspace, run)
    path = run_folder(workspace, run.fingerprint) / HOLD_OUT_FILE
    if path.is_file():
        return read_predictions(workspace, run, HOLD_OUT_FILE, "hold-out")
    dataset, schema = open_dataset(workspace, run.dataset), workspace.get(Schema, run.schema)
    rows = workspace.get(SplitPlan, run.split).hold_out_rows()
    answers = resolve_target(dataset, schema).answers(rows)
    truth = answers if model.kind == "number" else answers.astype(np.int8)
    raw, calibrated = score(model, dataset.frame(schema.features()).iloc[rows])
    fold = np.full(len(rows), -1, dtype=np.int8)
    group, weight = group_codes(dataset, schema, rows), row_weights(dataset, schema, rows)
    predictions = Predictions(
        run.fingerprint, "hold-out", model.names, rows, truth, raw, calibrated, fold, group, weight, model.kind
    )
    atomic.write_bytes(path, _parquet(predictions))
    return predictions


def _parquet(predictions: Predictions) -> bytes:
    content: bytes = predictions.frame().to_parquet(None, index=False)
    return content
