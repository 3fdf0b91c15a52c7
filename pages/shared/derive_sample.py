"""How to draw a sample: the method, how many rows, by which column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from mlops_lib.data.derive import operation
from mlops_lib.data.matching import column_kinds
from mlops_lib.data.sampling import METHODS
from mlops_lib.data.target import Labels, describe_labels
from mlops_lib.objects.dataset import Dataset, Operation
from mlops_lib.objects.words import count, counted, listed
from pages.shared.calls import cached
from pages.shared.escape import escape
from pages.shared.form import Draft, seed

_MOST_LABELS = 12
_ALLOCATIONS = {
    "proportional": "In proportion: every label keeps its share",
    "equal": "Equally many of each (balanced)",
    "given": "As many as I say",
}
_TABLE_ORDER = "(table order)"
_ROWS, _PERCENT = "rows", "% of the rows"


@dataclass
class _Form:
    """The settings of a method as they are asked for, one after the other."""

    dataset: Dataset
    draft: Draft
    method: str
    settings: dict[str, Any] = field(default_factory=dict)

    def before(self, name: str, allowed: Sequence[Any], usual: Any = None) -> Any:
        """The drafted value of a setting, else the usual one."""
        return self.draft.get(name) if self.draft.get(name) in allowed else usual


def ask_sample(dataset: Dataset, draft: Draft) -> Operation | None:
    """A sample; None as long as something is missing."""
    names = list(METHODS)
    method = st.selectbox(
        "How shall rows be drawn?", names, format_func=lambda n: METHODS[n].title,
        key=seed("derive_f_method", draft.get("method") if draft.get("method") in names else names[0]),
    )  # fmt: skip
    st.caption(METHODS[method].sentence)
    form = _Form(dataset, draft, method)
    complete = [_ASK[parameter](form) for parameter in METHODS[method].parameters]
    number = st.number_input(
        "Seed", 0, 2**31 - 1, key=seed("derive_f_seed", int(draft.get("seed", 0))), width=220,
        help="The same seed draws the same rows.",
    )  # fmt: skip
    kept = {name: form.settings.get(name) for name in ("rows", "share", "column", "allocation", "order", "replace")}
    draft.keep(method=method, seed=int(number), **kept)
    return operation("sample", seed=int(number), method=method, **form.settings) if all(complete) else None


def _ask_size(form: _Form) -> bool:
    if form.settings.get("allocation") == "given":
        return True
    share, rows = form.draft.get("share"), form.draft.get("rows")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        unit = st.segmented_control(
            "How many?", [_ROWS, _PERCENT], key=seed("derive_f_unit", _PERCENT if share else _ROWS), required=True
        )
        if unit == _ROWS:
            usual = rows if isinstance(rows, int) else _usual_rows(form.dataset)
            form.settings["rows"] = int(st.number_input("Rows", 1, key=seed("derive_f_size", usual), width=220))
        else:
            first = round(100 * share, 4) if isinstance(share, float) else 10.0
            asked = st.number_input("Percent", 0.01, 100.0, step=1.0, key=seed("derive_f_share", first), width=220)
            form.settings["share"] = asked / 100
    return True


def _usual_rows(dataset: Dataset) -> int:
    return min(max(1, dataset.rows // 10), 100_000)


def _ask_column(form: _Form) -> bool:
    return _chosen_column(form, form.dataset.columns)


def _ask_number_column(form: _Form) -> bool:
    return _chosen_column(form, [name for name, kind in column_kinds(form.dataset).items() if kind == "number"])


def _chosen_column(form: _Form, columns: Sequence[str]) -> bool:
    form.settings["column"] = st.selectbox(
        "By which column?", columns, index=None, placeholder="Choose a column",
        key=seed(f"derive_f_column_{form.method}", form.before("column", columns)),
    )  # fmt: skip
    return form.settings["column"] is not None


def _ask_allocation(form: _Form) -> bool:
    form.settings["allocation"] = st.radio(
        "How many of each label?", list(_ALLOCATIONS), format_func=_ALLOCATIONS.__getitem__,
        key=seed("derive_f_allocation", form.before("allocation", list(_ALLOCATIONS), "proportional")),
    )  # fmt: skip
    return True


def _ask_numbers(form: _Form) -> bool:
    """Rows of each label (stratified), or its wanted percentage (importance), for columns with few labels."""
    column, rows = form.settings.get("column"), form.method == "stratified"
    if column is None or (rows and form.settings.get("allocation") != "given"):
        return True
    labels = cached(describe_labels)(form.dataset, column)
    if labels.distinct > _MOST_LABELS or (not rows and not _ask_shares(column)):
        return _without_numbers(labels, rows)
    has = [f"{count(n)} {name}" for name, n in zip(labels.labels, labels.counts, strict=True)]
    st.caption(f"The table has {escape(listed(has, most=_MOST_LABELS))}.")
    with st.grid(min_column_width=170, gap="small"):
        given = [_ask_one(labels, k, f"derive_f_{form.method}_{column}", rows) for k in range(len(labels.labels))]
    form.settings["numbers"] = tuple(text for pair in given for text in pair)
    return any(float(value) for _, value in given)


def _ask_shares(column: str) -> bool:
    return st.toggle("Give a wanted percentage for each label", key=f"derive_f_wanted_{column}")


def _without_numbers(labels: Labels, rows: bool) -> bool:
    """What is drawn where no numbers are given; rows of each label have to be."""
    name = escape(labels.column)
    if rows:
        most = f"{name} has {counted(labels.distinct, 'label')}; numbers can be given for up to {_MOST_LABELS}."
        st.info(most, icon="💡")
        return False
    how = f"the chance of a row goes with its {name}" if labels.numeric else f"every label of {name} is drawn alike"
    st.caption(f"Without percentages, {how}.")
    return True


def _ask_one(labels: Labels, place: int, key: str, rows: bool) -> tuple[str, str]:
    name, most = labels.labels[place], labels.counts[place]
    if rows:
        number = st.number_input(f"Rows of {escape(name)}", 0, most, key=seed(f"{key}_{place}", min(labels.counts)))
        return name, str(int(number))
    usual = round(100 / len(labels.labels), 1)
    return name, f"{st.number_input(f'% {escape(name)}', 0.0, 100.0, key=seed(f'{key}_{place}', usual)):g}"


def _ask_order(form: _Form) -> bool:
    order = st.selectbox(
        "In which order?", [_TABLE_ORDER, *form.dataset.columns],
        key=seed("derive_f_order", form.before("order", form.dataset.columns, _TABLE_ORDER)),
    )  # fmt: skip
    form.settings["order"] = None if order == _TABLE_ORDER else order
    return True


def _ask_replace(form: _Form) -> bool:
    first = seed("derive_f_replace", bool(form.draft.get("replace")))
    form.settings["replace"] = st.toggle("With replacement: a row may come more than once", key=first) or None
    return True


_ASK: Mapping[str, Callable[[_Form], bool]] = {
    "size": _ask_size,
    "column": _ask_column,
    "by": _ask_number_column,
    "allocation": _ask_allocation,
    "numbers": _ask_numbers,
    "order": _ask_order,
    "replace": _ask_replace,
}
"""What asks for each parameter of the methods; it says whether the setting is complete."""
