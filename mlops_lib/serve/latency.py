"""How long a run's model takes to score one row, measured on rows of its own table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mlops_lib.objects.progress import Progress
from mlops_lib.train.processing import CALLS, Latency, one_by_one, rows_to_score
from mlops_lib.train.runs import load_fitted, load_run
from mlops_lib.workspace.folder import Workspace

__all__ = ["Latency", "latency_job", "latency_spec", "measure_latency"]


def measure_latency(workspace: Workspace, run: str) -> Latency:
    """Score training rows of a run one by one, preparing and calibrating included.

    Raises NotFoundError where the run or its table is gone.
    """
    trained = load_run(workspace, run)
    model = load_fitted(workspace, trained)
    return one_by_one(model, rows_to_score(workspace, trained, model, CALLS))


def latency_spec(run: str) -> dict[str, Any]:
    """The spec of the job kind "latency"."""
    return {"run": run}


def latency_job(workspace: Workspace, spec: Mapping[str, Any], emit: Callable[[object], None]) -> Latency:
    """The job kind "latency"."""
    emit(Progress(0, 1, "Scoring rows one by one"))
    return measure_latency(workspace, spec["run"])
