"""How far each column of a sample is from its parent, beside what chance alone would give."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from mlops_lib.charts.labels import shortened
from mlops_lib.charts.theme import CATEGORICAL, FAINT, base_figure, plain
from mlops_lib.data.representative import ColumnCheck, Representativeness, Verdict
from mlops_lib.objects.words import p_value

MOST = 40
_LOOKS: dict[Verdict, tuple[str, str]] = {
    "alike": (CATEGORICAL[0], "circle"),
    "shifted": (CATEGORICAL[2], "x"),
    "on purpose": (CATEGORICAL[4], "diamond"),
    "goes with it": (CATEGORICAL[3], "square"),
}


def representative_chart(check: Representativeness) -> go.Figure:
    """A mark a column at its distance, one shape a verdict, on a grey bar that ends where chance seldom goes; with
    weights, an open circle for the weighted distance. The `MOST` columns furthest beyond chance."""
    shown = [c for c in check.columns if c.verdict != "not compared"][:MOST]
    places = {c.column: k for k, c in enumerate(shown)}
    figure = base_figure(x="Difference in the share of rows", height=max(240, 24 * len(shown) + 110))
    figure.add_bar(
        x=[c.limit for c in shown], y=list(places.values()), orientation="h", name="chance alone", width=0.72,
        marker={"color": FAINT, "line": {"width": 0}}, hoverinfo="skip",
    )  # fmt: skip
    for verdict, (colour, symbol) in _LOOKS.items():
        part = [c for c in shown if c.verdict == verdict]
        if part:
            _marks(figure, part, places, verdict, {"color": colour, "symbol": symbol, "size": 10})
    weighted = [c for c in check.weighted if c.column in places and c.verdict != "not compared"]
    if weighted:
        open_circle = {"color": CATEGORICAL[5], "symbol": "circle-open", "size": 11, "line": {"width": 2}}
        _marks(figure, weighted, places, "with weights", open_circle)
    figure.update_yaxes(
        tickvals=list(places.values()), ticktext=[plain(shortened(c.column, 26)) for c in shown],
        range=[len(shown) - 0.4, -0.6], tickfont={"size": 12}, zeroline=False, showgrid=False,
    )  # fmt: skip
    figure.update_xaxes(rangemode="tozero", tickformat=".0%")
    return figure


def _marks(
    figure: go.Figure, part: Sequence[ColumnCheck], places: dict[str, int], name: str, marker: dict[str, object]
) -> None:
    figure.add_scatter(
        x=[c.distance for c in part], y=[places[c.column] for c in part], mode="markers", name=name, marker=marker,
        hovertext=[_hover(c) for c in part], hoverinfo="text",
    )  # fmt: skip


def _hover(check: ColumnCheck) -> str:
    distance = f"distance {check.distance:.3f}, by chance up to {check.limit:.3f}"
    return "<br>".join([f"<b>{plain(check.column)}</b>", plain(check.shift), distance, f"p {p_value(check.p)}"])
