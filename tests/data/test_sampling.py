"""Every way of drawing is repeatable, keeps row order, and is unbiased over its seeds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats

from mlops_lib.data.chances import drawn_by_chance, inclusion_chances
from mlops_lib.data.draw_settings import Setting
from mlops_lib.data.sampling import METHODS, draw
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError

N = 60
SEEDS = 800


@pytest.fixture
def table(dataset_of: Callable[..., Dataset]) -> Dataset:
    rng = np.random.default_rng(7)
    size = rng.gamma(2.0, 10.0, N)
    return dataset_of(
        {
            "y": size * 3 + rng.normal(0, 5, N),
            "size": size,
            "label": ["rare"] * 6 + ["common"] * 40 + ["some"] * 14,
            "group": [f"g{k // 5}" for k in range(N)],
            "shuffled": rng.permutation(N),
        }
    )


USUAL: dict[str, dict[str, Setting]] = {
    "simple": {"rows": 15},
    "stratified": {"rows": 15, "column": "label"},
    "systematic": {"rows": 14},
    "cluster": {"rows": 20, "column": "group"},
    "weighted": {"rows": 15, "column": "size"},
    "reservoir": {"rows": 15},
    "importance": {"rows": 15, "column": "label"},
}
MORE = [
    *USUAL.items(),
    ("stratified", {"rows": 15, "column": "label", "allocation": "equal"}),
    ("stratified", {"column": "label", "allocation": "given", "numbers": ("rare", "5", "common", "4", "some", "3")}),
    ("systematic", {"share": 0.25, "order": "shuffled"}),
    ("importance", {"rows": 15, "column": "size"}),
    ("importance", {"rows": 30, "column": "label", "replace": True}),
    ("importance", {"rows": 30, "column": "size", "replace": True}),
    ("importance", {"rows": 12, "column": "label", "numbers": ("rare", "2", "common", "1", "some", "1")}),
]


def test_every_method_is_tried_here() -> None:
    assert set(USUAL) == set(METHODS)


@pytest.mark.parametrize(("method", "settings"), MORE)
def test_a_draw_is_repeatable_and_in_row_order(table: Dataset, method: str, settings: dict[str, Setting]) -> None:
    first, again, other = (draw(table, method, settings, seed) for seed in (1, 1, 2))
    assert np.array_equal(first.rows, again.rows)
    assert not np.array_equal(first.rows, other.rows) or method == "systematic"
    assert (np.diff(first.rows) >= (0 if settings.get("replace") else 1)).all()
    assert first.rows.dtype == np.int64
    assert first.sampling.method == method
    assert first.sampling.parent_rows == N
    assert first.said[0].endswith(f"of {len(first.rows)} of {N} rows")
    assert first.sampling.weighted == (first.weights is not None)


@pytest.mark.parametrize(("method", "settings"), MORE)
def test_the_mean_is_estimated_without_bias(table: Dataset, method: str, settings: dict[str, Setting]) -> None:
    """The mean over seeds of Horvitz-Thompson estimates (Hansen-Hurwitz with replacement) is the parent's mean."""
    y = table.frame(["y"])["y"].to_numpy()
    found = np.empty(SEEDS)
    for seed in range(SEEDS):
        drawn = draw(table, method, settings, seed)
        weights = drawn.weights if drawn.weights is not None else np.full(len(drawn.rows), N / len(drawn.rows))
        found[seed] = (y[drawn.rows] * (weights if method != "cluster" else 12 / 4)).sum() / N
    error = found.std() / np.sqrt(SEEDS)
    # Without weights, proportional shares rounded to whole rows shift the mean by a constant.
    slack = 0.05 * y.std() if method == "stratified" and "allocation" not in settings else 0.0
    assert abs(found.mean() - y.mean()) < 4 * error + slack


@pytest.mark.parametrize(
    ("method", "settings"),
    [m for m in MORE if m[0] in ("simple", "systematic", "reservoir", "weighted", "cluster")],
)
def test_rows_come_as_often_as_stated(table: Dataset, method: str, settings: dict[str, Setting]) -> None:
    times = np.zeros(N)
    for seed in range(SEEDS):
        times[draw(table, method, settings, seed).rows] += 1
    if method == "weighted":
        expected = inclusion_chances(table.frame(["size"])["size"].to_numpy(), 15)
    else:
        expected = np.full(N, times.sum() / SEEDS / N)
    z = (times - SEEDS * expected) / np.sqrt(np.maximum(SEEDS * expected * (1 - expected), 1e-9))
    assert stats.chi2.sf((z**2).sum(), N) > 1e-4 or method in ("cluster", "systematic")
    assert np.abs(z).max() < 4.5


