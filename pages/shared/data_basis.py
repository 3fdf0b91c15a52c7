"""What decides how rows are dealt into parts, and how much each counts: the roles of the split, asked as questions."""

from __future__ import annotations

import streamlit as st

from mlops_lib.data.splits import split_kind
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.schema import Kind, Role, Schema
from mlops_lib.objects.split import SplitKind
from pages.shared.boundary import guarded
from pages.shared.data_columns import free, give_role
from pages.shared.escape import escape

_BASES: dict[SplitKind, str] = {
    "stratified": "By chance",
    "group": "Whole groups together",
    "time": "Forward in time",
    "predefined": "As a column says",
}
_ASKS: dict[SplitKind, tuple[Role, str, tuple[Kind, ...]]] = {
    "group": ("group", "Column that names the group", ("categorical", "identifier", "numeric", "text", "date")),
    "time": ("time", "Column of the time", ("date", "numeric", "identifier")),
    "predefined": ("split", "Column that names the part", ("categorical", "numeric")),
}
_HELP = (
    "By chance: when rows are independent.  \nWhole groups together: when several rows are of one person, place or "
    "batch.  \nForward in time: when the model will judge what comes later.  \nAs a column says: when parts were drawn "
    "already, so that figures can be compared with others."
)


def ask_basis(dataset: Dataset, schema: Schema) -> bool:
    """How rows are dealt, and by which column; which column weighs them. False as long as a column is to be chosen.

    What is chosen here is the role of a column, which can be given in the table of columns too.
    """
    left, middle, right = st.columns(3)
    with left:
        basis = _ask_how(dataset, schema)
    with middle if basis == "stratified" else right:
        _ask_weight(dataset, schema)
    if basis == "stratified":
        return True
    with middle:
        return _ask_column(dataset, schema, basis)


def _ask_how(dataset: Dataset, schema: Schema) -> SplitKind:
    now, key = split_kind(schema), f"data_basis_{dataset.fingerprint}"
    # A basis without a column yet stays chosen; roles that changed in the table of columns win over it.
    if key not in st.session_state or st.session_state.get(f"{key}_was") != now:
        st.session_state[key] = st.session_state[f"{key}_was"] = now
    basis: SplitKind = st.selectbox(
        "Rows are dealt out", list(_BASES), format_func=_BASES.__getitem__, key=key,
        on_change=_take_how, args=(dataset, _split_column(schema), key), help=_HELP,
    )  # fmt: skip
    return basis


@guarded
def _take_how(dataset: Dataset, column: str | None, key: str) -> None:
    if column is not None:
        free(dataset, column)
    st.session_state[f"{key}_was"] = "stratified"


def _ask_column(dataset: Dataset, schema: Schema, basis: SplitKind) -> bool:
    role, label, kinds = _ASKS[basis]
    now, key = _split_column(schema), f"data_basis_column_{dataset.fingerprint}_{basis}"
    st.session_state[key] = now
    chosen = st.selectbox(
        label, _offered(schema, kinds, now), index=None, placeholder="Choose a column", format_func=escape, key=key,
        on_change=_take_column, args=(dataset, key, role, now),
    )  # fmt: skip
    return chosen is not None


def _ask_weight(dataset: Dataset, schema: Schema) -> None:
    key = f"data_weight_{dataset.fingerprint}"
    st.session_state[key] = schema.weight
    st.selectbox(
        "Weight of a row", _offered(schema, ("numeric",), schema.weight), index=None,
        placeholder="Every row counts as one", format_func=escape, key=key,
        on_change=_take_column, args=(dataset, key, "weight", schema.weight),
        help="A row with a weight of 2 counts as two in training, thresholds and metrics. Samplers are excluded then.",
    )  # fmt: skip


@guarded
def _take_column(dataset: Dataset, key: str, role: Role, before: str | None) -> None:
    chosen = st.session_state[key]
    if before is not None:
        free(dataset, before)
    if chosen is not None:
        give_role(dataset, chosen, role)


def _split_column(schema: Schema) -> str | None:
    return schema.group or schema.time or schema.split


def _offered(schema: Schema, kinds: tuple[Kind, ...], now: str | None) -> list[str]:
    """Columns of these kinds; the target and what has another part in the split are not among them."""
    taken = ("target", "group", "time", "split", "weight")
    return [c.name for c in schema.columns if c.name == now or (c.kind in kinds and c.role not in taken)]
