"""What a run learnt from its rows, and how it does in groups of them."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from mlops_lib.charts.theme import ACCENT, FAINT, NEGATIVE, NEUTRAL, POSITIVE, base_figure, model_colour, plain
from mlops_lib.evaluate.fold_gap import FoldGap
from mlops_lib.evaluate.more_rows import FALLING, FLAT, ONE_SIZE, RISING, UNSURE, MoreRows
from mlops_lib.evaluate.slices import Slices
from mlops_lib.objects.words import count, interval, number, percent

_TITLES = {
    RISING: "still rises with more rows",
    FLAT: "hardly changes with more rows",
    FALLING: "falls with more rows",
    UNSURE: "may or may not rise with more rows",
    ONE_SIZE: "at one size",
}
_ROW, _AROUND = 28, 96


def learning_chart(curve: MoreRows, model: str) -> go.Figure:
    """The metric at each size with its interval, and the line to twice the rows where it is given."""
    table = curve.table
    figure = base_figure(f"{curve.measure} {_TITLES[curve.state]}", "Training rows of a fold", curve.measure)
    said = [
        f"{count(r)} rows: {number(v)} ({interval(a, b)})"
        for r, v, a, b in table[["rows", "value", "low", "high"]].itertuples(index=False)
    ]
    figure.add_scatter(
        x=table["rows"], y=table["value"], mode="lines+markers", showlegend=False, hovertext=said, hoverinfo="text",
        line={"color": model_colour(model), "width": 2}, marker={"size": 9},
        error_y=_reach(table["value"].to_numpy(), table["low"].to_numpy(), table["high"].to_numpy()),
    )  # fmt: skip
    ticks = table["rows"].tolist()
    if curve.doubled is not None:
        ticks.append(2 * ticks[-1])
        _add_doubled(figure, curve, ticks[-2:])
    figure.update_xaxes(type="log", tickvals=ticks, ticktext=[count(t) for t in ticks])
    return figure


def _add_doubled(figure: go.Figure, curve: MoreRows, rows: list[float]) -> None:
    assert curve.doubled is not None
    value, low, high = curve.doubled
    now = float(curve.table["value"].iloc[-1])
    text = f"extrapolated to {count(rows[1])} rows: {number(value)} ({interval(low, high)})"
    figure.add_scatter(
        x=rows, y=[now, value], mode="lines+markers", showlegend=False, hovertext=["", text], hoverinfo="text",
        line={"color": NEUTRAL, "width": 1.5, "dash": "dot"},
        marker={"symbol": "circle-open", "size": [0, 9], "color": NEUTRAL},
        error_y=_reach(np.array([now, value]), np.array([now, low]), np.array([now, high])),
    )  # fmt: skip
    figure.add_annotation(x=np.log10(rows[1]), y=high, text="extrapolated", showarrow=False, yshift=10, xanchor="right")


def _reach(value: np.ndarray, low: np.ndarray, high: np.ndarray) -> dict[str, object]:
    return {
        "type": "data", "symmetric": False, "array": high - value, "arrayminus": value - low, "color": NEUTRAL,
        "thickness": 1.3, "width": 0,
    }  # fmt: skip


def gap_chart(gap: FoldGap) -> go.Figure:
    """Every fold's value on the rows it was trained on beside the rows held back."""
    table = gap.table
    folds = table["fold"].tolist()
    figure = base_figure("Rows trained on, and rows held back", gap.measure, "Fold")
    for line in table.itertuples(index=False):
        ends, place = [line.validation, line.learnt], [line.fold, line.fold]
        figure.add_scatter(
            x=ends, y=place, mode="lines", showlegend=False, hoverinfo="skip", line={"color": FAINT, "width": 6}
        )
    for column, name, colour, symbol in (
        ("validation", "rows held back", ACCENT, "circle"),
        ("learnt", "rows trained on", NEUTRAL, "diamond-open"),
    ):
        figure.add_scatter(
            x=table[column], y=folds, mode="markers", name=name, marker={"color": colour, "symbol": symbol, "size": 11},
            hovertemplate=f"fold %{{y}}, {name}: %{{x:.3g}}<extra></extra>",
        )  # fmt: skip
    figure.update_yaxes(autorange="reversed", tickvals=folds, showgrid=False, zeroline=False)
    figure.update_layout(legend={"y": -0.22, "yanchor": "top"}, margin={"b": 24})
    return figure


def slice_chart(found: Slices, measure: str) -> go.Figure:
    """One measure of every group with its interval, and what all other rows have. `measure`: "recall",
    "false_alarms", "observed" (with the mean probability beside it)."""
    table = found.table
    titles = {"recall": "Positives found", "false_alarms": "False alarms", "observed": "Happened, and predicted"}
    figure = base_figure(titles[measure], height=_AROUND + _ROW * max(len(table), 3))
    places = np.arange(len(table))
    _add_slices(figure, found, measure, places)
    if measure == "observed":
        figure.add_scatter(
            x=table["mean_score"], y=places, mode="markers", showlegend=False, cliponaxis=False,
            marker={"symbol": "line-ns-open", "size": 14, "color": ACCENT, "line": {"width": 2.5}},
            hovertext=[f"mean probability {percent(v)}" for v in table["mean_score"]], hoverinfo="text",
        )  # fmt: skip
    else:
        figure.add_scatter(
            x=table[f"rest_{measure}"], y=places, mode="markers", showlegend=False, cliponaxis=False,
            marker={"symbol": "line-ns-open", "size": 14, "color": NEUTRAL, "line": {"width": 2}},
            hovertext=[f"all other rows: {percent(v)}" for v in table[f"rest_{measure}"]], hoverinfo="text",
        )  # fmt: skip
    names = [_short(str(s)) for s in table["slice"]]
    figure.update_yaxes(tickvals=places, ticktext=names, range=[len(table) - 0.5, -0.5], showgrid=False, zeroline=False)
    figure.update_xaxes(tickformat=".0%", rangemode="tozero")
    return figure


def _add_slices(figure: go.Figure, found: Slices, measure: str, places: np.ndarray) -> None:
    table = found.table
    of = {"recall": "positives", "false_alarms": "n", "observed": "n"}[measure]
    value, low, high = (table[measure + end].to_numpy() for end in ("", "_low", "_high"))
    said = [
        f"<b>{plain(s)}</b><br>{percent(v)} ({percent(a)} to {percent(b)})<br>{count(n)} "
        f"{'positives' if of == 'positives' else 'rows'}"
        for s, v, a, b, n in zip(table["slice"], value, low, high, table[of], strict=True)
    ]
    colour = {"recall": POSITIVE, "false_alarms": NEGATIVE, "observed": NEUTRAL}[measure]
    figure.add_scatter(
        x=value, y=places, mode="markers", showlegend=False, hovertext=said, hoverinfo="text",
        marker={"color": colour, "size": 9}, cliponaxis=False,
        error_x={"type": "data", "symmetric": False, "array": high - value, "arrayminus": value - low,
                 "color": NEUTRAL, "thickness": 1.3, "width": 0},
    )  # fmt: skip


def _short(name: str, most: int = 22) -> str:
    return plain(name if len(name) <= most else f"{name[: most - 1]}…")
