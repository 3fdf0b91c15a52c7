"""The worker: takes jobs from the database and has each done in a process of its own.

It computes nothing itself and has one thread, so a job can neither stall nor crash it. It outlives the app that
started it, and ends when nobody has needed it for a while.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import sqlalchemy as sa

from mlops_lib.jobs import taking
from mlops_lib.jobs.forks import Exit, Forks, Task, fork_server, slots
from mlops_lib.jobs.locks import acquire, app_lock, host, is_held, worker_lock, write_holder
from mlops_lib.jobs.memory import broke_off, memory_limit
from mlops_lib.jobs.queue import Job
from mlops_lib.jobs.work import WORK, Work
from mlops_lib.objects.run import Failure
from mlops_lib.workspace import codec
from mlops_lib.workspace.folder import Workspace, open_workspace

LOOK = 0.2
"""Seconds between two looks at the queue."""

BEAT = 2.0
"""Seconds between two heartbeats."""

CONDUCTED = 4
"""Jobs at once that hand their computing to further processes; these share the slots in turn."""

CHORES = 10.0
"""Seconds after its start before a worker sees to its chores."""

IDLE_SECONDS = 900.0
"""A worker ends after this long without work and without an app; FULCRUM_WORKER_IDLE says otherwise."""


@dataclass(eq=False)
class _Doing:
    """A job in the hands of a process."""

    job: Job
    done: bool = False
    failure: Failure | None = None
    cancelled: bool = False
    taken_away: bool = False
    exit: Exit | None = None
    events: list[tuple[str, str | None]] = field(default_factory=list)


class Worker:
    """One worker of a workspace. `idle_seconds` without a job and without an app end it."""

    def __init__(self, workspace: Workspace, line: Forks, idle_seconds: float) -> None:
        self.workspace, self.line, self.idle_seconds = workspace, line, idle_seconds
        self.host, self.pid = host(), os.getpid()
        self.id = f"{self.host[:50]}:{self.pid}:{uuid.uuid4().hex[:8]}"
        self.doing: dict[Task, _Doing] = {}
        self.stopping = False
        self.last_needed = time.monotonic()
        self.last_beat = 0.0
        self.begun = time.monotonic()
        self.tidied = False

    def work(self) -> None:
        """Work until told to stop, or until nobody has needed it for a while."""
        taking.enter(self.workspace, self.id, self.pid, self.host)
        taking.close_orphans(self.workspace, gone_from=self.host, but=self.id)
        taking.forget(self.workspace)
        while not self.stopping and not self._idle():
            try:
                self._beat()
                self._take()
                self._obey()
                self._listen()
                self._tidy_once()
            except sa.exc.OperationalError as error:
                _say(f"The database did not answer ({error.orig}); trying again.")
                time.sleep(1)
        taking.leave(self.workspace, self.id)

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """End after this look at the queue; what is being done goes back into it."""
        self.stopping = True

    def _idle(self) -> bool:
        if self.doing or is_held(app_lock(self.workspace)):
            self.last_needed = time.monotonic()
        return time.monotonic() - self.last_needed > self.idle_seconds

    def _beat(self) -> None:
        if time.monotonic() - self.last_beat < BEAT:
            return
        self.last_beat = time.monotonic()
        taking.beat(self.workspace, self.id, self.pid, self.host)
        taking.close_orphans(self.workspace, but=self.id)

    def _take(self) -> None:
        for conducts, most in ((True, CONDUCTED), (False, max(2, slots()))):
            kinds = [kind for kind, work in WORK.items() if work.conducts is conducts]
            busy = sum(doing.job.kind in kinds for doing in self.doing.values())
            while busy < most and (job := taking.take(self.workspace, self.id, kinds)):
                spec = codec.to_json(dict(job.spec))
                arguments = (str(self.workspace.root), WORK[job.kind].run, spec, job.key)
                self.doing[self._start(WORK[job.kind], arguments)] = _Doing(job)
                busy += 1

    def _start(self, work: Work, arguments: tuple[str, ...]) -> Task:
        if work.memory:
            return self.line.start("mlops_lib.jobs.doing:do_limited_job", work.memory, *arguments)
        return self.line.start("mlops_lib.jobs.doing:do_job", *arguments)

    def _obey(self) -> None:
        """Stop what somebody wants cancelled, and what the database says is no longer this worker's."""
        if not self.doing:
            return
        mine = taking.assigned(self.workspace, self.id)
        for task, doing in self.doing.items():
            away, cancelled = doing.job.id not in mine, mine.get(doing.job.id, False)
            if (away or cancelled) and not (doing.taken_away or doing.cancelled):
                doing.taken_away, doing.cancelled = away, cancelled
                self.line.stop(task)

    def _tidy_once(self) -> None:
        """See to the chores once, some time after the start, so that they are in nobody's way."""
        if not self.tidied and not self.doing and time.monotonic() - self.begun > CHORES:
            self.tidied = True
            self.line.start("mlops_lib.jobs.chores:tidy", str(self.workspace.root))

    def _listen(self) -> None:
        """Hear what the processes say, write it down, and close the jobs whose process has ended."""
        for task, kind, value in self.line.listen(LOOK):
            if task in self.doing:
                self._hear(self.doing[task], kind, value)
            elif kind == "failed":
                _say(f"The chores were not done: {value.message} {value.hint}")
        for task, doing in list(self.doing.items()):
            self._record(doing)
            if doing.exit is not None:
                self._close(doing, doing.exit)
                del self.doing[task]

    @staticmethod
    def _hear(doing: _Doing, kind: str, value: Any) -> None:
        if kind == "event":
            doing.events.append(value)
        elif kind == "done":
            doing.done = True
        elif kind == "failed":
            doing.failure = value
        else:
            doing.exit = value

    def _record(self, doing: _Doing) -> None:
        if doing.events and not doing.taken_away:
            taking.record(self.workspace, self.id, doing.job.id, doing.events)
        doing.events.clear()

    def _close(self, doing: _Doing, exit_: Exit) -> None:
        if doing.taken_away:
            return
        if doing.done:
            taking.end(self.workspace, self.id, doing.job.id, "done")
        elif doing.cancelled:
            taking.end(self.workspace, self.id, doing.job.id, "cancelled")
        else:
            taking.end(self.workspace, self.id, doing.job.id, "failed", doing.failure or _why(doing.job, exit_))


