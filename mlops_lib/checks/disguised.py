"""Cells that say "missing" in disguise: -999, 98, 1900-01-01, "unknown"."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops_lib.checks.check import MOST_EXAMPLES, Seen, Silent, quoted
from mlops_lib.checks.table import CheckedTable
from mlops_lib.objects.recipe import Treatment
from mlops_lib.objects.words import counted, listed
from mlops_lib.stats.features import Feature, level_label

LOW = (-1.0, -8.0, -9.0, -88.0, -98.0, -99.0, -888.0, -998.0, -999.0, -9998.0, -9999.0, -99999.0, -999999.0)
HIGH = (
    98.0, 99.0, 888.0, 998.0, 999.0, 9998.0, 9999.0, 99998.0, 99999.0, 999999.0, 9999999.0, 99999999.0, 999999999.0,
    2147483647.0,
)  # fmt: skip
"""Numbers that often mean "missing", where they stand apart below or above all others."""
DATES_LOW = ("0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1901-01-01", "1970-01-01")
DATES_HIGH = ("2099-12-31", "2100-01-01", "2999-12-31", "9999-01-01", "9999-12-31")
TOKENS = frozenset({
    "?", "-", "--", "---", ".", "..", "...", "*", "#", "na", "n/a", "n.a.", "n.a", "#n/a", "nan", "null", "(null)",
    "<na>", "nil", "none", "missing", "(missing)", "unknown", "unk", "unkn", "not known", "not available",
    "not specified", "unspecified", "undefined", "tbd", "unbekannt", "keine angabe", "k.a.", "k. a.", "inconnu",
    "desconocido", "미상", "모름", "해당없음", "없음", "不明", "未知", "無し",
})  # fmt: skip
"""Labels, without case and outer blanks, that often mean "missing"."""
AMBIGUOUS = frozenset({"none", "nil", "-", ".", "*", "해당없음", "없음", "無し"})
FEW_ROWS = 0.05
"""Those of the labels that may also be an answer ("None": does not travel); common ones are taken for that."""

REPEATED = 3
APART, FAR_APART = 3.0, 3.0
"""A number stands apart where the gap to the others exceeds `APART` times the widest gap among them; a single one has
to lie `FAR_APART` times their whole range away."""
SPIKE = 3.0
FEW_ZEROS, FAR_FROM_ZERO = 0.05, 0.45
"""0 is impossible by the look of it where all others are positive, their lowest percentile is at least `FAR_FROM_ZERO`
of their median, and 0 is rarer than `FEW_ZEROS` but no rarer than the number above it."""
SINGLE_ZEROS, NOT_NEAR_ZERO, STEP = 0.002, 0.3, 1.5
"""Among measurements (numbers with fractions) it also is where it is rarer than `SINGLE_ZEROS`, that lowest percentile
is at least `NOT_NEAR_ZERO` of the median, and the number above it more than `STEP` usual steps away."""
ENOUGH_VALUES = 10


@dataclass(frozen=True)
class _Disguise:
    """Cells of one column, as text, with how many rows have them."""

    column: str
    values: tuple[str, ...]
    rows: int


def disguised_missing(table: CheckedTable) -> Seen | Silent:
    """Values on a list that also stand apart from the rest of their column."""
    if not table.schema.features():
        return Silent("There is no feature.", applies=False)
    names = [name for name in table.schema.features() if name not in table.numbers_as_text]
    found = [d for name in names if (d := _look(table.feature(name))) is not None]
    if not found:
        return Silent(f"No value such as -999, 1900-01-01 or 'unknown' stands apart among {table.which}.")
    found.sort(key=lambda d: -d.rows)
    labels = set(table.schema.features("categorical"))
    told = [f"{quoted(d.values)} in '{d.column}' ({counted(d.rows, 'row')})" for d in found]
    cells = _cells(table, found)
    return Seen(
        "warning" if any(d.column not in labels for d in found) else "info",
        tuple(d.column for d in found),
        int(cells.sum()),
        f"{listed(told)} may stand for missing.",
        "Numbers and dates that are often written for 'missing' and stand apart from all others of their column (by a "
        "wide gap, or as a spike at its edge), 0 where nothing else comes near it, and labels such as 'unknown'.",
        "Taken as a value, -999 pulls every mean and every line; as a label, 'unknown' is not treated as missing is.",
        "Make them missing in every recipe; what is missing is then filled in or marked as everywhere.",
        tuple(Treatment(d.column, "as_missing", values=d.values) for d in found),
        examples=tuple(table.rows[np.flatnonzero(cells)[:MOST_EXAMPLES]].tolist()),
    )


def _look(feature: Feature) -> _Disguise | None:
    if feature.kind == "categorical":
        return _labels(feature)
    values = feature.values[~np.isnan(feature.values)]
    if not len(values):
        return None
    apart = _dates(values) if feature.kind == "date" else _numbers(values)
    if not apart:
        return None
    rows = int(np.isin(values, list(apart)).sum())
    said = [_day(v) for v in apart] if feature.kind == "date" else [level_label(v) for v in apart]
    return _Disguise(feature.name, tuple(said), rows)


def _labels(feature: Feature) -> _Disguise | None:
    counts = np.bincount(feature.values[feature.known], minlength=len(feature.levels))
    shares = counts / max(1, counts.sum())
    hits = [k for k, label in enumerate(feature.levels) if counts[k] and _is_token(label, shares[k])]
    if not hits:
        numbers = pd.to_numeric(pd.Series(feature.levels, dtype=object), errors="coerce").to_numpy(np.float64)
        if not len(numbers) or np.isnan(numbers).any():
            return None
        used = counts > 0
        apart = _tails(numbers[used], counts[used], LOW, HIGH) if used.sum() > 2 else ()
        hits = np.flatnonzero(np.isin(numbers, apart)).tolist()
    if not hits or len(hits) == np.count_nonzero(counts):
        return None
    return _Disguise(feature.name, tuple(feature.levels[k] for k in hits), int(counts[hits].sum()))


def _is_token(label: str, share: float) -> bool:
    plain = label.strip().casefold()
    return plain in TOKENS and (plain not in AMBIGUOUS or share < FEW_ROWS)


def _numbers(values: np.ndarray) -> tuple[float, ...]:
    low, high = float(values.min()), float(values.max())
    if low not in LOW and high not in HIGH and low != 0.0:
        return ()
    distinct, counts = _distinct(values)
    zero = _zero(distinct, counts) if low == 0.0 else ()
    return (*zero, *_tails(distinct, counts, LOW, HIGH))


def _distinct(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct numbers, ascending, with their counts; whole numbers close together are counted, not sorted."""
    low, span = float(values.min()), float(np.ptp(values))
    if span > 2 * len(values) or (values != np.floor(values)).any():
        return np.unique(values, return_counts=True)
    counts = np.bincount((values - low).astype(np.int64))
    used = np.flatnonzero(counts)
    return used + low, counts[used]


