"""The SQL databases of the settings: their names, and connections that can only read.

`FULCRUM_SQL_SALES=postgresql+psycopg://...` makes a database known as SALES. Its URL never leaves this module: names
are shown, addresses and passwords are not, also not in an error.
"""

from __future__ import annotations

import logging
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from mlops_lib.objects.errors import FulcrumError, InputError, NotFoundError, NotPossibleError, TooLargeError

SETTING = "FULCRUM_SQL_"
CONNECT_SECONDS = 10
QUERY_SECONDS = 300.0
"""How long a query may take, its rows included."""

_log = logging.getLogger("fulcrum")


def database_names() -> tuple[str, ...]:
    """The names of the databases in the settings, in alphabetical order."""
    return tuple(sorted(k[len(SETTING) :] for k, url in os.environ.items() if k.startswith(SETTING) and url.strip()))


@contextmanager
def reading(name: str, seconds: float = QUERY_SECONDS) -> Iterator[sa.Connection]:
    """A connection that the database itself holds to reading, for `seconds`.

    Whatever goes wrong inside is raised as one sentence without the URL: NotFoundError where the settings have no such
    database, NotPossibleError where it cannot be reached or is of a kind that cannot be held to reading, TooLargeError
    where the time is up, InputError where it does not understand the query.
    """
    kind, engine = _engine(name)
    with _connected(name, engine) as connection:
        try:
            with kind.guard(connection, seconds):
                yield connection
        except sa.exc.DBAPIError as error:
            raise kind.explain(name, error.orig, seconds) from None
        except (UnicodeDecodeError, sa.exc.SQLAlchemyError) as error:
            raise _answers(name, str(error)) from None


def _engine(name: str) -> tuple[_Kind, sa.Engine]:
    if name not in database_names():
        known = database_names()
        hint = f"There are: {', '.join(known)}." if known else f"Set {SETTING}{name} where Fulcrum is started."
        raise NotFoundError(f"The settings have no database '{name}'.", hint)
    try:
        url = sa.make_url(os.environ[SETTING + name].strip())
        if url.drivername in ("postgres", "postgresql"):
            url = url.set(drivername="postgresql+psycopg")
        kind = _KINDS.get(url.get_backend_name())
        if kind is not None:
            return kind, kind.engine(url)
    except (sa.exc.ArgumentError, ImportError, ValueError) as error:
        _log.warning("The setting %s%s cannot be used (%s).", SETTING, name, type(error).__name__)
        raise NotPossibleError(
            f"The setting {SETTING}{name} is no SQLAlchemy URL that can be used here.",
            "It looks like postgresql+psycopg://user:password@host/database.",
        ) from None
    raise NotPossibleError(
        f"The database '{name}' is of a kind that Fulcrum cannot hold to reading.",
        f"It asks {' and '.join(k.title for k in _KINDS.values())}.",
    )


@contextmanager
def _connected(name: str, engine: sa.Engine) -> Iterator[sa.Connection]:
    try:
        connection = engine.connect()
    except sa.exc.DBAPIError as error:
        # Drivers name host, port and account here, which is for the log and not for visitors.
        _log.warning("The database %s could not be reached: %s", name, " ".join(str(error.orig).split()))
        raise NotPossibleError(f"The database '{name}' cannot be reached.", _why_not(str(error.orig))) from None
    with connection:
        yield connection


_WHY_NOT = (
    (r"authentication failed|no password|role .* does not exist", "It refuses the account of its setting."),
    (r"database .* does not exist|unable to open database file", "There is no such database at its address."),
    (r"timeout|timed out", f"It did not answer within {CONNECT_SECONDS} s."),
    (r"refused|no such file|could not translate|failed to resolve", "Nothing answers at its address."),
)


def _why_not(said: str) -> str:
    found = (words for pattern, words in _WHY_NOT if re.search(pattern, said, re.IGNORECASE))
    return next(found, "Ask whoever runs it.")


def _answers(name: str, said: str) -> InputError:
    """The database's own words, as one line."""
    line = " ".join(said.split())[:300].rstrip(".")
    return InputError(f"The database '{name}' answers: {line}.", "Correct the query and ask again.")