def _why(job: Job, exit_: Exit) -> Failure:
    """What a user reads about a process that ended without a word."""
    setting = WORK[job.kind].memory
    return (broke_off(exit_.status, memory_limit(setting)) if setting else None) or exit_.failure


def serve(workspace: Workspace, idle_seconds: float) -> None:
    """Work with a fork server until told to stop or idle; where the server dies, start another.

    The next worker finds the jobs of the one before as orphans, and begins them once more.
    """
    while True:
        with fork_server() as line:
            worker = Worker(workspace, line, idle_seconds)
            signal.signal(signal.SIGTERM, worker.stop)
            signal.signal(signal.SIGINT, worker.stop)
            try:
                worker.work()
            except (EOFError, ConnectionError):
                _say("The fork server ended; starting another.")
            else:
                return


def main(argv: Sequence[str] | None = None) -> int:
    """The command `worker`: 0 when it has ended as it should, 1 where this machine has one at work already."""
    parser = argparse.ArgumentParser(prog="python -m mlops_lib worker", description="Do the jobs of a workspace.")
    parser.add_argument("--workspace", help="the folder (default: FULCRUM_HOME, else .fulcrum beside the app)")
    parser.add_argument("--idle", type=float, default=_idle_seconds(), help="seconds without work before it ends")
    parser.add_argument("--lock", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args(argv)
    workspace = open_workspace(asked.workspace)
    lock = acquire(worker_lock(workspace)) if asked.lock is None else asked.lock
    if lock is None:
        _say("A worker is at work on this workspace already.")
        return 1
    os.set_inheritable(lock, False)
    write_holder(lock, os.getpid())
    serve(workspace, asked.idle)
    return 0


def _idle_seconds() -> float:
    return float(os.environ.get("FULCRUM_WORKER_IDLE") or IDLE_SECONDS)


def _say(sentence: str) -> None:
    print(time.strftime("%Y-%m-%d %H:%M:%S"), sentence, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
