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
_TAILS = (0.005, 0.995)
_STRETCHED = 3.0


@dataclass(frozen=True, eq=False)
class Bins:
    """The bin of each row: `codes` int of shape (n,), -1 missing; `labels` by bin.

    `edges` has shape (bins + 1,) for numbers and dates (in the column's unit; infinite where an end bin holds all that
    lies beyond) and is None for categories. `single` says that each bin is one value. `levels` counts all levels.
    """

    codes: np.ndarray
    labels: tuple[str, ...]
    edges: np.ndarray | None = None
    single: bool = False
    levels: int = 0


def bin_feature(feature: Feature, bins: int = BINS) -> Bins:
    """About `bins` bins of a column, or its levels."""
    if feature.kind == "categorical":
        return _levels(feature, bins)
    known = feature.values[np.isfinite(feature.values)]
    if len(known) == 0:
        return Bins(np.full(len(feature.values), -1), ())
    low, high = float(known.min()), float(known.max())
    if feature.kind == "numeric" and high - low <= FEW_VALUES and high - low < 2 * bins and _whole(known):
        return _single_values(feature.values, low, high)
    edges = date_edges(low, high, bins) if feature.kind == "date" else number_edges(known, low, high, bins)
    return Bins(_placed(feature.values, edges), edge_labels(edges, feature.kind == "date"), edges)


def number_edges(known: np.ndarray, low: float, high: float, bins: int) -> np.ndarray:
    """Round edges from end to end; where a few values stretch the range, they go into open bins at the ends."""
    core_low, core_high = (float(q) for q in np.quantile(known, _TAILS))
    stretched = core_high > core_low and high - low > _STRETCHED * (core_high - core_low)
    start, stop = (core_low, core_high) if stretched else (low, high)
    step = _round_step((stop - start) / bins) if stop > start else 1.0
    first, last = math.floor(start / step), math.floor(stop / step) + 1
    edges = np.arange(first, last + 1) * step
    if low < edges[0]:
        edges = np.concatenate(([-np.inf], edges))
    if high >= edges[-1]:
        edges = np.concatenate((edges, [np.inf]))
    return edges


def date_edges(low: float, high: float, bins: int) -> np.ndarray:
    """Edges in days since 1970, a whole number of hours, days or years apart."""
    wanted = (high - low) / bins
    step = next((s for s in _DAYS if s >= wanted), _DAYS[-1])
    first, last = math.floor(low / step), math.floor(high / step) + 1
    return np.asarray(np.arange(first, last + 1) * step)


def edge_labels(edges: np.ndarray, dates: bool) -> tuple[str, ...]:
    """ "30 to 35", "below 0", "200 and more"; each bin holds its lower edge and not its upper one."""
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


def _levels(feature: Feature, bins: int) -> Bins:
    counts = np.bincount(feature.values[feature.values >= 0], minlength=len(feature.levels))
    present = int(np.count_nonzero(counts))
    if present <= max(LEVELS, bins):
        shown = np.flatnonzero(counts)
    else:
        shown = np.sort(np.argsort(-counts, kind="stable")[: min(LEVELS, bins) - 1])
    shown = shown if _ordered(feature.levels) else shown[np.argsort(-counts[shown], kind="stable")]
    place = np.full(len(feature.levels) + 1, len(shown), dtype=np.int64)
    place[shown], place[-1] = np.arange(len(shown)), -1
    rest = present - len(shown)
    labels = tuple(feature.levels[i] for i in shown) + ((f"{rest:,} other levels",) if rest else ())
    return Bins(place[feature.values], labels, single=True, levels=present)


def _ordered(levels: tuple[str, ...]) -> bool:
    """Whether levels are numbers and keep their own order; others are shown by frequency."""
    try:
        return bool([float(level) for level in levels])
    except ValueError:
        return False


def _single_values(values: np.ndarray, low: float, high: float) -> Bins:
    known = np.isfinite(values)
    codes = np.full(len(values), -1, dtype=np.int64)
    codes[known] = (values[known] - low).astype(np.int64)
    labels = tuple(f"{v:.0f}" for v in np.arange(low, high + 1))
    return Bins(codes, labels, np.arange(low - 0.5, high + 1), single=True)


def _placed(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    codes = np.searchsorted(edges, values, side="right") - 1
    codes = np.minimum(codes, len(edges) - 2)
    return np.where(np.isfinite(values), codes, -1)


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
