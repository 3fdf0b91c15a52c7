"""Bins hold every row once, and rates are the shares that pandas counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlops_lib.explore import distributions
from mlops_lib.explore.binning import bin_feature
from mlops_lib.explore.distributions import column_distribution, overview
from mlops_lib.objects.errors import InputError, NotPossibleError, TooLargeError
from mlops_lib.objects.schema import Classes
from mlops_lib.stats.features import Feature
from tests.explore.conftest import Ask, employees

FLOATS = st.floats(-1e6, 1e6) | st.just(float("nan")) | st.integers(-20, 20).map(float)


@settings(deadline=None)
@given(hnp.arrays(np.float64, st.integers(1, 80), elements=FLOATS), st.sampled_from(["numeric", "date"]))
def test_every_known_value_lies_in_its_bin(values: np.ndarray, kind: str) -> None:
    bins = bin_feature(Feature("x", kind, values))  # type: ignore[arg-type]
    known = ~np.isnan(values)
    assert ((bins.codes >= 0) == known).all()
    if not known.any():
        assert bins.labels == ()
        return
    assert bins.edges is not None
    assert len(bins.labels) == len(bins.edges) - 1 <= 64
    assert (values[known] >= bins.edges[bins.codes[known]]).all()
    assert (values[known] < bins.edges[bins.codes[known] + 1]).all()
    assert len(set(bins.labels)) == len(bins.labels)


def test_outliers_go_into_open_bins_at_the_ends() -> None:
    values = np.concatenate([np.random.default_rng(0).normal(50, 5, 2000), [1e6, -1e6]])
    bins = bin_feature(Feature("x", "numeric", values))
    assert bins.labels[0].startswith("below ")
    assert bins.labels[-1].endswith(" and more")
    assert bins.codes[-2:].tolist() == [len(bins.labels) - 1, 0]


def test_rare_levels_are_counted_together() -> None:
    codes = np.concatenate([np.repeat(np.arange(30), 10), np.full(50, 31)]).astype(np.int32)
    bins = bin_feature(Feature("x", "categorical", codes, tuple(f"level {i}" for i in range(33))))
    assert bins.labels[0] == "level 31"
    assert bins.labels[-1] == "12 other levels"
    assert (bins.codes >= 0).all()
    assert bins.levels == 31


def test_a_category_by_class(ask: Ask) -> None:
    dataset, schema, plan = ask()
    found = column_distribution(dataset, schema, plan, "dept")
    frame = dataset.frame(["dept", "left"]).iloc[plan.training_rows()]
    rates = (frame["left"] == "Yes").groupby(frame["dept"]).mean()
    assert dict(zip(found.labels, found.level, strict=True)) == pytest.approx(rates.to_dict())
    assert found.counts.sum() == found.n == len(frame)
    assert (found.low <= found.level).all()
    assert (found.level <= found.high).all()
    extremes = found.extremes()
    assert extremes is not None
    assert found.labels[extremes[1]] == "영업"
    table = found.table()
    assert list(table) == [
        "value", "rows", "share of rows", "left = No", "left = Yes", "share of Yes", "95 % from", "95 % to",
    ]  # fmt: skip


def test_missing_cells_have_a_bin_and_a_rate_of_their_own(ask: Ask) -> None:
    dataset, schema, plan = ask()
    found = column_distribution(dataset, schema, plan, "age")
    frame = dataset.frame(["age", "left"]).iloc[plan.training_rows()]
    gone = frame["age"].isna()
    assert found.labels[-1] == "missing"
    assert found.missing == found.counts[-1] == gone.sum()
    assert found.level[-1] == pytest.approx((frame["left"][gone] == "Yes").mean())
    assert found.bins == len(found.labels) - 1
    summary = found.summary.set_index("group")
    assert list(summary.index) == ["all", "No", "Yes"]
    assert summary.loc["Yes", "median"] == frame["age"][frame["left"] == "Yes"].median()
    assert summary.loc["all", "missing"] == gone.sum()


def test_dates_are_named_as_dates(ask: Ask) -> None:
    found = column_distribution(*ask(), "hired")
    assert all(label[:2] == "20" and " to 20" in label for label in found.labels)
    assert found.summary["min"].iloc[0] >= "2020-01-01"


def test_a_numeric_target_has_means_with_intervals(ask: Ask) -> None:
    dataset, schema, plan = ask("late")
    found = column_distribution(dataset, schema, plan, "dept")
    frame = dataset.frame(["dept", "late"]).iloc[plan.training_rows()]
    groups = frame["late"].groupby(frame["dept"])
    assert dict(zip(found.labels, found.level, strict=True)) == pytest.approx(groups.mean().to_dict())
    half = (1.959964 * groups.std() / np.sqrt(groups.size())).to_dict()
    assert dict(zip(found.labels, found.high - found.level, strict=True)) == pytest.approx(half, rel=1e-5)
    assert found.by_class.shape == (3, 0)


def test_many_classes_are_counted(ask: Ask) -> None:
    dataset, schema, plan = ask("grade", Classes(None))
    found = column_distribution(dataset, schema, plan, "dept")
    frame = dataset.frame(["dept", "grade"]).iloc[plan.training_rows()]
    expected = pd.crosstab(frame["dept"], frame["grade"]).loc[list(found.labels)]
    np.testing.assert_array_equal(found.by_class, expected)
    assert np.isnan(found.level).all()


def test_the_overview_begins_with_the_strongest(ask: Ask) -> None:
    found = overview(*ask())
    strengths = [d.strength for d in found]
    assert strengths == sorted(strengths, reverse=True)
    assert {d.name for d in found} == {"age", "dept", "code", "hired", "pay", "late", "grade"}
    assert all(d.bins <= 21 for d in found)


def test_limits_and_wrong_kinds_are_refused(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="'dept' is marked numeric but holds text"):
        column_distribution(*ask(dept="numeric"), "dept")
    monkeypatch.setattr(distributions, "MAX_COLUMNS", 3)
    with pytest.raises(TooLargeError, match="at most 3"):
        overview(*ask())


def test_parts_of_different_tables_are_refused(ask: Ask) -> None:
    _, schema, plan = ask()
    other, _, _ = ask(table=employees(300))
    with pytest.raises(InputError, match="do not belong together"):
        column_distribution(other, schema, plan, "age")


def test_an_empty_column_is_all_missing(ask: Ask) -> None:
    table = employees().append_column("nothing", pa.nulls(400, pa.float64()))
    found = column_distribution(*ask(table=table), "nothing")
    assert found.labels == ("missing",)
    assert found.missing == found.n
    assert np.isnan(found.strength)


def test_a_table_without_features_says_so(ask: Ask) -> None:
    with pytest.raises(NotPossibleError, match="no feature"):
        overview(*ask(table=employees().select(["left"])))