def _dates(days: np.ndarray) -> tuple[float, ...]:
    low, high = (_as_days(texts) for texts in (DATES_LOW, DATES_HIGH))
    if float(days.min()) not in low and float(days.max()) not in high:
        return ()
    distinct, counts = np.unique(days, return_counts=True)
    return _tails(distinct, counts, low, high)


def _as_days(texts: tuple[str, ...]) -> tuple[float, ...]:
    return tuple(np.array(texts, "datetime64[D]").astype(np.float64).tolist())


def _day(days: float) -> str:
    return str(np.datetime64(int(days), "D"))


def _tails(
    distinct: np.ndarray, counts: np.ndarray, low: tuple[float, ...], high: tuple[float, ...]
) -> tuple[float, ...]:
    """Values of the lists at either end that stand apart from what lies between the two ends."""
    below, above = _listed(distinct, low), _listed(distinct[::-1], high)
    if below + above >= len(distinct):
        return ()
    upper = _apart(distinct[below:], counts[below:], above)
    middle = slice(0, len(distinct) - above)
    lower = _apart(-distinct[middle][::-1], counts[middle][::-1], below)
    return (*(-v for v in lower[::-1]), *upper)


def _listed(outermost_first: np.ndarray, values: tuple[float, ...]) -> int:
    """How many of the outermost numbers are on the list."""
    others = np.flatnonzero(~np.isin(outermost_first, values))
    return int(others[0]) if len(others) else len(outermost_first)


def _apart(distinct: np.ndarray, counts: np.ndarray, tail: int) -> tuple[float, ...]:
    """The largest of the last `tail` of the ascending `distinct` values that stand apart from those before them."""
    for k in range(tail, 0, -1):
        if _stands_apart(distinct[:-k], counts[:-k], float(distinct[-k]), int(counts[-k:].sum())):
            return tuple(float(v) for v in distinct[-k:])
    return ()


def _stands_apart(rest: np.ndarray, counts: np.ndarray, value: float, rows: int) -> bool:
    """Whether `value`, above all of `rest`, in that many `rows`, is a code and no value like the others.

    The low end comes here with its sign turned, so 1.0 above nothing but numbers up to 0 is -1 below counts.
    """
    if len(rest) < 2:
        return False
    gap, whole = value - float(rest[-1]), float(rest[-1] - rest[0])
    if gap > FAR_APART * whole:
        return True
    if rows < REPEATED:
        return False
    if gap > APART * float(np.diff(rest).max()):
        return True
    minus_one = value == 1.0 and float(rest[-1]) <= 0.0
    return minus_one and len(rest) >= ENOUGH_VALUES and rows > SPIKE * float(counts[-5:].max())


def _zero(distinct: np.ndarray, counts: np.ndarray) -> tuple[float, ...]:
    """0, the lowest of `distinct`, where it is rare and nothing else comes near it."""
    rest, weights = distinct[1:], counts[1:]
    if len(rest) < ENOUGH_VALUES:
        return ()
    reached = np.cumsum(weights) / weights.sum()
    near = float(rest[np.searchsorted(reached, 0.01)] / rest[np.searchsorted(reached, 0.5)])
    zeros = counts[0] / counts.sum()
    spike = near >= FAR_FROM_ZERO and weights[0] <= counts[0] and zeros <= FEW_ZEROS
    measured = bool((rest != np.round(rest)).any()) and float(rest[0]) > STEP * float(np.median(np.diff(rest)))
    slip = near >= NOT_NEAR_ZERO and measured and zeros <= SINGLE_ZEROS
    return (0.0,) if spike or slip else ()


def _cells(table: CheckedTable, found: list[_Disguise]) -> np.ndarray:
    """Rows with at least one such cell, shape (rows,)."""
    hit = np.zeros(len(table.rows), bool)
    for disguise in found:
        feature = table.feature(disguise.column)
        if feature.kind == "categorical":
            wanted: list[float] = [feature.levels.index(v) for v in disguise.values]
        elif feature.kind == "date":
            wanted = list(_as_days(disguise.values))
        else:
            wanted = [float(v) for v in disguise.values]
        hit |= np.isin(feature.values, wanted)
    return hit
