"""Drawing without replacement where rows have unequal, exactly known chances."""

from __future__ import annotations

import numpy as np

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.words import count, counted


def inclusion_chances(sizes: np.ndarray, draws: int) -> np.ndarray:
    """The chance of each row to be among `draws` rows: proportional to `sizes` (>= 0) and at most 1; their sum is
    `draws`. float64, shape (n,).

    Rows whose share would exceed 1 are certain, and the others share what is left (Särndal, Swensson & Wretman 1992,
    section 3.6.2). Raises InputError where fewer than `draws` rows have a size above 0.
    """
    possible = int(np.count_nonzero(sizes > 0))
    if possible < draws:
        raise InputError(
            f"{counted(draws, 'row')} cannot be drawn: {count(possible)} have a chance above 0.",
            f"Ask for at most {count(possible)}.",
        )
    certain = np.zeros(len(sizes), dtype=bool)
    while True:
        rest = sizes[~certain].sum()
        left = draws - int(certain.sum())
        if left == 0 or rest == 0:
            return np.where(certain, 1.0, 0.0)
        chances = np.where(certain, 1.0, sizes / rest * left)
        beyond = (chances >= 1) & ~certain
        if not beyond.any():
            return np.asarray(chances, dtype=np.float64)
        certain |= beyond


def drawn_by_chance(chances: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows drawn so that each comes with exactly its chance; as many as the chances add up to. int64, ascending.

    Systematic drawing from the rows in random order (Madow 1949; Hartley & Rao 1962).
    """
    certain = np.flatnonzero(chances >= 1)
    others = rng.permutation(np.flatnonzero((chances > 0) & (chances < 1)))
    draws = round(float(chances[others].sum()))
    ends = np.cumsum(chances[others])
    if draws:
        ends *= draws / ends[-1]
    hit = np.searchsorted(ends, rng.random() + np.arange(draws), side="right")
    rows: np.ndarray = np.sort(np.concatenate([certain, others[np.minimum(hit, max(len(others) - 1, 0))]]))
    return rows
