"""Jobs and results of a table that was deleted for good: they hold its cells, or point at where they were."""

from __future__ import annotations

import json
import shutil

import sqlalchemy as sa

from mlops_lib.workspace.database import database, job_events, jobs
from mlops_lib.workspace.folder import Workspace

_DATASET = "mlops_lib.objects.dataset:Dataset"


def forget_table(workspace: Workspace, fingerprint: str) -> int:
    """Remove every ended job that was given this table or made it, with its result; returns how many there were.

    The same file uploaded again is then read again.
    """
    ended = jobs.c.state.not_in(("queued", "running"))
    query = sa.select(jobs.c.id, jobs.c.key, jobs.c.spec).where(ended)
    with database(workspace).connect() as connection:
        rows = connection.execute(query).all()
    gone = [row for row in rows if fingerprint in row.spec or _made(workspace, row.key, fingerprint)]
    for key in {row.key for row in gone}:
        shutil.rmtree(workspace.results / key, ignore_errors=True)
    with database(workspace).begin() as connection:
        for row in gone:
            connection.execute(sa.delete(job_events).where(job_events.c.job == row.id))
            connection.execute(sa.delete(jobs).where(jobs.c.id == row.id))
    return len(gone)


def _made(workspace: Workspace, key: str, fingerprint: str) -> bool:
    """Whether the stored result of a job is this table."""
    file = workspace.results / key / "value.json"
    if not file.is_file():
        return False
    stored = json.loads(file.read_text(encoding="utf-8", errors="surrogatepass"))
    is_dataset = isinstance(stored, dict) and stored.get("$class") == _DATASET
    return is_dataset and stored["fields"]["fingerprint"] == fingerprint
