"""Ranks that tie where the data cannot tell, never by a third decimal."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mlops_lib.evaluate.planned import LEVEL, Paired


def ranks(paired: Paired, higher_is_better: bool, margin: float) -> dict[str, int]:
    """One more than the number of runs that are better: by more than `margin`, with p below 0.05 on the same folds.

    The p are not adjusted: a rank orders a table, it does not claim.
    """
    names = list(paired.values)
    better = _better(paired, names, 1.0 if higher_is_better else -1.0, margin)
    return dict(zip(names, (1 + better.sum(axis=0)).tolist(), strict=True))


def _better(paired: Paired, names: list[str], sign: float, margin: float) -> np.ndarray:
    """Whether run i (first axis) is better than run j."""
    better = np.zeros((len(names), len(names)), dtype=bool)
    for i, first in enumerate(names):
        for j, second in enumerate(names[:i]):
            test = paired.test(first, second)
            apart = test.p < LEVEL and abs(test.mean) > margin
            better[i, j], better[j, i] = apart and sign * test.mean > 0, apart and sign * test.mean < 0
    return better


def best_first(values: Mapping[str, float], rank: Mapping[str, int], higher_is_better: bool) -> list[str]:
    """Runs by rank, those of one rank by value."""
    sign = -1.0 if higher_is_better else 1.0
    return sorted(rank, key=lambda run: (rank[run], sign * values[run]))
