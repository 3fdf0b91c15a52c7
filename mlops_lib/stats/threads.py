"""Work on many columns at once: NumPy sorts and gathers outside Python's lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

MOST = 2
"""Threads that one computation takes at most: other sessions compute beside it."""


def processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_threads(call: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """`call` on each item, in their order; an error of one is raised."""
    with ThreadPoolExecutor(min(MOST, processors())) as pool:
        return list(pool.map(call, items))
