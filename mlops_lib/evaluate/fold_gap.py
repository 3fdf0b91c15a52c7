"""A metric in every fold on the rows the fold was trained on beside those it was not: what of the score is memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops_lib.evaluate.intervals import FoldTest, corrected_t
from mlops_lib.evaluate.measures import Measure, Scores
from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.words import interval, number

HALF, LITTLE = 0.5, 1 / 3
"""Parts of the way to a perfect value from which a gap is called memory, and below which it is called a little."""


@dataclass(frozen=True, eq=False)
class FoldGap:
    """`table` has a row a fold: `fold` (from 1), `learnt`, `validation`, `gap`.

    `gap` is how much better the value is on rows trained on, the mean of the folds with the corrected resampled t
    (below 0: worse). `way` is that gap as a part of the way from the validation value to a perfect one. `n_learnt` and
    `n_validation` count the rows of all folds. `sentence` says what it means, `advice` what follows.
    """

    measure: str
    table: pd.DataFrame
    gap: FoldTest
    learnt: float
    validation: float
    way: float
    n_learnt: int
    n_validation: int
    sentence: str
    advice: str


def fold_gap(measure: Measure, learnt: Scores, validation: Scores, ratio: float, margin: float) -> FoldGap:
    """The metric on rows trained on against rows held back, fold by fold. `ratio` is rows tested / rows trained.

    Raises NotPossibleError where the metric is not defined in every fold.
    """
    inside, outside = learnt.by_fold(measure), validation.by_fold(measure)
    if not np.isfinite(np.concatenate([inside, outside])).all():
        raise NotPossibleError(
            f"{measure.label} is not defined in every fold: one of them lacks a class.", "Choose another metric."
        )
    gaps = measure.sign * (inside - outside)
    gap = corrected_t(gaps, ratio)
    room = measure.sign * (measure.perfect - float(outside.mean()))
    way = float(gap.mean / room) if room > 0 else float("nan")
    table = pd.DataFrame(
        {"fold": np.unique(validation.fold).astype(int) + 1, "learnt": inside, "validation": outside, "gap": gaps}
    )
    said = _words(measure, inside, outside, gap, way, margin)
    n_learnt, n_validation = len(learnt.truth), len(validation.truth)
    return FoldGap(
        measure.label, table, gap, float(inside.mean()), float(outside.mean()), way, n_learnt, n_validation, *said
    )


def _words(
    measure: Measure, inside: np.ndarray, outside: np.ndarray, gap: FoldTest, way: float, margin: float
) -> tuple[str, str]:
    values = (
        f"{measure.label} is {number(float(inside.mean()))} on the rows it was trained on and "
        f"{number(float(outside.mean()))} on rows held back"
    )
    size = f"a gap of {number(gap.mean)} ({interval(gap.low, gap.high)})"
    if gap.high <= margin:
        return f"It does not memorise: {values}.", "What it learnt holds on new rows, so a richer model could be tried."
    if not gap.low > 0:
        return f"No clear sign of memorising: {values}, {size}.", "The folds differ too much to say more."
    if way >= HALF:
        advice = (
            "That alone is no fault: forests and boosting fit their own rows closely and may still be the best on new "
            "ones. But more rows, or a simpler setting, may help; judge every model by the held-back rows."
        )
        return f"It memorises: {values}, {size}.", advice
    if way >= LITTLE:
        return (
            f"It memorises in part: {values}, {size}.",
            "Go by the held-back rows; the other value promises too much.",
        )
    return f"It memorises a little: {values}, {size}.", "That is usual. The held-back rows are what counts."
