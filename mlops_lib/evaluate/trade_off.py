"""Prediction beside processing: which runs nobody beats in both, and what the better ones cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops_lib.evaluate.intervals import FoldTest, corrected_t
from mlops_lib.objects.words import duration, interval, number
from mlops_lib.train.processing import Measured

LEVEL = 0.05
DUMMY = "dummy"
_ALIKE = 1.25
"""Times that are no further apart than by this factor are called alike."""


@dataclass(frozen=True, eq=False)
class TradeOff:
    """`table` has a row a run that was measured, the best first: `run`, `recipe`, `model`, `rung`, `value`, `low`,
    `high`, `fit_seconds`, `p50_ms`, `p95_ms`, `calls`, `rows_per_second`, `disk_bytes`, `memory_bytes` and `pareto`:
    no other run is as good or better and as quick or quicker, and more so in one of the two. `sentence` sets the best
    against the quickest of these (doing nothing aside)."""

    table: pd.DataFrame
    label: str
    higher_is_better: bool
    measured: Measured
    sentence: str


def trade_off(
    table: pd.DataFrame,
    folds: pd.DataFrame,
    ratio: float,
    metric: tuple[str, str, bool],
    measured: Measured,
) -> TradeOff:
    """Join what was judged with what was measured.

    `table` and `folds` are those of a comparison, `ratio` its rows tested / rows trained, `metric` (name, label,
    whether higher is better).
    """
    name, label, higher = metric
    costs = pd.DataFrame([
        {
            "run": one.run, "p50_ms": one.latency.p50_ms, "p95_ms": one.latency.p95_ms, "calls": one.latency.calls,
            "rows_per_second": one.rows_per_second, "disk_bytes": one.disk_bytes, "memory_bytes": one.memory_bytes,
        }
        for one in measured.runs
    ])  # fmt: skip
    judged = table[["run", "recipe", "model", "rung", name, f"{name}_low", f"{name}_high", "fit_seconds"]]
    judged = judged.set_axis(["run", "recipe", "model", "rung", "value", "low", "high", "fit_seconds"], axis=1)
    joined = judged.merge(costs, on="run").dropna(subset=["value"])
    joined = joined.sort_values("value", ascending=not higher, kind="stable", ignore_index=True)
    sign = 1.0 if higher else -1.0
    joined["pareto"] = pareto(sign * joined["value"].to_numpy(), joined["p50_ms"].to_numpy())
    return TradeOff(joined, label, higher, measured, _sentence(joined, folds, ratio, metric))


def pareto(good: np.ndarray, slow: np.ndarray) -> np.ndarray:
    """Which of n runs no other one beats: none is at least as good and as quick, and better in one; bool (n,)."""
    as_good, as_quick = good[None, :] >= good[:, None], slow[None, :] <= slow[:, None]
    more = (good[None, :] > good[:, None]) | (slow[None, :] < slow[:, None])
    return np.asarray(~(as_good & as_quick & more).any(axis=1))


def _sentence(table: pd.DataFrame, folds: pd.DataFrame, ratio: float, metric: tuple[str, str, bool]) -> str:
    real = table[table["model"] != DUMMY]
    if len(real) < 2:
        return "There is one model to look at." if len(real) else "There is no model to look at."
    best = real.iloc[0]
    quick = real[real["pareto"]].sort_values("p50_ms", kind="stable").iloc[0]
    name, label, higher = metric
    if best["run"] == quick["run"]:
        return (
            f"{best['recipe']} has the best {label} ({number(float(best['value']))}), and none of the others is "
            f"quicker ({_time(best)} a row)."
        )
    slower = float(best["p50_ms"] / quick["p50_ms"])
    pace = f"{number(slower, 2)} times slower" if slower >= _ALIKE else "about as quick"
    test = _paired(folds, str(best["run"]), str(quick["run"]), name, ratio)
    gain = f"{number(abs(float(best['value'] - quick['value'])))} better in {label}"
    return (
        f"{best['recipe']} is {gain} than {quick['recipe']} and {pace} ({_time(best)} against {_time(quick)} a row)"
        f"{_doubt(test, 1.0 if higher else -1.0)}."
    )


def _doubt(test: FoldTest | None, sign: float) -> str:
    """What the folds say of the difference, behind the sentence."""
    if test is None or np.isnan(test.p):
        return ""
    low, high = sorted((sign * test.low, sign * test.high))
    if test.p >= LEVEL:
        return f"; these data cannot tell that difference from none ({interval(low, high)})"
    return f"; the folds put the difference at {interval(low, high)}"


def _time(row: pd.Series) -> str:
    return duration(float(row["p50_ms"]) / 1000)


def _paired(folds: pd.DataFrame, first: str, second: str, metric: str, ratio: float) -> FoldTest | None:
    """The paired test of two runs on their folds; None where the metric has no value in one of them."""
    if metric not in folds:
        return None
    values = [folds.loc[folds["run"] == run].sort_values("fold")[metric].to_numpy() for run in (first, second)]
    if len(values[0]) != len(values[1]) or not np.isfinite(np.concatenate(values)).all():
        return None
    return corrected_t(values[0] - values[1], ratio)
