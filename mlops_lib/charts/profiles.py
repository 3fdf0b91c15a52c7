"""The target over time and by group, and one column over time."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from mlops_lib.charts.labels import faded, shortened
from mlops_lib.charts.theme import CATEGORICAL, FAINT, NEUTRAL, POSITIVE, SYMBOLS, base_figure, plain
from mlops_lib.explore.by_group import BEYOND, ByGroup
from mlops_lib.explore.over_time import ColumnOverTime, OverTime
from mlops_lib.explore.profile_words import level_range
from mlops_lib.explore.rare_levels import ENOUGH
from mlops_lib.objects.words import count, counted, number, percent

MOST_GROUPS = 2_000
"""Groups drawn in a funnel: those beyond the limits, then the largest."""

RANKED = 24
"""Groups drawn one by one: half from each end."""

MEAN = "#009E73"
_MOST_GAPS = 60
_NAMED = 8


def time_chart(found: OverTime, height: int = 400) -> go.Figure:
    """The level by period with its interval, and below the rows; periods without rows are shaded."""
    colour = POSITIVE if found.is_rate else MEAN
    figure = base_figure(_time_title(found), height=height)
    x = _times(found.starts, found.labels, cyclic=found.cyclic)
    hover = [_time_hover(found, i) for i in range(len(found.labels))]
    if not found.cyclic:
        _add_band(figure, x, found.low, found.high, faded(colour, 0.2))
    figure.add_scatter(
        x=x, y=found.level, mode="markers" if found.cyclic else "lines+markers", connectgaps=False,
        line={"color": colour, "width": 2}, marker={"color": colour, "size": 6}, hovertext=hover, hoverinfo="text",
        error_y=_reach(found) if found.cyclic else None, showlegend=False,
    )  # fmt: skip
    figure.add_bar(
        x=x, y=found.rows, yaxis="y2", marker_color=NEUTRAL, opacity=0.55, hovertext=hover, hoverinfo="text",
        showlegend=False,
    )  # fmt: skip
    figure.add_hline(y=found.overall, line={"color": NEUTRAL, "width": 1, "dash": "dash"})
    _add_gaps(figure, found)
    axis = {"gridcolor": FAINT, "zerolinecolor": FAINT, "automargin": True, "title_standoff": 8}
    figure.update_layout(
        bargap=0.15,
        yaxis={
            "domain": [0.36, 1], "title_text": _level_title(found), "tickformat": _tick(found), "range": _span(found),
        },
        yaxis2={**axis, "domain": [0, 0.26], "anchor": "x", "title_text": "Rows", "rangemode": "tozero", "nticks": 3},
        xaxis={"anchor": "y2", "showgrid": False},
    )  # fmt: skip
    return figure


def column_time_chart(found: ColumnOverTime, height: int = 340) -> go.Figure:
    """The quartiles of a number, or the shares of a category's commonest levels, and below the share missing."""
    figure = base_figure(f"{shortened(found.name, 40)} over time", height=height)
    x = _times(found.starts, found.labels, cyclic=found.cyclic)
    if found.levels:
        _add_shares(figure, found, x)
    else:
        _add_quartiles(figure, found, x)
    hover = [f"{plain(label)}<br>missing {percent(m)}" for label, m in zip(found.labels, found.missing, strict=True)]
    figure.add_bar(
        x=x, y=found.missing, yaxis="y2", marker_color=NEUTRAL, opacity=0.55, hovertext=hover, hoverinfo="text",
        showlegend=False,
    )  # fmt: skip
    axis = {"gridcolor": FAINT, "zerolinecolor": FAINT, "automargin": True, "title_standoff": 8}
    top = max(0.05, float(np.nanmax(found.missing, initial=0.0)) * 1.1)
    figure.update_layout(
        bargap=0.15,
        yaxis={"domain": [0.36, 1], "tickformat": ".0%" if found.levels else ""},
        yaxis2={
            **axis, "domain": [0, 0.24], "anchor": "x", "title_text": "Missing", "tickformat": ".0%", "nticks": 3,
            "range": [0, min(1.05, top)],
        },
        xaxis={"anchor": "y2", "showgrid": False},
    )  # fmt: skip
    return figure


