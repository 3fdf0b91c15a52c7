"""The app's database opens once a process, in WAL mode, with every table."""

from pathlib import Path

import sqlalchemy as sa

from mlops_lib.workspace.database import database, metadata
from mlops_lib.workspace.folder import Workspace


def test_tables_exist_and_writers_do_not_block_readers(tmp_path: Path) -> None:
    engine = database(Workspace(tmp_path))
    assert set(metadata.tables) <= set(sa.inspect(engine).get_table_names())
    with engine.connect() as connection:
        assert connection.execute(sa.text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(sa.text("PRAGMA busy_timeout")).scalar() == 30_000
    assert database(Workspace(tmp_path)) is engine
