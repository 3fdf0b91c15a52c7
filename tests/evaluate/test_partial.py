"""What is known of an experiment while it is being trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from mlops_lib.evaluate.partial import so_far
from mlops_lib.objects.recipe import Model, Recipe, Selection
from mlops_lib.train.runs import out_of_fold, run_fingerprint
from mlops_lib.train.training import train
from mlops_lib.workspace.folder import Workspace
from tests.train.small import keep_frame, small_frame

PLAIN = Recipe(Model("logistic_regression"))
WRONG = Recipe(Model("lightgbm"), calibration="isotonic")
LATER = Recipe(Model("logistic_regression"), rung="selection", selection=Selection())


def test_complete_failed_running_and_waiting_recipes_are_told_apart(tmp_path: Path) -> None:
    small = keep_frame(Workspace(tmp_path), small_frame())
    experiment = small.experiment(PLAIN, WRONG, LATER)
    assert so_far(small.workspace, experiment).table["state"].tolist() == ["waiting"] * 3
    going = train(small.workspace, experiment)
    failed, first = next(going), next(going)
    going.close()  # type: ignore[attr-defined]
    run = run_fingerprint(experiment, LATER)
    known = so_far(small.workspace, experiment, {(run, 0): "done", (run, 1): "started"})
    assert known.table["state"].tolist() == ["complete", "failed", "running"]
    assert known.table["fits"].tolist() == ["✓✓✓✓✓✓", "······", "✓▶····"]
    assert (known.complete, known.failed) == ((first.fingerprint,), (failed.fingerprint,))
    assert "1,000 positive" in known.table["reason"].iloc[1]
    predictions = out_of_fold(small.workspace, first)
    folds = [predictions.fold == k for k in range(5)]
    expected = np.mean([roc_auc_score(predictions.truth[f], predictions.score[f]) for f in folds])
    np.testing.assert_allclose(known.table["roc_auc"].iloc[0], expected, atol=1e-12)


def test_a_new_try_of_a_failed_run_counts_as_running(tmp_path: Path) -> None:
    small = keep_frame(Workspace(tmp_path), small_frame())
    experiment = small.experiment(WRONG)
    (run,) = train(small.workspace, experiment)
    again = so_far(small.workspace, experiment, {(run.fingerprint, 0): "started"})
    assert again.table["state"].tolist() == ["running"]
