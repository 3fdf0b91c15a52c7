"""Curves of many runs over each other: the chosen run and its reference stand out, the others stay in grey."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import pandas as pd
import plotly.graph_objects as go

from mlops_lib.charts.theme import NEUTRAL, base_figure, model_colour, plain
from mlops_lib.evaluate.comparison import Judgement
from mlops_lib.evaluate.curves import PRECISION_RECALL, RELIABILITY, RELIABILITY_RAW, ROC
from mlops_lib.objects.words import number, percent

CURVE_HEIGHT = 400
_LINE = 22
_MUTED = "rgba(127, 140, 141, 0.45)"


def roc_chart(judgement: Judgement, chosen: str, reference: str = "") -> go.Figure:
    """ROC curves of all runs on pooled out-of-fold scores."""
    figure = base_figure(
        "ROC: how many are found for the false alarms",
        "False alarms, share of the negatives",
        "Found, share of the positives",
        CURVE_HEIGHT,
    )
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": NEUTRAL, "dash": "dot", "width": 1}, name="a coin",
        showlegend=False, hoverinfo="skip",
    )  # fmt: skip
    _overlay(figure, judgement, ROC, chosen, reference, "false alarms %{x:.1%}, found %{y:.1%}")
    return _unit_axes(figure)


def precision_recall_chart(judgement: Judgement, chosen: str, reference: str = "") -> go.Figure:
    """Precision-recall curves of all runs, with the share of positives that blind alarms would have."""
    figure = base_figure(
        "Precision and recall: how many alarms are right",
        "Recall, share of the positives found",
        "Precision, share of the alarms",
        CURVE_HEIGHT,
    )
    rate = judgement.rate
    figure.add_scatter(
        x=[0, 1], y=[rate, rate], mode="lines", line={"color": NEUTRAL, "dash": "dot", "width": 1}, showlegend=False,
        hovertemplate=f"blind alarms: {percent(rate)} are right<extra></extra>",
    )  # fmt: skip
    _overlay(figure, judgement, PRECISION_RECALL, chosen, reference, "found %{x:.1%}, right %{y:.1%}")
    return _unit_axes(figure)


def reliability_chart(judgement: Judgement, chosen: str, reference: str = "", raw: bool = False) -> go.Figure:
    """Predicted against observed, in ten bins of equally many rows, with Wilson intervals for the runs that stand out.

    `raw` shows the scores before calibration.
    """
    curve = RELIABILITY_RAW if raw else RELIABILITY
    both = (RELIABILITY, RELIABILITY_RAW)  # before and after stand side by side, so they share their axes
    bins = judgement.curves.loc[judgement.curves["curve"].isin(both)]
    top = float(max(bins["x"].max(), bins["y"].max())) * 1.08
    figure = base_figure(
        f"{'Before' if raw else 'After'} calibration: is 20 % really 20 %?",
        "Predicted probability, mean of the bin",
        "Observed share of positives" if judgement.kind == "binary" else "Share that was right",
        CURVE_HEIGHT,
    )
    figure.add_scatter(
        x=[0, top], y=[0, top], mode="lines", line={"color": NEUTRAL, "dash": "dot", "width": 1}, showlegend=False,
        hoverinfo="skip",
    )  # fmt: skip
    _overlay(figure, judgement, curve, chosen, reference, "predicted %{x:.1%}, observed %{y:.1%}, n %{customdata:,}")
    figure.update_xaxes(range=[0, min(1.02, top)], tickformat=".0%")
    figure.update_yaxes(range=[0, min(1.02, top * 1.1)], tickformat=".0%")
    return figure


def _unit_axes(figure: go.Figure) -> go.Figure:
    figure.update_xaxes(range=[-0.01, 1.01], tickformat=".0%")
    figure.update_yaxes(range=[-0.01, 1.02], tickformat=".0%")
    return figure


def _overlay(figure: go.Figure, judgement: Judgement, curve: str, chosen: str, reference: str, hover: str) -> None:
    """Muted runs first, so that the two that matter lie on top."""
    parts = dict(tuple(judgement.curves.loc[judgement.curves["curve"] == curve].groupby("run", sort=False)))
    rows = {row["run"]: row for row in judgement.table.to_dict("records")}
    for run in sorted(parts, key=lambda r: (r == chosen, r == reference)):
        row = rows[run]
        stands_out = run in (chosen, reference)
        figure.add_trace(_line(parts[run], row, curve, run == chosen, stands_out, hover))
        if stands_out and curve in (RELIABILITY, RELIABILITY_RAW):
            _add_intervals(figure, parts[run], row, run == chosen)
    if reference and reference != chosen:  # two names are two lines over the figure
        figure.update_layout(height=CURVE_HEIGHT + _LINE, margin={"t": figure.layout.margin.t + _LINE})


def _line(
    points: pd.DataFrame, row: Mapping[Hashable, object], curve: str, chosen: bool, out: bool, hover: str
) -> go.Scatter:
    colour = model_colour(str(row["model"]))
    value = {ROC: "roc_auc", PRECISION_RECALL: "average_precision"}.get(
        curve, "ece_raw" if curve == RELIABILITY_RAW else "ece"
    )
    said = {"roc_auc": "AUC", "average_precision": "AP"}.get(value, "error")
    line = {
        "color": colour if out else _MUTED,
        "width": 3 if chosen else 2.2 if out else 1,
        "dash": "solid" if chosen else "dash",
    }
    return go.Scatter(
        x=points["x"], y=points["y"], customdata=points["n"],
        mode="lines+markers" if out and curve in (RELIABILITY, RELIABILITY_RAW) else "lines",
        line=line if out else {**line, "dash": "solid"},
        marker={"size": 7, "symbol": "circle" if chosen else "diamond"},
        name=f"{plain(row['recipe'])} ({said} {number(float(str(row[value])))})",
        showlegend=out,
        hovertemplate=f"<b>{plain(row['recipe'])}</b><br>{hover}<extra></extra>",
    )  # fmt: skip


def _add_intervals(figure: go.Figure, points: pd.DataFrame, row: Mapping[Hashable, object], chosen: bool) -> None:
    figure.add_scatter(
        x=points["x"], y=points["y"], mode="markers", showlegend=False, hoverinfo="skip",
        marker={"size": 1, "color": model_colour(str(row["model"]))},
        error_y={
            "type": "data", "symmetric": False, "array": points["high"] - points["y"],
            "arrayminus": points["y"] - points["low"], "thickness": 1.4 if chosen else 1.0, "width": 3,
        },
    )  # fmt: skip
