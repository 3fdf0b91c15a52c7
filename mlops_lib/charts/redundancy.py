"""Inflation before and after dropping columns, the way there, and the groups that features join in."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from mlops_lib.charts.labels import shortened
from mlops_lib.charts.theme import CATEGORICAL, FAINT, MODEL_COLOURS, NEUTRAL, base_figure, plain, reference_line
from mlops_lib.explore.redundancy import Groups, Redundancy
from mlops_lib.objects.words import MINUS, counted, number

SHOWN = 24
"""Columns that are drawn at most, the most inflated ones."""

FEWEST, INFLATED = 6, 2.0
"""Columns that are drawn at least, and the VIF from which more are: below, a bar says nothing."""

_LONGEST, _MOST_TICKS = 22, 6
_AFTER = MODEL_COLOURS["logistic_regression"]
_JOINER = "\N{WORD JOINER}"


def vif_chart(found: Redundancy, after: Mapping[str, float]) -> go.Figure:
    """VIF of each column on a log scale: a bar before, a point after; columns missing in `after` are gone."""
    before = found.before
    ranked = sorted(before, key=lambda name: -before[name])
    names = [n for place, n in enumerate(ranked[:SHOWN]) if place < FEWEST or before[n] >= INFLATED]
    right, height = _right(found), max(260, 20 * len(names) + 150)
    figure = base_figure(_vif_title(found, len(names)), x="VIF (log scale)", height=height)
    labels = _labels(names)
    figure.add_bar(
        x=[min(before[n], right) for n in names],
        y=labels,
        orientation="h",
        name="all columns",
        marker={"color": [NEUTRAL if n in after else FAINT for n in names], "opacity": 0.65},
        text=[_bar_text(n, before[n], after) for n in names],
        textposition="auto",
        insidetextanchor="end",
        textfont={"size": 11, "color": ["white" if n in after else NEUTRAL for n in names]},
        constraintext="none",
        cliponaxis=False,
        hovertext=[_vif_hover(n, before[n], after) for n in names],
        hoverinfo="text",
    )
    left = [n for n in names if n in after]
    figure.add_scatter(
        x=[min(after[n], right) for n in left],
        y=[labels[names.index(n)] for n in left],
        mode="markers",
        name="after dropping",
        marker={"color": _AFTER, "size": 9, "symbol": "diamond"},
        hovertext=[_vif_hover(n, before[n], after) for n in left],
        hoverinfo="text",
    )
    reference_line(figure, x=found.limit)
    _name_limit(figure, found, x=math.log10(found.limit), y=1, yref="paper", yanchor="bottom")
    figure.update_xaxes(_scale(found))
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False)
    # The legend stands above the name of the limit, whose height in pixels is the same in every figure.
    figure.update_layout(bargap=0.3, legend={"y": 1 + 20 / (height - 150)}, margin={"t": 92})
    return figure


def path_chart(found: Redundancy) -> go.Figure:
    """The largest VIF that is left after each drop, down to the limit."""
    right = _right(found)
    largest = [max(found.before.values(), default=1.0), *(step.largest for step in found.steps)]
    names = ["all columns", *(f"{MINUS} {shortened(name, 14)}" for name in found.dropped)]
    figure = base_figure(f"Largest VIF after {counted(len(found.steps), 'drop')}", y="largest VIF (log scale)")
    figure.add_scatter(
        x=list(range(len(largest))),
        y=[min(value, right) for value in largest],
        mode="lines+markers",
        line={"color": _AFTER, "shape": "hv"},
        marker={"size": 8},
        hovertext=[f"<b>{plain(n)}</b><br>largest VIF {_words(v)}" for n, v in zip(names, largest, strict=True)],
        hoverinfo="text",
        showlegend=False,
    )
    reference_line(figure, y=found.limit)
    _name_limit(figure, found, x=0, xref="paper", xanchor="left", y=math.log10(found.limit), yanchor="bottom")
    figure.update_yaxes(_scale(found))
    every = max(1, math.ceil(len(names) / 12))
    ticks = list(range(0, len(names), every))
    figure.update_xaxes(tickvals=ticks, ticktext=[plain(names[i]) for i in ticks], tickangle=-40)
    return figure


def tree_chart(found: Groups) -> go.Figure | None:
    """How features join, from those that say the same on the left; a colour for each group above the limit.

    Features that no other joins above half the limit are left out: `Groups.joining` has those that are drawn. None
    where there are none.
    """
    tree = found.tree
    shown = found.joining
    if not shown:
        return None
    figure = base_figure("", x="association at which they join", height=min(1100, max(200, 17 * len(shown) + 90)))
    member = {name: k for k, cluster in enumerate(found.clusters) for name in cluster.names}
    for k, (xs, ys) in sorted(_elbows(found, member, shown).items()):
        colour = NEUTRAL if k < 0 else CATEGORICAL[k % (len(CATEGORICAL) - 2)]
        figure.add_scatter(
            x=xs, y=ys, mode="lines", line={"color": colour, "width": 2}, hoverinfo="skip", showlegend=False
        )
    kept = {cluster.keep for cluster in found.clusters}
    labels = [plain(shortened(tree.names[i], _LONGEST)) for i in shown]
    ticks = [f"<b>{t}</b>" if tree.names[i] in kept else t for t, i in zip(labels, shown, strict=True)]
    p = len(shown)
    figure.update_yaxes(tickvals=list(range(p)), ticktext=ticks, range=[p - 0.4, -0.6], showgrid=False, zeroline=False)
    figure.update_yaxes(tickfont={"size": 11 if p <= 60 else 8})
    figure.update_xaxes(range=[1.01, found.seen_from], zeroline=False)
    return reference_line(figure, x=found.limit, label=f"limit {found.limit:g}")


Lines = dict[int, tuple[list[float | None], list[float | None]]]


def _elbows(found: Groups, member: Mapping[str, int], shown: Sequence[int]) -> Lines:
    """The three sides of each join as one line for each group, and for -1 what is above the limit's cut.

    What joins beyond the end of the axis goes on to it alone.
    """
    tree, p = found.tree, len(found.tree.names)
    at = {column: (float(place), 1.0) for place, column in enumerate(shown)}
    group = {i: member.get(name, -1) for i, name in enumerate(tree.names)}
    lines: Lines = {}
    for k, (a, b, height, _) in enumerate(tree.joins.tolist()):
        association = 1 - height
        if association < found.seen_from - 1e-12:
            break
        first, second = at.pop(int(a)), at.pop(int(b))
        inside = group[int(a)] == group[int(b)] and association >= found.limit - 1e-12
        group[p + k] = group[int(a)] if inside else -1
        at[p + k] = ((first[0] + second[0]) / 2, association)
        xs, ys = lines.setdefault(group[p + k], ([], []))
        xs += [first[1], association, association, second[1], None]
        ys += [first[0], first[0], second[0], second[0], None]
    xs, ys = lines.setdefault(-1, ([], []))
    for place, association in at.values():
        xs += [association, found.seen_from, None]
        ys += [place, place, None]
    return lines


def _right(found: Redundancy) -> float:
    """Where the scale ends: columns that follow from others reach it."""
    finite = [v for v in found.before.values() if not math.isinf(v)]
    return float(10 ** math.ceil(math.log10(max([*finite, 10 * found.limit]))))


def _name_limit(figure: go.Figure, found: Redundancy, **place: object) -> None:
    """Beside its line: on a log axis an annotation stands at the logarithm."""
    figure.add_annotation(text=f"limit {number(found.limit)}", showarrow=False, font={"size": 11}, **place)


def _scale(found: Redundancy) -> dict[str, object]:
    """A log axis just beyond what is drawn; columns that follow from others stand for its end."""
    top = _right(found) if found.following else max(found.limit, *found.before.values())
    ticks = [step * 10**k for k in range(1 + math.ceil(math.log10(top))) for step in (1, 2, 5)]
    ticks = [t for t in ticks if t <= top * (1 if found.following else 1.5)]
    ticks = ticks if len(ticks) <= _MOST_TICKS else [t for t in ticks if math.log10(t).is_integer()]
    words = [f"{t:,}" for t in ticks[:-1]] + ["follows" if found.following else f"{ticks[-1]:,}"]
    ends = [math.log10(0.95), math.log10(top * (1.1 if found.following else 1.5))]
    return {"type": "log", "range": ends, "tickvals": ticks, "ticktext": words}


def _vif_title(found: Redundancy, shown: int) -> str:
    """Says how many of the columns are drawn where not all are."""
    every = len(found.before)
    return f"The {shown} most inflated of {every} numeric features" if shown < every else "VIF of each numeric feature"


def _bar_text(name: str, before: float, after: Mapping[str, float]) -> str:
    gone = "dropped" if name not in after else ""
    follows = "follows from others" if math.isinf(before) else ""
    return ", ".join(filter(None, (follows, gone)))


def _vif_hover(name: str, before: float, after: Mapping[str, float]) -> str:
    then = _words(after[name]) if name in after else "dropped"
    return f"<b>{plain(name)}</b><br>VIF {_words(before)}<br>after dropping: {then}"


def _words(value: float) -> str:
    return "above 1,000,000" if math.isinf(value) else number(value)


def _labels(names: list[str]) -> list[str]:
    """Names cut to fit; two that look the same then are told apart by invisible joiners."""
    labels: list[str] = []
    for name in names:
        label = plain(shortened(name, _LONGEST))
        labels.append(label + _JOINER * sum(label == known.rstrip(_JOINER) for known in labels))
    return labels
