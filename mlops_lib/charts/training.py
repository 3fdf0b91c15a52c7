"""The runs that have arrived so far."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from mlops_lib.charts.theme import NEUTRAL, SYMBOLS, base_figure, model_colour, plain, reference_line
from mlops_lib.objects.words import number
from mlops_lib.train.ladder import RUNGS

_ROW = 24
_LABEL = 110


def arrived_chart(table: pd.DataFrame) -> go.Figure:
    """Out-of-fold ROC-AUC of every complete run: its mean as a mark, its folds as small dots (`SoFar.table`)."""
    complete = table[table["state"] == "complete"].sort_values("roc_auc")
    figure = base_figure(
        _title(complete), "ROC-AUC on rows not trained on", height=_LABEL + _ROW * max(len(complete), 4)
    )
    labels = [plain(f"{m} · {r}") for m, r in zip(complete["model"], complete["rung"], strict=True)]
    for place, line in enumerate(complete.to_dict("records")):
        figure.add_trace(_folds(line, labels[place]))
        figure.add_trace(_mean(line, labels[place]))
    figure.update_layout(showlegend=False)
    figure.update_yaxes(type="category", categoryorder="array", categoryarray=labels, tickfont={"size": 11})
    return reference_line(figure, x=0.5, label="knows nothing")


def _folds(line: Mapping[Hashable, Any], label: str) -> go.Scatter:
    values = line["roc_auc_by_fold"]
    return go.Scatter(
        x=values,
        y=[label] * len(values),
        mode="markers",
        marker={"color": NEUTRAL, "size": 5, "opacity": 0.6},
        customdata=list(range(1, len(values) + 1)),
        hovertemplate=f"{label}<br>fold %{{customdata}}: %{{x:.3f}}<extra></extra>",
    )


def _mean(line: Mapping[Hashable, Any], label: str) -> go.Scatter:
    symbol = SYMBOLS[list(RUNGS).index(str(line["rung_name"])) % len(SYMBOLS)]
    return go.Scatter(
        x=[line["roc_auc"]],
        y=[label],
        mode="markers",
        marker={"color": model_colour(str(line["model_name"])), "symbol": symbol, "size": 11},
        hovertemplate=f"{label}<br>mean: %{{x:.3f}}<extra></extra>",
    )


def _title(complete: pd.DataFrame) -> str:
    if complete.empty:
        return "No run has arrived yet"
    best = complete.iloc[-1]
    return f"{best['model']} · {best['rung']} is ahead with {number(float(best['roc_auc']))}"
