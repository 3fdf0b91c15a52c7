"""Spearman's rank correlation of a numeric feature with a numeric target."""

from __future__ import annotations

import math

import numpy as np

from mlops_lib.stats.ranks import midranks
from mlops_lib.stats.result import TestResult, not_tested
from mlops_lib.stats.tails import t_tail

FEWEST = 4
ENOUGH = 10
"""Pairs from which Student's t describes rho well enough to be read."""

_NORMAL_975 = 1.959963984540054


def spearman(values: np.ndarray, target: np.ndarray, *, intervals: bool = False) -> TestResult:
    """Rho of two float64 arrays of one length with Student's t on n-2 degrees; pairs with a NaN are left out.

    `corrected` is the square root of the adjusted rho², 1 - (1 - rho²)(n-1)/(n-2), not below 0. The interval is
    Fisher's z with the standard error of Bonett & Wright (2000, Psychometrika 65, 23-28), folded to |rho|.
    """
    known = ~(np.isnan(values) | np.isnan(target))
    if not known.all():
        values, target = values[known], target[known]
    n = len(values)
    if n < FEWEST:
        return not_tested(n, f"only {n} rows have both values")
    a, b = midranks(values) - (n + 1) / 2, midranks(target) - (n + 1) / 2
    spread_a, spread_b = float(a @ a), float(b @ b)
    if spread_a == 0 or spread_b == 0:
        return not_tested(
            n, "it has one value in these rows" if spread_a == 0 else "the target has one value in these rows"
        )
    rho = max(-1.0, min(1.0, float(a @ b) / math.sqrt(spread_a * spread_b)))
    t = rho * math.sqrt((n - 2) / (1 - rho * rho)) if abs(rho) < 1 else math.copysign(math.inf, rho)
    p, log_p = t_tail(t, n - 2)
    corrected = math.sqrt(max(0.0, 1 - (1 - rho * rho) * (n - 1) / (n - 2)))
    bounds = _folded(rho, n) if intervals else None
    return TestResult(
        "Spearman", rho, n - 2, p, log_p, n, abs(rho), corrected, corrected, n >= ENOUGH, f"{n:,} pairs",
        effect_interval=bounds, strength_interval=bounds,
    )  # fmt: skip


def _folded(rho: float, n: int) -> tuple[float, float]:
    if abs(rho) == 1:
        return 1.0, 1.0
    reach = _NORMAL_975 * math.sqrt((1 + rho * rho / 2) / (n - 3))
    low, high = math.tanh(math.atanh(abs(rho)) - reach), math.tanh(math.atanh(abs(rho)) + reach)
    return max(0.0, low), max(high, -low)
