"""Numbers far from the others, column by column."""

from __future__ import annotations

import numpy as np

from mlops_lib.checks.check import MOST_EXAMPLES, Seen, Silent, no_columns, offers
from mlops_lib.checks.table import CheckedTable
from mlops_lib.objects.words import count, counted

FAR_OUT = 8.0
"""Robust z beyond which a number counts as an outlier: 0.6745 |x - median| / MAD (Iglewicz & Hoaglin 1993 warn from 3.5
on; skewed columns reach that without anything being wrong)."""


def outliers(table: CheckedTable) -> Seen | Silent:
    """Numbers with a large robust z."""
    names = table.schema.features("numeric")
    if not names:
        return no_columns("numbers")
    z = {name: robust_z(table.feature(name).values) for name in names}
    far = {name: values > FAR_OUT for name, values in z.items()}
    columns = [name for name, rows in far.items() if rows.any()]
    if not columns:
        return Silent(f"No number has a robust z above {FAR_OUT:g} among {table.which}.")
    rows = np.logical_or.reduce([far[name] for name in columns])
    worst = max(columns, key=lambda n: int(far[n].sum()))
    value = table.feature(worst).values
    extreme = value[np.argmax(z[worst])]
    hit = counted(int(rows.sum()), "row has", "rows have")
    return Seen(
        "info",
        tuple(columns),
        int(rows.sum()),
        f"{hit} a number far out in {counted(len(columns), 'column')}; most in "
        f"'{worst}' ({count(int(far[worst].sum()))}, such as {extreme:,.6g}; median {np.nanmedian(value):,.6g}).",
        f"Robust z = 0.6745 |x - median| / MAD above {FAR_OUT:g}, among {table.which}.",
        "They pull a linear model, and may be slips of the pen. In a skewed column they may also be right.",
        "Look at them. Clip them to the middle 98 % of training rows, take logarithms, or leave them.",
        offers(table.schema, columns, ("clip", "log")),
        examples=_farthest(table, [z[name] for name in columns]),
    )


def robust_z(values: np.ndarray) -> np.ndarray:
    """0.6745 |x - median| / MAD, shape (n,), 0 where missing.

    A column whose MAD is zero has no scale to measure by, so all of it is 0.
    """
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return np.zeros(len(values))
    middle = np.median(known)
    scale = float(np.median(np.abs(known - middle)))
    return np.zeros(len(values)) if scale == 0 else np.nan_to_num(0.6745 * np.abs(values - middle) / scale)


def _farthest(table: CheckedTable, columns: list[np.ndarray]) -> tuple[int, ...]:
    """Ids of the rows with the largest robust z in any column, the farthest first."""
    z = np.maximum.reduce(columns)
    far = np.flatnonzero(z > FAR_OUT)
    order = far[np.argsort(-z[far], kind="stable")][:MOST_EXAMPLES]
    return tuple(table.rows[order].tolist())
