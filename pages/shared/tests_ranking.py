"""The part of Feature tests that ranks the features and asks for the rule."""

from __future__ import annotations

import streamlit as st

from mlops_lib.charts.feature_tests import effect_chart
from mlops_lib.explore.feature_tests import apply_rule, run_tests
from mlops_lib.explore.reading_aids import RANKING_FORMATS, ranking_cards, ranking_table
from mlops_lib.explore.sentences import perfect_sentence, ranking_sentence, rows_warning
from mlops_lib.objects.recipe import Selection
from mlops_lib.objects.schema import Schema
from pages.shared.code import show_code
from pages.shared.exploring import Nouns, explored, keep_rule, kept_rule
from pages.shared.page import go_to
from pages.shared.show import Card, cards, escape, figure, sentence, table

LIMITS_P = (0.001, 0.01, 0.05, 0.1, 0.2, 1.0)


def ask_rule(schema: Schema, before: Selection, all_rows: bool) -> Selection:
    key = schema.fingerprint
    first, second, third = st.columns(3)
    max_p = first.select_slider(
        "Largest adjusted p",
        sorted({*LIMITS_P, before.max_p}),
        value=before.max_p,
        key=f"feature_tests_p_{key}",
        persist_state="session",
        help="p after Benjamini and Hochberg's adjustment for the number of features.",
    )
    min_effect = second.slider(
        "Smallest effect",
        0.0,
        0.5,
        before.min_effect,
        0.01,
        key=f"feature_tests_effect_{key}",
        persist_state="session",
        help="On one scale from 0 to 1: bias-corrected Cramér's V, or the root of bias-corrected epsilon squared.",
    )
    max_vif = third.number_input(
        "Largest VIF (empty: any)",
        min_value=1.0,
        value=before.max_vif,
        key=f"feature_tests_vif_{key}",
        persist_state="session",
        help="Numeric features that others predict are dropped one by one until none is above this.",
    )
    keep, drop = ask_forced(schema, before)
    seen = ("all rows" if all_rows else "training rows") if keep or drop else ""
    return Selection(max_p, min_effect, max_vif, keep, drop, seen)


def ask_forced(schema: Schema, before: Selection) -> tuple[tuple[str, ...], tuple[str, ...]]:
    with st.expander("Force features in or out", expanded=bool(before.keep or before.drop)):
        st.caption("What you force is recorded as chosen after seeing these rows, and every run that uses it says so.")
        names, key = schema.features(), schema.fingerprint
        keep = st.multiselect(
            "Always keep",
            names,
            [c for c in before.keep if c in names],
            key=f"feature_tests_keep_{key}",
            persist_state="session",
        )
        free = [c for c in names if c not in keep]
        drop = st.multiselect(
            "Always leave out",
            free,
            [c for c in before.drop if c in free],
            key=f"feature_tests_drop_{key}",
            persist_state="session",
        )
    return tuple(keep), tuple(drop)


def show_ranking(nouns: Nouns, all_rows: bool) -> None:
    rule = ask_rule(nouns[1], kept_rule(), all_rows)
    measured = explored("feature_tests", run_tests, "Testing every feature", nouns, all_rows)
    if measured is not None:
        tests = apply_rule(measured, rule)
        sentence(escape(ranking_sentence(tests)))
        for words in (rows_warning(tests), perfect_sentence(tests), tests.note):
            if words:
                st.info(escape(words), icon="ℹ️")
        cards([Card(*texts) for texts in ranking_cards(tests)])
        figure(effect_chart(tests), alt="Effect of each feature with its interval", key="feature_tests_effects")
        table(ranking_table(tests), key="feature_tests_table", download="feature-tests.csv", formats=RANKING_FORMATS)
        show_code(f"tests = feature_tests(dataset, schema, plan, {rule!r}, all_rows={all_rows})\nprint(tests.table)")
        if st.button("Use this rule in the recipes", type="primary", key="feature_tests_use", icon="✅"):
            keep_rule(rule)
            go_to("resampling")
