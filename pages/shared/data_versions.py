"""The place of a table in the catalogue: a version of which table it is, or whether it is the next one of another."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mlops_lib.data.catalogue import add_version, find_table, home_of, move_version, version_of, versions_of
from mlops_lib.data.comparing import JOB_ROWS, compare_versions
from mlops_lib.data.continuing import Continuation, find_continuation, latest_read, only_of_its_file
from mlops_lib.data.datasets import open_dataset
from mlops_lib.data.difference import Difference
from mlops_lib.data.difference_words import details, headline, shift_table
from mlops_lib.data.removal import restore
from mlops_lib.data.samples import sample_of
from mlops_lib.objects.catalogue import CataloguedTable, TableVersion
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.words import count, p_value, percent
from pages.shared.boundary import guarded
from pages.shared.calls import cached, job
from pages.shared.data_draft import carry_over
from pages.shared.escape import escape
from pages.shared.reading_job import ARRIVED
from pages.shared.session import session, workspace
from pages.shared.show import Card, cards, sentence, table

_DRAFT = "continues"
_FORMATS = {
    "moved": percent,
    "by chance": percent,
    "missing before": percent,
    "missing after": percent,
    "n before": count,
    "n after": count,
    "p": p_value,
}


def settle_version(dataset: Dataset) -> bool:
    """Give a table that was read its place; False as long as a question about that is open."""
    placed = version_of(workspace(), dataset.fingerprint) is not None
    removed = () if placed else versions_of(workspace(), dataset.fingerprint)
    if removed:
        _offer_back(*removed[0])
        return False
    if not placed or session().draft(ARRIVED):
        _place(dataset)
        session().set_draft(ARRIVED, None)
        st.rerun()
    draft = session().draft(_DRAFT)
    return draft is None or _show_next(dataset, draft)


def difference_between(before: Dataset, after: Dataset, start: bool = True) -> Difference | None:
    """How two versions differ; None while a job is finding out, which is then drawn, or where none is to `start`."""
    if needs_job(before, after):
        spec = {"before": before.fingerprint, "after": after.fingerprint}
        found: Difference | None = job("compare_tables", spec, label=f"Comparing with {before.name}", start=start)
        return found
    return cached(compare_versions)(before, after)


def needs_job(before: Dataset, after: Dataset) -> bool:
    """Whether comparing the two takes long."""
    return before.rows + after.rows > JOB_ROWS


def show_difference(difference: Difference, key: str) -> None:
    """A sentence, key numbers, and the columns that moved as a table."""
    sentence(escape(headline(difference)))
    said = details(difference)
    if said:
        st.markdown("\n".join(f"- {escape(s)}" for s in said))
    rows, keyed = difference.rows, difference.keyed
    compared, moved = len(difference.shifts), len(difference.noticeable)
    changed = Card("Rows changed", count(keyed.changed), f"of {count(keyed.matched)} in both") if keyed else None
    new, gone = (keyed.added, keyed.removed) if keyed else (rows.added, rows.removed)
    cards(
        [
            Card("Rows", count(rows.after), f"before: {count(rows.before)}"),
            Card("New rows", count(new)),
            Card("Rows gone", count(gone)),
            changed or Card("Rows unchanged", count(rows.unchanged), "cell by cell"),
            Card("Columns moved", count(moved), f"of {count(compared)} compared", _MOVED_HELP),
        ]
    )
    if compared:
        with st.expander("Column by column", icon="📐"):
            table(shift_table(difference), key=f"{key}_shifts", download="difference.csv", formats=_FORMATS)
            st.caption(_SCALE)
            for column, reason in difference.not_compared:
                st.caption(f"{escape(column)} is not compared: {escape(reason)}.")


_MOVED_HELP = "A shift of at least a tenth of the rows, and twice what chance gives between samples of these sizes."
_SCALE = (
    "Moved: the largest difference in the share of rows: of values up to a point for numbers and dates "
    "(Kolmogorov-Smirnov), of any set of labels for text (total variation), of missing cells where that is larger. "
    "By chance: what two samples of these sizes from one source show on average. The p-value treats the two as "
    "independent samples; where they share rows it is too large."
)


def _place(dataset: Dataset) -> None:
    version = add_version(workspace(), dataset, home_of(workspace(), dataset))
    known = find_table(workspace(), version.table)
    if only_of_its_file(workspace(), known, dataset):
        found = None if sample_of(dataset) else find_continuation(workspace(), dataset)
        if found is not None:
            session().set_draft(_DRAFT, {**_draft(found.table, found.latest), "ask": _ask(found)})
    elif dataset.reading is not None and dataset.reading.query and version.number == known.versions[-1].number:
        before = latest_read(workspace(), known, without=dataset.fingerprint)
        if before is not None:
            session().set_draft(_DRAFT, _draft(known, before))
            carry_over(dataset, known)


def _draft(known: CataloguedTable, before: TableVersion) -> dict[str, Any]:
    return {"table": known.id, "before": before.dataset, "number": before.number}


def _ask(found: Continuation) -> dict[str, Any]:
    return {"number": found.number, "why": found.why}


def _show_next(dataset: Dataset, draft: dict[str, Any]) -> bool:
    """The difference from the version before; with the question whether it is one, where that is not certain."""
    known, asked = find_table(workspace(), draft["table"]), draft.get("ask")
    before = open_dataset(workspace(), draft["before"])
    with st.container(border=True, key="data_continues"):
        if asked:
            st.markdown(
                f"**This may be version {asked['number']} of '{escape(known.name)}'.** It has {escape(asked['why'])}. "
                f"Compared with version {draft['number']}:"
            )
        else:
            st.markdown(f"**The same query as version {draft['number']} of '{escape(known.name)}'.** Since then:")
        difference = difference_between(before, dataset)
        if difference is not None:
            show_difference(difference, f"data_difference_{dataset.fingerprint}")
        with st.container(horizontal=True):
            _answers(dataset, known, asked)
    return not asked


def _answers(dataset: Dataset, known: CataloguedTable, asked: dict[str, Any] | None) -> None:
    if not asked:
        st.button("Close", key="data_next_close", on_click=_forget)
        return
    st.button(
        f"Keep it as version {asked['number']} of '{escape(known.name)}'",
        key="data_next_version",
        type="primary",
        on_click=_continue,
        args=(dataset, known),
    )
    st.button("Keep it as a table of its own", key="data_own_table", on_click=_forget)


@guarded
def _continue(dataset: Dataset, known: CataloguedTable) -> None:
    own = version_of(workspace(), dataset.fingerprint)
    if own is None:
        add_version(workspace(), dataset, known.id)
    else:
        move_version(workspace(), own[1], known.id)
    carry_over(dataset, known)
    session().set_draft(_DRAFT, None)


@guarded
def _forget() -> None:
    session().set_draft(_DRAFT, None)


def _offer_back(known: CataloguedTable, version: TableVersion) -> None:
    day = (version.removed or "")[:10]
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="data_removed"):
        st.markdown(
            f"These cells are version {version.number} of '{escape(known.name)}', which was removed on {day}.",
            width="stretch",
        )
        st.button("Restore it", key="data_restore", type="primary", on_click=_restore, args=(version,))


@guarded
def _restore(version: TableVersion) -> None:
    restore(workspace(), version)
