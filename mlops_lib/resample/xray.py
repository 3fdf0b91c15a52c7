"""What a sampler really did to rows: how many it made and removed, where they lie, and which of them cannot exist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlops_lib.resample.distances import Distances, distances, repeats
from mlops_lib.resample.impossible import ImpossibleValue, Part, find_impossible
from mlops_lib.resample.resampling import Resampled

MEASURED, FEWEST, PAIRS = 500, 200, 50_000_000
"""Rows of a group whose distances are measured: at most the first, fewer where they times the real rows would exceed
the third, but not fewer than the second."""


@dataclass(frozen=True, eq=False)
class Xray:
    """What a sampler did. Counts by class are in the order of `names`.

    Of the made rows `copies` equal a real row in every column, `half` have half a category, `fraction` a fraction
    where all real values are whole, `outside` a value outside the observed range, and `impossible` at least one of
    these. `values` says so by column.

    Distances are those of a seeded sample (all, where there are few): of made rows (`made_to`) and removed ones
    (`removed_to`) to the real rows, those before the sampler; and of real rows of the same classes to the other real
    rows (`like_made`, `like_removed`), to read them by.
    """

    names: tuple[str, ...]
    before: tuple[int, ...]
    made: tuple[int, ...]
    removed: tuple[int, ...]
    after: tuple[int, ...]
    copies: int
    half: int
    fraction: int
    outside: int
    impossible: int
    values: tuple[ImpossibleValue, ...]
    made_to: Distances
    like_made: Distances
    removed_to: Distances
    like_removed: Distances
    notes: tuple[str, ...] = ()

    @property
    def did_nothing(self) -> bool:
        """Whether every row stayed and none was made."""
        return not sum(self.made) + sum(self.removed)


def xray(
    x: np.ndarray, y: np.ndarray, after: Resampled, parts: Sequence[Part], names: Sequence[str], seed: int
) -> Xray:
    """Hold the rows after a sampler against those before.

    `x` float64 (rows, columns) and `y` int codes (rows,) are what the sampler was given, `parts` what its columns
    mean. The seed draws the rows whose distances are measured.
    """
    made = np.flatnonzero(after.origin < 0)
    stays = np.zeros(len(y), dtype=bool)
    stays[after.origin[after.origin >= 0]] = True
    removed = np.flatnonzero(~stays)
    rng = np.random.default_rng(seed)
    found = find_impossible(x, after.x[made], parts)
    some = _drawn(made, _most(len(y)), rng)
    gone = _drawn(removed, _most(len(y)), rng)
    like_made, like_gone = _like(after.y[some], y, rng), _like(y[gone], y, rng)
    return Xray(
        names=tuple(names),
        before=after.before,
        made=after.added,
        removed=after.removed,
        after=after.after,
        copies=int(repeats(after.x[made], x).sum()) if len(made) else 0,
        half=int(found.half.sum()),
        fraction=int(found.fraction.sum()),
        outside=int(found.outside.sum()),
        impossible=int(found.any.sum()),
        values=found.values,
        made_to=distances(after.x[some], after.y[some], x, y),
        like_made=distances(x[like_made], y[like_made], x, y, like_made),
        removed_to=distances(x[gone], y[gone], x, y, gone),
        like_removed=distances(x[like_gone], y[like_gone], x, y, like_gone),
        notes=after.notes,
    )


def _most(rows: int) -> int:
    return int(np.clip(PAIRS // max(rows, 1), FEWEST, MEASURED))


def _drawn(rows: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    """At most that many of the rows, in their order."""
    return rows if len(rows) <= most else np.sort(rng.choice(rows, most, replace=False))


def _like(codes: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Positions of real rows of the same classes, as many of each as in `codes`, or all there are."""
    counts = np.bincount(codes, minlength=1)
    drawn = [_drawn(np.flatnonzero(y == k), int(counts[k]), rng) for k in np.flatnonzero(counts)]
    return np.concatenate(drawn) if drawn else np.empty(0, dtype=np.int64)
