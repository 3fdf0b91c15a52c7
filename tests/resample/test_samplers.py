"""Samplers by name, against imbalanced-learn, and what they say they did."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.recipe import Sampler
from mlops_lib.resample.catalogue import SAMPLERS, applies, settings_of
from mlops_lib.resample.resampling import Groups, class_counts, resample

GROUPS = ((3, 6), (6, 8))
UNLUCKY = ("adasyn", "svm_smote", "kmeans_smote", "hardness_threshold")
"""Those that some tables are not for, as only running them shows; and one that takes a second."""


def encoded(rows: int = 240, positives: int = 40, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Three scaled numbers, then one-hot parts of two categories; positives lie a little apart."""
    rng = np.random.default_rng(seed)
    y = (np.arange(rows) < positives).astype(np.int8)
    numbers = rng.normal(size=(rows, 3)) + 0.8 * y[:, None]
    one_hot = [np.eye(stop - start)[rng.integers(0, stop - start, rows)] for start, stop in GROUPS]
    return np.hstack([numbers, *one_hot]), y


def fitting(name: str) -> tuple[np.ndarray, np.ndarray, Groups, Sampler]:
    """Rows that a sampler applies to: categories only for SMOTEN; settings under which K-means SMOTE finds clusters."""
    x, y = encoded()
    settings = {"kmeans_smote": (("cluster_balance_threshold", 0.1),), "hardness_threshold": (("cv", 2),)}
    if name == "smoten":
        return x[:, 3:], y, ((0, 3), (3, 5)), Sampler(name)
    return x, y, GROUPS, Sampler(name, settings.get(name, ()))


@pytest.mark.parametrize("name", SAMPLERS)
def test_counts_add_up_and_only_training_rows_are_kept(name: str) -> None:
    x, y, groups, sampler = fitting(name)
    after = resample(x, y, groups, sampler, 3)
    assert after.before == (200, 40)
    assert after.after == class_counts(after.y)
    for b, a, new, gone in zip(after.before, after.after, after.added, after.removed, strict=True):
        assert a == b + new - gone
    kept = after.origin >= 0
    np.testing.assert_array_equal(after.x[kept], x[after.origin[kept]])
    np.testing.assert_array_equal(after.y[kept], y[after.origin[kept]])
    assert len(np.unique(after.origin[kept])) == kept.sum()


@pytest.mark.parametrize("name", SAMPLERS)
def test_the_same_seed_gives_the_same_rows(name: str) -> None:
    x, y, groups, sampler = fitting(name)
    first, second = (resample(x.copy(), y.copy(), groups, sampler, 3) for _ in range(2))
    np.testing.assert_array_equal(first.x, second.x)


@pytest.mark.parametrize("name", SAMPLERS)
def test_the_rows_given_are_not_changed(name: str) -> None:
    x, y, groups, sampler = fitting(name)
    before = x.copy()
    resample(x, y, groups, sampler, 3)
    np.testing.assert_array_equal(x, before)


def test_smotenc_keeps_every_category_whole() -> None:
    x, y = encoded()
    after = resample(x, y, GROUPS, Sampler("smotenc"), 3)
    for start, stop in GROUPS:
        assert set(np.unique(after.x[:, start:stop])) == {0.0, 1.0}
        assert (after.x[:, start:stop].sum(axis=1) == 1).all()
    assert after.fractional == 0
    assert sum(after.added) == 160


def test_smote_counts_and_tells_its_fractional_categories() -> None:
    x, y = encoded()
    after = resample(x, y, GROUPS, Sampler("smote"), 3)
    made = after.x[after.origin < 0, 3:]
    expected = int(((made > 1e-9) & (made < 1 - 1e-9)).any(axis=1).sum())
    assert after.fractional == expected > 0
    assert f"{expected:,} of 160 made rows have fractional categories" in after.notes[0]


@pytest.mark.parametrize("positives", [2, 3, 5])
@pytest.mark.parametrize("name", ["smote", "smotenc", "borderline_smote", "smoteenn", "smotetomek"])
def test_neighbours_shrink_with_the_rare_class(name: str, positives: int) -> None:
    x, y = encoded(120, positives)
    after = resample(x, y, GROUPS, Sampler(name), 0)
    assert sum(after.added) > 0 or any("changed nothing" in note for note in after.notes)


