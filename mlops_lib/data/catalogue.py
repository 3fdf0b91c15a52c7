"""The catalogue: tables by name, each with its numbered versions.

A version is a dataset in its place: the row keeps the dataset as it was described when it came in, so that another
upload of the same cells takes nothing from it. `data/uses.py` says who uses a version, `data/removal.py` removes one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from mlops_lib.data.datasets import TO_SCORE, described_as, list_datasets, table_path
from mlops_lib.objects.catalogue import CataloguedTable, TableVersion
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError, NotFoundError
from mlops_lib.objects.fingerprint import fingerprint
from mlops_lib.workspace import codec
from mlops_lib.workspace.database import catalogue, database, table_versions
from mlops_lib.workspace.folder import Workspace

MAX_NAME, MAX_NOTE = 120, 2000
_TRIES = 20
_ENDING = re.compile(
    r"(\.(csv|tsv|txt|tab|dat|parquet|pq|xlsx?|ods|json|jsonl|ndjson|feather|arrow|gz|zip|zst))+$", re.I
)


def add_version(workspace: Workspace, dataset: Dataset, table: str | None = None, note: str = "") -> TableVersion:
    """Make a dataset the next version of a table of the catalogue (by its id), or the first one of a table of its own.

    Where the table has these cells already, that version is returned, restored if it had been removed.
    Raises NotFoundError where there is no such table.
    """
    for _ in range(_TRIES):
        try:
            with database(workspace).begin() as connection:
                entry = _own_entry(connection, dataset) if table is None else _existing_entry(connection, table)
                return _placed(connection, dataset, entry, note)
        except IntegrityError:
            # Another process took the same number or made the same entry between two statements: look again.
            continue
    raise NotFoundError(f"The table '{dataset.name}' could not be put into the catalogue.", "Try it again.")


def list_tables(workspace: Workspace) -> tuple[CataloguedTable, ...]:
    """All tables with their versions (removed ones too, as long as they can be restored), last changed first.

    Datasets of the workspace that have no place yet get one first: where `home_of` says, else as a table of their own.
    """
    _adopt(workspace)
    with database(workspace).connect() as connection:
        entries = connection.execute(sa.select(catalogue)).mappings().all()
        rows = connection.execute(_versions().order_by(table_versions.c.number)).mappings().all()
    by_entry: dict[str, list[TableVersion]] = {}
    for row in rows:
        by_entry.setdefault(row["entry"], []).append(_version(row))
    tables = [_table(entry, by_entry[entry["id"]]) for entry in entries if entry["id"] in by_entry]
    return tuple(sorted(tables, key=lambda t: (max(v.created for v in t.versions), t.name), reverse=True))


def find_table(workspace: Workspace, table: str) -> CataloguedTable:
    """The table of that id. Raises NotFoundError where there is none."""
    found = _read(workspace, table_versions.c.entry == table)
    if not found:
        raise _no_table()
    return found[0]


def versions_of(workspace: Workspace, fingerprint: str) -> tuple[tuple[CataloguedTable, TableVersion], ...]:
    """The places of these cells in the catalogue, oldest first; removed ones too, as long as they can be restored."""
    tables = _read(workspace, table_versions.c.entry.in_(_entries_with(fingerprint)))
    places = [(t, v) for t in tables for v in t.versions if v.dataset == fingerprint]
    return tuple(sorted(places, key=lambda place: (place[1].created, place[0].name)))


def version_of(workspace: Workspace, fingerprint: str) -> tuple[CataloguedTable, TableVersion] | None:
    """The first place of these cells that was not removed, None where there is none."""
    return next((place for place in versions_of(workspace, fingerprint) if place[1].removed is None), None)


def home_of(workspace: Workspace, dataset: Dataset) -> str | None:
    """The id of the table that a dataset belongs to without a question, None where there is none.

    That is the table which has, or had, these cells; that of its parent; that of the same query on the same database;
    that of the same file read in another way.
    """
    places = versions_of(workspace, dataset.fingerprint)
    if not places and dataset.parent is not None:
        places = versions_of(workspace, dataset.parent)
    if places:
        return places[0][0].id
    mark = _origin(dataset)
    if mark is None or dataset.reading is None:
        return None
    sign = dataset.reading.file or codec.to_json(dataset.reading.source)
    newest = _versions().where(table_versions.c.description.contains(sign, autoescape=True))
    with database(workspace).connect() as connection:
        newest = newest.order_by(table_versions.c.id.desc())
        rows = connection.execute(newest).mappings().all()
    return next((row["entry"] for row in rows if _origin(codec.from_json(row["description"])) == mark), None)


def next_number(workspace: Workspace, table: str) -> int:
    """The number that the next version of a table gets."""
    with database(workspace).connect() as connection:
        return _next_number(connection, table)


def described(workspace: Workspace, version: TableVersion) -> Dataset:
    """The dataset as it was described when it became this version: its file, how it was read, its parent."""
    query = sa.select(table_versions.c.description).where(
        table_versions.c.entry == version.table, table_versions.c.number == version.number
    )
    with database(workspace).connect() as connection:
        text = connection.execute(query).scalar()
    if text is None:
        raise _no_table()
    dataset: Dataset = codec.from_json(text)
    return replace(dataset, path=str(table_path(workspace, dataset.fingerprint)))


def size_on_disk(workspace: Workspace, version: TableVersion) -> int:
    """Bytes of the version's files; 0 where they are gone."""
    folder = table_path(workspace, version.dataset).parent
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) if folder.is_dir() else 0


