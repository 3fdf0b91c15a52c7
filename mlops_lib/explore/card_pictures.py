"""What the pictures of one feature are drawn from: counts by cell, quantiles and densities by group, a binned trend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlops_lib.explore.distributions import ENOUGH
from mlops_lib.stats.chi_square import adjusted_residuals

LEVELS = 12
"""Levels drawn one by one; the rarer ones are counted together."""

CLASSES = 8
GRID = 256
SQUARES = 40
TREND_BINS = 20
FEW_VALUES = 30
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

_CORE = (0.005, 0.995)
_STRETCHED = 3.0
_TIMES_MEDIAN = 20.0


@dataclass(frozen=True, eq=False)
class Mosaic:
    """Rows by level and class. `counts` and `residuals` (adjusted, Haberman 1973) have shape (levels, classes).

    The last class holds `folded_classes` rarer ones where that is above 0, the last level `folded_levels`. Where those
    would take more than half of the picture they are not in it: `left_out` counts their rows. The residuals are those
    of the table with them.
    """

    levels: tuple[str, ...]
    classes: tuple[str, ...]
    counts: np.ndarray
    residuals: np.ndarray
    folded_levels: int
    folded_classes: int
    left_out: int = 0

    @property
    def shares(self) -> np.ndarray:
        """Share of each class within each level, shape (levels, classes)."""
        return np.asarray(self.counts / self.counts.sum(axis=1, keepdims=True))

    def extremes(self) -> tuple[int, ...]:
        """The levels where the last class is rarest and commonest, of those with `ENOUGH` rows; else none."""
        together = self.folded_levels > 0 and not self.left_out
        return _ends(self.counts.sum(axis=1)[: len(self.levels) - together], self.shares[:, -1])


@dataclass(frozen=True, eq=False)
class Groups:
    """A number by group; the last group holds `folded` rarer ones where that is above 0.

    `counts` (groups,), `quantiles` (groups, 5) at `QUANTILES`, `density` (groups, grid) over `places` (grid,): each
    group's density on the axis that is drawn, of log10 of the values where `log`; shares by value where `single`.
    `beyond` counts the rows outside `places`, which a few far values would stretch.
    """

    names: tuple[str, ...]
    counts: np.ndarray
    quantiles: np.ndarray
    places: np.ndarray
    density: np.ndarray
    folded: int
    log: bool
    single: bool
    beyond: int

    @property
    def medians(self) -> np.ndarray:
        """Shape (groups,)."""
        return np.asarray(self.quantiles[:, 2])

    def extremes(self) -> tuple[int, ...]:
        """The groups with the lowest and highest median, of those with `ENOUGH` rows; none where all are equal."""
        return _ends(self.counts[: len(self.names) - (self.folded > 0)], self.medians)


@dataclass(frozen=True, eq=False)
class Trend:
    """A number by bins of another with about equally many rows.

    `low`, `high` and `centres` (bins,) are the smallest, largest and median value in each bin, `counts` its rows,
    `quartiles` (bins, 3) of the other number. `squares` (SQUARES, SQUARES) counts rows by `y_edges` and `x_edges`, with
    what lies beyond the ends in the outermost.
    """

    low: np.ndarray
    high: np.ndarray
    centres: np.ndarray
    counts: np.ndarray
    quartiles: np.ndarray
    x_edges: np.ndarray
    y_edges: np.ndarray
    squares: np.ndarray


def mosaic(table: np.ndarray, levels: Sequence[str], classes: Sequence[str]) -> Mosaic:
    """The picture of a table of counts (levels, classes) without empty rows; the rarest levels and classes folded.

    Levels that are numbers keep their order; others go by the share of the last class where there are two, else by
    rows.
    """
    columns, folded_classes = _largest(table.sum(axis=0), CLASSES)
    counts = _fold(table.T, columns, folded_classes).T
    names = _named(classes, columns, folded_classes, "classes")
    rows, folded_levels = _largest(table.sum(axis=1), LEVELS)
    if not numbers(levels):
        part = counts[rows]
        key = part[:, 1] / part.sum(axis=1) if len(classes) == 2 else part.sum(axis=1)
        rows = rows[np.argsort(-key, kind="stable")]
    counts = _fold(counts, rows, folded_levels)
    shown = _named(levels, rows, folded_levels, "levels")
    residuals, others = adjusted_residuals(counts), int(counts[-1].sum()) if folded_levels else 0
    if others <= counts.sum() / 2:
        return Mosaic(shown, names, counts, residuals, folded_levels, folded_classes)
    return Mosaic(shown[:-1], names, counts[:-1], residuals[:-1], folded_levels, folded_classes, others)


def groups(values: np.ndarray, codes: np.ndarray, names: Sequence[str], *, by_median: bool = False) -> Groups:
    """A number (n,) by group; no value is missing. Groups without a row are left out.

    The rarest groups are folded beyond `LEVELS`; `by_median` puts the others in the order of their medians.
    """
    shown, folded = _largest(np.bincount(codes, minlength=len(names)), LEVELS)
    place = np.full(len(names), len(shown), dtype=np.int16)
    place[shown] = np.arange(len(shown))
    found, k = place[codes], len(shown) + (folded > 0)
    quantiles = group_quantiles(values, found, k)
    if by_median:
        order = np.argsort(quantiles[: len(shown), 2], kind="stable")
        place[shown[order]] = np.arange(len(shown))
        shown, found = shown[order], place[codes]
        quantiles[: len(shown)] = quantiles[order]
    counts = np.bincount(found, minlength=k)
    return _with_density(values, found, counts, quantiles, _named(names, shown, folded, "groups"), folded)


def group_quantiles(values: np.ndarray, codes: np.ndarray, k: int) -> np.ndarray:
    """`QUANTILES` of each group, linear between values, shape (k, 5)."""
    ordered = values[np.argsort(codes, kind="stable")]
    ends = np.cumsum(np.bincount(codes, minlength=k))[:-1]
    return np.array([np.quantile(part, QUANTILES) for part in np.split(ordered, ends)])


def trend(x: np.ndarray, y: np.ndarray) -> Trend:
    """The trend of `y` along `x`, both (n,) without gaps and with more than one value each."""
    codes, k = quantile_bins(x, TREND_BINS)
    order = np.argsort(codes.astype(np.int16), kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=k))[:-1]
    along, across = np.split(x[order], ends), np.split(y[order], ends)
    x_edges, y_edges = _square_edges(x), _square_edges(y)
    cells = _placed(y, y_edges) * SQUARES + _placed(x, x_edges)
    return Trend(
        low=np.array([part.min() for part in along]),
        high=np.array([part.max() for part in along]),
        centres=np.array([np.median(part) for part in along]),
        counts=np.array([len(part) for part in along]),
        quartiles=np.array([np.quantile(part, QUANTILES[1:4]) for part in across]),
        x_edges=x_edges,
        y_edges=y_edges,
        squares=np.bincount(cells, minlength=SQUARES**2).reshape(SQUARES, SQUARES),
    )


def quantile_bins(values: np.ndarray, bins: int) -> tuple[np.ndarray, int]:
    """Codes (n,) of bins with about equally many rows, and how many there are; equal values share a bin."""
    cuts = np.unique(np.quantile(values, np.arange(1, bins) / bins, method="inverted_cdf"))
    codes = np.searchsorted(cuts, values, side="left")
    filled = np.bincount(codes, minlength=len(cuts) + 1) > 0
    return (np.cumsum(filled) - 1)[codes], int(filled.sum())


def numbers(levels: Sequence[str]) -> bool:
    """Whether all levels are numbers, which keep their own order."""
    try:
        return bool([float(level) for level in levels])
    except ValueError:
        return False


def _ends(rows: np.ndarray, values: np.ndarray) -> tuple[int, ...]:
    """Positions of the smallest and the largest value among those with rows enough."""
    among = np.flatnonzero(rows >= min(ENOUGH, rows.max())).tolist()
    if len({float(values[i]) for i in among}) < 2:
        return ()
    return min(among, key=values.__getitem__), max(among, key=values.__getitem__)


def _largest(counts: np.ndarray, most: int) -> tuple[np.ndarray, int]:
    """Positions of the largest counts in their old order, and how many non-empty ones are left over."""
    present = np.flatnonzero(counts)
    if len(present) <= most:
        return present, 0
    kept = np.sort(present[np.argsort(-counts[present], kind="stable")[: most - 1]])
    return kept, len(present) - len(kept)


def _fold(table: np.ndarray, kept: np.ndarray, folded: int) -> np.ndarray:
    shown = table[kept]
    return np.vstack([shown, table.sum(axis=0) - shown.sum(axis=0)]) if folded else shown


def _named(names: Sequence[str], kept: np.ndarray, folded: int, what: str) -> tuple[str, ...]:
    return tuple(names[i] for i in kept) + ((f"{folded:,} other {what}",) if folded else ())


def _with_density(
    values: np.ndarray,
    codes: np.ndarray,
    counts: np.ndarray,
    quantiles: np.ndarray,
    names: tuple[str, ...],
    folded: int,
) -> Groups:
    low, high = float(values.min()), float(values.max())
    if high - low <= FEW_VALUES and np.array_equal(values, np.floor(values)):
        width = int(high - low) + 1
        cells = codes.astype(np.int64) * width + (values - low).astype(np.int64)
        table = np.bincount(cells, minlength=len(names) * width).reshape(len(names), width)
        shares = table / counts[:, None]
        return Groups(names, counts, quantiles, low + np.arange(width), shares, folded, False, True, 0)
    core_low, middle, core_high = (float(q) for q in np.quantile(values, (_CORE[0], 0.5, _CORE[1])))
    log = low > 0 and core_high > _TIMES_MEDIAN * middle
    if core_high > core_low and (log or high - low > _STRETCHED * (core_high - core_low)):
        low, high = core_low, core_high
    inside = (values >= low) & (values <= high)
    drawn = np.log10(values[inside]) if log else values[inside]
    edges = np.linspace(np.log10(low), np.log10(high), GRID + 1) if log else np.linspace(low, high, GRID + 1)
    cells = codes[inside].astype(np.int64) * GRID + _placed(drawn, edges)
    table = np.bincount(cells, minlength=len(names) * GRID).reshape(len(names), GRID)
    centres = (edges[:-1] + edges[1:]) / 2
    density = np.array([smooth(row, centres) for row in table])
    beyond = len(values) - int(inside.sum())
    return Groups(names, counts, quantiles, 10**centres if log else centres, density, folded, log, False, beyond)


def smooth(counts: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Density at evenly spaced `places` from counts there: a Gaussian kernel, cut and normalised at the ends.

    The bandwidth is Silverman's 0.9 min(sd, IQR/1.34) n^-1/5 (1986, Density Estimation, eq. 3.31), at least one step.
    """
    n, step = int(counts.sum()), float(places[1] - places[0])
    if n == 0:
        return np.zeros(len(places))
    mean = float(counts @ places) / n
    sd = float(np.sqrt(counts @ (places - mean) ** 2 / n))
    quarter, three = np.interp((0.25 * n, 0.75 * n), np.cumsum(counts), places)
    spread = min(sd, (three - quarter) / 1.34) or sd
    kernel = np.exp(-0.5 * ((places[:, None] - places) / max(0.9 * spread * n**-0.2, step)) ** 2)
    kernel /= kernel.sum(axis=0)
    return np.asarray(kernel @ counts / (n * step))


def _square_edges(values: np.ndarray) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    core_low, core_high = (float(q) for q in np.quantile(values, _CORE))
    if core_high > core_low and high - low > _STRETCHED * (core_high - core_low):
        low, high = core_low, core_high
    return np.linspace(low, high, SQUARES + 1)


def _placed(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The bin of each value between evenly spaced edges; what lies beyond goes into the outermost."""
    scaled = (values - edges[0]) * ((len(edges) - 1) / (edges[-1] - edges[0]))
    return np.asarray(np.clip(scaled, 0, len(edges) - 2).astype(np.int64))
