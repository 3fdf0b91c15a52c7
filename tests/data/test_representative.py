"""The check of a sample against its parent: right on average for fair draws, clear about what was changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from mlops_lib.data.column_distances import ColumnCells, distance_of
from mlops_lib.data.derive import derive, operation
from mlops_lib.data.representative import check_sample, representative_job, representative_spec
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.progress import Progress
from mlops_lib.workspace.folder import Workspace

N = 3_000


@pytest.fixture
def parent(dataset_of: Callable[..., Dataset]) -> Dataset:
    rng = np.random.default_rng(0)
    left = np.where(rng.random(N) < 0.1, "Yes", "No")
    age = np.where(left == "Yes", 30.0, 40.0) + rng.normal(0, 5, N)
    dept = rng.choice(["a", "b", "c"], N)
    return dataset_of(
        {
            "left": left,
            "age": pa.array(age, mask=rng.random(N) < 0.2),
            "dept": pa.array(dept, mask=rng.random(N) < 0.05),
            "day": pa.array(rng.integers(0, 1000, N)).cast(pa.int32()).cast(pa.date32()).cast(pa.timestamp("us")),
            "id": [f"k{k}" for k in range(N)],
            "one": [1] * N,
        }
    )


def test_a_fair_sample_looks_like_its_parent(workspace: Workspace, parent: Dataset) -> None:
    sample = derive(workspace, parent, operation("sample", seed=1, method="simple", rows=600))
    check = check_sample(sample, parent)
    assert check.sentence == "4 of 4 columns look like the parent."
    assert {c.column: c.verdict for c in check.columns}["id"] == "not compared"
    assert {c.column: c.shift for c in check.columns}["one"] == "one value only"
    assert check.weighted == ()
    ratio = [c.distance / c.limit for c in check.columns if c.verdict != "not compared"]
    assert ratio == sorted(ratio, reverse=True)
    assert list(check.table()["column"])[:4] == [c.column for c in check.columns[:4]]


def test_what_was_changed_on_purpose_is_said_and_weights_undo_it(workspace: Workspace, parent: Dataset) -> None:
    asked = operation("sample", seed=1, method="stratified", column="left", allocation="equal", rows=400)
    check = check_sample(derive(workspace, parent, asked), parent)
    verdicts = {c.column: c.verdict for c in check.columns}
    assert (verdicts["left"], verdicts["age"], verdicts["dept"]) == ("on purpose", "goes with it", "alike")
    share = parent.frame(["left"])["left"].eq("Yes").mean()
    assert check.sentence.startswith(f"'left' is changed on purpose: 50.0 % 'Yes' instead of {100 * share:.1f} %.")
    assert check.sentence.endswith("'age' goes with that. With its weights, 4 of 4 columns look like the parent.")
    assert {c.column: c.distance for c in check.weighted}["left"] == pytest.approx(0, abs=1e-12)
    assert "distance, weighted" in check.table()


def test_weights_of_earlier_draws_are_no_part_of_the_check(workspace: Workspace, parent: Dataset) -> None:
    balanced = operation("sample", seed=1, method="stratified", column="left", allocation="equal", rows=400)
    first = derive(workspace, parent, balanced)
    plain = derive(workspace, first, operation("sample", seed=2, method="simple", rows=200))
    assert plain.weights() is not None
    assert check_sample(plain, first).weighted == ()
    back = {"method": "importance", "column": "left", "numbers": ("Yes", "1", "No", "4"), "rows": 300, "replace": True}
    second = check_sample(derive(workspace, first, operation("sample", seed=3, **back)), first)  # type: ignore[arg-type]
    assert {c.column: c.verdict for c in second.columns}["left"] == "on purpose"
    assert {c.column: c.verdict for c in second.weighted}["left"] == "alike"


def test_a_biased_draw_is_found(workspace: Workspace, parent: Dataset) -> None:
    """Every row of one stretch of time: a cluster sample by a column that goes with nothing else."""
    rows = tuple(str(k) for k in np.flatnonzero((parent.frame(["age"])["age"] < 38).to_numpy()))
    older = derive(workspace, parent, operation("leave_out", rows=rows))
    sampled = derive(workspace, older, operation("sample", seed=0, method="simple", rows=900))
    from dataclasses import replace

    # As if the younger ones had been lost on the way: the sample claims to be one of the whole table.
    claims = replace(sampled, parent=parent.fingerprint)
    check = check_sample(claims, parent)
    age = {c.column: c for c in check.columns}["age"]
    assert age.verdict == "shifted"
    assert age.p < 1e-6
    assert "'age' is shifted: its mean is 4" in check.sentence


def test_missing_cells_count_too(dataset_of: Callable[..., Dataset]) -> None:
    cells = ColumnCells(
        "number",
        np.where(np.arange(400) < 120, np.nan, 1.0 * np.arange(400) % 7),
        np.where(np.arange(4000) % 10 == 0, np.nan, 1.0 * (np.arange(4000) % 7)),
    )
    found = distance_of(cells, None, 0.1)
    assert found.shift == "30.0 % missing instead of 10.0 %"
    assert found.value == pytest.approx(0.2)
    assert found.p < 1e-6
    assert found.limit < found.value


@pytest.mark.parametrize("share", [0.02, 0.5])
@pytest.mark.parametrize("kind", ["number", "text"])
def test_p_is_right_for_fair_samples(kind: str, share: float) -> None:
    rng = np.random.default_rng(0)
    whole = rng.normal(size=20_000) if kind == "number" else rng.choice(4, 20_000, p=[0.6, 0.3, 0.07, 0.03])
    size = round(share * len(whole))
    found = []
    for _ in range(300):
        drawn = whole[rng.choice(len(whole), size, replace=False)]
        found.append(distance_of(ColumnCells(kind, drawn, whole, ("a", "b", "c", "d")), None, share))  # type: ignore[arg-type]
    p = np.array([d.p for d in found])
    assert stats.kstest(p, "uniform").pvalue > 1e-3
    beyond = np.mean([d.value > d.limit for d in found])
    assert 0.02 < beyond < 0.09
    assert all((d.value > d.limit) == (d.p < 0.05) for d in found)


def test_numbers_agree_with_scipy() -> None:
    rng = np.random.default_rng(3)
    whole = rng.normal(size=5_000)
    drawn = whole[rng.integers(0, 5_000, 800)] + 0.0
    found = distance_of(ColumnCells("number", drawn, whole), None, 0.0)
    reference = stats.ks_2samp(drawn, whole, method="asymp")
    assert found.value == pytest.approx(reference.statistic, abs=1e-12)
    assert found.limit == pytest.approx(stats.kstwobign.ppf(0.95) / np.sqrt(800))
    assert found.p == pytest.approx(stats.kstwobign.sf(found.value * np.sqrt(800)), rel=1e-9)
    labels = rng.integers(0, 3, 500)
    of = np.arange(9_000) % 3
    apart = distance_of(ColumnCells("text", labels, of, ("a", "b", "c")), None, 0.0)
    assert apart.p == pytest.approx(stats.chisquare(np.bincount(labels)).pvalue)


def test_weights_count_as_many_rows_as_they_are_worth() -> None:
    rng = np.random.default_rng(4)
    whole = rng.normal(size=4_000)
    drawn, weights = whole[:400], np.where(np.arange(400) < 200, 1.0, 9.0)
    worth = weights.sum() ** 2 / (weights**2).sum()
    found = distance_of(ColumnCells("number", drawn, whole), weights, 0.0)
    assert found.limit == pytest.approx(stats.kstwobign.ppf(0.95) / np.sqrt(worth))
    doubled = distance_of(ColumnCells("number", drawn, whole), 2 * weights, 0.0)
    assert doubled == found


def test_only_samples_are_checked_against_their_parents(workspace: Workspace, parent: Dataset) -> None:
    filtered = derive(workspace, parent, operation("filter", condition="left == 'Yes'"))
    with pytest.raises(InputError, match="is no sample of"):
        check_sample(filtered, parent)


def test_the_job_tells_its_progress(workspace: Workspace, parent: Dataset) -> None:
    told: list[Any] = []
    sample = derive(workspace, parent, operation("sample", seed=1, method="cluster", column="day", share=0.2))
    check = representative_job(workspace, representative_spec(sample), told.append)
    assert isinstance(told[0], Progress)
    assert told[-1].done == len(sample.columns) - 1
    assert any("Whole groups were drawn" in note for note in check.notes)
