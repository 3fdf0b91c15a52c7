"""The warm fork server: a process that has imported everything and computed nothing, and forks on request.

Forking takes milliseconds where a fresh interpreter takes seconds. It is safe because the server has one thread and
never calls OpenMP or BLAS: their pools do not survive a fork. Every forked process leads its own process group, so
that it can be ended together with whatever it started. Each also gets a line to the server, over which it may ask
for further processes; when the one who asked is gone, what it asked for is ended.

A line carries, from the client: {"start": n, "slot": bool} followed by a file descriptor, and {"stop": n};
to the client: {"started": n, "pid": p} and {"ended": n, "status": s or null, "memory": bool}.
"""

from __future__ import annotations

import faulthandler
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from mlops_lib.jobs.memory import out_of_memory_kills
from mlops_lib.jobs.processes import become_task

GRACE = 0.5
"""Seconds between asking a process to end and killing it."""

PRELOAD = (
    "pandas",
    "pyarrow.parquet",
    "pyarrow.dataset",
    "pyarrow.pandas_compat",
    "pyarrow.csv",
    "pyarrow.compute",
    "scipy.stats",
    "scipy.optimize",
    "sklearn.ensemble",
    "sklearn.linear_model",
    "sklearn.neighbors",
    "sklearn.preprocessing",
    "sklearn.pipeline",
    "sklearn.decomposition",
    "imblearn.combine",
    "imblearn.over_sampling",
    "imblearn.under_sampling",
    "lightgbm",
    "skops.io",
    "mlops_lib.workspace.folder",
)
"""What is imported before the first fork."""

LATER = ("shap", "mlops_lib.registry.settings:load_mlflow")
"""What is loaded one by one while nothing is to do: seconds that the first task should not have to wait for."""

IDLE = 2.0
"""Seconds without a request after which the server loads something more."""


@dataclass(eq=False)
class _Client:
    """Whoever asks: the worker, or a forked process by its own line."""

    line: Connection
    waiting: deque[_Asked] = field(default_factory=deque)


@dataclass(eq=False)
class _Asked:
    """A process that was asked for; `pid` once it runs."""

    number: int
    client: _Client
    slot: bool
    channel: int
    pid: int = 0
    kill_at: float | None = None


