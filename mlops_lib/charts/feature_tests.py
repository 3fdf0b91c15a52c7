"""The features ranked by how strongly they go with the target."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from mlops_lib.charts.labels import shortened
from mlops_lib.charts.theme import NEUTRAL, base_figure, plain
from mlops_lib.explore.feature_tests import SMALL, FeatureTests
from mlops_lib.objects.words import count, counted, p_value

MOST = 40
KEPT = "#009E73"


def effect_chart(tests: FeatureTests) -> go.Figure:
    """Effect of each feature on the common scale with its 95 % interval, kept ones filled; the `MOST` strongest."""
    shown = tests.table[tests.table["strength"].notna()].head(MOST)
    title = f"{count(len(tests.kept))} of {counted(len(tests.table), 'feature')} kept"
    figure = base_figure(title, x="Effect (0 none, 1 complete)", height=max(300, 21 * len(shown) + 110))
    places = pd.Series(range(len(shown)), index=shown.index)
    for kept, name, symbol, colour in ((True, "kept", "circle", KEPT), (False, "left out", "circle-open", NEUTRAL)):
        part = shown[shown["kept"] == kept]
        figure.add_scatter(
            x=part["strength"],
            y=places[part.index],
            mode="markers",
            name=name,
            marker={"symbol": symbol, "color": colour, "size": 9},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": part["strength_high"] - part["strength"],
                "arrayminus": part["strength"] - part["strength_low"],
                "thickness": 1.2,
                "width": 0,
            },
            hovertext=[_hover(row) for _, row in part.iterrows()],
            hoverinfo="text",
        )
    figure.update_yaxes(
        tickvals=list(range(len(shown))),
        ticktext=[plain(shortened(name, 26)) for name in shown["feature"]],
        range=[len(shown) - 0.4, -0.6],
        tickfont={"size": 12},
        zeroline=False,
    )
    figure.update_xaxes(rangemode="tozero")
    limit = tests.rule.min_effect
    figure.add_vline(
        x=limit or SMALL,
        line={"color": NEUTRAL, "width": 1, "dash": "dash"},
        annotation_text="your limit" if limit else "small",
        annotation_position="bottom right",
    )
    return figure


def _hover(row: pd.Series) -> str:
    lines = [
        f"<b>{plain(row['feature'])}</b> ({row['test']})",
        f"effect {row['strength']:.3f} ({row['strength_low']:.3f} to {row['strength_high']:.3f})",
        f"adjusted p {p_value(row['adjusted_p'])}, {counted(int(row['n']), 'row')}",
        plain(row["reason"]),
        "" if row["assumption_met"] else f"assumptions not met: {row['assumption']}",
    ]
    return "<br>".join(line for line in lines if line)
