"""The part of Feature tests that ranks the features and asks for the rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import streamlit as st

from mlops_lib.charts.feature_tests import effect_chart, effect_pages
from mlops_lib.explore.feature_tests import FeatureTests, apply_rule, run_tests
from mlops_lib.explore.ranking_words import (
    RANKING_FORMATS,
    RANKING_HELP,
    perfect_sentence,
    ranking_cards,
    ranking_sentence,
    ranking_table,
    rows_warning,
    survival_sentence,
)
from mlops_lib.explore.survival import Survival
from mlops_lib.objects.recipe import Selection
from mlops_lib.objects.schema import Schema
from pages.shared.ask_limits import ask_limits
from pages.shared.boundary import guarded
from pages.shared.code import show_code
from pages.shared.exploring import Nouns, explored, keep_rule, kept_rule
from pages.shared.page import go_to
from pages.shared.show import Card, cards, escape, figure, sentence, table
from pages.shared.tests_card import feature_key
from pages.shared.tests_folds import survived

FIGURE, TABLE = "feature_tests_effects", "feature_tests_table"
CODE = """
from mlops_lib.explore.feature_tests import feature_tests
from mlops_lib.explore.survival import survival
from mlops_lib.objects.recipe import Selection

rule = {rule!r}
tests = feature_tests(dataset, schema, plan, rule, all_rows={all_rows})
print(tests.table)
print(survival(dataset, schema, plan, rule).table)
"""
ROWS = 8
TALL = 35 * (ROWS + 1)


def ask_rule(schema: Schema, before: Selection, all_rows: bool) -> Selection:
    first, second = (st.columns(3, vertical_alignment="bottom") for _ in range(2))
    rule = ask_limits((*first, *second[:2]), before, "feature_tests", schema.fingerprint)
    with second[2]:
        keep, drop = ask_forced(schema, before)
    seen: Literal["", "training rows", "all rows"] = ""
    if keep or drop:
        seen = "all rows" if all_rows else "training rows"
    return replace(rule, keep=keep, drop=drop, seen=seen)


def ask_forced(schema: Schema, before: Selection) -> tuple[tuple[str, ...], tuple[str, ...]]:
    with st.popover("Force in or out", width="stretch"):
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


@guarded
def open_chosen(schema: Schema, names: Sequence[str]) -> None:
    """Open the card of the feature that was chosen in the figure or the table, by its place among `names`."""
    points = st.session_state[FIGURE]["selection"]["points"] if FIGURE in st.session_state else []
    rows = st.session_state[TABLE]["selection"]["rows"] if TABLE in st.session_state else []
    chosen = [*(point["customdata"][0] for point in points), *rows]
    if chosen:
        st.session_state[feature_key(schema)] = names[int(chosen[0])]
        st.session_state["feature_tests_part"] = "One feature"


def show_ranking(nouns: Nouns, all_rows: bool) -> None:
    rule = ask_rule(nouns[1], kept_rule(), all_rows)
    measured = explored("feature_tests", run_tests, "Testing every feature", nouns, all_rows)
    if measured is None:
        return
    tests = apply_rule(measured, rule)
    ranking, waiting, rest = st.container(), st.container(), st.container()
    with waiting:  # it draws the progress of a job, and stands below what is there at once
        in_folds = survived(nouns, rule)
    with ranking:
        show_findings(tests, in_folds)
        if tests.tested:
            show_effects(nouns[1], tests, in_folds)
    with rest:
        show_table(nouns[1], tests, in_folds)
        show_code(CODE.format(rule=rule, all_rows=all_rows))
        if st.button("Use this rule in the recipes", type="primary", key="feature_tests_use", icon="✅"):
            keep_rule(rule)
            go_to("resampling")


def show_findings(tests: FeatureTests, in_folds: Survival | None) -> None:
    sentence(escape(ranking_sentence(tests)))
    folds = survival_sentence(tests, in_folds) if in_folds else ""
    said = [escape(words) for words in (tests.note, rows_warning(tests), folds, perfect_sentence(tests)) if words]
    if said:
        st.markdown("  \n".join(said))
    cards([Card(*texts) for texts in ranking_cards(tests, in_folds)])


def show_effects(schema: Schema, tests: FeatureTests, in_folds: Survival | None) -> None:
    pages = effect_pages(tests)
    shown = st.pagination(pages, key="feature_tests_page", persist_state="session") if pages > 1 else 1
    names = tests.table["feature"].tolist()
    figure(
        effect_chart(tests, in_folds, shown),
        alt="Effect of each feature with its interval and its range over folds",
        key=FIGURE,
        on_select=lambda: open_chosen(schema, names),
        selection_mode="points",
    )
    st.caption("Click on a point, or choose a row of the table, to open the feature's card.")


def show_table(schema: Schema, tests: FeatureTests, in_folds: Survival | None) -> None:
    helps = {name: st.column_config.Column(help=text) for name, text in RANKING_HELP.items()}
    names = tests.table["feature"].tolist()
    table(
        ranking_table(tests, in_folds),
        key=TABLE,
        download="feature-tests.csv",
        formats=RANKING_FORMATS,
        height=TALL if len(names) > ROWS else None,
        column_config={"feature": st.column_config.Column(pinned=True), **helps},
        on_select=lambda: open_chosen(schema, names),
        selection_mode="single-row",
    )
