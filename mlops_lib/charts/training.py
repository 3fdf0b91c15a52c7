"""The runs that have arrived so far."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import plotly.graph_objects as go

from mlops_lib.charts.theme import NEUTRAL, SYMBOLS, base_figure, model_colour, plain, reference_line
from mlops_lib.evaluate.judged import AnyMetric
from mlops_lib.evaluate.outcomes import metric_of
from mlops_lib.evaluate.partial import SoFar
from mlops_lib.objects.words import number
from mlops_lib.train.ladder import RUNGS

_ROW, _AROUND = 52, 160
_LINE = 22
_STEP = 0.17
_OFFSETS = {rung: 0.0 if rung == "nothing" else place - len(RUNGS) / 2 for place, rung in enumerate(RUNGS)}


def arrived_chart(known: SoFar) -> go.Figure:
    """The leading metric of every complete run: a row a model, a marker a rung, small dots folds. Where a model has
    several recipes on one rung, each recipe has a row."""
    table, lead = known.table, metric_of(known.kind, known.metrics[0])
    complete = table[table["state"] == "complete"]
    if table.duplicated(["model", "rung_name"]).any() or complete["wrong_order"].any():
        return _by_recipe(known, lead)
    models = list(dict.fromkeys(complete["model"]))
    height = _AROUND + _ROW * max(len(models), 2)
    figure = base_figure(_title(known, lead), f"{lead.label} on rows not trained on", height=height)
    for rung, lines in complete.groupby("rung_name", sort=False):
        for place, line in enumerate(lines.to_dict("records")):
            y = models.index(line["model"]) + _STEP * _OFFSETS[str(rung)]
            figure.add_trace(_folds(line, y))
            figure.add_trace(_mean(line, y, lead.name, named=place == 0))
    ticks = {"tickvals": list(range(len(models))), "ticktext": [plain(m) for m in models]}
    figure.update_yaxes(**ticks, range=[len(models) - 0.5, -0.5], showgrid=False, zeroline=False)
    figure.update_layout(legend={"yref": "container", "y": 0.01, "yanchor": "bottom"}, margin={"b": 96})
    return reference_line(figure, x=0.0 if known.kind == "number" else 0.5, label="knows nothing")


def _by_recipe(known: SoFar, lead: AnyMetric) -> go.Figure:
    complete = known.table[known.table["state"] == "complete"]
    lines = _under_models(complete.to_dict("records"))
    figure = base_figure(_title(known, lead), f"{lead.label} on rows not trained on", height=96 + _LINE * len(lines))
    for y, (_, line) in enumerate(lines):
        if line is not None:
            figure.add_trace(_folds(line, y))
            figure.add_trace(_mean({**line, "rung_name": "nothing"}, y, lead.name, named=False))
    ticks = {"tickvals": list(range(len(lines))), "ticktext": [label for label, _ in lines]}
    figure.update_yaxes(**ticks, range=[len(lines) - 0.5, -0.5], showgrid=False, zeroline=False)
    return reference_line(figure, x=0.0 if known.kind == "number" else 0.5, label="knows nothing")


def _under_models(runs: list[dict[Hashable, Any]]) -> list[tuple[str, dict[Hashable, Any] | None]]:
    """Labels of the rows with their runs. A model with several runs has a row of its own, without a run, and theirs say
    only what differs: whole names would leave no room for the marks on a narrow screen."""
    models = list(dict.fromkeys(run["model"] for run in runs))
    found: list[tuple[str, dict[Hashable, Any] | None]] = []
    for model in models:
        own = [run for run in runs if run["model"] == model]
        if len(own) > 1:
            found.append((f"<b>{plain(model)}</b>", None))
        found += [(plain(_short(run, model) if len(own) > 1 else run["recipe"]), run) for run in own]
    return found


def _short(run: Mapping[Hashable, Any], model: str) -> str:
    return str(run["recipe"]).removeprefix(model).strip(" ·,")


def _folds(line: Mapping[Hashable, Any], y: float) -> go.Scatter:
    values = line["by_fold"]
    return go.Scatter(
        x=values,
        y=[y] * len(values),
        mode="markers",
        showlegend=False,
        marker={"color": NEUTRAL, "size": 4, "opacity": 0.6},
        customdata=list(range(1, len(values) + 1)),
        hovertemplate=f"{plain(line['recipe'])}<br>fold %{{customdata}}: %{{x:.3f}}<extra></extra>",
    )


def _mean(line: Mapping[Hashable, Any], y: float, lead: str, named: bool) -> go.Scatter:
    rung = str(line["rung_name"])
    return go.Scatter(
        x=[line[lead]],
        y=[y],
        mode="markers",
        name=plain(line["rung"]),
        legendgroup=rung,
        showlegend=named and rung != "nothing",
        marker={
            "color": model_colour(str(line["model_name"])),
            "symbol": SYMBOLS[list(RUNGS).index(rung) % len(SYMBOLS)],
            "size": 10,
        },
        hovertemplate=f"{plain(line['recipe'])}<br>mean: %{{x:.3f}}<extra></extra>",
    )


def _title(known: SoFar, lead: AnyMetric) -> str:
    best = known.best
    if best is None:
        return "No run has arrived yet"
    return f"Highest {lead.label}{'' if known.whole else ' so far'}: {number(float(best[lead.name]))}"
