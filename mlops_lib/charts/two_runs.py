"""Two runs row by row."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from mlops_lib.charts.theme import NEGATIVE, NEUTRAL, POSITIVE, base_figure
from mlops_lib.evaluate.flips import GRID, Flips
from mlops_lib.objects.words import count, percent


def probabilities_chart(found: Flips, positive: bool) -> go.Figure:
    """How many rows of one class got which two probabilities; the lines are the mean thresholds of both runs."""
    name = found.names[int(positive)]
    rows = found.grid[int(positive)]
    figure = base_figure(f"'{name}': {count(int(rows.sum()))} rows", "Chosen run", "Reference", 360)
    shown = np.where(rows.T > 0, np.log10(np.maximum(rows.T, 1)) + 0.3, np.nan)
    edges = (np.arange(GRID) + 0.5) * found.top / GRID
    figure.add_heatmap(
        x=edges, y=edges, z=shown, text=[[count(v) for v in line] for line in rows.T.tolist()], showscale=False,
        colorscale=[(0.0, _pale(positive)), (1.0, POSITIVE if positive else NEGATIVE)],
        hovertemplate="chosen %{x:.2f}, reference %{y:.2f}<br>%{text} rows<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=[0, found.top], y=[0, found.top], mode="lines", showlegend=False, hoverinfo="skip",
        line={"color": NEUTRAL, "width": 1, "dash": "dot"},
    )  # fmt: skip
    dashed = {"color": NEUTRAL, "width": 1.3, "dash": "dash"}
    figure.add_vline(x=found.thresholds[0], line=dashed)
    figure.add_hline(y=found.thresholds[1], line=dashed)
    figure.update_xaxes(range=[0, found.top], zeroline=False)
    figure.update_yaxes(range=[0, found.top], zeroline=False)
    return figure


def _pale(positive: bool) -> str:
    return "#F3C7AE" if positive else "#B5D3E6"


def right_chart(found: Flips) -> go.Figure:
    """Rows by who decides rightly."""
    figure = base_figure("Who decides rightly", "Chosen run", "Reference", 250)
    right = found.right.T  # the reference down, the chosen run across
    shares = right / max(found.n, 1)
    apart = np.array([[0.0, 1.0], [1.0, 0.0]])
    figure.add_heatmap(
        x=["right", "wrong"], y=["right", "wrong"], z=apart, showscale=False, xgap=3, ygap=3, zmin=0, zmax=1,
        colorscale=[(0.0, "#E3E8E8"), (1.0, "#B9C4C4")], textfont={"color": "#0B1213"},
        text=[[f"<b>{count(c)}</b><br>{percent(s)}" for c, s in zip(a, b, strict=True)]
              for a, b in zip(right.tolist(), shares.tolist(), strict=True)],
        texttemplate="%{text}", hoverinfo="skip",
    )  # fmt: skip
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(showgrid=False, autorange="reversed")
    return figure
