"""Intervals of the chance that a row of one class has a larger value than a row of the other."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from mlops_lib.stats.proportions import NORMAL_975
from mlops_lib.stats.ranks import RankSums
from mlops_lib.stats.root import falling_root


def auc_interval(auc: float, ranks: RankSums) -> tuple[float, float]:
    """Approximate 95 % interval of the ROC-AUC of two classes.

    From the variance of placements (DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44, 837-845) on the logit scale
    (Pepe 2003, The Statistical Evaluation of Medical Tests, 5.2) with Student's t on the degrees of freedom of Brunner
    & Munzel (2000, Biom. J. 42, 17-25). Where the classes do not overlap, one has a single row or the ranks came
    without their spread, there is no such variance, and the interval is `newcombe`'s.
    """
    spread = ranks.spread or (math.nan, math.nan)
    first, second = (int(n) for n in ranks.counts)
    return placement_interval(auc, (spread[0], spread[1]), (first, second))


def placement_interval(auc: float, spread: tuple[float, float], rows: tuple[int, int]) -> tuple[float, float]:
    """`auc_interval` from the sample variances of the placements of each class and the rows of each."""
    variance, df = placement_variance(spread, rows)
    if not 0 < auc < 1 or not variance > 0:
        return newcombe(auc, *rows)
    reach = float(special.stdtrit(df, 0.975)) * math.sqrt(variance) / (auc * (1 - auc))
    centre = float(special.logit(auc))
    return float(special.expit(centre - reach)), float(special.expit(centre + reach))


def placement_variance(spread: tuple[float, float], rows: tuple[int, int]) -> tuple[float, float]:
    """Variance of the mean placement (DeLong 1988), or of the difference of two, and the degrees of freedom that it is
    known with (Satterthwaite 1946, as Brunner & Munzel 2000); NaN degrees where there is no variance."""
    with np.errstate(divide="ignore", invalid="ignore"):
        parts, free = np.array(spread) / np.array(rows), np.array(rows, dtype=np.float64) - 1
        variance = float(parts.sum())
        return variance, float(np.float64(variance**2) / (parts**2 / free).sum())


def newcombe(auc: float, first: int, second: int) -> tuple[float, float]:
    """Approximate 95 % interval of a ROC-AUC from class sizes alone: Newcombe (2006, Stat. Med. 25, 559-573), method 5.

    The bounds are the t that solve (auc - t)² = z² t(1-t) [1 + s ((1-t)/(2-t) + t/(1+t))] / (first second), the
    variance of Hanley & McNeil (1982, Radiology 143, 29-36) at t with s = (first + second)/2 - 1 for both classes.
    """
    s = (first + second) / 2 - 1

    def excess(t: float) -> float:
        variance = t * (1 - t) * (1 + s * ((1 - t) / (2 - t) + t / (1 + t))) / (first * second)
        return (auc - t) ** 2 - NORMAL_975**2 * variance

    low = 0.0 if auc == 0 else falling_root(excess, 0.0, auc)
    high = 1.0 if auc == 1 else falling_root(lambda t: -excess(t), auc, 1.0)
    return low, high
