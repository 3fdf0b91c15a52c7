"""The form of the Sample & derive page: an operation and its settings, as plain widgets that follow a draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from mlops_lib.data.datasets import list_datasets
from mlops_lib.data.derive import OPERATIONS, operation
from mlops_lib.objects.dataset import Dataset, Operation
from mlops_lib.objects.words import counted
from pages.shared.derive_filter import ask_filter
from pages.shared.derive_sample import ask_sample
from pages.shared.escape import escape
from pages.shared.form import Draft, seed
from pages.shared.session import workspace

_SAVED = "derive_draft_saved"
_JOINS = {"left": "Keep every row of this table", "inner": "Only rows whose key is found"}


def follow_draft() -> Draft:
    """The draft of the form. Where another page has changed it, the widgets take their values from it anew."""
    draft = Draft("derive")
    if st.session_state.get(_SAVED, {}) != draft.values:
        for key in [k for k in st.session_state if str(k).startswith("derive_f_")]:
            del st.session_state[key]
    return draft


def ask_operation(dataset: Dataset, draft: Draft) -> Operation | None:
    """The operation with its settings, None as long as something is missing."""
    names = list(OPERATIONS)
    first = draft.get("operation")
    name = st.radio(
        "What shall be done?",
        names,
        format_func=lambda n: OPERATIONS[n].title,
        captions=[OPERATIONS[n].sentence for n in names],
        key=seed("derive_f_operation", first if first in names else names[0]),
    )
    asked = _FORMS[name](dataset, draft)
    draft.keep(operation=name)
    st.session_state[_SAVED] = Draft("derive").values
    return asked


def _ask_duplicates(dataset: Dataset, draft: Draft) -> Operation:
    chosen = st.multiselect(
        "The same in which columns?",
        dataset.columns,
        key=seed("derive_f_same", [c for c in draft.get("columns", []) if c in dataset.columns]),
        placeholder="All columns",
    )
    draft.keep(columns=list(chosen))
    return operation("drop_duplicates", columns=tuple(chosen) or None)


def _ask_rows(_: Dataset, draft: Draft) -> Operation | None:
    drafted = draft.get("rows") if isinstance(draft.get("rows"), list) else []
    text = st.text_input(
        "Numbers of the rows to leave out, counted from 0",
        key=seed("derive_f_rows", ", ".join(str(r) for r in drafted)),
        placeholder="12, 57, 103",
        help="The row numbers that findings and Explain show.",
    )
    rows = tuple(part for part in text.replace(",", " ").split())
    draft.keep(rows=list(rows))
    return operation("leave_out", rows=rows) if rows else None


def _ask_join(dataset: Dataset, draft: Draft) -> Operation | None:
    tables = {d.fingerprint: d for d in list_datasets(workspace()) if d.fingerprint != dataset.fingerprint}
    if not tables:
        st.info("There is no second table in this workspace. Upload it on the Data page first.", icon="💡")
        return None
    other = st.selectbox(
        f"Second table, one of {counted(len(tables), 'table')}",
        list(tables),
        index=None,
        format_func=lambda fp: f"{tables[fp].name} · {tables[fp].rows:,} x {len(tables[fp].columns)}",
        placeholder="Choose a table",
        key=seed("derive_f_other", draft.get("other") if draft.get("other") in tables else None),
    )
    if other is None:
        return None
    left, right = st.columns(2)
    both = [c for c in dataset.columns if c in tables[other].columns]
    with left:
        on = _ask_keys(f"Key in {dataset.name}", dataset, draft.get("on", both[:1]), "derive_f_on")
    with right:
        other_on = _ask_keys(
            "Key in the second table", tables[other], draft.get("other_on", both[:1]), f"derive_f_to_{other}"
        )
    how = st.radio(
        "Rows", list(_JOINS), format_func=_JOINS.__getitem__, key=seed("derive_f_how", draft.get("how", "left"))
    )
    draft.keep(other=other, on=on, other_on=other_on, how=how)
    if not on or len(on) != len(other_on):
        return None
    return operation("join", other=other, on=tuple(on), other_on=tuple(other_on), how=how)


def _ask_keys(label: str, table: Dataset, before: list[str], key: str) -> list[str]:
    known = [c for c in before if c in table.columns]
    chosen: list[str] = st.multiselect(escape(label), table.columns, key=seed(key, known), help="Several in pairs.")
    return chosen


_FORMS: Mapping[str, Callable[[Dataset, Any], Operation | None]] = {
    "sample": ask_sample,
    "filter": ask_filter,
    "drop_duplicates": _ask_duplicates,
    "join": _ask_join,
    "leave_out": _ask_rows,
}
