"""Spearman's rank correlation of a numeric feature with a numeric target."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import permutations

import numpy as np
from scipy import special

from mlops_lib.stats.kruskal import ONE_VALUE
from mlops_lib.stats.power import detectable_correlation
from mlops_lib.stats.proportions import NORMAL_975
from mlops_lib.stats.ranks import Ranked, ranked
from mlops_lib.stats.result import PFrom, TestResult, not_tested
from mlops_lib.stats.tails import t_tail

FEWEST = 4
ENOUGH = 10
"""Pairs from which Student's t describes rho well enough to be read."""


def spearman(
    values: np.ndarray, target: np.ndarray, *, intervals: bool = False, target_ranks: Ranked | None = None
) -> TestResult:
    """Rho of two float64 arrays of one length with Student's t on n-2 degrees; pairs with a NaN are left out.

    `corrected` is the square root of the adjusted rho², 1 - (1 - rho²)(n-1)/(n-2), not below 0. The interval is
    Fisher's z with the standard error of Bonett & Wright (2000, Psychometrika 65, 23-28), folded to |rho|; of a perfect
    order it begins where the nearest other order's does. Below `ENOUGH` pairs, and for a perfect order, p is exact: the
    share of all orders of one column whose |rho| is as large. `p_reference` stays Student's.
    `detectable` is `power.detectable_correlation`. `target_ranks` are those of the whole target where they are there
    already; they are used where no pair is left out.
    """
    known = ~(np.isnan(values) | np.isnan(target))
    if not known.all():
        values, target, target_ranks = values[known], target[known], None
    n = len(values)
    if n < FEWEST:
        return not_tested(n, f"only {n} rows have both values")
    a, b = ranked(np.asarray(values, dtype=np.float64)), target_ranks or ranked(np.asarray(target, dtype=np.float64))
    if a.squares == 0 or b.squares == 0:
        return not_tested(n, ONE_VALUE if a.squares == 0 else "the target has one value in these rows")
    return _result(a, b, intervals)


def _rho(a: Ranked, b: Ranked) -> float:
    """From whole numbers, so that a perfect order gives exactly 1 whatever n."""
    product, squares = a.product(b), a.squares * b.squares
    if product * product == squares:
        return math.copysign(1.0, product)
    return max(-1.0, min(1.0, product / math.sqrt(squares)))


def _result(a: Ranked, b: Ranked, intervals: bool) -> TestResult:
    rho, n = _rho(a, b), len(a.away)
    t = rho * math.sqrt((n - 2) / (1 - rho * rho)) if abs(rho) < 1 else math.copysign(math.inf, rho)
    p, log_p = reference = t_tail(t, n - 2)
    p_from: PFrom = "reference"
    words = ""
    if n < ENOUGH or abs(rho) == 1:
        log_p = _log_share(a, b) if n < ENOUGH else _log_perfect(a)
        p, p_from, words = math.exp(log_p), "All orders", "The share of all orders of one column as far from none"
    corrected = math.sqrt(max(0.0, 1 - (1 - rho * rho) * (n - 1) / (n - 2)))
    bounds = _folded(rho, n) if intervals else None
    return TestResult(
        "Spearman", rho, n - 2, p, log_p, n, abs(rho), corrected, corrected, n >= ENOUGH, f"{n:,} pairs",
        effect_interval=bounds, strength_interval=bounds, p_from=p_from, p_words=words, p_reference=reference[0],
        detectable=detectable_correlation(n),
    )  # fmt: skip


@lru_cache(maxsize=ENOUGH)
def _orders(n: int) -> np.ndarray:
    return np.array(list(permutations(range(n))), dtype=np.int8)


def _log_share(a: Ranked, b: Ranked) -> float:
    """Logarithm of the share of all orders of `b` whose rho with `a` is at least as large in size."""
    products = np.abs(b.away[_orders(len(b.away))] @ a.away)
    return math.log(float(np.mean(products >= abs(a.product(b)))))


def _log_perfect(a: Ranked) -> float:
    """The same where one column has the order of the other: both directions, and any order among equal values."""
    times = np.unique(a.away, return_counts=True)[1].astype(np.float64)
    return min(0.0, math.log(2) + float(special.gammaln(times + 1).sum()) - math.lgamma(len(a.away) + 1))


def _folded(rho: float, n: int) -> tuple[float, float]:
    if abs(rho) == 1:  # two neighbours exchanged
        return _folded(1 - 12 / (n**3 - n), n)[0], 1.0
    reach = NORMAL_975 * math.sqrt((1 + rho * rho / 2) / (n - 3))
    low, high = math.tanh(math.atanh(abs(rho)) - reach), math.tanh(math.atanh(abs(rho)) + reach)
    return max(0.0, low), max(high, -low)
