"""The smallest effect that a test of a given size finds: its power turned round."""

from __future__ import annotations

import math
from functools import lru_cache

from scipy import special

POWER, LEVEL = 0.8, 0.05
"""The usual convention (Cohen 1988, Statistical Power Analysis for the Behavioral Sciences, 2nd ed., section 2.4)."""

_ROUNDS = 60


@lru_cache(maxsize=4096)
def detectable_noncentrality(df: float, power: float = POWER, level: float = LEVEL) -> float:
    """Noncentrality at which a chi-square test on `df` degrees of freedom at `level` has that power.

    It solves P(X > c) = power for a noncentral chi-square X, c the upper `level` quantile of the central one
    (Cohen 1988, chapter 7). Divided by n it is the smallest detectable w².
    """
    return float(special.chndtrinc(special.chdtri(df, level), df, 1 - power))


def detectable_rank_effect(n: int, classes: int) -> float:
    """Smallest detectable strength of Kruskal-Wallis on n values in that many classes, 0 to 1; NaN without a test.

    H is close to a noncentral chi-square on k-1 degrees under small shifts (Andrews 1954, Ann. Math. Stat. 25,
    724-736), so that the square root of bias-corrected epsilon squared lies near sqrt(noncentrality / (n - k)).
    """
    if classes < 2 or n <= classes:
        return math.nan
    return min(1.0, math.sqrt(detectable_noncentrality(classes - 1) / (n - classes)))


def detectable_correlation(n: int, power: float = POWER, level: float = LEVEL) -> float:
    """Smallest detectable |rho| of Spearman's test on n pairs, below 1; NaN for fewer than four pairs.

    It solves atanh(rho) sqrt(n-3) = z(1 - level/2) + z(power) sqrt(1 + rho²/2): Fisher's z (Cohen 1988, chapter 3)
    with the standard error of Bonett & Wright (2000, Psychometrika 65, 23-28).
    """
    if n < 4:
        return math.nan
    critical, reserve = float(special.ndtri(1 - level / 2)), float(special.ndtri(power))
    rho = 0.0
    for _ in range(_ROUNDS):
        rho = math.tanh((critical + reserve * math.sqrt(1 + rho * rho / 2)) / math.sqrt(n - 3))
    return rho
