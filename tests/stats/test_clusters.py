"""Groups of columns by average linkage, against SciPy's and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster import hierarchy

from mlops_lib.stats.clusters import clusters, groups_above, tree

NAMES = ("a", "b", "c", "d", "e")
VALUES = np.array(
    [
        [1.0, -0.9, 0.8, 0.1, 0.0],
        [-0.9, 1.0, 0.7, 0.0, 0.1],
        [0.8, 0.7, 1.0, 0.2, np.nan],
        [0.1, 0.0, 0.2, 1.0, 0.6],
        [0.0, 0.1, np.nan, 0.6, 1.0],
    ]
)


def test_groups_join_at_the_mean_association_whatever_its_sign() -> None:
    found = tree(NAMES, VALUES)
    assert sorted(1 - found.joins[:, 2])[1:] == pytest.approx([0.6, 0.75, 0.9])
    first, second = sorted(clusters(found, VALUES, 0.5), key=lambda c: -len(c.names))
    assert (set(first.names), first.closest, first.loosest) == ({"a", "b", "c"}, 0.9, 0.7)
    assert (set(second.names), second.medoid, second.by) == ({"d", "e"}, second.keep, "likeness")
    assert first.keep == first.medoid == "a"


def test_the_strongest_with_the_target_is_the_one_to_keep() -> None:
    found = tree(NAMES, VALUES)
    (group,) = clusters(found, VALUES, 0.7, {"a": 0.1, "b": 0.3, "c": 0.2})
    assert (group.keep, group.by, group.medoid) == ("b", "target", "a")
    (group,) = clusters(found, VALUES, 0.7, {"a": 0.0})
    assert (group.keep, group.by) == ("a", "likeness")


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(2, 12), st.floats(0.2, 0.9))
def test_groups_are_scipys(seed: int, p: int, limit: float) -> None:
    values = np.corrcoef(np.random.default_rng(seed).normal(size=(p, 8)))
    found = tree([str(i) for i in range(p)], values)
    ours = {frozenset(group) for group in groups_above(found, limit)}
    labels = hierarchy.fcluster(found.joins, 1 - limit, criterion="distance")
    assert ours == {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels)}


def test_one_column_is_no_group() -> None:
    found = tree(("a",), np.ones((1, 1)))
    assert clusters(found, np.ones((1, 1)), 0.5) == ()
    assert groups_above(found, 0.5) == ((0,),)
