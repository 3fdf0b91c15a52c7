"""Where a version came from, in words and as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_lib.data.catalogue import described, size_on_disk
from mlops_lib.data.uses import Uses, all_uses
from mlops_lib.objects.catalogue import CataloguedTable, TableVersion
from mlops_lib.objects.dataset import Dataset, Operation
from mlops_lib.objects.words import counted, listed, size
from mlops_lib.workspace.folder import Workspace

if TYPE_CHECKING:
    import pandas as pd


def operation_words(operation: Operation | None) -> str:
    """What an operation did, in a few words."""
    if operation is None:
        return ""
    if operation.said:
        return operation.said[0]
    settings = [f"{name} {_setting(value)}" for name, value in operation.settings if value is not None]
    return f"{operation.name.replace('_', ' ')}{' (' + listed(settings) + ')' if settings else ''}"


def origin_words(dataset: Dataset) -> str:
    """Where the cells came from, in a few words: a file, a query, a sample, or an operation on another version."""
    if dataset.operation is not None:
        return operation_words(dataset.operation)
    reading = dataset.reading
    if reading is not None and reading.query:
        return f"Asked of the database '{reading.source}': {' '.join(reading.query.split())}"
    if dataset.source.startswith("sample "):
        return f"The sample '{dataset.name}'"
    return f"Read from '{dataset.name}'"


def table_overview(workspace: Workspace, tables: tuple[CataloguedTable, ...]) -> pd.DataFrame:
    """A row for each table: name, number of versions, rows and columns of the last, when that came, uses and note."""
    import pandas as pd

    used = all_uses(workspace)
    return pd.DataFrame([_table_row(workspace, table, used) for table in tables])


def version_overview(workspace: Workspace, table: CataloguedTable) -> pd.DataFrame:
    """A row for each version, the newest first: `version`, `rows`, `columns`, `size`, `from`, `used by`, `added`,
    `note` and `state`, which says that it was removed, where any has one.
    """
    import pandas as pd

    used = all_uses(workspace)
    frame = pd.DataFrame([_version_row(workspace, version, used) for version in reversed(table.versions)])
    return frame[[c for c in frame if c not in ("note", "state") or frame[c].any()]]


def _table_row(workspace: Workspace, table: CataloguedTable, used: dict[str, Uses]) -> dict[str, object]:
    live = [v for v in table.versions if v.removed is None]
    newest = described(workspace, (live or list(table.versions))[-1])
    return {
        "table": table.name,
        "versions": len(live),
        "rows of the last": newest.rows,
        "columns of the last": len(newest.columns),
        "last added": _moment(table.versions[-1].created),
        "used by": _briefly([used[v.dataset] for v in table.versions if v.dataset in used]),
        "note": table.note,
    }


def _version_row(workspace: Workspace, version: TableVersion, used: dict[str, Uses]) -> dict[str, object]:
    dataset = described(workspace, version)
    origin = origin_words(dataset)
    return {
        "version": version.number,
        "rows": dataset.rows,
        "columns": len(dataset.columns),
        "size": size(size_on_disk(workspace, version)),
        "from": origin,
        "used by": _briefly([used[version.dataset]] if version.dataset in used else []),
        "added": _moment(version.created),
        "note": version.note if version.note != origin else "",
        "state": f"removed {version.removed[:10]}" if version.removed else "",
    }


def _briefly(uses: list[Uses]) -> str:
    """Uses in few words: "2 experiments, 1 model"."""
    counts = (
        (len({e for u in uses for e in u.experiments}), "experiment"),
        (len({r for u in uses for r in u.runs}), "run"),
        (len({m for u in uses for m in u.models}), "model"),
        (len({d for u in uses for d in u.derived}), "derived version"),
    )
    return ", ".join(counted(n, what) for n, what in counts if n)


def _moment(iso: str) -> str:
    return iso[:16].replace("T", " ")


def _setting(value: object) -> str:
    return listed([str(v) for v in value]) if isinstance(value, tuple) else str(value)
