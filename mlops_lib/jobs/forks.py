"""Asking the fork server for processes, and hearing from them."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import mlops_lib
from mlops_lib.objects.run import Failure

_POOLS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA")
_ONE_THREAD = {**{f"{name}_NUM_THREADS": "1" for name in _POOLS}, "VECLIB_MAXIMUM_THREADS": "1"}
_NO_RESERVE = {"MIMALLOC_ARENA_EAGER_COMMIT": "0"}
"""Arrow's allocator reserves a gigabyte at its start; taken at once, it would count as used and blur a task's limit."""

_AT_A_TIME = 100
"""Messages heard from one task before the others get their turn."""

TRY_AGAIN = "Start it again; what was finished is kept."


@dataclass(frozen=True)
class Exit:
    """How a process ended: its wait status (None: it never ran), and whether memory ran out."""

    status: int | None
    memory: bool = False

    @property
    def failure(self) -> Failure:
        """What a user reads where a process ended without saying anything."""
        if self.memory:
            return Failure("Memory ran out, and the system stopped this.", "Try fewer rows, columns or models.")
        if self.status is not None and os.WIFSIGNALED(self.status):
            number = os.WTERMSIG(self.status)
            return Failure(f"The process that did this was killed from outside (signal {number}).", TRY_AGAIN)
        return Failure("The process that did this ended before it was finished.", TRY_AGAIN)


@dataclass(eq=False)
class Task:
    """A process that was asked for, queued or running."""

    number: int
    reference: str
    arguments: tuple[Any, ...]
    channel: Connection
    pid: int | None = None


Said = tuple[Task, str, Any]
"""What came from a task: ("event", value), ("done", value), ("failed", Failure), and last of all ("ended", Exit)."""


class Forks:
    """One client's line to the fork server. Used by one thread."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self._tasks: dict[int, Task] = {}
        self._count = 0

    def start(self, reference: str, *arguments: Any, slot: bool = False) -> Task:
        """Run `reference` ("module:function"), called as f(emit, *arguments), in a process of its own.

        With `slot` it waits until fewer than the agreed number of such processes run. Raises EOFError or OSError
        where the server is gone.
        """
        self._count += 1
        ours, theirs = socket.socketpair()
        with theirs:
            self._line.send_bytes(json.dumps({"start": self._count, "slot": slot}).encode())
            with socket.socket(fileno=os.dup(self._line.fileno())) as line:
                socket.send_fds(line, [b"."], [theirs.fileno()])
        task = Task(self._count, reference, arguments, Connection(ours.detach()))
        self._tasks[task.number] = task
        return task

    def stop(self, task: Task) -> None:
        """Ask that a task and all it started end; they are killed after a grace of half a second."""
        with contextlib.suppress(OSError):
            self._line.send_bytes(json.dumps({"stop": task.number}).encode())

    def listen(self, seconds: float | None) -> list[Said]:
        """What was said within `seconds` (None: wait until something is). Raises EOFError where the server is gone."""
        lines: list[Any] = [self._line, *(task.channel for task in self._tasks.values() if task.pid)]
        ready = wait(lines, seconds)
        said = [one for task in self._tasks.values() if task.channel in ready for one in self._hear(task, _AT_A_TIME)]
        return [*said, *self._hear_server()] if self._line in ready else said

    @staticmethod
    def _hear(task: Task, most: int | None = None) -> Iterator[Said]:
        """What a task has said so far, `most` messages at a time. Its end is the server's to tell."""
        with contextlib.suppress(EOFError, OSError):
            while task.channel.poll() and most != 0:
                kind, value = task.channel.recv()
                yield task, kind, value
                most = None if most is None else most - 1

    def _hear_server(self) -> Iterator[Said]:
        message = json.loads(self._line.recv_bytes())
        task = self._tasks[message.get("started") or message["ended"]]
        if "started" in message:
            task.pid = message["pid"]
            with contextlib.suppress(OSError):
                task.channel.send((task.reference, task.arguments))
            return
        del self._tasks[task.number]
        yield from self._hear(task)
        task.channel.close()
        yield task, "ended", Exit(message["status"], message["memory"])

    def close(self) -> None:
        """Hang up; the server ends what is still running."""
        self._line.close()
        for task in self._tasks.values():
            task.channel.close()
        self._tasks.clear()


_own: list[Forks] = []
"""The line that this process was born with, where it was forked by the server."""


def adopt(line: Connection) -> None:
    """Keep the line that a forked process was given."""
    _own[:] = [Forks(line)]


@contextmanager
def forks() -> Iterator[Forks]:
    """A line to a fork server: this process's own where it was forked, else one to a server of its own."""
    if _own:
        yield _own[0]
        return
    with fork_server() as started:
        yield started


def slots() -> int:
    """How many computing processes may run at once: FULCRUM_TASKS, else the number of usable cores."""
    asked = os.environ.get("FULCRUM_TASKS", "")
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return int(asked) if asked.isdigit() and int(asked) > 0 else usable


@contextmanager
def fork_server() -> Iterator[Forks]:
    """Start a fork server for as long as the block lasts."""
    ours, theirs = socket.socketpair()
    above = str(Path(mlops_lib.__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, (above, os.environ.get("PYTHONPATH"))))
    with theirs:
        process = subprocess.Popen(  # noqa: S603  (our own interpreter, our own module)
            [sys.executable, "-m", "mlops_lib.jobs.forkserver", str(theirs.fileno()), str(slots())],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            env={**os.environ, **_ONE_THREAD, **_NO_RESERVE, "PYTHONPATH": path},
            start_new_session=True,
        )
    line = Forks(Connection(ours.detach()))
    try:
        yield line
    finally:
        line.close()
        _see_off(process)


def _see_off(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
