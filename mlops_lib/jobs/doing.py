"""Doing a job, inside the process that was forked for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mlops_lib.jobs.memory import limit_memory, memory_limit, too_much
from mlops_lib.jobs.work import load
from mlops_lib.objects.progress import Progress
from mlops_lib.workspace import codec
from mlops_lib.workspace.folder import Workspace


def do_job(emit: Callable[[object], None], root: str, run: str, spec: str, key: str) -> None:
    """Do a job by the function that `run` names and store the result under `key`.

    Its events are emitted as JSON text, with the text once more where the event is a `Progress`.
    """
    workspace = Workspace(Path(root))
    if workspace.has_result(key):
        return

    def tell(event: object) -> None:
        text = codec.to_json(event)
        emit((text, text if isinstance(event, Progress) else None))

    workspace.save_result(key, load(run)(workspace, codec.from_json(spec), tell))


def do_limited_job(emit: Callable[[object], None], setting: str, *job: str) -> None:
    """`do_job` with the memory of this process limited, for as long as it lives, by the setting of that name.

    Raises TooLargeError where the limit is met.
    """
    allowed = memory_limit(setting)
    limit_memory(allowed)
    try:
        return do_job(emit, *job)
    except MemoryError:
        pass  # what was read is let go of when this block is left, and only then is there room to say so
    except RuntimeError as error:
        if "start new thread" not in str(error):
            raise
    raise too_much(allowed)
