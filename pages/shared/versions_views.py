"""The parts of the Versions page: tables, versions, facts, names and notes, lineage, removal and undo."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlops_lib.charts.lineage import lineage_chart
from mlops_lib.data.catalogue import MAX_NAME, MAX_NOTE, annotate, described, rename, size_on_disk, version_of
from mlops_lib.data.lineage import ancestry, lineage_of
from mlops_lib.data.origin import origin_words, table_overview, version_overview
from mlops_lib.data.removal import KEPT_DAYS, deleted_on, remove, restore
from mlops_lib.data.uses import Uses, uses
from mlops_lib.objects.catalogue import CataloguedTable, TableVersion
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.fingerprint import fingerprint
from mlops_lib.objects.words import count, counted, size
from pages.shared.boundary import guarded
from pages.shared.data_reading import describe_reading
from pages.shared.escape import escape
from pages.shared.session import session, workspace
from pages.shared.show import Card, cards, figure, sentence, table
from pages.shared.steps import STEPS


def show_nothing() -> None:
    """What to do where the workspace has no table yet."""
    step = STEPS["data"]
    with st.container(border=True, key="versions_empty"):
        st.markdown("**There is no table yet.** Upload one or try a sample; it becomes version 1 of its table.")
        st.page_link(step.path, label=f"Go to {step.title}", icon=step.icon)


def choose_table(tables: tuple[CataloguedTable, ...]) -> CataloguedTable:
    """The tables of the workspace, one of them chosen: at first that of the visitor's dataset."""
    sentence(f"{counted(len(tables), 'table')} with {counted(sum(len(t.versions) for t in tables), 'version')}.")
    mine = session().id("dataset")
    first = next((k for k, t in enumerate(tables) if any(v.dataset == mine for v in t.versions)), 0)
    frame = table_overview(workspace(), tables)
    return tables[_chosen_row(frame, first, "versions_tables", [t.id for t in tables], "Tables of the workspace")]


def choose_version(known: CataloguedTable) -> TableVersion:
    """The versions of a table, one of them chosen: at first the visitor's, else the newest."""
    st.subheader(f"Versions of {escape(known.name)}", anchor=False)
    if known.note:
        st.markdown(escape(known.note))
    mine, newest_first = session().id("dataset"), tuple(reversed(known.versions))
    first = next((k for k, v in enumerate(newest_first) if v.dataset == mine), 0)
    frame = version_overview(workspace(), known)
    marks = [known.id, *(str(v.number) for v in newest_first)]
    return newest_first[_chosen_row(frame, first, "versions_list", marks, "Versions of the table, newest first")]


def show_version(known: CataloguedTable, version: TableVersion) -> bool:
    """The facts of a version and what can be done with it. Returns whether it is the visitor's dataset."""
    dataset, used = described(workspace(), version), uses(workspace(), version.dataset)
    opened = session().id("dataset") == version.dataset
    with st.container(border=True, key="versions_facts"):
        sentence(f"{escape(known.name)}, version {version.number}: {escape(origin_words(dataset))}.")
        if version.note and version.note != origin_words(dataset):
            st.markdown(escape(version.note))
        cards(_cards(version, dataset, used))
        _details(dataset, used)
        with st.container(horizontal=True, vertical_alignment="center"):
            _actions(version, used, opened)
    return opened


def edit_words(known: CataloguedTable, version: TableVersion) -> None:
    """Name and note of the table, and the note of the version."""
    with st.expander("Name and notes", icon="✏️"), st.form(f"versions_words_{known.id}_{version.number}", border=False):
        name = st.text_input("Name of the table", known.name, max_chars=MAX_NAME)
        note = st.text_area("Note on the table", known.note, max_chars=MAX_NOTE, height=80)
        own = st.text_area(f"Note on version {version.number}", version.note, max_chars=MAX_NOTE, height=80)
        if st.form_submit_button("Save"):
            if name.strip() != known.name:
                rename(workspace(), known.id, name)
            annotate(workspace(), known.id, note)
            annotate(workspace(), known.id, own, version.number)
            st.rerun()


