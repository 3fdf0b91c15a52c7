"""Mann-Whitney test of a number in two classes, with rank-biserial correlation and the common-language effect."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from mlops_lib.stats.auc_interval import auc_interval
from mlops_lib.stats.kruskal import NO_ROW, ONE_CLASS, ONE_VALUE, known_pairs
from mlops_lib.stats.ranks import RankSums, rank_sums

FEW = 8
"""Rows of the smaller class up to which p is exact where no values are equal, as SciPy has it."""

_EXACT_PAIRS = 5_000_000


@dataclass(frozen=True)
class MannWhitney:
    """The class with the later code against the other one, on the rows where value and class are known.

    `u` counts the pairs of rows, one of each class, in which the later class has the larger value; ties count half.
    `common_language` = u / (pairs) is the chance that a row of the later class has the larger value, the ROC-AUC of
    the feature. `rank_biserial` = 2 common_language - 1, from -1 to 1 (Wendt 1972, Eur. J. Soc. Psychol. 2, 463-465).
    Both have approximate 95 % intervals. `z` has its sign and the continuity correction; `p` is two-sided and says in
    `method` where it comes from, `log_p` is its natural logarithm. `rows` are those of the earlier and of the later
    class. Where there is no test, `reason` is a clause that says why and all other numbers are NaN.
    """

    rows: tuple[int, int]
    u: float = math.nan
    z: float = math.nan
    p: float = math.nan
    log_p: float = math.nan
    method: Literal["exact", "asymptotic"] = "asymptotic"
    common_language: float = math.nan
    common_language_interval: tuple[float, float] = (math.nan, math.nan)
    rank_biserial: float = math.nan
    interval: tuple[float, float] = (math.nan, math.nan)
    reason: str = ""

    @property
    def n(self) -> int:
        """Rows of both classes."""
        return sum(self.rows)


def mann_whitney(values: np.ndarray, codes: np.ndarray) -> MannWhitney:
    """Float64 `values` across integer `codes` of two classes; rows with a NaN or a negative code are left out.

    p is that of scipy.stats.mannwhitneyu with its defaults: the exact distribution of U where one class has at most
    `FEW` rows and no values are equal (up to 5,000,000 pairs of rows), else the normal one with tie correction.
    """
    values, codes = known_pairs(values, codes)
    return mann_whitney_of(rank_sums(values, codes, int(codes.max()) + 1 if len(codes) else 0, spread=True))


def mann_whitney_of(ranks: RankSums) -> MannWhitney:
    """The same from rank sums that were made before, with their spread."""
    if len(ranks.counts) != 2:
        reason = NO_ROW if ranks.n == 0 else ONE_CLASS if len(ranks.counts) == 1 else "the target has more classes"
        return MannWhitney((ranks.n, 0), reason=reason)
    first, second = (int(c) for c in ranks.counts)
    if ranks.untied == 0:
        return MannWhitney((first, second), reason=ONE_VALUE)
    pairs = first * second
    u = (int(ranks.twice[1]) - second * (second + 1)) / 2
    away = abs(u - pairs / 2)
    z = (away - 0.5) / math.sqrt(pairs * (ranks.n + 1) / 12 * ranks.untied)
    exact = min(first, second) <= FEW and ranks.ties == 0 and pairs <= _EXACT_PAIRS
    p, log_p = _exact(round(pairs / 2 - away), first, second) if exact else _normal(z)
    share = u / pairs
    low, high = auc_interval(share, ranks)
    return MannWhitney(
        (first, second), u, math.copysign(z, u - pairs / 2), p, log_p, "exact" if exact else "asymptotic",
        share, (low, high), 2 * share - 1, (2 * low - 1, 2 * high - 1),
    )  # fmt: skip


def _normal(z: float) -> tuple[float, float]:
    log_p = min(0.0, math.log(2) + float(special.log_ndtr(-z)))
    return min(1.0, 2 * float(special.ndtr(-z))), log_p


def _exact(u: int, first: int, second: int) -> tuple[float, float]:
    """Twice P(U <= u) of two classes without ties, u at most half the pairs.

    The chances are the coefficients of a Gaussian binomial, built as a product of (1 - q^(m+i)) / (1 - q^i).
    """
    few, many = sorted((first, second))
    chances = np.zeros(u + 1)
    chances[0] = 1.0
    for i in range(1, few + 1):
        if many + i <= u:
            chances[many + i :] -= chances[: -(many + i)].copy()
        for start in range(min(i, u + 1)):
            chances[start::i] = np.cumsum(chances[start::i])
        chances *= i / (many + i)
    p = min(1.0, 2 * float(chances.sum()))
    return p, math.log(p)
