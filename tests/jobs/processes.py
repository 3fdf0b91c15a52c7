"""Looking at real processes, by way of /proc."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlops_lib.jobs.locks import holder, worker_lock
from mlops_lib.workspace.folder import Workspace


def until(condition: Callable[[], Any], seconds: float = 30.0) -> Any:
    """What the condition gives as soon as it is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("It did not happen in time.")


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children(pid: int) -> list[int]:
    """A process's children in the order in which they were started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def tasks(workspace: Workspace) -> list[int]:
    """The processes that do the running jobs: the children of the worker's fork server."""
    (server,) = children(holder(worker_lock(workspace)))
    return children(server)
