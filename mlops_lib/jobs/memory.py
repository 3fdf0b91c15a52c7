"""How much memory a task may use, and what the system says about memory that ran out."""

from __future__ import annotations

import os
import re
import resource
import signal
from pathlib import Path

from mlops_lib.objects.errors import InputError, TooLargeError
from mlops_lib.objects.run import Failure
from mlops_lib.objects.words import size

MOST = 6_000_000_000
"""Bytes that a task with a limit may use where no setting says otherwise and the machine has twice as many."""

_PLACES = (
    (Path("/sys/fs/cgroup/memory.events"), "oom_kill"),
    (Path("/sys/fs/cgroup/memory/memory.oom_control"), "oom_kill"),
    (Path("/proc/vmstat"), "oom_kill"),
)
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_SETTING = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)b?", re.IGNORECASE)
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_BROKE_OFF = (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS)
_HINT = "Try fewer rows or columns, or another format: Parquet and CSV need the least."


def memory_limit(setting: str) -> int:
    """Bytes that a task may use: what the environment variable says ("6 GB"), else half of the machine, at most `MOST`.

    Raises InputError where the variable is no size.
    """
    asked = os.environ.get(setting, "").strip()
    if not asked:
        return min(MOST, machine_memory() // 2)
    found = _SETTING.fullmatch(asked)
    if found is None or float(found[1]) <= 0:
        raise InputError(f"{setting} is '{asked}', which is no size.", f"Set it to a size such as {setting}=6GB.")
    return int(float(found[1]) * _UNITS[found[2].lower()])


def machine_memory() -> int:
    """Bytes of memory of this machine, or of the share of it that this process may use."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([whole, *filter(None, map(_bytes_in, _LIMITS))])


def limit_memory(allowed: int) -> None:
    """Let this process take `allowed` bytes beyond what it has; more fails with MemoryError, or breaks it off.

    What is limited is private memory (RLIMIT_DATA). The size of the address space would also count files that are only
    mapped and the room that allocators reserve and never use.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = _private_memory() + allowed
    if hard == resource.RLIM_INFINITY or most < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def too_much(allowed: int) -> TooLargeError:
    """What a user reads where a task hit its limit."""
    return TooLargeError(f"This needs more than {size(allowed)} of memory, the limit.", _HINT)


def broke_off(status: int | None, allowed: int) -> Failure | None:
    """What a user reads where a native library ended a limited process; None where something else ended it.

    C++ and Rust abort where memory cannot be had.
    """
    if status is None or not os.WIFSIGNALED(status) or os.WTERMSIG(status) not in _BROKE_OFF:
        return None
    return Failure(
        f"This broke off: it needs more than {size(allowed)} of memory, the limit, or the data are damaged.", _HINT
    )


def out_of_memory_kills() -> int:
    """How many processes the system has killed for want of memory; 0 where it does not say."""
    return sum(_count(path, name) for path, name in _PLACES)


def _private_memory() -> int:
    """Bytes that count against RLIMIT_DATA now; 0 where the system does not say."""
    return _count(Path("/proc/self/status"), "VmData:") * 1024


def _bytes_in(path: Path) -> int | None:
    try:
        text = path.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def _count(path: Path, name: str) -> int:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return 0
    return next((int(words[1]) for words in map(str.split, lines) if len(words) >= 2 and words[0] == name), 0)
