"""Ranks that tie where the data cannot tell, never by a third decimal."""

from __future__ import annotations

import numpy as np

from mlops_lib.evaluate.planned import LEVEL, Paired
from mlops_lib.stats.multiple import holm


def ranks(paired: Paired, higher_is_better: bool, margin: float) -> dict[str, int]:
    """The rank of every run: a step down only where this run, and all with a poorer value, are worse than some other.

    Worse means by more than `margin`, with p below 0.05 on the same folds, Holm-adjusted over all comparisons of this
    run: else one of many recipes would stand a step above the others by chance.
    """
    names, sign = list(paired.values), 1.0 if higher_is_better else -1.0
    beaten = _better(paired, names, sign, margin).sum(axis=0)
    order = np.argsort([-sign * paired.value(run) for run in names], kind="stable")
    step = np.minimum.accumulate(beaten[order][::-1])[::-1]
    return {names[at]: 1 + int(np.searchsorted(step, step[place])) for place, at in enumerate(order)}


def _better(paired: Paired, names: list[str], sign: float, margin: float) -> np.ndarray:
    """Whether run i (first axis) is better than run j."""
    tests = [[paired.test(i, j) for j in names] for i in names]
    apart = np.array([[sign * test.mean > margin for test in line] for line in tests], dtype=bool)
    p = np.array([[test.p for test in line] for line in tests])
    for j in range(len(names)):
        others = np.arange(len(names)) != j
        apart[others, j] &= holm(p[others, j]) < LEVEL
    return apart