def show_lineage(known: CataloguedTable, version: TableVersion) -> None:
    """How the versions come from each other: a picture, and the chosen one's way in words."""
    lineage = lineage_of(workspace(), known)
    if len(lineage.nodes) < 2:
        return
    st.subheader("How they come from each other", anchor=False)
    way = ancestry(lineage, version.dataset)
    if len(way) > 1:
        st.markdown(" → ".join([f"**{escape(way[0].label)}**", *(escape(f"{n.label}: {n.made}") for n in way[1:])]))
    alt = f"Graph of {counted(len(lineage.nodes), 'version')} and what each was made from"
    figure(lineage_chart(lineage, version.dataset), alt=alt, key=f"versions_lineage_{known.id}")


def _chosen_row(frame: pd.DataFrame, first: int, name: str, marks: list[str], alt: str) -> int:
    """The row that was clicked, else `first`. The key ends with what stands in the rows, so that none is mistaken."""
    event = table(
        frame,
        key=f"{name}_{fingerprint(*marks)}",
        alt=alt,
        formats={c: count for c in frame.columns if c.startswith(("rows", "columns"))},
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [first]}},
    )
    rows = event.selection.rows
    return int(rows[0]) if rows and rows[0] < len(frame) else first


def _cards(version: TableVersion, dataset: Dataset, used: Uses) -> list[Card]:
    models = ", ".join(f"{m.model} version {m.number}" for m in used.models)
    return [
        Card("Rows", count(dataset.rows), f"{counted(len(dataset.columns), 'column')}"),
        Card("On disk", size(size_on_disk(workspace(), version)), "compressed"),
        Card("Experiments", count(len(used.experiments)), f"{counted(len(used.runs), 'run')}"),
        Card("Models", count(len(used.models)), models or "none registered"),
        Card("Derived", count(len(used.derived)), "versions made from it"),
    ]


def _details(dataset: Dataset, used: Uses) -> None:
    with st.expander("Where it came from and how it was read", icon="🔍"):
        st.markdown("\n".join(f"- {line}" for line in _facts(dataset, used)))
        if dataset.reading is not None:
            describe_reading(dataset.reading)


def _facts(dataset: Dataset, used: Uses) -> list[str]:
    reading, operation = dataset.reading, dataset.operation
    facts = [f"Fingerprint over every cell: `{dataset.fingerprint}`"]
    if reading is not None and reading.file:
        facts.append(f"File: {escape(dataset.name)}, SHA-256 `{reading.file}`")
    if dataset.parent is not None:
        facts.append(f"Parent: {_named(dataset.parent)}")
    if operation is not None:
        facts += [escape(said) for said in operation.said]
        facts += [f"Joined with: {_named(operation.other)}"] if operation.other else []
        facts += [f"Seed: {operation.seed}"] if operation.seed is not None else []
    facts += [f"Derived from it: {_named(derived)}" for derived in used.derived]
    return facts


def _named(dataset: str) -> str:
    place = version_of(workspace(), dataset)
    return f"{escape(place[0].name)}, version {place[1].number}" if place else f"`{dataset}`"


def _actions(version: TableVersion, used: Uses, opened: bool) -> None:
    if version.removed is not None:
        end = deleted_on(version)
        st.button("Undo the removal", key="versions_restore", type="primary", on_click=_restore, args=(version,))
        st.markdown(
            f"Removed on {version.removed[:10]}. Until {end:%Y-%m-%d} this can be undone; then its cells are deleted."
        )
        return
    if not opened:
        st.button("Open it", key="versions_open", type="primary", on_click=_open, args=(version,))
    st.button(
        "Remove it",
        key="versions_remove",
        disabled=used.any,
        on_click=_remove,
        args=(version,),
        help=f"It can be brought back for {KEPT_DAYS} days; then its cells are deleted.",
    )
    if opened:
        st.markdown("This version is open.")
    if used.any:
        st.markdown(f"It cannot be removed: it is used by {escape(used.words())}.")


@guarded
def _open(version: TableVersion) -> None:
    session().set(dataset=version.dataset)


@guarded
def _remove(version: TableVersion) -> None:
    remove(workspace(), version)


@guarded
def _restore(version: TableVersion) -> None:
    restore(workspace(), version)
