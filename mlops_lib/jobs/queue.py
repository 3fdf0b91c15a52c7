"""The queue of jobs, as the pages see it: submit, look, cancel. What a worker does to it is in `taking`."""

from __future__ import annotations

import contextlib
import shutil
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

import sqlalchemy as sa

from mlops_lib.jobs import work
from mlops_lib.objects.errors import NotFoundError
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.run import Failure
from mlops_lib.workspace import codec
from mlops_lib.workspace.database import database, job_events, jobs
from mlops_lib.workspace.folder import Workspace

State = Literal["queued", "running", "done", "failed", "cancelled"]
ACTIVE = ("queued", "running")


@dataclass(frozen=True)
class Job:
    """A job as it stood when it was looked at. Times are seconds since 1970; the result lies under `key`.

    `error` says why a failed job failed. `cancelling` is True from the click until the work has ended.
    """

    id: str
    kind: str
    key: str
    spec: Mapping[str, Any]
    state: State
    created: float
    started: float | None = None
    finished: float | None = None
    heartbeat: float | None = None
    progress: Progress | None = None
    error: Failure | None = None
    cancelling: bool = False
    attempts: int = 0

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ACTIVE

    @property
    def seconds(self) -> float:
        """How long it has run, or ran; 0 while it waits."""
        return 0.0 if self.started is None else (self.finished or time.time()) - self.started


def submit(workspace: Workspace, kind: str, spec: Mapping[str, Any], again: bool = False) -> str:
    """Ask for a piece of work and return the id of its job.

    A job with the same key that waits or runs is returned instead of a second one. Where the result is stored
    already, the job is done from the start; `again` throws that result away (training in which a fit failed, say).
    Raises InputError for a kind that does not exist.
    """
    key = work.key(kind, spec)
    if again:
        _throw_away(workspace, key)
    known = find(workspace, kind, spec)
    stored = workspace.has_result(key)
    if known is not None and (known.active or (stored and known.state == "done")):
        return known.id
    now = time.time()
    times = {"started": now, "finished": now} if stored else {}
    row = {
        "id": uuid.uuid4().hex[:16],
        "kind": kind,
        "key": key,
        "spec": codec.to_json(dict(spec)),
        "state": "done" if stored else "queued",
        "created": now,
        **times,
    }
    try:
        with database(workspace).begin() as connection:
            connection.execute(sa.insert(jobs).values(row))
    except sa.exc.IntegrityError:
        return submit(workspace, kind, spec)  # somebody else asked for the same in between
    return str(row["id"])


def status(workspace: Workspace, job: str) -> Job:
    """The job of that id. Raises NotFoundError where there is none."""
    found = _one(workspace, sa.select(jobs).where(jobs.c.id == job))
    if found is None:
        raise NotFoundError(f"There is no job '{job}' in this workspace.", "Start the work again from its page.")
    return found


def find(workspace: Workspace, kind: str, spec: Mapping[str, Any]) -> Job | None:
    """The newest job for exactly this work, None where it was never asked for."""
    key = work.key(kind, spec)
    return _one(workspace, sa.select(jobs).where(jobs.c.key == key).order_by(jobs.c.created.desc()).limit(1))


def listing(workspace: Workspace, active_only: bool = False, limit: int = 50) -> tuple[Job, ...]:
    """The newest jobs, newest first."""
    query = sa.select(jobs).order_by(jobs.c.created.desc()).limit(limit)
    if active_only:
        query = query.where(jobs.c.state.in_(ACTIVE))
    with database(workspace).connect() as connection:
        return tuple(job_of(row) for row in connection.execute(query))


def events(workspace: Workspace, job: str, after: int = 0) -> tuple[tuple[int, Any], ...]:
    """Events of a job in the order in which they happened, as (event id, event), those after `after` only."""
    query = sa.select(job_events.c.id, job_events.c.event).where(job_events.c.job == job, job_events.c.id > after)
    with database(workspace).connect() as connection:
        rows = connection.execute(query.order_by(job_events.c.id)).all()
    return tuple((int(number), codec.from_json(text)) for number, text in rows)


def cancel(workspace: Workspace, job: str) -> None:
    """Ask that a job end. One that waits ends at once, one that runs within about a second; others are left alone."""
    waiting = jobs.update().where(jobs.c.id == job, jobs.c.state == "queued")
    running = jobs.update().where(jobs.c.id == job, jobs.c.state == "running")
    with database(workspace).begin() as connection:
        connection.execute(waiting.values(state="cancelled", finished=time.time(), cancel=True))
        connection.execute(running.values(cancel=True))


def wait(workspace: Workspace, job: str, seconds: float = 600.0) -> Job:
    """The job once it has ended, or as it stands after `seconds`. For notebooks and scripts; a page never waits."""
    end = time.monotonic() + seconds
    found = status(workspace, job)
    while found.active and time.monotonic() < end:
        time.sleep(0.05)
        found = status(workspace, job)
    return found


def _throw_away(workspace: Workspace, key: str) -> None:
    """Remove a stored result whole: a new name first, so that nobody sees half of it."""
    gone = workspace.results / f".{key}-{uuid.uuid4().hex[:8]}"
    with contextlib.suppress(FileNotFoundError):
        (workspace.results / key).rename(gone)
        shutil.rmtree(gone)


def _one(workspace: Workspace, query: sa.Select[Any]) -> Job | None:
    with database(workspace).connect() as connection:
        row = connection.execute(query).first()
    return None if row is None else job_of(row)


def job_of(row: sa.Row[Any]) -> Job:
    """The job that a row of the table describes."""
    values = row._mapping
    return Job(
        **{name: values[name] for name in ("id", "kind", "key", "created", "started", "finished", "heartbeat")},
        spec=codec.from_json(values["spec"]),
        state=cast("State", values["state"]),
        progress=None if values["progress"] is None else codec.from_json(values["progress"]),
        error=None if values["error"] is None else codec.from_json(values["error"]),
        cancelling=bool(values["cancel"]) and values["state"] in ACTIVE,
        attempts=values["attempts"],
    )
