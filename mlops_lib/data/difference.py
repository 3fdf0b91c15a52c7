"""How two versions of a table differ: their columns, their rows, and what is spread differently in them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "date", "text"]

NOTICEABLE = 0.1
"""A shift of a tenth of the rows: what is smaller is listed, but not spoken of."""
BEYOND_CHANCE = 2.0
"""A shift is spoken of only where it is this many times what chance gives on average between samples of these sizes."""


@dataclass(frozen=True)
class TypeChange:
    """A column that holds something else than before."""

    column: str
    before: Kind
    after: Kind


@dataclass(frozen=True)
class RowCounts:
    """Rows counted by all their cells in the columns both versions have; a row that is there twice counts twice.

    `in_order` says whether the rows of the two versions are the same, one by one, in these columns.
    """

    before: int
    after: int
    unchanged: int
    in_order: bool

    @property
    def added(self) -> int:
        return self.after - self.unchanged

    @property
    def removed(self) -> int:
        return self.before - self.unchanged


@dataclass(frozen=True)
class KeyedRows:
    """Rows matched by the column `key`, which names each row once in both versions.

    Of the `matched` rows `changed` have another cell somewhere; `cells` counts them column by column, the most first.
    """

    key: str
    matched: int
    changed: int
    added: int
    removed: int
    cells: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Bin:
    """A part of a column's values, as a label or a range, and its share of the filled cells before and after."""

    name: str
    before: float
    after: float


@dataclass(frozen=True)
class Shift:
    """How far a column moved.

    `distance`, between 0 and 1, is for numbers and dates the two-sample Kolmogorov-Smirnov statistic, for text the
    total variation distance of the label shares: both are a largest difference in the share of rows. `by_chance` is
    what two samples of `n_before` and `n_after` filled cells from one source show on average; `p` the p-value under the
    same assumption, too large where the versions share rows. Medians are numbers, for dates seconds since 1970, and
    None for text. `came` and `went` are labels of one version only, the commonest first and at most 20; `came_in_all`
    counts them.
    """

    column: str
    kind: Kind
    distance: float
    by_chance: float
    p: float
    n_before: int
    n_after: int
    missing_before: float
    missing_after: float
    median_before: float | None = None
    median_after: float | None = None
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()
    came_in_all: int = 0
    went_in_all: int = 0
    bins: tuple[Bin, ...] = ()

    @property
    def moved(self) -> float:
        """The larger of `distance` and the change in the share of missing cells: what columns are ranked by."""
        return max(self.distance, abs(self.missing_after - self.missing_before))

    @property
    def noticeable(self) -> bool:
        """Whether it is worth speaking of: at least `NOTICEABLE` and beyond what chance gives."""
        rows = self.n_before / max(1 - self.missing_before, 1e-9), self.n_after / max(1 - self.missing_after, 1e-9)
        gap = abs(self.missing_after - self.missing_before)
        pooled = (self.missing_before + self.missing_after) / 2
        error = math.sqrt(pooled * (1 - pooled) * sum(1 / max(n, 1) for n in rows))
        return self.distance >= max(NOTICEABLE, BEYOND_CHANCE * self.by_chance) or gap >= max(
            NOTICEABLE, BEYOND_CHANCE * error
        )


@dataclass(frozen=True)
class Difference:
    """What changed from one version to another (their fingerprints).

    Rows are compared over the columns that both have with one type. `shifts` has such columns too, the one that moved
    most first; `not_compared` has those whose shares say nothing, with the reason.
    """

    before: str
    after: str
    added_columns: tuple[str, ...]
    removed_columns: tuple[str, ...]
    retyped: tuple[TypeChange, ...]
    reordered: bool
    rows: RowCounts
    keyed: KeyedRows | None
    shifts: tuple[Shift, ...]
    not_compared: tuple[tuple[str, str], ...] = ()

    @property
    def same_columns(self) -> bool:
        """Whether names, order and types of the columns are the same."""
        return not (self.added_columns or self.removed_columns or self.retyped or self.reordered)

    @property
    def noticeable(self) -> tuple[Shift, ...]:
        """The shifts worth speaking of, the largest first."""
        return tuple(s for s in self.shifts if s.noticeable)
