"""What leaving out columns does to the inflation of the others, one by one, from their correlations alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from mlops_lib.stats.collinearity import Collinearity, prune
from mlops_lib.stats.inflation import inflation


@dataclass(frozen=True)
class Drop:
    """One step: the column that goes, its inflation then (inf: it follows from others) and what `like` it stays.

    `after` has the inflation of every column that is left, by name.
    """

    name: str
    vif: float
    like: tuple[str, ...]
    after: Mapping[str, float]

    @property
    def largest(self) -> float:
        """The largest inflation that is left; 1 where no column is."""
        return max(self.after.values(), default=1.0)


def vif_without(found: Collinearity, out: Collection[str] = ()) -> dict[str, float]:
    """Inflation of the columns that are left when some go, by name; columns with one value are not among them."""
    left = [i for i, name in enumerate(found.names) if name not in out and not np.isnan(found.vif[i])]
    values = inflation(found.correlation[np.ix_(left, left)])
    return {found.names[i]: float(v) for i, v in zip(left, values.tolist(), strict=True)}


def drop_path(
    found: Collinearity, strength: Mapping[str, float], max_vif: float, keep: tuple[str, ...] = ()
) -> tuple[Drop, ...]:
    """The columns that `prune` leaves out, those that follow from others first, each with what the others become.

    `strength` holds how strongly each column goes with the target; of equals the weaker goes. Columns in `keep` stay.
    """
    steps: list[Drop] = []
    considered = {name: strength.get(name, 0.0) for name in found.names}
    before = vif_without(found)
    gone: list[str] = []
    for dropped in sorted(prune(found, considered, max_vif, keep), key=lambda d: not np.isinf(before[d.name])):
        gone.append(dropped.name)
        after = vif_without(found, gone)
        steps.append(Drop(dropped.name, before[dropped.name], dropped.like, after))
        before = after
    return tuple(steps)
