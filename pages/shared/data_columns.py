"""Kind and role of every column: proposed with a reason, edited in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from mlops_lib.data.profile import propose_columns
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.schema import KINDS, ROLES, SPLITTING, Column, Role
from mlops_lib.objects.words import counted
from pages.shared.calls import cached
from pages.shared.data_draft import is_confirmed
from pages.shared.form import Draft

_CHANGED = "Chosen by you."
_HEIGHT = 12
_TURNS = "data_columns_turns"


def edit_columns(dataset: Dataset, target: str, draft: Draft) -> tuple[Column, ...]:
    """The columns with the kinds and roles that the user gave them; the target has its role already."""
    proposed = cached(propose_columns)(dataset)
    st.subheader("What is each column?", anchor=False)
    others = [c for c in proposed if c.name != target]
    key = _editor(dataset, target)
    label = f"Kind and role of {counted(len(others), 'column')}"
    place = st.expander(label, icon="🗂️", key="data_columns_folded") if is_confirmed() else st.container()
    place.caption(_summary(others))
    edited = place.data_editor(
        _base(others, draft, key),
        key=key,
        hide_index=True,
        width="stretch",
        height=35 * (min(len(others), _HEIGHT) + 1) + 3,
        disabled=["column", "why"],
        num_rows="fixed",
        column_config={
            "column": st.column_config.TextColumn("Column", pinned=True),
            "kind": st.column_config.SelectboxColumn("Kind", options=list(KINDS), required=True, width="small"),
            "role": st.column_config.SelectboxColumn(
                "Role", options=[r for r in ROLES if r != "target"], required=True, width="small"
            ),
            "why": st.column_config.TextColumn("Why", width="large"),
        },
    )
    chosen = {c.name: c for c in map(_edited, others, edited["kind"], edited["role"])}
    changed = {c.name: [chosen[c.name].kind, chosen[c.name].role] for c in others if chosen[c.name] != c}
    draft.keep(columns=changed or None)
    return tuple(replace(c, role="target") if c.name == target else chosen[c.name] for c in proposed)


def give_role(dataset: Dataset, name: str, role: Role) -> None:
    """Give a column a role in the draft, as the editor would; a column that the split followed before is freed."""
    draft = Draft("data")
    proposed = {c.name: c for c in cached(propose_columns)(dataset)}
    changed = dict(draft.get("columns") or {})
    roles = {c.name: changed.get(c.name, (c.kind, c.role))[1] for c in proposed.values()}
    for other in (n for n, had in roles.items() if had in SPLITTING and role in SPLITTING and n != name):
        changed[other] = [changed.get(other, (proposed[other].kind,))[0], "ignored"]
    changed[name] = [changed.get(name, (proposed[name].kind,))[0], role]
    draft.keep(columns=changed)
    # The browser keeps the edits of a table by its key; a new one starts from the draft.
    st.session_state[_TURNS] = st.session_state.get(_TURNS, 0) + 1


def free(dataset: Dataset, name: str) -> None:
    """Take a role of the split from a column, which has its proposed one again; it is left out where that was one."""
    proposed = {c.name: c for c in cached(propose_columns)(dataset)}[name].role
    give_role(dataset, name, proposed if proposed in ("feature", "ignored") else "ignored")


def _editor(dataset: Dataset, target: str) -> str:
    turns = st.session_state.get(_TURNS, 0)
    return f"data_columns_{dataset.fingerprint}_{target}{f'_{turns}' if turns else ''}"


def _base(columns: Sequence[Column], draft: Draft, key: str) -> pd.DataFrame:
    """The table the editor starts from; it must not change while the editor holds edits of it."""
    stash = f"{key}_base"
    if key not in st.session_state or stash not in st.session_state:
        before = draft.get("columns") or {}
        rows = [(c.name, *before.get(c.name, (c.kind, c.role)), c.reason) for c in columns]
        st.session_state[stash] = pd.DataFrame(rows, columns=["column", "kind", "role", "why"])
    base: pd.DataFrame = st.session_state[stash]
    return base


def _edited(column: Column, kind: str, role: str) -> Column:
    if (kind, role) == (column.kind, column.role):
        return column
    return replace(column, kind=kind, role=role, reason=_CHANGED)  # type: ignore[arg-type]


def _summary(columns: Sequence[Column]) -> str:
    used = sum(c.role == "feature" for c in columns)
    left = len(columns) - used
    return (
        f"Proposed: {counted(used, 'feature')}, {left} left out. Change a kind or role in its cell. The roles 'group', "
        "'time', 'split' and 'weight' belong to the split and can be chosen there."
    )
