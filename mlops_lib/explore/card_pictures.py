"""What the pictures of one feature are drawn from: counts by level and class, and the trend of a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlops_lib.explore.card_groups import LEVELS, QUANTILES, core_range
from mlops_lib.explore.rare_levels import ends_of, fold, largest, named
from mlops_lib.stats.chi_square import adjusted_residuals

CLASSES = 8
SQUARES = 40
TREND_BINS = 20

_RARE, _TIMES_RARE = 0.2, 2.0


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

    @property
    def start(self) -> float:
        """Where the axis of shares begins: above 0 where the second of two classes is so rare that its cells would be
        too thin to be told apart."""
        tallest = float(self.shares[:, -1].max())
        return 1 - _TIMES_RARE * tallest if len(self.classes) == 2 and tallest < _RARE else 0.0

    def extremes(self) -> tuple[int, ...]:
        """The levels where the last class is rarest and commonest, of those with rows enough; else none."""
        together = self.folded_levels > 0 and not self.left_out
        return ends_of(self.counts.sum(axis=1)[: len(self.levels) - together], self.shares[:, -1])


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

    @property
    def codes(self) -> np.ndarray:
        """The bin of each row, with the rows in the order of `x`; shape (n,)."""
        return np.repeat(np.arange(len(self.counts), dtype=np.int8), self.counts)


def mosaic(table: np.ndarray, levels: Sequence[str], classes: Sequence[str]) -> Mosaic:
    """The picture of a table of counts (levels, classes) without empty rows; the rarest levels and classes folded.

    Levels that are numbers keep their order; others go by the share of the last class where there are two, else by
    rows.
    """
    columns, folded_classes = largest(table.sum(axis=0), CLASSES)
    counts = fold(table.T, columns, folded_classes).T
    names = named(classes, columns, folded_classes, "classes")
    rows, folded_levels = largest(table.sum(axis=1), LEVELS)
    if not numbers(levels):
        part = counts[rows]
        key = part[:, 1] / part.sum(axis=1) if counts.shape[1] == 2 else part.sum(axis=1)
        rows = rows[np.argsort(-key, kind="stable")]
    counts = fold(counts, rows, folded_levels)
    shown = named(levels, rows, folded_levels, "levels")
    residuals, others = adjusted_residuals(counts), int(counts[-1].sum()) if folded_levels else 0
    if others <= counts.sum() / 2:
        return Mosaic(shown, names, counts, residuals, folded_levels, folded_classes)
    return Mosaic(shown[:-1], names, counts[:-1], residuals[:-1], folded_levels, folded_classes, others)


def trend(x: np.ndarray, y: np.ndarray) -> Trend:
    """The trend of `y` along ascending `x`, both (n,) without gaps and with more than one value each."""
    ends = quantile_ends(x, TREND_BINS)
    along, across = np.split(x, ends[:-1]), np.split(y, ends[:-1])
    x_edges, y_edges = np.linspace(*core_range(x), SQUARES + 1), np.linspace(*core_range(np.sort(y)), SQUARES + 1)
    cells = _placed(y, y_edges) * SQUARES + _placed(x, x_edges)
    return Trend(
        low=np.array([part[0] for part in along]),
        high=np.array([part[-1] for part in along]),
        centres=np.array([np.median(part) for part in along]),
        counts=np.array([len(part) for part in along]),
        quartiles=np.array([np.quantile(part, QUANTILES[1:4]) for part in across]),
        x_edges=x_edges,
        y_edges=y_edges,
        squares=np.bincount(cells, minlength=SQUARES**2).reshape(SQUARES, SQUARES),
    )


def quantile_ends(ordered: np.ndarray, bins: int) -> np.ndarray:
    """Where bins of ascending values end that have about equally many rows; equal values share a bin."""
    last = np.arange(1, bins + 1) * len(ordered) // bins - 1
    return np.unique(np.searchsorted(ordered, ordered[np.maximum(last, 0)], side="right"))


def numbers(levels: Sequence[str]) -> bool:
    """Whether all levels are numbers, which keep their own order."""
    try:
        return bool([float(level) for level in levels])
    except ValueError:
        return False


def _placed(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The bin of each value between evenly spaced edges; what lies beyond goes into the outermost."""
    scaled = (values - edges[0]) * ((len(edges) - 1) / (edges[-1] - edges[0]))
    return np.asarray(np.clip(scaled, 0, len(edges) - 2).astype(np.int32))
