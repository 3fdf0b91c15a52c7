"""The hold-out behind a button: every opening is counted and shown, and so is any change of choice after it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import streamlit as st

from mlops_lib.evaluate.openings import changed_since, openings_of, record_opening
from mlops_lib.jobs import queue, work
from mlops_lib.threshold.compared import hold_out_spec
from mlops_lib.train.ladder import recipe_title
from mlops_lib.train.runs import load_run
from pages.shared.boundary import guarded
from pages.shared.calls import job
from pages.shared.escape import escape
from pages.shared.session import workspace
from pages.shared.show import count, counted, percent

if TYPE_CHECKING:
    from mlops_lib.evaluate.hold_out import HoldOutResult
    from mlops_lib.evaluate.openings import Opening
    from mlops_lib.objects.decision import Policy
    from mlops_lib.objects.run import Run
    from mlops_lib.objects.split import SplitPlan


def ask_hold_out(page: str, plan: SplitPlan, run: Run, reference: Run | None, policy: Policy) -> HoldOutResult | None:
    """The hold-out's result once it was opened for this run, reference and policy, else the button that opens it.

    Another policy is another look, and counted as one.
    """
    book = openings_of(workspace(), plan.fingerprint)
    other = reference.fingerprint if reference else None
    rows = len(plan.hold_out_rows())
    st.markdown(
        f"**Hold-out:** {counted(rows, 'row')} ({percent(rows / max(len(plan.assignment), 1))}) that no recipe, test "
        f"or threshold has seen. Opened **{counted(len(book), 'time')}** so far."
    )
    if changed_since(book, run.fingerprint, other):
        _say_changed(book[-1])
    spec, found = hold_out_spec(run.fingerprint, other, policy), None
    if workspace().has_result(work.key("hold_out", spec)) or queue.find(workspace(), "hold_out", spec):
        found = job("hold_out", spec, label="Scoring the hold-out")
    else:
        against = f" against {recipe_title(reference.recipe)}" if reference else ""
        st.button(
            f"Open the hold-out for {escape(recipe_title(run.recipe) + against)}", key=f"{page}_open", icon="🔓",
            on_click=_open, args=(plan.fingerprint, run.fingerprint, other, spec),
            help="Each look makes the next result a little less honest, so each is counted. Decide first, then look.",
        )  # fmt: skip
    if book:
        _show_book(book)
    return found


@guarded
def _open(split: str, run: str, reference: str | None, spec: dict[str, Any]) -> None:
    record_opening(workspace(), split, run, reference)
    queue.submit(workspace(), "hold_out", spec)


def _say_changed(last: Opening) -> None:
    against = f" against {_name(last.reference)}" if last.reference else ""
    st.warning(
        f"The choice changed after the hold-out was opened: it was last opened for {_name(last.run)}{against}. "
        "What the hold-out says of a later choice is too good, because the choice may rest on it.",
        icon="👀",
    )


def _show_book(book: tuple[Opening, ...]) -> None:
    with st.expander(f"All {count(len(book))} openings" if len(book) > 1 else "The opening", icon="📖"):
        lines = [
            f"{k}. {datetime.fromtimestamp(o.at, UTC):%Y-%m-%d %H:%M} UTC: {_name(o.run)}"
            + (f" against {_name(o.reference)}" if o.reference else "")
            for k, o in enumerate(book, start=1)
        ]
        st.markdown("\n".join(lines))


def _name(run: str) -> str:
    return escape(recipe_title(load_run(workspace(), run).recipe))
