"""Starting a worker where a workspace has none."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import mlops_lib
from mlops_lib.jobs.locks import acquire, app_lock, holder, is_held, share, worker_lock, write_holder
from mlops_lib.workspace import atomic
from mlops_lib.workspace.folder import Workspace

WORKER = "mlops_lib.jobs.worker"

_LOG_BYTES = 5_000_000
_PATIENCE = 10.0
_OF_WORKERS = ("FULCRUM_SQL_", "FULCRUM_FILES", "FULCRUM_DATABASE", "FULCRUM_READ_MEMORY", "FULCRUM_TASKS", "MLFLOW_")
"""Beginnings of the environment variables that a worker takes from the app that starts it."""

_started: dict[Path, subprocess.Popen[bytes]] = {}
"""Workers that this process started, so that they are waited for when they end."""

_shown: dict[Path, int] = {}
"""The lock by which this process shows each workspace that it lives."""


def log_file(workspace: Workspace) -> Path:
    """Where the worker and its processes write."""
    return workspace.root / "worker.log"


def ensure_worker(workspace: Workspace, module: str = WORKER) -> None:
    """Start a worker for this workspace where it has none on this machine. Cheap; call it whenever work is asked for.

    Two callers never start two: the starter takes the worker's lock and hands it down. The worker outlives its
    starter. With FULCRUM_WORKER=off nothing is started, for workspaces whose worker is started by hand. `module` is
    what Python runs as the worker: one that adds kinds of work of its own before it calls `worker.main`, say.

    A worker that was started with other settings (another database, say) gives way to a new one when an app starts;
    what it was doing is begun once more.
    """
    if os.environ.get("FULCRUM_WORKER") == "off":
        return
    if workspace.root not in _shown:
        _shown[workspace.root] = share(app_lock(workspace))
        _dismiss_outdated(workspace)
    lock = acquire(worker_lock(workspace))
    if lock is None:
        return
    try:
        atomic.write_bytes(_settings_file(workspace), _settings(workspace))
        _started[workspace.root] = _start(workspace, lock, module)
        write_holder(lock, _started[workspace.root].pid)
    finally:
        os.close(lock)


def worker_alive(workspace: Workspace) -> bool:
    """Whether this machine has a worker for the workspace, at work or starting."""
    return is_held(worker_lock(workspace))


def stop_worker(workspace: Workspace, seconds: float = 10.0) -> None:
    """End this machine's worker of the workspace and wait for it; what it was doing goes back into the queue."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        pid = holder(worker_lock(workspace))
        if pid is None:
            break
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        _wait_for_release(workspace, seconds)
    started = _started.pop(workspace.root, None)
    if started is not None:
        started.wait(seconds)
    if workspace.root in _shown:
        os.close(_shown.pop(workspace.root))


def _dismiss_outdated(workspace: Workspace) -> None:
    """End a worker that an app with other settings left behind."""
    known, pid = _settings_file(workspace), holder(worker_lock(workspace))
    if pid is None or not known.is_file() or known.read_bytes() == _settings(workspace):
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    _wait_for_release(workspace, _PATIENCE)


def _settings_file(workspace: Workspace) -> Path:
    return workspace.root / "worker.settings"


def _settings(workspace: Workspace) -> bytes:
    """What tells settings apart and does not tell what they are: some hold a password."""
    own = sorted(f"{k}={v}" for k, v in os.environ.items() if k.startswith(_OF_WORKERS))
    return hashlib.pbkdf2_hmac("sha256", "\n".join(own).encode(), str(workspace.root).encode(), 50_000)


def _start(workspace: Workspace, lock: int, module: str) -> subprocess.Popen[bytes]:
    before = _started.pop(workspace.root, None)
    if before is not None:
        before.wait()  # its lock is free, so it has ended; this lets the system forget it
    above = str(Path(mlops_lib.__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, (above, os.environ.get("PYTHONPATH"))))
    command = ["-m", module, "--workspace", str(workspace.root), "--lock", str(lock)]
    with _open_log(workspace).open("ab") as log:
        return subprocess.Popen(  # noqa: S603  (our own interpreter, our own module)
            [sys.executable, *command],
            pass_fds=(lock,),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=workspace.root,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
        )


def _open_log(workspace: Workspace) -> Path:
    path = log_file(workspace)
    if path.exists() and path.stat().st_size > _LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path


def _wait_for_release(workspace: Workspace, seconds: float) -> None:
    end = time.monotonic() + seconds
    while worker_alive(workspace) and time.monotonic() < end:
        time.sleep(0.02)
