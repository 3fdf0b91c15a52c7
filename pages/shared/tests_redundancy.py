"""The part of Feature tests about features that say what others say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import streamlit as st

from mlops_lib.charts.redundancy import path_chart, tree_chart, vif_chart
from mlops_lib.explore.feature_tests import run_tests
from mlops_lib.explore.profile import profile
from mlops_lib.explore.redundancy import LIMIT, Groups, Redundancy, groups, limited, redundancy, without_dropped
from mlops_lib.explore.redundancy_words import (
    GROUPS_COLUMNS,
    PATH_COLUMNS,
    TABLE_COLUMNS,
    Shown,
    combination_lines,
    groups_sentence,
    redundancy_sentence,
    rows_sentence,
    single_sentence,
    tree_words,
)
from mlops_lib.objects.recipe import Selection
from mlops_lib.objects.schema import Schema
from pages.shared.boundary import guarded
from pages.shared.code import show_code
from pages.shared.exploring import Nouns, explored, keep_rule, kept_rule
from pages.shared.show import escape, figure, sentence, table

if TYPE_CHECKING:
    import pandas as pd

PREVIEW = "All drops below"
CHANGED = ("vif", "keep", "drop")


def show_redundancy(nouns: Nouns, all_rows: bool) -> None:
    look = st.segmented_control(
        "Look at",
        tuple(LOOKS),
        default=next(iter(LOOKS)),
        required=True,
        key="feature_tests_look",
        persist_state="session",
        label_visibility="collapsed",
    )
    LOOKS[look](nouns, all_rows)


def show_numbers(nouns: Nouns, all_rows: bool) -> None:
    limit_box, look = st.columns([1, 2])
    limit = limit_box.number_input(
        "Largest VIF",
        min_value=1.5,
        value=kept_rule().max_vif or LIMIT,
        key=f"feature_tests_limit_{nouns[1].fingerprint}",
        persist_state="session",
        help="VIF = 1 / (1 - R²) of a numeric feature on all the others: 10 means that they hold 90 % of its variance.",
    )
    tests = explored("feature_tests", run_tests, "Testing every feature", nouns, all_rows)
    if tests is None:
        return
    rule = kept_rule()
    found = redundancy(tests, limit, rule.keep)
    one = look.selectbox(
        "What dropping would do",
        (PREVIEW, *found.before),
        key=f"feature_tests_without_{nouns[1].fingerprint}",
        persist_state="session",
        help="The figure shows VIF before and after: for the drops that the limit asks for, or for one column.",
    )
    show_inflation(found, one)
    show_drops(found, nouns[1], rule)
    show_code(
        f"found = redundancy(run_tests(dataset, schema, plan, all_rows={all_rows}), max_vif={limit:g})\n"
        "print(found.path())\nprint(found.table())"
    )


def show_inflation(found: Redundancy, one: str) -> None:
    sentence(escape(redundancy_sentence(found)))
    lines = combination_lines(found)
    if lines:
        st.markdown("\n".join(f"- {escape(line)}" for line in lines))
    st.caption(escape(rows_sentence(found)))
    if len(found.before) < 2:
        return
    if one != PREVIEW:
        st.markdown(escape(single_sentence(found, one)))
    bars, way = st.columns([3, 2]) if len(found.steps) > 1 else (st.container(), None)
    with bars:
        after = found.after if one == PREVIEW else found.without(one)
        figure(vif_chart(found, after), alt="VIF of each numeric feature before and after", key="feature_tests_vifs")
    if way is not None:
        with way:
            figure(path_chart(found), alt="Largest VIF left after each drop", key="feature_tests_path")


def show_drops(found: Redundancy, schema: Schema, rule: Selection) -> None:
    if found.steps:
        show_table(found.path(), PATH_COLUMNS, "feature_tests_drops", "drops.csv")
        first, second = st.columns(2)
        first.button(
            f"Limit VIF to {found.limit:g} in the rule",
            type="primary",
            key="feature_tests_limit_use",
            icon="✅",
            width="stretch",
            on_click=take_over(schema, limited(rule, found)),
            help="Every training fold then drops what exceeds the limit there, among the features that pass its tests.",
        )
        second.button(
            "Leave these columns out by hand",
            key="feature_tests_drop_use",
            width="stretch",
            on_click=take_over(schema, without_dropped(rule, found)),
            help="Recorded as chosen after seeing these rows, and every run that uses it says so.",
        )
    with st.expander("VIF of every numeric feature"):
        show_table(found.table(), TABLE_COLUMNS, "feature_tests_vif_table", "vif.csv")


def take_over(schema: Schema, rule: Selection) -> Callable[[], None]:
    """What a button does: store the rule, and show it where rules are set."""

    @guarded
    def store() -> None:
        keep_rule(rule)
        for name in CHANGED:  # what was set there before would hide the rule that is stored
            st.session_state.pop(f"feature_tests_{name}_{schema.fingerprint}", None)
        st.session_state["feature_tests_part"] = "Ranking"

    return store


def show_groups(nouns: Nouns, all_rows: bool) -> None:
    limit = st.slider(
        "Groups from an association of",
        0.3,
        0.95,
        0.7,
        0.05,
        key="feature_tests_groups",
        persist_state="session",
        help="Spearman's correlation, Cramér's V or the correlation ratio, without their bias; the mean over the pairs "
        "between two groups, from 0 to 1.",
    )
    counted = explored("profile", profile, "Comparing all pairs of columns", nouns, all_rows)
    if counted is None:
        return
    if counted.associations is None:
        st.info(escape(counted.too_large))
        return
    draw_groups(groups(counted.associations, limit))
    call = f"found = groups(profile(dataset, schema, plan, all_rows={all_rows}).associations, {limit:g})"
    show_code(f"{call}\nprint(found.table())")


def draw_groups(found: Groups) -> None:
    sentence(escape(groups_sentence(found)))
    drawn = tree_chart(found)
    if drawn is not None:
        figure(drawn, alt="How features join in groups by their association", key="feature_tests_tree")
        st.caption(tree_words(found))
    if found.clusters:
        show_table(found.table(), GROUPS_COLUMNS, "feature_tests_groups_table", "groups.csv")


def show_table(frame: pd.DataFrame, columns: Mapping[str, Shown], key: str, file: str) -> None:
    """The table with the headers of people; the file keeps the names of the library."""
    table(
        frame,
        key=key,
        download=file,
        formats={name: c.write for name, c in columns.items() if c.write is not None},
        column_config={name: st.column_config.Column(c.header, help=c.help or None) for name, c in columns.items()},
    )


LOOKS: dict[str, Callable[[Nouns, bool], None]] = {
    "Inflation of numbers": show_numbers,
    "Groups of any kind": show_groups,
}
