"""Bins that people can read: round edges, one bin a value where values are few, dates cut at days, months or years."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mlops_lib.stats.features import Feature

BINS = 24
FEW_VALUES = 30
LEVELS = 20
"""Levels shown one by one; the rarer ones are counted together."""

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_DAYS = (1 / 24, 1 / 4, 1, 2, 7, 14, 28, 91, 182, 365, 730, 1826, 3652, 36525)
TAILS = (0.005, 0.995)
"""Shares of the values between which a range is not stretched by a few of them."""

_STRETCHED = 3.0
_BLOCK = 1 << 16


@dataclass(frozen=True, eq=False)
class Bins:
    """The bin of each row: `codes` int16 of shape (n,), -1 missing; `labels` by bin.

    `edges` has shape (bins + 1,) for numbers and dates (in the column's unit; infinite where an end bin holds all that
    lies beyond) and is None for categories. `single` says that each bin is one value. `levels` counts all levels.
    """

    codes: np.ndarray
    labels: tuple[str, ...]
    edges: np.ndarray | None = None
    single: bool = False
    levels: int = 0


@dataclass(frozen=True, eq=False)
class LevelPlaces:
    """The bin of each level: `place` int16 of shape (levels + 1,), the last one -1 for missing; `labels` by bin.

    `present` counts the levels that occur.
    """

    place: np.ndarray
    labels: tuple[str, ...]
    present: int


def bin_feature(feature: Feature, bins: int = BINS) -> Bins:
    """About `bins` bins of a column, or its levels."""
    if feature.kind == "categorical":
        counts = np.bincount(feature.values[feature.values >= 0], minlength=len(feature.levels))
        found = level_places(counts, feature.levels, bins)
        return Bins(found.place[feature.values], found.labels, single=True, levels=found.present)
    known = feature.values[np.isfinite(feature.values)]
    if len(known) == 0:
        return Bins(np.full(len(feature.values), -1, np.int16), ())
    low, high = float(known.min()), float(known.max())
    dates = feature.kind == "date"
    if not dates and are_few(low, high, bins) and _whole(known):
        edges, single = single_edges(low, high), True
    else:
        core = (low, high) if dates else tuple(float(q) for q in np.quantile(known, TAILS))
        edges, single = (
            date_edges(low, high, bins) if dates else number_edges(low, high, (core[0], core[1]), bins),
            False,
        )
    return Bins(put_in_bins(feature.values, edges), edge_labels(edges, dates, single), edges, single)


def are_few(low: float, high: float, bins: int) -> bool:
    """Whether whole numbers from `low` to `high` are shown one by one."""
    return high - low <= FEW_VALUES and high - low < 2 * bins


def single_edges(low: float, high: float) -> np.ndarray:
    """Edges half-way between the whole numbers from `low` to `high`."""
    return np.arange(low - 0.5, high + 1)


def number_edges(low: float, high: float, core: tuple[float, float], bins: int) -> np.ndarray:
    """Round edges from end to end; where a few values stretch the range, they go into open bins at the ends.

    `core` are the quantiles `TAILS` of the values.
    """
    stretched = core[1] > core[0] and high - low > _STRETCHED * (core[1] - core[0])
    start, stop = core if stretched else (low, high)
    step = _round_step((stop - start) / bins) if stop > start else max(1.0, 4 * float(np.spacing(abs(start))))
    first, last = math.floor(start / step), math.floor(stop / step) + 1
    edges = np.arange(first, last + 1) * step
    if low < edges[0]:
        edges = np.concatenate(([-np.inf], edges))
    if high >= edges[-1]:
        edges = np.concatenate((edges, [np.inf]))
    return edges


def put_in_bins(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The bin of each of n values, int16, -1 where a value is not finite: each bin holds its lower edge.

    Edges are evenly spaced but for infinite ones, so the place is computed and only then compared with its two edges.
    What lies beyond the last edge goes into the last bin.
    """
    finite = edges[np.isfinite(edges)]
    before, start, step = int(np.isneginf(edges[0])), finite[0], (finite[-1] - finite[0]) / max(1, len(finite) - 1)
    codes = np.empty(len(values), np.int16)
    for begin in range(0, len(values), _BLOCK):
        block = values[begin : begin + _BLOCK]
        known = np.isfinite(block)
        guess = np.floor((block - start) / step) + before if step > 0 else np.zeros(len(block))
        guess[~known] = 0
        place = np.clip(guess, 0, len(edges) - 2, out=guess).astype(np.int16)
        place += (block >= edges[place + 1]) & (place < len(edges) - 2)
        place -= block < edges[place]
        place[~known] = -1
        codes[begin : begin + _BLOCK] = place
    return codes


