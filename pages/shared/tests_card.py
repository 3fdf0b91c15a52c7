"""The part of Feature tests about one feature: question, answer, picture, assumptions and all tests side by side."""

from __future__ import annotations

import streamlit as st

from mlops_lib.charts.feature_card import card_chart, card_pictures
from mlops_lib.explore.card_tables import PAIRS_FORMATS, TESTS_FORMATS, assumptions_table, pairs_table, side_by_side
from mlops_lib.explore.card_words import (
    Place,
    cells_sentence,
    conclusion,
    difference,
    exact_sentence,
    hypothesis,
    limits,
    pairs_sentence,
    picture_note,
    place_of,
    survival_sentence,
)
from mlops_lib.explore.feature_card import FeatureCard, feature_card
from mlops_lib.explore.feature_tests import apply_rule, run_tests
from mlops_lib.explore.work import JOB_ROWS, spec_of
from mlops_lib.objects.schema import Schema
from pages.shared.calls import cached, job
from pages.shared.code import show_code
from pages.shared.exploring import Nouns, explored, kept_rule
from pages.shared.show import escape, figure, sentence, table
from pages.shared.tests_folds import survived


def feature_key(schema: Schema) -> str:
    """The session key of the feature that is shown; what sets it before the page is drawn chooses the feature."""
    return f"feature_tests_feature_{schema.fingerprint}"


def ask_feature(schema: Schema, names: list[str]) -> str:
    chosen: str = st.selectbox(
        "Feature (strongest relation with the target first)",
        names,
        key=feature_key(schema),
        persist_state="session",
    )
    return chosen


def card_of(nouns: Nouns, feature: str, all_rows: bool) -> FeatureCard | None:
    """The card at once for small tables, as a job for large ones; None while the job is under way."""
    if nouns[0].rows <= JOB_ROWS:
        return cached(feature_card)(*nouns, feature, all_rows)
    spec = {**spec_of(*nouns, all_rows), "feature": feature}
    found: FeatureCard | None = job("feature_card", spec, label=f"Looking at {feature}")
    return found


def show_card(nouns: Nouns, all_rows: bool) -> None:
    measured = explored("feature_tests", run_tests, "Testing every feature", nouns, all_rows)
    if measured is None:
        return
    tests = apply_rule(measured, kept_rule())
    chosen = ask_feature(nouns[1], tests.table["feature"].tolist())
    card = card_of(nouns, chosen, all_rows)
    if card is None:
        return
    place = place_of(tests, chosen)
    st.caption(escape(hypothesis(card)))
    sentence(escape(conclusion(card, place)))
    st.markdown(escape(f"{difference(card)} {limits(card, place)}".strip()))
    show_picture(card)
    show_folds(nouns, card, place)
    show_tables(card, place)
    show_code(f"card = feature_card(dataset, schema, plan, {chosen!r}, all_rows={all_rows})\nprint(card.result)")


def show_picture(card: FeatureCard) -> None:
    names = card_pictures(card)
    if not names:
        return
    shown = names[0]
    if len(names) > 1:
        shown = st.segmented_control(
            "Picture", names, default=names[0], required=True, key=f"feature_tests_picture_{names[0]}",
            persist_state="session", label_visibility="collapsed",
        )  # fmt: skip
    figure(card_chart(card, shown), alt=f"{shown} of {card.feature} and {card.target}", key="feature_tests_card")
    st.caption(escape(f"{picture_note(card, shown)} {cells_sentence(card)}"))


def show_folds(nouns: Nouns, card: FeatureCard, place: Place) -> None:
    in_folds = survived(nouns, kept_rule())
    if in_folds is not None and card.result.possible:
        st.markdown(escape(survival_sentence(card, place, in_folds)))


def show_tables(card: FeatureCard, place: Place) -> None:
    if card.result.possible:
        st.markdown("**The tests side by side**")
        table(
            side_by_side(card, place),
            key="feature_tests_side",
            download="feature-card.csv",
            formats=TESTS_FORMATS,
            placeholder="",
        )
        if exact_sentence(card):
            st.caption(escape(exact_sentence(card)))
        show_pairs(card)
        st.markdown("**What the test rests on**")
        table(assumptions_table(card), key="feature_tests_assumptions")


def show_pairs(card: FeatureCard) -> None:
    words = pairs_sentence(card)
    if words:
        st.markdown(escape(words))
    if card.by_group is not None and card.by_group.pairs:
        with st.expander("Pairs of groups, the furthest apart first"):
            table(pairs_table(card.by_group), key="feature_tests_pairs", formats=PAIRS_FORMATS)
