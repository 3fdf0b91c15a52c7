"""What moved between two versions of a table."""

from __future__ import annotations

import plotly.graph_objects as go

from mlops_lib.charts.labels import shortened
from mlops_lib.charts.theme import ACCENT, NEUTRAL, base_figure, plain
from mlops_lib.data.difference import NOTICEABLE, Difference, Shift
from mlops_lib.data.difference_words import shift_words
from mlops_lib.objects.words import count, percent

MOST_COLUMNS = 15
_TWO_NAMES = 84
"""Pixels above the plot: a title and, where the screen is narrow, two lines of a legend."""


def shifts_chart(difference: Difference) -> go.Figure:
    """A bar for each column, the one that moved most on top (at most `MOST_COLUMNS`); a tick where chance would be."""
    shifts = difference.shifts[:MOST_COLUMNS]
    places = list(range(len(shifts)))
    more = len(difference.shifts) - len(shifts)
    title = f"How far columns moved{f' (the first {len(shifts)})' if more else ''}"
    figure = base_figure(title, x="Largest difference in share", height=26 * len(shifts) + 130)
    figure.add_bar(
        x=[s.moved for s in shifts],
        y=places,
        orientation="h",
        name="moved",
        marker_color=[ACCENT if s.noticeable else NEUTRAL for s in shifts],
        hovertext=[_hover(s) for s in shifts],
        hoverinfo="text",
        showlegend=False,
    )
    figure.add_scatter(
        x=[s.by_chance for s in shifts],
        y=places,
        mode="markers",
        name="what chance gives on average",
        marker={"symbol": "line-ns", "size": 14, "line": {"width": 2, "color": NEUTRAL}},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[max(s.moved, s.by_chance) for s in shifts],
        y=places,
        mode="text",
        text=[f"  {percent(s.moved)}" for s in shifts],
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )
    figure.update_yaxes(
        tickvals=places,
        ticktext=[plain(shortened(s.column)) for s in shifts],
        autorange="reversed",
        showgrid=False,
        zeroline=False,
    )
    farthest = max((max(s.moved, s.by_chance) for s in shifts), default=0.0)
    return figure.update_xaxes(range=[0, max(2 * NOTICEABLE, 1.25 * farthest)], tickformat=".0%")


def bins_chart(shift: Shift, before: str, after: str, height: int = 320) -> go.Figure:
    """Shares of a column's values in both versions, side by side; `before` and `after` name them."""
    figure = base_figure(
        f"{shortened(shift.column, 40)}: {shift_words(shift)}", y="Share of filled cells", height=height
    )
    places = list(range(len(shift.bins)))
    sides = ((before, [b.before for b in shift.bins], NEUTRAL), (after, [b.after for b in shift.bins], ACCENT))
    for name, shares, colour in sides:
        figure.add_bar(
            x=places,
            y=shares,
            name=plain(shortened(name, 40)),
            marker_color=colour,
            hovertext=[f"{plain(b.name)}<br>{percent(share)}" for b, share in zip(shift.bins, shares, strict=True)],
            hoverinfo="text",
        )
    every = max(1, len(places) // 8) if shift.kind != "text" else 1
    figure.update_xaxes(
        tickvals=places[::every],
        ticktext=[plain(shortened(_start(b.name, shift), 18)) for b in shift.bins[::every]],
        showgrid=False,
    )
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    return figure.update_layout(barmode="group", margin_t=_TWO_NAMES)


def _start(name: str, shift: Shift) -> str:
    """A range is named by its lower end under the axis; the hover says it all."""
    return name if shift.kind == "text" else name.split(" to ")[0]


def _hover(shift: Shift) -> str:
    return (
        f"<b>{plain(shift.column)}</b>: {plain(shift_words(shift))}<br>"
        f"{count(shift.n_before)} and {count(shift.n_after)} filled cells<br>"
        f"missing {percent(shift.missing_before)} and {percent(shift.missing_after)}"
    )
