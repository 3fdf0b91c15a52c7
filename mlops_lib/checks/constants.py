"""Columns that never change, or hardly ever."""

from __future__ import annotations

import numpy as np

from mlops_lib.checks.check import Seen, Silent, offers, quoted
from mlops_lib.checks.table import CheckedTable
from mlops_lib.objects.words import counted, percent
from mlops_lib.stats.features import Feature, level_label

NEARLY_ALL = 0.99


def constants(table: CheckedTable) -> Seen | Silent:
    """Columns with one value, whether they were left out by the schema already or are constant on these rows."""
    known = [c.name for c in table.schema.columns if c.kind == "constant"]
    now = [name for name in table.schema.features() if _never_changes(table.feature(name))]
    columns = [*known, *(n for n in now if n not in known)]
    if not columns:
        return Silent(f"Every column has at least two values among {table.which}.")
    return Seen(
        "warning" if now else "info",
        tuple(columns),
        0,
        f"{quoted(columns)}: the same value in every row.",
        f"One distinct value among {table.which}.",
        "What never changes cannot tell rows apart.",
        "Leave them out." if now else "They are left out already.",
        suggest_ignore=bool(now),
    )


def _never_changes(feature: Feature) -> bool:
    known = feature.values[feature.known]
    if len(known) == 0:
        return True
    return len(known) == len(feature.values) and bool(known.min() == known.max())


def near_constants(table: CheckedTable) -> Seen | Silent:
    """Columns of which one value fills nearly all filled cells."""
    if not table.schema.features():
        return Silent("There is no feature.", applies=False)
    found = {n: common for n in table.schema.features() if (common := _common(table, n)) is not None}
    if not found:
        return Silent(f"No column has one value in {percent(NEARLY_ALL)} of its filled cells or more.")
    columns = sorted(found, key=lambda n: -found[n][1])
    told = [f"'{n}' is {found[n][0]} in {percent(found[n][1])}" for n in columns[:3]]
    more = f"; and {counted(len(columns) - 3, 'column')} more" if len(columns) > 3 else ""
    return Seen(
        "info",
        tuple(columns),
        0,
        f"{'; '.join(told)} of the filled cells{more}.",
        f"One value in {percent(NEARLY_ALL)} or more of the filled cells, but not in all, among {table.which}.",
        "A few rows are all that such a column tells apart, and in some folds it may not change at all.",
        "Leave it where those rows matter (a rare fault may be what you look for), else leave it out of the recipes.",
        offers(table.schema, columns, ("drop",)),
    )


def _common(table: CheckedTable, name: str) -> tuple[str, float] | None:
    """The commonest value with its share of the filled cells, where that is nearly all of them."""
    feature = table.feature(name)
    known = feature.values[feature.known]
    if len(known) == 0:
        return None
    value = _mode(known[:: max(1, len(known) // 10_000)])
    share = float(np.mean(known == value))
    return (_said(feature, value), share) if NEARLY_ALL <= share < 1 else None


def _mode(values: np.ndarray) -> float:
    """The commonest value. In nearly all of the cells, it is so in every 10,000 evenly taken ones of them, too."""
    distinct, counts = np.unique(values, return_counts=True)
    return float(distinct[np.argmax(counts)])


def _said(feature: Feature, value: float) -> str:
    if feature.kind == "categorical":
        return f"'{feature.levels[int(value)]}'"
    return str(np.datetime64(int(value), "D")) if feature.kind == "date" else level_label(value)
