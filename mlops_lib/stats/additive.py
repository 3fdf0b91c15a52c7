"""Two factors and an outcome: whether their joint table says more than the two effects added up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

_ROUNDS = 5000
_CLOSE = 1e-11
_EXPECTED, _SHARE = 5.0, 0.8


@dataclass(frozen=True, eq=False)
class Additivity:
    """The additive model of a table of a x b cells against the cells themselves.

    `statistic` is G² on `df` degrees of freedom for shares, F on `df` and `df_rest` for means. The shares of the
    outcome's deviance (for means: of its variance) are `first` and `second` for each factor alone, `added` for both
    added up and `joint` for every cell its own level; each is less what as many groups explain by chance, at least 0.
    `observed` and `expected` (a, b) are the levels of the cells and those of the additive model, NaN without rows.
    `dense` says whether the cells have the rows that p needs (Cochran: 80 % of expected counts at least 5).
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
    dense: bool

    @property
    def extra(self) -> float:
        """What the cells explain beyond adding up."""
        return max(0.0, self.joint - self.added)


def additive_odds(hits: np.ndarray, n: np.ndarray) -> Additivity | None:
    """Shares: `hits` of `n` in each cell, shape (a, b). Additive on the log-odds.

    The log-linear model without three-way interaction, fitted by iterative proportional fitting (Deming & Stephan
    1940); G² as in Agresti, Categorical Data Analysis (2013), section 9.2. None where hits are none or all, or no
    degree of freedom is left.
    """
    table = np.stack([n - hits, hits], axis=-1).astype(np.float64)
    total, df = float(table.sum()), _free(n)
    if df == 0 or not 0 < hits.sum() < n.sum():
        return None
    fitted = _fitted(table)
    shares = table.sum(axis=(0, 1)) / total
    null = _deviance(table, n[..., None] * shares)
    deviances = (
        _deviance(table, n[..., None] * _rates(table.sum(axis=1))[:, None]),
        _deviance(table, n[..., None] * _rates(table.sum(axis=0))[None]),
        _deviance(table, fitted),
        0.0,
    )
    a, b = _used(n)
    cells = int(np.count_nonzero(n))
    used = (a - 1, b - 1, cells - df - 1, cells - 1)
    whole = _deviance_of_one(shares, total)
    first, second, added, both = (max(0.0, (null - d - k) / whole) for d, k in zip(deviances, used, strict=True))
    with np.errstate(invalid="ignore"):  # cells without rows have no level
        observed, expected = hits / n, fitted[..., 1] / n
    return Additivity(
        int(total), deviances[2], df, 0, float(special.chdtrc(df, deviances[2])), first, second, added, both,
        observed, expected, bool(np.mean(fitted[n > 0] >= _EXPECTED) >= _SHARE),
    )  # fmt: skip


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
        bool(np.mean(n[cells] >= _EXPECTED) >= _SHARE),
    )  # fmt: skip


def _fitted(table: np.ndarray) -> np.ndarray:
    """The cells expected without a three-way interaction: all two-way margins as observed."""
    fitted = np.ones_like(table)
    for _ in range(_ROUNDS):
        before = fitted
        for axis in (2, 1, 0):
            now, wanted = fitted.sum(axis=axis, keepdims=True), table.sum(axis=axis, keepdims=True)
            fitted = fitted * np.divide(wanted, now, out=np.zeros_like(now), where=now > 0)
        if np.max(np.abs(fitted - before)) <= _CLOSE * table.sum():
            break
    return np.asarray(fitted)


def _deviance(observed: np.ndarray, expected: np.ndarray) -> float:
    """G² = 2 sum of observed log(observed / expected)."""
    return float(2 * special.rel_entr(observed, expected).sum())


def _deviance_of_one(shares: np.ndarray, total: float) -> float:
    """The deviance of the outcome itself, row by row: 2 n times its entropy in nats."""
    return float(2 * total * special.entr(shares).sum())


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