def rename(workspace: Workspace, table: str, name: str) -> None:
    """Give a table another name. Raises InputError where it is empty, long or taken, NotFoundError for no table."""
    name = name.strip()
    if not 0 < len(name) <= MAX_NAME:
        raise InputError(f"A name has 1 to {MAX_NAME} characters; this one has {len(name)}.", "Give another name.")
    with database(workspace).begin() as connection:
        taken = sa.select(catalogue.c.id).where(catalogue.c.name == name, catalogue.c.id != table)
        if connection.execute(taken).first() is not None:
            raise InputError(f"Another table is called '{name}' already.", "Give another name.")
        changed = connection.execute(sa.update(catalogue).where(catalogue.c.id == table).values(name=name))
    if not changed.rowcount:
        raise _no_table()


def annotate(workspace: Workspace, table: str, note: str, number: int | None = None) -> None:
    """Set the note of a table, or of one of its versions. Raises InputError where it is too long, NotFoundError."""
    note = note.strip()
    if len(note) > MAX_NOTE:
        raise InputError(f"A note has at most {MAX_NOTE:,} characters; this one has {len(note):,}.", "Shorten it.")
    what = sa.update(catalogue).where(catalogue.c.id == table)
    if number is not None:
        what = sa.update(table_versions).where(table_versions.c.entry == table, table_versions.c.number == number)
    with database(workspace).begin() as connection:
        if not connection.execute(what.values(note=note)).rowcount:
            raise _no_table()


def move_version(workspace: Workspace, version: TableVersion, table: str) -> TableVersion:
    """Make a version the next one of another table; an entry left by its last version is no longer listed."""
    if version.table == table:
        return version
    moved = add_version(workspace, described(workspace, version), table, version.note)
    here = (table_versions.c.entry == version.table, table_versions.c.number == version.number)
    with database(workspace).begin() as connection:
        # The row stays, so that its number is not given again.
        connection.execute(sa.update(table_versions).where(*here).values(removed=now(), purged=now()))
    return moved


def table_name(name: str) -> str:
    """What a table is called after its file: the name without its ending."""
    return _ENDING.sub("", name.strip())[:MAX_NAME] or name.strip()[:MAX_NAME] or "table"


