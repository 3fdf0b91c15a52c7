"""Two factors and an outcome: whether their joint table says more than the two effects added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

DRAWS = 199
"""Tables drawn under the additive model where cells have too few rows for the chi-square distribution."""

_ROUNDS, _CLOSE = 5000, 1e-11
_ROUGH_ROUNDS, _ROUGH = 200, 1e-6
_EXPECTED, _SHARE = 5.0, 0.8


@dataclass(frozen=True, eq=False)
class Additivity:
    """The additive model of a table of a x b cells against the cells themselves.

    `statistic` is G² on `df` degrees of freedom for shares, F on `df` and `df_rest` for means. The shares of the
    outcome's deviance (for means: of its variance) are `first` and `second` for each factor alone, `added` for both
    added up and `joint` for every cell its own level; each is less what as many groups explain by chance, at least 0.
    `observed` and `expected` (a, b) are the levels of the cells and those of the additive model, NaN without rows.
    `p_from` "draws": under 80 % of the expected counts reach 5 (Cochran), so p and chance come from `DRAWS` tables.
    """

    n: int
    statistic: float
    df: int
    df_rest: int
    p: float
    first: float
    second: float
    added: float
    joint: float
    observed: np.ndarray
    expected: np.ndarray
    p_from: Literal["chi-square", "draws", "F"]

    @property
    def extra(self) -> float:
        """What the cells explain beyond adding up."""
        return max(0.0, self.joint - self.added)


def additive_odds(hits: np.ndarray, n: np.ndarray, seed: int = 0) -> Additivity | None:
    """Shares: `hits` of `n` in each cell, shape (a, b). Additive on the log-odds.

    The log-linear model without three-way interaction, fitted by iterative proportional fitting (Deming & Stephan
    1940); G² as in Agresti, Categorical Data Analysis (2013), section 9.2. None where hits are none or all, or no
    degree of freedom is left. `seed` draws tables where cells are thin (Davison & Hinkley 1997, section 4.2).
    """
    table, df = np.stack([n - hits, hits], axis=-1).astype(np.float64), _free(n)
    if df == 0 or not 0 < hits.sum() < n.sum():
        return None
    fitted, total = _fitted(table), float(table.sum())
    statistic = float(_deviance(table, fitted))
    dense = bool(np.mean(fitted[n > 0] >= _EXPECTED) >= _SHARE)
    by_chance, p = (float(df), float(special.chdtrc(df, statistic))) if dense else _drawn(fitted, n, statistic, seed)
    (first, second, added), whole = _explained(table, statistic, int(np.count_nonzero(n)) - df - 1)
    with np.errstate(invalid="ignore"):  # cells without rows have no level
        observed, expected = hits / n, fitted[..., 1] / n
    return Additivity(
        int(total), statistic, df, 0, p, first, second, added, added + max(0.0, statistic - by_chance) / whole,
        observed, expected, "chi-square" if dense else "draws",
    )  # fmt: skip


def _explained(table: np.ndarray, statistic: float, used: int) -> tuple[tuple[float, float, float], float]:
    """Shares of the deviance that each factor and both added up explain, and the deviance of the outcome itself."""
    n, total = table.sum(axis=-1), float(table.sum())
    shares = table.sum(axis=(0, 1)) / total
    whole = float(2 * total * special.entr(shares).sum())
    null = float(_deviance(table, n[..., None] * shares))
    alone = (_rates(table.sum(axis=1))[:, None], _rates(table.sum(axis=0))[None])
    left = (*(float(_deviance(table, n[..., None] * rates)) for rates in alone), statistic)
    a, b = _used(n)
    first, second, added = (max(0.0, null - d - k) / whole for d, k in zip(left, (a - 1, b - 1, used), strict=True))
    return (first, second, added), whole


def _drawn(fitted: np.ndarray, n: np.ndarray, statistic: float, seed: int) -> tuple[float, float]:
    """Mean of G² over tables drawn under the additive model, and the share of them (and this one) that reach it."""
    rng = np.random.default_rng(seed)
    rates = np.clip(np.divide(fitted[..., 1], n, out=np.zeros(n.shape), where=n > 0), 0, 1)
    hits = rng.binomial(n, rates, (DRAWS, *n.shape))
    tables = np.stack([n - hits, hits], axis=-1).astype(np.float64)
    found = _deviance(tables, _fitted(tables, _ROUGH_ROUNDS, _ROUGH))
    return float(found.mean()), float((1 + np.count_nonzero(found >= statistic * (1 - 1e-9))) / (DRAWS + 1))


def additive_means(sums: np.ndarray, squares: np.ndarray, n: np.ndarray) -> Additivity | None:
    """Means: sum and sum of squares of the outcome and the rows of each cell, shape (a, b).

    Two-way analysis of variance with unequal cells: F compares the additive fit (weighted least squares) with the cell
    means (Searle 1987, Linear Models for Unbalanced Data, section 4.9). Shares are adjusted R². None where the outcome
    has no spread within cells, or no degree of freedom is left.
    """
    df, total, cells = _free(n), int(n.sum()), n > 0
    rest = total - int(cells.sum())
    observed = np.divide(sums, n, out=np.full(n.shape, np.nan), where=cells)
    spread = float(squares.sum() - sums.sum() ** 2 / total)
    within = float(squares.sum() - (sums[cells] ** 2 / n[cells]).sum())
    if df == 0 or rest <= 0 or within <= 1e-12 * max(spread, 1e-300):
        return None
    design, weight = _design(n), np.sqrt(n[cells])
    solved = np.linalg.lstsq(design * weight[:, None], observed[cells] * weight, rcond=None)[0]
    expected = np.full(n.shape, np.nan)
    expected[cells] = design @ solved
    gap = float((n[cells] * (observed[cells] - expected[cells]) ** 2).sum())
    f = gap / df / (within / rest)
    a, b = _used(n)
    alone = [spread - _between(sums.sum(axis=x), n.sum(axis=x), total) for x in (1, 0)]
    left = (*alone, within + gap, within)
    used = (a, b, int(cells.sum()) - df, int(cells.sum()))
    first, second, added, both = (
        max(0.0, 1 - (rss / (total - k)) / (spread / (total - 1))) for rss, k in zip(left, used, strict=True)
    )
    return Additivity(
        total, f, df, rest, float(special.fdtrc(df, rest, f)), first, second, added, both, observed, expected,
        "F",
    )  # fmt: skip


def _fitted(table: np.ndarray, rounds: int = _ROUNDS, close: float = _CLOSE) -> np.ndarray:
    """Cells (..., a, b, 2) expected without a three-way interaction: all two-way margins as observed."""
    fitted, rows = np.ones_like(table), float(table.sum(axis=(-1, -2, -3)).max())
    wanted = {axis: table.sum(axis=axis, keepdims=True) for axis in (-1, -2, -3)}
    for _ in range(rounds):
        before = fitted
        for axis, margin in wanted.items():
            now = fitted.sum(axis=axis, keepdims=True)
            fitted = fitted * np.divide(margin, now, out=np.zeros_like(now), where=now > 0)
        if np.max(np.abs(fitted - before)) <= close * rows:
            break
    return np.asarray(fitted)


def _deviance(observed: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """G² = 2 sum of observed log(observed / expected) over the last three axes."""
    expected = np.where(observed > 0, np.maximum(expected, 1e-300), expected)
    return np.asarray(2 * special.rel_entr(observed, expected).sum(axis=(-1, -2, -3)))


def _rates(counts: np.ndarray) -> np.ndarray:
    """Shares along the last axis, 0 without rows."""
    n = counts.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(counts, n, out=np.zeros_like(counts), where=n > 0))


def _between(sums: np.ndarray, n: np.ndarray, total: int) -> float:
    """Sum of squares between groups."""
    some = n > 0
    return float((sums[some] ** 2 / n[some]).sum() - sums.sum() ** 2 / total)


def _used(n: np.ndarray) -> tuple[int, int]:
    """Rows and columns of the table that have any row."""
    return int(np.count_nonzero(n.sum(axis=1))), int(np.count_nonzero(n.sum(axis=0)))


def _design(n: np.ndarray) -> np.ndarray:
    """The additive model over the cells that have rows: an indicator of each row and of each column."""
    rows, columns = np.nonzero(n)
    return np.hstack([np.eye(n.shape[0])[rows], np.eye(n.shape[1])[columns]])


def _free(n: np.ndarray) -> int:
    """Degrees of freedom that the cells have beyond the additive model."""
    design = _design(n)
    return len(design) - int(np.linalg.matrix_rank(design)) if len(design) else 0
