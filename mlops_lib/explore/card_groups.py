"""A number by group for a picture: quantiles and densities of each group, read from one sort of all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlops_lib.explore.rare_levels import ends_of, largest, named
from mlops_lib.stats.quantiles import quantiles_of

LEVELS = 12
"""Groups drawn one by one; the rarer ones are counted together."""

GRID = 256
FEW_VALUES = 30
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

_CORE = (0.005, 0.995)
_STRETCHED = 3.0
_TIMES_MEDIAN = 20.0


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
        """The groups with the lowest and highest median, of those with rows enough; none where all are equal."""
        return ends_of(self.counts[: len(self.names) - (self.folded > 0)], self.medians)


def groups(ordered: np.ndarray, codes: np.ndarray, names: Sequence[str], *, by_median: bool = False) -> Groups:
    """A number by group: ascending values (n,), none missing, and the code of each into `names`, moved along.

    Groups without a row are left out, the rarest folded beyond `LEVELS`; `by_median` puts the others in the order of
    their medians.
    """
    shown, folded = largest(np.bincount(codes, minlength=len(names)), LEVELS)
    place = np.full(len(names), len(shown), dtype=np.int8)
    place[shown] = np.arange(len(shown))
    found = place[codes]
    parts = [ordered[found == group] for group in range(len(shown) + (folded > 0))]
    if by_median:
        order = sorted(range(len(shown)), key=lambda i: quantiles_of(parts[i], (0.5,))[0])
        shown, parts = shown[order], [parts[i] for i in order] + parts[len(shown) :]
    quantiles = np.array([quantiles_of(part, QUANTILES) for part in parts])
    low, high, log, single = _axis(ordered)
    drawn = _shares(parts, low, high) if single else _densities(parts, low, high, log)
    beyond = len(ordered) - _between(ordered, low, high)
    counts = np.array([len(part) for part in parts])
    return Groups(named(names, shown, folded, "groups"), counts, quantiles, *drawn, folded, log, single, beyond)


def core_range(ordered: np.ndarray) -> tuple[float, float]:
    """The ends of ascending values, without what a few far ones would stretch, and never infinite or equal."""
    finite = ordered[np.searchsorted(ordered, -np.inf, "right") : np.searchsorted(ordered, np.inf, "left")]
    if len(finite) == 0:
        return -0.5, 0.5
    low, high = float(finite[0]), float(finite[-1])
    core_low, core_high = quantiles_of(finite, _CORE).tolist()
    if core_high > core_low and high - low > _STRETCHED * (core_high - core_low):
        low, high = core_low, core_high
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def _axis(ordered: np.ndarray) -> tuple[float, float, bool, bool]:
    """Both ends of what is drawn, whether on a logarithmic axis, and whether each value stands for itself."""
    low, high = float(ordered[0]), float(ordered[-1])
    if high - low <= FEW_VALUES and np.array_equal(ordered, np.floor(ordered)):
        return low, high, False, True
    core_low, middle, core_high = quantiles_of(ordered, (_CORE[0], 0.5, _CORE[1])).tolist()
    if low > 0 and _TIMES_MEDIAN * middle < core_high < np.inf:
        return core_low, core_high, True, False
    return *core_range(ordered), False, False


def _between(ordered: np.ndarray, low: float, high: float) -> int:
    return int(np.searchsorted(ordered, high, "right") - np.searchsorted(ordered, low, "left"))


def _shares(parts: list[np.ndarray], low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    values = np.arange(low, high + 1)
    starts = [np.searchsorted(part, np.append(values, np.inf)) for part in parts]
    return values, np.array([np.diff(start) / len(part) for start, part in zip(starts, parts, strict=True)])


def _densities(parts: list[np.ndarray], low: float, high: float, log: bool) -> tuple[np.ndarray, np.ndarray]:
    edges = np.linspace(np.log10(low), np.log10(high), GRID + 1) if log else np.linspace(low, high, GRID + 1)
    cuts = 10**edges if log else edges
    cuts[0], cuts[-1] = low, np.nextafter(high, np.inf)
    centres = (edges[:-1] + edges[1:]) / 2
    densities = np.array([smooth(np.diff(np.searchsorted(part, cuts)), centres) for part in parts])
    return 10**centres if log else centres, densities


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
