"""What a stored run costs to use: seconds for one row and for many, bytes on disk and in memory."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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

CALLS, WARM_UP = 240, 5
MOST_SECONDS = 3.0
"""A model that is slow is called less often: until so many seconds have passed, but at least a fifth as often."""

BULK_ROWS, TURNS = 10_000, 4
LOAD_SECONDS = 0.5
"""What opening a stored model and its rows usually takes."""

Emit = Callable[[object], None]


@dataclass(frozen=True)
class Latency:
    """Milliseconds for scoring one row, over `calls` calls on the machine that measured."""

    p50_ms: float
    p95_ms: float
    calls: int


@dataclass(frozen=True)
class Processing:
    """What one run costs. `latency` is that of the quietest of `rounds` turns, `rows_per_second` of the fastest, over
    `bulk_rows` rows, `disk_bytes` the size of the
    model file, `memory_bytes` what it consists of once it is loaded (`memory_of`)."""

    run: str
    latency: Latency
    rows_per_second: float
    bulk_rows: int
    rounds: int
    disk_bytes: int
    memory_bytes: int


@dataclass(frozen=True)
class Measured:
    """All runs, measured in turn by one process; `cores` is how many cores it could use."""

    runs: tuple[Processing, ...]
    cores: int


def measure_runs(workspace: Workspace, runs: Sequence[Run], emit: Emit | None = None) -> Measured:
    """Measure complete stored runs, made in the right order, in this process: each gets its turn `TURNS` times, so that
    what else the machine does falls on all alike.

    Raises NotFoundError where a run or its table is gone, NotPossibleError where no run has a result.
    """
    able = _measurable(runs)
    if not able:
        raise NotPossibleError("No run has a model to measure.", "Train at least one recipe.")
    timings = [_Timing.of(workspace, run) for run in able]
    for turn in range(TURNS):
        for place, timing in enumerate(timings):
            if emit is not None:
                what = f"Timing {recipe_title(timing.run.recipe)}"
                emit(Progress(turn * len(timings) + place, TURNS * len(timings), what))
            timing.take_a_turn()
    return Measured(tuple(_measured(workspace, timing) for timing in timings), usable_cores())


@dataclass(eq=False)
class _Timing:
    """One run being measured: its model, the rows it scores, and the seconds taken so far."""

    run: Run
    model: FittedModel
    rows: pd.DataFrame
    single: list[Latency] = field(default_factory=list)
    bulk: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, workspace: Workspace, run: Run) -> _Timing:
        model = load_fitted(workspace, run)
        return cls(run, model, rows_to_score(workspace, run, model, BULK_ROWS))

    def take_a_turn(self) -> None:
        taken = times_one_by_one(self.model, self.rows, CALLS // TURNS, MOST_SECONDS / TURNS)
        self.single.append(latency_of(taken))
        many = self.rows.iloc[np.arange(BULK_ROWS) % len(self.rows)]
        self.bulk.append(timed(lambda: score(self.model, many)))


def _measured(workspace: Workspace, timing: _Timing) -> Processing:
    disk = (run_folder(workspace, timing.run.fingerprint) / MODEL_FILE).stat().st_size
    return Processing(
        timing.run.fingerprint,
        min(timing.single, key=lambda latency: latency.p50_ms),
        BULK_ROWS / min(timing.bulk),
        BULK_ROWS,
        TURNS,
        disk,
        memory_of(timing.model),
    )


def expected_seconds(runs: Sequence[Run]) -> float:
    """Seconds that `measure_runs` will take: the single calls are stopped by the clock, many rows take what they took
    when the run was made."""
    complete = [run for run in runs if run.state == "complete"]
    bulk = sum(run.predict_seconds_per_1000 for run in complete if run.predict_seconds_per_1000 > 0)
    return len(complete) * (MOST_SECONDS + LOAD_SECONDS) + TURNS * BULK_ROWS / 1000 * bulk


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def rows_to_score(workspace: Workspace, run: Run, model: FittedModel, most: int) -> pd.DataFrame:
    """The first raw training rows of a run, at most `most`. Raises NotFoundError where its table is gone."""
    rows = workspace.get(SplitPlan, run.split).training_rows()
    return open_dataset(workspace, run.dataset).frame(model.features, rows[:most])


def one_by_one(model: FittedModel, frame: pd.DataFrame) -> Latency:
    """Score rows one at a time, preparing and calibrating included: up to `CALLS` calls after a few to warm up."""
    return latency_of(times_one_by_one(model, frame, CALLS, MOST_SECONDS))


def times_one_by_one(model: FittedModel, frame: pd.DataFrame, calls: int, most_seconds: float) -> list[float]:
    """Seconds of up to so many calls, each with one of the rows in turn; fewer (a fifth) where they take too long."""
    for place in range(WARM_UP):
        score(model, frame.iloc[[place % len(frame)]])
    taken: list[float] = []
    while len(taken) < calls and (sum(taken) <= most_seconds or len(taken) < calls // 5):
        row = frame.iloc[[len(taken) % len(frame)]]
        taken.append(timed(lambda row=row: score(model, row)))  # type: ignore[misc]
    return taken


def latency_of(seconds: Sequence[float]) -> Latency:
    """Median and 95 % quantile of the seconds of single calls."""
    p50, p95 = 1000 * np.quantile(seconds, [0.5, 0.95])
    return Latency(float(p50), float(p95), len(seconds))


def memory_of(model: FittedModel) -> int:
    """Bytes of all that a loaded model consists of: its arrays and trees in full, other objects in their shortest form.

    Counted on a copy in memory that is thrown away. What a process takes besides (Python, the libraries) is the same
    for all models and not counted.
    """
    import pickle

    arrays: list[pickle.PickleBuffer] = []
    rest = pickle.dumps(model.pipeline, protocol=5, buffer_callback=arrays.append)
    return len(rest) + sum(one.raw().nbytes for one in arrays)


def timed(call: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def processing_spec(runs: Sequence[Run]) -> dict[str, Any]:
    """The spec of the job kind "processing"."""
    return {"runs": [run.fingerprint for run in _measurable(runs)]}


def _measurable(runs: Sequence[Run]) -> list[Run]:
    """The runs with a model that may be used; one made in the wrong order would look the best of all."""
    return [run for run in runs if run.state == "complete" and not run.recipe.leak]


def processing_job(workspace: Workspace, spec: Mapping[str, Any], emit: Emit) -> Measured:
    """The job kind "processing"."""
    return measure_runs(workspace, [load_run(workspace, run) for run in spec["runs"]], emit)