def funnel_chart(found: ByGroup, height: int = 430) -> go.Figure:
    """Every group by its rows and its level, with the limits that chance sets to groups of each size."""
    far = "No group" if not found.far else counted(found.far, "group")
    figure = base_figure(f"{far} beyond the outer limits", height=height)
    names = ("99.8 % limits", "95 % limits", "95 % limits", "99.8 % limits")
    for place, (curve, name) in enumerate(zip(found.curves, names, strict=True)):
        outer = place in (0, 3)
        figure.add_scatter(
            x=found.curve_n, y=curve, mode="lines", name=name, showlegend=place < 2, legendgroup=name,
            line={"color": NEUTRAL, "width": 1.5 if outer else 1, "dash": "solid" if outer else "dot"},
            hoverinfo="skip",
        )  # fmt: skip
    figure.add_hline(y=found.overall, line={"color": NEUTRAL, "width": 1, "dash": "dash"})
    colour = POSITIVE if found.is_rate else MEAN
    drawn = _drawn(found)
    outside = np.abs(found.beyond[drawn]) == 2
    kinds = (drawn[~outside], faded(NEUTRAL, 0.6), "circle"), (drawn[outside], colour, "diamond")
    for places, shade, symbol in kinds:
        figure.add_scatter(
            x=found.rows[places], y=found.level[places], mode="markers", showlegend=False,
            marker={"color": shade, "size": 7, "symbol": symbol}, hoverinfo="text",
            hovertext=[_group_hover(found, int(i)) for i in places],
        )  # fmt: skip
    _name_farthest(figure, found)
    ticks = _round_counts(int(found.curve_n[0]), int(found.curve_n[-1]))
    figure.update_xaxes(type="log", title_text="Rows of the group", tickvals=ticks, ticktext=[count(t) for t in ticks])
    return figure.update_yaxes(title_text=_level_title(found), tickformat=_tick(found))


def groups_chart(found: ByGroup, height: int = 430) -> go.Figure:
    """The groups that are most surely high and low, each with its interval."""
    places = _ends(len(found.groups))
    title = "By group" if len(places) == len(found.groups) else f"The {len(places)} groups farthest from chance"
    figure = base_figure(title, x=_level_title(found), height=height)
    rows = list(range(len(places)))
    colour = POSITIVE if found.is_rate else MEAN
    level, low, high = found.level[places], found.low[places], found.high[places]
    shade = [colour if abs(found.beyond[i]) == 2 else NEUTRAL for i in places]
    figure.add_scatter(
        x=level, y=rows, mode="markers", showlegend=False, hoverinfo="text",
        hovertext=[_group_hover(found, int(i)) for i in places],
        marker={"size": 8, "color": shade, "symbol": [_symbol(found, int(i)) for i in places]},
        error_x={
            "type": "data", "symmetric": False, "array": np.nan_to_num(high - level),
            "arrayminus": np.nan_to_num(level - low), "thickness": 1, "width": 0, "color": NEUTRAL,
        },
    )  # fmt: skip
    figure.add_vline(x=found.overall, line={"color": NEUTRAL, "width": 1, "dash": "dash"})
    names = [plain(shortened(found.groups[i])) for i in places]
    figure.update_yaxes(tickvals=rows, ticktext=names, autorange="reversed", showgrid=False, zeroline=False)
    return figure.update_xaxes(tickformat=_tick(found), nticks=6)


def _times(starts: np.ndarray, labels: tuple[str, ...], *, cyclic: bool) -> list[object]:
    """Days since 1970 as Plotly reads dates; the names of a cycle."""
    if cyclic:
        return [plain(label) for label in labels]
    return [str(np.datetime64(round(day * 86_400), "s")) for day in starts]


def _add_band(figure: go.Figure, x: list[object], low: np.ndarray, high: np.ndarray, colour: str) -> None:
    """One closed band for each run of periods with rows: a band over a gap would say that something is known there."""
    known = ~np.isnan(low)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], known.astype(np.int8), [0]))))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        figure.add_scatter(
            x=[*x[begin:end], *x[begin:end][::-1]], y=np.concatenate((high[begin:end], low[begin:end][::-1])),
            fill="toself", fillcolor=colour, line={"width": 0}, hoverinfo="skip", showlegend=False, mode="lines",
        )  # fmt: skip


def _add_gaps(figure: go.Figure, found: OverTime) -> None:
    if found.cyclic:
        return
    empty = np.concatenate(([0], (found.rows == 0).astype(np.int8), [0]))
    edges = np.flatnonzero(np.diff(empty))
    ends = np.append(found.starts, found.starts[-1] + 1)
    for begin, end in list(zip(edges[::2], edges[1::2], strict=True))[:_MOST_GAPS]:
        x0, x1 = (str(np.datetime64(round(day * 86_400), "s")) for day in (ends[begin], ends[end]))
        figure.add_vrect(x0=x0, x1=x1, fillcolor=FAINT, line_width=0, layer="below")


def _add_shares(figure: go.Figure, found: ColumnOverTime, x: list[object]) -> None:
    labels = found.labels
    for place, level in enumerate(found.levels):
        colour = CATEGORICAL[place % len(CATEGORICAL)]
        shares = found.shares[:, place]
        figure.add_scatter(
            x=x, y=shares, mode="lines+markers", name=plain(shortened(level, 16)), connectgaps=False,
            line={"color": colour, "width": 1.5}, marker={"size": 6, "symbol": SYMBOLS[place % len(SYMBOLS)]},
            hovertext=[f"{plain(p)}<br>{plain(level)}: {percent(v)}" for p, v in zip(labels, shares, strict=True)],
            hoverinfo="text",
        )  # fmt: skip


