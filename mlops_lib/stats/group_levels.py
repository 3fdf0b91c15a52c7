"""The share of hits, or the mean of a number, in each group, with an interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mlops_lib.stats.chi_square import chi_square
from mlops_lib.stats.kruskal import kruskal
from mlops_lib.stats.proportions import NORMAL_975, wilson
from mlops_lib.stats.result import PFrom


@dataclass(frozen=True)
class Difference:
    """Whether groups differ: a chi-square test of shares, or Kruskal-Wallis of numbers.

    `strength` is the effect on the common scale of `stats` (bias-corrected V, root of bias-corrected epsilon squared).
    `p_from` as in `stats.result.TestResult`. `test` is "none" where no test is possible.
    """

    test: Literal["chi-square", "Kruskal-Wallis", "none"] = "none"
    statistic: float = math.nan
    df: float = math.nan
    p: float = math.nan
    strength: float = math.nan
    p_from: PFrom = "reference"


@dataclass(frozen=True, eq=False)
class Levels:
    """By group, shape (groups,): rows, hits (zeros for a mean), the level (NaN without rows) and its 95 % interval.

    `overall` is the level of all rows that are in a group, `spread` their standard deviation (NaN for shares).
    """

    rows: np.ndarray
    hits: np.ndarray
    level: np.ndarray
    low: np.ndarray
    high: np.ndarray
    overall: float
    spread: float


def share_levels(codes: np.ndarray, rows: np.ndarray, hits: np.ndarray) -> Levels:
    """Shares with Wilson's interval.

    Parameters
    ----------
    codes : integer group of each row, shape (n,); negative: in none.
    rows : rows of each group, shape (groups,).
    hits : boolean, shape (n,).
    """
    counts = np.bincount(codes[hits & (codes >= 0)], minlength=len(rows))
    level = np.divide(counts, rows, out=np.full(len(rows), np.nan), where=rows > 0)
    low, high = wilson(counts, rows)
    low, high = np.where(rows > 0, low, np.nan), np.where(rows > 0, high, np.nan)
    total = int(rows.sum())
    return Levels(rows, counts, level, low, high, counts.sum() / total if total else float("nan"), float("nan"))


def mean_levels(codes: np.ndarray, rows: np.ndarray, values: np.ndarray) -> Levels:
    """Means of float64 `values` (n,), without NaN, with a normal interval from each group's own spread.

    `codes` and `rows` as above. A group of one row has no interval.
    """
    inside = codes >= 0
    if not inside.all():
        codes, values = codes[inside], values[inside]
    centre = float(values.mean()) if len(values) else float("nan")
    moved = values - centre
    with np.errstate(divide="ignore", invalid="ignore"):  # an empty group has no mean, a single row no spread
        level = np.bincount(codes, weights=values, minlength=len(rows)) / rows
        squares = np.bincount(codes, weights=moved**2, minlength=len(rows))
        error = np.sqrt(np.maximum(squares - rows * (level - centre) ** 2, 0) / (rows - 1) / rows)
    reach = np.where(rows > 1, NORMAL_975 * error, np.nan)
    spread = float(values.std(ddof=1)) if len(values) > 1 else float("nan")
    return Levels(rows, np.zeros(len(rows), np.int64), level, level - reach, level + reach, centre, spread)


def shares_differ(found: Levels) -> Difference:
    """Chi-square test of the shares of groups with rows against all of them having the share of all rows.

    Groups of a row or two are common, so p comes from where `chi_square` takes it when expected counts are small.
    """
    test = chi_square(np.stack([found.rows - found.hits, found.hits], axis=1))
    if not test.possible:
        return Difference()
    return Difference("chi-square", test.statistic, test.df, test.p, test.strength, test.p_from)


def numbers_differ(codes: np.ndarray, groups: int, values: np.ndarray) -> Difference:
    """Kruskal-Wallis test of float64 `values` between groups; rows with a negative code are in none."""
    test = kruskal(values, codes, groups)
    if not test.possible:
        return Difference()
    return Difference("Kruskal-Wallis", test.statistic, test.df, test.p, test.strength)
