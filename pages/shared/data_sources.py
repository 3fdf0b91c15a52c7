"""Tables that need no upload: those of the workspace, files on the server, and databases, as far as they are set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from mlops_lib.data.catalogue import list_tables
from mlops_lib.data.databases import database_names
from mlops_lib.data.datasets import list_datasets
from mlops_lib.data.limits import MAX_FILE_BYTES, MAX_ROWS
from mlops_lib.data.server_files import MAX_LISTED, ServerFile, files_are_set, list_files
from mlops_lib.jobs.sources import query_spec, sample_spec, server_file_spec
from mlops_lib.objects.catalogue import CataloguedTable, TableVersion
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.words import count, counted, size
from pages.shared.boundary import guarded
from pages.shared.escape import escape
from pages.shared.reading_job import ask_for, show_reading_job
from pages.shared.session import session, workspace

_ALL, _SAMPLE = "all of them", "a random sample"
SAMPLE_ROWS = 100_000


@dataclass(frozen=True)
class _Place:
    """A place where tables are: what it is called, whether this installation has it, and how to choose there."""

    title: str
    there: Callable[[], bool]
    choose: Callable[[], None]


def choose_elsewhere() -> None:
    """One row that says where tables are, and under it how to choose one there; nothing where there is no place."""
    places = {name: place for name, place in _PLACES.items() if place.there()}
    if places:
        with st.container(border=True, key="data_elsewhere"):
            _choose_in(places)
    show_reading_job(("query", "server_file", "sample"))


def _choose_in(places: Mapping[str, _Place]) -> None:
    chosen: str = next(iter(places))
    if len(places) > 1:
        chosen = st.segmented_control(
            "Or take a table from",
            list(places),
            required=True,
            default=chosen,
            format_func=lambda name: places[name].title,
            key="data_place",
        )
    guarded(places[chosen].choose)()


def _workspace_has_tables() -> bool:
    return any(version.removed is None for table in list_tables(workspace()) for version in table.versions)


def _choose_known() -> None:
    places = {v.dataset: (t, v) for t in list_tables(workspace()) for v in t.versions if v.removed is None}
    known = {d.fingerprint: d for d in list_datasets(workspace()) if d.fingerprint in places}
    tables = {table.id for table, _ in places.values()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            f"Go on with one of {counted(len(known), 'version')} of {counted(len(tables), 'table')} in this workspace",
            list(known),
            index=None,
            format_func=lambda fp: _titled(known[fp], *places[fp]),
            placeholder="Choose a table",
            key="data_known",
        )
        st.button("Open", key="data_open", disabled=chosen is None, on_click=_open, args=(chosen,))


def _titled(dataset: Dataset, table: CataloguedTable, version: TableVersion) -> str:
    shape = f"{dataset.rows:,} x {len(dataset.columns)}"
    return f"{table.name} · version {version.number} · {shape} · {version.created[:16].replace('T', ' ')} UTC"


@guarded
def _open(fingerprint: str) -> None:
    session().set(dataset=fingerprint)


def _choose_file() -> None:
    files = {file.name: file for file in list_files()}
    if not files:
        st.caption("The folder holds no file yet.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            f"One of {counted(len(files), 'file')} on the server"
            + (", the first ones" if len(files) == MAX_LISTED else ""),
            list(files),
            index=None,
            format_func=lambda name: _described(files[name]),
            placeholder="Choose a file",
            key="data_file",
        )
        file = None if chosen is None else files[chosen]
        large = file is not None and file.size > MAX_FILE_BYTES
        why = f"Files up to {size(MAX_FILE_BYTES)} are read as a whole; draw a sample of this one." if large else None
        st.button(
            "Open", key="data_file_open", disabled=file is None or large, help=why, on_click=_open_file, args=(file,)
        )
    if file is not None:
        _offer_sample(file)


def _offer_sample(file: ServerFile) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        rows = st.number_input("Rows", 1, MAX_ROWS, SAMPLE_ROWS, step=10_000, key="data_file_rows", width=150)
        seed = st.number_input("Seed", 0, 2**31 - 1, 0, key="data_file_seed", width=110)
        st.button(
            f"Take a sample of {counted(rows, 'row')}",
            key="data_file_sample",
            on_click=_sample_file,
            args=(file, rows, seed),
            help="In one pass over a file of any size; every row has the same chance.",
        )


def _described(file: ServerFile) -> str:
    return f"{file.name} · {size(file.size)} · {file.changed[:16].replace('T', ' ')} UTC"


@guarded
def _open_file(file: ServerFile) -> None:
    ask_for("server_file", server_file_spec(file), f"Reading {file.name}")


@guarded
def _sample_file(file: ServerFile, rows: int, seed: int) -> None:
    ask_for("sample", sample_spec(file, rows, seed), f"Drawing {counted(rows, 'row')} from {file.name}")


def _choose_query() -> None:
    names = database_names()
    database = names[0]
    if len(names) > 1:
        database = st.selectbox("Database", names, key="data_database", persist_state="session")
    with st.form("data_query", border=False):
        query = st.text_area(
            f"Query on {escape(database)}",
            placeholder="SELECT * FROM customers",
            height=120,
            key="data_query_text",
            persist_state="session",
            help="One statement that reads. The database itself refuses to change anything.",
        )
        with st.grid(min_column_width=180, gap="small"):
            name = st.text_input(
                "Name of the table", placeholder=database.lower(), key="data_query_name", persist_state="session"
            )
            which = st.selectbox(
                "Rows", [_ALL, _SAMPLE], format_func=_rows_in_words, key="data_query_rows", persist_state="session"
            )
        if st.form_submit_button(f"Ask {escape(database)}", key="data_query_ask"):
            rows = SAMPLE_ROWS if which == _SAMPLE else None
            ask_for("query", query_spec(database, query, name, rows), f"Asking {database}")


def _rows_in_words(which: str) -> str:
    return which if which == _ALL else f"{which} of {count(SAMPLE_ROWS)}"


_PLACES: Mapping[str, _Place] = {
    "workspace": _Place("Workspace", _workspace_has_tables, _choose_known),
    "files": _Place("Server files", files_are_set, _choose_file),
    "query": _Place("Database", lambda: bool(database_names()), _choose_query),
}
