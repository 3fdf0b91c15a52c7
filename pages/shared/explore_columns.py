"""The part of Explore about single columns: one in full, all of them small."""

from __future__ import annotations

import streamlit as st

from mlops_lib.charts.distributions import column_chart, small_chart
from mlops_lib.charts.labels import shortened
from mlops_lib.explore.profile import PROFILE_FORMATS, PROFILE_HEADERS, profile
from mlops_lib.explore.profile_words import common_words
from mlops_lib.explore.reading_aids import wall_page
from mlops_lib.explore.sentences import column_sentence
from pages.shared.code import show_code
from pages.shared.exploring import Nouns, explored
from pages.shared.show import count, escape, figure, number, percent, sentence, table


def all_columns(columns: int) -> str:
    return f"All {count(columns)} columns" if columns > 1 else "The one column"


def show_columns(nouns: Nouns, all_rows: bool) -> None:
    found = explored("profile", profile, "Counting every column", nouns, all_rows)
    if found is None:
        return
    wall = found.wall
    names = [d.name for d in wall]
    chosen = st.selectbox(
        "Column (strongest relation with the target first)",
        names,
        key=f"explore_column_{nouns[1].fingerprint}",
        persist_state="session",
    )
    column = found.column(chosen)
    sentence(escape(column_sentence(column)))
    figure(column_chart(column), alt="Rows and target by value of the column", key="explore_one")
    with st.expander("The numbers"):
        formats = dict.fromkeys(("share of rows", *column.rate_columns), percent)
        table(column.table(), key="explore_bins", download="column.csv", formats=formats)
        if len(column.summary):
            formats = dict.fromkeys(column.summary_numbers, number)
            table(column.summary, key="explore_summary", formats=formats, column_config=PROFILE_HEADERS)
        st.caption(escape(common_words(column)))
    st.markdown(f"**{all_columns(len(wall))}** · grey bars: rows; marks: the target; dashed: the mean of all rows.")
    pages = wall_page(wall, 1).pages
    shown = st.pagination(pages, key="explore_wall", persist_state="session") if pages > 1 else 1
    with st.grid(min_column_width=230, gap="small"):
        for d in wall_page(wall, shown).columns:
            with st.container(border=True, gap=None):
                st.caption(f"**{escape(shortened(d.name, 16))}** · effect {number(d.strength)}")
                figure(small_chart(d), alt=f"Distribution of {d.name}", key=f"explore_small_{names.index(d.name)}")
    with st.expander(f"{all_columns(len(wall))} in numbers"):
        table(
            found.table(),
            key="explore_profile",
            download="columns.csv",
            formats=PROFILE_FORMATS,
            placeholder="",
            column_config=PROFILE_HEADERS,
        )
    show_code(f"found = profile(dataset, schema, plan, all_rows={all_rows})\nfigure = column_chart(found.columns[0])")