class Server:
    """Forks for its clients; at most `slots` of the processes that need a slot run at once, clients taking turns."""

    def __init__(self, first: socket.socket, slots: int) -> None:
        self.slots = slots
        self.selector = selectors.DefaultSelector()
        self.clients: deque[_Client] = deque()
        self.running: dict[int, _Asked] = {}
        self.wake_read, self.wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.selector.register(self.wake_read, selectors.EVENT_READ)
        self.first = self._admit(first.detach())
        self.kills = out_of_memory_kills()
        self.later = deque(LATER)

    def serve(self) -> None:
        """Work until the first client has gone, then end everything."""
        signal.set_wakeup_fd(self.wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        while self.first in self.clients:
            ready = self.selector.select(self._patience())
            for key, _ in ready:
                if key.data is None:
                    os.read(self.wake_read, 4096)
                else:
                    self._hear(key.data)
            if self.later and not ready and not self.running:
                _load(self.later.popleft())
            self._reap()
            self._kill_late_ones()
            self._start_waiting()
        for asked in self.running.values():
            self._end(asked)
        while self.running:
            time.sleep(0.02)
            self._reap()
            self._kill_late_ones()

    def _admit(self, handle: int) -> _Client:
        client = _Client(Connection(handle))
        self.clients.append(client)
        self.selector.register(handle, selectors.EVENT_READ, client)
        return client

    def _hear(self, client: _Client) -> None:
        if client not in self.clients:
            return
        try:
            said = json.loads(client.line.recv_bytes())
            if "start" in said:
                channel = _receive_descriptor(client.line.fileno())
                client.waiting.append(_Asked(said["start"], client, said["slot"], channel))
            else:
                self._stop(client, said["stop"])
        except (EOFError, OSError):
            self._dismiss(client)

    def _dismiss(self, client: _Client) -> None:
        """Forget a client that has gone and end what it asked for."""
        self.clients.remove(client)
        self.selector.unregister(client.line.fileno())
        client.line.close()
        for asked in client.waiting:
            os.close(asked.channel)
        client.waiting.clear()
        for asked in self.running.values():
            if asked.client is client:
                self._end(asked)

    def _stop(self, client: _Client, number: int) -> None:
        for asked in [a for a in client.waiting if a.number == number]:
            client.waiting.remove(asked)
            os.close(asked.channel)
            self._tell(asked, {"ended": number, "status": None, "memory": False})
        for asked in [a for a in self.running.values() if a.client is client and a.number == number]:
            self._end(asked)

    @staticmethod
    def _end(asked: _Asked) -> None:
        if asked.kill_at is None:
            asked.kill_at = time.monotonic() + GRACE
            _signal_group(asked.pid, signal.SIGTERM)

    def _patience(self) -> float | None:
        """Seconds until something is due though nobody asks: killing what would not end, or loading some more."""
        times = [a.kill_at for a in self.running.values() if a.kill_at is not None]
        if times:
            return max(0.0, min(times) - time.monotonic())
        return IDLE if self.later and not self.running else None

    def _kill_late_ones(self) -> None:
        for asked in self.running.values():
            if asked.kill_at is not None and asked.kill_at <= time.monotonic():
                _signal_group(asked.pid, signal.SIGKILL)
                asked.kill_at = time.monotonic() + GRACE

    def _reap(self) -> None:
        """Report the processes that have ended, sweeping what is left of their groups first.

        A group's number cannot be given to another while its leader has not been waited for.
        """
        while self.running:
            found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if found is None:
                return
            _signal_group(found.si_pid, signal.SIGKILL)
            _, status = os.waitpid(found.si_pid, 0)
            asked = self.running.pop(found.si_pid, None)
            if asked is not None:
                self._tell(asked, {"ended": asked.number, "status": status, "memory": self._memory_ran_out(status)})

    def _memory_ran_out(self, status: int) -> bool:
        before, self.kills = self.kills, out_of_memory_kills()
        return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL and self.kills > before

    def _start_waiting(self) -> None:
        for asked in self._next_ones():
            asked.client.waiting.remove(asked)
            self._fork(asked)

    def _next_ones(self) -> Iterator[_Asked]:
        """What may start now: all that need no slot; then one of each client in turn while slots are free."""
        for asked in [a for client in self.clients for a in client.waiting if not a.slot]:
            if asked in asked.client.waiting:
                yield asked
        while sum(asked.slot for asked in self.running.values()) < self.slots:
            turn = next((client for client in self.clients if client.waiting), None)
            if turn is None:
                return
            self.clients.remove(turn)
            self.clients.append(turn)
            yield turn.waiting[0]

    def _fork(self, asked: _Asked) -> None:
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            # Nothing may escape from here: the child must never fall back into the server's loop.
            try:
                ours.close()
                self._let_go_of_everything(keep=asked.channel)
                become_task(asked.channel, theirs.detach())
            except BaseException:  # noqa: BLE001
                traceback.print_exc()
            finally:
                os._exit(70)
        theirs.close()
        os.close(asked.channel)
        asked.pid = pid
        self.running[pid] = asked
        self._admit(ours.detach())
        self._tell(asked, {"started": asked.number, "pid": pid})

    def _let_go_of_everything(self, keep: int) -> None:
        """In a forked child: close the server's descriptors, so that a line ends when its two owners are gone."""
        signal.set_wakeup_fd(-1)
        self.selector.close()
        for client in self.clients:
            for asked in client.waiting:
                if asked.channel != keep:
                    os.close(asked.channel)
            client.line.close()
        os.close(self.wake_read)
        os.close(self.wake_write)

    def _tell(self, asked: _Asked, message: dict[str, Any]) -> None:
        if asked.client not in self.clients:
            return
        try:
            asked.client.line.send_bytes(json.dumps(message).encode())
        except OSError:
            self._dismiss(asked.client)


def _receive_descriptor(handle: int) -> int:
    with socket.socket(fileno=os.dup(handle)) as line:
        _, descriptors, _, _ = socket.recv_fds(line, 1, 1)
    if not descriptors:
        raise EOFError
    os.set_inheritable(descriptors[0], False)
    return descriptors[0]


def _signal_group(leader: int, number: int) -> None:
    """Signal a process and its group; it may not have become the group's leader yet, or be gone."""
    for send in (os.killpg, os.kill):
        try:
            send(leader, number)
        except (ProcessLookupError, PermissionError):
            continue


def preload() -> None:
    """Import what tasks need."""
    from mlops_lib.jobs.work import WORK

    for name in (*PRELOAD, *sorted({work.run.partition(":")[0] for work in WORK.values()})):
        _load(name)


def _load(name: str) -> None:
    """Import a module, or call the function that does it ("module:function").

    What was loaded is moved out of the garbage collector's sight, so that its memory stays shared with the forks.
    """
    module, _, function = name.partition(":")
    try:
        found = importlib.import_module(module)
        if function:
            getattr(found, function)()
    except Exception:  # noqa: BLE001  (a broken package must not take the work down that does without it)
        traceback.print_exc()
    gc.collect()
    gc.freeze()


def main(handle: int, slots: int) -> None:
    """Serve the client at the other end of a socket, given by its descriptor."""
    faulthandler.enable()
    line = socket.socket(fileno=handle)
    preload()
    Server(line, slots).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
