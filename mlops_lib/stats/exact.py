"""P-values of tables of counts that need no large expected counts: Fisher's test, drawn tables, matched moments."""

from __future__ import annotations

import math

import numpy as np

from mlops_lib.objects.errors import InputError
from mlops_lib.stats.result import OneTest
from mlops_lib.stats.root import falling_root
from mlops_lib.stats.tails import chi2_tail

TABLES = 10_000
"""Tables that are drawn at most."""

EXCEEDING = 500
"""Drawn tables at least as far from independence as the observed one, after which drawing stops: at 10,000 tables only
where p is above 0.05, and the standard error of p stays below a twentieth of it."""

_BLOCK = 1_000
_SAME = 1e-10
"""Relative difference of two probabilities or statistics that is taken for rounding: tables so close are ties."""


def fisher(table: np.ndarray) -> OneTest:
    """Fisher's exact test, two-sided, of a 2 x 2 table of counts.

    p is the probability, with the margins fixed, of all tables that are no more likely than this one (Fisher 1935;
    R's `fisher.test`, `scipy.stats.fisher_exact`). `statistic` is the sample odds ratio ad/bc. Raises InputError for
    a table of another shape.
    """
    if table.shape != (2, 2):
        raise InputError(
            f"Fisher's test is for tables of 2 x 2 counts; this one has the shape {table.shape}.",
            "Use monte_carlo for larger tables.",
        )
    (a, b), (c, d) = ((int(v) for v in row) for row in table)
    weights, observed = _hypergeometric(a, a + b, a + c, a + b + c + d)
    extreme = weights[weights <= observed + _SAME]
    log_p = min(0.0, _log_sum(extreme) - _log_sum(weights)) if len(extreme) < len(weights) else 0.0
    odds = math.nan if b * c == 0 and a * d == 0 else math.inf if b * c == 0 else a * d / (b * c)
    words = "Fisher's exact test: the probability of all tables with the same totals that are no more likely than this"
    return OneTest("Fisher", odds, math.nan, math.exp(log_p), log_p, words)


def monte_carlo(table: np.ndarray, seed: int = 0, tables: int = TABLES) -> OneTest:
    """Chi-square test with p from tables drawn with the same margins; empty rows and columns do not count.

    p = (g + 1) / (N + 1), where g of N tables are at least as far from independence (Davison & Hinkley 1997, Bootstrap
    Methods and their Application, section 4.2; Phipson & Smyth 2010, Stat. Appl. Genet. Mol. Biol. 9, 39), so the
    smallest p is 1 / (N + 1). Where `EXCEEDING` of them are so at draw l < N, drawing ends with p = EXCEEDING / l
    (Besag & Clifford 1991, Biometrika 78, 301-304), which is an exact p-value too. Tables are drawn by Boyett's or
    Patefield's algorithm (`scipy.stats.random_table`). The margins are put in order first, so that neither the order
    of rows and columns nor which of them is called rows changes p. Raises InputError for fewer than two rows or
    columns that occur.
    """
    table = occurring(table)
    if min(table.shape) < 2:
        raise InputError(
            f"Of this table {table.shape[0]} rows and {table.shape[1]} columns occur, which leaves nothing to test.",
            "Give a table with at least two of both.",
        )
    margins = sorted((_ordered(table.sum(axis=1)), _ordered(table.sum(axis=0))), key=lambda m: (len(m), *m))
    observed = float(_distances(table[np.newaxis], table.sum(axis=1), table.sum(axis=0))[0])
    drawn, exceeding = _draw(margins[1], margins[0], observed, seed, tables)
    n, df = int(table.sum()), (table.shape[0] - 1) * (table.shape[1] - 1)
    so_far = (
        f"Monte Carlo: {exceeding:,} of {drawn:,} tables drawn with the same totals (seed {seed}) are at least as far "
        "from independence"
    )
    if exceeding == EXCEEDING and drawn < tables:
        p, how = exceeding / drawn, f"; drawing stopped there, p = {exceeding:,} / {drawn:,}"
    else:
        p, how = (exceeding + 1) / (drawn + 1), f"; p = ({exceeding:,} + 1) / ({drawn:,} + 1)"
    return OneTest("Monte Carlo", observed / n, df, p, math.log(p), so_far + how)


def matched_moments(table: np.ndarray) -> OneTest:
    """Chi-square test with p from the gamma distribution that has chi-square's own mean and variance for these margins.

    For tables too large to be drawn, where the chi-square distribution would find relations that are not there: a row
    or two in a rare level move the statistic by more than its degrees of freedom allow. Mean and variance over all
    tables with the same margins: Haldane (1940, Biometrika 31, 346-355), as Dawson (1954, Am. Statistician 8 (1),
    15-16) writes them. `df` are those of the gamma as a scaled chi-square. Raises InputError for empty rows or
    columns, and for three counts or fewer.
    """
    rows, columns = (table.sum(axis=axis, dtype=np.float64) for axis in (1, 0))
    n = float(rows.sum())
    if min(table.shape) < 2 or n <= 3 or not (rows.all() and columns.all()):
        raise InputError(
            f"Moments need two rows and columns that occur and more than 3 counts; this table has {n:,.0f}.",
            "Leave out empty rows and columns first.",
        )
    mean, variance = _moments(rows, columns, n)
    statistic = float(_distances(table[np.newaxis].astype(np.int64), rows.astype(int), columns.astype(int))[0]) / n
    words = "Matched moments: the gamma distribution with the mean and variance of χ² over all tables with these totals"
    if variance <= _SAME * mean:  # each row a level of its own: all tables are as far from independence
        return OneTest("Matched moments", statistic, math.inf, 1.0, 0.0, words)
    size = variance / (2 * mean)
    p, log_p = chi2_tail(statistic / size, mean / size)
    return OneTest("Matched moments", statistic, mean / size, p, log_p, words)


