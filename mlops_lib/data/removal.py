"""Removing versions from the catalogue, taking that back, and deleting for good what stayed removed."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from mlops_lib.data.catalogue import described, list_tables, now, version_of, versions_of
from mlops_lib.data.datasets import list_datasets
from mlops_lib.data.uses import all_uses, uses
from mlops_lib.objects.catalogue import TableVersion
from mlops_lib.objects.errors import NotFoundError, UsedError
from mlops_lib.workspace.database import database, table_versions
from mlops_lib.workspace.folder import Workspace

KEPT_DAYS = 30
"""A removed version can be restored for so long; then its cells are deleted (`jobs/chores.py`)."""


def remove(workspace: Workspace, version: TableVersion) -> None:
    """Take a version out of the catalogue; nothing is deleted yet, and `restore` brings it back.

    Raises UsedError where an experiment, a run, a registered model or a derived version uses its cells and they have no
    other place in the catalogue.
    """
    used = uses(workspace, version.dataset)
    if used.any and not _elsewhere(workspace, version):
        raise UsedError(
            f"Version {version.number} is still used by {used.words()}.",
            "It stays, so that what was made from it can be understood and repeated.",
        )
    _set(workspace, version, removed=now())


def restore(workspace: Workspace, version: TableVersion) -> None:
    """Bring a removed version back. Raises NotFoundError where its cells have been deleted meanwhile."""
    if not _set(workspace, version, removed=None):
        raise NotFoundError(f"Version {version.number} was deleted for good.", "Read its file again.")


def deleted_on(version: TableVersion) -> datetime | None:
    """From when on a removed version is deleted for good (UTC); None where it is not removed."""
    return None if version.removed is None else datetime.fromisoformat(version.removed) + timedelta(days=KEPT_DAYS)


def purge(workspace: Workspace, at: datetime | None = None) -> tuple[str, ...]:
    """Delete the tables that have been removed for `KEPT_DAYS` days, and the uploaded files only they came from.

    Tables that something uses after all stay, as do cells that have another place in the catalogue. Returns the
    fingerprints of what was deleted.
    """
    moment, used = at or datetime.now(UTC), all_uses(workspace)
    removed = [v for t in list_tables(workspace) for v in t.versions if v.removed is not None]
    gone: list[str] = []
    for cells in dict.fromkeys(v.dataset for v in removed):
        places = [version for _, version in versions_of(workspace, cells)]
        if cells not in used and all((end := deleted_on(v)) is not None and end <= moment for v in places):
            _delete(workspace, cells, places)
            gone.append(cells)
    return tuple(gone)


def _delete(workspace: Workspace, cells: str, places: list[TableVersion]) -> None:
    files = {reading.file for v in places if (reading := described(workspace, v).reading) is not None}
    for version in places:
        _set(workspace, version, purged=now())
    shutil.rmtree(workspace.datasets / cells, ignore_errors=True)
    files -= {d.reading.file for d in list_datasets(workspace) if d.reading is not None}
    for file in files - {""}:
        (workspace.uploads / file).unlink(missing_ok=True)


def _elsewhere(workspace: Workspace, version: TableVersion) -> bool:
    place = version_of(workspace, version.dataset)
    return place is not None and place[1].table != version.table


def _set(workspace: Workspace, version: TableVersion, **values: str | None) -> bool:
    """Whether the version was still there to be changed."""
    here = (table_versions.c.entry == version.table, table_versions.c.number == version.number)
    what = sa.update(table_versions).where(*here, table_versions.c.purged.is_(None))
    with database(workspace).begin() as connection:
        return bool(connection.execute(what.values(**values)).rowcount)
