"""How alike rows are that stand next to each other, or that share a value: the arithmetic of order and groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import f as f_distribution
from scipy.stats import hypergeom, norm, rankdata


@dataclass(frozen=True)
class Likeness:
    """`share` between -1 and 1: 0 by chance, 1 where all are alike; `p` one-sided."""

    share: float
    p: float


def neighbours_alike(answers: np.ndarray, classes: bool) -> Likeness:
    """Whether rows in this order resemble the next one more than by chance.

    For numbers the lag-1 autocorrelation of ranks; under random order it has mean -1/n and variance about 1/n
    (Wald & Wolfowitz 1943). For classes the share of neighbours that agree, scaled so that chance gives 0 and full
    agreement 1; its p is that of the fewest runs of any class, times the number of classes.

    Parameters
    ----------
    answers : float (n,), numbers, or codes where `classes`; n of at least 3.
    """
    n = len(answers)
    if classes:
        codes, sizes = np.unique(answers, return_counts=True)
        chance = float(((sizes / n) ** 2).sum())
        if len(codes) < 2:
            return Likeness(0.0, 1.0)
        agree = float(np.mean(answers[1:] == answers[:-1]))
        looked = codes[np.argsort(sizes, kind="stable")][: 1 if len(codes) == 2 else len(codes)]
        p = min(few_runs(answers == code) for code in looked) * len(looked)
        return Likeness((agree - chance) / (1 - chance), min(p, 1.0))
    ranks = rankdata(answers)
    ranks -= ranks.mean()
    spread = float(ranks @ ranks)
    if spread == 0:
        return Likeness(0.0, 1.0)
    lag = float(ranks[1:] @ ranks[:-1]) / spread
    return Likeness(lag, float(norm.sf((lag + 1 / n) * np.sqrt(n))))


def few_runs(inside: np.ndarray) -> float:
    """The chance of so few runs of True among n rows in random order, m of them True.

    Exact: the number of runs is hypergeometric, m draws of n with n - m + 1 places to begin a run (Stevens 1939;
    Mood 1940, eq. 2.8).
    """
    n, m = len(inside), int(inside.sum())
    runs = int(inside[0]) + int(np.count_nonzero(inside[1:] & ~inside[:-1]))
    return float(hypergeom.cdf(runs, n, n - m + 1, m))


def within_groups(values: np.ndarray, groups: np.ndarray) -> Likeness:
    """Intraclass correlation with its F test: are rows of one group more alike than rows of different ones?

    Parameters
    ----------
    values : float (n,). groups : int (n,), codes from 0, each used.
    """
    share, ratio = intraclass(values, groups)
    k, n = int(groups.max()) + 1, len(values)
    return Likeness(share, float(f_distribution.sf(ratio, k - 1, n - k)) if n > k > 1 else 1.0)


def intraclass(values: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    """ICC(1) and the F ratio of one-way analysis of variance (Shrout & Fleiss 1979), groups of any sizes.

    Both are 0 where values never change or no group has a second row.
    """
    sizes = np.bincount(groups).astype(np.float64)
    k, n = len(sizes), len(values)
    if k < 2 or n <= k:
        return 0.0, 0.0
    centred = values - values.mean()
    sums = np.bincount(groups, weights=centred)
    between, total = float((sums**2 / sizes).sum()), float(centred @ centred)
    if total == 0:
        return 0.0, 0.0
    within = total - between
    if within <= 1e-12 * total:
        return 1.0, np.inf
    typical = (n - float((sizes**2).sum()) / n) / (k - 1)
    ratio = (between / (k - 1)) / (within / (n - k))
    return (ratio - 1) / (ratio + typical - 1), ratio
