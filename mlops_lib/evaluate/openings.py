"""The hold-out's visitors' book: every time it was opened, for which run and against which reference."""

from __future__ import annotations

import time
from dataclasses import dataclass

import sqlalchemy as sa

from mlops_lib.workspace.database import database
from mlops_lib.workspace.database import openings as book
from mlops_lib.workspace.folder import Workspace


@dataclass(frozen=True)
class Opening:
    """One look at the hold-out of a split; `at` is seconds since 1970, `reference` None where there was none."""

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
    """All openings of a split's hold-out, oldest first."""
    query = (
        sa.select(book.c.split, book.c.run, book.c.reference, book.c.at)
        .where(book.c.split == split)
        .order_by(book.c.id)
    )
    with database(workspace).connect() as connection:
        return tuple(Opening(*row) for row in connection.execute(query))


def changed_since(openings: tuple[Opening, ...], run: str, reference: str | None) -> bool:
    """Whether the choice is not the one last opened: it may then rest on what the hold-out showed.

    Without a reference only the run counts.
    """
    if not openings:
        return False
    last = openings[-1]
    return run != last.run or (reference is not None and last.reference is not None and reference != last.reference)
