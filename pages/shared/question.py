"""The guard of pages that need a question with two answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.escape import escape
from pages.shared.session import session
from pages.shared.steps import STEPS

if TYPE_CHECKING:
    from mlops_lib.train.question import TrainingQuestion


def stop_unless_two_answers(question: TrainingQuestion) -> None:
    """Where the target is a number or has many classes: say so, offer to turn it into a question, and stop."""
    if not question.refused:
        return
    step = STEPS["data"]
    with st.container(border=True, key="two_answers"):
        st.markdown(f"**{escape(question.refused)}** {escape(question.hint)}")
        st.page_link(
            step.path,
            label="Turn it into a question on the Data page",
            icon=step.icon,
            query_params={"view": session().view} if session().view else None,
        )
    st.stop()
