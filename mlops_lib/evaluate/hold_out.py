"""The chosen run against its reference on the opened hold-out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops_lib.evaluate.delong import DeLong, delong
from mlops_lib.evaluate.intervals import bootstrap_interval
from mlops_lib.evaluate.metrics import METRICS
from mlops_lib.evaluate.sweep import counts_at, sweep_of
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.predictions import Predictions


@dataclass(frozen=True, eq=False)
class HoldOutResult:
    """What the hold-out says of two runs, each at its own threshold, which was chosen out-of-fold.

    `table` has one row a metric: `metric`, `label`, then `chosen`, `chosen_low`, `chosen_high` and the same for
    `reference` (NaN where there is none); 95 % intervals from a stratified bootstrap, for ROC-AUC from DeLong.
    `counts` has one row a run: `run`, `threshold`, `tp`, `fp`, `fn`, `tn`. `delong` is None without a reference.
    """

    run: str
    reference: str | None
    table: pd.DataFrame
    counts: pd.DataFrame
    delong: DeLong | None
    n: int
    positives: int
    names: tuple[str, ...]


def judge_hold_out(
    chosen: Predictions, threshold: float, reference: Predictions | None, other: float | None, seed: int = 0
) -> HoldOutResult:
    """Judge one run, or two on the same rows. `threshold` and `other` are the runs' own.

    Raises
    ------
    InputError : the predictions are not of the hold-out, or not of the same rows.
    """
    if chosen.split != "hold-out" or (reference is not None and reference.split != "hold-out"):
        raise InputError("The predictions are not those of the hold-out.", "Predict the hold-out rows first.")
    if reference is not None and not np.array_equal(chosen.row, reference.row):
        raise InputError("The two runs have different hold-out rows.", "Compare two runs of one split.")
    tested = delong(chosen.truth, chosen.score, reference.score) if reference is not None else None
    columns: list[tuple[str, Predictions | None, float | None]] = [
        ("chosen", chosen, threshold),
        ("reference", reference, other),
    ]
    table = pd.DataFrame({"metric": [m.name for m in METRICS], "label": [m.label for m in METRICS]})
    for name, predictions, at in columns:
        values = _intervals(predictions, at, seed)
        for place, suffix in enumerate(("", "_low", "_high")):
            table[name + suffix] = [v[place] for v in values]
    if tested is not None:
        area = table["metric"] == "roc_auc"
        table.loc[area, ["chosen_low", "chosen_high"]] = (tested.auc_low, tested.auc_high)
        table.loc[area, ["reference_low", "reference_high"]] = (tested.other_low, tested.other_high)
    counted = [_counts(p, t) for _, p, t in columns if p is not None and t is not None]
    return HoldOutResult(
        chosen.run, reference.run if reference is not None else None, table, pd.DataFrame(counted), tested,
        chosen.n, chosen.positives, chosen.names,
    )  # fmt: skip


def _intervals(predictions: Predictions | None, threshold: float | None, seed: int) -> list[tuple[float, float, float]]:
    if predictions is None or threshold is None:
        return [(float("nan"), float("nan"), float("nan")) for _ in METRICS]
    swept = sweep_of(predictions)
    found = [bootstrap_interval(swept, m, threshold, times=500, seed=seed) for m in METRICS]
    return [(one.value, one.low, one.high) for one in found]


def _counts(predictions: Predictions, threshold: float) -> dict[str, object]:
    counts = counts_at(predictions.truth, predictions.score, threshold)
    named = {name: int(getattr(counts, name)) for name in ("tp", "fp", "fn", "tn")}
    return {"run": predictions.run, "threshold": threshold, **named}
