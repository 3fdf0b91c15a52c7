"""What only the user can say about a table that was read: each question with its answers as buttons."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from mlops_lib.data.asking import Question, all_dates, as_kind, as_text, open_questions
from mlops_lib.data.totals import TotalRow, total_row, without_total
from mlops_lib.objects.dataset import Dataset, Misfit, Reading, ReadingOptions
from mlops_lib.objects.words import count, counted, listed, percent
from pages.shared.boundary import guarded
from pages.shared.calls import cached
from pages.shared.escape import escape
from pages.shared.page import go_to
from pages.shared.reading_job import read_again
from pages.shared.session import session
from pages.shared.show import table
from pages.shared.steps import STEPS

_AT_ONCE = 4
"""Questions of a kind that are asked one by one; all of them can be answered at once."""


def examples(misfit: Misfit) -> str:
    """The cells that did not fit, the commonest first, escaped."""
    return escape(
        listed([f"'{text}'" + (f" ({number} times)" if number > 1 else "") for text, number in misfit.examples])
    )


def ask(dataset: Dataset, reading: Reading) -> None:
    """What only the user can say: tokens that may mean missing, dates and numbers of two readings, misfits."""
    total = cached(total_row)(dataset)
    if total is not None:
        _offer_without_total(dataset, reading, total)
    if total is None or total.word not in reading.suggested_missing:
        _suggest_missing(dataset, reading)
    questions = cached(open_questions)(dataset)
    dates = [question for question in questions if question.kind == "date"]
    numbers = [question for question in questions if question.kind == "number"]
    for question in dates[:_AT_ONCE]:
        _ask_reading(dataset, question, questions.index(question))
    if len(reading.ambiguous_dates) > 1:
        _ask_all_dates(dataset, reading)
    for question in numbers[:_AT_ONCE]:
        _ask_reading(dataset, question, questions.index(question))
    offers = tuple(misfit for misfit in reading.misfits if not misfit.missing)
    for place, misfit in enumerate(offers[:_AT_ONCE]):
        _offer_kind(dataset, reading.options, misfit, place)
    if len(offers) > 1:
        _offer_all_kinds(dataset, reading.options, offers)
    for place, misfit in enumerate(m for m in reading.misfits if m.missing):
        options = as_text(reading.options, misfit.column)
        _again(f"Keep '{escape(misfit.column)}' as text", f"data_unfit_{place}", dataset, options)


def _offer_without_total(dataset: Dataset, reading: Reading, total: TotalRow) -> None:
    word, column = escape(total.word), escape(total.column)
    options, step = without_total(reading.options, total), STEPS["derive"]
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="data_total"):
        st.markdown(
            f"💡 The last row looks like a total: it has '{word}' in '{column}'. A total is no case of its own, and "
            "its sums would pass for values.",
            width="stretch",
        )
        if options is not None:
            _again("Leave it out", "data_total_out", dataset, options)
        elif st.button(f"Leave it out on '{step.title}'", key="data_total_derive", icon=step.icon):
            session().set_draft("derive", {"operation": "leave_out", "rows": [str(dataset.rows - 1)]})
            go_to("derive")


def _suggest_missing(dataset: Dataset, reading: Reading) -> None:
    if not reading.suggested_missing:
        return
    tokens = listed([f"'{t}'" for t in reading.suggested_missing])
    said = [s for s in reading.guessed if "counted as missing" in s]
    options = replace(reading.options, missing=(*(reading.options.missing or ()), *reading.suggested_missing))
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="data_suggestion"):
        st.markdown(f"💡 {escape(' '.join(said))}", width="stretch")
        _again(f"Count {escape(tokens)} as missing", "data_count_missing", dataset, options)


def _ask_reading(dataset: Dataset, question: Question, place: int) -> None:
    name, cell = escape(question.column), escape(question.cell)
    asks = (
        f"Does the day or the month come first in '{name}'?"
        if question.kind == "date"
        else f"What is '{cell}' in '{name}'?"
    )
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"data_question_{place}"):
        st.markdown(f"❓ **{asks}** Until you say, it stays text.", width="stretch")
        for number, answer in enumerate(question.answers):
            label = f"{cell} is {escape(answer.means)}"
            _again(label, f"data_answer_{place}_{number}", dataset, answer.options)


def _offer_kind(dataset: Dataset, used: ReadingOptions, misfit: Misfit, place: int) -> None:
    name, kind = escape(misfit.column), misfit.kind
    share = percent(misfit.fitting / (misfit.fitting + misfit.cells))
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"data_misfit_{place}"):
        st.markdown(
            f"💡 **{share} of the cells of '{name}' read as a {kind}**, {counted(misfit.cells, 'cell')} "
            f"{'does' if misfit.cells == 1 else 'do'} not: {examples(misfit)}. So it stays text.",
            width="stretch",
        )
        label = f"Read '{name}' as a {kind}; {counted(misfit.cells, 'cell')} become{'s' * (misfit.cells == 1)} missing"
        _again(label, f"data_fit_{place}", dataset, as_kind(used, (misfit,)))


def _ask_all_dates(dataset: Dataset, reading: Reading) -> None:
    columns, used = reading.ambiguous_dates, reading.options
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="data_question_all"):
        st.markdown(f"❓ The same in {_all(len(columns))} columns of such dates?", width="stretch")
        _again("Day first in all", "data_answer_all_day", dataset, all_dates(used, columns, "day"))
        _again("Month first in all", "data_answer_all_month", dataset, all_dates(used, columns, "month"))


def _offer_all_kinds(dataset: Dataset, used: ReadingOptions, offers: tuple[Misfit, ...]) -> None:
    if len(offers) > _AT_ONCE:
        with st.expander(f"All {len(offers)} columns in which a few cells do not fit", key="data_misfits"):
            rows = [(m.column, m.kind, m.fitting, m.cells, listed([text for text, _ in m.examples])) for m in offers]
            names = ["column", "reads as", "cells that do", "cells that do not", "such as"]
            table(pd.DataFrame(rows, columns=names), key="data_misfit_table", download="misfits.csv")
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="data_misfit_all"):
        st.markdown(f"💡 The same in {_all(len(offers))} columns?", width="stretch")
        label = f"Read {_all(len(offers))} so; {counted(sum(m.cells for m in offers), 'cell')} become missing"
        _again(label, "data_fit_all", dataset, as_kind(used, offers))


def _all(columns: int) -> str:
    return "both" if columns == 2 else f"all {count(columns)}"


def _again(label: str, key: str, dataset: Dataset, options: ReadingOptions) -> None:
    st.button(label, key=key, on_click=guarded(read_again), args=(dataset, options))
