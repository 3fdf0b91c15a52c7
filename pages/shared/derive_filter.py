"""A condition on rows, put together from widgets or written down."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from mlops_lib.data.conditions import OPERATORS, Comparison, Condition, Group, Value, in_words, parse_condition, to_text
from mlops_lib.data.derive import operation
from mlops_lib.data.matching import column_kinds
from mlops_lib.data.target import describe_labels
from mlops_lib.objects.dataset import Dataset, Operation
from pages.shared.boundary import guarded
from pages.shared.calls import cached
from pages.shared.escape import escape
from pages.shared.form import Draft, seed

_FITTING = {
    "number": ["<", "<=", ">", ">=", "==", "!=", "between", "missing", "filled"],
    "date": ["between", "<", "<=", ">", ">=", "==", "missing", "filled"],
    "text": ["==", "!=", "in", "missing", "filled"],
}
_KEEP = {"keep": "Keep rows that meet it", "leave out": "Leave out rows that meet it"}
_HOW = {"all": "all of these", "any": "any one of these"}
_MOST_PARTS = 20


def ask_filter(dataset: Dataset, draft: Draft) -> Operation | None:
    """A filter; None as long as the condition is not complete."""
    written = st.toggle("Write the condition", key=seed("derive_f_written", bool(draft.get("condition"))))
    text = _ask_text(draft) if written else _ask_parts(dataset, draft)
    keep = st.radio(
        "Which rows stay?", list(_KEEP), format_func=_KEEP.__getitem__, horizontal=True, label_visibility="collapsed",
        key=seed("derive_f_keep", draft.get("keep", "keep")),
    )  # fmt: skip
    draft.keep(keep=keep, condition=text if written else None)
    return operation("filter", condition=text, keep=keep == "keep") if text else None


def _ask_text(draft: Draft) -> str:
    text: str = st.text_input(
        "Condition",
        key=seed("derive_f_text", draft.get("condition", "")),
        placeholder="overtime == 'Yes' and tenure < 2",
        help="Compare columns with values: ==, !=, <, <=, >, >=, in ['a', 'b'], is None, is not None; join by and, or.",
    )
    if text:
        st.caption(f"In words: {escape(in_words(parse_condition(text)))}")
    return text


def _ask_parts(dataset: Dataset, draft: Draft) -> str:
    places = list(draft.get("places") or [0])
    how = "all"
    if len(places) > 1:
        how = st.radio(
            "Rows must meet",
            list(_HOW),
            format_func=_HOW.__getitem__,
            horizontal=True,
            key=seed("derive_f_how_many", draft.get("joined", "all")),
        )
    found = [_ask_part(dataset, draft, place, len(places) > 1) for place in places]
    draft.keep(places=places, joined=how)
    if len(places) < _MOST_PARTS:
        st.button("Add a comparison", key="derive_f_add", icon="➕", on_click=_add, args=(draft, places))
    complete = [part for part in found if part is not None]
    if not complete or len(complete) < len(found):
        st.caption("Choose a column and a value in each comparison.")
        return ""
    condition: Condition = (
        complete[0] if len(complete) == 1 else Group("any" if how == "any" else "all", tuple(complete))
    )
    return to_text(condition)


@guarded
def _add(draft: Draft, places: list[int]) -> None:
    draft.keep(places=[*places, max(places) + 1])
    st.session_state["derive_draft_saved"] = Draft("derive").values


@guarded
def _remove(draft: Draft, place: int) -> None:
    draft.keep(places=[p for p in draft.get("places") or [0] if p != place] or [0])
    st.session_state["derive_draft_saved"] = Draft("derive").values


def _ask_part(dataset: Dataset, draft: Draft, place: int, removable: bool) -> Comparison | None:
    """One comparison in a row: column, operator, value; None as long as it is not complete."""
    kinds, name = column_kinds(dataset), f"part {place}"
    before: dict[str, Any] = draft.get(name) or {}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        column = st.selectbox(
            "Column", dataset.columns, index=None, placeholder="Choose a column", width=260,
            key=seed(f"derive_f_column_{place}", before.get("column") if before.get("column") in kinds else None),
        )  # fmt: skip
        if column is None:
            return None
        fitting, first = _FITTING[kinds[column]], before.get("sign")
        sign = st.selectbox(
            "Comparison", fitting, format_func=lambda o: OPERATORS[o].words, width=190,
            key=seed(f"derive_f_sign_{place}_{kinds[column]}", first if first in fitting else None),
        )  # fmt: skip
        values = _ask_values(dataset, column, kinds[column], sign, f"derive_f_{place}_{kinds[column]}", before)
        if removable:
            st.button(
                "Remove",
                key=f"derive_f_remove_{place}",
                on_click=_remove,
                args=(draft, place),
                help="Remove this comparison",
            )
    draft.keep(**{name: {"column": column, "sign": sign, "values": list(values)}})
    wanted = OPERATORS[sign].values
    enough = len(values) >= 1 if wanted is None else len(values) == wanted
    return Comparison(column, sign, values) if enough else None


def _ask_values(
    dataset: Dataset, column: str, kind: str, sign: str, key: str, before: dict[str, Any]
) -> tuple[Value, ...]:
    wanted = OPERATORS[sign].values  # type: ignore[index]
    known = before.get("values", []) if before.get("column") == column else []
    if kind == "text" and wanted != 0:
        return _ask_labels(dataset, column, sign, f"{key}_{column}", known)
    ask = _ask_day if kind == "date" else _ask_number
    labels = ("From", "To") if wanted == 2 else ("Value",)
    asked = [
        ask(labels[k], f"{key}_{sign}_{column}_{k}", known[k] if k < len(known) else None) for k in range(wanted or 0)
    ]
    return tuple(value for value in asked if value is not None)


def _ask_labels(dataset: Dataset, column: str, sign: str, key: str, known: list[Any]) -> tuple[Value, ...]:
    labels = cached(describe_labels)(dataset, column).labels
    if sign == "in":
        chosen = st.multiselect(
            "Values",
            labels,
            key=seed(f"{key}_in", [v for v in known if v in labels]),
            accept_new_options=True,
            width=320,
        )
        return tuple(chosen)
    one = st.selectbox(
        "Value", labels, index=None, placeholder="Choose or type a value", accept_new_options=True, width=260,
        key=seed(f"{key}_one", known[0] if known and known[0] in labels else None),
    )  # fmt: skip
    return () if one is None else (str(one),)


def _ask_number(label: str, key: str, known: Any) -> Value | None:
    first = float(known) if isinstance(known, (int, float)) else None
    value = st.number_input(label, value=None, key=seed(key, first), width=160, placeholder="a number")
    return None if value is None else int(value) if float(value).is_integer() else float(value)


def _ask_day(label: str, key: str, known: Any) -> Value | None:
    first = date.fromisoformat(known) if isinstance(known, str) else None
    value = st.date_input(
        label, value=None, min_value=date(1, 1, 1), max_value=date(9999, 12, 31), key=seed(key, first), width=160,
        format="YYYY-MM-DD",
    )  # fmt: skip
    return value.isoformat() if isinstance(value, date) else None
