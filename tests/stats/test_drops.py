"""What dropping columns does to the others, against inflation computed anew on the columns that are left."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_lib.stats.collinearity import collinearity
from mlops_lib.stats.drops import drop_path, vif_without


def alike(seed: int, p: int = 6, n: int = 200) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    base = rng.normal(size=(2, n))
    data = {f"x{i}": rng.normal(size=2) @ base + 0.15 * rng.normal(size=n) for i in range(p)}
    data["sum"] = data["x0"] + data["x1"]
    return data


def anew(data: dict[str, np.ndarray], gone: tuple[str, ...]) -> dict[str, float]:
    found = collinearity({name: column for name, column in data.items() if name not in gone})
    return dict(zip(found.names, found.vif.tolist(), strict=True))


def test_without_one_column_the_others_are_as_if_it_never_was() -> None:
    data = alike(0)
    for name in data:
        assert vif_without(collinearity(data), [name]) == pytest.approx(anew(data, (name,)), rel=1e-8)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.sampled_from([2.0, 5.0, 10.0]))
def test_each_step_shows_the_inflation_of_what_is_left_and_the_last_is_below_the_limit(seed: int, limit: float) -> None:
    data = alike(seed)
    strength = {name: float(i) for i, name in enumerate(data)}
    gone: tuple[str, ...] = ()
    before = anew(data, ())
    steps = drop_path(collinearity(data), strength, limit)
    for step in steps:
        assert step.vif == pytest.approx(before[step.name], rel=1e-6)
        gone = (*gone, step.name)
        before = anew(data, gone)
        assert step.after == pytest.approx(before, rel=1e-8)
    assert steps[-1].largest <= limit
    assert np.isinf(steps[0].vif)


def test_kept_columns_stay_and_no_step_is_made_where_nothing_is_inflated() -> None:
    data = alike(1)
    kept = ("x0", "x1", "sum")
    assert not {s.name for s in drop_path(collinearity(data), {}, 2.0, kept)} & set(kept)
    rng = np.random.default_rng(0)
    assert drop_path(collinearity({c: rng.normal(size=100) for c in "abc"}), {}, 5.0) == ()
