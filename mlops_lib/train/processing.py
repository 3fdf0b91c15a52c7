"""What a stored run costs to use: seconds for one row and for many, bytes on disk and in memory."""

from __future__ import annotations

import gc
import os
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops_lib.data.datasets import open_dataset
from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.run import Run
from mlops_lib.objects.split import SplitPlan
from mlops_lib.train.ladder import recipe_title
from mlops_lib.train.runs import load_fitted, load_run, run_folder
from mlops_lib.train.scores import MODEL_FILE, FittedModel, score
from mlops_lib.workspace.folder import Workspace

if TYPE_CHECKING:
    import pandas as pd

CALLS, WARM_UP = 200, 5
LEAST_CALLS, MOST_SECONDS = 40, 3.0
"""A model that is slow is called less often: until so many seconds have passed, but at least so often."""

BULK_ROWS, ROUNDS = 10_000, 3

Emit = Callable[[object], None]


@dataclass(frozen=True)
class Latency:
    """Milliseconds for scoring one row, over `calls` calls on the machine that measured."""

    p50_ms: float
    p95_ms: float
    calls: int


@dataclass(frozen=True)
class Processing:
    """What one run costs. `rows_per_second` is the best of `rounds` over `bulk_rows` rows, `disk_bytes` the size of the
    model file, `memory_bytes` what Python and NumPy hold once it is loaded (`memory_of`)."""

    run: str
    latency: Latency
    rows_per_second: float
    bulk_rows: int
    rounds: int
    disk_bytes: int
    memory_bytes: int


@dataclass(frozen=True)
class Measured:
    """All runs, measured one after the other by one process; `cores` is how many cores that machine has."""

    runs: tuple[Processing, ...]
    cores: int


def measure_runs(workspace: Workspace, runs: Sequence[Run], emit: Emit | None = None) -> Measured:
    """Measure stored runs, one at a time in this process.

    Raises NotFoundError where a run or its table is gone, NotPossibleError where no run has a result.
    """
    complete = [run for run in runs if run.state == "complete"]
    if not complete:
        raise NotPossibleError("No run has a model to measure.", "Train at least one recipe.")
    measured = []
    for done, run in enumerate(complete):
        if emit is not None:
            emit(Progress(done, len(complete), f"Timing {recipe_title(run.recipe)}"))
        measured.append(_measure(workspace, run))
    return Measured(tuple(measured), os.cpu_count() or 1)


def _measure(workspace: Workspace, run: Run) -> Processing:
    held = memory_of(workspace, run)
    model = load_fitted(workspace, run)
    frame = rows_to_score(workspace, run, model, BULK_ROWS)
    latency = one_by_one(model, frame)
    many = frame.iloc[np.arange(BULK_ROWS) % len(frame)]
    fastest = min(timed(lambda: score(model, many)) for _ in range(ROUNDS))
    disk = (run_folder(workspace, run.fingerprint) / MODEL_FILE).stat().st_size
    return Processing(run.fingerprint, latency, BULK_ROWS / fastest, BULK_ROWS, ROUNDS, disk, held)


def rows_to_score(workspace: Workspace, run: Run, model: FittedModel, most: int) -> pd.DataFrame:
    """The first raw training rows of a run, at most `most`. Raises NotFoundError where its table is gone."""
    rows = workspace.get(SplitPlan, run.split).training_rows()
    return open_dataset(workspace, run.dataset).frame(model.features, rows[:most])


def one_by_one(model: FittedModel, frame: pd.DataFrame, seconds: float = MOST_SECONDS) -> Latency:
    """Score rows one at a time, preparing and calibrating included: up to `CALLS` calls after a few to warm up."""
    single = [frame.iloc[[place]] for place in range(min(len(frame), CALLS))]
    for one in single[:WARM_UP]:
        score(model, one)
    taken: list[float] = []
    for one in single:
        taken.append(timed(lambda one=one: score(model, one)))  # type: ignore[misc]
        if sum(taken) > seconds and len(taken) >= LEAST_CALLS:
            break
    p50, p95 = 1000 * np.quantile(taken, [0.5, 0.95])
    return Latency(float(p50), float(p95), len(taken))


def memory_of(workspace: Workspace, run: Run) -> int:
    """Bytes that loading a run's model leaves in use, as Python and NumPy count them (`tracemalloc`).

    LightGBM keeps its trees outside Python: their text form is added, which is about what they take.
    """
    load_fitted(workspace, run)  # what is imported along with the first one is not the model's
    gc.collect()
    tracing = tracemalloc.is_tracing()
    if not tracing:
        tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        model = load_fitted(workspace, run)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        if not tracing:
            tracemalloc.stop()
    booster = getattr(model.pipeline.steps[-1][1], "booster_", None)
    return max(after - before, 0) + (len(booster.model_to_string()) if booster is not None else 0)


def timed(call: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def processing_spec(runs: Sequence[Run]) -> dict[str, Any]:
    """The spec of the job kind "processing"."""
    return {"runs": [run.fingerprint for run in runs if run.state == "complete"]}


def processing_job(workspace: Workspace, spec: Mapping[str, Any], emit: Emit) -> Measured:
    """The job kind "processing"."""
    return measure_runs(workspace, [load_run(workspace, run) for run in spec["runs"]], emit)
