"""Scored rows as a figure."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from mlops_lib.charts.theme import NEGATIVE, POSITIVE, base_figure, reference_line
from mlops_lib.objects.words import number


def probability_chart(bins: np.ndarray, threshold: float, names: tuple[str, ...]) -> go.Figure:
    """Rows by probability in equal parts of [0, 1]; bars at or above the threshold have the positive class's colour.

    The bar that the threshold cuts takes the colour of its middle.
    """
    edges = np.linspace(0.0, 1.0, len(bins) + 1)
    middle = (edges[:-1] + edges[1:]) / 2
    figure = base_figure("Where the new rows lie", x=f"Probability of '{names[1]}'", y="Rows")
    figure.add_bar(
        x=middle,
        y=bins,
        width=1.0 / len(bins),
        marker={"color": np.where(middle >= threshold, POSITIVE, NEGATIVE).tolist(), "line": {"width": 0}},
        customdata=np.column_stack([edges[:-1], edges[1:]]),
        hovertemplate="%{y:,} rows between %{customdata[0]:.3f} and %{customdata[1]:.3f}<extra></extra>",
    )
    figure.update_xaxes(range=[0, 1])
    figure.update_layout(bargap=0.02, showlegend=False)
    return reference_line(figure, x=threshold, label=f"threshold {number(threshold)}")
