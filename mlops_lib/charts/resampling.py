"""What a sampler does: counts by class, and the rows on two axes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlops_lib.charts.theme import HEIGHT, NEGATIVE, NEUTRAL, POSITIVE, base_figure, plain
from mlops_lib.objects.words import count, percent
from mlops_lib.train.preview import Preview

_COLOURS = (NEGATIVE, POSITIVE)
_MARKS = {"kept": "circle", "made": "diamond-open", "removed": "x-thin-open"}
_EDGE = 0.08


def counts_chart(preview: Preview) -> go.Figure:
    """Rows of each class before and after: solid kept, hatched made, and outlined what was removed."""
    table = preview.table()
    kept = table["before"] - table["removed"]
    figure = base_figure(_counts_title(table), y="training rows of the fold", height=HEIGHT)
    names = [plain(name) for name in table["class"]]
    before = [names, ["before"] * 2]
    after = [names, ["after"] * 2]
    hover = "%{x[0]}, %{x[1]}: %{y:,} rows<extra></extra>"
    figure.add_bar(x=before, y=table["before"], marker_color=_COLOURS, hovertemplate=hover)
    figure.add_bar(x=after, y=kept, marker_color=_COLOURS, hovertemplate="%{x[0]}: %{y:,} kept<extra></extra>")
    made = {"color": _COLOURS, "pattern": {"shape": "/", "fgcolor": "white", "size": 6}}
    figure.add_bar(x=after, y=table["made"], marker=made, hovertemplate="%{x[0]}: %{y:,} made<extra></extra>")
    gone = {"color": "rgba(0,0,0,0)", "line": {"color": NEUTRAL, "width": 1.5}}
    figure.add_bar(x=after, y=table["removed"], marker=gone, hovertemplate="%{x[0]}: %{y:,} removed<extra></extra>")
    figure.update_layout(barmode="stack", showlegend=False, bargap=0.35)
    for x, total, note in _labels(names, table):
        figure.add_annotation(x=x, y=total, text=note, showarrow=False, yanchor="bottom", yshift=2)
    figure.update_yaxes(range=[0, float((kept + table["made"] + table["removed"]).max()) * 1.18])
    return figure


def picture(preview: Preview, after: bool) -> go.Figure:
    """The rows before or after the sampler on the first two principal components of the rows before it."""
    points = preview.points if preview.points is not None else pd.DataFrame(columns=["x", "y", "class", "state"])
    states = ("kept", "made") if after else ("kept", "removed")
    shown = points[points["state"].isin(states)]
    x, y = _axis_titles(preview)
    figure = base_figure(_picture_title(preview, after), x, y, HEIGHT + 20)
    for name, colour in zip(preview.names, _COLOURS, strict=True):
        for state in states:
            rows = shown[(shown["class"] == name) & (shown["state"] == state)]
            if len(rows):
                figure.add_trace(_scatter(rows, f"{name}, {state}", colour, state))
    figure.update_xaxes(range=_range(points["x"]), showticklabels=False)
    figure.update_yaxes(range=_range(points["y"]), showticklabels=False)
    figure.update_layout(
        legend={"yref": "container", "y": 0.01, "yanchor": "bottom"},
        margin={"l": 34, "b": 84, "autoexpand": False},
    )
    return figure


def _scatter(rows: pd.DataFrame, name: str, colour: str, state: str) -> go.Scatter:
    width = 1.2 if state != "kept" else 0
    marker = {"color": colour, "symbol": _MARKS[state], "size": 6 if state == "kept" else 7, "opacity": 0.7}
    return go.Scatter(
        x=rows["x"],
        y=rows["y"],
        mode="markers",
        name=plain(name),
        marker={**marker, "line": {"width": width, "color": colour}},
        hovertemplate=f"{plain(name)}<extra></extra>",
    )


def _counts_title(table: pd.DataFrame) -> str:
    positive = table["class"].iloc[1]
    before, after = (percent(float(table[f"share {when}"].iloc[1])) for when in ("before", "after"))
    return (
        f"'{positive}' goes from {before} to {after} of the rows" if before != after else "The shares stay as they are"
    )


def _labels(names: list[str], table: pd.DataFrame) -> list[tuple[list[str], float, str]]:
    labels: list[tuple[list[str], float, str]] = []
    for name, row in zip(names, table.to_dict("records"), strict=True):
        labels.append(([name, "before"], float(row["before"]), count(row["before"])))
        changes = [f"+{count(row['made'])}"] * bool(row["made"]) + [f"−{count(row['removed'])}"] * bool(row["removed"])
        said = f"<br>{', '.join(changes)}" if changes else ""
        labels.append(([name, "after"], float(row["after"] + row["removed"]), f"{count(row['after'])}{said}"))
    return labels


def _picture_title(preview: Preview, after: bool) -> str:
    counts = preview.after if after else preview.before
    said = ", ".join(f"'{name}' {count(n)}" for n, name in zip(counts, preview.names, strict=True))
    return f"{'After' if after else 'Before'}: {said}"


def _axis_titles(preview: Preview) -> tuple[str, str]:
    shares = (*preview.shown_variance, 0.0, 0.0)
    return (
        f"first principal component ({percent(shares[0])} of the spread)",
        f"second ({percent(shares[1])})",
    )


def _range(values: pd.Series) -> list[float] | None:
    if values.empty:
        return None
    low, high = float(np.min(values)), float(np.max(values))
    room = (high - low or 1.0) * _EDGE
    return [low - room, high + room]
