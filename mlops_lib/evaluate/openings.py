"""The hold-out's visitors' book: every time it was opened, for which run and against which reference."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from mlops_lib.objects.errors import NotFoundError
from mlops_lib.objects.split import SplitPlan
from mlops_lib.workspace.database import database
from mlops_lib.workspace.database import openings as book
from mlops_lib.workspace.folder import Workspace


@dataclass(frozen=True)
class Opening:
    """One look at the rows that a split holds out; `at` is seconds since 1970, `reference` is None without one."""

    split: str
    run: str
    reference: str | None
    at: float


def record_opening(workspace: Workspace, split: str, run: str, reference: str | None) -> Opening:
    """Write down that the hold-out of `split` is opened now for `run` and `reference`; returns what was written."""
    opening = Opening(split, run, reference, time.time())
    with database(workspace).begin() as connection:
        connection.execute(
            sa.insert(book).values(split=opening.split, run=opening.run, reference=opening.reference, at=opening.at)
        )
    return opening


def openings_of(workspace: Workspace, split: str) -> tuple[Opening, ...]:
    """All openings of the rows that a split holds out, oldest first.

    An opening is about the rows: what was opened under another split of the same table with the same hold-out counts
    here too, whatever its folds are.
    """
    query = sa.select(book.c.split, book.c.run, book.c.reference, book.c.at).order_by(book.c.id)
    with database(workspace).connect() as connection:
        found = [Opening(*row) for row in connection.execute(query)]
    alike = _same_rows(workspace, split, {o.split for o in found})
    return tuple(o for o in found if o.split in alike)


def _same_rows(workspace: Workspace, split: str, others: set[str]) -> set[str]:
    """The split itself and those of the others that hold out the same rows of the same table."""
    alike = {split}
    with suppress(NotFoundError):
        plan = workspace.get(SplitPlan, split)
        held = plan.hold_out_rows()
        for other in others - alike:
            with suppress(NotFoundError):
                one = workspace.get(SplitPlan, other)
                if one.dataset == plan.dataset and np.array_equal(one.hold_out_rows(), held):
                    alike.add(other)
    return alike


def changed_since(openings: tuple[Opening, ...], run: str, reference: str | None) -> bool:
    """Whether the choice is not the one last opened: it may then rest on what the hold-out showed.

    Without a reference only the run counts.
    """
    if not openings:
        return False
    last = openings[-1]
    return run != last.run or (reference is not None and last.reference is not None and reference != last.reference)
