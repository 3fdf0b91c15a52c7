"""How far one column moved between two versions of a table."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from mlops_lib.data.column_pairs import ColumnPair
from mlops_lib.data.difference import Bin, Shift
from mlops_lib.objects.words import number

MANY_LABELS, MOSTLY_DIFFERENT = 1000, 0.5
"""Text with more labels than this, or with a label of its own for more than this share of cells, is not compared."""
FEW_LABELS = 50
SHOWN_LABELS, BINS = 20, 24
_MEAN_KOLMOGOROV = math.sqrt(math.pi / 2) * math.log(2)
"""Mean of the Kolmogorov distribution (Marsaglia, Tsang & Wang 2003, J. Stat. Softw. 8(18))."""
_SECOND = 1e6


def shift_of(pair: ColumnPair) -> Shift | str:
    """How far the column moved, or why that cannot be said."""
    before, after = pair.values(after=False), pair.values(after=True)
    if not len(before) or not len(after):
        return "every cell is missing in one of the two"
    if pair.kind == "text":
        return _label_shift(pair, before, after)
    return _value_shift(pair, np.sort(before), np.sort(after))


def ks_distance(before: np.ndarray, after: np.ndarray) -> float:
    """Two-sample Kolmogorov-Smirnov statistic of two sorted arrays: the largest gap of their distribution functions."""
    n, m = len(before), len(after)
    both = np.concatenate([before, after])
    order = np.argsort(both, kind="stable")  # merges two sorted runs in linear time
    gap = np.cumsum(np.where(order < n, 1 / n, -1 / m))
    merged = both[order]
    ends = np.append(merged[1:] != merged[:-1], True)
    return float(np.clip(np.abs(gap[ends]).max(), 0.0, 1.0))


def ks_p(distance: float, n: int, m: int) -> float:
    """P-value of the statistic by the Kolmogorov distribution (Smirnov 1948), for samples of `n` and `m` values."""
    from scipy.special import kolmogorov

    return float(kolmogorov(math.sqrt(n * m / (n + m)) * distance))


def _value_shift(pair: ColumnPair, before: np.ndarray, after: np.ndarray) -> Shift:
    n, m = len(before), len(after)
    distance = 0.0 if np.array_equal(before, after) else ks_distance(before, after)
    scale = _SECOND if pair.kind == "date" else 1.0
    return Shift(
        pair.column,
        pair.kind,
        distance,
        by_chance=min(1.0, _MEAN_KOLMOGOROV * math.sqrt((n + m) / (n * m))),
        p=ks_p(distance, n, m),
        n_before=n,
        n_after=m,
        missing_before=1 - n / len(pair.before),
        missing_after=1 - m / len(pair.after),
        median_before=_median(before) / scale,
        median_after=_median(after) / scale,
        bins=_value_bins(before, after, dates=pair.kind == "date"),
    )


def _median(ordered: np.ndarray) -> float:
    middle = len(ordered) // 2
    return float(ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2)


def _value_bins(before: np.ndarray, after: np.ndarray, dates: bool) -> tuple[Bin, ...]:
    """Parts of equal width between the outer 0.5 % quantiles of the two; what lies beyond is in the first and last."""
    low = min(_quantile(before, 0.005), _quantile(after, 0.005))
    high = max(_quantile(before, 0.995), _quantile(after, 0.995))
    distinct = np.unique(np.concatenate([before[:: max(1, len(before) // 1000)], after[:: max(1, len(after) // 1000)]]))
    if len(distinct) <= BINS and not dates:
        return _point_bins(before, after, distinct)
    edges = np.linspace(low, high, BINS + 1)
    written = [_day(edge) if dates else number(round(edge, _places(high - low))) for edge in edges]
    names = [f"{a} to {b}" for a, b in pairwise(written)]
    shares = []
    for ordered in (before, after):
        inside = np.searchsorted(ordered, edges[1:-1], side="right")
        shares.append(np.diff([0, *inside, len(ordered)]) / len(ordered))
    return tuple(Bin(name, float(a), float(b)) for name, a, b in zip(names, *shares, strict=True))


def _point_bins(before: np.ndarray, after: np.ndarray, points: np.ndarray) -> tuple[Bin, ...]:
    """A part for each of few values; values that the sample of the rows did not meet fall to the next lower one."""
    shares = []
    for ordered in (before, after):
        inside = np.searchsorted(ordered, points[1:], side="left")
        shares.append(np.diff([0, *inside, len(ordered)]) / len(ordered))
    return tuple(Bin(number(float(v)), float(a), float(b)) for v, a, b in zip(points, *shares, strict=True))


def _quantile(ordered: np.ndarray, share: float) -> float:
    return float(ordered[round(share * (len(ordered) - 1))])


def _places(width: float) -> int:
    """Decimals that tell the edges of the parts apart."""
    return max(0, 1 - math.floor(math.log10(width / BINS))) if width > 0 else 0


def _day(moment: float) -> str:
    return str(np.datetime64(round(moment), "us").astype("datetime64[D]"))


def _label_shift(pair: ColumnPair, before: np.ndarray, after: np.ndarray) -> Shift | str:
    assert pair.labels is not None
    n, m, size = len(before), len(after), len(pair.labels)
    if size > MANY_LABELS or (size > FEW_LABELS and size > MOSTLY_DIFFERENT * (n + m)):
        return f"it has {size:,} different texts"
    labels: list[str] = pair.labels.to_pylist()
    counts = np.bincount(before, minlength=size), np.bincount(after, minlength=size)
    p, q = counts[0] / n, counts[1] / m
    came, went = _only_in(counts[1], counts[0]), _only_in(counts[0], counts[1])
    shown = np.argsort(-np.maximum(p, q), kind="stable")[:SHOWN_LABELS]
    return Shift(
        pair.column,
        "text",
        distance=min(1.0, float(np.abs(p - q).sum()) / 2),
        by_chance=_label_chance(counts[0] + counts[1], n, m),
        p=_homogeneity_p(counts[0], counts[1]),
        n_before=n,
        n_after=m,
        missing_before=1 - n / len(pair.before),
        missing_after=1 - m / len(pair.after),
        came=tuple(labels[k] for k in came[:SHOWN_LABELS]),
        went=tuple(labels[k] for k in went[:SHOWN_LABELS]),
        came_in_all=len(came),
        went_in_all=len(went),
        bins=tuple(Bin(labels[k], float(p[k]), float(q[k])) for k in shown),
    )


def _only_in(here: np.ndarray, there: np.ndarray) -> np.ndarray:
    found = np.flatnonzero((here > 0) & (there == 0))
    return found[np.argsort(-here[found], kind="stable")]


def _label_chance(pooled: np.ndarray, n: int, m: int) -> float:
    """Mean total variation of two samples from the pooled shares: half the sum of normal mean absolute deviations."""
    shares = pooled / pooled.sum()
    deviation = np.sqrt(shares * (1 - shares) * (1 / n + 1 / m))
    return min(1.0, float(math.sqrt(2 / math.pi) * deviation.sum() / 2))


def _homogeneity_p(before: np.ndarray, after: np.ndarray) -> float:
    """Pearson's chi-square test of the two rows of counts."""
    from mlops_lib.stats.tails import chi2_tail

    table = np.stack([before, after])[:, (before + after) > 0].astype(float)
    if table.shape[1] < 2:
        return 1.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / table.sum()
    return chi2_tail(float(((table - expected) ** 2 / expected).sum()), table.shape[1] - 1)[0]
