"""Permutation importance: shuffle one column, see how far ROC-AUC falls."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from mlops_lib.data.datasets import open_dataset
from mlops_lib.data.target import resolve_target
from mlops_lib.evaluate.score_metrics import roc_auc
from mlops_lib.evaluate.sweep import sweep
from mlops_lib.explain.explanation import PermutationImportance
from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.run import Run
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.train.encode import encode, matrix_columns
from mlops_lib.train.runs import load_fitted, load_run
from mlops_lib.train.scores import positive_scores
from mlops_lib.workspace.folder import Workspace

MOST_ROWS = 3_000
REPEATS = 5


def permutation_importance(
    workspace: Workspace,
    run: Run | str,
    repeats: int = REPEATS,
    seed: int = 0,
    emit: Callable[[object], None] | None = None,
) -> PermutationImportance:
    """The mean drop in ROC-AUC of a run's refitted model when one original column is shuffled (Breiman 2001).

    Fold models are not kept, so the rows are training rows that the model has seen: at most `MOST_ROWS`, half of
    them positive where there are enough (the share of positives does not move ROC-AUC). Cells of one row are encoded
    together, so shuffling a column's encoded parts as one block is the same as shuffling the column.

    Raises NotPossibleError for a run that is not complete.
    """
    begun = time.perf_counter()
    run = load_run(workspace, run) if isinstance(run, str) else run
    if run.state != "complete":
        raise NotPossibleError(f"The run {run.recipe.name} is {run.state}.", "Choose a complete run.")
    rng = np.random.default_rng(seed)
    fitted = load_fitted(workspace, run)
    ids, truth, training = _rows(workspace, run, rng)
    dataset = open_dataset(workspace, run.dataset)
    encoder, model = fitted.pipeline.named_steps["encode"], fitted.pipeline.named_steps["model"]
    matrix = encode(encoder, dataset.frame(fitted.features, ids))
    blocks = _blocks([c.source for c in matrix_columns(encoder)])
    auc = float(roc_auc(sweep(truth, positive_scores(model, matrix))))
    drops = np.empty((len(blocks), repeats))
    for i, (column, block) in enumerate(blocks.items()):
        if emit:
            emit(Progress(i, len(blocks), f"Shuffling '{column}'"))
        drops[i] = [auc - _shuffled_auc(model, matrix, block, truth, rng) for _ in range(repeats)]
    table = pd.DataFrame({"column": list(blocks), "drop": drops.mean(axis=1), "spread": drops.std(axis=1, ddof=1)})
    table = table.sort_values("drop", ascending=False, kind="stable", ignore_index=True)
    return PermutationImportance(run.fingerprint, table, auc, len(ids), training, repeats, time.perf_counter() - begun)


def permutation_job(
    workspace: Workspace, spec: Mapping[str, Any], emit: Callable[[object], None]
) -> PermutationImportance:
    """The job "permutation". `spec`: run (fingerprint); seed, optional."""
    return permutation_importance(workspace, str(spec["run"]), seed=int(spec.get("seed", 0)), emit=emit)


def _rows(workspace: Workspace, run: Run, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, int]:
    """Ids, their truth, and the number of training rows they were drawn from."""
    dataset, schema = open_dataset(workspace, run.dataset), workspace.get(Schema, run.schema)
    target = resolve_target(dataset, schema)
    training = workspace.get(SplitPlan, run.split).training_rows()
    truth = target.codes(training)
    if len(training) > MOST_ROWS:
        positive, negative = np.flatnonzero(truth == 1), np.flatnonzero(truth != 1)
        few = min(len(positive), MOST_ROWS // 2)
        few = max(few, MOST_ROWS - len(negative))
        chosen = [rng.choice(positive, few, replace=False), rng.choice(negative, MOST_ROWS - few, replace=False)]
        picked = np.sort(np.concatenate(chosen))
        return training[picked], truth[picked], len(training)
    return training, truth, len(training)


def _blocks(sources: list[str]) -> dict[str, np.ndarray]:
    return {name: np.flatnonzero([s == name for s in sources]) for name in dict.fromkeys(sources)}


def _shuffled_auc(
    model: Any, matrix: np.ndarray, block: np.ndarray, truth: np.ndarray, rng: np.random.Generator
) -> float:
    changed = matrix.copy()
    changed[:, block] = matrix[rng.permutation(len(matrix))][:, block]
    return float(roc_auc(sweep(truth, positive_scores(model, changed))))
