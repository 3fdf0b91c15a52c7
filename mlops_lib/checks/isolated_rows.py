"""Rows that lie apart in several numbers together, which no column alone shows."""

from __future__ import annotations

import numpy as np

from mlops_lib.checks.check import MOST_EXAMPLES, Seen, Silent, quoted
from mlops_lib.checks.isolation import Isolation, isolate
from mlops_lib.checks.table import CheckedTable
from mlops_lib.objects.words import count, counted, number

SAMPLE_ROWS = 20_000
_ENOUGH = 100
_NAMED = 3
_SEED = 0


def isolated_rows(table: CheckedTable) -> Seen | Silent:
    """Rows isolated over all numeric features together, and the columns that make them odd."""
    names = _names(table)
    if len(names) < 2:
        return Silent("Fewer than two numeric features change, so no row can be odd in several.", applies=False)
    if len(table.rows) < _ENOUGH:
        return Silent(f"{counted(len(table.rows), 'row')} are too few; {_ENOUGH} are needed.", applies=False)
    sample = _sample(len(table.rows))
    values = np.column_stack([table.feature(name).values[sample] for name in names])
    found = isolate(values, _SEED)
    which = table.which if len(sample) == len(table.rows) else f"{count(len(sample))} drawn from {table.which}"
    if not len(found.rows):
        return Silent(f"Among {which}, no row lies farther out over {len(names)} numbers than chance gives.")
    return _seen(names, values, table.rows[sample], found, which)


def _names(table: CheckedTable) -> tuple[str, ...]:
    def changes(values: np.ndarray) -> bool:
        known = values[~np.isnan(values)]
        return len(known) > 0 and bool(known.min() < known.max())

    return tuple(name for name in table.schema.features("numeric") if changes(table.feature(name).values))


def _sample(rows: int) -> np.ndarray:
    if rows <= SAMPLE_ROWS:
        return np.arange(rows)
    return np.sort(np.random.default_rng(_SEED).choice(rows, SAMPLE_ROWS, replace=False))


def _seen(names: tuple[str, ...], values: np.ndarray, ids: np.ndarray, found: Isolation, which: str) -> Seen:
    rows = found.rows
    odd = np.argsort(-found.share[rows].mean(axis=0), kind="stable")[:_NAMED]
    first = rows[0]
    reasons = np.argsort(-found.share[first], kind="stable")[:_NAMED]
    shown = ", ".join(f"'{names[k]}' {number(values[first, k])}" for k in reasons)
    return Seen(
        "info",
        tuple(names[k] for k in odd),
        len(rows),
        f"{counted(len(rows), 'row')} of {count(len(ids))} {'lies' if len(rows) == 1 else 'lie'} apart from all others "
        f"over {len(names)} numbers together, most by {quoted([names[k] for k in odd])}. The farthest has {shown}.",
        f"Isolation forest on uncorrelated axes of the numbers, among {which}: the score exceeds "
        f"{number(found.threshold)}, which shuffled columns would reach in one table of twenty.",
        "Each number may be usual alone and the combination impossible: a slip of the pen, a unit mixed up, another "
        "population.",
        "Look at them. Correct what is wrong and upload again; a row that is right belongs in the table.",
        examples=tuple(ids[rows[:MOST_EXAMPLES]].tolist()),
    )
