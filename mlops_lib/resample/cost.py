"""What a sampler will take on a fold, said before it is run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mlops_lib.objects.recipe import Sampler
from mlops_lib.objects.words import duration
from mlops_lib.objects.words import size as octets
from mlops_lib.resample.catalogue import all_settings, sampler_spec
from mlops_lib.resample.limits import memory, nominal_seconds
from mlops_lib.resample.spec import Size


@dataclass(frozen=True)
class Cost:
    """What a sampler takes on the training rows of one fold: seconds on one core of this machine, octets beside the
    rows given, and a sentence that says so."""

    seconds: float
    memory_bytes: int
    sentence: str


def estimate(sampler: Sampler, class_counts: Sequence[int], columns: int) -> Cost:
    """What a sampler takes on rows with these class counts and that many encoded columns.

    Raises InputError for an unknown sampler or setting.
    """
    spec = sampler_spec(sampler.name)
    counts = tuple(int(c) for c in class_counts if c)
    if not spec.steps or len(counts) < 2:
        return Cost(0.0, 0, "Nothing is done, so it takes no time.")
    size = Size(counts, columns, all_settings(sampler))
    effort = spec.effort(size)
    seconds, held = nominal_seconds(effort, size) * slowness(), memory(effort, size)
    said = "less than 0.1 s" if seconds < 0.1 else f"about {duration(seconds)}"
    return Cost(seconds, held, f"{spec.label} will take {said} and {octets(held)} of memory on one fold.")


@lru_cache(maxsize=1)
def slowness() -> float:
    """How many times slower this machine is than the one the constants were measured on: once a process, 0.1 s.

    Processor time, because one busy moment would otherwise stay in every estimate of this process.
    """
    from sklearn.neighbors import NearestNeighbors
    from threadpoolctl import threadpool_limits

    rows = np.random.default_rng(0).normal(size=(2_000, 30))
    taken = []
    with threadpool_limits(1):
        search = NearestNeighbors(n_neighbors=2, algorithm="brute").fit(rows)
        for _ in range(5):
            began = time.thread_time()
            search.kneighbors(rows, return_distance=False)
            taken.append(time.thread_time() - began)
    return float(np.clip(min(taken) / REFERENCE_SECONDS, 0.2, 10.0))


REFERENCE_SECONDS = 0.017
"""What `slowness` took where the constants of `limits.py` were measured."""
