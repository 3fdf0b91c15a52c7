"""Runs with many classes and runs of numbers: who is taken for whom, and where a number is missed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlops_lib.charts.theme import ACCENT, FAINT, NEUTRAL, SEQUENTIAL, base_figure, plain
from mlops_lib.objects.words import count, interval, number, percent

MOST_CLASSES = 12
_CELL = 44
_LONG = 18
_LINE = 22
HEIGHT = 420


def class_confusion_chart(table: pd.DataFrame, names: Sequence[str], title: str) -> go.Figure:
    """A confusion matrix of many classes ("confusion" of `class_judging.py`, one run): a cell's depth is its share of
    the rows of that class. Beyond twelve classes those with the fewest rows are put together."""
    matrix, shown = _largest(table, names)
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1e-12)
    labels = [plain(_short(name)) for name in shown]
    figure = base_figure(title, "Decided", "Truth", 130 + _CELL * len(shown))
    said = [
        [
            f"{count(round(c))} of '{plain(shown[i])}' decided as '{plain(shown[j])}' ({percent(shares[i, j])})"
            for j, c in enumerate(row)
        ]
        for i, row in enumerate(matrix)
    ]
    figure.add_heatmap(
        z=shares, x=list(range(len(shown))), y=list(range(len(shown))), zmin=0, zmax=1, colorscale=SEQUENTIAL,
        showscale=False, xgap=2, ygap=2, customdata=said, hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    for i, row in enumerate(matrix):
        for j, cell in enumerate(row):
            if cell:
                figure.add_annotation(
                    x=j, y=i, text=count(round(cell)), showarrow=False,
                    font={"size": 12, "color": "#FFFFFF" if shares[i, j] > 0.5 else "#1B2A2A"},
                )  # fmt: skip
    ticks = {"tickvals": list(range(len(shown))), "ticktext": labels, "showgrid": False, "zeroline": False}
    figure.update_xaxes(**ticks)
    figure.update_yaxes(**ticks, autorange="reversed")
    return figure


def _largest(table: pd.DataFrame, names: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """The matrix of the classes with the most rows, the others together as one."""
    k = len(names)
    matrix = np.zeros((k, k))
    matrix[table["truth"], table["decided"]] = table["rows"]
    if k <= MOST_CLASSES:
        return matrix, list(names)
    kept = np.sort(np.argsort(-matrix.sum(axis=1), kind="stable")[: MOST_CLASSES - 1])
    place = np.full(k, len(kept))
    place[kept] = np.arange(len(kept))
    small = np.zeros((len(kept) + 1, len(kept) + 1))
    np.add.at(small, (place[:, None], place[None, :]), matrix)
    return small, [*(names[c] for c in kept), f"{k - len(kept)} others"]


def _short(name: str) -> str:
    return name if len(name) <= _LONG else f"{name[: _LONG - 1]}…"


def _records(table: pd.DataFrame, columns: Sequence[str]) -> list[list[Any]]:
    """The rows of a table as plain values."""
    return [list(row) for row in zip(*(table[name].tolist() for name in columns), strict=True)]


def per_class_chart(table: pd.DataFrame, metric: str, label: str) -> go.Figure:
    """One metric of every class with its 95 % interval ("per_class" of one run), the class with most rows on top."""
    lines = table[table["metric"] == metric].sort_values("rows", ascending=False, kind="stable").head(30)
    figure = base_figure(f"{label} of each class", label, "", max(220, 110 + 30 * len(lines)))
    said = [
        f"<b>{plain(name)}</b><br>{number(value)} ({interval(low, high)}), {count(round(rows))} rows"
        for name, value, low, high, rows in _records(lines, ("label", "value", "low", "high", "rows"))
    ]
    figure.add_scatter(
        x=lines["value"], y=list(range(len(lines))), mode="markers", hovertext=said, hoverinfo="text",
        marker={"size": 10, "color": ACCENT}, showlegend=False,
        error_x={"type": "data", "symmetric": False, "array": lines["high"] - lines["value"],
                 "arrayminus": lines["value"] - lines["low"], "color": NEUTRAL, "thickness": 1.3, "width": 0},
    )  # fmt: skip
    ticks = [f"{plain(_short(name))} ({count(round(rows))})" for name, rows in _records(lines, ("label", "rows"))]
    figure.update_yaxes(tickvals=list(range(len(lines))), ticktext=ticks, autorange="reversed", showgrid=False)
    figure.update_xaxes(range=[-0.02, 1.02])
    return figure


def observed_chart(grid: pd.DataFrame, column: str, title: str) -> go.Figure:
    """Rows by prediction and truth ("grid" of `number_judging.py`, one run); on the dashed line the two are equal."""
    figure = base_figure(title, f"Predicted {column}", f"Observed {column}", HEIGHT)
    across, down = grid["predicted_low"].to_numpy(), grid["truth_low"].to_numpy()
    width = float((grid["truth_high"] - grid["truth_low"]).iloc[0])
    low, high = float(min(across.min(), down.min())), float(max(grid["predicted_high"].max(), grid["truth_high"].max()))
    edges = low + width * np.arange(round((high - low) / width))
    z = np.full((len(edges), len(edges)), np.nan)
    z[np.round((down - low) / width).astype(int), np.round((across - low) / width).astype(int)] = np.log10(grid["rows"])
    rows = np.round(10**z)
    figure.add_heatmap(
        z=z, x=edges + width / 2, y=edges + width / 2, customdata=rows, colorscale=SEQUENTIAL, zmin=-0.3,
        hovertemplate="predicted about %{x:.4g}, observed about %{y:.4g}: %{customdata:,} rows<extra></extra>",
        colorbar=_log_bar(float(grid["rows"].max())),
    )  # fmt: skip
    figure.add_scatter(
        x=[low, high], y=[low, high], mode="lines", line={"color": NEUTRAL, "dash": "dash", "width": 1.4},
        showlegend=False, hoverinfo="skip",
    )  # fmt: skip
    return figure


def _log_bar(most: float) -> dict[str, object]:
    ticks = [10.0**k for k in range(int(np.floor(np.log10(max(most, 1.0)))) + 1)]
    return {
        "title": {"text": "Rows"}, "tickvals": [float(np.log10(t)) for t in ticks],
        "ticktext": [count(int(t)) for t in ticks], "thickness": 12, "outlinewidth": 0,
    }  # fmt: skip


def residual_chart(table: pd.DataFrame, column: str, title: str) -> go.Figure:
    """What was missed by how much, by prediction ("residuals" of one run): the median of each group, and the bands of
    half and of four fifths of its rows. Above 0 the truth was more than predicted."""
    figure = base_figure(title, f"Predicted {column}, mean of the group", "Truth - prediction", HEIGHT)
    x = table["predicted"]
    for low, high, label, shade in (("q10", "q90", "80 % of rows", FAINT), ("q25", "q75", "half of the rows", FAINT)):
        figure.add_scatter(x=x, y=table[low], mode="lines", line={"width": 0}, showlegend=False, hoverinfo="skip")
        figure.add_scatter(
            x=x, y=table[high], mode="lines", line={"width": 0}, fill="tonexty", fillcolor=shade, name=label,
            hoverinfo="skip",
        )  # fmt: skip
    said = [
        f"predicted {number(at)}, {count(round(rows))} rows<br>median {number(middle)}, mean {number(mean)}<br>"
        f"80 % of rows: {interval(low, high)}"
        for at, rows, middle, mean, low, high in _records(table, ("predicted", "rows", "q50", "residual", "q10", "q90"))
    ]
    figure.add_scatter(
        x=x, y=table["q50"], mode="lines+markers", line={"color": ACCENT, "width": 2}, marker={"size": 7},
        name="median", hovertext=said, hoverinfo="text",
    )  # fmt: skip
    figure.add_hline(y=0, line={"color": NEUTRAL, "width": 1, "dash": "dash"})
    figure.update_layout(margin={"t": figure.layout.margin.t + _LINE})  # on a narrow screen the legend takes two lines
    return figure
