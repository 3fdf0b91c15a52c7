"""The Data page before a table is chosen: upload, samples, tables that are there already, and the steps ahead."""

from __future__ import annotations

import streamlit as st

from mlops_lib.data.datasets import keep_upload
from mlops_lib.data.limits import limits_sentence
from mlops_lib.data.samples import SAMPLES, load_sample
from mlops_lib.jobs.reading import read_spec
from pages.shared.boundary import guarded
from pages.shared.data_sources import choose_elsewhere
from pages.shared.escape import escape
from pages.shared.reading_job import ask_to_read, read_again, show_reading_job
from pages.shared.session import session, workspace
from pages.shared.show import sentence
from pages.shared.steps import FLOW

__all__ = ["choose_table", "leave_table", "read_again", "show_reading_job"]

_SEEN, _LEFT = "data_upload_seen", "left"


def choose_table() -> None:
    """Everything that leads to a table; a table that has been read becomes the chosen one."""
    _offer_way_back()
    sentence("Fulcrum takes a table from upload to a registered, explained model, and is honest about class imbalance.")
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, height="stretch"):
        _upload()
    with right, st.container(border=True, height="stretch"):
        _samples()
    choose_elsewhere()
    _steps_ahead()


def leave_table() -> None:
    """Choose another table; the way back to this one, with all that was chosen on it, stays open until then."""
    dataset, view = session().dataset(), session().view
    session().set(dataset=None)
    if dataset is not None and view:
        session().set_draft(_LEFT, {"name": dataset.name, "view": view})


def _offer_way_back() -> None:
    left = session().draft(_LEFT)
    if left:
        label = f"Back to {escape(left['name'])}"
        st.button(label, key="data_back", icon="↩️", type="tertiary", on_click=_go_back, args=(left["view"],))


@guarded
def _go_back(view: str) -> None:
    session().open_view(view)


def _upload() -> None:
    st.markdown("**Upload a table**")
    given = st.file_uploader(
        "CSV, Excel, Parquet, Arrow, JSON …",
        key="data_upload",
        help="What the file holds decides how it is read, not its name.",
    )
    if given is not None and st.session_state.get(_SEEN) != given.file_id:
        path = keep_upload(workspace(), given.getbuffer())
        st.session_state[_SEEN] = given.file_id
        ask_to_read(read_spec(path, given.name))
    show_reading_job(("read",))
    st.caption(f"{limits_sentence()} The workspace is shared: everybody who can open this app sees the table.")


def _samples() -> None:
    st.markdown("**Try a sample**")
    first, *others = SAMPLES.values()
    st.caption(first.sentence)
    st.button(
        "Try the employee sample",
        key="data_sample_employees",
        type="primary",
        on_click=_take_sample,
        args=("employees",),
    )
    with st.container(horizontal=True, gap="small"):
        for sample in others:
            st.button(
                sample.title,
                key=f"data_sample_{sample.key}",
                on_click=_take_sample,
                args=(sample.key,),
                help=sample.sentence,
            )


@guarded
def _take_sample(key: str) -> None:
    session().set(dataset=load_sample(workspace(), key).fingerprint)


def _steps_ahead() -> None:
    st.markdown("**The steps ahead**")
    with st.grid(min_column_width=220, gap="small"):
        for number, step in enumerate(FLOW, start=1):
            with st.container(gap=None):
                st.markdown(f"{step.icon} **{number} {escape(step.title)}**")
                st.caption(escape(step.help))
