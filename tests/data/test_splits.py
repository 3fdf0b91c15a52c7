"""Splits: whole, stratified, repeatable, and by group or forward in time where such a role was confirmed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_lib.data.grouping import split_groups
from mlops_lib.data.splits import plan_split, stratify
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.schema import Above, Classes, Column, Number, Question, Schema
from mlops_lib.objects.split import HOLD_OUT, UNUSED, WARM_UP

Make = Callable[[Any], Dataset]


def schema(dataset: Dataset, question: Question, **roles: str) -> Schema:
    """The column `y` is the target, the others are ignored unless a role is given."""
    columns = []
    for name in dataset.columns:
        role = "target" if name == "y" else roles.get(name, "ignored")
        columns.append(Column(name, "categorical", role))  # type: ignore[arg-type]
    return Schema(dataset.fingerprint, tuple(columns), question)


def labels(rows: int, positives: int, missing: int = 0) -> list[str | None]:
    values: list[str | None] = ["Yes"] * positives + ["No"] * (rows - positives - missing) + [None] * missing
    return [values[k] for k in np.random.default_rng(1).permutation(rows)]


def test_every_row_has_one_place_and_shares_are_kept(dataset_of: Make) -> None:
    y = labels(1470, 237, missing=30)
    dataset = dataset_of({"y": y, "row": list(range(1470))})
    plan = plan_split(dataset, schema(dataset, Classes("Yes")))
    yes = np.array([v == "Yes" for v in y])
    missing = np.array([v is None for v in y])
    assert (plan.assignment[missing] == UNUSED).all()
    assert not (plan.assignment[~missing] == UNUSED).any()
    assert len(plan.hold_out_rows()) == 360
    assert abs(yes[plan.hold_out_rows()].sum() - 237 / 4) < 1
    per_fold = [yes[plan.validation_rows(k)].sum() for k in range(5)]
    sizes = [len(plan.validation_rows(k)) for k in range(5)]
    assert max(per_fold) - min(per_fold) <= 1
    assert max(sizes) - min(sizes) <= 1
    for fold in range(5):
        assert not np.intersect1d(plan.fold_training_rows(fold), plan.validation_rows(fold)).size
        assert not np.intersect1d(plan.fold_training_rows(fold), plan.hold_out_rows()).size


def test_the_same_arguments_give_the_same_plan_and_another_seed_another(dataset_of: Make) -> None:
    dataset = dataset_of({"y": labels(500, 80), "row": list(range(500))})
    wanted = schema(dataset, Classes("Yes"))
    one, two, three = (plan_split(dataset, wanted, seed=s) for s in (3, 3, 4))
    assert one.fingerprint == two.fingerprint
    assert one.fingerprint != three.fingerprint


@given(
    sizes=st.lists(st.integers(8, 60), min_size=1, max_size=4),
    folds=st.integers(2, 6),
    hold_out=st.floats(0.05, 0.5),
    seed=st.integers(0, 1000),
)
def test_strata_are_dealt_out_evenly(sizes: list[int], folds: int, hold_out: float, seed: int) -> None:
    strata = np.repeat(np.arange(len(sizes)), sizes)
    assigned = stratify(strata, folds, hold_out, seed)
    assert np.count_nonzero(assigned == HOLD_OUT) == round(len(strata) * hold_out)
    for stratum, size in enumerate(sizes):
        mine = assigned[strata == stratum]
        assert abs(np.count_nonzero(mine == HOLD_OUT) - size * hold_out) < 1
        counts = np.bincount(mine[mine >= 0], minlength=folds)
        assert counts.max() - counts.min() <= 1


def test_groups_are_never_cut_and_classes_stay_even(dataset_of: Make) -> None:
    draw = np.random.default_rng(0)
    group = draw.integers(0, 200, 3000)
    dataset = dataset_of({"y": labels(3000, 450), "who": [f"g{k}" for k in group]})
    plan = plan_split(dataset, schema(dataset, Classes("Yes"), who="group"))
    assert plan.kind == "group"
    for who in np.unique(group):
        assert len(np.unique(plan.assignment[group == who])) == 1
    assert abs(len(plan.hold_out_rows()) / 3000 - 0.25) < 0.02
    assert min(len(plan.validation_rows(k)) for k in range(5)) > 400


def test_rows_without_a_group_stand_alone_and_that_is_said(dataset_of: Make) -> None:
    who = [None if k % 10 == 0 else f"g{k % 50}" for k in range(1000)]
    dataset = dataset_of({"y": labels(1000, 300), "who": who, "row": list(range(1000))})
    plan = plan_split(dataset, schema(dataset, Classes("Yes"), who="group"))
    assert not (plan.assignment == UNUSED).any()
    assert "100 rows have no 'who'; each counts as a group of its own." in plan.notes
    assert len(np.unique(plan.assignment[::10])) > 1


def test_too_few_groups_are_refused(dataset_of: Make) -> None:
    dataset = dataset_of({"y": labels(300, 90), "who": [f"g{k % 6}" for k in range(300)]})
    with pytest.raises(NotPossibleError, match="'who' has 6 groups"):
        plan_split(dataset, schema(dataset, Classes("Yes"), who="group"))


def test_many_small_groups_are_split_whole_too() -> None:
    groups = np.repeat(np.arange(60_000), 2)
    strata = np.random.default_rng(0).integers(0, 2, len(groups))
    assigned = split_groups(groups, strata, 5, 0.25, 0)
    assert (assigned[::2] == assigned[1::2]).all()
    assert abs(np.mean(assigned == HOLD_OUT) - 0.25) < 0.01


def test_a_time_split_never_looks_ahead(dataset_of: Make) -> None:
    draw = np.random.default_rng(0)
    when = draw.permutation(2000) // 2
    dataset = dataset_of({"y": labels(2000, 500), "when": when.tolist()})
    plan = plan_split(dataset, schema(dataset, Classes("Yes"), when="time"))
    assert plan.kind == "time"
    for fold in range(5):
        assert when[plan.fold_training_rows(fold)].max() < when[plan.validation_rows(fold)].min()
    assert when[plan.training_rows()].max() < when[plan.hold_out_rows()].min()
    assert abs(np.count_nonzero(plan.assignment == WARM_UP) - 250) <= 2
    assert abs(len(plan.hold_out_rows()) - 500) <= 2


def test_rows_of_one_time_stay_together_and_rows_without_a_time_stay_unused(dataset_of: Make) -> None:
    when = [None if k % 20 == 0 else k // 100 for k in range(2000)]
    dataset = dataset_of({"y": labels(2000, 600), "when": when, "row": list(range(2000))})
    plan = plan_split(dataset, schema(dataset, Classes("Yes"), when="time"))
    for time in range(20):
        rows = [k for k in range(2000) if when[k] == time]
        assert len(set(plan.assignment[rows].tolist())) == 1
    assert (plan.assignment[::20] == UNUSED).all()
    assert any("100 rows have no 'when'" in note for note in plan.notes)


def test_too_few_points_in_time_and_text_as_time_are_refused(dataset_of: Make) -> None:
    dataset = dataset_of({"y": labels(400, 100), "when": [k % 3 for k in range(400)], "name": ["x"] * 400})
    with pytest.raises(NotPossibleError, match="'when' has 3 points in time"):
        plan_split(dataset, schema(dataset, Classes("Yes"), when="time"))
    with pytest.raises(InputError, match="holds text"):
        plan_split(dataset, schema(dataset, Classes("Yes"), name="time"))


def test_a_time_split_without_both_classes_is_refused(dataset_of: Make) -> None:
    dataset = dataset_of({"y": ["No"] * 300 + ["Yes"] * 100, "when": list(range(400))})
    with pytest.raises(NotPossibleError, match="has no row of"):
        plan_split(dataset, schema(dataset, Classes("Yes"), when="time"))


def test_too_few_of_a_class_are_refused_and_few_are_said(dataset_of: Make) -> None:
    few = dataset_of({"y": labels(200, 4), "row": list(range(200))})
    with pytest.raises(NotPossibleError, match="'Yes' has 4 rows, too few"):
        plan_split(few, schema(few, Classes("Yes")))
    thin = dataset_of({"y": labels(200, 12), "row": list(range(200))})
    assert "One fold judges only 1 rows of its rarest class" in plan_split(thin, schema(thin, Classes("Yes"))).notes[0]


@pytest.mark.parametrize(("folds", "hold_out"), [(1, 0.25), (21, 0.25), (5, 0.0), (5, 0.9)])
def test_settings_out_of_range_are_refused(dataset_of: Make, folds: int, hold_out: float) -> None:
    dataset = dataset_of({"y": labels(200, 50), "row": list(range(200))})
    with pytest.raises(InputError, match="asked for"):
        plan_split(dataset, schema(dataset, Classes("Yes")), folds=folds, hold_out=hold_out)


def test_numbers_are_split_by_their_tenths_and_a_limit_by_its_answer(dataset_of: Make) -> None:
    values = np.random.default_rng(0).normal(size=1000)
    dataset = dataset_of({"y": values.tolist()})
    plan = plan_split(dataset, schema(dataset, Number()))
    medians = [np.median(values[plan.validation_rows(k)]) for k in range(5)]
    assert np.ptp(medians) < 0.2
    late = plan_split(dataset, schema(dataset, Above(1.0)))
    shares = [np.mean(values[late.validation_rows(k)] > 1) for k in range(5)]
    assert np.ptp(shares) < 0.01


@pytest.mark.parametrize(
    ("target", "question", "roles", "known"),
    [
        ("label", Classes("Yes"), {}, "9536bfb8095d49bb"),
        ("kind", Classes(None), {}, "2a895e38899d3de4"),
        ("number", Number(), {}, "36dc70b1f81840e2"),
        ("number", Above(0.0), {}, "e14a4af9c65f34d8"),
        ("label", Classes("Yes"), {"group": "group"}, "4b5e17005094dd5e"),
        ("label", Classes("Yes"), {"time": "time"}, "d9cfd54e505e2b68"),
    ],
)
def test_plans_of_the_past_keep_their_fingerprint(
    dataset_of: Make, target: str, question: Question, roles: dict[str, str], known: str
) -> None:
    rng = np.random.default_rng(20)
    n = 3_000
    dataset = dataset_of(
        {
            "label": labels(n, 240, missing=60),
            "kind": [f"k{k}" for k in rng.integers(0, 7, n)],
            "number": np.where(rng.random(n) < 0.02, np.nan, np.round(rng.normal(size=n), 1)).tolist(),
            "group": rng.integers(0, 200, n).tolist(),
            "time": rng.integers(0, 900, n).tolist(),
        }
    )
    columns = [
        Column(name, "categorical", "target" if name == target else roles.get(name, "ignored"))  # type: ignore[arg-type]
        for name in dataset.columns
    ]
    plan = plan_split(dataset, Schema(dataset.fingerprint, tuple(columns), question), folds=4, hold_out=0.2, seed=3)
    assert plan.fingerprint == known
