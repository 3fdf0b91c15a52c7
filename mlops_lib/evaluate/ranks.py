"""Ranks that tie where the data cannot tell, never by a third decimal."""

from __future__ import annotations

import numpy as np

from mlops_lib.evaluate.planned import LEVEL, Paired


def ranks(paired: Paired, higher_is_better: bool, margin: float) -> dict[str, int]:
    """The rank of every run: a step down only where this run, and all with a poorer value, are worse than some other.

    Worse means by more than `margin`, with p below 0.05 on the same folds. The p are not adjusted: a rank orders a
    table, it does not claim.
    """
    names, sign = list(paired.values), 1.0 if higher_is_better else -1.0
    beaten = _better(paired, names, sign, margin).sum(axis=0)
    order = np.argsort([-sign * paired.value(run) for run in names], kind="stable")
    step = np.minimum.accumulate(beaten[order][::-1])[::-1]
    return {names[at]: 1 + int(np.searchsorted(step, step[place])) for place, at in enumerate(order)}


def _better(paired: Paired, names: list[str], sign: float, margin: float) -> np.ndarray:
    """Whether run i (first axis) is better than run j."""
    better = np.zeros((len(names), len(names)), dtype=bool)
    for i, first in enumerate(names):
        for j, second in enumerate(names[:i]):
            test = paired.test(first, second)
            apart = test.p < LEVEL and abs(test.mean) > margin
            better[i, j], better[j, i] = apart and sign * test.mean > 0, apart and sign * test.mean < 0
    return better
