"""What the system says about memory that ran out."""

from __future__ import annotations

from pathlib import Path

_PLACES = (
    (Path("/sys/fs/cgroup/memory.events"), "oom_kill"),
    (Path("/sys/fs/cgroup/memory/memory.oom_control"), "oom_kill"),
    (Path("/proc/vmstat"), "oom_kill"),
)


def out_of_memory_kills() -> int:
    """How many processes the system has killed for want of memory; 0 where it does not say."""
    return sum(_count(path, name) for path, name in _PLACES)


def _count(path: Path, name: str) -> int:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return 0
    return next((int(words[1]) for words in map(str.split, lines) if len(words) == 2 and words[0] == name), 0)
