"""The X-ray against brute force, and against rows whose faults are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from mlops_lib.objects.recipe import Sampler
from mlops_lib.resample import distances as distances_module
from mlops_lib.resample.distances import NEIGHBOURS, distances, repeats
from mlops_lib.resample.impossible import FRACTION, HALF, OUTSIDE, Part, find_impossible
from mlops_lib.resample.resampling import resample
from mlops_lib.resample.xray import FEWEST, MEASURED, xray

DEPARTMENT = Part("Department", "Department", "category", 0, 3, ("Sales", "Research", "Human Resources"))
YEARS = Part("Years", "Years", "number", 3, 4, shift=4.0, width=2.0)
PAY = Part("Pay", "Pay", "number", 4, 5, shift=3000.0, width=500.0)


def table(rows: int = 400, seed: int = 0, share: float = 0.15) -> tuple[np.ndarray, np.ndarray]:
    """Department, whole years and pay as they are encoded; and the classes."""
    rng = np.random.default_rng(seed)
    level, years = rng.integers(0, 3, rows), rng.integers(0, 9, rows)
    y = (rng.random(rows) < share).astype(np.int8)
    x = np.column_stack([np.eye(3)[level], (years - 4) / 2.0, rng.normal(size=rows) + 0.8 * y])
    return x, y


def brute(rows: np.ndarray, codes: np.ndarray, x: np.ndarray, y: np.ndarray, own: np.ndarray | None) -> np.ndarray:
    """Nearest of the same class, nearest of another, and how many of the 5 nearest are of the same class."""
    result = []
    for i, row in enumerate(rows):
        to = np.sqrt(((x - row) ** 2).sum(axis=1))
        if own is not None:
            to[own[i]] = np.inf
        near = np.argsort(to, kind="stable")[:NEIGHBOURS]
        near = near[np.isfinite(to[near])]
        amid = 2 * np.sum(y[near] == codes[i]) < len(near)
        result.append([to[y == codes[i]].min(initial=np.inf), to[y != codes[i]].min(initial=np.inf), amid])
    return np.array(result).reshape(-1, 3)


@pytest.mark.parametrize("block", [7, 4096])
@pytest.mark.parametrize("classes", [2, 4])
def test_distances_are_those_of_brute_force(monkeypatch: pytest.MonkeyPatch, block: int, classes: int) -> None:
    monkeypatch.setattr(distances_module, "BLOCK", block)
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(150, 6)) + 40.0, rng.integers(0, classes, 150)
    rows, codes = rng.normal(size=(40, 6)) + 40.0, rng.integers(0, classes, 40)
    own = rng.choice(150, 30, replace=False)
    for given_rows, given_codes, place in ((rows, codes, None), (x[own], y[own], own)):
        found = distances(given_rows, given_codes, x, y, place)
        told = brute(given_rows, given_codes, x, y, place)
        np.testing.assert_allclose(np.column_stack([found.same, found.other]), told[:, :2], rtol=1e-9)
        assert (found.amid == told[:, 2].astype(bool)).all()
        assert (found.nearer_other == (told[:, 1] < told[:, 0])).all()


def test_the_nearest_is_that_of_scikit_learn() -> None:
    x, y = table(300)
    yes = np.flatnonzero(y == 1)
    found = distances(x[yes], y[yes], x, y, yes)
    same = NearestNeighbors(n_neighbors=2).fit(x[yes]).kneighbors(x[yes])[0][:, 1]
    other = NearestNeighbors(n_neighbors=1).fit(x[y == 0]).kneighbors(x[yes])[0][:, 0]
    np.testing.assert_allclose(found.same, same, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.other, other, rtol=1e-9, atol=1e-12)


def test_a_row_alone_in_its_class_has_no_neighbour_there() -> None:
    x, y = np.array([[0.0], [1.0], [5.0]]), np.array([0, 0, 1])
    found = distances(x, y, x, y, np.arange(3))
    assert found.same.tolist() == [1.0, 1.0, np.inf]
    assert found.other.tolist() == [5.0, 4.0, 4.0]
    assert found.nearer_other.tolist() == [False, False, True]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([0.0, -0.0, 1.0, 2.5]), st.integers(0, 2)), min_size=1, max_size=25),
    st.lists(st.tuples(st.sampled_from([0.0, 1.0, 3.0]), st.integers(0, 2)), max_size=10),
)
def test_repeats_are_rows_equal_in_every_column(real: list[tuple[float, int]], other: list[tuple[float, int]]) -> None:
    x, rows = np.array(real, dtype=float).reshape(-1, 2), np.array(other, dtype=float).reshape(-1, 2)
    wanted = [any((row == r).all() for r in x) for row in rows]
    assert repeats(rows, x).tolist() == wanted


def test_each_fault_is_found_counted_and_shown_in_the_columns_own_unit() -> None:
    real, _ = table()
    made = real[:6].copy()
    made[0, :3] = [0.4, 0.6, 0.0]
    made[1, :3] = [1.0, 1.0, 0.0]
    made[2, 3] = (3.7 - 4) / 2
    made[3, 4] = (9000 - 3000) / 500
    found = find_impossible(real, made, (DEPARTMENT, YEARS, PAY))
    assert found.half.tolist() == [True, True, False, False, False, False]
    assert np.flatnonzero(found.fraction).tolist() == [2]
    assert np.flatnonzero(found.outside).tolist() == [3]
    assert found.any.sum() == 4
    by_kind = {v.kind: v for v in found.values}
    assert (by_kind[HALF].column, by_kind[HALF].rows) == ("Department", 2)
    assert by_kind[HALF].example == "0.6 Research and 0.4 Sales"
    assert (by_kind[FRACTION].example, by_kind[FRACTION].seen) == ("3.7", "whole, 0 to 8")
    assert by_kind[OUTSIDE].example == "9,000"


def test_real_rows_have_no_fault() -> None:
    real, _ = table()
    assert not find_impossible(real, real, (DEPARTMENT, YEARS, PAY)).any.any()


def test_what_a_treatment_put_in_need_not_be_whole() -> None:
    real = np.array([[1.0], [2.0], [4.5], [7.0]])
    plain = Part("n", "n", "number", 0, 1)
    filled = Part("n", "n", "number", 0, 1, placed=(4.5,))
    made = np.array([[1.5], [4.5]])
    assert not find_impossible(real, made, (plain,)).fraction.any()
    assert find_impossible(real, made, (filled,)).fraction.tolist() == [True, False]


def test_columns_of_other_kinds_are_held_to_what_they_can_be() -> None:
    flag, share = Part("n", "n is missing", "flag", 0, 1, shift=0.5, width=0.5), Part("s", "s", "share", 1, 2)
    day, log = Part("d", "d", "date", 2, 3, shift=19000.0, width=10.0), Part("k", "k", "number", 3, 4, log=True)
    parts = (flag, share, day, log)
    real = np.column_stack([[-1.0, 1.0, 1.0], [0.2, 0.5, 0.5], [0.0, 0.1, 3.0], np.log1p([3.0, 8.0, 40.0])])
    made = np.array([[-0.2, 0.3, 0.14, np.log1p(3.7)], [1.0, 0.5, 3.0, np.log1p(40.0)]])
    found = find_impossible(real, made, parts)
    assert {(v.column, v.kind, v.rows) for v in found.values} == {
        ("n is missing", HALF, 1),
        ("s", HALF, 1),
        ("d", FRACTION, 1),
        ("k", FRACTION, 1),
    }
    told = {v.column: v.example for v in found.values}
    assert told["n is missing"] == "0.4 missing"
    assert told["d"] == str(np.datetime64("1970-01-01") + 19001) + " 09:36"
    assert told["k"] == "3.7"


@pytest.mark.parametrize("name", ["smote", "smotenc", "smoteenn", "random_over", "random_under", "tomek"])
def test_counts_agree_with_the_rows(name: str) -> None:
    x, y = table()
    after = resample(x, y, [(0, 3)], Sampler(name), 3, ("No", "Yes"))
    found = xray(x, y, after, (DEPARTMENT, YEARS, PAY), ("No", "Yes"), 3)
    made = after.x[after.origin < 0]
    parts, years = made[:, :3], made[:, 3] * 2 + 4
    half = ((parts > 1e-9) & (parts < 1 - 1e-9)).any(axis=1)
    fraction = np.abs(years - np.round(years)) > 1e-6
    assert (found.half, found.fraction) == (int(half.sum()), int(fraction.sum()))
    assert found.half == after.fractional
    assert found.copies == sum(any((row == real).all() for real in x) for row in made)
    assert found.before == tuple(np.bincount(y))
    assert np.subtract(np.add(found.before, found.made), found.removed).tolist() == list(found.after)
    assert len(found.made_to.code) == min(sum(found.made), MEASURED)
    assert len(found.removed_to.code) == min(sum(found.removed), MEASURED)
    assert (found.half > 0) == (name in ("smote", "smoteenn"))
    assert (found.copies == sum(found.made)) == (name in ("random_over", "random_under", "tomek"))


def test_measured_rows_are_drawn_by_the_seed_and_never_few() -> None:
    x, y = table(9000, share=0.3)
    after = resample(x, y, [(0, 3)], Sampler("smote"), 0, ("No", "Yes"))
    looked = [xray(x, y, after, (PAY,), ("No", "Yes"), seed) for seed in (1, 1, 2)]
    same = [found.made_to.same for found in looked]
    assert FEWEST <= len(same[0]) <= MEASURED
    assert (same[0] == same[1]).all()
    assert not np.array_equal(same[0], same[2])
    assert len({found.half for found in looked}) == 1


def test_doing_nothing_is_known() -> None:
    x, y = table(100)
    found = xray(x, y, resample(x, y, [(0, 3)], None, 0), (DEPARTMENT, YEARS, PAY), ("No", "Yes"), 0)
    assert found.did_nothing
    assert (found.made, found.removed, found.copies, found.impossible) == ((0, 0), (0, 0), 0, 0)
    assert not len(found.made_to.same)
