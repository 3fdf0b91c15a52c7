"""What each remedy gains over moving the threshold of the same model: a forest of differences with intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlops_lib.charts.theme import FAINT, NEUTRAL, base_figure, model_colour, plain
from mlops_lib.evaluate.planned import BETTER, LEVEL, WORSE
from mlops_lib.evaluate.remedies import UNCALIBRATED, Aspect, Remedies
from mlops_lib.evaluate.remedies_words import OUTCOMES, gain_text, outcomes_of, spread_text
from mlops_lib.objects.words import number, p_value

_ROW, _NAME_ABOVE = 28, 10
"""Pixels of a row, and between its interval and the name above it, so that narrow screens keep the whole width."""


def remedy_chart(found: Remedies, name: str) -> go.Figure:
    """The gain of every remedy in one aspect with its 95 % interval, grouped by the run it is added to, largest first;
    the band does not matter, a filled mark has an adjusted p below 0.05."""
    aspect, rows = found.aspect(name), _rows(found.of(name).assign(outcome=outcomes_of(found, name)))
    figure = base_figure(
        _title(found, aspect),
        f"Gain in {aspect.label}, with 95 % interval",
        height=110 + _ROW * (len(rows) + rows["instead"].nunique()),
    )
    figure.add_vrect(x0=-aspect.margin, x1=aspect.margin, fillcolor=FAINT, line_width=0, layer="below")
    figure.add_vline(x=0, line={"color": NEUTRAL, "width": 1})
    labels = []
    for instead, group in rows.groupby("instead", sort=False):
        labels.append(_label(float(group["place"].min()) - 1.0, f"<b>{plain(instead)}</b>"))
        labels += [_label(float(y), plain(text)) for y, text in zip(group["place"], group["remedy"], strict=True)]
        _add(figure, group, aspect)
    figure.update_layout(annotations=labels)  # at once: one by one, each copies those before it
    last = float(rows["place"].max()) if len(rows) else 0.0
    figure.update_yaxes(range=[last + 0.6, -0.8], showticklabels=False, showgrid=False, zeroline=False)
    return figure


def _rows(tests: pd.DataFrame) -> pd.DataFrame:
    """The tests group by group, each below its heading: `place` is the row in which one is drawn."""
    first = {instead: k for k, instead in enumerate(dict.fromkeys(tests["instead"]))}
    group = tests["instead"].map(first)
    ordered = tests.assign(group=group).sort_values(["group", "gain"], ascending=[True, False], kind="stable")
    return ordered.assign(place=np.arange(len(ordered)) + ordered["group"].to_numpy() + 1.0)


def _title(found: Remedies, aspect: Aspect) -> str:
    outcomes = found.of(aspect.name)["outcome"]
    better, worse = int((outcomes == BETTER).sum()), int((outcomes == WORSE).sum())
    before = " before calibration" if aspect.name == UNCALIBRATED else ""
    return f"{aspect.label}{before}: {better} of {len(outcomes)} remedies better, {worse} worse"


def _label(place: float, text: str) -> dict[str, object]:
    return {
        "x": 0, "xref": "paper", "xanchor": "left", "y": place, "yshift": _NAME_ABOVE, "text": text,
        "showarrow": False, "font": {"size": 11},
    }  # fmt: skip


def _add(figure: go.Figure, group: pd.DataFrame, aspect: Aspect) -> None:
    """The remedies of one run, under each other."""
    gain, low, high = (group[name].to_numpy(dtype=np.float64) for name in ("gain", "low", "high"))
    said = [
        f"<b>{plain(line['remedy'])}</b>, instead of {plain(line['instead'])}<br>{aspect.label} "
        f"{number(line['value'])} against {number(line['without'])}<br>gain {gain_text(line['gain'], aspect)} "
        f"({spread_text(line, aspect)})<br>adjusted p {p_value(line['p_holm'])}: {OUTCOMES[line['outcome']]}"
        for line in group.to_dict("records")
    ]
    figure.add_scatter(
        x=gain, y=group["place"], mode="markers", showlegend=False, hovertext=said, hoverinfo="text",
        marker={
            "size": 10, "color": model_colour(str(group["model"].iloc[0])), "line": {"width": 1.5},
            "symbol": ["circle" if p < LEVEL else "circle-open" for p in group["p_holm"].fillna(1.0)],
        },
        error_x={
            "type": "data", "symmetric": False, "array": high - gain, "arrayminus": gain - low,
            "color": NEUTRAL, "thickness": 1.3, "width": 0,
        },
    )  # fmt: skip