def _add_quartiles(figure: go.Figure, found: ColumnOverTime, x: list[object]) -> None:
    _add_band(figure, x, found.quarter, found.three_quarters, faded(NEUTRAL, 0.25))
    hover = [
        f"{plain(label)}<br>median {number(m)}<br>half between {number(a)} and {number(b)}"
        for label, a, m, b in zip(found.labels, found.quarter, found.middle, found.three_quarters, strict=True)
    ]
    figure.add_scatter(
        x=x, y=found.middle, mode="lines+markers", connectgaps=False, line={"color": NEUTRAL, "width": 2},
        marker={"size": 6}, hovertext=hover, hoverinfo="text", showlegend=False,
    )  # fmt: skip
    figure.update_yaxes(title_text="Median and middle half")


def _drawn(found: ByGroup) -> np.ndarray:
    if len(found.groups) <= MOST_GROUPS:
        return np.arange(len(found.groups))
    return np.lexsort((-found.rows, -np.abs(found.beyond)))[:MOST_GROUPS]


def _ends(groups: int) -> np.ndarray:
    if groups <= RANKED:
        return np.arange(groups)
    return np.concatenate((np.arange(RANKED // 2), np.arange(groups - RANKED // 2, groups)))


def _name_farthest(figure: go.Figure, found: ByGroup) -> None:
    far = [int(i) for i in _ends(len(found.groups)) if abs(found.beyond[i]) == 2]
    half = _NAMED // 2
    for place in far if len(far) <= _NAMED else far[:half] + far[-half:]:
        figure.add_annotation(
            x=float(np.log10(found.rows[place])), y=float(found.level[place]), showarrow=False,
            text=plain(shortened(found.groups[place], 14)), xanchor="right", xshift=-6, font={"size": 11},
        )  # fmt: skip


def _round_counts(low: int, high: int) -> list[int]:
    """Ticks for a logarithmic axis of counts: 1, 2, 5, 10, ..., or powers of ten where those are many."""
    powers = [10**k for k in range(len(str(high)) + 1)]
    ticks = [step * power for power in powers for step in (1, 2, 5) if low <= step * power <= high]
    return ticks if len(ticks) <= 7 else [t for t in ticks if t in powers]


def _symbol(found: ByGroup, place: int) -> str:
    return "diamond" if abs(found.beyond[place]) == 2 else "circle"


def _time_title(found: OverTime) -> str:
    what = f"Share of {shortened(found.of)}" if found.is_rate else f"Mean of {shortened(found.target)}"
    ends = found.extremes()
    if ends is None:
        return f"{what} by {found.period}"
    low, high = (percent(float(v)) if found.is_rate else number(float(v)) for v in found.level[list(ends)])
    return f"{what} by {found.period}: {low} to {high}"


def _level_title(found: OverTime | ByGroup) -> str:
    if found.is_rate:
        return plain(f"{shortened(found.target)} = {shortened(found.of)}")
    return plain(f"Mean of {shortened(found.target)}")


def _tick(found: OverTime | ByGroup) -> str:
    if not found.is_rate:
        return ""
    low, high = float(np.nanmin(found.level, initial=1.0)), float(np.nanmax(found.level, initial=0.0))
    return ".0%" if high - low >= 0.04 else ".1%"


def _reach(found: OverTime) -> dict[str, object]:
    up, down = np.nan_to_num(found.high - found.level), np.nan_to_num(found.level - found.low)
    return {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "thickness": 1, "width": 0}


def _said(found: OverTime | ByGroup, i: int) -> str:
    value = float(found.level[i])
    level = percent(value) if found.is_rate else number(value)
    return f"{level} (95 % interval {level_range(found, float(found.low[i]), float(found.high[i]))})"


def _span(found: OverTime) -> list[float] | None:
    """From the lowest to the highest that is drawn, without the intervals of periods with few rows: those of one or two
    rows span everything, and would flatten what the others show. None without a period."""
    sure = (found.rows >= ENOUGH) & ~np.isnan(found.low)
    seen = np.concatenate((found.level[found.rows > 0], found.low[sure], found.high[sure], [found.overall]))
    seen = seen[np.isfinite(seen)]
    if len(seen) < 2 or np.ptp(seen) == 0:
        return None
    low, high, room = float(seen.min()), float(seen.max()), 0.06 * float(np.ptp(seen))
    return [max(low - room, -room) if found.is_rate else low - room, high + room]


def _time_hover(found: OverTime, i: int) -> str:
    head = f"<b>{plain(found.labels[i])}</b><br>{counted(int(found.rows[i]), 'row')}"
    return f"{head}<br>{plain(found.of or 'mean')}: {_said(found, i)}" if found.rows[i] else head


def _group_hover(found: ByGroup, i: int) -> str:
    head = f"<b>{plain(found.groups[i])}</b><br>{counted(int(found.rows[i]), 'row')} of {count(found.n)}"
    said = f"{head}<br>{plain(found.of or 'mean')}: {_said(found, i)}<br>{BEYOND[int(found.beyond[i]) + 2]} limits"
    missing = f"<br>missing cells {percent(float(found.missing[i]))}" if found.missing[i] else ""
    return f"{said.replace('within limits', 'within the limits of chance')}{missing}"
