"""What a page says to a target that it cannot do anything with, and where to go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlops_lib.objects.target import outcome_of
from pages.shared.escape import escape
from pages.shared.session import session
from pages.shared.steps import STEPS

if TYPE_CHECKING:
    from mlops_lib.objects.schema import Schema
    from mlops_lib.objects.target import Outcome
    from mlops_lib.train.question import TrainingQuestion

_TURN: dict[Outcome, str] = {
    "classes": "On the Data page, ask about one class against all others.",
    "number": "On the Data page, turn it into a question: is it above a limit?",
}


def stop_unless_classes(question: TrainingQuestion) -> None:
    """Where the target is a number, which has no rare class: say so, offer to turn it into a question, and stop."""
    if question.kind == "number":
        _stop(question.column, "number", "A sampler evens out classes, and a number has none.")


def stop_unless_two_answers(schema: Schema, why: str) -> None:
    """Where the target is a number or has many classes: say why the page does not apply (`why`, a sentence), offer to
    turn it into a question with two answers, and stop."""
    kind = outcome_of(schema.question)
    if kind != "binary":
        _stop(schema.target, kind, why)


def say_two_answers_only(schema: Schema, why: str) -> bool:
    """The same without stopping: whether it was said."""
    kind = outcome_of(schema.question)
    if kind != "binary":
        _say(schema.target, kind, why)
    return kind != "binary"


def _stop(column: str, kind: Outcome, why: str) -> None:
    _say(column, kind, why)
    st.stop()


def _say(column: str, kind: Outcome, why: str) -> None:
    step, compare = STEPS["data"], STEPS["compare"]
    what = "is a number" if kind == "number" else "has more than two classes"
    query = {"view": session().view} if session().view else None
    with st.container(border=True, key="two_answers"):
        st.markdown(f"**The target '{escape(column)}' {what}.** {why} {_TURN[kind]}")
        with st.container(horizontal=True):
            label = "Turn it into a question on the Data page"
            st.page_link(step.path, label=label, icon=step.icon, query_params=query)
            st.page_link(compare.path, label="Compare the runs", icon=compare.icon, query_params=query)
