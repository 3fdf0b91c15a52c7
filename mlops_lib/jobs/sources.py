"""Tables from elsewhere as jobs: a query on a database, a file on the server, a sample of a file."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from mlops_lib.data.catalogue import table_name
from mlops_lib.data.datasets import keep, keep_file, read_and_keep
from mlops_lib.data.reservoir import SampledTable, keep_sample, sample_file
from mlops_lib.data.server_files import ServerFile, find_file
from mlops_lib.data.sql import Sample, read_query
from mlops_lib.objects.dataset import Dataset, ReadingOptions
from mlops_lib.objects.errors import NotFoundError
from mlops_lib.objects.progress import Progress
from mlops_lib.workspace.folder import Workspace

Emit = Callable[[object], None]

_EVERY = 0.5
"""Seconds between two words on progress."""


def query_spec(database: str, query: str, name: str = "", rows: int | None = None, seed: int = 0) -> dict[str, Any]:
    """The spec of the job kind "query": all rows, or a sample of so many.

    Every spec is different from all others (`asked`), because the same query may have another answer later.
    """
    return {
        "database": database,
        "query": query.strip(),
        "name": name.strip() or database.lower(),
        "rows": rows,
        "seed": seed,
        "asked": uuid.uuid4().hex,
    }


def query_job(workspace: Workspace, spec: Mapping[str, Any], emit: Emit) -> Dataset:
    """Ask the database and keep the answer as a dataset. Raises what `data.sql.read_query` raises."""
    emit(Progress(0, 1, f"Asking {spec['database']}"))
    say = _Pace(emit)
    sample = None if spec["rows"] is None else Sample(spec["rows"], spec["seed"])
    read = read_query(spec["database"], spec["query"], sample, lambda rows: say(0, 1, f"{rows:,} rows so far"))
    source = f"query {spec['database']}"
    if isinstance(read, SampledTable):
        return keep_sample(workspace, read, spec["name"], source)
    return keep(workspace, read, spec["name"], source)


def server_file_spec(file: ServerFile, options: ReadingOptions | None = None) -> dict[str, Any]:
    """The spec of the job kind "server_file"; a file that has changed since has another one."""
    return {"file": file.name, "stamp": file.stamp, "options": options or ReadingOptions()}


def server_file_job(workspace: Workspace, spec: Mapping[str, Any], emit: Emit) -> Dataset:
    """Copy a file of the server beside the uploads and read it like one. Raises what reading raises."""
    emit(Progress(0, 1, f"Reading {spec['file']}"))
    path, file = _as_it_was(spec)
    return read_and_keep(workspace, keep_file(workspace, path), _last(file.name), spec["options"], "server file")


def sample_spec(file: ServerFile, rows: int, seed: int, options: ReadingOptions | None = None) -> dict[str, Any]:
    """The spec of the job kind "sample": so many rows of a file of the server."""
    return {**server_file_spec(file, options), "rows": rows, "seed": seed}


def sample_job(workspace: Workspace, spec: Mapping[str, Any], emit: Emit) -> Dataset:
    """Draw a sample of a file of the server and keep it. Raises what `data.reservoir.sample_file` raises."""
    path, file = _as_it_was(spec)
    emit(Progress(0, 1, f"Reading {file.name}"))
    say, whole = _Pace(emit), max(1, round(file.size / 1e6))
    read = sample_file(
        path,
        _last(file.name),
        spec["rows"],
        spec["seed"],
        spec["options"],
        lambda rows, octets: say(round(octets / 1e6), whole, f"{rows:,} rows seen, MB read"),
    )
    return keep_sample(workspace, read, f"{table_name(_last(file.name))}, sample", "server file")


def _as_it_was(spec: Mapping[str, Any]) -> Any:
    path, file = find_file(spec["file"])
    if file.stamp != spec["stamp"]:
        raise NotFoundError(f"'{file.name}' has changed since it was listed.", "Choose it again.")
    return path, file


def _last(name: str) -> str:
    return name.rsplit("/", 1)[-1]


class _Pace:
    """Tells of progress, but not more often than somebody can read."""

    def __init__(self, emit: Emit) -> None:
        self.emit, self.last, self.began = emit, 0.0, time.monotonic()

    def __call__(self, done: int, total: int, what: str) -> None:
        now = time.monotonic()
        if now - self.last < _EVERY:
            return
        self.last = now
        left = (now - self.began) * (total - done) / done if 0 < done <= total else None
        self.emit(Progress(done, total, what, left))
