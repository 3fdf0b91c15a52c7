"""How the target is spread, and over the folds."""

from __future__ import annotations

import plotly.graph_objects as go

from mlops_lib.charts.labels import faded, shortened
from mlops_lib.charts.theme import NEUTRAL, base_figure, category_colours, class_colours, plain
from mlops_lib.explore.balance import ClassBalance
from mlops_lib.objects.words import count, counted, percent

MOST_CLASSES = 20


def balance_chart(balance: ClassBalance, height: int = 280) -> go.Figure:
    """Rows of each class as bars with their share; at most `MOST_CLASSES`, the largest first where there are many."""
    places = sorted(range(len(balance.names)), key=lambda i: -balance.counts[i])[:MOST_CLASSES]
    if balance.kind == "binary":
        places = [1, 0]
    colours = _colours(balance)
    rare = shortened(balance.names[balance.smallest])
    title = f"{balance.column} is {rare} in {percent(balance.shares[balance.smallest])} of rows"
    figure = base_figure(title, x="Rows", height=max(height, 24 * len(places) + 100))
    texts = [f" {count(balance.counts[i])} ({percent(balance.shares[i])})" for i in places]
    figure.add_bar(
        x=[balance.counts[i] for i in places],
        y=list(range(len(places))),
        orientation="h",
        marker_color=[colours[balance.names[i]] for i in places],
        text=texts,
        textposition="outside",
        cliponaxis=False,
        hovertext=[_hover(balance, i) for i in places],
        hoverinfo="text",
    )
    figure.update_yaxes(
        tickvals=list(range(len(places))),
        ticktext=[plain(shortened(balance.names[i])) for i in places],
        autorange="reversed",
        showgrid=False,
        zeroline=False,
    )
    figure.update_xaxes(range=[0, max(balance.counts) * 1.35])
    return figure


def folds_chart(balance: ClassBalance, height: int = 280) -> go.Figure:
    """Rows of the smallest class (for a number: all rows) that each fold learns from and is judged on."""
    what = "rows" if balance.kind == "number" else "smallest"
    learned, judged = balance.folds[f"training_{what}"], balance.folds[f"validation_{what}"]
    name = "rows" if balance.kind == "number" else balance.names[balance.smallest]
    few, many = int(judged.min()), int(judged.max())
    of = "rows" if balance.kind == "number" else f"rows of {shortened(name)}"
    title = f"Each fold is judged on {_range(few, many)} {of}"
    figure = base_figure(title, x="Fold", y="Rows", height=height)
    colour = NEUTRAL if balance.kind == "number" else _colours(balance)[name]
    styles = ((learned, "learns from", faded(colour)), (judged, "is judged on", colour))
    for values, verb, shade in styles:
        figure.add_bar(
            x=balance.folds["fold"],
            y=values,
            name=verb,
            marker_color=shade,
            text=[count(v) for v in values],
            textposition="outside",
            cliponaxis=False,
            hovertext=[
                f"Fold {f} {verb} {counted(int(v), 'row')} of {plain(name)}"
                for f, v in zip(balance.folds["fold"], values, strict=True)
            ],
            hoverinfo="text",
        )
    figure.update_xaxes(dtick=1)
    figure.update_yaxes(range=[0, int(learned.max()) * 1.2])
    return figure


def _colours(balance: ClassBalance) -> dict[str, str]:
    if balance.kind == "binary":
        return class_colours(*balance.names)
    return category_colours(balance.names)


def _hover(balance: ClassBalance, place: int) -> str:
    low, high = balance.share_intervals[place]
    return (
        f"{plain(balance.names[place])}: {count(balance.counts[place])} of {counted(balance.n, 'row')}<br>"
        f"{percent(balance.shares[place])} (95 % interval {percent(low)} to {percent(high)})"
    )


def _range(low: int, high: int) -> str:
    return count(low) if low == high else f"{count(low)} to {count(high)}"
