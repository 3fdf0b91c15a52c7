"""Bootstrap of rows as weights: how often each row is drawn, so that any metric that takes weights can be drawn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np


def row_draws(strata: np.ndarray | None, rows: int, times: int, seed: int) -> Iterator[np.ndarray]:
    """How often each of the rows is drawn, float64 (rows,), for each of `times` resamples.

    With `strata`, int codes (rows,), each stratum keeps its size (Davison & Hinkley 1997, section 3.2).
    """
    rng = np.random.default_rng(seed)
    parts = _parts(strata, rows)
    for _ in range(times):
        drawn = np.zeros(rows)
        for part in parts:
            drawn[part] = np.bincount(rng.integers(0, len(part), len(part)), minlength=len(part))
        yield drawn


def _parts(strata: np.ndarray | None, rows: int) -> list[np.ndarray]:
    if strata is None:
        return [np.arange(rows)]
    return [np.flatnonzero(strata == code) for code in np.unique(strata)]
