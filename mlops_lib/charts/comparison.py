"""Runs side by side: values with intervals, differences with the margin, and confusion matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from mlops_lib.charts.theme import FAINT, NEGATIVE, NEUTRAL, POSITIVE, SYMBOLS, base_figure, model_colour, plain
from mlops_lib.evaluate.comparison import Comparison
from mlops_lib.evaluate.outcomes import metric_of
from mlops_lib.evaluate.planned import LEVEL, REFERENCE
from mlops_lib.objects.words import count, interval, number, p_value, percent

_ROW = 26
_NAME_ABOVE = 10
"""Pixels between a row's name and its interval: names stand over the rows, so that narrow screens keep the figure."""


def value_chart(comparison: Comparison, chosen: str) -> go.Figure:
    """The deciding metric of every complete run with its 95 % interval, best on top."""
    table = comparison.table.dropna(subset=["rank"])
    one = metric_of(comparison.judgement.kind, comparison.metric)
    value, low, high = (table[one.name + suffix].to_numpy() for suffix in ("", "_low", "_high"))
    figure = _rows(
        f"{one.label} of {len(table)} runs, with 95 % intervals",
        f"{one.label} ({'higher' if one.higher_is_better else 'lower'} is better)",
        _marked(table["recipe"].tolist(), table["run"].tolist(), chosen, comparison.reference),
    )
    rungs = {
        rung: SYMBOLS[k % len(SYMBOLS)] for k, rung in enumerate(dict.fromkeys(comparison.judgement.table["rung"]))
    }
    said = [
        f"<b>{plain(r)}</b><br>{number(v)} ({interval(a, b)})"
        for r, v, a, b in zip(table["recipe"], value, low, high, strict=True)
    ]
    marker = {
        "color": [model_colour(m) for m in table["model"]],
        "symbol": [rungs[r] for r in table["rung"]],
        "size": [13 if r in (chosen, comparison.reference) else 9 for r in table["run"]],
    }
    _add_intervals(figure, value, low, high, marker, said)
    at = value[(table["run"] == comparison.reference).to_numpy()]
    if len(at):
        figure.add_vline(x=float(at[0]), line={"color": NEUTRAL, "width": 1, "dash": "dash"})
    return figure


def _marked(recipes: Sequence[str], runs: Sequence[str], chosen: str, reference: str) -> list[str]:
    marks = {chosen: " ◀ chosen", reference: " ◀ reference"}
    if chosen == reference:
        marks = {chosen: " ◀ chosen, reference"}
    return [f"{plain(recipe)}{marks.get(run, '')}" for recipe, run in zip(recipes, runs, strict=True)]


def difference_chart(comparison: Comparison) -> go.Figure:
    """Difference of every run to the reference with its 95 % interval, over the band that does not matter."""
    one = metric_of(comparison.judgement.kind, comparison.metric)
    against = comparison.planned.loc[comparison.planned["kind"] == REFERENCE]
    planned = against.sort_values("difference", ascending=not one.higher_is_better)
    figure = _rows(
        f"Difference in {one.label} to the reference",
        f"Difference (the grey band, ± {number(comparison.margin)}, does not matter)",
        [plain(r) for r in planned["first_recipe"]],
    )
    figure.add_vrect(x0=-comparison.margin, x1=comparison.margin, fillcolor=FAINT, line_width=0, layer="below")
    figure.add_vline(x=0, line={"color": NEUTRAL, "width": 1})
    columns = ["first_recipe", "difference", "low", "high", "p_holm", "outcome"]
    said = [
        f"<b>{plain(r)}</b><br>{number(d)} ({interval(a, b)}), adjusted p {p_value(p)}<br>{o}"
        for r, d, a, b, p, o in planned[columns].itertuples(index=False)
    ]
    filled = ["circle" if p < LEVEL else "circle-open" for p in planned["p_holm"].fillna(1.0)]
    value, low, high = (planned[name].to_numpy() for name in ("difference", "low", "high"))
    _add_intervals(figure, value, low, high, {"size": 10, "color": NEUTRAL, "symbol": filled}, said)
    return figure


def _rows(title: str, x: str, names: Sequence[str]) -> go.Figure:
    """An empty figure with one named row after the other from the top; row k lies at y = k."""
    figure = base_figure(title, x, "", max(240, 100 + _ROW * len(names)))
    at = {"x": 0, "xref": "paper", "xanchor": "left", "yshift": _NAME_ABOVE, "showarrow": False, "font": {"size": 11}}
    labels = [{**at, "y": row, "text": name} for row, name in enumerate(names)]
    figure.update_layout(annotations=labels)  # at once: one by one, each copies those before it
    figure.update_yaxes(
        range=[len(names) - 0.4, -0.9], showticklabels=False, zeroline=False,
        tickvals=list(range(len(names))), griddash="dot",  # a line to lead the eye from the name to its interval
    )  # fmt: skip
    return figure


def _add_intervals(
    figure: go.Figure, value: np.ndarray, low: np.ndarray, high: np.ndarray, marker: dict[str, object], said: list[str]
) -> None:
    figure.add_scatter(
        x=value, y=np.arange(len(value)), mode="markers", showlegend=False, marker=marker, hovertext=said,
        hoverinfo="text", error_x={"type": "data", "symmetric": False, "array": high - value, "arrayminus": value - low,
                 "color": NEUTRAL, "thickness": 1.3, "width": 0},
    )  # fmt: skip


@dataclass(frozen=True)
class Matrix:
    """A confusion matrix to draw: who it is of, at which threshold (in words), and its counts."""

    title: str
    tp: int
    fp: int
    fn: int
    tn: int


def confusion_chart(one: Matrix, names: tuple[str, ...]) -> go.Figure:
    """A confusion matrix; a cell's depth is its share of the rows with that answer."""
    negative, positive = names
    figure = base_figure(one.title, height=210)
    figure.add_trace(_heat(one, negative, positive))
    figure.update_xaxes(showgrid=False, title_text="")
    figure.update_yaxes(showgrid=False, title_text="", type="category")  # the classes may be called 0 and 1
    figure.update_layout(title_font_size=13)
    return figure


def _heat(one: Matrix, negative: str, positive: str) -> go.Heatmap:
    """Both classes keep their own colour: right answers deep, mistakes pale, each row's share in the text."""
    counts = np.array([[one.tn, one.fp], [one.fn, one.tp]])
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    depth = np.array([[-shares[0, 0], -shares[0, 1]], [shares[1, 0], shares[1, 1]]])
    what = [["left alone, rightly", "false alarms"], ["missed", "found"]]
    return go.Heatmap(
        z=depth, x=["not flagged", "flagged"], y=[plain(negative), plain(positive)],
        zmin=-1, zmax=1, showscale=False, xgap=3, ygap=3,
        colorscale=[(0.0, NEGATIVE), (0.35, "#CFE3F0"), (0.5, "#EEF1F1"), (0.65, "#F8DCCB"), (1.0, POSITIVE)],
        text=[[f"<b>{count(c)}</b><br>{percent(s)}" for c, s in zip(a, b, strict=True)]
              for a, b in zip(counts.tolist(), shares.tolist(), strict=True)],
        texttemplate="%{text}", customdata=what,
        hovertemplate="%{customdata}: %{text}<extra></extra>",
    )  # fmt: skip
