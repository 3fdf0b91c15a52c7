"""Cells and answers that are missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from mlops_lib.checks.check import Seen, Silent, no_columns, offers, quoted
from mlops_lib.checks.table import CheckedTable
from mlops_lib.objects.recipe import Action
from mlops_lib.objects.words import count, counted, percent

MUCH_MISSING = 0.05
MOSTLY_MISSING = 0.60
ENOUGH_MISSING = 10


def missing_answers(table: CheckedTable) -> Seen | Silent:
    """Rows whose target is empty."""
    gone = int(np.count_nonzero(~table.target.known))
    name = table.schema.target
    if not gone:
        return Silent(f"Every row has '{name}'.")
    share = percent(gone / table.dataset.rows)
    return Seen(
        "info",
        (name,),
        gone,
        f"{counted(gone, 'row')} of {count(table.dataset.rows)} ({share}) have no '{name}'.",
        "Cells of the target that are empty or count as missing, in all rows.",
        "They are no answer, so they never count as No. They may mean something of their own: a cancelled flight.",
        "They stay in the table and are left out of split, training and evaluation.",
        examples=tuple(np.flatnonzero(~table.target.known)[:20].tolist()),
    )


def few_numbers(table: CheckedTable) -> Seen | Silent:
    """Numbers and dates of which a few are missing."""
    columns = [n for n, s in _numbers(table).items() if 0 < s < MUCH_MISSING]
    nothing = f"No column of numbers or dates misses a few cells (less than {percent(MUCH_MISSING)})"
    return _gaps(table, "info", columns, ("median", "indicator", "mean", "drop"), nothing)


def many_numbers(table: CheckedTable) -> Seen | Silent:
    """Numbers and dates of which many are missing."""
    columns = [n for n, s in _numbers(table).items() if MUCH_MISSING <= s <= MOSTLY_MISSING]
    nothing = f"No column of numbers or dates misses {percent(MUCH_MISSING)} of its cells or more"
    return _gaps(table, "warning", columns, ("indicator", "median", "mean", "drop"), nothing)


def missing_labels(table: CheckedTable) -> Seen | Silent:
    """Categories of which some are missing."""
    if not table.schema.features("categorical"):
        return no_columns("labels")
    share = _share(table)
    columns = [n for n in table.schema.features("categorical") if 0 < share[n] <= MOSTLY_MISSING]
    return _gaps(table, "info", columns, ("own_level", "most_frequent", "drop"), "No column of labels misses a cell")


def mostly_missing(table: CheckedTable) -> Seen | Silent:
    """Columns of any kind that are hardly ever filled."""
    columns = [n for n, share in _share(table).items() if share > MOSTLY_MISSING]
    nothing = f"No column misses more than {percent(MOSTLY_MISSING)} of its cells"
    return _gaps(table, "warning", columns, ("drop", "indicator", "own_level"), nothing)


def missing_together(table: CheckedTable) -> Seen | Silent:
    """Columns that are empty where the target is empty, and hardly ever elsewhere."""
    gone = ~table.target.known
    target = table.schema.target
    if gone.sum() < ENOUGH_MISSING:
        what = counted(int(gone.sum()), "row")
        return Silent(f"{what} without '{target}'; the check needs {ENOUGH_MISSING}.", applies=False)
    empty = {n: np.asarray(table.dataset.table([n])[n].is_null()) for n in table.schema.features()}
    columns = [n for n, e in empty.items() if e[gone].mean() >= 0.8 and e[~gone].mean() <= 0.05]
    if not columns:
        return Silent(f"No column is empty just where '{target}' is.")
    share = percent(min(float(empty[n][gone].mean()) for n in columns))
    return Seen(
        "warning",
        tuple(columns),
        int(gone.sum()),
        f"{quoted(columns)} {'is' if len(columns) == 1 else 'are'} empty in {share} or more of the rows without "
        f"'{target}', and hardly ever elsewhere.",
        f"Empty in 80 % or more of {count(int(gone.sum()))} rows without an answer, in 5 % or less of the others.",
        "What is only filled in when the event has taken place is often not known before it.",
        "Ask: is it known at the time of the prediction? If not, name it as known only after the event.",
        suggest_ignore=True,
    )


def _share(table: CheckedTable) -> dict[str, float]:
    return {str(name): gone / max(1, len(table.rows)) for name, gone in table.missing.items()}


def _numbers(table: CheckedTable) -> dict[str, float]:
    """Share of missing cells of the columns that are filled with a number."""
    labels = table.schema.features("categorical")
    return {n: share for n, share in _share(table).items() if n not in labels}


def _gaps(
    table: CheckedTable,
    severity: Literal["info", "warning", "serious"],
    columns: list[str],
    actions: Sequence[Action],
    nothing: str,
) -> Seen | Silent:
    """One finding for all columns that are treated alike."""
    if not columns:
        return Silent(f"{nothing} among {table.which}.")
    worst = max(columns, key=lambda n: table.missing[n])
    share = table.missing[worst] / len(table.rows)
    cells = int(table.missing[columns].sum())
    first = f"'{worst}' misses {percent(share)}" if len(columns) == 1 else f"most in '{worst}' ({percent(share)})"
    return Seen(
        severity,
        tuple(columns),
        table.any_missing(columns),
        f"{counted(cells, 'cell')} of {counted(len(columns), 'column')} are missing; {first}.",
        f"Empty cells and those that count as missing, among {table.which}.",
        "A model needs a value. What is filled in is learnt from training rows; that a cell is missing may tell, too.",
        "Choose what is filled in; it becomes part of every recipe.",
        offers(table.schema, columns, actions),
    )
