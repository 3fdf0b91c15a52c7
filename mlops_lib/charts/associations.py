"""The association matrix as a heat map, alike columns side by side."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from mlops_lib.charts.labels import shortened
from mlops_lib.charts.theme import SEQUENTIAL, base_figure, plain
from mlops_lib.explore.associations import Associations, Numbers, in_groups, measure_of
from mlops_lib.objects.words import count, number

_FEW = 14


def association_chart(found: Associations, numbers: Numbers = "spearman") -> go.Figure:
    """Size of every pair's association from 0 to 1; sign, measure and rows on hover; the target's name in bold."""
    order = list(in_groups(found, numbers))
    matrix = found.matrix
    values = matrix.values(numbers)[np.ix_(order, order)]
    names = [matrix.names[i] for i in order]
    pairs = [[_hover(found, i, j, matrix.values(numbers)[i, j], numbers) for j in order] for i in order]
    shown = np.abs(values)
    np.fill_diagonal(shown, np.nan)
    size = len(order)
    figure = base_figure(_title(found, numbers), height=min(760, max(380, 20 * size + 170)))
    figure.add_heatmap(
        z=np.round(shown, 4),
        zmin=0,
        zmax=1,
        colorscale=SEQUENTIAL,
        hovertext=pairs,
        hoverinfo="text",
        xgap=1,
        ygap=1,
        texttemplate="%{z:.2f}" if size <= _FEW else None,
        colorbar={"thickness": 10, "len": 0.6, "title": {"text": "strength", "side": "right"}},
    )
    ticks = {
        "tickvals": list(range(size)),
        "ticktext": [_bold(shortened(n), n == found.target) for n in names],
        "showgrid": False,
        "zeroline": False,
        "tickfont": {"size": 11 if size <= 40 else 8},
    }
    figure.update_xaxes(**ticks, tickangle=-60)
    figure.update_yaxes(**ticks, autorange="reversed")
    return figure


def _title(found: Associations, numbers: Numbers) -> str:
    matrix = found.matrix
    values = np.nan_to_num(np.abs(matrix.values(numbers)))
    place = matrix.names.index(found.target)
    values[place, :] = values[:, place] = 0
    np.fill_diagonal(values, 0)
    if not values.any():
        return "No pair of features goes together"
    i, j = np.unravel_index(int(np.argmax(values)), values.shape)
    return f"Closest: {shortened(matrix.names[i])} and {shortened(matrix.names[j])} ({values[i, j]:.2f})"


def _hover(found: Associations, i: int, j: int, value: float, numbers: Numbers) -> str:
    matrix = found.matrix
    if i == j:
        return f"<b>{plain(matrix.names[i])}</b>"
    pair = f"<b>{plain(matrix.names[i])} and {plain(matrix.names[j])}</b>"
    measure = measure_of(matrix, i, j, numbers)
    plainly = f" ({number(matrix.plain[i, j])} before its bias is removed)" if not np.isnan(matrix.plain[i, j]) else ""
    return f"{pair}<br>{measure} {number(value)}{plainly}<br>{count(matrix.n[i, j])} rows have both"


def _bold(text: str, is_target: bool) -> str:
    return f"<b>{plain(text)}</b>" if is_target else plain(text)
