"""A PostgreSQL server of the test's own: made in a temporary folder, reached by a socket in it, stopped and removed."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

PASSWORD = "a secret/of the:test"
_PLACES = "/usr/lib/postgresql/*/bin"


def find_programs() -> Path | None:
    """The folder of initdb and pg_ctl, the newest where there are several; None where they are not installed."""
    known = sorted(Path("/").glob(f"{_PLACES[1:]}/initdb"), key=lambda p: float(p.parent.parent.name), reverse=True)
    found = known[0] if known else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


class PostgresServer:
    """A running server. It refuses to run as root, so root starts it as a user without rights."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="fulcrum-pg-"))
        self.account = _account() if os.geteuid() == 0 else None

    @property
    def url(self) -> str:
        """SQLAlchemy URL of the database "postgres" as the account "reader", password and all."""
        return self.url_of("reader", PASSWORD)

    def url_of(self, user: str, password: str, database: str = "postgres") -> str:
        host = quote(str(self.folder), safe="")
        return f"postgresql+psycopg://{user}:{quote(password, safe='')}@/{database}?host={host}"

    def run(self, *statements: str) -> None:
        """Run statements as the owner of the server."""
        with self._connection() as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def value(self, query: str) -> Any:
        """The first value of a query, asked as the owner of the server."""
        with self._connection() as connection:
            row = connection.execute(query.encode()).fetchone()
        return None if row is None else row[0]

    def _connection(self) -> Any:
        import psycopg

        return psycopg.connect(host=str(self.folder), user="owner", password=PASSWORD, dbname="postgres")

    def start(self) -> Self:
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        if self.account is not None:
            for path in (self.folder, secret):
                os.chown(path, self.account.pw_uid, self.account.pw_gid)
        data = str(self.folder / "data")
        self._do("initdb", "-D", data, "-U", "owner", "--auth=scram-sha-256", f"--pwfile={secret}", "-E", "UTF8",
                 "--locale=C", "--no-sync")  # fmt: skip
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off -c max_connections=20 -c shared_buffers=16MB"
        self._do("pg_ctl", "-D", data, "-w", "-t", "60", "-l", str(self.folder / "log"), "-o", options, "start")
        self.run(f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'", "GRANT ALL ON SCHEMA public TO reader")
        return self

    def stop(self) -> None:
        if (self.folder / "data" / "postmaster.pid").exists():
            self._do("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", "immediate", "stop")
        shutil.rmtree(self.folder)

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _do(self, program: str, *arguments: str) -> None:
        as_whom: dict[str, Any] = {}
        if self.account is not None:
            as_whom = {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        command: Sequence[str] = [str(self.programs / program), *arguments]
        with (self.folder / "said").open("ab") as said:
            done = subprocess.run(
                command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False, **as_whom
            )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{(self.folder / 'said').read_text(errors='replace')}")


def _account() -> pwd.struct_passwd:
    """A user without rights: postgres where the machine has it, else nobody."""
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")
