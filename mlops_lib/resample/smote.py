"""SMOTE, the same rows as imbalanced-learn's, made in blocks that fit the cache into one array.

A made row lies on the line from a row of its class to one of that row's nearest neighbours within the class, a
uniformly drawn part of the way (Chawla et al. 2002). Rows, neighbours and parts are drawn as imbalanced-learn 0.14
draws them, and each number comes from the same operations in the same order, so that it is the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

BLOCK_NUMBERS = 1 << 16
"""Numbers made at once: half a megabyte, of which three are in use."""


def oversampled(
    x: np.ndarray, y: np.ndarray, wanted: Mapping[int, int], neighbours: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """The rows given, then for each class of `wanted`, in the order of their codes, that many made rows.

    `x` float64 (rows, columns), `y` int codes (rows,); `neighbours` is below the rows of each class that is made
    larger. Raises ValueError, as scikit-learn words it, for missing or infinite numbers.
    """
    made = {code: number for code, number in sorted(wanted.items()) if number > 0}
    total = len(x) + sum(made.values())
    rows, codes = np.empty((total, x.shape[1]), dtype=x.dtype), np.empty(total, dtype=y.dtype)
    rows[: len(x)], codes[: len(y)] = x, y
    start = len(x)
    for code, number in made.items():
        _fill(rows[start : start + number], x[y == code], neighbours, seed)
        codes[start : start + number] = code
        start += number
    return rows, codes


def _fill(out: np.ndarray, own: np.ndarray, neighbours: int, seed: int) -> None:
    """Write made rows of the class whose rows are `own` into `out`."""
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=neighbours + 1).fit(own)
    near = search.kneighbors(own, return_distance=False)[:, 1:]
    rng = np.random.RandomState(seed)
    drawn = rng.randint(low=0, high=near.size, size=len(out))
    parts = rng.uniform(size=len(out))[:, np.newaxis]
    first, second = drawn // neighbours, near.ravel()[drawn]
    for block in _blocks(len(out), own.shape[1]):
        base = own[first[block]]
        step = own[second[block]]
        step -= base
        step *= parts[block]
        np.add(base, step, out=out[block])


def _blocks(rows: int, columns: int) -> Iterator[slice]:
    size = max(BLOCK_NUMBERS // max(columns, 1), 1)
    return (slice(start, start + size) for start in range(0, rows, size))
