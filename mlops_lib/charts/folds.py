"""The values of each fold: two runs joined fold by fold, because pairs tell more than means."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from mlops_lib.charts.labels import shortened
from mlops_lib.charts.theme import FAINT, NEUTRAL, base_figure, model_colour, plain
from mlops_lib.evaluate.comparison import Comparison
from mlops_lib.evaluate.outcomes import metric_of
from mlops_lib.evaluate.planned import fold_values
from mlops_lib.objects.words import number
from mlops_lib.train.ladder import recipe_title


def fold_chart(comparison: Comparison, chosen: str, reference: str) -> go.Figure:
    """The deciding metric of the chosen run and of the reference in each fold, with a line from one to the other."""
    judgement, one = comparison.judgement, metric_of(comparison.judgement.kind, comparison.metric)
    values = fold_values(judgement.folds, one.name, judgement.judged)
    sides = [reference, chosen] if reference != chosen else [chosen]
    names = [recipe_title(judgement.judged[run].recipe) for run in sides]
    figure = base_figure(_title(values, sides, one.label, one.higher_is_better), "", one.label, 380)
    for fold in range(len(values[chosen])):
        here = [float(values[run][fold]) for run in sides]
        figure.add_scatter(
            x=list(range(len(sides))), y=here, mode="lines+markers", showlegend=False,
            line={"color": NEUTRAL, "width": 1.4},
            marker={"size": 9, "color": [model_colour(judgement.judged[run].recipe.model.name) for run in sides]},
            hovertext=[
                f"<b>{plain(name)}</b><br>fold {fold + 1}: {number(value)}"
                for name, value in zip(names, here, strict=True)
            ],
            hoverinfo="text",
        )  # fmt: skip
    for place, run in enumerate(sides):
        mean = float(values[run].mean())
        figure.add_scatter(
            x=[place - 0.14, place + 0.14], y=[mean, mean], mode="lines", showlegend=False,
            line={"color": model_colour(judgement.judged[run].recipe.model.name), "width": 4},
            hovertext=f"mean of the folds: {number(mean)}", hoverinfo="text",
        )  # fmt: skip
    figure.update_xaxes(
        tickvals=list(range(len(sides))), ticktext=[plain(shortened(n, 34)) for n in names],
        range=[-0.5, len(sides) - 0.5], showgrid=False, zeroline=False,
    )  # fmt: skip
    figure.update_yaxes(gridcolor=FAINT)
    return figure


def _title(values: dict[str, np.ndarray], sides: list[str], label: str, higher_is_better: bool) -> str:
    if len(sides) == 1:
        own = values[sides[0]]
        return f"{label}: {number(float(own.min()))} to {number(float(own.max()))} over {len(own)} folds"
    apart = (values[sides[1]] - values[sides[0]]) * (1.0 if higher_is_better else -1.0)
    return f"{label}: better in {int((apart > 0).sum())} of {len(apart)} folds"
