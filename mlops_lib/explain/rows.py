"""Rows worth explaining: the extreme ones and those near the threshold, by their out-of-fold probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlops_lib.objects.run import Run
from mlops_lib.train.runs import out_of_fold
from mlops_lib.workspace.folder import Workspace


@dataclass(frozen=True)
class NotableRow:
    """A row id, why it is worth a look, its calibrated out-of-fold probability and its answer (1 or 0)."""

    key: str
    why: str
    row: int
    probability: float
    truth: int


def notable_rows(workspace: Workspace, run: Run, threshold: float) -> tuple[NotableRow, ...]:
    """Highest and lowest probability, the one nearest to the threshold, and the worst mistakes there are.

    Of equally extreme rows the one with the smallest id. Raises NotFoundError where the run is not complete.
    """
    predictions = out_of_fold(workspace, run)
    score, positive = predictions.score, predictions.truth == 1
    alarm = score >= threshold
    wanted = (
        ("highest", "highest probability", np.ones(len(score), dtype=bool), score),
        ("borderline", "nearest to the threshold", np.ones(len(score), dtype=bool), -np.abs(score - threshold)),
        ("missed", "positive with the lowest probability", positive & ~alarm, -score),
        ("false_alarm", "negative with the highest probability", ~positive & alarm, score),
        ("lowest", "lowest probability", np.ones(len(score), dtype=bool), -score),
    )
    found = []
    for key, why, among, value in wanted:
        if among.any():
            at = int(np.flatnonzero(among)[np.argmax(value[among])])
            row = int(predictions.row[at])
            found.append(NotableRow(key, why, row, float(score[at]), int(predictions.truth[at])))
    return tuple(found)