def date_edges(low: float, high: float, bins: int) -> np.ndarray:
    """Edges in days since 1970, a whole number of hours, days or years apart."""
    wanted = (high - low) / bins
    step = next((s for s in _DAYS if s >= wanted), _DAYS[-1])
    first, last = math.floor(low / step), math.floor(high / step) + 1
    return np.asarray(np.arange(first, last + 1) * step)


def edge_labels(edges: np.ndarray, dates: bool, single: bool = False) -> tuple[str, ...]:
    """ "30 to 35", "below 0", "200 and more"; each bin holds its lower edge and not its upper one. One value: "3"."""
    if single:
        return tuple(f"{value + 0.5:.0f}" for value in edges[:-1])
    words = edge_words(edges, dates)
    return tuple(_span(a, b, lo, hi) for a, b, lo, hi in zip(words[:-1], words[1:], edges[:-1], edges[1:], strict=True))


def edge_words(edges: np.ndarray, dates: bool) -> tuple[str, ...]:
    """Each edge with the places that its neighbours need; empty for an infinite one."""
    finite = edges[np.isfinite(edges)]
    step = float(finite[1] - finite[0]) if len(finite) > 1 else 1.0
    return tuple(day_label(e, step) if dates else _number_label(e, step) for e in edges)


def day_label(days: float, step: float = 1.0) -> str:
    """Days since 1970 as a date, with the hour where bins are shorter than a day."""
    if not math.isfinite(days):
        return ""
    stamp = np.datetime64(0, "s") + np.timedelta64(round(days * 86_400), "s")
    text = str(stamp).replace("T", " ")
    return text[:10] if step >= 1 else text[:16]


def level_places(counts: np.ndarray, levels: tuple[str, ...], bins: int) -> LevelPlaces:
    """The commonest levels one by one, the others in one bin. `counts` has how many rows each level has."""
    present = int(np.count_nonzero(counts))
    if present <= max(LEVELS, bins):
        shown = np.flatnonzero(counts)
    else:
        shown = np.sort(np.argsort(-counts, kind="stable")[: min(LEVELS, bins) - 1])
    shown = shown if _ordered(levels) else shown[np.argsort(-counts[shown], kind="stable")]
    place = np.full(len(levels) + 1, len(shown), dtype=np.int16)
    place[shown], place[-1] = np.arange(len(shown)), -1
    rest = present - len(shown)
    labels = tuple(levels[i] for i in shown) + ((f"{rest:,} other levels",) if rest else ())
    return LevelPlaces(place, labels, present)


def _ordered(levels: tuple[str, ...]) -> bool:
    """Whether levels are numbers and keep their own order; others are shown by frequency."""
    try:
        return bool([float(level) for level in levels])
    except ValueError:
        return False


def _whole(known: np.ndarray) -> bool:
    return bool(np.array_equal(known[:1000], np.floor(known[:1000])) and np.array_equal(known, np.floor(known)))


def _round_step(raw: float) -> float:
    power = 10.0 ** math.floor(math.log10(raw))
    return float(next(s for s in _STEPS if s * power >= raw * (1 - 1e-9)) * power)


def _number_label(edge: float, step: float) -> str:
    if not math.isfinite(edge):
        return ""
    if step >= 1e9 or step < 1e-6:
        return f"{edge:.4g}"
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    while places < 9 and abs(round(step, places) - step) > 1e-9 * step:
        places += 1
    return f"{edge + 0.0:,.{places}f}"


def _span(low: str, high: str, lowest: float, highest: float) -> str:
    if math.isinf(lowest):
        return f"below {high}"
    return f"{low} and more" if math.isinf(highest) else f"{low} to {high}"
