"""The picture of one feature and the target: mosaic, ridges, boxes, trend or squares, drawn from aggregates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mlops_lib.charts.labels import faded, shortened
from mlops_lib.charts.mosaic import mosaic_chart
from mlops_lib.charts.theme import (
    NEUTRAL,
    POSITIVE,
    SEQUENTIAL,
    base_figure,
    category_colours,
    class_colours,
    plain,
)
from mlops_lib.explore.card_groups import Groups
from mlops_lib.explore.card_pictures import Mosaic, Trend
from mlops_lib.explore.card_words import NOTABLE, value_text
from mlops_lib.explore.feature_card import FeatureCard
from mlops_lib.objects.words import count, counted, number, percent

HEIGHT = 440
LEVEL = "#009E73"
"""Where there are no classes to tell apart."""

_RIDGE = 0.85
_ROW, _ROWS_MOST = 46, 12


def card_pictures(card: FeatureCard) -> tuple[str, ...]:
    """The pictures that there are of a card, the first by default; empty where no test was possible."""
    if isinstance(card.picture, Mosaic):
        return ("Mosaic",)
    if isinstance(card.picture, Groups):
        return ("Ridges", "Boxes") if card.target_kind != "number" else ("Boxes", "Ridges")
    return ("Trend", "Density") if card.picture else ()


def card_chart(card: FeatureCard, name: str) -> go.Figure:
    """One of `card_pictures(card)`."""
    return _DRAWN[name](card, card.picture)


def _finding(card: FeatureCard) -> str:
    """What the picture shows in a few words; empty where there is nothing to compare."""
    picture = card.picture
    if isinstance(picture, Mosaic):
        return _shares(card, picture)
    if isinstance(picture, Groups):
        ends = picture.extremes()[::-1]
        parts = [value_text(card, picture.medians[i]) for i in ends]
        if not _dates(card):  # two dates leave no room for names
            parts = [f"{part} ({shortened(picture.names[i], 11)})" for i, part in zip(ends, parts, strict=True)]
        return f"Median {' and '.join(parts)}" if parts else ""
    if picture is None:
        return ""
    first, last = (number(float(picture.quartiles[i, 1])) for i in (0, -1))
    return f"Median of {shortened(card.target, 18)}: from {first} to {last}"


def _shares(card: FeatureCard, m: Mosaic) -> str:
    if card.target_kind == "binary":
        what = f"Share of {shortened(card.classes[1], 12)} by {shortened(card.feature, 14)}"
        ends = [percent(m.shares[i, 1]) for i in m.extremes()]
        return f"{what}: {' to '.join(ends)}" if ends else what
    more = [c for c in card.cells if c.residual > NOTABLE]
    return f"{shortened(more[0].label, 18)} is more often {shortened(more[0].level, 18)}" if more else ""


def _mosaic(card: FeatureCard, m: Mosaic) -> go.Figure:
    return mosaic_chart(card, m, _finding(card))


def _ridges(card: FeatureCard, g: Groups) -> go.Figure:
    figure = _lying(card, g)
    places = _shown_places(card, g.places)
    tallest = float(g.density.max()) or 1.0
    for i in reversed(range(len(g.names))):
        heights = _RIDGE * g.density[i] / tallest
        colour, base = _colours(card, g)[i], _height(g, i)
        figure.add_scatter(
            x=places,
            y=np.full(len(places), base),
            mode="lines",
            line={"width": 0.8, "color": NEUTRAL},
            hoverinfo="skip",
        )
        figure.add_scatter(
            x=places, y=base + heights, mode="lines", fill="tonexty", fillcolor=faded(colour, 0.4),
            line={"color": colour, "width": 1.6, "shape": "hvh" if g.single else "linear"},
            hovertext=_group_hover(card, g, i), hoverinfo="text",
        )  # fmt: skip
        middle = float(np.interp(g.medians[i], g.places, heights))
        figure.add_scatter(
            x=_shown_places(card, np.array([g.medians[i]] * 2)), y=[base, base + max(middle, 0.12)], mode="lines",
            line={"color": colour, "width": 3}, hovertext=_group_hover(card, g, i), hoverinfo="text",
        )  # fmt: skip
    figure.update_yaxes(range=[-0.15, _height(g, 0) + _RIDGE + 0.15])
    return figure


def _boxes(card: FeatureCard, g: Groups) -> go.Figure:
    figure = _lying(card, g)
    colours = _colours(card, g)
    for i in range(len(g.names)):
        low, quarter, median, three, high = _shown_places(card, g.quantiles[i]) if _dates(card) else g.quantiles[i]
        figure.add_box(
            orientation="h", y=[_height(g, i)], q1=[quarter], median=[median], q3=[three], lowerfence=[low],
            upperfence=[high], width=0.5, line={"color": colours[i], "width": 1.6}, fillcolor=faded(colours[i], 0.3),
            hoverinfo="skip", whiskerwidth=0.4,
        )  # fmt: skip
        figure.add_scatter(
            x=[low, quarter, median, three, high], y=[_height(g, i)] * 5, mode="markers", opacity=0,
            marker={"size": 16},
            hovertext=_group_hover(card, g, i), hoverinfo="text",
        )  # fmt: skip
    figure.update_yaxes(range=[-0.6, _height(g, 0) + 0.6])
    return figure


def _lying(card: FeatureCard, g: Groups) -> go.Figure:
    along = card.feature if card.target_kind != "number" else card.target
    down = card.target if card.target_kind != "number" else card.feature
    height = min(HEIGHT, 130 + 80 * len(g.names)) if len(g.names) <= 5 else 120 + _ROW * min(len(g.names), _ROWS_MOST)
    figure = base_figure(_finding(card), x=shortened(along, 40), y=shortened(down, 30), height=height)
    figure.update_layout(showlegend=False)
    figure.update_xaxes(type="date" if _dates(card) else "log" if g.log else "linear", zeroline=False)
    figure.update_xaxes(separatethousands=True, exponentformat="none")
    figure.update_yaxes(
        tickvals=[_height(g, i) for i in range(len(g.names))],
        ticktext=[_beside(card, g, i) for i in range(len(g.names))],
        showgrid=False, zeroline=False,
    )  # fmt: skip
    return figure


def _dates(card: FeatureCard) -> bool:
    """Whether the axis of values is one of dates."""
    return card.kind == "date"


def _height(g: Groups, i: int) -> float:
    """The first group stands on top."""
    return float(len(g.names) - 1 - i)


def _beside(card: FeatureCard, g: Groups, i: int) -> str:
    return f"{plain(shortened(g.names[i], 16))}<br>median {value_text(card, g.medians[i])}<br>n {count(g.counts[i])}"


def _group_hover(card: FeatureCard, g: Groups, i: int) -> str:
    low, quarter, median, three, high = (value_text(card, v) for v in g.quantiles[i])
    return "<br>".join((
        f"<b>{plain(g.names[i])}</b>: {counted(int(g.counts[i]), 'row')}",
        f"median {median}",
        f"half lie between {quarter} and {three}",
        f"nine of ten between {low} and {high}",
    ))  # fmt: skip


def _colours(card: FeatureCard, g: Groups) -> list[str]:
    if card.target_kind == "number":
        return [LEVEL] * len(g.names)
    named = class_colours(*card.classes) if card.target_kind == "binary" else category_colours(card.classes)
    return [named.get(name, NEUTRAL) for name in g.names]


def _shown_places(card: FeatureCard, days: np.ndarray) -> np.ndarray:
    """Days since 1970 as Plotly reads dates; numbers as they are."""
    if not _dates(card):
        return days
    return np.array([str(np.datetime64(0, "s") + np.timedelta64(round(d * 86_400), "s")) for d in days])


def _trend(card: FeatureCard, t: Trend) -> go.Figure:
    figure = base_figure(_finding(card), x=shortened(card.feature, 40), y=shortened(card.target, 40), height=HEIGHT)
    x, (quarter, median, three) = _shown_places(card, t.centres), t.quartiles.T
    figure.add_scatter(
        x=np.concatenate([x, x[::-1]]), y=np.concatenate([three, quarter[::-1]]), fill="toself", mode="lines",
        fillcolor=faded(LEVEL, 0.22), line={"width": 0}, hoverinfo="skip", name="middle half of the rows",
    )  # fmt: skip
    figure.add_scatter(
        x=x, y=median, mode="lines+markers", line={"color": LEVEL, "width": 2}, marker={"size": 7}, name="median",
        hovertext=[_bin_hover(card, t, i) for i in range(len(x))], hoverinfo="text",
    )  # fmt: skip
    return _with_separators(figure)


def _bin_hover(card: FeatureCard, t: Trend, i: int) -> str:
    quarter, median, three = (number(float(v)) for v in t.quartiles[i])
    low, high = value_text(card, t.low[i]), value_text(card, t.high[i])
    where = low if low == high else f"{low} to {high}"
    return "<br>".join((
        f"<b>{plain(card.feature)} {where}</b>: {counted(int(t.counts[i]), 'row')}",
        f"median of {plain(card.target)} {median}",
        f"half lie between {quarter} and {three}",
    ))  # fmt: skip


def _squares(card: FeatureCard, t: Trend) -> go.Figure:
    figure = base_figure(_finding(card), x=shortened(card.feature, 40), y=shortened(card.target, 40), height=HEIGHT)
    shown = np.where(t.squares > 0, t.squares, np.nan)
    figure.add_heatmap(
        x=_shown_places(card, (t.x_edges[:-1] + t.x_edges[1:]) / 2), y=(t.y_edges[:-1] + t.y_edges[1:]) / 2,
        z=np.log10(shown), colorscale=[list(step) for step in SEQUENTIAL], hoverongaps=False,
        customdata=t.squares, hovertemplate="%{customdata:,} rows near %{x:.4g}, %{y:.4g}<extra></extra>"
        if not _dates(card) else "%{customdata:,} rows near %{x}, %{y:.4g}<extra></extra>",
        colorbar=_row_bar(t.squares),
    )  # fmt: skip
    figure.add_scatter(
        x=_shown_places(card, t.centres), y=t.quartiles[:, 1], mode="lines", line={"color": POSITIVE, "width": 2},
        name="median", hoverinfo="skip",
    )  # fmt: skip
    return _with_separators(figure)


def _with_separators(figure: go.Figure) -> go.Figure:
    figure.update_xaxes(separatethousands=True, exponentformat="none")
    figure.update_yaxes(separatethousands=True, exponentformat="none")
    return figure


def _row_bar(squares: np.ndarray) -> dict[str, object]:
    """Rows on a logarithmic scale, written as rows."""
    powers: Sequence[int] = range(int(np.log10(max(squares.max(), 1))) + 1)
    words = [count(10**p) for p in powers]
    return {"title": {"text": "Rows"}, "tickvals": list(powers), "ticktext": words, "thickness": 12}


_DRAWN: dict[str, Callable[[FeatureCard, Any], go.Figure]] = {
    "Mosaic": _mosaic,
    "Ridges": _ridges,
    "Boxes": _boxes,
    "Trend": _trend,
    "Density": _squares,
}
