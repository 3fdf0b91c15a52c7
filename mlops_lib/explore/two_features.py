"""Two features together: the target over the bins of both, and whether they say more than each alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlops_lib.explore.binned import Binned, BinnedColumn, Tallied, class_asked
from mlops_lib.explore.linked import Level, level_of
from mlops_lib.objects.errors import InputError
from mlops_lib.stats.additive import Additivity, additive_means, additive_odds

CELL = 8
"""Rows of the rarer outcome that a cell has on average where two features are tested together (rows of a number: twice
as many): features with more bins than that allows are put into fewer groups."""


@dataclass(frozen=True, eq=False)
class Joint:
    """The target over the bins of two features: `cells` counts by (bin of the first, bin of the second)."""

    first: BinnedColumn
    second: BinnedColumn
    target: str
    classes: tuple[str, ...]
    of: int
    cells: Tallied

    @property
    def asked(self) -> str:
        """The class whose share is asked for; empty for a numeric target."""
        return self.classes[self.of] if self.of >= 0 else ""

    @property
    def overall(self) -> Level:
        """The target in all rows."""
        return level_of(_over(self.cells, (0, 1)), self.of)


@dataclass(frozen=True, eq=False)
class Margin:
    """One feature alone: rows `n` and `level` (95 % from `low` to `high`) by bin, among the rows looked at."""

    n: np.ndarray
    level: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True, eq=False)
class Together:
    """How far the two features, in a few groups each, say more together than one after the other.

    `groups` are those of the two, `rows` the groups of each bin (-1: missing, left out), `cell` the group pair that
    departs most from adding up.
    """

    groups: tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]
    result: Additivity
    cell: tuple[int, int]


def joint(binned: Binned, first: str, second: str, of: int | None = None) -> Joint:
    """Both features counted together on all rows that are looked at. `of` as in `filtered`.

    Raises InputError where the two are not two different features.
    """
    if first == second or binned.target in (first, second):
        raise InputError(
            f"Two different features are shown together, got '{first}' and '{second}'.", "Choose two features."
        )
    one, two = binned.place(first), binned.place(second)
    a, b, k = len(binned.columns[one].labels), len(binned.columns[two].labels), binned.per_bin
    start = np.arange(binned.totals.shape[1]) // k * (b * k)
    codes = start.astype(np.int32).take(binned.codes[one]) + binned.codes[two]
    counts = np.bincount(codes, minlength=a * b * k).reshape(a, b, k)
    sums: np.ndarray = np.zeros((a, b))
    squares = sums
    if binned.target_kind == "number":
        sums, squares = (np.bincount(codes, w, a * b).reshape(a, b) for w in (binned.values, binned.values**2))
    cells = Tallied(counts, sums, squares, binned.centre)
    return Joint(
        binned.columns[one], binned.columns[two], binned.target, binned.classes, class_asked(binned, of), cells
    )


def margin(found: Joint, axis: int, others: Sequence[int] = ()) -> Margin:
    """One feature (`axis` 0 or 1) among the rows in some bins of the other one; all where none is named."""
    rows = _taken(found.cells, 1 - axis, others) if len(others) else found.cells
    alone = _over(rows, (1 - axis,))
    return Margin(alone.n, *alone.levels(found.of))


def inside(found: Joint, first: Sequence[int] = (), second: Sequence[int] = ()) -> Level:
    """The target in the rows in some bins of each; all bins where none is named."""
    rows = _taken(found.cells, 0, first) if len(first) else found.cells
    rows = _taken(rows, 1, second) if len(second) else rows
    return level_of(_over(rows, (0, 1)), found.of)


def together(found: Joint) -> Together | None:
    """Whether both say more than one after the other, in groups that leave `CELL` rows a cell, without missing ones.

    None where a feature has one group or the target one value.
    """
    n = found.cells.n
    alone = n.sum(axis=1), n.sum(axis=0)
    known = _known(found.first, alone[0]), _known(found.second, alone[1])
    most = _most(found, len(known[0]), len(known[1]))
    groups = (
        _groups(found.first, alone[0], known[0], most[0]),
        _groups(found.second, alone[1], known[1], most[1]),
    )
    if min(len(g) for g in groups) < 2:
        return None
    cells = _grouped(_grouped(found.cells, 0, groups[0]), 1, groups[1])
    if found.of >= 0:
        hits = cells.counts[..., found.of]
        result = additive_odds(hits, cells.n)
    else:
        result = additive_means(cells.sums, cells.squares, cells.n)
    if result is None:
        return None
    if found.of < 0:  # the sums are of values less their centre
        result = replace(result, observed=result.observed + cells.centre, expected=result.expected + cells.centre)
    gap = np.where(cells.n > 0, np.sqrt(cells.n) * np.abs(result.observed - result.expected), -1)
    place = np.unravel_index(int(np.argmax(gap)), gap.shape)
    return Together(groups, result, (int(place[0]), int(place[1])))


def _known(column: BinnedColumn, n: np.ndarray) -> list[int]:
    """The bins that have rows, without "missing"."""
    return [b for b in range(len(n)) if n[b] and not (column.missing and b == len(n) - 1)]


def _most(found: Joint, first: int, second: int) -> tuple[int, int]:
    """How many groups each feature can have, so that cells have rows enough; few of one leave more to the other."""
    total = int(found.cells.n.sum())
    hits = int(found.cells.counts[..., found.of].sum()) if found.of >= 0 else 0
    cells = (min(hits, total - hits) if found.of >= 0 else total / 2) / CELL
    one = min(first, max(2, int(cells**0.5)))
    two = min(second, max(2, int(cells / max(1, one))))
    return min(first, max(2, int(cells / max(1, two)))), two


def _groups(column: BinnedColumn, n: np.ndarray, known: list[int], most: int) -> tuple[tuple[int, ...], ...]:
    """The bins of each group: neighbours with about as many rows, or the commonest levels and the others."""
    if len(known) <= most:
        return tuple((b,) for b in known)
    if column.edges is None:
        by_size = sorted(known, key=lambda b: (-n[b], b))
        return (*((b,) for b in by_size[: most - 1]), tuple(sorted(by_size[most - 1 :])))
    before = np.cumsum(n[known]) - n[known] / 2
    group = np.minimum((most * before / n[known].sum()).astype(int), most - 1)
    return tuple(tuple(b for b, g in zip(known, group, strict=True) if g == which) for which in np.unique(group))


def _grouped(cells: Tallied, axis: int, groups: Sequence[Sequence[int]]) -> Tallied:
    parts = [_over(_taken(cells, axis, bins), (axis,)) for bins in groups]
    counts, sums, squares = (np.stack([getattr(p, f) for p in parts], axis) for f in ("counts", "sums", "squares"))
    return Tallied(counts, sums, squares, cells.centre)


def _taken(cells: Tallied, axis: int, bins: Sequence[int]) -> Tallied:
    counts, sums, squares = (np.take(part, list(bins), axis) for part in (cells.counts, cells.sums, cells.squares))
    return Tallied(counts, sums, squares, cells.centre)


def _over(cells: Tallied, axes: tuple[int, ...]) -> Tallied:
    """The cells added up over some axes."""
    counts, sums, squares = (np.asarray(p.sum(axis=axes)) for p in (cells.counts, cells.sums, cells.squares))
    return Tallied(counts, sums, squares, cells.centre)
