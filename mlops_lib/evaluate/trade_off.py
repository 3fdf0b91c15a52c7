"""Prediction beside processing: which runs nobody beats in both, and what the better ones cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops_lib.evaluate.intervals import FoldTest, corrected_t
from mlops_lib.objects.words import count, duration, interval, number, size
from mlops_lib.train.processing import Measured

LEVEL = 0.05
DUMMY = "dummy"
AS_QUICK = 1.1
"""Times that are no further apart than by this factor count as equal: a machine is never quite at rest."""


@dataclass(frozen=True, eq=False)
class TradeOff:
    """`table` has a row a run that was measured, the best first: `run`, `recipe`, `model`, `rung`, `value`, `low`,
    `high`, `fit_seconds`, `p50_ms`, `p95_ms`, `calls`, `rows_per_second`, `disk_bytes`, `memory_bytes` and `pareto`:
    no other run is better in the metric and as quick, or as good and quicker (`pareto`). `sentence` sets the best
    against the quickest of these (doing nothing aside)."""

    table: pd.DataFrame
    label: str
    higher_is_better: bool
    measured: Measured
    sentence: str


def best_of_each_model(table: pd.DataFrame, name: str, higher_is_better: bool, also: Sequence[str] = ()) -> list[str]:
    """Fingerprints of the best run of each model in the metric `name`, and `also`; in the order of the table.

    What a recipe does about its rows changes what the model learns, hardly how fast it answers.
    """
    judged = table.dropna(subset=[name]).sort_values(name, ascending=not higher_is_better, kind="stable")
    wanted = {*judged.drop_duplicates("model")["run"], *also}
    return [str(run) for run in table["run"] if run in wanted]


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
    """Which of n runs no other one beats, bool (n,): none is better and not more than 10 % slower, and none as good and
    quicker."""
    as_quick = slow[None, :] <= AS_QUICK * slow[:, None]
    better = (good[None, :] > good[:, None]) & as_quick
    quicker = (good[None, :] == good[:, None]) & (slow[None, :] < slow[:, None])
    return np.asarray(~(better | quicker).any(axis=1))


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
            f"clearly quicker ({_time(best)} a row)."
        )
    slower = float(best["p50_ms"] / quick["p50_ms"])
    pace = f"{number(slower, 2)} times slower" if slower > AS_QUICK else "about as quick"
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


def shown_trade_off(found: TradeOff) -> pd.DataFrame:
    """One line a run, as people read it."""
    table = found.table
    values = zip(table["value"], table["low"], table["high"], strict=True)
    return pd.DataFrame({
        "Recipe": table["recipe"],
        "None beats it in both": np.where(table["pareto"], "✓", ""),
        found.label: [f"{number(v)} ({interval(a, b)})" for v, a, b in values],
        "One row, median": [duration(v / 1000) for v in table["p50_ms"]],
        "One row, p95": [duration(v / 1000) for v in table["p95_ms"]],
        "Rows a second": [count(float(f"{v:.3g}")) for v in table["rows_per_second"]],
        "Fit, a fold": [duration(v) for v in table["fit_seconds"]],
        "On disk": [size(v) for v in table["disk_bytes"]],
        "In memory": [size(v) for v in table["memory_bytes"]],
        "Calls": table["calls"],
    })  # fmt: skip
