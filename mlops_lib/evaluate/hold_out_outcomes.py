"""The hold-out of a target with many classes or of a number: the chosen run against its reference on the same rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlops_lib.evaluate.class_judging import HeldClasses, confusion_table, hold_classes, per_class_held
from mlops_lib.evaluate.hold_out import HoldOutResult, check_held_out
from mlops_lib.evaluate.intervals import drawn_interval
from mlops_lib.evaluate.number_judging import HeldNumbers, grid, hold_numbers, residuals
from mlops_lib.evaluate.outcomes import METRICS_OF
from mlops_lib.objects.predictions import Predictions


def judge_outcome_hold_out(chosen: Predictions, reference: Predictions | None, seed: int = 0) -> HoldOutResult:
    """Judge one run, or two on the same rows, by a bootstrap of rows, stratified by class where there are classes.

    The difference of two runs (`difference`, `_low`, `_high` in `table`) is drawn on the same rows for both.

    Raises
    ------
    InputError : the predictions are not of the hold-out, or not of the same rows.
    """
    check_held_out(chosen, reference)
    held = _held(chosen, seed)
    other = None if reference is None else _held(reference, seed)
    return HoldOutResult(
        run=chosen.run,
        reference=None if reference is None else reference.run,
        table=_table(chosen, held, other),
        counts=pd.DataFrame(),
        delong=None,
        n=chosen.n,
        positives=0,
        names=chosen.names,
        kind=chosen.kind,
        details=_details(chosen, held),
    )


Held = HeldClasses | HeldNumbers


def _held(predictions: Predictions, seed: int) -> Held:
    return hold_classes(predictions, seed) if predictions.kind == "classes" else hold_numbers(predictions, seed)


def _table(chosen: Predictions, held: Held, other: Held | None) -> pd.DataFrame:
    return pd.DataFrame([_line(one.name, one.label, held, other) for one in METRICS_OF[chosen.kind]])


def _line(name: str, label: str, held: Held, other: Held | None) -> dict[str, object]:
    line: dict[str, object] = {"metric": name, "label": label}
    own = held.intervals[name]
    beside = None if other is None else other.intervals[name]
    apart = None
    if other is not None and beside is not None:
        apart = drawn_interval(own.value - beside.value, held.drawn[name] - other.drawn[name], own.approximate)
    for column, one in (("chosen", own), ("reference", beside), ("difference", apart)):
        values = (np.nan, np.nan, np.nan) if one is None else (one.value, one.low, one.high)
        line |= {column: values[0], f"{column}_low": values[1], f"{column}_high": values[2]}
    return line | {"method": own.method, "approximate": own.approximate}


def _details(chosen: Predictions, held: Held) -> dict[str, pd.DataFrame]:
    if isinstance(held, HeldClasses):
        return {"confusion": confusion_table(held.whole), "per_class": per_class_held(held, chosen.names)}
    return {"grid": grid(chosen), "residuals": residuals(chosen)}
