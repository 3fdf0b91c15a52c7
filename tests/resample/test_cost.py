"""What a sampler is said to take."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from mlops_lib.objects.recipe import Sampler
from mlops_lib.resample.catalogue import SAMPLERS
from mlops_lib.resample.cost import estimate, slowness
from mlops_lib.resample.resampling import resample


@pytest.mark.parametrize("name", [n for n in SAMPLERS if n != "none"])
def test_more_rows_never_take_less(name: str) -> None:
    costs = [estimate(Sampler(name), (9 * n, n), 30) for n in (100, 1_000, 10_000, 100_000)]
    assert all(a.seconds <= b.seconds and a.memory_bytes <= b.memory_bytes for a, b in pairwise(costs))
    assert SAMPLERS[name].label in costs[0].sentence


def test_the_sentence_has_its_numbers() -> None:
    said = estimate(Sampler("random_over"), (900, 100), 10).sentence
    assert said == "Random over-sampling will take less than 0.1 s and 144 KB of memory on one fold."
    assert "min" in estimate(Sampler("enn"), (190_000, 10_000), 30).sentence


def test_nothing_takes_nothing() -> None:
    assert estimate(Sampler("none"), (900, 100), 10).seconds == 0
    assert estimate(Sampler("smote"), (900, 0), 10).memory_bytes == 0


def test_settings_count() -> None:
    plain, all_of_them = (estimate(Sampler("near_miss", s), (90_000, 9_000), 30) for s in ((), (("version", 2),)))
    assert all_of_them.memory_bytes > 10 * plain.memory_bytes
    once, often = (estimate(Sampler("all_knn", (("n_neighbors", n),)), (9_000, 900), 30) for n in (1, 5))
    assert often.seconds > 3 * once.seconds
    mild, even = (estimate(Sampler("smoteenn", (("ratio", r),)), (9_000, 900), 30) for r in (0.2, 1.0))
    assert even.seconds > mild.seconds


@pytest.mark.parametrize("name", ["enn", "adasyn", "smotetomek"])
def test_the_estimate_is_of_the_right_size(name: str) -> None:
    """Within a factor of six of the processor's time; a busy machine may be anywhere in between."""
    rng = np.random.default_rng(0)
    y = (np.arange(6_000) < 1_000).astype(np.int8)
    x = rng.normal(size=(6_000, 30)) + 0.5 * y[:, None]
    resample(x[::20], y[::20], (), Sampler(name), 0)
    with threadpool_limits(1):
        began = time.process_time()
        resample(x, y, (), Sampler(name), 0)
        took = time.process_time() - began
    said = estimate(Sampler(name), (5_000, 1_000), 30).seconds / slowness()
    assert said / 6 < took < said * 6
