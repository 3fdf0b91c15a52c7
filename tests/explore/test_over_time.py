"""Periods are those of pandas, levels those that pandas counts, and the words follow the tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_lib.charts.profiles import column_time_chart, funnel_chart, groups_chart, time_chart
from mlops_lib.explore.by_group import by_group, group_columns
from mlops_lib.explore.over_time import column_over_time, date_columns, over_time
from mlops_lib.explore.periods import PERIODS, possible, put_in_periods, sensible
from mlops_lib.explore.profile_words import gap_words, group_sentence, group_split_words, split_words, time_sentence
from mlops_lib.explore.target_levels import shown_classes
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.schema import Classes, Number
from mlops_lib.stats.proportions import wilson
from tests.explore.conftest import Ask

FREQUENCY = {"hour": "h", "day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}


@settings(deadline=None, max_examples=60)
@given(
    st.integers(-50_000_000, 2_000_000_000),
    st.lists(st.floats(0, 80), min_size=1, max_size=40),
    st.sampled_from(list(FREQUENCY)),
)
def test_periods_are_those_of_pandas(first: int, later: list[float], name: str) -> None:
    seconds = [first + int(periods * PERIODS[name].days * 86_400) for periods in later]
    stamps = pd.Series(pd.to_datetime(seconds, unit="s"))
    days = np.append(np.array(seconds) / 86_400, np.nan)
    placed = put_in_periods(days, PERIODS[name])
    assert placed.codes[-1] == -1
    begun = stamps.dt.to_period(FREQUENCY[name]).dt.start_time
    expected = (begun - pd.Timestamp(0)).dt.total_seconds() / 86_400
    np.testing.assert_allclose(placed.starts[placed.codes[:-1]], expected, atol=1e-6)
    assert (np.diff(placed.starts) > 0).all()
    assert len(placed.labels) == len(placed.starts)


def test_cycles_are_those_of_pandas() -> None:
    stamps = pd.Series(pd.date_range("1969-12-20 05:00", periods=900, freq="37h"))
    days = (stamps - pd.Timestamp(0)).dt.total_seconds().to_numpy() / 86_400
    assert put_in_periods(days, PERIODS["hour of day"]).codes.tolist() == stamps.dt.hour.tolist()
    assert put_in_periods(days, PERIODS["weekday"]).codes.tolist() == stamps.dt.day_of_week.tolist()
    assert put_in_periods(days, PERIODS["month of year"]).codes.tolist() == (stamps.dt.month - 1).tolist()


@pytest.mark.parametrize(
    ("days", "n", "name"),
    [(1.5, 5_000, "hour"), (30, 5_000, "day"), (250, 5_000, "week"), (700, 5_000, "month"), (700, 300, "quarter"),
     (4_000, 5_000, "quarter"), (20_000, 5_000, "year")],
)  # fmt: skip
def test_the_period_suits_the_span_and_the_rows(days: float, n: int, name: str) -> None:
    assert sensible(np.linspace(0, days, n)) == name


def test_dates_without_hours_have_no_hours_and_one_day_no_period() -> None:
    assert "hour of day" not in possible(np.arange(100.0))
    assert "hour of day" in possible(np.arange(100.0) + 0.5)
    assert sensible(np.full(9, 3.0)) == ""
    assert possible(np.array([np.nan])) == ()


def test_the_rate_by_month_is_counted(ask: Ask) -> None:
    dataset, schema, plan = ask()
    found = over_time(dataset, schema, plan, "hired", "month")
    frame = dataset.frame(["hired", "left"]).iloc[plan.training_rows()]
    months = frame["hired"].dt.strftime("%Y-%m")
    groups = (frame["left"] == "Yes").groupby(months)
    expected = groups.agg(["sum", "size"]).reindex(found.labels)
    assert found.rows.tolist() == expected["size"].fillna(0).tolist()
    assert found.rows.sum() == found.n
    known = found.rows > 0
    np.testing.assert_allclose(found.level[known], (expected["sum"] / expected["size"])[known])
    low, high = wilson(expected["sum"].to_numpy()[known], expected["size"].to_numpy()[known])
    np.testing.assert_allclose((found.low[known], found.high[known]), (low, high))
    assert list(found.table()) == ["period", "rows", "share of Yes", "95 % from", "95 % to"]


def made(rise: float, gap: bool = False, n: int = 1_200) -> pa.Table:
    rng = np.random.default_rng(8)
    day = rng.integers(0, 700, n)
    day = np.where((day > 300) & (day < 400), 200, day) if gap else day
    left = rng.random(n) < 0.2 + rise * day / 700
    site = rng.integers(0, 30, n)
    return pa.table({
        "hired": pa.array(np.datetime64("2020-01-01", "ms") + day * np.timedelta64(1, "D"), mask=rng.random(n) < 0.02),
        "pay": rng.normal(100, 10, n) + 20 * rise * day / 700,
        "dept": pa.array([f"site {i}" for i in site], mask=rng.random(n) < 0.05),
        "left": np.where(left | (site == 3), "Yes", "No"),
    })  # fmt: skip


def test_a_rise_is_called_one_and_a_hole_is_shown(ask: Ask) -> None:
    asked = ask(table=made(0.5, gap=True))
    found = over_time(*asked, "hired", "month")
    assert found.movement.has_trend
    assert found.movement.last > found.movement.first
    assert "rises over time" in time_sentence(found)
    assert "choose a time split" in split_words(found)
    assert found.empty == 3
    assert "3 months of 23 without a row" in gap_words(found)
    assert "without a date" in gap_words(found)
    drawn = time_chart(found)
    assert len(drawn.layout.shapes) == 2  # the mean of all rows, and the hole
    assert sum(trace.fill == "toself" for trace in drawn.data if trace.type == "scatter") == 2


def test_a_period_of_one_row_does_not_flatten_the_others(ask: Ask) -> None:
    found = over_time(*ask(table=made(0.5, gap=True)), "hired", "month")
    first = np.arange(len(found.rows)) == 0
    few = replace(
        found, rows=np.where(first, 1, found.rows), level=np.where(first, found.overall, found.level),
        low=np.where(first, 0.0, found.low), high=np.where(first, 1.0, found.high),
    )  # fmt: skip
    low, high = time_chart(few).layout.yaxis.range
    known = found.rows >= 20
    assert low <= np.nanmin(found.low[known]) + 1e-9
    assert np.nanmax(few.level) <= high < 1.0


def test_no_rise_speaks_against_nothing(ask: Ask) -> None:
    found = over_time(*ask(table=made(0.0)), "hired", "quarter")
    assert not found.movement.moves
    assert "not move more over time than chance" in time_sentence(found)
    assert "Nothing here" in split_words(found)


def test_a_number_over_time_has_means(ask: Ask) -> None:
    dataset, schema, plan = ask("pay", Number(), table=made(3.0))
    found = over_time(dataset, schema, plan, "hired", "quarter", all_rows=True)
    frame = dataset.frame(["hired", "pay"]).dropna()
    expected = frame["pay"].groupby(frame["hired"].dt.to_period("Q")).mean()
    np.testing.assert_allclose(found.level, expected, rtol=1e-12)
    assert found.movement.trend == "Spearman"
    assert "mean of pay rises" in time_sentence(found)
    assert not found.is_rate


def test_one_of_many_classes_can_be_chosen(ask: Ask) -> None:
    dataset, schema, plan = ask("grade", Classes(None))
    assert shown_classes(dataset, schema) == ("a", "b", "c")
    assert over_time(dataset, schema, plan, "hired").of == "a"
    assert over_time(dataset, schema, plan, "hired", of="c").overall < 0.2
    with pytest.raises(InputError, match="no class 'd'"):
        over_time(dataset, schema, plan, "hired", of="d")
    with pytest.raises(InputError, match="no period 'fortnight'"):
        over_time(dataset, schema, plan, "hired", "fortnight")
    with pytest.raises(NotPossibleError, match="hour"):
        over_time(dataset, schema, plan, "hired", "hour")


def test_a_column_over_time_has_quartiles_or_shares(ask: Ask) -> None:
    dataset, schema, plan = ask()
    frame = dataset.frame().iloc[plan.training_rows()]
    quarter = frame["hired"].dt.to_period("Q")
    ages = column_over_time(dataset, schema, plan, "hired", "age", "quarter")
    np.testing.assert_allclose(ages.middle, frame["age"].groupby(quarter).median())
    np.testing.assert_allclose(ages.quarter, frame["age"].groupby(quarter).quantile(0.25))
    np.testing.assert_allclose(ages.missing, frame["age"].isna().groupby(quarter).mean())
    depts = column_over_time(dataset, schema, plan, "hired", "dept", "quarter")
    expected = pd.crosstab(quarter, frame["dept"], normalize="index")[list(depts.levels)]
    np.testing.assert_allclose(depts.shares, expected)
    np.testing.assert_allclose(depts.shares.sum(axis=1), 1)
    assert list(depts.table())[:3] == ["period", "rows", "share missing"]
    for found in (ages, depts):
        assert column_time_chart(found).data


def test_a_group_beyond_chance_stands_first(ask: Ask) -> None:
    asked = ask(table=made(0.0))
    assert date_columns(asked[1]) == ("hired",)
    assert group_columns(asked[1]) == ("dept",)
    found = by_group(*asked, "dept")
    frame = asked[0].frame(["dept", "left", "hired"]).iloc[asked[2].training_rows()]
    groups = frame.groupby(frame["dept"].fillna("missing"))
    rows = groups.size()
    assert dict(zip(found.groups, found.rows.tolist(), strict=True)) == rows.to_dict()
    assert found.rows.sum() == found.n
    rates = groups["left"].apply(lambda x: (x == "Yes").mean())
    assert dict(zip(found.groups, found.level, strict=True)) == pytest.approx(rates.to_dict())
    gone = groups["hired"].apply(lambda x: x.isna().mean() / 2)  # of two features besides the group
    assert dict(zip(found.groups, found.missing, strict=True)) == pytest.approx(gone.to_dict())
    assert found.groups[0] == "site 3"
    assert found.beyond[0] == 2
    assert found.far == 1
    assert "most surely above 'site 3'" in group_sentence(found)
    assert "role 'group'" in group_split_words(found)
    assert found.table()["control limits"][0] == "above the outer"
    assert funnel_chart(found).layout.title.text == "1 group beyond the outer limits"
    assert groups_chart(found).data


def test_groups_of_a_number_and_a_single_group(ask: Ask) -> None:
    asked = ask("pay", Number(), table=made(0.0))
    found = by_group(*asked, "dept")
    assert not found.is_rate
    assert found.between.test == "Kruskal-Wallis"
    assert "chance" in group_sentence(found)
    one = made(0.0).set_column(2, "dept", pa.array(["only"] * 1_200))
    with pytest.raises(NotPossibleError, match="one group"):
        by_group(*ask(table=one), "dept")
