"""What a sampler does: counts by class, the rows on two axes, and how near the made rows lie to real ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlops_lib.charts.theme import NEGATIVE, NEUTRAL, POSITIVE, base_figure, category_colours, plain
from mlops_lib.objects.words import count, number, percent
from mlops_lib.train.preview import FoldXray, XrayFolds

PRINCIPAL = ""
"""Stands for the principal components where an axis is chosen."""

_MARKS = {"kept": "circle", "made": "x-thin-open", "removed": "circle-open"}
_TALL = 300
"""Pixels of a figure, so that both rows of them fit on a screen."""

_EDGE = 0.08
_BINS = 32
_LEGEND = 7


def counts_chart(fold: FoldXray, names: Sequence[str]) -> go.Figure:
    """Rows of each class before and after: solid kept, hatched made, and outlined what was removed."""
    found = fold.found
    before = np.asarray(fold.before)
    made, removed = (np.asarray(c) if found else np.zeros_like(before) for c in
                     ((found.made, found.removed) if found else (before, before)))  # fmt: skip
    labels, colours = [plain(name) for name in names], _colours(names)
    figure = base_figure(
        _counts_title(before, before + made - removed, names), y="training rows of the fold", height=_TALL
    )
    at_before, at_after = [labels, ["before"] * len(labels)], [labels, ["after"] * len(labels)]
    bars = (
        (at_before, before, {"color": colours}, "before"),
        (at_after, before - removed, {"color": colours}, "kept"),
        (at_after, made, {"color": colours, "pattern": {"shape": "/", "fgcolor": "white", "size": 6}}, "made"),
        (at_after, removed, {"color": "rgba(0,0,0,0)", "line": {"color": NEUTRAL, "width": 1.5}}, "removed"),
    )
    for x, y, marker, what in bars:
        figure.add_bar(x=x, y=y, marker=marker, hovertemplate=f"%{{x[0]}}: %{{y:,}} {what}<extra></extra>")
    figure.update_layout(barmode="stack", showlegend=False, bargap=0.35)
    for k, label in enumerate(labels):
        _label(figure, [label, "before"], before[k], count(before[k]))
        _label(figure, [label, "after"], before[k] + made[k], _changed(before[k], made[k], removed[k]))
    figure.update_yaxes(range=[0, float((before + made).max()) * 1.2])
    return figure


def picture(
    fold: FoldXray, names: Sequence[str], after: bool, axes: tuple[str, str] = (PRINCIPAL, PRINCIPAL)
) -> go.Figure:
    """The rows of a fold before or after the sampler, over two of its `axes` in their own unit, or over the first two
    principal components of the rows before (`PRINCIPAL`). Both pictures have the same axes."""
    points = _placed(fold, axes)
    states = ("kept", "made") if after else ("kept", "removed")
    shown = points[points["state"].isin(states)]
    figure = base_figure(_picture_title(fold, names, after), *_axis_titles(fold, axes), _TALL)
    several = len(names) > 2
    for state in states:
        for code, (name, colour) in enumerate(zip(names, _colours(names), strict=True)):
            rows = shown[(shown["code"] == code) & (shown["state"] == state)]
            if len(rows):
                figure.add_trace(_scatter(rows, name, state, colour))
                if several:  # one entry a class; what the marks mean is said beside the figure
                    figure.data[-1].update(name=plain(name), showlegend=state == "kept" and code < _LEGEND)
    labelled = axes != (PRINCIPAL, PRINCIPAL)
    figure.update_xaxes(range=_range(points["x"]), showticklabels=labelled)
    figure.update_yaxes(range=_range(points["y"]), showticklabels=labelled, title_standoff=8)
    lines = (min(len(names), _LEGEND) + 1) // 2 - 1 if several else 0
    figure.update_layout(
        height=_TALL + 20 * lines,
        legend={"yref": "container", "y": 0.01, "yanchor": "bottom"},
        margin={"l": 60 if labelled else 34, "t": 36, "b": (84 if labelled else 68) + 20 * lines, "autoexpand": False},
    )
    return figure


def distance_chart(shown: XrayFolds) -> go.Figure:
    """Where rows were made, how far they lie from the nearest real row of their class, beside the same among real rows;
    else how far the removed ones lie from the nearest row of another class, beside real rows of their class."""
    made = shown.total("made") > 0
    group, beside, to = ("made_to", "like_made", "same") if made else ("removed_to", "like_removed", "other")
    mine, real = shown.distances(group, to), shown.distances(beside, to)
    what = "made" if made else "removed"
    x = f"distance to the nearest real row of {'the same' if made else 'another'} class"
    figure = base_figure(_distance_title(what, mine, real), x, "share of the rows", _TALL)
    if not len(mine) or not len(real):
        return figure
    edges = np.linspace(0.0, float(np.quantile(np.concatenate([mine, real]), 0.995)) or 1.0, _BINS + 1)
    for values, name, colour, pattern in (
        (real, "real rows", NEUTRAL, ""),
        (mine, f"{what} rows", _group_colour(shown, what), "/"),
    ):
        share = np.histogram(np.minimum(values, edges[-1]), edges)[0] / len(values)
        figure.add_bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=share,
            width=edges[1],
            name=f"{name} (median {number(float(np.median(values)))})",
            marker={
                "color": colour,
                "opacity": 0.65,
                "line": {"width": 0},
                "pattern": {"shape": pattern, "size": 6, "fillmode": "overlay", "fgopacity": 0.6},
            },
            hovertemplate=f"{name}: %{{y:.1%}} at about %{{x:.3g}}<extra></extra>",
        )
    figure.update_layout(barmode="overlay", bargap=0, legend={"yref": "container", "y": 0.01, "yanchor": "bottom"})
    figure.update_layout(margin={"l": 60, "t": 36, "b": 100, "autoexpand": False})
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    return figure


def _colours(names: Sequence[str]) -> list[str]:
    """Blue and vermilion for two classes; others have no colour of their own."""
    return [NEGATIVE, POSITIVE] if len(names) == 2 else list(category_colours(names).values())


def _group_colour(shown: XrayFolds, what: str) -> str:
    """The colour of the class whose rows they are; grey-green where they are of several."""
    mine = [k for k in range(len(shown.names)) if any(getattr(found, what)[k] for found in shown.worked)]
    return _colours(shown.names)[mine[0]] if len(mine) == 1 else category_colours(["several"])["several"]


def _counts_title(before: np.ndarray, after: np.ndarray, names: Sequence[str]) -> str:
    rare = len(names) - 1 if len(names) == 2 else int(np.argmin(before))
    was, now = percent(before[rare] / before.sum()), percent(after[rare] / max(after.sum(), 1))
    return f"'{names[rare]}' goes from {was} to {now} of the rows" if was != now else "The shares stay as they are"


def _label(figure: go.Figure, x: list[str], y: float, text: str) -> None:
    figure.add_annotation(x=x, y=float(y), text=text, showarrow=False, yanchor="bottom", yshift=2)


def _changed(before: int, made: int, removed: int) -> str:
    changes = [f"+{count(made)}"] * bool(made) + [f"−{count(removed)}"] * bool(removed)
    said = f"<br>{', '.join(changes)}" if changes else ""
    return f"{count(before + made - removed)}{said}"


def _placed(fold: FoldXray, axes: tuple[str, str]) -> pd.DataFrame:
    """The points with x and y on the chosen axes."""
    points = fold.points
    if points is None:
        return pd.DataFrame(columns=["x", "y", "code", "state"])
    columns = [str(fold.axes.index(a)) if a in fold.axes else own for a, own in zip(axes, ("x", "y"), strict=True)]
    return pd.DataFrame(
        {"x": points[columns[0]], "y": points[columns[1]], "code": points["code"], "state": points["state"]}
    )


def _scatter(rows: pd.DataFrame, name: str, state: str, colour: str) -> go.Scatter:
    solid = state == "kept"
    marker = {"color": colour, "symbol": _MARKS[state], "size": 6, "opacity": 0.55 if solid else 0.9}
    return go.Scatter(
        x=rows["x"],
        y=rows["y"],
        mode="markers",
        name=plain(f"{name}, {state}"),
        marker={**marker, "line": {"width": 0 if solid else 1.2, "color": colour}},
        hovertemplate=f"{plain(name)}, {state}: %{{x:,.4g}}, %{{y:,.4g}}<extra></extra>",
    )


def _picture_title(fold: FoldXray, names: Sequence[str], after: bool) -> str:
    counts = fold.found.after if after and fold.found else fold.before
    said = ", ".join(f"'{name}' {count(n)}" for n, name in zip(counts, names, strict=True))
    when = "After" if after else "Before"
    return f"{when}: {said}" if len(names) <= 2 else f"{when}: {count(sum(counts))} rows of {len(names)} classes"


def _axis_titles(fold: FoldXray, axes: tuple[str, str]) -> tuple[str, str]:
    shares = (*fold.shown_variance, 0.0, 0.0)
    own = f"first principal component ({percent(shares[0])} of the spread)", f"second ({percent(shares[1])})"
    x, y = (axis if axis in fold.axes else title for axis, title in zip(axes, own, strict=True))
    return x, y


def _distance_title(what: str, mine: np.ndarray, real: np.ndarray) -> str:
    if not len(mine) or not len(real):
        return "There is nothing to compare"
    ratio = float(np.median(mine)) / (float(np.median(real)) or 1.0)
    place = "a real row" if what == "made" else "another class"
    if ratio == 0:
        return f"Half of the {what} rows repeat a real one"
    if 0.9 <= ratio <= 1.1:
        return f"{what.capitalize()} rows: about as near to {place} as others"
    times = f"{number(1 / ratio, 2)} times nearer to" if ratio < 1 else f"{number(ratio, 2)} times further from"
    return f"{what.capitalize()} rows: {times} {place}"


def _range(values: pd.Series) -> list[float] | None:
    if values.empty:
        return None
    low, high = float(np.min(values)), float(np.max(values))
    room = (high - low or 1.0) * _EDGE
    return [low - room, high + room]
