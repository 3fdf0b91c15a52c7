"""The features ranked by how strongly they go with the target."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from mlops_lib.charts.labels import faded, shortened
from mlops_lib.charts.theme import NEUTRAL, base_figure, plain
from mlops_lib.explore.feature_tests import SMALL, FeatureTests
from mlops_lib.explore.ranking_words import could_have_found, p_words
from mlops_lib.explore.survival import Survival
from mlops_lib.objects.words import count, counted, number, p_value

MOST = 40
"""Features drawn at once."""

KEPT = "#009E73"
_ROW, _BELOW, _NAME = 17, 0.3, 24


def effect_pages(tests: FeatureTests) -> int:
    """How many figures the features with a test need."""
    return max(1, -(-tests.tested // MOST))


def effect_chart(tests: FeatureTests, survived: Survival | None = None, page: int = 1) -> go.Figure:
    """Effect of each feature on the common scale with its 95 % interval, the strongest first, kept ones filled.

    A thin line below an interval is the range over folds. `page` (from 1) counts `MOST` features each. `customdata`
    of a point is the row of its feature in `tests.table`.
    """
    shown = tests.table[tests.table["strength"].notna()].iloc[(page - 1) * MOST : page * MOST]
    limit = tests.rule.min_effect
    axis = f"Effect, 0 to 1 (dashed: {f'your limit {limit:g}' if limit else f'{SMALL:g}, small'})"
    figure = base_figure(_title(tests, page), x=axis, height=_ROW * max(len(shown), 5) + 120)
    places = pd.Series(range(len(shown)), index=shown.index, dtype=float)
    folds = survived.table.set_index("feature") if survived is not None else None
    if folds is not None:
        _add_folds(figure, folds.loc[shown["feature"]])
    for kept, name, symbol, colour in ((True, "kept", "circle", KEPT), (False, "left out", "circle-open", NEUTRAL)):
        part = shown[shown["kept"] == kept]
        figure.add_scatter(
            x=part["strength"],
            y=places[part.index],
            mode="markers",
            name=name,
            customdata=[[place] for place in part.index],
            marker={"symbol": symbol, "color": colour, "size": 9},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": part["strength_high"] - part["strength"],
                "arrayminus": part["strength"] - part["strength_low"],
                "thickness": 1.4,
                "width": 0,
            },
            hovertext=[_hover(row, tests.rule.max_p, folds, survived) for _, row in part.iterrows()],
            hoverinfo="text",
        )
    figure.update_yaxes(
        tickvals=list(range(len(shown))),
        ticktext=[plain(shortened(name, _NAME)) for name in shown["feature"]],
        range=[max(len(shown), 1) - 0.4, -0.6],
        tickfont={"size": 12},
        zeroline=False,
        showgrid=False,
    )
    highest = float(shown[["strength", "strength_high"]].to_numpy(dtype=float).max()) if len(shown) else 1.0
    figure.update_xaxes(range=[-0.015 * highest, 1.03 * max(highest, limit, SMALL)])
    figure.add_vline(x=limit or SMALL, line={"color": NEUTRAL, "width": 1, "dash": "dash"})
    return figure


def _title(tests: FeatureTests, page: int) -> str:
    said = f"{count(len(tests.kept))} of {counted(len(tests.table), 'feature')} kept"
    if effect_pages(tests) == 1:
        return said
    last = min(page * MOST, tests.tested)
    return f"{said}; places {count((page - 1) * MOST + 1)} to {count(last)}"


def _add_folds(figure: go.Figure, folds: pd.DataFrame) -> None:
    across: list[float | None] = []
    down: list[float | None] = []
    for place, (low, high) in enumerate(zip(folds["effect_low"], folds["effect_high"], strict=True)):
        across += [low, high, None]
        down += [place + _BELOW, place + _BELOW, None]
    figure.add_scatter(
        x=across, y=down, mode="lines", name="range over folds", line={"color": faded(NEUTRAL, 0.9), "width": 1.5},
        hoverinfo="skip",
    )  # fmt: skip


def _hover(row: pd.Series, limit: float, folds: pd.DataFrame | None, survived: Survival | None) -> str:
    lines = [
        f"<b>{plain(row['feature'])}</b> ({row['test']})",
        f"effect {row['strength']:.3f} ({row['strength_low']:.3f} to {row['strength_high']:.3f})",
        plain(f"p {p_words(row['p'], row['log_p'])}, adjusted {p_value(row['adjusted_p'])}, n {count(row['n'])}"),
        "" if row["kept"] else plain(row["reason"]),
        plain(could_have_found(row, limit)),
        "" if row["p_from"] == "reference" else f"p from {row['p_from']}",
        "" if row["assumption_met"] else f"assumptions not met: {plain(row['assumption'])}",
    ]
    if folds is not None and survived is not None:
        found = folds.loc[row["feature"]]
        effects = f"{number(found['effect_low'])} to {number(found['effect_high'])}"
        lines.append(f"kept in {count(found['kept'])} of {survived.folds} folds, effect there {effects}")
    return "<br>".join(line for line in lines if line)
