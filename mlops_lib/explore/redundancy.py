"""Which features say what others say: inflation, exact combinations, groups, and what leaving some out would do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from mlops_lib.explore.associations import Associations, Numbers
from mlops_lib.explore.feature_tests import TestedColumns
from mlops_lib.explore.rows import Seen
from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.recipe import Selection
from mlops_lib.objects.words import listed
from mlops_lib.stats.clusters import Cluster, Tree, clusters, groups_above, tree
from mlops_lib.stats.collinearity import Collinearity
from mlops_lib.stats.drops import Drop, drop_path, vif_without

LIMIT = 10.0
"""The usual limit: nine tenths of a column's variance are in the others (Marquardt 1970, Technometrics 12, 591-612)."""


@dataclass(frozen=True, eq=False)
class Redundancy:
    """Inflation of the numeric features on `seen` rows, and the columns to leave out until none exceeds `limit`.

    `strength` is each feature's effect on the target on the common scale, `missing` its cells without a value.
    """

    limit: float
    target: str
    seen: Seen
    collinearity: Collinearity
    steps: tuple[Drop, ...]
    strength: Mapping[str, float]
    missing: Mapping[str, int]

    @property
    def before(self) -> dict[str, float]:
        """Inflation of every numeric feature with more than one value, by name; inf: it follows from others."""
        found = self.collinearity
        return {n: v for n, v in zip(found.names, found.vif.tolist(), strict=True) if not math.isnan(v)}

    @property
    def after(self) -> dict[str, float]:
        """The same once the columns of all steps are gone."""
        return dict(self.steps[-1].after) if self.steps else self.before

    @property
    def dropped(self) -> tuple[str, ...]:
        """The columns of the steps, in their order."""
        return tuple(step.name for step in self.steps)

    @property
    def following(self) -> tuple[str, ...]:
        """Features that follow from others."""
        return tuple(name for name, vif in self.before.items() if math.isinf(vif))

    @property
    def above(self) -> tuple[str, ...]:
        """Features whose inflation exceeds the limit."""
        return tuple(name for name, vif in self.before.items() if vif > self.limit)

    def without(self, *names: str) -> dict[str, float]:
        """Inflation of the features that are left when these go."""
        return vif_without(self.collinearity, names)

    def table(self) -> pd.DataFrame:
        """One row a numeric feature, the most inflated first: feature, vif, vif_after (NaN: gone), strength, missing,
        follows (the combination it is part of, else empty).
        """
        after = self.after
        ordered = sorted(self.before.items(), key=lambda pair: -pair[1])
        rows = [
            (name, vif, after.get(name, math.nan), self.strength[name], self.missing[name], self._combination(name))
            for name, vif in ordered
        ]
        return pd.DataFrame(rows, columns=["feature", "vif", "vif_after", "strength", "missing", "follows"])

    def path(self) -> pd.DataFrame:
        """One row a step: step, drop, vif (then), like, strength, largest (inflation left), left (columns)."""
        rows = [
            (k, s.name, s.vif, listed(s.like), self.strength[s.name], s.largest, len(s.after))
            for k, s in enumerate(self.steps, 1)
        ]
        return pd.DataFrame(rows, columns=["step", "drop", "vif", "like", "strength", "largest", "left"])

    def _combination(self, name: str) -> str:
        return next((c.words for c in self.collinearity.combinations if name in c.columns), "")


def redundancy(tests: TestedColumns, max_vif: float = LIMIT, keep: tuple[str, ...] = ()) -> Redundancy:
    """What the tests found out about inflation, and the drops that bring it to `max_vif`; takes milliseconds.

    Columns in `keep` stay. Raises NotPossibleError where no feature is a number.
    """
    found = tests.measured.collinearity
    if found is None or not found.names:
        raise NotPossibleError(
            "No feature is a number, so there is no inflation to look at.", "Look at pairs of any kind on Explore."
        )
    results = tests.measured.tests
    # As a rule prefers columns: effects that are nothing once corrected are told apart by the plain ones.
    order = {n: r.strength + 1e-9 * r.effect if r.possible else -1.0 for n, r in results.items()}
    return Redundancy(
        max_vif,
        tests.target,
        tests.seen,
        found,
        drop_path(found, order, max_vif, keep),
        {n: r.strength if r.possible else math.nan for n, r in results.items()},
        {n: tests.n - r.n for n, r in results.items()},
    )


def limited(rule: Selection, found: Redundancy) -> Selection:
    """The rule with the limit on inflation, so that every fold drops what it finds itself."""
    return replace(rule, max_vif=found.limit)


def without_dropped(rule: Selection, found: Redundancy) -> Selection:
    """The rule with the previewed columns forced out, recorded as chosen after seeing these rows."""
    drop = (*rule.drop, *(name for name in found.dropped if name not in (*rule.drop, *rule.keep)))
    seen: Seen = "all rows" if "all rows" in (rule.seen, found.seen) else "training rows"
    return replace(rule, drop=drop, seen=seen)


@dataclass(frozen=True, eq=False)
class Groups:
    """Features of any kind that say much the same: how they join, and the groups that join at `limit` or above."""

    limit: float
    tree: Tree
    clusters: tuple[Cluster, ...]

    @property
    def seen_from(self) -> float:
        """Association from which joins are looked at: half the limit."""
        return self.limit / 2

    @property
    def joining(self) -> tuple[int, ...]:
        """Places of the features that join another from `seen_from` on, in the order of the leaves."""
        return tuple(i for group in groups_above(self.tree, self.seen_from) if len(group) > 1 for i in group)

    def table(self) -> pd.DataFrame:
        """One row a group: group, columns, keep, why, closest, loosest."""
        why = {"target": "strongest with the target", "likeness": "most like the others"}
        rows = [
            (k, listed(c.names, 12), c.keep, why[c.by], c.closest, c.loosest) for k, c in enumerate(self.clusters, 1)
        ]
        return pd.DataFrame(rows, columns=["group", "columns", "keep", "why", "closest", "loosest"])


def groups(found: Associations, limit: float = 0.7, numbers: Numbers = "spearman") -> Groups:
    """Groups of features by average linkage; of each, the one that goes most with the target is the one to keep."""
    matrix = found.matrix
    values = matrix.values(numbers)
    place = matrix.names.index(found.target)
    inside = [i for i in range(len(matrix.names)) if i != place]
    names = [matrix.names[i] for i in inside]
    strength = dict(zip(names, np.nan_to_num(np.abs(values[inside, place])).tolist(), strict=True))
    among = values[np.ix_(inside, inside)]
    joined = tree(names, among)
    return Groups(limit, joined, clusters(joined, among, limit, strength))
