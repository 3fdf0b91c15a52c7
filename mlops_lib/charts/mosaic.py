"""A mosaic of levels and classes, its cells shaded by their adjusted residuals."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from mlops_lib.charts.labels import shortened
from mlops_lib.charts.theme import NEGATIVE, POSITIVE, base_figure, plain
from mlops_lib.explore.card_pictures import Mosaic
from mlops_lib.explore.feature_card import FeatureCard
from mlops_lib.objects.words import count, counted, number, percent

HEIGHT = 420
UPRIGHT = 5
"""Levels up to which they stand side by side; more lie below each other, where their names have room."""


@dataclass(frozen=True)
class Shade:
    """How cells with an adjusted residual above `above` look: colour, mark and colour of the text."""

    above: float
    colour: str
    mark: str
    ink: str


SHADES = (
    Shade(3.0, POSITIVE, "▲▲", "#FFFFFF"),
    Shade(2.0, "#E79868", "▲", "#1B1F23"),
    Shade(-2.0, "#C9CED0", "", "#1B1F23"),
    Shade(-3.0, "#74ADD3", "▼", "#1B1F23"),
    Shade(-np.inf, NEGATIVE, "▼▼", "#FFFFFF"),
)
"""Shades after Friendly (1994, JASA 89, 190-200), with steps of 2 and 3."""

_BY_CHANCE = 2
_GAP = 0.004
_EDGE = "rgba(127, 140, 141, 0.6)"
_SEEN, _MARK, _ROOM = 0.035, 0.06, 0.16
"""Sizes of a cell, as a share of the picture, from which it has a name, a mark, and a percentage upright; lying, where
names take some of the width, twice as much."""


def mosaic_chart(card: FeatureCard, m: Mosaic, title: str) -> go.Figure:
    """Side by side: widths are shares of rows, heights shares of the classes; below each other with many levels."""
    lying = len(m.levels) > UPRIGHT
    share, level = f"Share of {shortened(card.target, 40)}", shortened(card.feature, 40)
    figure = base_figure(title, *((share, level) if lying else (level, share)), height=HEIGHT)
    rows = m.counts.sum(axis=1) / m.counts.sum()
    start, base, shade = np.cumsum(rows) - rows, np.zeros(len(rows)), _shades(m)
    for c, label in enumerate(m.classes):
        begin = np.maximum(base, m.start)
        seen = base + m.shares[:, c] - begin
        along = {"y": start, "x": seen} if lying else {"x": start, "y": seen}
        figure.add_bar(
            **along, base=begin, offset=0, width=np.maximum(rows - _GAP, rows / 2), orientation="h" if lying else "v",
            marker={"color": [SHADES[s].colour for s in shade[:, c]], "line": {"width": 1, "color": _EDGE}},
            text=[_text(m, i, c, shade[i, c], rows[i], lying) for i in range(len(rows))],
            textposition="inside", insidetextanchor="middle", textangle=0, constraintext="none",
            textfont={"color": [SHADES[s].ink for s in shade[:, c]], "size": 12}, name=plain(label), showlegend=False,
            hovertext=[_hover(card, m, i, c) for i in range(len(rows))], hoverinfo="text",
        )  # fmt: skip
        base = base + m.shares[:, c]
    figure.update_layout(barmode="overlay", bargap=0, showlegend=False)
    _name_axes(figure, m, rows, start + rows / 2, lying)
    return figure


def _shades(m: Mosaic) -> np.ndarray:
    """Position in `SHADES` of each cell. Of two classes only the second is shaded: the first mirrors it, and its
    colours would be taken for those of the classes."""
    limits = [m.residuals > s.above for s in SHADES[:2]] + [m.residuals >= s.above for s in SHADES[2:]]
    shade = np.select(limits, range(len(SHADES)), _BY_CHANCE)
    if len(m.classes) == 2:
        shade[:, 0] = _BY_CHANCE
    return shade


def _text(m: Mosaic, i: int, c: int, shade: int, rows: float, lying: bool) -> str:
    share = m.shares[i, c]
    drawn = (share if c else share - m.start) / (1 - m.start)
    mark, across, down = SHADES[shade].mark, drawn / 2 if lying else rows, rows if lying else drawn
    if down < _SEEN or across < _MARK:
        return ""
    return f"{mark} {percent(share)}".strip() if across >= _ROOM else mark


def _name_axes(figure: go.Figure, m: Mosaic, rows: np.ndarray, middles: np.ndarray, lying: bool) -> None:
    named = np.flatnonzero(rows >= _SEEN)
    words = [plain(shortened(m.levels[i], 20)) if lying else _under(m.levels[i], rows[i]) for i in named]
    levels = {"tickvals": middles[named], "ticktext": words, "range": [1, 0] if lying else [0, 1]}
    classes = {"range": [m.start, 1], **_class_ticks(m, 0.18 if lying else 0.06)}
    plain_axis = {"showgrid": False, "zeroline": False, "ticks": ""}
    figure.update_xaxes(**plain_axis, **(classes if lying else levels), tickangle=0, side="bottom")
    figure.update_yaxes(**plain_axis, **(levels if lying else classes))


def _under(label: str, rows: float) -> str:
    """A level below its column: its words in lines about as wide as the column, with its share of the rows."""
    room = max(9, int(rows * 60))
    lines = textwrap.wrap(shortened(label, 40), room, break_long_words=False)[:3] or [label]
    return "<br>".join([*(plain(shortened(line, max(room, 12))) for line in lines), percent(rows)])


def _class_ticks(m: Mosaic, apart: float) -> dict[str, object]:
    """The class names where they stand in the level beside the axis, without those that would run into each other."""
    shares = m.shares[-1 if len(m.levels) > UPRIGHT else 0]
    ends = np.cumsum(shares)
    middles = (np.maximum(ends - shares, m.start) + ends) / 2
    shown: list[int] = []
    for c in np.argsort(-shares, kind="stable"):
        if all(abs(middles[c] - middles[other]) >= apart * (1 - m.start) for other in shown):
            shown.append(int(c))
    return {"tickvals": middles[shown], "ticktext": [plain(shortened(m.classes[c], 14)) for c in shown]}


def _hover(card: FeatureCard, m: Mosaic, i: int, c: int) -> str:
    of_level = m.counts[i].sum()
    expected = of_level * m.counts[:, c].sum() / m.counts.sum()
    return "<br>".join((
        f"<b>{plain(card.feature)}: {plain(m.levels[i])}</b>",
        f"{plain(card.target)}: {plain(m.classes[c])} in {percent(m.shares[i, c])}",
        f"{count(m.counts[i, c])} of {counted(int(of_level), 'row')}, {number(expected)} expected by chance",
        f"adjusted residual {number(m.residuals[i, c])}",
    ))  # fmt: skip
