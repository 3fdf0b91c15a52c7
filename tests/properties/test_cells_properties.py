"""What is written in one of the usual forms is read as what it was, or stays as it was written."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_lib.data.convert import convert_column, rules_of
from mlops_lib.data.converted import Converted
from mlops_lib.objects.dataset import ReadingOptions

Write = Callable[[Decimal], str]

AMOUNTS = st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1, max_size=30)
DAYS = st.lists(st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 12, 31)), min_size=1, max_size=30)
TIMES = st.lists(
    st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2100, 1, 1)),  # noqa: DTZ001 (no zone in a table)
    min_size=1,
    max_size=30,
)


def read(cells: list[str], options: ReadingOptions | None = None) -> Converted:
    column = pa.chunked_array([pa.array(cells, pa.string())])
    return convert_column(column, "x", rules_of(options or ReadingOptions(), [column]))


def in_brackets(value: Decimal) -> str:
    return f"(${-value:,.2f})" if value < 0 else f"${value:,.2f}"


def swapped(text: str) -> str:
    return text.translate(str.maketrans(",.", ".,"))


FORMS: dict[str, Write] = {
    "plain": lambda v: f"{v:.2f}",
    "commas": lambda v: f"{v:,.2f}",
    "points": lambda v: swapped(f"{v:,.2f}"),
    "no-break blanks": lambda v: f"{v:,.2f}".replace(",", "\u00a0").replace(".", ","),
    "apostrophes": lambda v: f"{v:,.2f}".replace(",", "'"),
    "dollars": lambda v: f"${v:,.2f}".replace("$-", "-$"),
    "brackets": in_brackets,
    "euros": lambda v: f"{swapped(f'{v:,.2f}')} €",
    "percent": lambda v: f"{v:.2f} %",
}


@pytest.mark.parametrize("form", FORMS)
@given(AMOUNTS)
def test_formatted_numbers_are_read_as_what_they_were(form: str, amounts: list[Decimal]) -> None:
    found = read([FORMS[form](value) for value in amounts])
    assert found.values.to_pylist() == [float(value) for value in amounts]


@given(st.lists(st.integers(-(10**14), 10**14), min_size=1, max_size=30), st.sampled_from([",", "."]))
def test_whole_numbers_with_groups_are_read_right_or_asked_about(values: list[int], sign: str) -> None:
    cells = [f"{value:,}".replace(",", sign) for value in values]
    found = read(cells)
    if found.ambiguous:
        assert found.values.to_pylist() == cells
        found = read(cells, ReadingOptions(thousands=sign))
    elif found.decimal == ".":  # points before three digits only: decimals, and that is said
        assert found.guessed
        found = read(cells, ReadingOptions(thousands=sign))
    assert found.values.to_pylist() == values


DATE_FORMS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%m/%d/%Y", "%d-%m-%Y", "%d %b %Y", "%B %d, %Y", "%d-%b-%Y",
    "%Y년 %m월 %d일", "%a, %d %b %Y",
)  # fmt: skip


@pytest.mark.parametrize("form", DATE_FORMS)
@given(DAYS)
def test_formatted_dates_are_read_as_what_they_were_or_asked_about(form: str, days: list[datetime.date]) -> None:
    found = read([day.strftime(form) for day in days])
    if found.ambiguous:
        first = "day_first" if form.index("%d") < form.index("%m") else "month_first"
        found = read([day.strftime(form) for day in days], ReadingOptions(**{first: ("x",)}))
    assert [stamp.date() for stamp in found.values.to_pylist()] == days


@pytest.mark.parametrize("form", ["%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %I:%M:%S.%f %p", "%d %b %Y %H:%M:%S.%f"])
@given(TIMES)
def test_formatted_times_are_read_as_what_they_were(form: str, times: list[datetime.datetime]) -> None:
    assert read([time.strftime(form) for time in times]).values.to_pylist() == times


@given(TIMES, st.integers(-12 * 60, 14 * 60))
def test_times_with_a_zone_become_utc(times: list[datetime.datetime], minutes: int) -> None:
    zone = datetime.timezone(datetime.timedelta(minutes=minutes))
    found = read([time.replace(tzinfo=zone).isoformat() for time in times])
    assert found.values.to_pylist() == [time - datetime.timedelta(minutes=minutes) for time in times]


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("Cc",)), max_size=12), min_size=1, max_size=20)
)
def test_no_text_breaks_the_conversion_and_what_stays_text_stays_as_it_was(cells: list[str]) -> None:
    found = read(cells)
    assert len(found.values) == len(cells)
    if pa.types.is_string(found.values.type):
        # Arrow trims what it takes for white space, a little more than Python does.
        assert [v or "" for v in found.values.to_pylist()] == pa.compute.utf8_trim_whitespace(
            pa.array(cells)
        ).to_pylist()


@given(st.lists(st.text("0123456789.,-+$€%() '/:TZ년월일", min_size=1, max_size=10), min_size=1, max_size=6))
def test_reading_again_under_what_was_found_gives_the_same(cells: list[str]) -> None:
    once = read(cells)
    again = read(cells, ReadingOptions(decimal=once.decimal or None))
    assert again.values.equals(once.values)
