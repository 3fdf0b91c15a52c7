"""Small figures of which one filters the others: grey bars for all rows, coloured ones for the selected rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mlops_lib.charts.distributions import LEVEL
from mlops_lib.charts.labels import faded, shortened
from mlops_lib.charts.theme import FAINT, NEUTRAL, POSITIVE, base_figure, plain
from mlops_lib.explore.binned import BinnedColumn
from mlops_lib.explore.binning import edge_words
from mlops_lib.explore.linked import Filtered, LinkedColumn
from mlops_lib.explore.rare_levels import ENOUGH
from mlops_lib.objects.words import count, counted, interval, number, percent

SELECTED = "#8C6BB1"
"""The selected rows; no class has this colour."""

HEIGHT = 200
_TICKS = 4
_UNFADED = {"selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}}}


@dataclass(frozen=True)
class Places:
    """Where each bin stands on the axis of values, how wide it is, and the ticks of that axis."""

    centres: list[float]
    widths: list[float]
    tickvals: list[float]
    ticktext: list[str]


def linked_chart(found: Filtered, part: LinkedColumn, *, drag: bool = False) -> go.Figure:
    """One column: bars are shares of all rows (grey) and of the selected ones, marks the target in these.

    The first trace covers each bin from end to end, seen only where the bin is chosen, so that a bin without rows can
    be clicked and found again; `bins_in` reads what was selected on it. With `drag`, dragging selects a range; else
    the page scrolls.
    """
    places, sideways = places_of(part.column), part.column.edges is None
    every, inside = _shares(part.every), _shares(part.counts)
    top = 1.05 * float(max(every.max(initial=0), inside.max(initial=0))) or 1.0
    ends = np.full(len(every), top)
    traces = [
        _bars(places, ends, sideways, color=_backs(part), hovertext=_hovers(found, part), hoverinfo="text"),
        _bars(places, every, sideways, color=faded(NEUTRAL, 0.5), hoverinfo="skip"),
    ]
    if found.selections:
        traces.append(_bars(places, inside, sideways, color=_colours(part), hoverinfo="skip", slim=True))
    marked = part.column.name != found.target
    if marked:
        traces.append(_marks(found, part, places, sideways))
    layout = {
        **_layout(), **_axes(found, places, sideways, top), "barmode": "overlay", "showlegend": False,
        "margin": {"l": 4, "r": 8, "t": 6, "b": 4}, "hovermode": "closest", "dragmode": "select" if drag else False,
        "selectdirection": "v" if sideways else "h", "shapes": [_overall(found, sideways)] if marked else [],
    }  # fmt: skip
    # In one piece: checking the figure at every step takes five times as long, and eight are drawn at each click.
    return go.Figure({"data": traces, "layout": layout})


def bins_in(column: BinnedColumn, selection: Mapping[str, Any], *, sideways: bool | None = None) -> tuple[int, ...]:
    """The bins that a selection in a figure of this column covers: clicked bars, or those that a box touches.

    `selection` has "points" (with "curve_number" and "point_index") and "box" (with "x" and "y"), as Plotly gives them.
    """
    sideways = column.edges is None if sideways is None else sideways
    bins = {int(p["point_index"]) for p in selection.get("points", ()) if p.get("curve_number") == 0}
    boxes = [box["y" if sideways else "x"] for box in selection.get("box", ())]
    if boxes:
        bins = {b for ends in boxes for b in _touched(places_of(column), ends)}
    return tuple(sorted(b for b in bins if b < len(column.labels)))


def places_of(column: BinnedColumn) -> Places:
    """Categories one after the other; numbers and dates where their edges are, "missing" apart behind them."""
    if column.edges is None:
        centres = [float(i) for i in range(len(column.labels))]
        return Places(centres, [1.0] * len(centres), centres, [shortened(t, 14) for t in column.labels])
    edges = np.array(column.edges)
    inner = edges[np.isfinite(edges)]
    step = float(inner[1] - inner[0]) if len(inner) > 1 else 1.0
    edges[np.isneginf(edges)], edges[np.isposinf(edges)] = inner[0] - step, inner[-1] + step
    centres, widths = ((edges[:-1] + edges[1:]) / 2).tolist(), np.diff(edges).tolist()
    ticks = _ticks(column, centres)
    if column.missing:
        centres.append(float(edges[-1]) + 1.5 * step)
        widths.append(step)
        ticks.append((centres[-1], "?"))
    return Places(centres, widths, [t for t, _ in ticks], [w for _, w in ticks])


def _ticks(column: BinnedColumn, centres: list[float]) -> list[tuple[float, str]]:
    if column.single:
        skip = max(1, -(-len(centres) // 8))
        return list(zip(centres[::skip], column.labels[::skip], strict=False))
    edges = np.array(column.edges)
    dates = column.kind == "date"
    words = edge_words(edges, dates)
    finite = [
        (float(e), w[:7] if dates else shortened(w, 10)) for e, w in zip(edges, words, strict=True) if np.isfinite(e)
    ]
    return finite[:: max(1, -(-len(finite) // _TICKS))]


@lru_cache(maxsize=1)
def _layout() -> dict[str, Any]:
    """The layout that every chart starts from; the template comes by itself."""
    layout = base_figure(height=HEIGHT).to_plotly_json()["layout"]
    return {name: value for name, value in layout.items() if name != "template"}


def _bars(
    places: Places, lengths: np.ndarray, sideways: bool, *, color: Any, slim: bool = False, **options: Any
) -> dict[str, Any]:
    """Bars over the bins; Plotly's own fading of what is not selected is off, since the figure is drawn anew."""
    width = [w * (0.5 if slim else 0.92) for w in places.widths]
    along = {"x": lengths, "y": places.centres} if sideways else {"x": places.centres, "y": lengths}
    return {
        "type": "bar", **along, "orientation": "h" if sideways else "v", "width": width, **_UNFADED,
        "marker": {"color": color, "line": {"width": 0}}, **options,
    }  # fmt: skip