def test_a_borderline_smote_that_did_nothing_says_so() -> None:
    x, y = encoded(120, 10)
    x[:, 0] += 50 * y
    after = resample(x, y, GROUPS, Sampler("borderline_smote"), 0, ("stays", "leaves"))
    assert after.after == after.before
    assert "changed nothing: the 10 rows of 'leaves'" in after.notes[0]


@pytest.mark.parametrize("name", ["enn", "smoteenn"])
def test_a_cleaning_that_would_remove_a_whole_class_is_left_out_and_told(name: str) -> None:
    x, y = np.zeros((60, 8)), (np.arange(60) % 3 == 0).astype(np.int8)
    x[:, [3, 6]] = 1.0
    after = resample(x, y, GROUPS, Sampler(name), 0)
    assert min(after.after) > 0
    assert sum(after.removed) == 0
    assert "would have removed every row of one class" in after.notes[0]


@pytest.mark.parametrize("name", ["smote", "smotenc", "adasyn", "borderline_smote", "smoteenn", "smotetomek"])
def test_one_rare_row_is_too_few_and_what_works_is_named(name: str) -> None:
    x, y = encoded(60, 1)
    with pytest.raises(NotPossibleError, match=r"at least 2 rows of the rare class.*Random over-sampling"):
        resample(x, y, GROUPS, Sampler(name), 0)


def test_smotenc_needs_categories_and_numbers() -> None:
    assert "SMOTE works" in str(applies(Sampler("smotenc"), (50, 10), categories=0, numbers=3))
    assert "SMOTEN works" in str(applies(Sampler("smotenc"), (50, 10), categories=3, numbers=0))
    assert "SMOTENC works" in str(applies(Sampler("smoten"), (50, 10), categories=3, numbers=1))
    assert "SMOTE works" in str(applies(Sampler("smoten"), (50, 10), categories=0, numbers=3))


@pytest.mark.parametrize(
    ("name", "fits", "too_large"),
    [
        ("enn", (230_000, 20_000), (330_000, 20_000)),
        ("smoteenn", (120_000, 20_000), (150_000, 20_000)),
        ("tomek", (970_000, 20_000), (900_000, 100_000)),
        ("smote", (900_000, 250_000), (900_000, 300_000)),
        ("adasyn", (900_000, 50_000), (900_000, 100_000)),
        ("svm_smote", (60_000, 1_000), (130_000, 1_000)),
        ("condensed", (5_000, 100), (50_000, 1_000)),
        ("hardness_threshold", (150_000, 1_000), (400_000, 1_000)),
        ("random_over", (10**9, 10**9), None),
        ("random_under", (10**9, 10**9), None),
    ],
)
def test_limits_are_stated_with_what_works(name: str, fits: tuple[int, int], too_large: tuple[int, int] | None) -> None:
    assert applies(Sampler(name), fits, 3, 3, 30) is None
    if too_large is not None:
        reason = str(applies(Sampler(name), too_large, 3, 3, 30))
        assert "the limit is 5 min" in reason
        assert "Random under-sampling or class weights work" in reason


def test_what_would_be_held_is_limited_too() -> None:
    reason = str(applies(Sampler("smoten"), (30_000, 20_000), 3, 0, 3))
    assert "9.6 GB of memory (the limit is 4.0 GB)" in reason


def test_settings_are_checked() -> None:
    assert settings_of(Sampler("smote", (("k_neighbors", 3),))) == (("k_neighbors", 3),)
    for wrong in (Sampler("smote", (("k", 3),)), Sampler("smote", (("k_neighbors", 0),)), Sampler("magic")):
        with pytest.raises(InputError):
            settings_of(wrong)


@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from([n for n in SAMPLERS if n not in UNLUCKY]),
    rows=st.integers(30, 120),
    share=st.floats(0.1, 0.9),
    seed=st.integers(0, 10_000),
)
def test_any_table_adds_up_or_is_refused(name: str, rows: int, share: float, seed: int) -> None:
    x, y = encoded(rows, max(1, int(rows * share)), seed)
    if applies(Sampler(name), class_counts(y), len(GROUPS), 3) is not None:
        with pytest.raises(NotPossibleError):
            resample(x, y, GROUPS, Sampler(name), seed)
        return
    after = resample(x, y, GROUPS, Sampler(name), seed)
    assert sum(after.after) == rows + sum(after.added) - sum(after.removed)
    assert min(after.after) > 0
