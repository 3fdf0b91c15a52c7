"""The association matrix as a heat map, alike columns side by side."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from mlops_lib.charts.labels import shortened
from mlops_lib.charts.theme import base_figure, plain
from mlops_lib.explore.associations import Associations, Numbers, in_groups, measure_of
from mlops_lib.objects.words import count, number

CLICKABLE = 60
"""Columns up to which a cell can be clicked; beyond, cells are a few pixels wide and the marks weigh megabytes."""

_LONGEST = 18
_JOINER = "\N{WORD JOINER}"
_SCALE = ((0.0, "rgba(30, 156, 143, 0.06)"), (1.0, "rgba(30, 156, 143, 1)"))
"""From almost nothing to full: on white and on near-black alike, strong pairs stand out and weak ones recede."""


def association_chart(found: Associations, numbers: Numbers = "spearman") -> go.Figure:
    """Size of every pair's association from 0 to 1; sign, measure and rows on hover; the target's name in bold."""
    order = list(in_groups(found, numbers))
    matrix = found.matrix
    values = matrix.values(numbers)
    shown = np.abs(values[np.ix_(order, order)])
    np.fill_diagonal(shown, np.nan)
    size = len(order)
    names = _unique([matrix.names[i] for i in order], found.target)
    hover = [[_hover(found, i, j, values[i, j], numbers) for j in order] for i in order]
    figure = base_figure(_title(found, values), height=min(780, max(380, 20 * size + 190)))
    figure.add_heatmap(
        x=names,
        y=names,
        z=np.round(shown, 4),
        zmin=0,
        zmax=1,
        colorscale=_SCALE,
        hovertext=hover,
        hoverinfo="skip" if size <= CLICKABLE else "text",
        xgap=1,
        ygap=1,
        colorbar={"thickness": 8, "len": 0.5, "nticks": 3},
    )
    if size <= CLICKABLE:
        _clicks(figure, names, order, hover)
    # A category axis leaves out labels that would overlap on a narrow screen.
    ticks = {"type": "category", "showgrid": False, "zeroline": False, "tickfont": {"size": 11 if size <= 40 else 8}}
    figure.update_xaxes(**ticks, tickangle=-60, range=[-0.5, size - 0.5])
    figure.update_yaxes(**ticks, range=[size - 0.5, -0.5])
    return figure


def _clicks(figure: go.Figure, labels: list[str], order: list[int], hover: list[list[str]]) -> None:
    """Clear marks over the cells, whose own data are two places in the matrix: a heat map itself is not selected."""
    cells = [(i, j) for i in range(len(order)) for j in range(len(order))]
    unchanged = {"marker": {"opacity": 0}}
    figure.add_scatter(
        x=[labels[j] for _, j in cells],
        y=[labels[i] for i, _ in cells],
        mode="markers",
        marker={"symbol": "square", "size": 18, "opacity": 0},
        customdata=[[order[i], order[j]] for i, j in cells],
        hovertext=[hover[i][j] for i, j in cells],
        hoverinfo="text",
        selected=unchanged,
        unselected=unchanged,
        showlegend=False,
    )


def _unique(names: list[str], target: str) -> list[str]:
    """Names cut to fit, the target's in bold; two that look the same then are told apart by invisible joiners."""
    labels: list[str] = []
    for name in names:
        label = plain(shortened(name, _LONGEST))
        label = f"<b>{label}</b>" if name == target else label
        labels.append(label + _JOINER * sum(label == known.rstrip(_JOINER) for known in labels))
    return labels


def _title(found: Associations, values: np.ndarray) -> str:
    matrix = found.matrix
    values = np.nan_to_num(np.abs(values))
    place = matrix.names.index(found.target)
    values[place, :] = values[:, place] = 0
    np.fill_diagonal(values, 0)
    if not values.any():
        return "No pair of features goes together"
    i, j = np.unravel_index(int(np.argmax(values)), values.shape)
    size = number(float(values[i, j]))
    return f"Closest: {shortened(matrix.names[i], 16)} and {shortened(matrix.names[j], 16)} ({size})"


def _hover(found: Associations, i: int, j: int, value: float, numbers: Numbers) -> str:
    matrix = found.matrix
    if i == j:
        return f"<b>{plain(matrix.names[i])}</b>"
    pair = f"<b>{plain(matrix.names[i])} and {plain(matrix.names[j])}</b>"
    measure = measure_of(matrix, i, j, numbers)
    plainly = f" ({number(matrix.plain[i, j])} before its bias is removed)" if not np.isnan(matrix.plain[i, j]) else ""
    return f"{pair}<br>{measure} {number(value)}{plainly}<br>{count(matrix.n[i, j])} rows have both"
