"""Locks on files of the workspace. The system lets go of them when their holder ends, however it ends."""

from __future__ import annotations

import fcntl
import os
import re
import socket
from pathlib import Path

from mlops_lib.workspace.folder import Workspace


def host() -> str:
    """This machine's name."""
    return socket.gethostname()


def worker_lock(workspace: Workspace) -> Path:
    """Held by the one worker that a workspace has on this machine."""
    return workspace.root / f".worker-{_plain(host())}.lock"


def app_lock(workspace: Workspace) -> Path:
    """Shared by the processes on this machine that may ask for work."""
    return workspace.root / f".app-{_plain(host())}.lock"


def acquire(path: Path) -> int | None:
    """Take a lock alone, without waiting: its descriptor, which holds it until it is closed, or None where it is taken.

    The descriptor survives into a child that is given it, and the lock with it.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def share(path: Path) -> int:
    """Take a lock together with others and return its descriptor. Waits the moment in which somebody asks for it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


def write_holder(handle: int, pid: int) -> None:
    """Write into a lock's file which process holds it."""
    os.ftruncate(handle, 0)
    os.pwrite(handle, str(pid).encode(), 0)


def holder(path: Path) -> int | None:
    """The process that holds a lock, None where nobody does or it has not said."""
    text = path.read_text() if is_held(path) else ""
    return int(text) if text.isdigit() else None


def is_held(path: Path) -> bool:
    """Whether anybody holds the lock, alone or shared."""
    if not path.exists():
        return False
    handle = acquire(path)
    if handle is None:
        return True
    os.close(handle)
    return False


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]", "_", name)
