"""The part of Explore about pairs of columns: which say much the same, and how two of them go together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlops_lib.charts.associations import association_chart
from mlops_lib.explore.associations import pairs_above
from mlops_lib.explore.profile import profile
from mlops_lib.explore.reading_aids import PAIRS_FORMATS, pairs_table
from mlops_lib.explore.sentences import pairs_sentence
from pages.shared.boundary import guarded
from pages.shared.code import show_code
from pages.shared.exploring import Nouns, explored
from pages.shared.show import escape, figure, sentence, table
from pages.shared.two_features_view import show_two_features

if TYPE_CHECKING:
    import pandas as pd

    from mlops_lib.explore.associations import Associations, Numbers

FIGURE, TABLE, CHOSEN = "explore_pairs", "explore_pairs_table", "explore_pairs_chosen"


def show_pairs(nouns: Nouns, all_rows: bool) -> None:
    measure, limit_box = st.columns(2)
    numbers = measure.segmented_control(
        "Between numbers",
        ("spearman", "pearson"),
        default="spearman",
        required=True,
        format_func=str.title,
        key="explore_numbers",
        persist_state="session",
        help="Spearman sees any rising or falling relation, Pearson straight lines. Categories: Cramér's V; "
        "a number across categories: the correlation ratio; both without their bias.",
    )
    limit = limit_box.slider("Pairs from", 0.3, 1.0, 0.7, 0.05, key="explore_limit", persist_state="session")
    counted = explored("profile", profile, "Counting every column", nouns, all_rows)
    if counted is None:
        return
    if counted.associations is None:
        st.info(escape(counted.too_large))
        return
    pairs = show_matrix(nouns, counted.associations, limit, numbers)
    show_chosen(nouns, all_rows)
    show_listed(nouns, pairs)
    call = f"found = profile(dataset, schema, plan, all_rows={all_rows}).associations"
    show_code(f"{call}\npairs = pairs_above(found, {limit:g}, {numbers!r})")


def show_matrix(nouns: Nouns, found: Associations, limit: float, numbers: Numbers) -> pd.DataFrame:
    pairs = pairs_above(found, limit, numbers)
    sentence(escape(pairs_sentence(pairs, limit, len(nouns[1].features()))))
    figure(
        association_chart(found, numbers),
        alt="Strength of association of every pair of columns",
        key=FIGURE,
        on_select=lambda: choose(nouns, found.matrix.names),
        selection_mode="points",
    )
    st.caption("Click a cell, or choose a row of the table, to see the target over both features.")
    return pairs


def show_listed(nouns: Nouns, pairs: pd.DataFrame) -> None:
    listed = tuple(zip(pairs["first"], pairs["second"], strict=True))
    if listed:
        table(
            pairs_table(pairs),
            key=TABLE,
            download="pairs.csv",
            formats=PAIRS_FORMATS,
            on_select=lambda: choose_row(nouns, listed),
            selection_mode="single-row",
        )


@guarded
def choose(nouns: Nouns, names: Sequence[str]) -> None:
    """Keep the pair of the cell that was clicked, by the places of its columns among `names`."""
    points = st.session_state[FIGURE]["selection"]["points"]
    keep(nouns, [tuple(names[place] for place in point["customdata"]) for point in points])


@guarded
def choose_row(nouns: Nouns, listed: Sequence[tuple[str, ...]]) -> None:
    """Keep the pair of the row that was chosen in the table."""
    keep(nouns, [listed[row] for row in st.session_state[TABLE]["selection"]["rows"]])


def keep(nouns: Nouns, pairs: Sequence[tuple[str, ...]]) -> None:
    """The first pair of two different features; none where there is none."""
    features = {*nouns[1].features()}
    st.session_state[CHOSEN] = next((p for p in pairs if p[0] != p[1] and {*p} <= features), None)


def show_chosen(nouns: Nouns, all_rows: bool) -> None:
    chosen = st.session_state.get(CHOSEN)
    if chosen and {*chosen} <= {*nouns[1].features()}:
        show_two_features(nouns, all_rows, *chosen)
