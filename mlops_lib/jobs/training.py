"""Training as a job: the experiment's runs, their fits in processes of their own; then their record in MLflow."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mlops_lib.jobs import queue
from mlops_lib.jobs.engine import ForkEngine
from mlops_lib.objects.experiment import Experiment
from mlops_lib.objects.fingerprint import fingerprint
from mlops_lib.objects.progress import Progress
from mlops_lib.registry.recording import Recorded, record_experiment
from mlops_lib.registry.settings import tracking_uri
from mlops_lib.train.training import train
from mlops_lib.workspace.folder import Workspace


@dataclass(frozen=True)
class Trained:
    """Fingerprints of the runs of an experiment, complete and failed, in the order in which they ended."""

    experiment: str
    complete: tuple[str, ...]
    failed: tuple[str, ...]


def train_job(workspace: Workspace, spec: Mapping[str, Any], emit: Callable[[object], None]) -> Trained:
    """Train the experiment whose fingerprint is `spec["experiment"]`. Raises as `train.training.train` does."""
    experiment = workspace.get(Experiment, spec["experiment"])
    runs = list(train(workspace, experiment, ForkEngine(), emit))
    trained = Trained(
        experiment.fingerprint,
        complete=tuple(run.fingerprint for run in runs if run.state == "complete"),
        failed=tuple(run.fingerprint for run in runs if run.state != "complete"),
    )
    if trained.complete:
        where = fingerprint(tracking_uri(workspace))
        queue.submit(
            workspace, "record", {"experiment": experiment.fingerprint, "runs": trained.complete, "where": where}
        )
    return trained


def record_job(workspace: Workspace, spec: Mapping[str, Any], emit: Callable[[object], None]) -> Recorded:
    """Write the runs of an experiment to MLflow, behind what somebody waits for. Raises as `record_experiment` does."""
    os.nice(10)
    emit(Progress(0, 1, "Writing the runs to MLflow"))
    return record_experiment(workspace, workspace.get(Experiment, spec["experiment"]))
