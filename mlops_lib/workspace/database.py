"""The app's own database: its tables and how it is opened. Queries live with the packages that own the tables."""

from __future__ import annotations

import time
from functools import lru_cache

import sqlalchemy as sa

from mlops_lib.workspace.folder import Workspace

metadata = sa.MetaData()

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("key", sa.String(64), nullable=False, index=True),
    sa.Column("spec", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("started", sa.Float),
    sa.Column("finished", sa.Float),
    sa.Column("heartbeat", sa.Float),
    sa.Column("worker", sa.String(80)),
    sa.Column("cancel", sa.Boolean, nullable=False, default=False),
    sa.Column("error", sa.Text),
    sa.Column("progress", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
)

sa.Index(
    "one_active_job_a_key",
    jobs.c.key,
    unique=True,
    sqlite_where=jobs.c.state.in_(("queued", "running")),
    postgresql_where=jobs.c.state.in_(("queued", "running")),
)

job_events = sa.Table(
    "job_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("job", sa.String(32), nullable=False, index=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
)

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("host", sa.String(120), nullable=False),
    sa.Column("started", sa.Float, nullable=False),
    sa.Column("heartbeat", sa.Float, nullable=False),
)

views = sa.Table(
    "views",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
)

openings = sa.Table(
    "openings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("split", sa.String(32), nullable=False, index=True),
    sa.Column("run", sa.String(32), nullable=False),
    sa.Column("reference", sa.String(32)),
    sa.Column("at", sa.Float, nullable=False),
)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("who", sa.String(120), nullable=False),
    sa.Column("model", sa.String(250), nullable=False, index=True),
    sa.Column("what", sa.String(40), nullable=False),
    sa.Column("alias", sa.String(120)),
    sa.Column("before", sa.String(40)),
    sa.Column("after", sa.String(40)),
    sa.Column("digest", sa.String(64)),
    sa.Column("why", sa.Text, nullable=False, default=""),
)

charters = sa.Table(
    "charters",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("project", sa.String(32), nullable=False, index=True),
    sa.Column("charter", sa.String(32), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("why", sa.Text, nullable=False, default=""),
)


catalogue = sa.Table(
    "catalogue",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False, default=""),
    sa.Column("created", sa.String(40), nullable=False),
)

table_versions = sa.Table(
    "table_versions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("entry", sa.String(32), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("dataset", sa.String(32), nullable=False, index=True),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False, default=""),
    sa.Column("created", sa.String(40), nullable=False),
    sa.Column("removed", sa.String(40)),
    sa.Column("purged", sa.String(40)),
    sa.UniqueConstraint("entry", "number"),
    sa.UniqueConstraint("entry", "dataset"),
)

model_uses = sa.Table(
    "model_uses",
    metadata,
    sa.Column("model", sa.String(250), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("dataset", sa.String(32), nullable=False, index=True),
    sa.Column("run", sa.String(32), nullable=False),
)


def database(workspace: Workspace) -> sa.Engine:
    """The engine of the workspace's database, with all tables made; one engine a process and URL."""
    return _engine(workspace.database_url)


@lru_cache(maxsize=8)
def _engine(url: str) -> sa.Engine:
    sqlite = url.startswith("sqlite")
    engine = sa.create_engine(url, connect_args={"timeout": 30} if sqlite else {}, pool_pre_ping=not sqlite)
    if sqlite:
        sa.event.listen(engine, "connect", _tune_sqlite)
    _make_tables(engine)
    return engine


def _make_tables(engine: sa.Engine) -> None:
    """Make what is missing. Two processes may open a new workspace at once; the slower one finds the tables made."""
    for again in (True, True, False):
        try:
            metadata.create_all(engine)
        except sa.exc.DBAPIError:
            if not again:
                raise
            time.sleep(0.2)
        else:
            return


def _tune_sqlite(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()
