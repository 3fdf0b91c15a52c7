"""What the threshold element in the browser is fed with: few thresholds, exact counts, small as JSON."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from mlops_lib.evaluate.sweep import Sweep

MOST = 4_096
_HALF = 0.5


class Payload(TypedDict):
    """Plain JSON, under 200 KB. Lists of one length: ascending thresholds, exact counts of `score >= threshold`.

    Counts are whole numbers, or sums of row weights.
    """

    threshold: list[float]
    tp: list[float]
    fp: list[float]
    positives: float
    negatives: float
    names: list[str]
    half: int


def sweep_payload(swept: Sweep, names: tuple[str, ...], most: int = MOST) -> Payload:
    """At most `most` thresholds of a sweep with their exact counts: all of them where there are few, else dense where
    the positives are. The ends ("everyone", "nobody") and exactly 0.5 (at index `half`) are always among them.

    Thresholds are written with as few digits as make the same cut.
    """
    cuts = _cuts(swept, most - 1)
    half = swept.cut_of(_HALF)
    cuts = np.unique(np.append(cuts, half))
    thresholds = _short(swept, cuts)
    at = int(np.searchsorted(cuts, half))
    thresholds[at] = _HALF
    counts = swept.counts.at(cuts)
    return Payload(
        threshold=thresholds.tolist(),
        tp=counts.tp.tolist(),
        fp=counts.fp.tolist(),
        positives=swept.positives,
        negatives=swept.negatives,
        names=list(names),
        half=at,
    )


def _cuts(swept: Sweep, most: int) -> np.ndarray:
    """Cuts, ascending: three of four at equal steps of the positives, the others at equal steps of all rows."""
    last = len(swept.levels)
    if last + 1 <= most:
        return np.arange(last + 1)
    dense = _steps(swept.positives_at, 3 * most // 4 - 2)
    even = _steps(swept.positives_at + swept.negatives_at, most - 3 * most // 4 - 2)
    return np.unique(np.concatenate(([0], dense, even, [last])))


def _steps(rows_at: np.ndarray, many: int) -> np.ndarray:
    total = np.cumsum(rows_at)
    steps: np.ndarray = np.searchsorted(total, np.linspace(0.0, total[-1], many + 1)[1:-1], side="left") + 1
    return steps


def _short(swept: Sweep, cuts: np.ndarray) -> np.ndarray:
    """The threshold of each cut rounded to the fewest decimals that still separate the same two scores."""
    lower = np.concatenate(([-1.0], swept.levels))[cuts]
    upper = np.concatenate((swept.levels, [2.0]))[cuts]
    exact = swept.thresholds[cuts]
    short: np.ndarray = exact.copy()
    open_ = np.ones(len(cuts), dtype=bool)
    for digits in range(3, 17):
        rounded = np.round(exact, digits)
        fits = open_ & (rounded > lower) & (rounded <= upper)
        short[fits] = rounded[fits]
        open_ &= ~fits
    return short
