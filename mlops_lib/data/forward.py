"""A split that goes forward in time: the latest rows are held out, each fold is judged by what was known before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.split import HOLD_OUT, WARM_UP
from mlops_lib.objects.words import count, counted, number

_SECONDS_PER_DAY = 86_400
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


@dataclass(frozen=True, eq=False)
class Forward:
    """`rows` (ids of those with a time), the part of each (`codes`, int8) and sentences on what was not as asked.

    `usable_from` int8 is the first fold that a row may train (`objects.split.SplitPlan`), None without a gap.
    """

    rows: np.ndarray
    codes: np.ndarray
    notes: tuple[str, ...]
    usable_from: np.ndarray | None


def split_forward(
    dataset: Dataset, column: str, rows: np.ndarray, folds: int, hold_out: float, gap: float = 0.0
) -> Forward:
    """Blocks of about even size in the order of `column`; rows of one point in time are never parted.

    With a `gap` (days for dates, else the unit of the column) a row trains only what begins at least that much later.

    Raises
    ------
    InputError : the column has no order, or the gap is not a number from 0 on.
    NotPossibleError : there are too few points in time.
    """
    times = dataset.table([column])[column]
    if pa.types.is_string(times.type):
        raise InputError(
            f"The time column '{column}' holds text, which has no order in time.", "Choose dates or numbers."
        )
    known = times.is_valid().to_numpy()[rows]
    notes = []
    if not known.all():
        notes.append(f"{int((~known).sum()):,} rows have no '{column}'; they have no place in time and stay unused.")
    used = rows[known]
    plain = times.cast(pa.int64()) if pa.types.is_timestamp(times.type) else times
    points, position = np.unique(plain.take(pa.array(used)).to_numpy(), return_inverse=True)
    edges = _edges(np.bincount(position), folds, hold_out)
    if len(np.unique(edges)) < len(edges) or edges[0] == 0 or edges[-1] == len(points):
        raise NotPossibleError(
            f"'{column}' has {len(points):,} points in time, too few or too uneven for {folds} folds and a hold-out.",
            "Use fewer folds, or another time column.",
        )
    block = np.searchsorted(edges, position, side="right")
    codes = np.array([WARM_UP, *range(folds), HOLD_OUT], np.int8)[block]
    share = float(np.mean(codes == HOLD_OUT))
    if abs(share - hold_out) > 0.02:
        notes.append(
            f"Rows of one time stay together, so the hold-out has {share:.1%} instead of {hold_out:.1%} of the rows."
        )
    usable = _usable_from(points, edges, position, _in_units(gap, times.type)) if _checked(gap) else None
    if usable is not None:
        notes.append(_cost(codes, usable, folds, gap_words(gap, dated=pa.types.is_timestamp(times.type))))
    return Forward(used, codes, tuple(notes), usable)


def gap_words(gap: float, *, dated: bool) -> str:
    """The gap in words: "7 days", or "0.5 in the column's unit"."""
    if not dated:
        return f"{number(gap)} in the column's unit"
    return counted(int(gap), "day") if float(gap).is_integer() else f"{number(gap)} days"


def _checked(gap: float) -> float:
    if not (np.isfinite(gap) and gap >= 0):
        raise InputError(f"A gap of {gap:g} was asked for.", "Give 0 for none, or how far a fold must lie ahead.")
    return gap


def _in_units(gap: float, held: pa.DataType) -> float | int:
    """The gap in the whole units that dates are kept in; numbers as they are."""
    return round(gap * _SECONDS_PER_DAY * _PER_SECOND[held.unit]) if pa.types.is_timestamp(held) else gap


def _usable_from(points: np.ndarray, edges: np.ndarray, position: np.ndarray, gap: float) -> np.ndarray:
    """The first block (a fold, then the hold-out) that begins at least `gap` after each row."""
    starts = points[edges] - gap
    found: np.ndarray = np.searchsorted(starts, points, side="left")[position].astype(np.int8)
    return found


def _cost(codes: np.ndarray, usable: np.ndarray, folds: int, words: str) -> str:
    """What a gap takes away, in a sentence."""
    lost = [int(np.count_nonzero((codes != HOLD_OUT) & (codes < k) & (usable > k))) for k in range(folds + 1)]
    low, high = min(lost[:-1]), max(lost[:-1])
    each = f"{count(low)} rows" if low == high else f"{count(low)} to {count(high)} rows"
    return (
        f"The gap of {words} costs each fold {each} of training; {counted(lost[-1], 'row')} before the hold-out "
        "train no final model."
    )


def _edges(sizes: np.ndarray, folds: int, hold_out: float) -> np.ndarray:
    """First point in time of every block after the warm-up; rows of one point in time are never parted."""
    total = sizes.sum()
    before = np.concatenate([[0], np.cumsum(sizes)])
    shares = np.arange(1, folds + 2) / (folds + 1) * (1 - hold_out)
    wanted = shares * total
    right = np.searchsorted(before, wanted)
    left = np.maximum(right - 1, 0)
    nearer_left = wanted - before[left] < before[np.minimum(right, len(before) - 1)] - wanted
    edges: np.ndarray = np.where(nearer_left, left, right)
    return edges
