"""The Data page before a table is chosen: upload, samples, tables that are there already, and the steps ahead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from mlops_lib.data.catalogue import list_tables
from mlops_lib.data.datasets import describe, keep_upload, list_datasets
from mlops_lib.data.limits import limits_sentence
from mlops_lib.data.samples import SAMPLES, load_sample
from mlops_lib.jobs.reading import read_spec
from mlops_lib.objects.catalogue import CataloguedTable, TableVersion
from mlops_lib.objects.dataset import Dataset, ReadingOptions
from mlops_lib.objects.words import counted
from mlops_lib.workspace import codec
from pages.shared.boundary import guarded
from pages.shared.calls import job
from pages.shared.escape import escape
from pages.shared.session import session, workspace
from pages.shared.show import sentence
from pages.shared.steps import FLOW

ARRIVED = "arrived"
"""The draft that says that the dataset has just been read: whether it continues a table is still to be found out."""

_SEEN = "data_upload_seen"


def choose_table() -> None:
    """Everything that leads to a table; a table that has been read becomes the chosen one."""
    sentence("Fulcrum takes a table from upload to a registered, explained model, and is honest about class imbalance.")
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, height="stretch"):
        _upload()
    with right, st.container(border=True, height="stretch"):
        _samples()
    _already_there()
    _steps_ahead()


def read_again(dataset: Dataset, options: ReadingOptions) -> None:
    """Ask for the same file to be read in another way."""
    reading = dataset.reading
    assert reading is not None
    _remember(read_spec(workspace().uploads / reading.file, dataset.name, options, dataset.source))


def show_reading_job() -> bool:
    """The reading that was asked for last: its progress or failure, or its table, chosen. False where there is none."""
    text = session().draft("reading")
    if not text:
        return False
    spec = codec.from_json(text)
    dataset = job("read", spec, label=f"Reading {spec['name']}")
    if dataset is None:
        return True
    # The result may be that of a file uploaded before under another name, or only to be scored.
    describe(workspace(), replace(dataset, name=spec["name"], source=spec["source"]))
    session().set_draft("reading", None)
    again = session().draft("data") if session().id("dataset") else None
    session().set(dataset=dataset.fingerprint)
    session().set_draft(ARRIVED, True)
    if again:
        # The same file, read in another way: what was said about its columns still holds.
        session().set_draft("data", again)
    st.rerun()
    return True


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
        _remember(read_spec(path, given.name))
    show_reading_job()
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


def _already_there() -> None:
    places = {v.dataset: (t, v) for t in list_tables(workspace()) for v in t.versions if v.removed is None}
    known = {d.fingerprint: d for d in list_datasets(workspace()) if d.fingerprint in places}
    if not known:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            f"Or go on with one of {counted(len(known), 'version')} of {counted(_tables(places), 'table')} "
            "in this workspace",
            list(known),
            index=None,
            format_func=lambda fp: _titled(known[fp], *places[fp]),
            placeholder="Choose a table",
            key="data_known",
        )
        st.button("Open", key="data_open", disabled=chosen is None, on_click=_open, args=(chosen,))


def _tables(places: dict[str, tuple[CataloguedTable, TableVersion]]) -> int:
    return len({table.id for table, _ in places.values()})


def _titled(dataset: Dataset, table: CataloguedTable, version: TableVersion) -> str:
    shape = f"{dataset.rows:,} x {len(dataset.columns)}"
    return f"{table.name} · version {version.number} · {shape} · {version.created[:16].replace('T', ' ')} UTC"


@guarded
def _take_sample(key: str) -> None:
    session().set(dataset=load_sample(workspace(), key).fingerprint)


@guarded
def _open(fingerprint: str) -> None:
    session().set(dataset=fingerprint)


def _steps_ahead() -> None:
    st.markdown("**The steps ahead**")
    with st.grid(min_column_width=220, gap="small"):
        for number, step in enumerate(FLOW, start=1):
            with st.container(gap=None):
                st.markdown(f"{step.icon} **{number} {escape(step.title)}**")
                st.caption(escape(step.help))


def _remember(spec: dict[str, Any]) -> None:
    # The draft goes with the dataset: it is forgotten as soon as another one is chosen.
    session().set_draft("reading", codec.to_json(spec))
