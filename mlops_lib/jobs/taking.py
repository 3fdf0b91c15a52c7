"""What a worker does to the queue: take a job, say that it is alive, write events, end a job, close orphans.

Every change names the worker it belongs to, so a worker that was given up for dead cannot write into a job that
another one has taken since.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from mlops_lib.jobs.queue import Job, State, job_of
from mlops_lib.objects.run import Failure
from mlops_lib.workspace import codec
from mlops_lib.workspace.database import database, job_events, jobs, workers
from mlops_lib.workspace.folder import Workspace

SILENCE = 30.0
"""Seconds without a heartbeat after which a worker counts as gone."""

ATTEMPTS = 2
"""How often a job is begun in all, where its worker stops in the middle."""

_ORPHAN = Failure(
    "The worker stopped while it was doing this, twice.",
    "Start it again; what was finished is kept. If it stops again, the machine may be short of memory.",
)


def enter(workspace: Workspace, worker: str, pid: int, host: str) -> None:
    """Enter a worker into the list of those alive."""
    now = time.time()
    row = {"id": worker, "pid": pid, "host": host, "started": now, "heartbeat": now}
    with database(workspace).begin() as connection:
        connection.execute(sa.insert(workers).values(row))


def leave(workspace: Workspace, worker: str) -> None:
    """Strike a worker off the list and put what it was doing back into the queue, as if it had not begun."""
    mine = (jobs.c.worker == worker, jobs.c.state == "running")
    with database(workspace).begin() as connection:
        connection.execute(sa.update(jobs).where(*mine, jobs.c.cancel).values(state="cancelled", finished=time.time()))
        back = {"state": "queued", "worker": None, "started": None, "attempts": jobs.c.attempts - 1}
        connection.execute(sa.update(jobs).where(*mine).values(back))
        connection.execute(sa.delete(workers).where(workers.c.id == worker))


def take(workspace: Workspace, worker: str, kinds: Collection[str]) -> Job | None:
    """Take the job of these kinds that has waited longest, None where none waits. Never given to two workers."""
    now = time.time()
    waiting = sa.select(jobs.c.id).where(jobs.c.state == "queued", jobs.c.kind.in_(kinds))
    first = waiting.order_by(jobs.c.created).limit(1).scalar_subquery()
    taken = {"state": "running", "worker": worker, "started": now, "heartbeat": now, "attempts": jobs.c.attempts + 1}
    statement = sa.update(jobs).where(jobs.c.id == first, jobs.c.state == "queued").values(taken).returning(jobs)
    with database(workspace).begin() as connection:
        row = connection.execute(statement).first()
    return None if row is None else job_of(row)


def beat(workspace: Workspace, worker: str, pid: int, host: str) -> None:
    """Say that a worker and its jobs are alive. One that was struck off the list meanwhile enters it again."""
    now = time.time()
    mine = (jobs.c.worker == worker, jobs.c.state == "running")
    with database(workspace).begin() as connection:
        known = connection.execute(sa.update(workers).where(workers.c.id == worker).values(heartbeat=now)).rowcount
        connection.execute(sa.update(jobs).where(*mine).values(heartbeat=now))
    if not known:
        enter(workspace, worker, pid, host)


def assigned(workspace: Workspace, worker: str) -> dict[str, bool]:
    """The jobs this worker is doing, as the database has it: id, and whether somebody wants it cancelled."""
    query = sa.select(jobs.c.id, jobs.c.cancel).where(jobs.c.worker == worker, jobs.c.state == "running")
    with database(workspace).connect() as connection:
        return {str(job): bool(cancel) for job, cancel in connection.execute(query)}


def record(workspace: Workspace, worker: str, job: str, happened: Sequence[tuple[str, str | None]]) -> None:
    """Write events of a job in their order, each as JSON and once more as JSON where it is a `Progress`."""
    now = time.time()
    progress = [text for _, text in happened if text is not None]
    change = {"heartbeat": now, **({"progress": progress[-1]} if progress else {})}
    mine = sa.update(jobs).where(jobs.c.id == job, jobs.c.worker == worker, jobs.c.state == "running")
    with database(workspace).begin() as connection:
        if connection.execute(mine.values(change)).rowcount:
            connection.execute(sa.insert(job_events), [{"job": job, "at": now, "event": text} for text, _ in happened])


def end(workspace: Workspace, worker: str, job: str, state: State, error: Failure | None = None) -> None:
    """Close a job as done, failed or cancelled."""
    values = {"state": state, "finished": time.time(), "error": None if error is None else codec.to_json(error)}
    mine = sa.update(jobs).where(jobs.c.id == job, jobs.c.worker == worker, jobs.c.state == "running")
    with database(workspace).begin() as connection:
        connection.execute(mine.values(values))


def close_orphans(workspace: Workspace, gone_from: str = "", but: str = "") -> int:
    """See to the jobs whose worker is gone, and return how many there were.

    They go back into the queue the first time and fail the second; one that was being cancelled is cancelled. Gone
    is a worker that has been silent for SILENCE seconds, and any of the host `gone_from` but the worker `but`: the
    caller holds that host's lock, so nobody else there can be alive.
    """
    silent = workers.c.heartbeat < time.time() - SILENCE
    gone = sa.and_(workers.c.id != but, sa.or_(silent, workers.c.host == gone_from) if gone_from else silent)
    with database(workspace).begin() as connection:
        connection.execute(sa.delete(workers).where(gone))
        alive = sa.select(workers.c.id)
        orphan = (jobs.c.state == "running", sa.or_(jobs.c.worker.is_(None), jobs.c.worker.not_in(alive)))
        ends = {"finished": time.time(), "worker": None}
        closed = [
            connection.execute(sa.update(jobs).where(*orphan, condition).values(values)).rowcount
            for condition, values in (
                (jobs.c.cancel, {"state": "cancelled", **ends}),
                (jobs.c.attempts >= ATTEMPTS, {"state": "failed", "error": codec.to_json(_ORPHAN), **ends}),
                (sa.true(), {"state": "queued", "worker": None, "started": None}),
            )
        ]
    return sum(closed)


def forget(workspace: Workspace, days: float = 30.0) -> None:
    """Remove the events of jobs that ended more than `days` ago; the jobs and their results stay."""
    old = sa.select(jobs.c.id).where(jobs.c.finished < time.time() - days * 86_400)
    with database(workspace).begin() as connection:
        connection.execute(sa.delete(job_events).where(job_events.c.job.in_(old)))
