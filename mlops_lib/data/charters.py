"""The charters of all projects: every state that was ever in force, and since when."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from mlops_lib.objects.charter import Charter
from mlops_lib.workspace.database import charters, database
from mlops_lib.workspace.folder import Workspace


@dataclass(frozen=True)
class Entry:
    """A state of a charter (`charter` is its fingerprint), when it came into force (seconds since 1970), and why."""

    project: str
    charter: str
    at: float
    why: str


def new_project() -> str:
    """An id for a project."""
    return uuid.uuid4().hex[:12]


def keep_charter(workspace: Workspace, charter: Charter, why: str = "") -> str:
    """Put a charter in force and return its fingerprint. What is in force already is not written twice."""
    kept = workspace.put(charter)
    before = history(workspace, charter.project)
    if not before or before[-1].charter != kept:
        with database(workspace).begin() as connection:
            connection.execute(
                sa.insert(charters).values(project=charter.project, charter=kept, at=time.time(), why=why.strip())
            )
    return kept


def history(workspace: Workspace, project: str) -> tuple[Entry, ...]:
    """All states of a project's charter, oldest first; the last one is in force."""
    return _read(workspace, charters.c.project == project)


def list_charters(workspace: Workspace) -> tuple[Charter, ...]:
    """The charter in force of every project, the one changed last first."""
    last = {entry.project: entry for entry in _read(workspace, sa.true())}
    newest = sorted(last.values(), key=lambda entry: entry.at, reverse=True)
    return tuple(workspace.get(Charter, entry.charter) for entry in newest)


def in_force(workspace: Workspace, project: str, at: float) -> Charter | None:
    """The charter that was in force at a time (seconds since 1970); None before the first."""
    known = [entry for entry in history(workspace, project) if entry.at <= at]
    return workspace.get(Charter, known[-1].charter) if known else None


def _read(workspace: Workspace, which: sa.ColumnElement[bool]) -> tuple[Entry, ...]:
    query = sa.select(charters.c.project, charters.c.charter, charters.c.at, charters.c.why)
    with database(workspace).connect() as connection:
        return tuple(Entry(*row) for row in connection.execute(query.where(which).order_by(charters.c.id)))
