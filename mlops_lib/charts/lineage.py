"""Versions of a table as a small graph: time to the right, operations downwards."""

from __future__ import annotations

import plotly.graph_objects as go

from mlops_lib.charts.labels import shortened
from mlops_lib.charts.theme import ACCENT, FAINT, NEUTRAL, base_figure, plain
from mlops_lib.data.lineage import Lineage, Node
from mlops_lib.objects.words import counted

MOST = 24
_LANE = 62
_DASHES = {"derived": "solid", "joined": "dash", "next": "dot"}
_NAMES = {"derived": "derived from", "joined": "joined with", "next": "next reading"}


def lineage_chart(lineage: Lineage, chosen: str = "") -> go.Figure:
    """The last `MOST` versions with arrows from what each came from; the chosen one is filled."""
    nodes = lineage.nodes[-MOST:]
    places = _places(nodes)
    figure = base_figure(height=_LANE * (1 + max((y for _, y in places.values()), default=0)) + 84)
    for kind, dash in _DASHES.items():
        drawn = [e for e in lineage.edges if e.kind == kind and e.before in places and e.after in places]
        if drawn:
            _line(figure, [(places[e.before], places[e.after]) for e in drawn], _NAMES[kind], dash)
    figure.add_scatter(
        x=[places[n.dataset][0] for n in nodes],
        y=[places[n.dataset][1] for n in nodes],
        mode="markers+text",
        marker={
            "size": 18,
            "color": [ACCENT if n.dataset == chosen else FAINT for n in nodes],
            "line": {"width": 2, "color": [NEUTRAL if n.removed else ACCENT for n in nodes]},
        },
        text=[plain(shortened(n.label, 26)) + (" (removed)" if n.removed else "") for n in nodes],
        textposition=["bottom center" if places[n.dataset][1] else "top center" for n in nodes],
        cliponaxis=False,
        hovertext=[_hover(n) for n in nodes],
        hoverinfo="text",
        showlegend=False,
    )
    across, down = max(x for x, _ in places.values()), max(y for _, y in places.values())
    figure.update_xaxes(visible=False, range=[-0.6, max(across, 2) + 0.6], fixedrange=True)
    figure.update_yaxes(visible=False, range=[down + 0.75, -0.75], fixedrange=True)
    return figure.update_layout(dragmode=False, showlegend=True)


def _places(nodes: tuple[Node, ...]) -> dict[str, tuple[int, int]]:
    """A column for each version; tables from elsewhere stand in the lane below the deepest, under the first column."""
    inside = [n for n in nodes if n.number is not None]
    places = {n.dataset: (k, n.depth) for k, n in enumerate(inside)}
    lowest = max((n.depth for n in inside), default=-1)
    outside = [n for n in nodes if n.number is None]
    return places | {n.dataset: (k, lowest + 1) for k, n in enumerate(outside)}


def _line(figure: go.Figure, pairs: list[tuple[tuple[int, int], tuple[int, int]]], name: str, dash: str) -> None:
    xs: list[float | None] = []
    ys: list[float | None] = []
    for (x0, y0), (x1, y1) in pairs:
        xs += [x0, x1, None]
        ys += [y0, y1, None]
    figure.add_scatter(
        x=xs, y=ys, mode="lines+markers", name=name, line={"color": NEUTRAL, "width": 1.5, "dash": dash},
        marker={"symbol": "arrow", "size": 11, "angleref": "previous", "standoff": 11, "color": NEUTRAL},
        hoverinfo="skip",
    )  # fmt: skip


def _hover(node: Node) -> str:
    rows = counted(node.rows, "row")
    return f"<b>{plain(node.label)}</b><br>{rows}<br>{plain(shortened(node.made, 90))}"
