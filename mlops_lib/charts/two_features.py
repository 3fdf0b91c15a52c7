"""The target over the bins of two features: a map of cells, with each feature alone above and on the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mlops_lib.charts.labels import faded, shortened
from mlops_lib.charts.linked import SELECTED
from mlops_lib.charts.theme import FAINT, NEUTRAL, SEQUENTIAL, base_figure, plain
from mlops_lib.explore.binned import BinnedColumn
from mlops_lib.explore.binning import edge_words
from mlops_lib.explore.linked import Level
from mlops_lib.explore.rare_levels import ENOUGH
from mlops_lib.explore.two_features import Joint, Margin, margin
from mlops_lib.explore.two_features_words import cell_words
from mlops_lib.objects.words import counted, interval, number, percent

_WRITTEN = 9
"""Columns up to which each cell has its number written in it."""

_MAP, _TOP, _RIGHT = 0, 1, 2
_UNFADED = {"selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}}}
_CLEAR = "rgba(0,0,0,0)"


def two_features_chart(found: Joint, first: Sequence[int] = (), second: Sequence[int] = ()) -> go.Figure:
    """The map with its margins; `first` and `second` are the chosen bins, which filter the other margin.

    Cells under `ENOUGH` rows are hatched grey, not coloured. The first three traces, for the map and its margins, are
    unseen and take the clicks; `clicked` reads them.
    """
    a, b = found.cells.n.shape
    tall = 150 + max(230, min(24 * b, 420))
    figure = base_figure(x=shortened(found.first.name, 60), height=tall)
    figure.add_annotation(
        text=plain(f"↓ {shortened(found.second.name, 40)}"), x=0, y=0.74, xref="paper", yref="paper", xanchor="left",
        yanchor="bottom", showarrow=False, yshift=1,
    )  # fmt: skip
    above, beside = margin(found, 0, second), margin(found, 1, first)
    all_above, all_beside = margin(found, 0), margin(found, 1)
    _clicks(figure, found, (above, beside))
    _cells(figure, found, written=a <= _WRITTEN)
    for axis, all_rows, some, chosen, other in (
        (_TOP, all_above, above, first, second), (_RIGHT, all_beside, beside, second, first),
    ):  # fmt: skip
        _bars(figure, axis, all_rows.level, [faded(NEUTRAL, 0.5)] * len(all_rows.n), 0.9)
        if len(other):
            pale = [SELECTED if not chosen or k in chosen else faded(SELECTED, 0.3) for k in range(len(some.n))]
            _bars(figure, axis, np.where(some.n > 0, some.level, np.nan), pale, 0.5)
    figure.update_layout(
        barmode="overlay", showlegend=False, hovermode="closest", hoverdistance=40, dragmode=False,
        margin={"l": 8, "r": 8, "t": 8, "b": 8}, shapes=_frames((a, b), first, second), **_axes(found, figure),
    )  # fmt: skip
    return figure


def clicked(
    found: Joint, selection: Mapping[str, Any], first: Sequence[int], second: Sequence[int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The chosen bins of both after a click: a cell chooses its two bins alone (again: none), a bar is added or taken.

    `selection` has "points" with "curve_number" and "point_index", as Plotly gives them.
    """
    now = set(first), set(second)
    bins = found.cells.n.shape
    for point in selection.get("points", ()):
        curve, place = int(point["curve_number"]), int(point["point_index"])
        if curve == _MAP and place < bins[0] * bins[1]:
            cell = {place % bins[0]}, {place // bins[0]}
            now = (set(), set()) if now == cell else cell
        elif curve in (_TOP, _RIGHT) and place < bins[curve - _TOP]:
            now[curve - _TOP].symmetric_difference_update({place})
    return tuple(sorted(now[0])), tuple(sorted(now[1]))


def _clicks(figure: go.Figure, found: Joint, margins: tuple[Margin, Margin]) -> None:
    a, b = found.cells.n.shape
    levels = found.cells.levels(found.of)
    hover = [_cell_hover(found, i, j, levels) for j in range(b) for i in range(a)]
    figure.add_scatter(
        x=[i for _ in range(b) for i in range(a)], y=[j for j in range(b) for _ in range(a)], mode="markers",
        marker={"color": _CLEAR, "size": 16, "symbol": "square"}, hovertext=hover, hoverinfo="text", **_UNFADED,
    )  # fmt: skip
    for axis, column, some in ((_TOP, found.first, margins[0]), (_RIGHT, found.second, margins[1])):
        reach = _reach(found)[1]
        _bars(figure, axis, np.full(len(some.n), reach), [_CLEAR] * len(some.n), 1.0, _hovers(found, column, some))


def _cells(figure: go.Figure, found: Joint, *, written: bool) -> None:
    """Cells with rows enough in colour, the others grey; empty ones stay open."""
    n = found.cells.n.T
    level = found.cells.levels(found.of)[0].T
    sure, unsure = n >= ENOUGH, (n > 0) & (n < ENOUGH)
    shown = level[sure]
    low, high = (float(shown.min()), float(shown.max())) if shown.size else (0.0, 1.0)
    low = 0.0 if found.of >= 0 else low
    words = np.where(sure, [[_short(found, v) for v in row] for row in level], "") if written else None
    figure.add_heatmap(
        z=np.where(sure, level, np.nan), colorscale=SEQUENTIAL, zmin=low, zmax=high,
        xgap=1, ygap=1, hoverinfo="skip", text=words, texttemplate="%{text}" if written else None, showscale=False,
    )  # fmt: skip
    small = np.where(unsure, [[f"n {k}" for k in row] for row in n], "") if written else None
    figure.add_heatmap(
        z=np.where(unsure, 1.0, np.nan), colorscale=[[0, faded(NEUTRAL, 0.25)], [1, faded(NEUTRAL, 0.25)]],
        xgap=1, ygap=1, hoverinfo="skip", showscale=False, text=small, texttemplate="%{text}" if written else None,
        textfont={"size": 10, "color": NEUTRAL},
    )  # fmt: skip


def _bars(
    figure: go.Figure, axis: int, lengths: np.ndarray, colours: list[str], width: float, hover: list[str] | None = None
) -> None:
    places = list(range(len(lengths)))
    top = axis == _TOP
    along = {"x": places, "y": lengths, "yaxis": "y2"} if top else {"y": places, "x": lengths, "xaxis": "x2"}
    figure.add_bar(
        **along, orientation="v" if top else "h", width=width, marker={"color": colours, "line": {"width": 0}},
        hovertext=hover, hoverinfo="text" if hover else "skip", **_UNFADED,
    )  # fmt: skip


def _axes(found: Joint, figure: go.Figure) -> dict[str, Any]:
    still = {"showgrid": False, "zeroline": False, "fixedrange": True, "linecolor": FAINT, "automargin": True}
    across, up = figure.layout.xaxis.to_plotly_json(), figure.layout.yaxis.to_plotly_json()
    a, b = found.cells.n.shape
    rates = {
        **still, "range": _reach(found), "nticks": 3, "tickfont": {"size": 10},
        "tickformat": ".0%" if found.of >= 0 else "",
    }  # fmt: skip
    return {
        "xaxis": {**across, **still, **_ticks(found.first, 8), "domain": [0, 0.8], "range": [-0.5, a - 0.5]},
        "yaxis": {**up, **still, **_ticks(found.second, 14), "domain": [0, 0.74], "range": [b - 0.5, -0.5]},
        "xaxis2": {**rates, "domain": [0.83, 1], "anchor": "y"},
        "yaxis2": {**rates, "domain": [0.79, 1], "anchor": "x"},
    }


def _ticks(column: BinnedColumn, most: int) -> dict[str, Any]:
    """Labels under the bins; for numbers and dates the edges between them."""
    if column.edges is None or column.single:
        step = max(1, -(-len(column.labels) // most)) if column.edges else 1
        places = [float(i) for i in range(0, len(column.labels), step)]
        words = [shortened(column.labels[int(i)], 12) for i in places]
    else:
        edges = [(k - 0.5, w) for k, w in enumerate(edge_words(np.array(column.edges), column.kind == "date")) if w]
        places, words = (list(t) for t in zip(*edges[:: max(1, -(-len(edges) // most))], strict=True))
        if column.missing:
            places, words = [*places, len(column.labels) - 1], [*words, "?"]
    return {"tickvals": places, "ticktext": [plain(w) for w in words], "tickfont": {"size": 11}}


def _reach(found: Joint) -> list[float]:
    """The range of both margins: those of all rows with some room; a share begins at 0."""
    levels = np.concatenate([margin(found, axis).level for axis in (0, 1)])
    some = levels[np.isfinite(levels)]
    low, high = float(some.min()), float(some.max())
    return (
        [0.0, min(1.0, 1.5 * high)]
        if found.of >= 0
        else [low - 0.2 * (high - low or 1), high + 0.2 * (high - low or 1)]
    )


def _frames(bins: tuple[int, int], first: Sequence[int], second: Sequence[int]) -> list[dict[str, Any]]:
    """A frame around what is chosen."""
    if not (first or second):
        return []
    columns = [(i - 0.5, i + 0.5) for i in first] or [(-0.5, bins[0] - 0.5)]
    rows = [(j - 0.5, j + 0.5) for j in second] or [(-0.5, bins[1] - 0.5)]
    line = {"color": SELECTED, "width": 2.5}
    return [
        {"type": "rect", "x0": x0, "x1": x1, "y0": y0, "y1": y1, "line": line} for x0, x1 in columns for y0, y1 in rows
    ]


def _cell_hover(found: Joint, i: int, j: int, levels: tuple[np.ndarray, np.ndarray, np.ndarray]) -> str:
    value, low, high = (float(part[i, j]) for part in levels)
    bins, said = cell_words(found, i, j, Level(int(found.cells.n[i, j]), value, low, high))
    unsure = "<br>too few rows to be sure" if 0 < found.cells.n[i, j] < ENOUGH else ""
    return f"<b>{plain(bins)}</b><br>{plain(said)}{unsure}"


def _hovers(found: Joint, column: BinnedColumn, some: Margin) -> list[str]:
    lines = []
    for k, label in enumerate(column.labels):
        text = f"<b>{plain(shortened(column.name, 30))}: {plain(shortened(label, 40))}</b><br>"
        text += counted(int(some.n[k]), "row")
        if some.n[k]:
            reach = (
                f"{percent(some.low[k])} to {percent(some.high[k])}"
                if found.of >= 0
                else interval(some.low[k], some.high[k])
            )
            text += f": {_short(found, some.level[k])} ({reach})"
        lines.append(text)
    return lines


def _short(found: Joint, value: float) -> str:
    return percent(value) if found.of >= 0 else number(value)