def now() -> str:
    """The time in UTC, as the catalogue writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _adopt(workspace: Workspace) -> None:
    with database(workspace).connect() as connection:
        known = set(connection.execute(sa.select(table_versions.c.dataset).distinct()).scalars())
    for dataset in reversed(list_datasets(workspace, without=known)):
        if dataset.source != TO_SCORE:
            add_version(workspace, dataset, home_of(workspace, dataset))


def _own_entry(connection: sa.Connection, dataset: Dataset) -> str:
    """The entry that these cells have where nobody names another: the same one, however often it is asked for."""
    identity = fingerprint("table", dataset.fingerprint)
    if connection.execute(sa.select(catalogue.c.id).where(catalogue.c.id == identity)).first() is None:
        # The entry comes before its name: from here on no other process makes one, so none takes the same name.
        connection.execute(sa.insert(catalogue).values(id=identity, name="", note="", created=now()))
        connection.execute(sa.select(catalogue.c.id).with_for_update())
        name = _free_name(connection, table_name(dataset.name))
        connection.execute(sa.update(catalogue).where(catalogue.c.id == identity).values(name=name))
    return identity


def _existing_entry(connection: sa.Connection, table: str) -> str:
    if connection.execute(sa.select(catalogue.c.id).where(catalogue.c.id == table)).first() is None:
        raise _no_table()
    return table


def _free_name(connection: sa.Connection, wanted: str) -> str:
    taken = set(connection.execute(sa.select(catalogue.c.name).where(catalogue.c.id.in_(_listed()))).scalars())
    names = (wanted if k == 1 else f"{wanted} ({k})" for k in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _placed(connection: sa.Connection, dataset: Dataset, entry: str, note: str) -> TableVersion:
    here = table_versions.c.entry == entry
    known = connection.execute(
        sa.select(table_versions).where(here, table_versions.c.dataset == dataset.fingerprint)
    ).mappings()
    row = known.first()
    if row is not None:
        if row["removed"] or row["purged"]:
            back = sa.update(table_versions).where(table_versions.c.id == row["id"])
            anew = {"description": described_as(dataset)} if row["purged"] else {}
            connection.execute(back.values(removed=None, purged=None, **anew))
        return replace(_version(row), removed=None)
    values = {
        "entry": entry,
        "number": _next_number(connection, entry),
        "dataset": dataset.fingerprint,
        "description": described_as(dataset),
        "note": note.strip(),
        "created": now(),
        "removed": None,
    }
    connection.execute(sa.insert(table_versions).values(**values))
    return _version(values)


def _next_number(connection: sa.Connection, entry: str) -> int:
    last = sa.select(sa.func.max(table_versions.c.number)).where(table_versions.c.entry == entry)
    return (connection.execute(last).scalar() or 0) + 1


def _origin(dataset: Dataset) -> tuple[str, ...] | None:
    """What two datasets of one table have in common: database and query, or file, what it is packed in and sheet."""
    reading = dataset.reading
    if reading is None or dataset.parent is not None:
        return None
    if reading.query:
        return ("query", reading.source, reading.query)
    return ("file", reading.file, reading.container, reading.options.sheet or "") if reading.file else None


def _versions() -> sa.Select[Any]:
    return sa.select(table_versions).where(table_versions.c.purged.is_(None))


def _listed() -> sa.Select[Any]:
    return sa.select(table_versions.c.entry).where(table_versions.c.purged.is_(None))


def _entries_with(fingerprint: str) -> sa.Select[Any]:
    return _listed().where(table_versions.c.dataset == fingerprint)


def _read(workspace: Workspace, which: sa.ColumnElement[bool]) -> tuple[CataloguedTable, ...]:
    with database(workspace).connect() as connection:
        rows = connection.execute(_versions().where(which).order_by(table_versions.c.number)).mappings().all()
        entries = sa.select(catalogue).where(catalogue.c.id.in_({row["entry"] for row in rows}))
        found = connection.execute(entries.order_by(catalogue.c.created)).mappings().all()
    return tuple(_table(entry, [_version(row) for row in rows if row["entry"] == entry["id"]]) for entry in found)


def _version(row: Mapping[Any, Any]) -> TableVersion:
    return TableVersion(
        table=row["entry"],
        number=row["number"],
        dataset=row["dataset"],
        note=row["note"],
        created=row["created"],
        removed=row["removed"],
    )


def _table(entry: Mapping[Any, Any], versions: list[TableVersion]) -> CataloguedTable:
    return CataloguedTable(entry["id"], entry["name"], entry["note"], entry["created"], tuple(versions))


def _no_table() -> NotFoundError:
    return NotFoundError("The catalogue has no such table or version any more.", "Choose one from the list.")
