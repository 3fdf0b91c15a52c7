"""The part of Explore about time and groups: does the target move, and who strays beyond chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlops_lib.charts.profiles import column_time_chart, funnel_chart, groups_chart, time_chart
from mlops_lib.explore.by_group import by_group, group_columns
from mlops_lib.explore.over_time import column_over_time, date_columns, over_time
from mlops_lib.explore.profile_words import (
    difference_words,
    gap_words,
    group_sentence,
    group_split_words,
    split_words,
    test_words,
    time_sentence,
)
from mlops_lib.explore.target_levels import shown_classes
from pages.shared.calls import cached
from pages.shared.code import show_code
from pages.shared.exploring import Nouns
from pages.shared.show import counted, escape, figure, number, percent, sentence, table

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def show_profiles(nouns: Nouns, all_rows: bool) -> None:
    views = {"Over time": date_columns(nouns[1]), "By group": group_columns(nouns[1])}
    possible = [name for name, columns in views.items() if columns]
    if not possible:
        _nothing()
        return
    view = _ask_view(nouns, possible) if len(possible) > 1 else possible[0]
    draw = _over_time if view == "Over time" else _by_group
    draw(nouns, views[view], all_rows)


def _ask_view(nouns: Nouns, possible: Sequence[str]) -> str:
    return str(
        st.segmented_control(
            "Profile",
            possible,
            default=possible[0],
            required=True,
            key=f"explore_profile_{nouns[0].fingerprint}",
            label_visibility="collapsed",
        )
    )


def _nothing() -> None:
    st.info(
        "Here stands how the target moves over time and which groups differ beyond chance. This table has neither a "
        "date nor a category: give a column the kind 'date' or 'categorical' on the Data page.",
        icon="📅",
    )


def _over_time(nouns: Nouns, columns: Sequence[str], all_rows: bool) -> None:
    boxes = st.columns(3)
    column = _ask("Date", columns, "explore_date", nouns, boxes[0])
    of = _ask_class(nouns, boxes[2])
    first = cached(over_time)(*nouns, column, "", of, all_rows)
    period = boxes[1].selectbox(
        "Period",
        first.periods,
        index=first.periods.index(first.period),
        key=f"explore_period_{column}_{nouns[1].fingerprint}",
        help="Chosen from the span of the dates and the number of rows. Hours of a day, weekdays and months of a year "
        "put all days, weeks and years on top of each other.",
    )
    found = cached(over_time)(*nouns, column, period, of, all_rows)
    sentence(escape(time_sentence(found)))
    st.markdown(escape(split_words(found)))
    figure(time_chart(found), alt="The target and the rows by period", key="explore_time")
    st.caption(escape(f"{test_words(found.movement)} {gap_words(found)}"))
    _column_over_time(nouns, column, period, all_rows)
    with st.expander("The numbers"):
        formats = dict.fromkeys(found.numbers, percent if found.is_rate else number)
        table(found.table(), key="explore_time_table", download="over-time.csv", formats=formats)
    show_code(f"found = over_time(dataset, schema, plan, {column!r}, {period!r}, {of!r}, {all_rows})")


def _column_over_time(nouns: Nouns, column: str, period: str, all_rows: bool) -> None:
    shown = st.selectbox(
        "A column over time",
        nouns[1].features(),
        index=None,
        placeholder="Choose one to see its middle, its levels and what is missing",
        key=f"explore_time_column_{nouns[1].fingerprint}",
    )
    if shown is not None:
        found = cached(column_over_time)(*nouns, column, shown, period, all_rows)
        figure(column_time_chart(found), alt="The column and its missing cells by period", key="explore_time_other")


def _by_group(nouns: Nouns, columns: Sequence[str], all_rows: bool) -> None:
    boxes = st.columns(2)
    column = _ask("Groups", columns, "explore_group", nouns, boxes[0])
    of = _ask_class(nouns, boxes[1])
    found = cached(by_group)(*nouns, column, of, all_rows)
    sentence(escape(group_sentence(found)))
    st.markdown(escape(group_split_words(found)))
    st.caption(escape(f"All groups together: {difference_words(found.between)}."))
    left, right = st.columns(2)
    with left:
        figure(funnel_chart(found), alt="Each group by its rows and the target, with limits", key="explore_funnel")
    with right:
        figure(groups_chart(found), alt="The target by group with its interval", key="explore_groups")
    with st.expander(f"All {counted(len(found.groups), 'group')}"):
        formats = dict.fromkeys(found.numbers, percent if found.is_rate else number)
        formats |= dict.fromkeys(("share of rows", "missing cells"), percent)
        table(found.table(), key="explore_group_table", download="by-group.csv", formats=formats)
    show_code(f"found = by_group(dataset, schema, plan, {column!r}, {of!r}, {all_rows})\nfigure = funnel_chart(found)")


def _ask(label: str, columns: Sequence[str], key: str, nouns: Nouns, box: DeltaGenerator) -> str:
    return str(box.selectbox(label, columns, key=f"{key}_{nouns[1].fingerprint}", persist_state="session"))


def _ask_class(nouns: Nouns, box: DeltaGenerator) -> str:
    classes = cached(shown_classes)(nouns[0], nouns[1])
    if not classes:
        return ""
    return str(box.selectbox("Share of", classes, key=f"explore_class_{nouns[1].fingerprint}", persist_state="session"))
