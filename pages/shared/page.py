"""The frame of every page: the strip, the title, the error boundary, and the guard for what must come before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal, overload

import streamlit as st

from pages.shared.boundary import boundary, fragment
from pages.shared.escape import escape
from pages.shared.leaving import leave_for
from pages.shared.session import lost_view, session
from pages.shared.steps import STEPS
from pages.shared.strip import show_strip
from pages.shared.wrong_order import say_wrong_order

if TYPE_CHECKING:
    from mlops_lib.objects.dataset import Dataset
    from mlops_lib.objects.decision import Decision
    from mlops_lib.objects.experiment import Experiment
    from mlops_lib.objects.run import Run
    from mlops_lib.objects.schema import Schema
    from mlops_lib.objects.split import SplitPlan

__all__ = ["fragment", "go_to", "need", "page"]


@contextmanager
def page(name: str, lead: str = "") -> Iterator[None]:
    """The frame of the page of a step (its name in `steps.STEPS`); `lead` is one plain sentence under the title.

    Everything a page draws stands inside: errors become a calm box, and nothing after the error is drawn.
    """
    step = STEPS[name]
    with boundary():
        show_strip(step)
    st.title(f"{step.icon} {step.title}", anchor=False)
    if lead:
        st.markdown(lead)
    if lost_view():
        st.warning(
            f"The address asks for the view '{escape(lost_view())}', which this workspace does not have. "
            "Choose a table on the Data page.",
            icon="💡",
        )
    with boundary():
        say_wrong_order()
        yield


def go_to(name: str) -> None:
    """Open the page of a step and take the state along in the address."""
    leave_for(name)


_Noun = Literal["dataset", "schema", "split", "experiment", "run", "reference", "decision"]

_MISSING: Final[dict[str, tuple[str, str]]] = {
    "dataset": ("This page needs a table.", "data"),
    "schema": ("This page needs a table whose columns and target are confirmed.", "data"),
    "split": ("This page needs a locked split into training rows and hold-out.", "data"),
    "experiment": ("This page needs trained recipes.", "train"),
    "run": ("This page needs a chosen run.", "compare"),
    "reference": ("This page needs a run to compare with.", "compare"),
    "decision": ("This page needs a chosen threshold.", "threshold"),
}
"""What to say where a noun is missing, and the step that makes it."""


@overload
def need(noun: Literal["dataset"]) -> Dataset: ...
@overload
def need(noun: Literal["schema"]) -> Schema: ...
@overload
def need(noun: Literal["split"]) -> SplitPlan: ...
@overload
def need(noun: Literal["experiment"]) -> Experiment: ...
@overload
def need(noun: Literal["run", "reference"]) -> Run: ...
@overload
def need(noun: Literal["decision"]) -> Decision: ...
def need(noun: _Noun) -> Any:
    """The chosen noun, opened. Where it is missing: say so, link to the page that makes it, and stop."""
    openers: dict[str, Callable[[], Any]] = {
        "dataset": session().dataset,
        "schema": session().schema,
        "split": session().split,
        "experiment": session().experiment,
        "run": session().run,
        "reference": session().reference,
        "decision": session().decision,
    }
    found = openers[noun]()
    if found is None:
        _show_missing(noun)
        st.stop()
    return found


def _show_missing(noun: str) -> None:
    what, maker = _MISSING[_first_missing(noun)]
    step = STEPS[maker]
    with st.container(border=True, key="missing"):
        st.markdown(f"**{what}** The step *{step.title}* makes it.")
        with st.container(horizontal=True, vertical_alignment="center"):
            query = {"view": session().view} if session().view else None
            st.page_link(step.path, label=f"Go to {step.title}", icon=step.icon, query_params=query)
            if session().id("dataset") is None:
                label = "Try the employee sample: does an employee leave?"
                st.button(label, key="missing_sample", on_click=_use_sample)


def _first_missing(noun: str) -> str:
    """The earliest noun of the flow that is missing on the way to this one: its maker is where to go."""
    way = ["dataset", "schema", "split", "experiment", "run", "decision"]
    before = way[: way.index(noun)] if noun in way else way[:4]
    return next((n for n in before if session().id(n) is None), noun)


def _use_sample() -> None:
    from pages.shared.sample import use_sample

    use_sample("employees")
