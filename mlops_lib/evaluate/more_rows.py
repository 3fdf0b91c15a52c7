"""Would more rows help: a metric at growing shares of the training rows, and whether it still rises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops_lib.evaluate.intervals import FoldTest, corrected_t
from mlops_lib.evaluate.measures import Measure
from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.words import count, interval, number

LEVEL = 0.05
RISING, FLAT, FALLING, UNSURE, ONE_SIZE = "rising", "flat", "falling", "unsure", "one size"
_FOR_SLOPE = 3


@dataclass(frozen=True, eq=False)
class MoreRows:
    """`table` has a row a size: `rows` (training rows of a fold), `value` (mean of the folds), `low`, `high` (95 %).

    `step` is what the last doubling gained in every fold (better is above 0), `slope` the gain of a doubling over the
    three largest sizes, both with the corrected resampled t; None where there are too few sizes. `state` is RISING,
    FLAT, FALLING, UNSURE or ONE_SIZE. `doubled` is the value with its interval that a line through the last three
    sizes gives for twice the rows, None where that line does not rise beyond its uncertainty.
    """

    measure: str
    table: pd.DataFrame
    state: str
    step: FoldTest | None
    slope: FoldTest | None
    doubled: tuple[float, float, float] | None
    sentence: str
    outlook: str


def more_rows(
    measure: Measure, rows: Sequence[float], values: Sequence[np.ndarray], ratio: float, margin: float
) -> MoreRows:
    """Judge a learning curve.

    Parameters
    ----------
    rows : training rows of a fold at each size, ascending, each twice the one before. values : the metric of every
    fold (k,) at each size. ratio : rows tested / rows trained of one fold at the full size; it is used at all sizes,
    since smaller shares of two folds have fewer rows in common. margin : the smallest difference that matters.

    The line for twice the rows is straight in the logarithm of the rows; learning curves are mostly concave there or
    straight (Viering & Loog 2022, IEEE TPAMI 45(6), section 4), so it is the most to hope for.

    Raises NotPossibleError where the metric is not defined in every fold at the full size.
    """
    kept = [(r, v) for r, v in zip(rows, values, strict=True) if np.isfinite(v).all()]
    if not kept or not np.isfinite(values[-1]).all():
        raise NotPossibleError(
            f"{measure.label} is not defined in every fold: one of them lacks a class.", "Choose another metric."
        )
    tests = [corrected_t(v, ratio) for _, v in kept]
    table = pd.DataFrame({
        "rows": [r for r, _ in kept],
        "value": [t.mean for t in tests], "low": [t.low for t in tests], "high": [t.high for t in tests],
    })  # fmt: skip
    signed = [measure.sign * v for _, v in kept]
    step = corrected_t(signed[-1] - signed[-2], ratio) if len(signed) > 1 else None
    slope = corrected_t((signed[-1] - signed[-_FOR_SLOPE]) / 2, ratio) if len(signed) >= _FOR_SLOPE else None
    state = _state(step, margin)
    doubled = _doubled(measure, signed[-1], slope) if slope is not None and slope.low > 0 else None
    sentence = _sentence(measure, table, step, state, margin)
    return MoreRows(measure.label, table, state, step, slope, doubled, sentence, _outlook(measure, table, doubled))


def _state(step: FoldTest | None, margin: float) -> str:
    if step is None:
        return ONE_SIZE
    if -margin <= step.low and step.high <= margin:
        return FLAT
    if not step.p < LEVEL:
        return UNSURE
    return RISING if step.mean > 0 else FALLING


def _doubled(measure: Measure, last: np.ndarray, slope: FoldTest) -> tuple[float, float, float]:
    """The value at the full size plus one doubling, with the interval of the gain; kept within what is possible."""
    now = float(last.mean())
    ends = [measure.sign * (now + gain) for gain in (slope.mean, slope.low, slope.high)]
    best = measure.perfect
    value, one, other = (min(e, best) if measure.higher_is_better else max(e, best) for e in ends)
    return value, min(one, other), max(one, other)


def _sentence(measure: Measure, table: pd.DataFrame, step: FoldTest | None, state: str, margin: float) -> str:
    if step is None:
        return "There are too few rows to fit on a part of them, so nothing can be said about more."
    before, now = (count(float(v)) for v in table["rows"].iloc[-2:])
    low, high = sorted((measure.sign * step.low, measure.sign * step.high))
    gained = f"{number(measure.sign * step.mean)} ({interval(low, high)})"
    went = f"the last doubling, from {before} to {now} training rows, changed {measure.label} by"
    better = "" if measure.higher_is_better else ", where lower is better"
    if state == RISING:
        return f"More rows would probably help: {went} {gained}{better}."
    if state == FLAT:
        within = f"That lies within ± {number(margin)}, which does not matter."
        return f"More rows like these would hardly help: {went} {gained}{better}. {within}"
    if state == FALLING:
        return f"More rows did not help: {went} {gained}{better}. Look whether the rows are all of one kind."
    return f"These data cannot say whether more rows would help: {went} {gained}{better}."


def _outlook(measure: Measure, table: pd.DataFrame, doubled: tuple[float, float, float] | None) -> str:
    if doubled is None:
        return (
            "No figure is given for twice the rows: the last two doublings together cannot be told from no rise."
            if len(table) >= _FOR_SLOPE
            else "No figure is given for twice the rows: that takes three sizes."
        )
    now = float(table["value"].iloc[-1])
    return (
        f"If it goes on as over the last two doublings, twice the rows would take {measure.label} from {number(now)} "
        f"to {number(doubled[0])} ({interval(doubled[1], doubled[2])}). That is extrapolated, not measured, and the "
        "most to hope for: such curves flatten."
    )
