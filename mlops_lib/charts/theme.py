"""Colours with one meaning everywhere, and the empty figure that every chart starts from.

Figures leave background and text colour open: Streamlit fills them in for its light and dark scheme, and the report for
paper. Marks therefore use colours that stand on white and on near-black.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, Final

import plotly.graph_objects as go

POSITIVE: Final = "#D55E00"
"""Vermilion, the positive class (Okabe & Ito)."""

NEGATIVE: Final = "#0072B2"
"""Blue, the negative class (Okabe & Ito)."""

NEUTRAL: Final = "#7F8C8D"
"""Grey for what is neither class: totals, all rows, reference lines."""

FAINT: Final = "rgba(127, 140, 141, 0.28)"
"""Grid lines and bands, in both schemes."""

ACCENT: Final = "#0F766E"
"""What can be clicked; never a class, a model or a value."""

MISTAKE: Final = "#B5179E"
"""What was done wrong on purpose, to show its price; it stands for nothing else."""

MODEL_COLOURS: Final[dict[str, str]] = {
    "dummy": "#7F8C8D",
    "logistic_regression": "#009E73",
    "random_forest": "#CC79A7",
    "extra_trees": "#C18700",
    "hist_gradient_boosting": "#3A9BD2",
    "lightgbm": "#8C6BB1",
    "ridge": "#5F9E2F",
    "focal_lightgbm": "#7E5FB0",
    "cost_lightgbm": "#A382CC",
    "balanced_random_forest": "#A8557F",
    "balanced_bagging": "#B5697A",
    "bagged_trees": "#C9808A",
    "easy_ensemble": "#2F7F8F",
    "rusboost": "#4F9AA6",
    "adaboost": "#5C97B0",
    "anomaly": "#8D8A4F",
    "rule": "#8F8478",
}
"""The colour of each model, on every page; an imbalance-aware model has a shade of its plain relative's."""

RUNG_DASHES: Final[dict[str, str]] = {
    "base": "solid",
    "selection": "dash",
    "sampling": "dot",
    "weights": "dashdot",
}
"""The line style of each rung: the model keeps its colour, the strategy shows in the line."""

CATEGORICAL: Final = ("#009E73", "#CC79A7", "#C18700", "#3A9BD2", "#8C6BB1", "#7F8C8D", "#9C8A00")
"""For categories that have no colour of their own; none is a class colour."""

SYMBOLS: Final = ("circle", "diamond", "square", "triangle-up", "x", "cross", "star")
"""Markers beside the colours, so that colour never stands alone."""

SEQUENTIAL: Final = ((0.0, "#EEF6F5"), (0.25, "#A6D2CC"), (0.5, "#5CAAA1"), (0.75, "#1E7C74"), (1.0, "#03403D"))
"""Magnitude from nothing to much."""

DIVERGING: Final = ((0.0, NEGATIVE), (0.25, "#74ADD3"), (0.5, "#E8EAEA"), (0.75, "#E79868"), (1.0, POSITIVE))
"""Around a true zero only."""

HEIGHT: Final = 340
"""Pixels; figures side by side have the same."""

_MARGIN: Final = {"l": 8, "r": 12, "t": 60, "b": 8}


def class_colours(negative: str, positive: str) -> dict[str, str]:
    """The colour of each of the two class labels."""
    return {negative: NEGATIVE, positive: POSITIVE}


def model_colour(name: str) -> str:
    """The fixed colour of a model by its catalogue name; the same other name always gets the same other colour."""
    return MODEL_COLOURS.get(name) or CATEGORICAL[sum(name.encode()) % len(CATEGORICAL)]


def rung_dash(rung: str) -> str:
    """The line style of a rung; "longdash" for one that is not in the ladder."""
    return RUNG_DASHES.get(rung, "longdash")


def category_colours(names: Sequence[str]) -> dict[str, str]:
    """A colour for each name, in the order given, repeating after seven."""
    return {name: CATEGORICAL[i % len(CATEGORICAL)] for i, name in enumerate(names)}


def plain(text: object) -> str:
    """Text from a table for a title, tick or hover, where Plotly would read HTML tags."""
    return escape(str(text), quote=False)


def base_figure(title: str = "", x: str = "", y: str = "", height: int = HEIGHT) -> go.Figure:
    """An empty figure with a light grid, no background and its text colours open.

    `title` states the finding; `x` and `y` are axis titles with units. All three are plain text.
    """
    # Given to the constructor at once: plotly's `update_layout` takes ten times as long over the same.
    return go.Figure(layout=base_layout(title, x, y, height))


def base_layout(title: str = "", x: str = "", y: str = "", height: int = HEIGHT) -> dict[str, Any]:
    """The layout of `base_figure`, for a figure that is made whole at once."""
    axis = {"gridcolor": FAINT, "zerolinecolor": FAINT, "linecolor": FAINT, "automargin": True, "title_standoff": 8}
    return {
        "title": {
            "text": plain(title),
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yanchor": "top",
            "yref": "container",
            "font": {"size": 15},
            "pad": {"t": 8},
        },
        "height": height,
        "margin": _MARGIN if title else {**_MARGIN, "t": 28},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": list(CATEGORICAL),
        "colorscale": {"sequential": SEQUENTIAL, "diverging": DIVERGING},
        "xaxis": {**axis, "title_text": plain(x)},
        # The pad that Streamlit's theme sets between ticks and axis is taken from the standoff, so it is added here.
        "yaxis": {**axis, "title_standoff": 16, "title_text": plain(y)},
        "hoverlabel": {"align": "left"},
        "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.0, "yanchor": "bottom", "title_text": ""},
        "bargap": 0.25,
        "dragmode": "zoom",
    }


def reference_line(figure: go.Figure, *, x: float | None = None, y: float | None = None, label: str = "") -> go.Figure:
    """Add a grey dashed line at one x or y with its label; returns the figure given, which is changed."""
    style = {"line": {"color": NEUTRAL, "width": 1, "dash": "dash"}, "annotation_text": plain(label)}
    if x is not None:
        figure.add_vline(x=x, annotation_position="top", **style)
    if y is not None:
        figure.add_hline(y=y, annotation_position="top left", **style)
    return figure