def _marks(found: Filtered, part: LinkedColumn, places: Places, sideways: bool) -> dict[str, Any]:
    """The target in each bin that has rows enough, on an axis of its own."""
    enough = part.counts >= min(ENOUGH, found.n / ENOUGH)
    level = np.where(enough, part.level, np.nan)
    along = {"x": level, "y": places.centres} if sideways else {"x": places.centres, "y": level}
    own = {"xaxis": "x2"} if sideways else {"yaxis": "y2"}
    marker = {"color": _colour(found), "size": 7, "symbol": "diamond", "line": {"color": "white", "width": 1}}
    return {"type": "scatter", **along, **own, "mode": "markers", "marker": marker, "hoverinfo": "skip", **_UNFADED}


def _overall(found: Filtered, sideways: bool) -> dict[str, Any]:
    """A dashed line at the level of all rows."""
    value, across = found.overall.value, {"y0": 0, "y1": 1, "yref": "y domain"}
    line = {"type": "line", "line": {"color": _colour(found), "width": 1, "dash": "dash"}}
    if sideways:
        return {**line, **across, "x0": value, "x1": value, "xref": "x2"}
    return {**line, "x0": 0, "x1": 1, "xref": "x domain", "y0": value, "y1": value, "yref": "y2"}


def _colour(found: Filtered) -> str:
    return POSITIVE if found.of >= 0 else LEVEL


def _axes(found: Filtered, places: Places, sideways: bool, top: float) -> dict[str, Any]:
    still = {"showgrid": False, "zeroline": False, "fixedrange": True, "automargin": True, "linecolor": FAINT}
    values = {
        **still, "tickvals": places.tickvals, "ticktext": [plain(t) for t in places.ticktext], "tickangle": 0,
        "tickfont": {"size": 10 if sideways else 11},
    }  # fmt: skip
    rows = {**still, "showticklabels": False, "range": [0, top]}
    levels = {
        **still, "range": _level_range(found), "nticks": 4, "tickmode": "auto", "tickfont": {"size": 10},
        "tickformat": ".0%" if found.of >= 0 else "",
    }  # fmt: skip
    if sideways:
        upside_down = {**values, "autorange": "reversed"}
        return {"yaxis": upside_down, "xaxis": rows, "xaxis2": {**levels, "overlaying": "x", "side": "bottom"}}
    return {"xaxis": values, "yaxis": rows, "yaxis2": {**levels, "overlaying": "y", "side": "right"}}


def _level_range(found: Filtered) -> list[float]:
    """One range for the target in all figures, so that they can be compared; a share begins at 0."""
    seen = [p.level[p.counts >= min(ENOUGH, found.n / ENOUGH)] for p in found.columns if p.column.name != found.target]
    levels = np.concatenate([*seen, [found.overall.value]])
    levels = levels[np.isfinite(levels)]
    low, high = float(levels.min()), float(levels.max())
    room = 0.08 * (high - min(low, 0.0) if found.of >= 0 else high - low) or 0.05
    return [0.0, min(high + room, 1.02)] if found.of >= 0 else [low - room, high + room]


def _shares(counts: np.ndarray) -> np.ndarray:
    return np.asarray(counts / max(1, counts.sum()))


def _backs(part: LinkedColumn) -> list[str]:
    """The ground behind each bin: tinted where it is chosen."""
    return [faded(SELECTED, 0.22 if b in part.chosen else 0.0) for b in range(len(part.counts))]


def _colours(part: LinkedColumn) -> list[str]:
    """Strong where a bin is chosen, or where nothing is chosen in this column; pale otherwise."""
    return [SELECTED if not part.chosen or b in part.chosen else faded(SELECTED, 0.3) for b in range(len(part.counts))]


def _touched(places: Places, ends: Sequence[float]) -> list[int]:
    low, high = min(ends), max(ends)
    spans = zip(places.centres, places.widths, strict=True)
    return [b for b, (centre, width) in enumerate(spans) if centre - width / 2 < high and centre + width / 2 > low]


def _hovers(found: Filtered, part: LinkedColumn) -> list[str]:
    return [_hover(found, part, b) for b in range(len(part.counts))]


def _hover(found: Filtered, part: LinkedColumn, b: int) -> str:
    n, every, here = int(part.counts.sum()), int(part.every.sum()), int(part.counts[b])
    lines = [f"<b>{plain(shortened(part.column.name, 30))}: {plain(shortened(part.column.labels[b], 40))}</b>"]
    if found.selections:
        lines.append(f"{counted(here, 'selected row')} of {count(n)} ({percent(here / max(1, n))})")
    lines.append(
        f"{counted(int(part.every[b]), 'row')} of all {count(every)} ({percent(part.every[b] / max(1, every))})"
    )
    if here and found.of < 0:
        lines.append(f"mean of {plain(found.target)} {number(part.level[b])} ({interval(part.low[b], part.high[b])})")
    if here and found.of >= 0 and part.column.name != found.target:
        reach = f"95 % interval {percent(part.low[b])} to {percent(part.high[b])}"
        lines.append(f"{percent(part.level[b])} {plain(shortened(found.asked, 30))} ({reach})")
    return "<br>".join(lines)
