"""The chosen run against its reference on the opened hold-out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mlops_lib.evaluate.binary_judging import COUNTS
from mlops_lib.evaluate.bootstrap import PAIRED, PairedDifference, paired_differences
from mlops_lib.evaluate.delong import DeLong, auc_spread, delong
from mlops_lib.evaluate.intervals import FEW_RANKED, Interval, bootstrap_intervals, too_few
from mlops_lib.evaluate.metrics import METRICS, Metric
from mlops_lib.evaluate.sweep import counts_of, sweep_of
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.predictions import Predictions
from mlops_lib.objects.target import Outcome

DELONG = "DeLong"
SQUARES = "_squares"
TIMES = 1_000


@dataclass(frozen=True, eq=False)
class HoldOutResult:
    """What the hold-out says of two runs, each at its own threshold, which was chosen out-of-fold.

    `table` has one row a metric: `metric`, `label`, then `chosen`, `chosen_low`, `chosen_high` and the same for
    `reference` and for their `difference` (NaN where there is no reference), its two-sided `p`, `method` (DELONG, or a
    bootstrap that keeps the class sizes, paired for the difference) and whether the intervals are `approximate`; all
    intervals are of 95 %. `counts` has one row a run: `run`, `threshold`, `tp`, `fp`, `fn`, `tn`; where rows are
    weighted, also the sums of squared weights, with SQUARES behind the name. `delong` is None without a reference, and
    where rows are weighted. Targets of another `kind` than "binary" have no counts and no
    DeLong, but `details` of the chosen run (`hold_out_outcomes.py`).
    """

    run: str
    reference: str | None
    table: pd.DataFrame
    counts: pd.DataFrame
    delong: DeLong | None
    n: int
    positives: int
    names: tuple[str, ...]
    kind: Outcome = "binary"
    details: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def judge_hold_out(
    chosen: Predictions,
    threshold: float,
    reference: Predictions | None,
    other: float | None,
    seed: int = 0,
    metrics: Sequence[Metric] = METRICS,
) -> HoldOutResult:
    """Judge one run, or two on the same rows. `threshold` and `other` are the runs' own.

    Raises
    ------
    InputError : the predictions are not of the hold-out, or not of the same rows.
    """
    check_held_out(chosen, reference)
    own = _intervals(chosen, threshold, metrics, seed)
    others = _intervals(reference, other, metrics, seed)
    apart: dict[str, PairedDifference] = {}
    if reference is not None and other is not None:
        apart = paired_differences(chosen, reference, metrics, TIMES, seed, (threshold, other))
    tested = _tested(chosen, reference)
    if tested is not None:
        apart |= {"roc_auc": PairedDifference(tested.difference, tested.low, tested.high, tested.p, DELONG)}
    counted = [_counts(p, t) for p, t in ((chosen, threshold), (reference, other)) if p is not None and t is not None]
    return HoldOutResult(
        chosen.run, reference.run if reference is not None else None,
        pd.DataFrame([_line(m, own[m.name], others.get(m.name), apart.get(m.name)) for m in metrics]),
        pd.DataFrame(counted), tested, chosen.n, chosen.positives, chosen.names,
    )  # fmt: skip


def check_held_out(chosen: Predictions, reference: Predictions | None) -> None:
    """Raises InputError where predictions are not of the hold-out, or those of two runs not of the same rows."""
    if chosen.split != "hold-out" or (reference is not None and reference.split != "hold-out"):
        raise InputError("The predictions are not those of the hold-out.", "Predict the hold-out rows first.")
    if reference is not None and not np.array_equal(chosen.row, reference.row):
        raise InputError("The two runs have different hold-out rows.", "Compare two runs of one split.")


def _tested(chosen: Predictions, reference: Predictions | None) -> DeLong | None:
    weighted = chosen.weight is not None or (reference is not None and reference.weight is not None)
    if reference is None or weighted:
        return None
    return delong(chosen.truth, chosen.score, reference.score)


def _intervals(
    predictions: Predictions | None, threshold: float | None, metrics: Sequence[Metric], seed: int
) -> dict[str, Interval]:
    if predictions is None or threshold is None:
        return {}
    found = bootstrap_intervals(sweep_of(predictions), metrics, threshold, TIMES, seed)
    if predictions.weight is None:
        few = too_few((predictions.positives, predictions.n - predictions.positives), FEW_RANKED)
        found["roc_auc"] = Interval(*auc_spread(predictions.truth, predictions.score), DELONG, few)
    return found


def _line(metric: Metric, own: Interval, other: Interval | None, apart: PairedDifference | None) -> dict[str, object]:
    nothing = Interval(np.nan, np.nan, np.nan, "")
    told = apart or PairedDifference(np.nan, np.nan, np.nan, np.nan, PAIRED)
    line: dict[str, object] = {"metric": metric.name, "label": metric.label}
    for name, one in (("chosen", own), ("reference", other or nothing), ("difference", told)):
        line |= {name: one.value, f"{name}_low": one.low, f"{name}_high": one.high}
    return line | {"p": told.p, "method": own.method, "approximate": own.approximate}


def _counts(predictions: Predictions, threshold: float) -> dict[str, object]:
    counts = counts_of(predictions, threshold)
    named = {name: getattr(counts, name).item() for name in COUNTS}
    if counts.squares is not None:
        named |= {name + SQUARES: getattr(counts.squares, name).item() for name in COUNTS}
    return {"run": predictions.run, "threshold": threshold, **named}
