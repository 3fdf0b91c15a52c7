"""A column by itself and by the target: rows above, how often the positive class occurs below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mlops_lib.charts.labels import shortened
from mlops_lib.charts.theme import (
    FAINT,
    NEUTRAL,
    POSITIVE,
    base_figure,
    base_layout,
    category_colours,
    class_colours,
    plain,
)
from mlops_lib.explore.binning import edge_words
from mlops_lib.explore.distributions import Distribution
from mlops_lib.explore.rare_levels import ENOUGH
from mlops_lib.objects.words import count, counted, number, percent

LEVEL = "#009E73"
"""The mean of a numeric target."""

_TICKS = 7
_SMALL_HEIGHT = 170


@dataclass(frozen=True)
class _Axis:
    """Where each bin stands on the axis of values, how wide it is, and the ticks."""

    centres: list[float]
    widths: list[float]
    tickvals: list[float]
    ticktext: list[str]


def column_chart(d: Distribution, height: int = 440) -> go.Figure:
    """Rows per bin, coloured by class, and below (for categories beside) the level of the target with its interval."""
    return _sideways(d, height) if d.edges is None else _upright(d, height)


def target_chart(d: Distribution, height: int = 280) -> go.Figure:
    """Rows by value of a numeric target."""
    axis = _axis(d)
    middle = d.summary.iloc[0]
    title = f"Half lie between {number(middle['quarter'])} and {number(middle['three_quarters'])}"
    figure = base_figure(title, x=shortened(d.name, 40), y="Rows", height=height)
    _add_rows(figure, d, axis.centres, axis.widths, "v")
    figure.update_xaxes(tickvals=axis.tickvals, ticktext=[plain(t) for t in axis.ticktext])
    return figure


def small_chart(d: Distribution) -> go.Figure:
    """The same for a wall of many: grey bars for the rows, the level of the target over them, no axis titles."""
    axis, hover = _axis(d), _hovers(d)
    rows = go.Bar(
        x=axis.centres, y=d.counts, width=axis.widths, marker_color=NEUTRAL, opacity=0.45, hovertext=hover,
        hoverinfo="text", name="rows",
    )  # fmt: skip
    figure = go.Figure(rows, _small_layout(d, axis))
    if d.target_kind != "classes":
        enough = np.where(_enough(d), d.level, np.nan)
        figure.add_scatter(x=axis.centres, y=enough, yaxis="y2", hovertext=hover, hoverinfo="text", **_level_style(d))
    else:
        _add_share_lines(figure, d, axis)
    return figure


def _small_layout(d: Distribution, axis: _Axis) -> dict[str, Any]:
    layout, ticks = base_layout(height=_SMALL_HEIGHT), _few_ticks(d, axis)
    overall = {
        "type": "line", "xref": "x domain", "x0": 0, "x1": 1, "yref": "y2", "y0": d.overall, "y1": d.overall,
        "line": {"color": NEUTRAL, "width": 1, "dash": "dash"},
    }  # fmt: skip
    return {
        **layout,
        "xaxis": {
            **layout["xaxis"], "tickvals": [t for t, _ in ticks], "ticktext": [w for _, w in ticks], "tickangle": 0,
            "showgrid": False,
        },
        "yaxis": {**layout["yaxis"], "showticklabels": False, "showgrid": False},
        "yaxis2": {
            "overlaying": "y", "side": "right", "showgrid": False, "rangemode": "tozero",
            "nticks": 4, "tickmode": "auto", "automargin": True,
            "tickformat": "" if d.target_kind == "number" else ".0%",
        },
        "showlegend": False,
        "margin": {"l": 4, "r": 4, "t": 6, "b": 4},
        "shapes": [overall] if d.target_kind != "classes" else [],
    }  # fmt: skip


def _few_ticks(d: Distribution, axis: _Axis) -> list[tuple[float, str]]:
    """At most about three ticks, two of dates, whose words are long; none for more than three levels."""
    if d.edges is None and len(d.labels) > 3:
        return []
    skip = 1 if d.edges is None else max(1, -(-len(axis.tickvals) // (2 if d.kind == "date" else 3)))
    ticks = list(zip(axis.tickvals, axis.ticktext, strict=True))[::skip]
    longest = max(8, 24 // len(ticks)) if d.edges is None and ticks else 10
    return [(place, plain(shortened(word, longest))) for place, word in ticks]


def _upright(d: Distribution, height: int) -> go.Figure:
    axis = _axis(d)
    figure = base_figure(_title(d), x=shortened(d.name, 40), y="Rows", height=height)
    _add_rows(figure, d, axis.centres, axis.widths, "v")
    grid = {"gridcolor": FAINT, "zerolinecolor": FAINT, "automargin": True, "title_standoff": 16}
    figure.update_layout(
        barmode="stack",
        bargap=0,
        yaxis={"domain": [0.44, 1]},
        yaxis2={**grid, "domain": [0, 0.36], "anchor": "x", "title_text": _level_title(d), **_level_format(d)},
        xaxis={"anchor": "y2", "tickvals": axis.tickvals, "ticktext": [plain(t) for t in axis.ticktext]},
    )
    if d.target_kind == "classes":
        _add_share_bars(figure, d, {"x": axis.centres, "width": axis.widths, "yaxis": "y2"}, "v")
        return figure
    figure.add_scatter(
        x=axis.centres, y=d.level, yaxis="y2", hovertext=_hovers(d), hoverinfo="text", showlegend=False,
        error_y=_reach(d), **_level_style(d),
    )  # fmt: skip
    figure.add_hline(y=d.overall, yref="y2", line={"color": NEUTRAL, "width": 1, "dash": "dash"})
    return figure


def _sideways(d: Distribution, height: int) -> go.Figure:
    places = list(range(len(d.labels)))
    tall = min(height, 60 * len(places) + 130) if len(places) < 12 else 24 * len(places) + 130
    figure = base_figure(_title(d), x="Rows", height=tall)
    _add_rows(figure, d, places, None, "h")
    grid = {"gridcolor": FAINT, "zerolinecolor": FAINT, "title_standoff": 8}
    figure.update_layout(
        barmode="stack",
        xaxis={"domain": [0, 0.52], "nticks": 4},
        xaxis2={
            **grid,
            "domain": [0.58, 1],
            "anchor": "y",
            "nticks": 4,
            "title_text": _level_title(d),
            **_level_format(d),
        },
        yaxis={
            "tickvals": places,
            "ticktext": [plain(shortened(t)) for t in d.labels],
            "autorange": "reversed",
            "showgrid": False,
            "zeroline": False,
        },
    )
    if d.target_kind == "classes":
        _add_share_bars(figure, d, {"y": places, "xaxis": "x2"}, "h")
        return figure
    figure.add_scatter(
        x=d.level, y=places, xaxis="x2", hovertext=_hovers(d), hoverinfo="text", showlegend=False, error_x=_reach(d),
        **{**_level_style(d), "mode": "markers"},
    )  # fmt: skip
    figure.add_vline(x=d.overall, xref="x2", line={"color": NEUTRAL, "width": 1, "dash": "dash"})
    return figure


def _add_rows(
    figure: go.Figure, d: Distribution, places: Sequence[float], widths: Sequence[float] | None, way: str
) -> None:
    colours = class_colours(*d.classes) if d.target_kind == "binary" else category_colours(d.classes)
    parts = [(name, d.by_class[:, code], colours[name]) for code, name in enumerate(d.classes)]
    hover = _hovers(d)
    for name, values, colour in parts or [("rows", d.counts, NEUTRAL)]:
        along = {"x": places, "y": values} if way == "v" else {"x": values, "y": places}
        figure.add_bar(
            **along, orientation=way, width=widths, name=plain(shortened(name)), marker_color=colour,
            marker_line={"width": 0.5, "color": "rgba(255,255,255,0.35)"}, hovertext=hover, hoverinfo="text",
            showlegend=bool(parts),
        )  # fmt: skip


def _add_share_bars(figure: go.Figure, d: Distribution, along: dict[str, object], way: str) -> None:
    """The share of each class in each bin, stacked to 100 %, for a target with many classes."""
    for code, (name, colour) in enumerate(category_colours(d.classes).items()):
        shares = _shares(d)[:, code]
        figure.add_bar(
            **along, **{"x" if way == "h" else "y": shares}, orientation=way, marker_color=colour, showlegend=False,
            hovertext=[f"{plain(name)}: {percent(s)}" for s in shares], hoverinfo="text",
        )  # fmt: skip


def _add_share_lines(figure: go.Figure, d: Distribution, axis: _Axis) -> None:
    """The share of each class over the bins that have rows enough to be read."""
    for code, (name, colour) in enumerate(category_colours(d.classes).items()):
        shares = np.where(_enough(d), _shares(d)[:, code], np.nan)
        figure.add_scatter(
            x=axis.centres, y=shares, yaxis="y2", mode="lines+markers", line={"color": colour, "width": 1.5},
            marker={"size": 4}, hovertext=[f"{plain(name)}: {percent(s)}" for s in shares], hoverinfo="text",
        )  # fmt: skip


def _enough(d: Distribution) -> np.ndarray:
    return np.asarray(d.counts >= min(ENOUGH, d.n / ENOUGH))


def _axis(d: Distribution) -> _Axis:
    if d.edges is None:
        centres = [float(i) for i in range(len(d.labels))]
        return _Axis(centres, [0.8] * len(centres), centres, [shortened(t) for t in d.labels])
    inner = d.edges[np.isfinite(d.edges)]
    step = float(inner[1] - inner[0]) if len(inner) > 1 else 1.0
    edges = d.edges.copy()
    edges[np.isneginf(edges)], edges[np.isposinf(edges)] = inner[0] - step, inner[-1] + step
    centres, widths = ((edges[:-1] + edges[1:]) / 2).tolist(), np.diff(edges).tolist()
    ticks, words = _ticks(d, centres)
    if d.missing:
        place = edges[-1] + 1.5 * step
        centres.append(place)
        widths.append(step)
        ticks, words = [*ticks, place], [*words, d.labels[-1]]
    return _Axis(centres, widths, ticks, words)


def _ticks(d: Distribution, centres: list[float]) -> tuple[list[float], list[str]]:
    if d.edges is None or d.single:
        skip = max(1, round(len(centres) / 12))
        return centres[::skip], list(d.labels[: d.bins : skip])
    words = edge_words(d.edges, d.kind == "date")
    finite = [(float(e), word) for e, word in zip(d.edges, words, strict=True) if np.isfinite(e)]
    chosen = finite[:: max(1, round(len(finite) / _TICKS))]
    return [e for e, _ in chosen], [word for _, word in chosen]


def _title(d: Distribution) -> str:
    found = d.extremes()
    if d.target_kind == "classes":
        return d.name
    if found is None:
        return f"{d.name}: no clear difference"
    low, high = found
    return f"{d.name}: {_shown(d, low)} at {shortened(d.labels[low])}, {_shown(d, high)} at {shortened(d.labels[high])}"


def _level_title(d: Distribution) -> str:
    if d.target_kind == "classes":
        return "Share of each class"
    if d.target_kind == "number":
        return plain(f"Mean of {shortened(d.target)}")
    return plain(f"{shortened(d.target)} = {shortened(d.classes[1])}")


def _level_format(d: Distribution) -> dict[str, str]:
    return {"rangemode": "tozero"} if d.target_kind == "number" else {"tickformat": ".0%", "rangemode": "tozero"}


def _level_style(d: Distribution) -> dict[str, object]:
    colour = POSITIVE if d.target_kind == "binary" else LEVEL
    mode = "lines+markers" if d.edges is not None and not d.missing else "markers"
    return {"mode": mode, "line": {"color": colour, "width": 1.5}, "marker": {"color": colour, "size": 6}}


def _reach(d: Distribution) -> dict[str, object]:
    known = np.nan_to_num(d.level)
    up, down = np.nan_to_num(d.high - known), np.nan_to_num(known - d.low)
    return {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "thickness": 1, "width": 0}


def _shares(d: Distribution) -> np.ndarray:
    return np.asarray(d.by_class / np.maximum(d.counts, 1)[:, None])


def _shown(d: Distribution, place: int) -> str:
    value = float(d.level[place])
    return number(value) if d.target_kind == "number" else percent(value)


def _hovers(d: Distribution) -> list[str]:
    return [_hover(d, i) for i in range(len(d.labels))]


def _hover(d: Distribution, i: int) -> str:
    lines = [f"<b>{plain(d.name)}: {plain(d.labels[i])}</b>", f"{counted(int(d.counts[i]), 'row')} of {count(d.n)}"]
    if d.target_kind == "number" and d.counts[i]:
        lines.append(f"mean of {plain(d.target)} {number(d.level[i])} ({number(d.low[i])} to {number(d.high[i])})")
    if d.target_kind == "binary" and d.counts[i]:
        rate = f"{percent(d.level[i])} {plain(d.classes[1])}"
        lines.append(f"{rate} (95 % interval {percent(d.low[i])} to {percent(d.high[i])})")
    if d.target_kind == "classes" and d.counts[i]:
        order = np.argsort(-d.by_class[i])[:5]
        lines += [f"{plain(d.classes[c])}: {count(d.by_class[i, c])}" for c in order]
    return "<br>".join(lines)
