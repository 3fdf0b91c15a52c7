"""What a forked process does with its life: read what to do, do it, say what came of it, and exit."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import traceback
import uuid
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from mlops_lib.jobs import forks
from mlops_lib.jobs.work import load
from mlops_lib.objects.errors import FulcrumError
from mlops_lib.objects.run import Failure

_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of prctl(2)."""
_NICE = 15
"""Tasks let the pages go first: on a busy machine a click is answered while a large table is being read."""


class Stopped(BaseException):
    """Raised in a task that is asked to end, wherever it is, so that half-written folders are removed."""


def become_task(channel: int, line: int) -> NoReturn:
    """Turn a freshly forked process into a task: it does what it is told over `channel` and exits.

    `line` is its own line to the fork server. What it says over the channel: ("event", value) any number of times,
    then ("done", value) or ("failed", Failure).
    """
    _take_own_place()
    os.nice(_NICE)
    forks.adopt(Connection(line))
    said = Connection(channel)
    code = 1
    try:
        reference, arguments = said.recv()
        said.send(_outcome(reference, arguments, lambda event: said.send(("event", event))))
        code = 0
    except (Stopped, EOFError, BrokenPipeError, ConnectionResetError):
        pass  # asked to end, or nobody is listening any more
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _outcome(reference: str, arguments: tuple[Any, ...], emit: Callable[[object], None]) -> tuple[str, object]:
    try:
        return "done", load(reference)(emit, *arguments)
    except (BrokenPipeError, ConnectionResetError):
        raise
    except Exception as error:  # noqa: BLE001
        return "failed", failure_of(error)


def failure_of(error: Exception) -> Failure:
    """What a user reads about an error. One that is not ours is written to the log under an id that the user sees."""
    if isinstance(error, FulcrumError):
        return Failure(error.message, error.hint)
    number = uuid.uuid4().hex[:8]
    print(f"[error {number}]", file=sys.stderr)  # noqa: T201
    traceback.print_exception(error, file=sys.stderr)
    if isinstance(error, MemoryError):
        return Failure("Memory ran out.", "Try fewer rows or columns, or a machine with more memory.", number)
    return Failure(
        f"Something went wrong that Fulcrum did not expect ({type(error).__name__}).",
        f"The log has the details under the id {number}.",
        number,
    )


def _take_own_place() -> None:
    """Lead a process group of one's own, end with the parent, and be the first to go when memory runs out."""
    parent = os.getppid()
    os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("500")
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, _stop)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Stopped
