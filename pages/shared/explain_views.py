"""The parts of the Explain page."""

from __future__ import annotations

from typing import cast

import streamlit as st

from mlops_lib.charts.explanation import beeswarm, dependence, importance_bars, permutation_bars, waterfall
from mlops_lib.explain.explanation import Explanation, cell_text
from mlops_lib.explain.rows import NotableRow, notable_rows
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.run import Run
from mlops_lib.train.ladder import recipe_title
from pages.shared.calls import cached, job
from pages.shared.session import session, workspace
from pages.shared.show import Card, cards, count, escape, figure, number, percent, sentence, table

_VIEWS = {"overall": "All rows", "column": "One column", "row": "One row"}
_SCALES = {
    "log-odds": "log-odds: 0 is even odds, each +0.69 doubles them",
    "probability": "probability, as the forest gives it before calibration",
}


def label(run: Run) -> str:
    """What the job is called."""
    return f"Explaining {recipe_title(run.recipe)}"


def ask_view() -> str:
    """All rows, one column or one row; the address keeps it."""
    chosen = st.segmented_control(
        "What to explain", list(_VIEWS), format_func=_VIEWS.__getitem__, default="overall", key="explain_view",
        bind="query-params", label_visibility="collapsed", required=True,
    )  # fmt: skip
    return chosen or "overall"


def show_summary(run: Run, explanation: Explanation) -> None:
    """What was explained, and the two numbers that are easily taken for each other."""
    first, second = explanation.importance["column"].iloc[:2]
    share = float(explanation.importance["share"].iloc[0])
    sentence(
        f"{escape(recipe_title(run.recipe))} leans most on **{escape(first)}** ({percent(share)} of all movement), "
        f"then on **{escape(second)}**."
    )
    mean = number(explanation.expected)
    rows = f"of {count(explanation.training_rows)} training rows"
    cards(
        [
            Card("Mean score E[f]", mean, explanation.scale, f"The model's mean score over {explanation.background:,} "
                 f"background rows, on the scale of {_SCALES[explanation.scale]}. Every explanation starts here."),
            Card("True base rate", percent(explanation.base_rate), f"'{explanation.names[1]}' in training",
                 "The share of positives among the training rows. It is no score: sampling and class weights move "
                 "scores away from it, and calibration brings them back."),
            Card("Rows explained", count(explanation.n), rows, "A simple random sample; its error is drawn."),
            Card("Parts add up to", f"{explanation.additivity:.0e}", "relative gap, 1e-6 allowed",
                 "For every row the parts and the mean score add up to the model's own score; else nothing is shown."),
        ]
    )  # fmt: skip


def show_overall(run: Run, explanation: Explanation) -> None:
    """Global bars with permutation importance beside them, the beeswarm, and the table."""
    left, right = st.columns(2)
    with left:
        figure(importance_bars(explanation), alt="Mean absolute SHAP value of each column", key="explain_bars")
    with right:
        shuffled = job("permutation", {"run": run.fingerprint}, label="Shuffling one column at a time")
        if shuffled is not None:
            figure(permutation_bars(shuffled), alt="Drop in ROC-AUC for each column", key="explain_permutation")
    if shuffled is not None:
        st.caption(
            f"Left: how far a column moves scores. Right: what the model loses without it, on {count(shuffled.rows)} "
            f"of {count(shuffled.training_rows)} training rows, {shuffled.repeats} shuffles each. The model has seen "
            f"these rows (ROC-AUC {number(shuffled.auc)}): this says what it relies on, not what holds on new rows."
        )
    figure(beeswarm(explanation), alt="SHAP value of each row by column", key="explain_swarm")
    st.caption("Pale dots have low values, dark dots high ones; columns of labels are grey.")
    shown = explanation.importance.rename(
        columns={"column": "Column", "mean_abs": "Mean |SHAP|", "error": "Standard error", "share": "Share"}
    )
    if not shown["Standard error"].any():  # every row is explained, so there is nothing to be unsure of
        shown = shown.drop(columns="Standard error")
    shown["Share"] = 100 * shown["Share"]
    formats = {
        "Mean |SHAP|": st.column_config.NumberColumn(format="%.4f"),
        "Standard error": st.column_config.NumberColumn(format="%.4f"),
        "Share": st.column_config.NumberColumn(format="%.1f %%"),
    }
    with st.expander("All columns in numbers"):
        table(shown, key="explain_table", download="importance.csv", alt="All columns", column_config=formats)
    _show_method(explanation)


