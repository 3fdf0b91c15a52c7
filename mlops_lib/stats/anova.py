"""Welch's analysis of variance of a number across classes, and the share of its variance between them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from mlops_lib.stats.kruskal import NO_ROW, ONE_CLASS, ONE_VALUE, known_pairs
from mlops_lib.stats.root import falling_root
from mlops_lib.stats.tails import f_tail


@dataclass(frozen=True)
class Welch:
    """Do the means differ? `f` on `df1` and `df2` degrees of freedom does not ask for equal variances (Welch 1951,
    Biometrika 38, 330-336); `classical_f` on `df1` and n - k does.

    `eta_squared` is the share of the variance that lies between the classes, in these rows; `omega_squared` the same
    with its bias removed (Hays 1963), not below 0. `interval` is an approximate 95 % interval of the share in the
    population, from the noncentral F distribution: noncentrality / (noncentrality + n) (Steiger 2004, Psychol. Methods
    9, 164-182); it asks for equal variances. Where there is no test, `reason` is a clause that says why and all other
    numbers are NaN.
    """

    n: int
    classes: int
    f: float = math.nan
    df1: float = math.nan
    df2: float = math.nan
    p: float = math.nan
    log_p: float = math.nan
    classical_f: float = math.nan
    classical_p: float = math.nan
    eta_squared: float = math.nan
    omega_squared: float = math.nan
    interval: tuple[float, float] = (math.nan, math.nan)
    reason: str = ""


@dataclass(frozen=True, eq=False)
class _Groups:
    """Rows, means and sums of squares around them of the classes that occur, float64 of shape (classes,)."""

    counts: np.ndarray
    means: np.ndarray
    squares: np.ndarray


def welch(values: np.ndarray, codes: np.ndarray, n_classes: int) -> Welch:
    """Float64 `values` across integer `codes` below `n_classes`; rows with a NaN or a negative code are left out.

    A class with one row, or with one value, has no variance that Welch's weights could use: no test then.
    """
    values, codes = known_pairs(values, codes)
    if not np.isfinite(values).all():
        return Welch(len(values), 0, reason="it has infinite values")
    groups = _groups(values, codes, n_classes)
    n, k = len(values), len(groups.counts)
    reason = _reason(groups)
    if reason:
        return Welch(n, k, reason=reason)
    f, df2 = _welch(groups)
    p, log_p = f_tail(f, k - 1, df2)
    between, within = _between(groups), float(groups.squares.sum())
    classical = between / (k - 1) / (within / (n - k))
    mean_square = within / (n - k)
    omega = (between - (k - 1) * mean_square) / (between + within + mean_square)
    return Welch(
        n, k, f, k - 1, df2, p, log_p, classical, f_tail(classical, k - 1, n - k)[0],
        between / (between + within), max(0.0, omega), _eta_interval(classical, k - 1, n - k, n),
    )  # fmt: skip


def _groups(values: np.ndarray, codes: np.ndarray, n_classes: int) -> _Groups:
    """Moments around each class's own mean, of values scaled so that no square overflows: F does not depend on it."""
    counts = np.bincount(codes, minlength=n_classes)
    present = np.flatnonzero(counts)
    if len(values) == 0:
        return _Groups(counts[present], counts[present], counts[present])
    centre = float(values[0])
    scaled = values / 2 - centre / 2
    scaled /= max(float(np.abs(scaled).max()), np.finfo(float).tiny)
    means = np.bincount(codes, weights=scaled, minlength=n_classes) / np.maximum(counts, 1)
    apart = scaled - means[codes]
    off = np.bincount(codes, weights=apart, minlength=n_classes)  # what rounding left of the first pass
    squares = np.bincount(codes, weights=apart * apart, minlength=n_classes) - off**2 / np.maximum(counts, 1)
    means += off / np.maximum(counts, 1)
    varied = _varied(values, codes, n_classes)
    return _Groups(counts[present].astype(np.float64), means[present], np.where(varied, squares, 0.0)[present])


def _varied(values: np.ndarray, codes: np.ndarray, n_classes: int) -> np.ndarray:
    """Whether a class has two values that differ: asked of the values, because rounding can feign a variance."""
    some = np.zeros(n_classes)
    some[codes] = values
    return np.bincount(codes, weights=values != some[codes], minlength=n_classes) > 0


def _reason(groups: _Groups) -> str:
    if len(groups.counts) == 0:
        return NO_ROW
    if len(groups.counts) == 1:
        return ONE_CLASS
    single, flat = int((groups.counts < 2).sum()), int(((groups.counts > 1) & (groups.squares == 0)).sum())
    if single + flat == len(groups.counts) and np.ptp(groups.means) == 0:
        return ONE_VALUE
    if single:
        return "one class has a single row" if single == 1 else f"{single:,} classes have a single row each"
    if flat:
        return "one class has one value" if flat == 1 else f"{flat:,} classes have one value each"
    return ""


def _welch(groups: _Groups) -> tuple[float, float]:
    k = len(groups.counts)
    weights = groups.counts * (groups.counts - 1) / groups.squares
    shares = weights / weights.sum()
    mean = float((shares * groups.means).sum())
    spread = float(((1 - shares) ** 2 / (groups.counts - 1)).sum())
    between = float((weights * (groups.means - mean) ** 2).sum()) / (k - 1)
    return between / (1 + 2 * (k - 2) / (k * k - 1) * spread), (k * k - 1) / (3 * spread)


def _between(groups: _Groups) -> float:
    mean = float((groups.counts * groups.means).sum() / groups.counts.sum())
    return float((groups.counts * (groups.means - mean) ** 2).sum())


def _eta_interval(f: float, df1: int, df2: int, n: int) -> tuple[float, float]:
    low, high = (_noncentrality(f, df1, df2, q) for q in (0.975, 0.025))
    return low / (low + n), high / (high + n)


def _noncentrality(f: float, df1: int, df2: int, quantile: float) -> float:
    """Noncentrality at which f is that quantile; 0 where it is below that even at none."""
    if special.fdtr(df1, df2, f) <= quantile:
        return 0.0
    top = 2 * df1 * f + 100.0
    while special.ncfdtr(df1, df2, top, f) > quantile:
        top *= 2
    return falling_root(lambda size: float(special.ncfdtr(df1, df2, size, f)) - quantile, 0.0, top)
