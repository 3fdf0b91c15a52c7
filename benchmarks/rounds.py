"""Two ways of doing the same, timed in turn."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence


def fastest(calls: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """Seconds of the fastest round of each call; the calls take turns, so that what slows the machine slows all."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, taken in zip(calls, times, strict=True):
            gc.collect()
            start = time.perf_counter()
            call()
            taken.append(time.perf_counter() - start)
    return [min(taken) for taken in times]
