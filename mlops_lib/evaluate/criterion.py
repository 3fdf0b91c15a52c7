"""Whether a run meets what the charter calls success."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import pandas as pd

from mlops_lib.data.charters import in_force
from mlops_lib.evaluate.metrics import metric
from mlops_lib.objects.charter import Charter, Criterion
from mlops_lib.objects.run import Run
from mlops_lib.objects.words import interval, number
from mlops_lib.train.prior_shift import PriorShift, share_words
from mlops_lib.workspace.folder import Workspace

Status = Literal["met", "missed", "open"]

WHATEVER_THE_SHARE = frozenset(("roc_auc", "recall", "balanced_accuracy"))
"""Metrics that do not depend on the share of positives."""


@dataclass(frozen=True)
class Met:
    """How a run stands against one part of the criterion, and the sentence that says so."""

    status: Status
    says: str


def metric_met(line: pd.Series, criterion: Criterion, shift: PriorShift | None = None) -> Met:
    """The metric of one run against its limit.

    Met where its whole 95 % interval is on the right side of the limit, missed where the whole interval is on the wrong
    side, else open. Open as well where the table has another share of positives than the truth (`shift`) and the metric
    depends on it. `line` is a row of `Judgement.table`. Raises InputError where there is no such metric.
    """
    chosen = metric(criterion.metric)
    if chosen.name not in line.index or pd.isna(line[chosen.name]):
        return Met("open", f"{chosen.label} was not measured for this run.")
    value, low, high = (float(line[chosen.name + end]) for end in ("", "_low", "_high"))
    side = 1 if chosen.higher_is_better else -1
    worst, best = (low, high) if side > 0 else (high, low)
    limit = f"{'at least' if side > 0 else 'at most'} {number(criterion.limit)}"
    measured = f"{chosen.label} is {number(value)} ({interval(low, high)}); the charter asks for {limit}"
    if shift is not None and chosen.name not in WHATEVER_THE_SHARE:
        now, true = share_words(shift.table), share_words(shift.true)
        return Met("open", f"{measured}, but it was measured with {now} '{shift.positive}', and the truth is {true}.")
    if side * (worst - criterion.limit) >= 0:
        return Met("met", f"{measured}, and the whole interval meets it.")
    if side * (best - criterion.limit) < 0:
        return Met("missed", f"{measured}, and the whole interval misses it.")
    return Met("open", f"{measured}; the interval holds the limit, so these rows cannot tell.")


def latency_met(p95_ms: float, criterion: Criterion) -> Met:
    """The time for scoring one row, in milliseconds (its 95th percentile), against the limit; open without a limit."""
    if criterion.latency_ms is None:
        return Met("open", "The charter sets no time for scoring one row.")
    status: Status = "met" if p95_ms <= criterion.latency_ms else "missed"
    return Met(
        status,
        f"One row is scored within {number(p95_ms)} ms in 95 % of the calls; the charter allows "
        f"{number(criterion.latency_ms)} ms.",
    )


def set_before(workspace: Workspace, charter: Charter, runs: Sequence[Run]) -> bool:
    """Whether the criterion was in force before the first of these runs had a result; true where none has one."""
    finished = [datetime.fromisoformat(run.finished).timestamp() for run in runs if run.finished]
    if not finished:
        return True
    then = in_force(workspace, charter.project, min(finished))
    return then is not None and then.criterion == charter.criterion
