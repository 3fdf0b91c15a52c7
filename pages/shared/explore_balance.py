"""The part of Explore about the target: how its classes are spread, and what doing nothing scores."""

from __future__ import annotations

import streamlit as st

from mlops_lib.charts.balance import balance_chart, folds_chart
from mlops_lib.charts.distributions import target_chart
from mlops_lib.explore.balance import class_balance
from mlops_lib.explore.distributions import column_distribution
from mlops_lib.explore.reading_aids import balance_cards, do_nothing_table
from mlops_lib.explore.sentences import balance_sentence, missing_sentence
from pages.shared.calls import cached
from pages.shared.code import show_code
from pages.shared.exploring import Nouns
from pages.shared.show import Card, cards, escape, figure, number, sentence, table


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
