"""How far a chosen threshold may be trusted: where its bootstrap puts it, and which thresholds do as well."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mlops_lib.evaluate.intervals import merged, resamples
from mlops_lib.evaluate.sweep import Sweep, cut_counts
from mlops_lib.objects.decision import Best, Cost, Policy
from mlops_lib.threshold.policies import chosen_cut, wish

LEVELS = 512
"""Groups of neighbouring scores that the bootstrap works on; with fewer distinct scores it is exact."""


@dataclass(frozen=True)
class Stability:
    """`range` is the middle 95 % of the bootstrapped optimum, None where fewer than half the resamples have one.

    `equal_band` holds the lowest and the highest threshold whose cost (or metric) cannot be told from that of the
    chosen one; None for policies without one. `found` is the share of resamples in which the policy could be kept.
    """

    range: tuple[float, float] | None
    equal_band: tuple[float, float] | None
    found: float


def stability(swept: Sweep, policy: Policy, cut: int, times: int = 1_000, seed: int = 0) -> Stability:
    """Bootstrap a choice (`cut` of `swept`): rows are drawn with replacement within each class, as counts.

    The band is paired: the cost difference to the chosen cut is taken within each resample, and a cut cannot be told
    from it where the lower 2.5 % point is not above 0. The band reaches from the lowest such cut to the highest; a few
    between them may be worse by a row or two, since a step over rows of one class alone can only cost.
    """
    small, kept = _grouped_around(swept, cut)
    thresholds, own = swept.thresholds[kept], int(np.searchsorted(kept, cut))
    # How unevenly rows weigh is taken from the rows themselves: it hardly differs between resamples.
    squares = small.counts.squares
    picks, worse = [], []
    for positives, negatives in resamples(small, times, seed):
        asked = wish(replace(cut_counts(positives, negatives), squares=squares), policy)
        picks.append(chosen_cut(asked))
        if isinstance(policy, (Cost, Best)):
            worse.append(asked.value[:, own, None] - asked.value)
    pick = np.concatenate(picks)
    found = pick[pick >= 0]
    middle = _ends(np.quantile(thresholds[found], [0.025, 0.975])) if 2 * len(found) >= len(pick) else None
    return Stability(middle, _band(np.concatenate(worse), thresholds) if worse else None, len(found) / len(pick))


def _grouped_around(swept: Sweep, cut: int) -> tuple[Sweep, np.ndarray]:
    """The sweep in about LEVELS groups of levels, with the cuts (indices) that are left; `cut` is among them."""
    levels = len(swept.levels)
    if levels <= LEVELS:
        return swept, np.arange(levels + 1)
    kept = np.unique(np.concatenate((_spread(swept, LEVELS), _near(cut, levels), [0, cut, levels])))
    first = kept[:-1]
    return merged(swept, first, swept.levels[first]), kept


def _spread(swept: Sweep, many: int) -> np.ndarray:
    """Cuts that divide the rows about evenly, both classes weighing the same."""
    weight = swept.positives_at / (swept.positives or 1) + swept.negatives_at / (swept.negatives or 1)
    total = np.cumsum(weight)
    return np.searchsorted(total, np.linspace(0, total[-1], many, endpoint=False)[1:]) + 1


def _near(cut: int, levels: int) -> np.ndarray:
    reach = np.unique(np.geomspace(1, max(levels // 20, 1), 40).astype(np.int64))
    return np.clip(np.concatenate((cut - reach, cut + reach)), 0, levels)


def _band(worse: np.ndarray, thresholds: np.ndarray) -> tuple[float, float]:
    """From how much worse each cut is in each resample (times, cuts)."""
    alike = np.flatnonzero(np.quantile(worse, 0.025, axis=0) <= 0.0)
    return float(thresholds[alike[0]]), float(thresholds[alike[-1]])


def _ends(values: np.ndarray) -> tuple[float, float]:
    return float(values[0]), float(values[1])