def test_chances_add_up_and_large_rows_are_certain() -> None:
    sizes = np.array([100.0, 1.0, 1.0, 1.0, 1.0, 0.0])
    chances = inclusion_chances(sizes, 3)
    assert chances.tolist() == [1.0, 0.5, 0.5, 0.5, 0.5, 0.0]
    for seed in range(50):
        rows = drawn_by_chance(chances, np.random.default_rng(seed))
        assert len(rows) == len(set(rows.tolist())) == 3
        assert rows[0] == 0
        assert 5 not in rows
    assert drawn_by_chance(inclusion_chances(np.array([0.0, 2.0, 3.0]), 2), np.random.default_rng(0)).tolist() == [1, 2]
    with pytest.raises(InputError, match="3 rows cannot be drawn: 2 have a chance above 0"):
        inclusion_chances(np.array([1.0, 1.0, 0.0]), 3)


def test_proportional_shares_stay_and_equal_ones_are_capped(table: Dataset) -> None:
    labels = table.frame(["label"])["label"].to_numpy()
    kept = draw(table, "stratified", {"share": 0.5, "column": "label"}, 0)
    assert [int((labels[kept.rows] == k).sum()) for k in ("rare", "common", "some")] == [3, 20, 7]
    assert kept.weights is None
    assert kept.sampling.shares == ()
    even = draw(table, "stratified", {"rows": 30, "column": "label", "allocation": "equal"}, 0)
    assert [int((labels[even.rows] == k).sum()) for k in ("rare", "common", "some")] == [6, 10, 10]
    assert "All rows are taken where there are fewer than asked for: 'rare' (6 of 10)." in even.said
    assert dict(even.sampling.shares) == {"common": 40 / 60, "some": 14 / 60, "rare": 6 / 60}
    assert even.weights is not None
    assert even.weights.sum() == pytest.approx(N)


def test_missing_labels_are_a_stratum_or_said_to_be_left_out(dataset_of: Callable[..., Dataset]) -> None:
    data = dataset_of({"label": ["a"] * 10 + ["b"] * 6 + [None] * 4})
    kept = draw(data, "stratified", {"share": 0.5, "column": "label"}, 0)
    assert len(kept.rows) == 10
    assert int((kept.rows >= 16).sum()) == 2
    even = draw(data, "stratified", {"rows": 8, "column": "label", "allocation": "equal"}, 0)
    assert even.said[-1] == "4 rows without a value in 'label' cannot be drawn."
    assert (even.rows < 16).all()


