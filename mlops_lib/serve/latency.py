"""How long a run's model takes to score one row, measured on rows of its own table."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops_lib.data.datasets import open_dataset
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.split import SplitPlan
from mlops_lib.train.runs import load_fitted, load_run
from mlops_lib.train.scores import score
from mlops_lib.workspace.folder import Workspace

CALLS, WARM_UP = 200, 5


@dataclass(frozen=True)
class Latency:
    """Milliseconds for scoring one row, over `calls` calls on the machine that measured."""

    p50_ms: float
    p95_ms: float
    calls: int


def measure_latency(workspace: Workspace, run: str) -> Latency:
    """Score training rows of a run one by one, preparing and calibrating included.

    Raises NotFoundError where the run or its table is gone.
    """
    trained = load_run(workspace, run)
    model = load_fitted(workspace, trained)
    rows = workspace.get(SplitPlan, trained.split).training_rows()
    frame = open_dataset(workspace, trained.dataset).frame(model.features, rows[:CALLS])
    single = [frame.iloc[[place]] for place in range(len(frame))]
    for one in single[:WARM_UP]:
        score(model, one)
    seconds = np.array([_timed(lambda one=one: score(model, one)) for one in single])  # type: ignore[misc]
    p50, p95 = 1000 * np.quantile(seconds, [0.5, 0.95])
    return Latency(float(p50), float(p95), len(seconds))


def latency_spec(run: str) -> dict[str, Any]:
    """The spec of the job kind "latency"."""
    return {"run": run}


def latency_job(workspace: Workspace, spec: Mapping[str, Any], emit: Callable[[object], None]) -> Latency:
    """The job kind "latency"."""
    emit(Progress(0, 1, "Scoring rows one by one"))
    return measure_latency(workspace, spec["run"])


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
