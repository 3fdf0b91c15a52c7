"""What was registered and which alias moved when: rows that are added and never changed.

MLflow keeps no history of aliases, and its files can be changed by whoever reaches the store; the ledger lies in the
app's own database.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import sqlalchemy as sa

from mlops_lib.objects.errors import NotFoundError
from mlops_lib.workspace.database import database, ledger
from mlops_lib.workspace.folder import Workspace

REGISTERED, ALIAS_SET, WENT_BACK = "registered", "alias set", "went back"


@dataclass(frozen=True)
class Entry:
    """One row of the ledger. `at` is seconds since 1970; `before` and `after` are version numbers, None for nothing."""

    at: float
    who: str
    model: str
    what: str
    alias: str | None = None
    before: int | None = None
    after: int | None = None
    digest: str | None = None
    why: str = ""


def write(
    workspace: Workspace,
    model: str,
    what: str,
    *,
    who: str,
    after: int | None,
    before: int | None = None,
    alias: str | None = None,
    digest: str | None = None,
    why: str = "",
) -> Entry:
    """Add a row and return it."""
    entry = Entry(time.time(), who, model, what, alias, before, after, digest, why)
    row = {**vars(entry), "before": _text(before), "after": _text(after)}
    with database(workspace).begin() as connection:
        connection.execute(sa.insert(ledger).values(**row))
    return entry


def entries(workspace: Workspace, model: str | None = None, limit: int = 100, offset: int = 0) -> tuple[Entry, ...]:
    """The newest rows first; of one model where given."""
    query = sa.select(ledger).order_by(ledger.c.id.desc()).limit(limit).offset(offset)
    return _read(workspace, query if model is None else query.where(ledger.c.model == model))


def registered_digest(workspace: Workspace, model: str, number: int) -> str:
    """The digest noted when this workspace registered the version. Raises NotFoundError where it did not."""
    query = sa.select(ledger).where(ledger.c.model == model, ledger.c.what == REGISTERED, ledger.c.after == str(number))
    found = _read(workspace, query.order_by(ledger.c.id))
    if not found or found[0].digest is None:
        raise NotFoundError(
            f"This workspace did not register '{model}' version {number}.",
            "Register the run here; models from elsewhere are not loaded.",
        )
    return found[0].digest


def previous_version(workspace: Workspace, model: str, alias: str) -> int:
    """The version that the alias pointed at before its present one.

    The moves of an alias form a stack: setting it pushes, going back pops; so going back twice returns two steps.
    Raises NotFoundError where there is nothing to go back to.
    """
    moves = sa.select(ledger).where(
        ledger.c.model == model, ledger.c.alias == alias, ledger.c.what.in_((ALIAS_SET, WENT_BACK))
    )
    stack: list[int | None] = []
    for entry in _read(workspace, moves.order_by(ledger.c.id)):
        if entry.what == ALIAS_SET:
            stack.append(entry.before)
        elif stack:
            stack.pop()
    if not stack or stack[-1] is None:
        raise NotFoundError(
            f"The alias '{alias}' of '{model}' has no earlier version to go back to.",
            "Set the alias on the version you want instead.",
        )
    return stack[-1]


def _read(workspace: Workspace, query: sa.Select[tuple[object, ...]]) -> tuple[Entry, ...]:
    with database(workspace).connect() as connection:
        rows = connection.execute(query).mappings().all()
    return tuple(
        Entry(
            at=row["at"],
            who=row["who"],
            model=row["model"],
            what=row["what"],
            alias=row["alias"],
            before=_number(row["before"]),
            after=_number(row["after"]),
            digest=row["digest"],
            why=row["why"],
        )
        for row in rows
    )


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)
