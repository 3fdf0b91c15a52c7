"""Many classes and numbers as people read them: the frames that pages, reports and the command line print."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mlops_lib.evaluate.intervals import BOOTSTRAP
from mlops_lib.evaluate.outcomes import METRICS_OF, metric_of
from mlops_lib.objects.target import Outcome
from mlops_lib.objects.words import MISSING, count, duration, interval, number

if TYPE_CHECKING:
    from mlops_lib.evaluate.comparison import Comparison
    from mlops_lib.evaluate.hold_out import HoldOutResult

_BY_CLASS = {
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
    "roc_auc": "ROC-AUC against the rest",
    "average_precision": "Average precision",
}


def shown_outcomes(comparison: Comparison) -> pd.DataFrame:
    """One line a run, best first: each metric with its 95 % interval, times, and the reason where a run failed.

    The head of a column has what doing nothing gets in it.
    """
    table, judgement = comparison.table, comparison.judgement
    shown = {
        "Rank": [MISSING if np.isnan(r) else f"{int(r)}" for r in table["rank"]],
        "Recipe": table["recipe"],
    }
    for one in METRICS_OF[judgement.kind]:
        shown[one.label] = _spreads(table, one.name, _decimals(judgement.kind, one.name, judgement.nothing[one.name]))
    shown |= {
        "Fit, a fold": [duration(v) for v in table["fit_seconds"]],
        "Predict 1,000 rows": [duration(v) for v in table["predict_seconds_per_1000"]],
        "Note": table["reason"],
    }
    return pd.DataFrame(shown)


def nothing_of(comparison: Comparison, name: str) -> str:
    """What doing nothing gets in a metric, in words for a card or a head."""
    return f"doing nothing: {number(comparison.judgement.nothing[name])}"


def shown_per_class(table: pd.DataFrame) -> pd.DataFrame:
    """One line a class from a "per_class" table of one run: its rows, and each metric with its 95 % interval."""
    wide = {name: part.set_index("label") for name, part in table.groupby("metric", sort=False)}
    first = next(iter(wide.values()))
    shown: dict[str, object] = {"Class": list(first.index), "Rows": [count(round(v)) for v in first["rows"]]}
    for name, label in _BY_CLASS.items():
        shown[label] = _columns(wide[name], ("value", "low", "high", "method"), 2)
    return pd.DataFrame(shown)


def shown_outcome_hold_out(result: HoldOutResult, chosen: str, reference: str = "") -> pd.DataFrame:
    """One line a metric on the hold-out, a column for each run under the names given, and their difference."""
    table = result.table
    shown = {"Metric": table["label"], chosen: _with(table, "chosen")}
    if result.reference is not None:
        shown |= {reference: _with(table, "reference"), "Difference": _with(table, "difference")}
    method = table["method"] if result.kind == "classes" else "bootstrap of rows"  # a number has no classes to keep
    shown["95 % interval"] = np.where(table["approximate"], "approximate", method)
    return pd.DataFrame(shown)


def hold_out_sentence(result: HoldOutResult, chosen: str, reference: str, name: str) -> str:
    """Whether the hold-out shows a difference between the two runs in one metric, with its interval."""
    one = metric_of(result.kind, name)
    line = result.table[result.table["metric"] == one.name].iloc[0]
    row = {str(k): float(v) for k, v in line.drop(["metric", "label", "method", "approximate"]).items()}
    own = f"{one.label} {number(row['chosen'])} ({interval(row['chosen_low'], row['chosen_high'])})"
    if result.reference is None:
        return f"On the hold-out, {chosen} has {own}."
    low, high = row["difference_low"], row["difference_high"]
    finding = "a difference" if low > 0 or high < 0 else "no detectable difference"
    return (
        f"On the hold-out, {finding}: {own} for {chosen} against {number(row['reference'])} for {reference}, "
        f"difference {number(row['difference'])} ({interval(low, high)})."
    )


def _decimals(kind: Outcome, name: str, nothing: float) -> int:
    """Decimals that keep three digits of a number's own unit, and two or three of a share."""
    if kind == "number" and name != "r2":
        return max(0, 2 - int(np.floor(np.log10(abs(nothing))))) if nothing else 3
    return 2 if metric_of(kind, name).higher_is_better else 3


def _spreads(table: pd.DataFrame, name: str, decimals: int) -> list[str]:
    return _columns(table, (name, f"{name}_low", f"{name}_high", f"{name}_method"), decimals)


def _columns(table: pd.DataFrame, names: Iterable[str], decimals: int) -> list[str]:
    """Value and interval; a star marks an interval that is not from folds."""
    return [
        MISSING
        if np.isnan(v)
        else f"{_value(v, decimals)} ({_value(a, decimals)} to {_value(b, decimals)}){'*' if how == BOOTSTRAP else ''}"
        for v, a, b, how in zip(*(table[name] for name in names), strict=True)
    ]


def _value(value: float, decimals: int) -> str:
    """A fixed number of decimals, so that a column sorts as text as it does as numbers."""
    return MISSING if np.isnan(value) else f"{round(value, decimals) + 0.0:,.{decimals}f}".replace("-", "−")


def _with(table: pd.DataFrame, name: str) -> list[str]:
    columns = (table[name + suffix] for suffix in ("", "_low", "_high"))
    return [f"{number(v)} ({interval(a, b)})" for v, a, b in zip(*columns, strict=True)]