def show_column(run: Run, explanation: Explanation) -> None:
    """Dependence of one column."""
    columns = explanation.importance["column"].tolist()
    chosen = st.selectbox("Column", columns, key=f"explain_column_{run.fingerprint}", persist_state="session")
    figure(dependence(explanation, chosen), alt=f"SHAP value of {chosen} by its value", key="explain_dependence")
    if chosen in explanation.summed:
        st.caption(
            "This column is encoded in several parts, and what is drawn is their sum: it adds up to the score, but it "
            "is not the Shapley value of the group."
        )
    _show_method(explanation)


def show_row(dataset: Dataset, run: Run, explanation: Explanation) -> int | None:
    """One row's waterfall; returns its id, or None while it is being explained."""
    row = _ask_row(dataset, run)
    one = explanation
    if row not in set(explanation.row.tolist()):
        found = job("explain", {"run": run.fingerprint, "row": row}, label=f"Explaining row {row:,}")
        if found is None:
            return None
        one = cast("Explanation", found)
    at = one.position(row)
    unseen, truth = float(one.out_of_fold[at]), int(one.truth[at])
    cards(
        [
            Card("Probability", percent(float(one.probability[at])), "calibrated, of the model explained here",
                 "From the refitted model, which has seen this row if it is a training row."),
            Card("Out-of-fold", percent(unseen), "calibrated, of a model that had not seen the row",
                 "From the fold's model that was trained without this row: the honest one of the two."),
            Card("True base rate", percent(one.base_rate), f"'{one.names[1]}' in training"),
            Card("What happened", one.names[truth] if truth >= 0 else "not shown",
                 "" if truth >= 0 else "hold-out, or not known"),
        ]
    )  # fmt: skip
    figure(waterfall(one, row), alt=f"What the score of row {row} is made of", key=f"explain_waterfall_{row}")
    parts = one.parts(row).assign(cell=lambda t: t["cell"].map(cell_text))
    named = parts.rename(columns={"column": "Column", "cell": "Cell", "value": "SHAP value"})
    with st.expander("All parts of this row"):
        table(named, key="explain_parts", download=f"row-{row}.csv", alt="All parts of the row's score")
    _show_method(one)
    return row


def _ask_row(dataset: Dataset, run: Run) -> int:
    decision = session().decision()
    notable = cached(notable_rows)(workspace(), run, decision.threshold if decision else 0.5)
    by_key: dict[str, NotableRow] = {found.key: found for found in notable}
    left, right = st.columns([2, 1])
    with left:
        way = st.selectbox(
            "Which row", [*by_key, "id"], format_func=lambda key: _row_words(by_key.get(key)),
            key=f"explain_which_{run.fingerprint}", persist_state="session",
        )  # fmt: skip
    with right:
        typed = st.number_input(
            "Row id", 0, dataset.rows - 1, by_key["highest"].row, key=f"explain_row_{run.fingerprint}",
            persist_state="session", disabled=way != "id", help="The row's place in the uploaded table, from 0.",
        )  # fmt: skip
    return int(typed) if way == "id" else by_key[way].row


def _row_words(found: NotableRow | None) -> str:
    if found is None:
        return "A row by its id"
    why = found.why[0].upper() + found.why[1:]
    return f"{why}: row {found.row:,}, {percent(found.probability)}"


def _show_method(explanation: Explanation) -> None:
    summed = f" Several parts were added up for {len(explanation.summed):,} columns." if explanation.summed else ""
    st.caption(
        f"{escape(explanation.method)} Scale: {_SCALES[explanation.scale]}. Compared with "
        f"{count(explanation.background)} training rows as they are (never resampled). It explains the model's score "
        f"before calibration, not the world: a column can stand for another that goes with it.{summed}"
    )