def _only_reads(name: str) -> InputError:
    return InputError(
        f"The database '{name}' takes only a query that reads.", "Ask one SELECT, WITH or VALUES statement."
    )


def _one_query(name: str) -> InputError:
    return InputError(f"The database '{name}' takes one query at a time.", "Leave out all but one statement.")


def too_slow(name: str, seconds: float) -> TooLargeError:
    """The error for a query whose time is up."""
    return TooLargeError(
        f"The query on '{name}' took longer than {seconds:,.0f} s, the limit.", "Ask for fewer rows or a simpler query."
    )


@dataclass(frozen=True)
class _Kind:
    """A kind of database: how it is opened, held to reading, and how its errors are said."""

    title: str
    engine: Callable[[sa.URL], sa.Engine]
    guard: Callable[[sa.Connection, float], Any]
    explain: Callable[[str, Any, float], FulcrumError]


def _postgres_engine(url: sa.URL) -> sa.Engine:
    wait = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_SECONDS}
    return sa.create_engine(url, poolclass=NullPool, connect_args=wait, hide_parameters=True)


@contextmanager
def _postgres_guard(connection: sa.Connection, seconds: float) -> Iterator[None]:
    """A read-only transaction: the server refuses to write in it, and to let it write once a query has begun."""
    connection.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {max(1, round(1000 * seconds))}")
    with suppress(sa.exc.DBAPIError), connection.begin_nested():
        # A cancelled job then ends its query on the server, too; servers before version 14 do not know it.
        connection.exec_driver_sql("SET LOCAL client_connection_check_interval = 2000")
    yield


def _postgres_error(name: str, error: Any, seconds: float) -> FulcrumError:
    state, said = getattr(error, "sqlstate", None), getattr(getattr(error, "diag", None), "message_primary", None)
    said = said or str(error).splitlines()[0]
    if state == "57014":
        return too_slow(name, seconds)
    if "multiple commands" in said:
        return _one_query(name)
    writes = re.search(r'near "(insert|update|delete|drop|create|alter|truncate|set|copy|merge|grant)"', said, re.I)
    if state == "25006" or "data-modifying" in said or writes:
        return _only_reads(name)
    return _answers(name, said)


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    path = url.database or ""
    address = path if path.startswith("file:") else f"file:{quote(path)}?mode=ro"

    def connect() -> sqlite3.Connection:
        made = sqlite3.connect(address, uri=True, timeout=CONNECT_SECONDS, check_same_thread=False)
        made.text_factory = lambda cell: cell.decode("utf-8", "replace")
        made.execute("PRAGMA query_only = ON")
        made.execute("SELECT 1 FROM sqlite_schema LIMIT 1").close()  # a file that is no database says so only now
        return made

    return sa.create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)


_SQLITE_READS = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)


@contextmanager
def _sqlite_guard(connection: sa.Connection, seconds: float) -> Iterator[None]:
    """Opened for reading only; beyond that, no pragma and no other file can be named in a query."""
    driver: Any = connection.connection.driver_connection
    end = time.monotonic() + seconds
    driver.set_authorizer(lambda what, *_: sqlite3.SQLITE_OK if what in _SQLITE_READS else sqlite3.SQLITE_DENY)
    driver.set_progress_handler(lambda: time.monotonic() > end, 10_000)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)
        driver.set_authorizer(None)


def _sqlite_error(name: str, error: Any, seconds: float) -> FulcrumError:
    said = str(error)
    if said == "interrupted":
        return too_slow(name, seconds)
    if "one statement at a time" in said:
        return _one_query(name)
    if getattr(error, "sqlite_errorname", "") in ("SQLITE_AUTH", "SQLITE_READONLY") or "not authorized" in said:
        return _only_reads(name)
    return _answers(name, said)


_KINDS: dict[str, _Kind] = {
    "postgresql": _Kind("PostgreSQL", _postgres_engine, _postgres_guard, _postgres_error),
    "sqlite": _Kind("SQLite", _sqlite_engine, _sqlite_guard, _sqlite_error),
}
