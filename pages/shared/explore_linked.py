"""The part of Explore where a selection in one figure filters all others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from mlops_lib.charts.labels import shortened
from mlops_lib.charts.linked import bins_in, linked_chart
from mlops_lib.explore.linked import bins_of, filtered, labels_of, toggled
from mlops_lib.explore.linked_words import chance_warning, chosen_words, few_rows, linked_sentence
from pages.shared.boundary import guarded
from pages.shared.calls import cached
from pages.shared.code import show_code
from pages.shared.exploring import Nouns
from pages.shared.page import fragment
from pages.shared.session import session
from pages.shared.show import escape, figure, number, sentence
from pages.shared.two_features_view import binned_columns, two_features_map

if TYPE_CHECKING:
    from mlops_lib.explore.binned import Binned
    from mlops_lib.explore.linked import Filtered, LinkedColumn

_DRAFT = "linked"
_SHOWN, _MOST = 7, 8
_WAYS = {"Click": "one group", "Drag": "a range"}

Chosen = dict[str, tuple[int, ...]]


def show_linked(nouns: Nouns, all_rows: bool) -> None:
    """The wall of linked figures, redrawn alone when something is selected in it."""
    binned = binned_columns(nouns, all_rows)
    if binned is not None:
        _wall(nouns, all_rows, binned)
        if len(binned.features) > 1:
            _pair(nouns, binned)


@fragment()
def _wall(nouns: Nouns, all_rows: bool, binned: Binned) -> None:
    columns, of, drag = _ask(nouns, binned)
    selections = _chosen(nouns, binned)
    found = cached(filtered)(binned, selections, (binned.target, *columns), of)
    sentence(escape(linked_sentence(binned, found)))
    _chips(nouns, binned, selections)
    if found.selected and (few := few_rows(found.asked, found.inside)):
        st.warning(escape(few), icon="⚠️")
    st.caption(_legend(found))
    with st.grid(min_column_width=225, gap="small"):
        for place, part in enumerate(found.columns):
            _one(nouns, binned, found, part, place, drag)
    if warning := chance_warning(found):
        st.caption(f"⚠️ {escape(warning)}")
    _lists(nouns, binned, [part.column.name for part in found.columns], selections)
    call = f"binned = bin_columns(dataset, schema, plan, all_rows={all_rows})"
    show_code(f"{call}\nfound = filtered(binned, {selections!r})\nfigure = linked_chart(found, found.columns[1])")


@fragment()
def _pair(nouns: Nouns, binned: Binned) -> None:
    """Two features to be chosen, and their map."""
    st.subheader("Two features together", anchor=False)
    left, right, class_box = st.columns(3)
    mark = nouns[1].fingerprint
    first = left.selectbox("Across", binned.features, key=f"explore_linked_first_{mark}", persist_state="session")
    others = [name for name in binned.features if name != first]
    second = right.selectbox("Down", others, key=f"explore_linked_second_{mark}", persist_state="session")
    with class_box:
        of = _ask_class(binned, f"explore_linked_pair_class_{mark}")
    two_features_map(binned, first, second, of)


def _ask_class(binned: Binned, key: str) -> int | None:
    """The class whose share is asked for, where there are many."""
    if binned.target_kind != "classes":
        return None
    return st.selectbox(
        f"Share of {escape(binned.target)}",
        range(len(binned.classes)),
        format_func=binned.classes.__getitem__,
        key=key,
        persist_state="session",
    )


def _ask(nouns: Nouns, binned: Binned) -> tuple[list[str], int | None, bool]:
    """Which features are shown, the class whose share is asked for, and whether dragging selects."""
    which, class_box, way = st.columns([4, 2, 3], vertical_alignment="bottom")
    mark = nouns[1].fingerprint
    columns = which.multiselect(
        "Figures (strongest relation with the target first)",
        binned.features,
        default=binned.features[:_SHOWN],
        max_selections=_MOST,
        key=f"explore_linked_columns_{mark}",
        persist_state="session",
    )
    with class_box:
        of = _ask_class(binned, f"explore_linked_class_{mark}")
    drag = way.segmented_control(
        "Select by",
        tuple(_WAYS),
        default="Click",
        required=True,
        format_func=lambda w: f"{w}: {_WAYS[w]}",
        key="explore_linked_way",
        persist_state="session",
        help="A click adds a group or takes it away again. Dragging over a figure selects all groups it touches.",
    )
    return sorted(columns, key=binned.features.index), of, drag == "Drag"


def _one(nouns: Nouns, binned: Binned, found: Filtered, part: LinkedColumn, place: int, drag: bool) -> None:
    column = part.column
    role = "the target" if place == 0 else f"effect {number(column.strength)}"
    key = f"explore_linked_{place}_{binned.fingerprint}"
    with st.container(border=True, gap=None):
        st.caption(f"**{escape(shortened(column.name, 16))}** · {role}")
        figure(
            linked_chart(found, part, drag=drag),
            alt=f"{column.name}: all rows in grey, selected rows in colour",
            key=key,
            small=True,
            on_select=partial(_selected, key, nouns, binned, column.name, drag),
            selection_mode="box" if drag else "points",
        )


def _legend(found: Filtered) -> str:
    share = f"share of {escape(found.asked)}" if found.of >= 0 else f"mean of {escape(found.target)}"
    who = "selected rows, coloured; " if found.selections else ""
    return f"Bars: share of all rows, grey; {who}diamonds: {share} among them; dashed: in all rows."


def _chips(nouns: Nouns, binned: Binned, selections: Chosen) -> None:
    """One button for each selection that takes it away, and one for all."""
    if not selections:
        return
    with st.container(horizontal=True, gap="small"):
        for name, bins in selections.items():
            st.button(
                f"{escape(name)}: {escape(chosen_words(binned.column(name), bins))} ✕",
                key=f"explore_linked_remove_{binned.place(name)}",
                on_click=_keep,
                args=(nouns, binned, {n: b for n, b in selections.items() if n != name}),
                help="Take this selection away",
            )
        st.button("Clear", key="explore_linked_clear", on_click=_keep, args=(nouns, binned, {}), type="tertiary")


def _lists(nouns: Nouns, binned: Binned, names: Sequence[str], selections: Chosen) -> None:
    """The same selections as lists: for keys, screen readers and small screens."""
    lists = st.expander("Choose by list", icon="☑️", key="explore_linked_lists", on_change="rerun")
    if not lists.open:
        return
    with lists, st.grid(min_column_width=225, gap="small"):
        for name in names:
            key = f"explore_linked_list_{binned.place(name)}_{binned.fingerprint}"
            st.session_state[key] = list(selections.get(name, ()))
            labels = binned.column(name).labels
            st.multiselect(
                escape(name),
                range(len(labels)),
                format_func=labels.__getitem__,
                key=key,
                placeholder="All rows",
                on_change=_listed,
                args=(key, nouns, binned, name),
            )


@guarded
def _selected(key: str, nouns: Nouns, binned: Binned, name: str, drag: bool) -> None:
    """A click adds bins or takes them away; a drag puts its range in place of what was chosen."""
    bins = bins_in(binned.column(name), st.session_state[key].selection)
    now = _chosen(nouns, binned)
    if bins:
        _keep(nouns, binned, {**now, name: bins} if drag else toggled(now, name, bins))


@guarded
def _listed(key: str, nouns: Nouns, binned: Binned, name: str) -> None:
    _keep(nouns, binned, {**_chosen(nouns, binned), name: tuple(st.session_state[key])})


def _chosen(nouns: Nouns, binned: Binned) -> Chosen:
    """The selections as they were kept, by label, so that they mean the same on all rows and after a reload."""
    kept: dict[str, Any] = session().draft(_DRAFT) or {}
    return bins_of(binned, kept["labels"]) if kept.get("schema") == nouns[1].fingerprint else {}


def _keep(nouns: Nouns, binned: Binned, selections: Chosen) -> None:
    labels = labels_of(binned, selections)
    session().set_draft(_DRAFT, {"schema": nouns[1].fingerprint, "labels": labels} if labels else None)
