"""Kinds of work for the tests of the worker. Run as a module, a worker that knows them."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from mlops_lib.jobs.work import WORK, Work
from mlops_lib.jobs.worker import main
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.progress import Progress

KINDS = ("count", "refuse", "break", "die", "stubborn", "hungry", "limited", "modules")
MEMORY = {"limited": "TOY_MEMORY"}


def register() -> None:
    """Add the kinds to the table."""
    for kind in KINDS:
        WORK[f"toy_{kind}"] = Work(f"toy_work:{kind}_", describes=("note",), memory=MEMORY.get(kind, ""))


def count_(workspace, spec, emit):
    """Count to `to`, `pause` seconds a step, and leave a mark of every process that began."""
    (workspace.root / f"began-{spec['to']}-{os.getpid()}").touch()
    for step in range(spec["to"]):
        emit(Progress(step, spec["to"], f"step {step}"))
        time.sleep(spec.get("pause", 0.0))
    return {"counted": spec["to"], "pid": os.getpid()}


def refuse_(_workspace, spec, _emit):
    raise InputError(f"{spec['rows']} rows are too few.", "Bring more.")


def break_(_workspace, _spec, _emit):
    raise ZeroDivisionError("a secret path")


def die_(_workspace, spec, _emit):
    os.kill(os.getpid(), spec["signal"])


def stubborn_(_workspace, spec, emit):
    """Ignore the request to end, with a child that does too."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = os.fork()
    Path(spec["file"]).write_text(str(child or os.getpid())) if child else None
    emit(Progress(0, 1, "standing still"))
    time.sleep(120)


def hungry_(_workspace, spec, _emit):
    return {"bytes": len(bytearray(spec["bytes"]))}


def limited_(_workspace, spec, _emit):
    """Take `bytes` of memory in the way that `how` says."""
    import numpy as np
    import pyarrow as pa

    amount = spec["bytes"]
    if spec["how"] == "python":
        return {"bytes": len(b"x" * amount)}
    if spec["how"] == "numpy":
        return {"bytes": sum(array.nbytes for array in [np.ones(1_000_000) for _ in range(amount // 8_000_000)])}
    if spec["how"] == "arrow":
        return {"bytes": sum(a.nbytes for a in [pa.array(range(1_000_000)) for _ in range(amount // 8_000_000)])}
    if spec["how"] == "table":
        (Path(spec["file"])).write_bytes(b"a,b\n" + b"some words,1\n" * (amount // 13))
        from mlops_lib.data.reading import read_table

        return {"rows": read_table(spec["file"], "long.csv").table.num_rows}
    os.abort()


def modules_(_workspace, _spec, _emit):
    """Which modules a process has, with which environment it computes, and the threads of the server it comes from."""
    threads = [path.read_text().strip() for path in Path(f"/proc/{os.getppid()}/task").glob("*/comm")]
    main_file = sys.modules["__main__"].__file__
    facts = {"one_thread": os.environ["OMP_NUM_THREADS"], "main": main_file, "server_threads": threads}
    return {"names": sorted(sys.modules), **facts}


if __name__ == "__main__":
    register()
    sys.exit(main())