def test_whole_groups_come(table: Dataset) -> None:
    drawn = draw(table, "cluster", {"share": 0.34, "column": "group"}, 3)
    groups, sizes = np.unique(drawn.rows // 5, return_counts=True)
    assert len(groups) == 4
    assert (sizes == 5).all()
    assert drawn.said[1] == "4 of 12 groups of 'group', each of them whole."


def test_systematic_rows_are_evenly_apart(table: Dataset) -> None:
    assert (np.diff(draw(table, "systematic", {"rows": 15}, 5).rows) == 4).all()
    by = table.frame(["shuffled"])["shuffled"].to_numpy()
    ordered = draw(table, "systematic", {"rows": 15, "order": "shuffled"}, 5)
    assert (np.diff(np.sort(by[ordered.rows])) == 4).all()


def test_importance_gives_the_wanted_shares_and_weights_that_undo_them(table: Dataset) -> None:
    settings: dict[str, Setting] = {
        "rows": 4_000,
        "column": "label",
        "numbers": ("rare", "0.5", "common", "0.5"),
        "replace": True,
    }
    drawn = draw(table, "importance", settings, 0)
    labels = table.frame(["label"])["label"].to_numpy()[drawn.rows]
    assert (labels == "rare").mean() == pytest.approx(0.5, abs=0.03)
    assert not (labels == "some").any()
    assert drawn.weights is not None
    assert drawn.weights.sum() == pytest.approx(46, rel=0.05)
    assert np.average(labels == "rare", weights=drawn.weights) == pytest.approx(6 / 46, abs=0.01)


def test_a_reservoir_passes_over_many_row_groups(table: Dataset) -> None:
    pq.write_table(table.table(), table.path, row_group_size=7)
    times = np.zeros(N)
    for seed in range(SEEDS):
        times[draw(table, "reservoir", {"rows": 10}, seed).rows] += 1
    assert stats.chisquare(times).pvalue > 1e-4


@pytest.mark.parametrize(
    ("method", "settings", "said"),
    [
        ("guess", {"rows": 3}, "no way of sampling called 'guess'"),
        ("simple", {}, "either how many rows or which share"),
        ("simple", {"rows": 3, "share": 0.5}, "either how many rows or which share"),
        ("simple", {"rows": N}, "60 rows cannot be drawn from 60"),
        ("simple", {"share": 0.0}, "0 rows cannot be drawn"),
        ("simple", {"share": float("nan")}, "'nan' is no number of rows"),
        ("simple", {"rows": 2.5}, "'2.5' is no number of rows"),
        ("simple", {"rows": "all"}, "'all' is no number of rows"),
        ("stratified", {"rows": 3}, "by which column"),
        ("stratified", {"rows": 3, "column": "lable"}, "Is it 'label'?"),
        ("stratified", {"rows": 3, "column": "label", "allocation": "odd"}, "shared out 'odd'"),
        ("stratified", {"column": "label", "allocation": "given", "numbers": ("x", "3")}, "'x' is not a label"),
        ("stratified", {"column": "label", "allocation": "given", "numbers": ("rare", "1.5")}, "asks for 1.5 rows"),
        ("stratified", {"column": "label", "allocation": "given"}, "No label has a number"),
        ("stratified", {"column": "label", "allocation": "given", "numbers": ("rare",)}, "not in pairs"),
        ("stratified", {"column": "label", "allocation": "given", "numbers": ("rare", "x")}, "not numbers"),
        ("stratified", {"column": "label", "allocation": "given", "numbers": ("rare", "inf")}, "of 'rare' is inf"),
        ("importance", {"rows": 3, "column": "label", "numbers": ("rare", "nan")}, "of 'rare' is nan"),
        ("cluster", {"rows": 59, "column": "group"}, "are all of them"),
        ("weighted", {"rows": 3, "column": "label"}, "'label' holds no numbers"),
        ("importance", {"rows": 3, "column": "label", "numbers": ("rare", "-1")}, "must not be below 0"),
        ("importance", {"rows": 20, "column": "label", "numbers": ("rare", "1")}, "6 have a chance above 0"),
    ],
)
def test_what_cannot_be_drawn_is_said(table: Dataset, method: str, settings: dict[str, Setting], said: str) -> None:
    with pytest.raises(InputError) as caught:
        draw(table, method, settings, 0)
    assert said in str(caught.value)


def test_numbers_below_zero_are_no_chances(dataset_of: Callable[..., Dataset]) -> None:
    data = dataset_of({"x": pa.array([1.0, -2.0, None]), "zero": [0, 0, 0]})
    with pytest.raises(InputError, match="'x' has 1 number below 0"):
        draw(data, "weighted", {"rows": 1, "column": "x"}, 0)
    with pytest.raises(InputError, match="'zero' has no number above 0"):
        draw(data, "weighted", {"rows": 1, "column": "zero"}, 0)


@pytest.mark.parametrize(
    ("method", "settings"),
    [("importance", {"rows": 5}), ("stratified", {"allocation": "given"})],
)
def test_labels_that_cannot_come_are_named(table: Dataset, method: str, settings: dict[str, Setting]) -> None:
    drawn = draw(table, method, {**settings, "column": "label", "numbers": ("rare", "3")}, 0)
    assert "No row with 'common' and 'some' can be drawn: the sample says nothing of them." in drawn.said


def test_rows_without_a_chance_are_counted(dataset_of: Callable[..., Dataset]) -> None:
    data = dataset_of({"x": pa.array([5.0, 5.0, 5.0, 0.0, None, 100.0])})
    drawn = draw(data, "weighted", {"rows": 2, "column": "x"}, 0)
    assert "2 rows with 0 or nothing in 'x' had no chance: the sample says nothing of them." in drawn.said
    assert "1 row would have had a chance above 1 and came in for certain." in drawn.said
    assert 5 in drawn.rows
