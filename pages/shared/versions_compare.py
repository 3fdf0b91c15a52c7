"""Any two versions side by side: what came, went and moved."""

from __future__ import annotations

import streamlit as st

from mlops_lib.charts.shifts import bins_chart, shifts_chart
from mlops_lib.data.datasets import open_dataset
from mlops_lib.data.difference import Difference
from mlops_lib.objects.catalogue import CataloguedTable, TableVersion
from mlops_lib.objects.words import counted
from pages.shared.data_versions import difference_between, needs_job, show_difference
from pages.shared.escape import escape
from pages.shared.session import workspace
from pages.shared.show import figure

Place = tuple[str, int]


def compare(tables: tuple[CataloguedTable, ...], known: CataloguedTable, version: TableVersion) -> None:
    """Choose two versions of any table and show how they differ; at first the chosen one and the one before it."""
    places = {(t.id, v.number): (t, v) for t in (known, *tables) for v in reversed(t.versions)}
    st.subheader("Compare two versions", anchor=False)
    if len(places) < 2:
        st.caption("There is only one version yet.")
        return
    now, mark = (known.id, version.number), f"{known.id}_{version.number}_{len(places)}"
    options = list(places)

    def label(place: Place) -> str:
        table, chosen = places[place]
        return f"{table.name} · version {chosen.number}{' (removed)' if chosen.removed else ''}"

    left, right = st.columns(2)
    with left:
        first = st.selectbox(
            "From", options, index=options.index(_one_before(options, now)), format_func=label, key=f"versions_a_{mark}"
        )
    with right:
        second = st.selectbox("To", options, index=options.index(now), format_func=label, key=f"versions_b_{mark}")
    if first == second:
        st.caption("Choose two different versions.")
        return
    difference = _difference(places[first][1], places[second][1])
    if difference is not None:
        show_difference(difference, f"versions_difference_{mark}")
        _figures(difference, label(first), label(second))


def _one_before(options: list[Place], now: Place) -> Place:
    """The next older version of the same table, else the next newer one, else the newest of another table."""
    same = [place for place in options if place[0] == now[0] and place != now]
    older = [place for place in same if place[1] < now[1]]
    return (older or same or [place for place in options if place != now])[0]


def _difference(first: TableVersion, second: TableVersion) -> Difference | None:
    before, after = open_dataset(workspace(), first.dataset), open_dataset(workspace(), second.dataset)
    if not needs_job(before, after):
        return difference_between(before, after)
    place = st.container()
    found = difference_between(before, after, start=False)
    if found is None:
        asked = place.button(f"Compare {counted(before.rows + after.rows, 'row')}", key="versions_compare")
        found = difference_between(before, after) if asked else None
    return found


def _figures(difference: Difference, before: str, after: str) -> None:
    if not difference.shifts:
        return
    alt = f"How far each of {counted(len(difference.shifts), 'column')} moved from {before} to {after}"
    mark = f"{difference.before}_{difference.after}"
    figure(shifts_chart(difference), alt=alt, key=f"versions_shifts_{mark}")
    by_name = {s.column: s for s in difference.shifts}
    column = st.selectbox("Look at one column", list(by_name), format_func=escape, key=f"versions_column_{mark}")
    figure(
        bins_chart(by_name[column], before, after),
        alt=f"Shares of the values of {column} in {before} and {after}",
        key=f"versions_bins_{mark}",
    )
