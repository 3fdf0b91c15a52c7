"""What calibration does to the probabilities of a run: before and after, on the same folds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops_lib.evaluate.comparison import Judgement
from mlops_lib.evaluate.intervals import FoldTest, corrected_t
from mlops_lib.evaluate.planned import fold_values
from mlops_lib.objects.words import interval, number, percent
from mlops_lib.train.ladder import recipe_title
from mlops_lib.train.remedies import remedy_of
from mlops_lib.train.repair import calibration_label

CLOSE = 0.1
"""Relative distance of the mean probability from the share of positives that is not worth a word."""


@dataclass(frozen=True)
class Calibrated:
    """A run's probabilities before and after calibration, which is called `how`.

    `mean_raw`, `mean` and `rate` are shares (mean of the folds). The Brier scores are means of the folds with 95 %
    intervals (corrected resampled t), `brier_gain` is before minus after on the same folds. `ece_raw` and `ece` are
    (value, low, high) on all rows together, by a stratified bootstrap.
    """

    run: str
    title: str
    remedy: str
    kind: str
    how: str
    mean_raw: float
    mean: float
    rate: float
    brier_raw: FoldTest
    brier: FoldTest
    brier_gain: FoldTest
    ece_raw: tuple[float, float, float]
    ece: tuple[float, float, float]


def calibrated(judgement: Judgement, run: str) -> Calibrated:
    """The probabilities of one run of a judgement of two answers."""
    columns = {
        name: fold_values(judgement.folds, name, [run])[run]
        for name in ("mean_raw", "mean_score", "rate", "brier_raw", "brier")
    }
    recipe = judgement.judged[run].recipe
    line = judgement.table.loc[judgement.table["run"] == run].iloc[0]
    raw, after = columns["brier_raw"], columns["brier"]
    return Calibrated(
        run=run,
        title=recipe_title(recipe),
        remedy=remedy_of(recipe),
        kind=recipe.calibration,
        how=calibration_label(recipe),
        mean_raw=float(columns["mean_raw"].mean()),
        mean=float(columns["mean_score"].mean()),
        rate=float(columns["rate"].mean()),
        brier_raw=corrected_t(raw, judgement.ratio),
        brier=corrected_t(after, judgement.ratio),
        brier_gain=corrected_t(raw - after, judgement.ratio),
        ece_raw=_spread(line, "ece_raw"),
        ece=_spread(line, "ece"),
    )


def _spread(line: pd.Series, name: str) -> tuple[float, float, float]:
    value, low, high = (float(line[name + end]) for end in ("", "_low", "_high"))
    return value, low, high


def calibration_sentence(one: Calibrated, positive: str) -> str:
    """What the recipe did to the probabilities and what calibration makes of it. Plain text."""
    truth = f"where {percent(one.rate)} are '{positive}'"
    if one.kind == "none":
        how = f"With {one.remedy} and no calibration" if one.remedy else "Without calibration"
        return (
            f"{how} the mean probability of {one.title} is {percent(one.mean)} {truth}; Brier score "
            f"{number(one.brier.mean)}, calibration error {number(one.ece[0])}."
        )
    who = _capital(one.remedy) if one.remedy else one.title
    pushed = abs(one.mean_raw - one.rate) > CLOSE * one.rate
    first = f"{who} {'pushed' if pushed else 'left'} the mean probability {'to' if pushed else 'at'}"
    back = "brings it back to" if pushed and abs(one.mean - one.rate) <= CLOSE * one.rate else "makes it"
    return (
        f"{first} {percent(one.mean_raw)} {truth}; calibration ({one.how}) {back} {percent(one.mean)}, and the Brier "
        f"score goes from {number(one.brier_raw.mean)} to {number(one.brier.mean)} ({_gain(one.brier_gain)})."
    )


def _gain(test: FoldTest) -> str:
    if np.isnan(test.low):
        return "no interval from one fold"
    if test.low <= 0 <= test.high:
        return f"no detectable change: {interval(test.low, test.high)} lower"
    better = test.low > 0
    return f"lower by {interval(test.low, test.high)}" if better else f"higher by {interval(-test.high, -test.low)}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def shown_calibrated(one: Calibrated) -> pd.DataFrame:
    """Mean probability, Brier score and calibration error before and after, with intervals."""
    same = one.kind == "none"
    return pd.DataFrame({
        "": ["Mean probability", "Observed share", "Brier score", "Calibration error"],
        "Before calibration": [
            percent(one.mean_raw), percent(one.rate), _test(one.brier_raw), _triple(one.ece_raw),
        ],
        "After" if same else f"After ({one.how})": ["not calibrated"] * 4 if same else [
            percent(one.mean), percent(one.rate), _test(one.brier), _triple(one.ece),
        ],
    })  # fmt: skip


def _test(test: FoldTest) -> str:
    return _triple((test.mean, max(test.low, 0.0), test.high))


def _triple(values: tuple[float, float, float]) -> str:
    value, low, high = values
    return f"{number(value)} ({interval(low, high)})"
