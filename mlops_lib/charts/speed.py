"""Prediction against processing."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlops_lib.charts.theme import NEUTRAL, base_figure, model_colour, plain
from mlops_lib.evaluate.trade_off import TradeOff
from mlops_lib.objects.words import duration, interval, number


def trade_off_chart(found: TradeOff) -> go.Figure:
    """The metric of every run against the time for one row; filled and joined are those that none beats in both."""
    table = found.table
    better = "higher" if found.higher_is_better else "lower"
    figure = base_figure(_title(found), "Milliseconds for one row, median (log scale)",
                         f"{found.label} ({better} is better)", 420)  # fmt: skip
    front = table[table["pareto"]].sort_values("p50_ms")
    figure.add_scatter(
        x=front["p50_ms"], y=front["value"], mode="lines", showlegend=False, hoverinfo="skip",
        line={"color": NEUTRAL, "width": 1.2, "dash": "dot"},
    )  # fmt: skip
    said = [
        f"<b>{plain(r)}</b><br>{found.label} {number(v)} ({interval(a, b)})<br>{duration(m / 1000)} a row, 95 % within "
        f"{duration(q / 1000)}"
        for r, v, a, b, m, q in table[["recipe", "value", "low", "high", "p50_ms", "p95_ms"]].itertuples(index=False)
    ]
    figure.add_scatter(
        x=table["p50_ms"], y=table["value"], mode="markers", showlegend=False, hovertext=said, hoverinfo="text",
        marker={"color": [model_colour(m) for m in table["model"]], "size": 11,
                "symbol": ["circle" if p else "circle-open" for p in table["pareto"]]},
        error_y={"type": "data", "symmetric": False, "array": table["high"] - table["value"],
                 "arrayminus": table["value"] - table["low"], "color": NEUTRAL, "thickness": 1, "width": 0},
    )  # fmt: skip
    _add_names(figure, front)
    ticks = _ticks(float(table["p50_ms"].min()), float(table["p50_ms"].max()))
    ends = [math.log10(ticks[0]), math.log10(ticks[-1])]
    low, high = float(table["low"].min()), float(table["high"].max())
    figure.update_yaxes(range=[low - 0.1 * (high - low), high + 0.2 * (high - low)])
    figure.update_xaxes(type="log", tickvals=ticks, ticktext=[f"{t:g}" for t in ticks], range=ends)
    return figure


def _add_names(figure: go.Figure, front: pd.DataFrame) -> None:
    """Names of the runs that none beats over their intervals, where no better and quicker run can lie; by turns at two
    heights and towards the middle of the figure."""
    places = np.log10(front["p50_ms"].to_numpy())
    middle = float(places.mean())
    for turn, (x, line) in enumerate(zip(places, front.to_dict("records"), strict=True)):
        figure.add_annotation(
            x=x, y=line["high"], text=plain(_short(str(line["recipe"]))), showarrow=False,
            yshift=10 if (len(places) - turn) % 2 else 26, font={"size": 11},
            xanchor="center" if len(places) == 1 else "left" if x <= middle else "right",
        )  # fmt: skip


def _short(name: str, most: int = 30) -> str:
    """A name that a narrow screen has room for; the whole one is in the hover."""
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers (1, 2, 5 and their tens) from below the lowest to above the highest."""
    steps = [m * 10.0**e for e in range(-3, 7) for m in (1, 2, 5)]
    first = max((k for k, s in enumerate(steps) if s < low), default=0)
    last = min((k for k, s in enumerate(steps) if s > high), default=len(steps) - 1)
    return steps[first : last + 1]


def _title(found: TradeOff) -> str:
    front = int(found.table["pareto"].sum())
    return f"{front} of {len(found.table)} runs: no other is both as good and as quick"
