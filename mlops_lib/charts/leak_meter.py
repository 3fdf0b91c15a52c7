"""What the wrong order of steps pretends: two values a metric, and the gap between them."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from mlops_lib.charts.theme import MISTAKE, NEUTRAL, base_figure, plain
from mlops_lib.objects.words import interval, number
from mlops_lib.threshold.leak_meter import LeakMeter

_ROW = 56


def leak_chart(meter: LeakMeter) -> go.Figure:
    """Each metric in the right order (filled) and in the wrong one (crossed), with 95 % intervals."""
    table = meter.table
    labels = [f"{one.label}{'' if one.higher_is_better else ' (lower is better)'}" for one in table.itertuples()]
    height = 120 + _ROW * len(table)
    figure = base_figure("What the wrong order pretends", "Value, with 95 % intervals", "", height)
    for name, title, colour, symbol, shift in (
        ("honest", "right order", NEUTRAL, "circle", -0.11),
        ("wrong", "wrong order", MISTAKE, "x", 0.11),
    ):
        value, low, high = (table[name + end].to_numpy() for end in ("", "_low", "_high"))
        said = [
            f"<b>{plain(label)}</b>, {title}<br>{number(v)} ({interval(a, b)})"
            for label, v, a, b in zip(labels, value, low, high, strict=True)
        ]
        figure.add_scatter(
            x=value, y=np.arange(len(value)) + shift, mode="markers", name=title, hovertext=said, hoverinfo="text",
            marker={"color": colour, "symbol": symbol, "size": 11},
            error_x={"type": "data", "symmetric": False, "array": high - value, "arrayminus": value - low,
                     "color": colour, "thickness": 1.5, "width": 0},
        )  # fmt: skip
    for row, label in enumerate(labels):
        figure.add_annotation(
            x=0, xref="paper", xanchor="left", y=row, yshift=19, text=plain(label), showarrow=False, font={"size": 12}
        )
    figure.update_yaxes(range=[len(labels) - 0.5, -0.75], showticklabels=False, showgrid=False, zeroline=False)
    figure.update_xaxes(range=[0, 1.02])
    return figure
