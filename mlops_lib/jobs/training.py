"""Training as a job: the experiment's runs, their fits in processes of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mlops_lib.jobs.engine import ForkEngine
from mlops_lib.objects.experiment import Experiment
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
    return Trained(
        experiment.fingerprint,
        complete=tuple(run.fingerprint for run in runs if run.state == "complete"),
        failed=tuple(run.fingerprint for run in runs if run.state != "complete"),
    )
