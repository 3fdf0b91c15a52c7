"""Explanations as figures: global bars, beeswarm, dependence of one column, one row's waterfall, permutation bars."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlops_lib.charts.theme import HEIGHT, NEGATIVE, NEUTRAL, POSITIVE, SEQUENTIAL, base_figure, plain, reference_line
from mlops_lib.explain.explanation import Explanation, PermutationImportance, cell_text
from mlops_lib.objects.words import number, percent

BARS, SWARM, STEPS = 12, 10, 9
POINTS = 400
"""Rows drawn of each column of the beeswarm; more say nothing further and slow the browser."""

_BAR = "#5C7F8A"
_ROW_HEIGHT = 26
_LONGEST = 26


def importance_bars(explanation: Explanation) -> go.Figure:
    """Mean |SHAP| of the most important columns, with 95 % intervals where only a sample was explained."""
    top = explanation.importance.head(BARS).iloc[::-1]
    first = explanation.importance.iloc[0]
    title = f"{_short(first['column'])} moves the score most"
    figure = base_figure(title, x=f"Mean |SHAP| ({explanation.scale})", height=_tall(len(top)))
    half = 1.96 * top["error"].fillna(0.0)
    figure.add_bar(
        x=top["mean_abs"],
        y=_labels(top["column"]),
        orientation="h",
        marker_color=_BAR,
        error_x={"array": half, "color": NEUTRAL, "thickness": 1.2} if (half > 0).any() else None,
        customdata=np.column_stack([[number(v) for v in top["mean_abs"]], [percent(s) for s in top["share"]]]),
        hovertemplate="%{y}: %{customdata[0]} on average, %{customdata[1]} of the total<extra></extra>",
    )
    return figure


def permutation_bars(importance: PermutationImportance) -> go.Figure:
    """Drop in ROC-AUC when a column is shuffled, with one standard deviation over the repeats."""
    top = importance.table.head(BARS).iloc[::-1]
    first = importance.table.iloc[0]
    title = f"Shuffling {_short(first['column'])} costs {number(first['drop'])} of ROC-AUC"
    figure = base_figure(title, x="Drop in ROC-AUC", height=_tall(len(top)))
    figure.add_bar(
        x=top["drop"],
        y=_labels(top["column"]),
        orientation="h",
        marker_color=_BAR,
        error_x={"array": top["spread"], "color": NEUTRAL, "thickness": 1.2},
        customdata=[[number(v), number(s)] for v, s in zip(top["drop"], top["spread"], strict=True)],
        hovertemplate="%{y}: ROC-AUC falls by %{customdata[0]} (± %{customdata[1]})<extra></extra>",
    )
    return figure


def beeswarm(explanation: Explanation, seed: int = 0) -> go.Figure:
    """One dot a row and column: how far the cell moves the score, coloured from low to high values.

    Columns of labels have no low and high and are grey.
    """
    columns = explanation.importance["column"].head(SWARM).tolist()
    shown = _drawn_rows(explanation, seed)
    title = f"Each dot is one row: right pushes towards '{_short(explanation.names[1])}'"
    figure = base_figure(title, x=f"SHAP value ({explanation.scale})", height=_tall(len(columns), 34))
    for place, column in enumerate(reversed(columns)):
        figure.add_trace(_swarm_row(explanation, column, place, shown))
    figure.update_yaxes(
        tickvals=list(range(len(columns))), ticktext=_labels(reversed(columns)), showgrid=False, zeroline=False
    )
    figure.update_layout(showlegend=False)
    return reference_line(figure, x=0.0)


def dependence(explanation: Explanation, column: str, seed: int = 0) -> go.Figure:
    """How the SHAP value of one column goes with its cell: dots for numbers and dates, boxes for labels."""
    cells = explanation.cells[column]
    values = explanation.values[:, explanation.columns.index(column)]
    figure = base_figure(
        _dependence_title(column, cells, values),
        x=_short(column),
        y=f"SHAP value ({explanation.scale})",
        height=HEIGHT + 60,
    )
    if _is_scale(cells):
        shown = np.intersect1d(_drawn_rows(explanation, seed, 1500), np.flatnonzero(cells.notna()))
        figure.add_scatter(
            x=cells.iloc[shown],
            y=values[shown],
            mode="markers",
            marker={"color": _BAR, "size": 6, "opacity": 0.55},
            customdata=_hover(explanation, column, shown),
            hovertemplate="%{customdata[0]}<br>%{customdata[1]}<br>row %{customdata[2]}<extra></extra>",
        )
    else:
        _add_boxes(figure, cells, values)
    figure.update_layout(showlegend=False)
    return reference_line(figure, y=0.0)


def waterfall(explanation: Explanation, row: int) -> go.Figure:
    """From the mean score to one row's score, the largest parts first; smaller ones are one step together."""
    parts = explanation.parts(row)
    shown, rest = parts.head(STEPS), parts.iloc[STEPS:]
    labels = [f"{_short(c)} = {_short(_cell(v))}" for c, v in zip(shown["column"], shown["cell"], strict=True)]
    values = shown["value"].tolist()
    if len(rest):
        labels.append(f"{len(rest)} other columns")
        values.append(float(rest["value"].sum()))
    score = float(explanation.score[explanation.position(row)])
    labels = ["Mean score E[f]", *labels, "This row's score"]
    title = f"From {number(explanation.expected)} on average to {number(score)} for row {row:,}"
    figure = base_figure(title, x=f"Score before calibration ({explanation.scale})", height=_tall(len(labels), 30))
    figure.add_waterfall(
        orientation="h",
        y=_distinct(labels),
        x=[explanation.expected, *values, score],
        measure=["absolute", *["relative"] * len(values), "total"],
        increasing={"marker": {"color": POSITIVE}},
        decreasing={"marker": {"color": NEGATIVE}},
        totals={"marker": {"color": NEUTRAL}},
        connector={"line": {"color": NEUTRAL, "width": 1}},
        text=[number(explanation.expected), *[_signed(v) for v in values], number(score)],
        textposition="outside",
        hovertemplate="%{y}: %{text}<extra></extra>",
        cliponaxis=False,
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    ends = np.cumsum([explanation.expected, *values])
    low, high = float(ends.min()), float(ends.max())
    room = (high - low) * 0.18 or 1.0
    figure.update_xaxes(range=[low - room, high + room])
    figure.update_layout(showlegend=False)
    return figure


def _swarm_row(explanation: Explanation, column: str, place: int, shown: np.ndarray) -> go.Scatter:
    values = explanation.values[shown, explanation.columns.index(column)]
    cells = explanation.cells[column].iloc[shown]
    colour = _rank(cells) if _is_scale(cells) else None
    marker: dict[str, object] = {"size": 5, "opacity": 0.75, "color": NEUTRAL if colour is None else colour}
    if colour is not None:
        marker |= {"colorscale": SEQUENTIAL, "cmin": -0.35, "cmax": 1.35}
    return go.Scatter(
        x=values,
        y=place + _spread(values),
        mode="markers",
        marker=marker,
        customdata=_hover(explanation, column, shown),
        hovertemplate="%{customdata[0]}<br>%{customdata[1]}<br>row %{customdata[2]}<extra></extra>",
    )


def _add_boxes(figure: go.Figure, cells: pd.Series, values: np.ndarray) -> None:
    text = cells.map(_cell).to_numpy()
    means = pd.Series(values).groupby(text).mean().sort_values()
    commonest = set(pd.Series(text).value_counts().head(BARS).index)
    for label in (m for m in means.index if m in commonest):
        here = values[text == label]
        figure.add_box(
            y=here,
            name=f"{plain(_short(str(label)))} (n={len(here):,})",
            marker_color=POSITIVE if means[label] > 0 else NEGATIVE,
            boxpoints=False,
        )


def _dependence_title(column: str, cells: pd.Series, values: np.ndarray) -> str:
    if _is_scale(cells):
        known = cells.notna().to_numpy()
        ranks = pd.DataFrame({"x": cells[known].astype("int64") if _is_date(cells) else cells[known]}).rank()["x"]
        together = float(np.corrcoef(ranks, pd.Series(values[known]).rank())[0, 1]) if known.sum() > 2 else 0.0
        if abs(together) > 0.5:
            return f"Higher {_short(column)} goes with a {'higher' if together > 0 else 'lower'} score"
        return f"{_short(column)} moves the score both ways"
    means = pd.Series(values).groupby(cells.map(_cell).to_numpy()).mean()
    return f"{_short(column)}: '{_short(str(means.idxmax()))}' raises the score most"


def _drawn_rows(explanation: Explanation, seed: int, most: int = POINTS) -> np.ndarray:
    if explanation.n <= most:
        return np.arange(explanation.n)
    return np.sort(np.random.default_rng(seed).choice(explanation.n, most, replace=False))


def _spread(values: np.ndarray) -> np.ndarray:
    """Vertical offsets in ±0.38 that fan out dots of nearly the same value."""
    if np.ptp(values) == 0:
        return np.linspace(-0.3, 0.3, len(values))
    bins = np.minimum((60 * (values - values.min()) / np.ptp(values)).astype(int), 59)
    order = np.argsort(bins, kind="stable")
    counts = np.bincount(bins, minlength=60)
    within = np.empty(len(values))
    within[order] = np.concatenate([np.arange(c) - (c - 1) / 2 for c in counts])
    return np.asarray(within * (0.76 / max(int(counts.max()), 12)))


def _rank(cells: pd.Series) -> np.ndarray:
    """0 for the lowest, 1 for the highest; missing cells lie below the scale."""
    return np.asarray(cells.rank(pct=True).fillna(-0.35), dtype=np.float64)


def _hover(explanation: Explanation, column: str, shown: np.ndarray) -> list[list[str]]:
    values = explanation.values[shown, explanation.columns.index(column)]
    cells = explanation.cells[column].iloc[shown]
    return [
        [f"{plain(_short(column))} = {plain(_short(_cell(c)))}", f"SHAP {_signed(v)}", f"{r:,}"]
        for c, v, r in zip(cells, values, explanation.row[shown].tolist(), strict=True)
    ]


def _is_date(cells: pd.Series) -> bool:
    return bool(pd.api.types.is_datetime64_any_dtype(cells.dtype))


def _is_scale(cells: pd.Series) -> bool:
    """Whether cells have a low and a high."""
    numeric = pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype)
    return bool(numeric) or _is_date(cells)


def _cell(value: object) -> str:
    return cell_text(value) or "missing"


def _signed(value: float) -> str:
    return f"+{number(value)}" if value > 0 else number(value)


def _short(text: object) -> str:
    whole = str(text)
    return whole if len(whole) <= _LONGEST else f"{whole[: _LONGEST - 1]}…"


def _labels(names: Iterable[object]) -> list[str]:
    return _distinct([_short(name) for name in names])


def _distinct(labels: list[str]) -> list[str]:
    """Labels for an axis. Two names that look alike once shortened must not share a place: an unseen sign tells them
    apart."""
    return [plain(label) + "\u200b" * labels[:place].count(label) for place, label in enumerate(labels)]


def _tall(rows: int, each: int = _ROW_HEIGHT) -> int:
    return max(HEIGHT, 110 + each * rows)
