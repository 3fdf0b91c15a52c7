"""What the table says before any model: balance, columns, pairs."""

from __future__ import annotations

import streamlit as st

from mlops_lib.charts.associations import association_chart
from mlops_lib.charts.balance import balance_chart, folds_chart
from mlops_lib.charts.distributions import column_chart, small_chart, target_chart
from mlops_lib.explore.associations import associations, pairs_above
from mlops_lib.explore.balance import class_balance
from mlops_lib.explore.distributions import column_distribution, overview
from mlops_lib.explore.reading_aids import PAIRS_FORMATS, balance_cards, do_nothing_table, pairs_table, wall_page
from mlops_lib.explore.sentences import balance_sentence, column_sentence, missing_sentence, pairs_sentence
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from pages.shared.calls import cached
from pages.shared.code import show_code
from pages.shared.exploring import ask_all_rows, explored
from pages.shared.page import go_to, need, page
from pages.shared.prior_shift import show_shares
from pages.shared.show import Card, cards, counted, escape, figure, number, percent, sentence, table

Nouns = tuple[Dataset, Schema, SplitPlan]
PARTS = ("Balance", "Columns", "Pairs")


def show_balance(nouns: Nouns, all_rows: bool) -> None:
    balance = cached(class_balance)(*nouns, all_rows)
    sentence(escape(balance_sentence(balance)))
    st.markdown(escape(missing_sentence(balance)))
    cards([Card(*texts) for texts in balance_cards(balance)])
    left, right = st.columns(2)
    with left:
        if balance.kind == "number":
            target = cached(column_distribution)(*nouns, balance.column, all_rows)
            figure(target_chart(target), alt="Rows by value of the target", key="explore_target")
        else:
            figure(balance_chart(balance), alt="Rows of each class with their share", key="explore_classes")
    with right:
        figure(folds_chart(balance), alt="Rows of the smallest class in each fold", key="explore_folds")
    st.markdown("**What doing nothing scores.** Every model has to beat these.")
    table(do_nothing_table(balance), key="explore_nothing", formats={"score": number})
    show_code(f"balance = class_balance(dataset, schema, plan, all_rows={all_rows})\nfigure = balance_chart(balance)")


def show_columns(nouns: Nouns, all_rows: bool) -> None:
    wall = explored("overview", overview, "Counting every column", nouns, all_rows)
    if wall is None:
        return
    names = [d.name for d in wall]
    chosen = st.selectbox(
        "Column (strongest relation with the target first)",
        names,
        key=f"explore_column_{nouns[1].fingerprint}",
        persist_state="session",
    )
    column = cached(column_distribution)(*nouns, chosen, all_rows)
    sentence(escape(column_sentence(column)))
    figure(column_chart(column), alt="Rows and target by value of the column", key="explore_one")
    with st.expander("The numbers"):
        formats = dict.fromkeys(("share of rows", *column.rate_columns), percent)
        table(column.table(), key="explore_bins", download="column.csv", formats=formats)
        if len(column.summary):
            table(column.summary, key="explore_summary", formats=dict.fromkeys(column.summary_numbers, number))
    st.markdown(
        f"**All {counted(len(wall), 'column')}** · grey bars: rows; marks: the target; dashed: the mean of all rows."
    )
    pages = wall_page(wall, 1).pages
    shown = st.pagination(pages, key="explore_wall", persist_state="session") if pages > 1 else 1
    with st.grid(min_column_width=230, gap="small"):
        for d in wall_page(wall, shown).columns:
            with st.container(border=True, gap=None):
                st.caption(f"**{escape(d.name)}** · effect {number(d.strength)}")
                figure(small_chart(d), alt=f"Distribution of {d.name}", key=f"explore_small_{names.index(d.name)}")
    show_code(f"wall = overview(dataset, schema, plan, all_rows={all_rows})\nfigure = column_chart(wall[0])")


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
    found = explored("associations", associations, "Comparing all pairs of columns", nouns, all_rows)
    if found is None:
        return
    pairs = pairs_above(found, limit, numbers)
    sentence(escape(pairs_sentence(pairs, limit, len(nouns[1].features()))))
    figure(
        association_chart(found, numbers), alt="Strength of association of every pair of columns", key="explore_pairs"
    )
    if len(pairs):
        table(pairs_table(pairs), key="explore_pairs_table", download="pairs.csv", formats=PAIRS_FORMATS)
    call = f"found = associations(dataset, schema, plan, all_rows={all_rows})"
    show_code(f"{call}\npairs = pairs_above(found, {limit:g}, {numbers!r})")


with page("explore", "What the table says before any model has seen it."):
    nouns = need("dataset"), need("schema"), need("split")
    choice, switch = st.columns([3, 1], vertical_alignment="center")
    part = choice.segmented_control(
        "Show",
        PARTS,
        default="Balance",
        required=True,
        key="explore_part",
        bind="query-params",
        label_visibility="collapsed",
    )
    with switch:
        every = ask_all_rows()
    show_shares(nouns[0], nouns[1])
    {"Balance": show_balance, "Columns": show_columns, "Pairs": show_pairs}[part](nouns, every)
    if st.button("Test the features", type="primary", key="explore_next", icon="🧪"):
        go_to("feature_tests")