def _moments(rows: np.ndarray, columns: np.ndarray, n: float) -> tuple[float, float]:
    spans, uneven = [], []
    for totals in (rows, columns):
        k = len(totals)
        spans.append((k - 1) * (n - k) / (n - 1))
        uneven.append((n * float((1 / totals).sum()) - k * k) / (n - 2))
    apart = (spans[0] - uneven[0]) * (spans[1] - uneven[1])
    variance = 2 * n / (n - 3) * apart + n * n / (n - 1) * uneven[0] * uneven[1]
    return n * (len(rows) - 1) * (len(columns) - 1) / (n - 1), variance


def fisher_detectable(table: np.ndarray, power: float, level: float) -> float:
    """Smallest V that Fisher's test at `level` finds with that power, given the margins of a 2 x 2 table.

    The first cell then follows Fisher's noncentral hypergeometric distribution; its odds ratio is raised, or lowered,
    until the cells that are significant have that probability. V is that of the cell's mean, the larger one of the two
    directions where both can be found, 1 where neither can.
    """
    row, column, n = int(table[0].sum()), int(table[:, 0].sum()), int(table.sum())
    low = max(0, row + column - n)
    weights, _ = _hypergeometric(low, row, column, n)
    cells = np.arange(low, low + len(weights), dtype=np.float64)
    found = _significant(weights, level)
    spread = math.sqrt(row * (n - row) * column * (n - column))
    sizes = [_reach(weights, cells, found, power, way) for way in (1.0, -1.0)]
    reached = [abs(n * mean - row * column) / spread for mean in sizes if not math.isnan(mean)]
    return min(1.0, max(reached)) if reached else 1.0


_LARGEST_LOG_ODDS = 50.0


def _significant(weights: np.ndarray, level: float) -> np.ndarray:
    """Which of the tables Fisher's test rejects, bool."""
    order = np.argsort(weights, kind="stable")
    sums = np.cumsum(np.exp(weights[order] - _log_sum(weights)))
    upto = np.searchsorted(weights[order], weights + _SAME, side="right") - 1
    return np.asarray(sums[upto] <= level)


def _reach(weights: np.ndarray, cells: np.ndarray, found: np.ndarray, power: float, way: float) -> float:
    """Mean of the cell at the odds ratio that has that power; NaN where none in this direction has."""

    def chances(log_odds: float) -> np.ndarray:
        tilted = weights + way * log_odds * (cells - cells[0])
        return np.asarray(np.exp(tilted - _log_sum(tilted)))

    def lacking(log_odds: float) -> float:
        return power - float(chances(log_odds)[found].sum())

    if lacking(_LARGEST_LOG_ODDS) > 0:
        return math.nan
    return float(chances(falling_root(lacking, 0.0, _LARGEST_LOG_ODDS)) @ cells)


def occurring(table: np.ndarray) -> np.ndarray:
    """The counts as int64 without the rows and columns that are empty."""
    return np.asarray(table[table.any(axis=1)][:, table.any(axis=0)], dtype=np.int64)


def _hypergeometric(a: int, row: int, column: int, n: int) -> tuple[np.ndarray, float]:
    """Logarithms of the probabilities of all tables with these margins, up to one constant, and that of cell `a`.

    Summed from ratios of neighbours: differences of log factorials would lose a digit for every digit of n.
    """
    low, high = max(0, row + column - n), min(row, column)
    k = np.arange(low, high, dtype=np.float64)
    steps = np.log((row - k) * (column - k) / ((k + 1) * (n - row - column + k + 1)))
    mode = int(np.count_nonzero(steps > 0))
    weights = np.concatenate((-np.cumsum(steps[:mode][::-1])[::-1], [0.0], np.cumsum(steps[mode:])))
    return weights, float(weights[a - low])


def _log_sum(weights: np.ndarray) -> float:
    top = float(weights.max())
    return top + math.log(float(np.exp(weights - top).sum()))


def _ordered(totals: np.ndarray) -> np.ndarray:
    return np.sort(totals.astype(np.int64))[::-1]


def _distances(tables: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """n times chi-square of tables (m, r, c) that share their margins, shape (m,). The differences are whole numbers,
    so nothing is lost near independence."""
    products = np.outer(rows, columns)
    apart = (tables * int(rows.sum()) - products).reshape(len(tables), -1).astype(np.float64)
    apart *= apart
    return np.asarray(apart @ (1 / products.ravel()))


def _draw(rows: np.ndarray, columns: np.ndarray, observed: float, seed: int, tables: int) -> tuple[int, int]:
    """How many tables were drawn, and how many of them are at least as far from independence."""
    from scipy.stats import random_table

    family, rng = random_table(rows, columns), np.random.default_rng(seed)
    drawn = exceeding = 0
    while drawn < tables:
        block = family.rvs(size=min(_BLOCK, tables - drawn), random_state=rng)
        hits = np.flatnonzero(_distances(block, rows, columns) >= observed * (1 - _SAME))
        if exceeding + len(hits) >= EXCEEDING:
            return drawn + int(hits[EXCEEDING - exceeding - 1]) + 1, EXCEEDING
        drawn, exceeding = drawn + len(block), exceeding + len(hits)
    return drawn, exceeding
