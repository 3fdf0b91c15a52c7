"""A decision drawn: what the policy weighs at every threshold, the choice, and how far it may be trusted."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from mlops_lib.charts.theme import ACCENT, FAINT, NEUTRAL, base_figure
from mlops_lib.evaluate.decision_metrics import precision, recall
from mlops_lib.evaluate.metrics import decision_metric
from mlops_lib.evaluate.sweep import Counts
from mlops_lib.objects.decision import AtLeast, Best, Capacity, Cost, Decision, Policy
from mlops_lib.objects.words import number
from mlops_lib.threshold.policies import cost_of, costs_at_odds
from mlops_lib.threshold.sweep_payload import Payload

_POINTS = 800


def decision_chart(payload: Payload, decision: Decision) -> go.Figure:
    """What the decision's policy weighs, over all thresholds.

    Lines at the chosen threshold and at 0.5, the stability range in grey, the equal band as a bar at the bottom.
    """
    thresholds = np.array(payload["threshold"])
    counts = _counts(payload)
    label, values = _weighed(counts, decision.policy, decision.odds)
    kept = np.unique(np.linspace(0, len(thresholds) - 1, _POINTS).astype(np.int64))
    figure = base_figure(label, "Threshold")
    figure.add_scatter(
        x=thresholds[kept], y=values[kept], mode="lines", line={"color": NEUTRAL, "width": 2}, showlegend=False,
        hovertemplate="threshold %{x:.3f}: %{y:.3g}<extra></extra>",
    )  # fmt: skip
    if decision.stability is not None:
        figure.add_vrect(*decision.stability, fillcolor=FAINT, line_width=0, layer="below")
    if decision.equal_band is not None:
        low, high = decision.equal_band
        figure.add_shape(type="rect", x0=low, x1=high, y0=0, y1=0.03, yref="paper", fillcolor=ACCENT, line_width=0)
    figure.add_vline(
        x=decision.threshold, line={"color": ACCENT, "width": 2}, annotation_text=number(decision.threshold),
        annotation_position="top right",
    )  # fmt: skip
    figure.add_vline(
        x=0.5, line={"color": NEUTRAL, "width": 1, "dash": "dash"}, annotation_text="0.5",
        annotation_position="bottom right",
    )  # fmt: skip
    figure.update_xaxes(range=[0, max(0.55, min(1.0, float(thresholds[-2] if len(thresholds) > 1 else 1.0)))])
    return figure


def _counts(payload: Payload) -> Counts:
    tp, fp = np.array(payload["tp"]), np.array(payload["fp"])
    return Counts(tp, fp, payload["positives"] - tp, payload["negatives"] - fp)


def _weighed(counts: Counts, policy: Policy, odds: float) -> tuple[str, np.ndarray]:
    """The label and the values of what a policy weighs; costs at the true share, where the odds are not 1."""
    if isinstance(policy, Cost):
        unit = f" ({policy.currency})" if policy.currency else ""
        rows = counts.positives * odds + counts.n - counts.positives
        where = "" if odds == 1 else " at the true share"
        return f"Expected cost per 1,000 rows{where}{unit}", cost_of(counts, costs_at_odds(policy, odds)) / rows * 1_000
    if isinstance(policy, Capacity):
        return f"Alerts in {policy.out_of:,} rows", counts.alarms / counts.n * policy.out_of
    if isinstance(policy, AtLeast):
        return policy.metric.capitalize(), (precision if policy.metric == "precision" else recall)(counts)
    metric = decision_metric(policy.metric if isinstance(policy, Best) else "f1")
    return metric.label, metric.of(counts)
