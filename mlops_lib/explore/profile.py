"""The whole of Explore in one pass: every column opened once, counted once, and compared with every other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from mlops_lib.explore.associations import Associations, associations_of
from mlops_lib.explore.binning import BINS
from mlops_lib.explore.column_counts import Asked, ask, count_column, facts
from mlops_lib.explore.distributions import (
    OVERVIEW_BINS,
    Distribution,
    distribution,
    not_too_many,
    strongest_first,
)
from mlops_lib.explore.rows import Seen, features, look, some_features
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import TooLargeError
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.words import count, number, percent
from mlops_lib.stats.features import Feature
from mlops_lib.stats.threads import in_threads


@dataclass(frozen=True, eq=False)
class Profile:
    """Every feature on `n` rows, the strongest relation with the target first.

    `columns` are in full, `wall` the same ones in few bins. `associations` is None where the table is too large to
    compare all pairs; `too_large` then says so.
    """

    seen: Seen
    n: int
    columns: tuple[Distribution, ...]
    wall: tuple[Distribution, ...]
    associations: Associations | None
    too_large: str = ""

    def column(self, name: str) -> Distribution:
        """The column of that name in full; KeyError where there is none."""
        return {d.name: d for d in self.columns}[name]

    def table(self) -> pd.DataFrame:
        """One row a column: column, kind, effect, rows, missing, share missing, distinct, zeros, mean, sd, min,
        quarter, median, three_quarters, max (numbers only), most frequent and its rows.
        """
        return pd.DataFrame([_row(d) for d in self.columns], columns=list(_TABLE))


def profile(dataset: Dataset, schema: Schema, plan: SplitPlan, all_rows: bool = False) -> Profile:
    """Summaries, bins, splits by class and associations of all features.

    Raises NotPossibleError without a feature or a row, TooLargeError above `distributions.MAX_COLUMNS` features,
    InputError for a column that cannot be read as its kind.
    """
    names = not_too_many(some_features(schema))
    asked = ask(look(dataset, schema, plan, all_rows))
    columns = list(features(dataset, schema, asked.looked.rows, names).values())
    shown = _shown(columns, asked)
    try:
        compared, why = associations_of(columns, asked.looked), ""
    except TooLargeError as error:
        compared, why = None, f"{error.message} {error.hint}"
    full, wall = (strongest_first(pair[place] for pair in shown) for place in (0, 1))
    return Profile(asked.looked.seen, asked.n, full, wall, compared, why)


def _shown(columns: Sequence[Feature], asked: Asked) -> list[tuple[Distribution, Distribution]]:
    def show(feature: Feature) -> tuple[Distribution, Distribution]:
        counts = count_column(feature, asked)
        found = facts(counts)
        return distribution(counts, found, BINS), distribution(counts, found, OVERVIEW_BINS)

    return in_threads(show, columns)


_TABLE = (
    "column", "kind", "effect", "rows", "missing", "share missing", "distinct", "zeros", "mean", "sd", "min",
    "quarter", "median", "three_quarters", "max", "most frequent", "its rows",
)  # fmt: skip


def _row(d: Distribution) -> tuple[object, ...]:
    nan = float("nan")
    numbers = [nan] * 7
    if d.kind == "numeric" and d.groups:
        s = d.groups[0]
        numbers = [s.mean, s.sd, s.min, s.quarter, s.median, s.three_quarters, s.max]
    label, rows = d.common[0] if d.common else ("", 0)
    known = d.n - d.missing
    return (
        d.name,
        d.kind,
        d.strength,
        known,
        d.missing,
        d.missing / max(d.n, 1),
        d.levels,
        d.zeros,
        *numbers,
        label,
        rows,
    )


PROFILE_FORMATS: dict[str, Callable[[float], str]] = {
    **dict.fromkeys(("effect", "mean", "sd", "min", "quarter", "median", "three_quarters", "max"), number),
    **dict.fromkeys(("rows", "missing", "distinct", "zeros", "its rows"), count),
    "share missing": percent,
}
"""How the numbers of `Profile.table` are written."""

PROFILE_HEADERS = {
    "sd": "standard deviation",
    "min": "smallest",
    "quarter": "a quarter up to",
    "three_quarters": "three quarters up to",
    "max": "largest",
}
"""Names of columns of `Profile.table` where they differ from what people are shown."""
