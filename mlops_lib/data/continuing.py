"""Which table of the catalogue a new upload seems to continue, and what of its confirmed schema still holds."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyarrow.parquet as pq

from mlops_lib.data.catalogue import described, list_tables, next_number, table_name
from mlops_lib.data.column_pairs import kind_of
from mlops_lib.objects.catalogue import CataloguedTable, TableVersion
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.schema import Column, Schema
from mlops_lib.objects.words import count
from mlops_lib.workspace import codec
from mlops_lib.workspace.folder import Workspace

SAME_NAME_OVERLAP, OTHER_NAME_OVERLAP = 0.5, 0.8
"""Share of all columns of the two that both have: enough under the same name, and under another name."""
FEW_COLUMNS = 3
"""With fewer columns in common, another name means another table."""

_MARKS = re.compile(r"[\W\d_]+|\bcopy\b|\bkopie\b")
_REVISION = re.compile(r"(?<![^\W\d_])v(?=\d)", re.IGNORECASE)


@dataclass(frozen=True)
class Continuation:
    """A table that a dataset may be the next version of.

    `latest` is the version to compare with, `number` what the dataset's would be; `why` is the rest of a sentence that
    begins with "It has".
    """

    table: CataloguedTable
    latest: TableVersion
    number: int
    why: str


def find_continuation(workspace: Workspace, dataset: Dataset) -> Continuation | None:
    """The table that a dataset most likely continues: one of its name (digits and dates apart), or of its columns.

    Tables that hold nothing but readings of the same file do not count, nor do samples of a larger one. Of equally
    good ones it is that with the most versions, then the oldest.
    """
    found: list[tuple[tuple[bool, float], CataloguedTable, TableVersion]] = []
    for table in list_tables(workspace):
        if only_of_its_file(workspace, table, dataset):
            continue
        latest = latest_read(workspace, table)
        known = None if latest is None else described(workspace, latest)
        if latest is None or known is None or known.sampling is not None:
            continue
        named = same_name(dataset.name, known.name) or same_name(table_name(dataset.name), table.name)
        overlap = shared_columns(dataset, known)
        if _continues(dataset, known, named, overlap):
            found.append(((named, overlap), table, latest))
    if not found:
        return None
    oldest_first = sorted(found, key=lambda candidate: candidate[1].created)
    (named, _), table, latest = max(oldest_first, key=lambda candidate: (candidate[0], len(candidate[1].versions)))
    why = _why(dataset, described(workspace, latest), named)
    return Continuation(table, latest, next_number(workspace, table.id), why)


def latest_read(workspace: Workspace, table: CataloguedTable, without: str = "") -> TableVersion | None:
    """The newest version that was read rather than derived, else the newest one; None where all were removed.

    The version of the dataset `without` does not count.
    """
    live = [v for v in reversed(table.versions) if v.removed is None and v.dataset != without]
    return next((v for v in live if described(workspace, v).parent is None), live[0] if live else None)


def only_of_its_file(workspace: Workspace, table: CataloguedTable, dataset: Dataset) -> bool:
    """Whether every version of a table is a reading of the file that the dataset was read from, or the dataset."""
    file = dataset.reading.file if dataset.reading else ""
    readings = (described(workspace, v).reading for v in table.versions if v.dataset != dataset.fingerprint)
    return all(file and reading is not None and reading.file == file for reading in readings)


def same_name(first: str, second: str) -> bool:
    """Whether two file names are the same but for digits, dates, signs and marks of a copy."""
    stems = [_stem(name) for name in (first, second)]
    return stems[0] == stems[1] != ""


def shared_columns(first: Dataset, second: Dataset) -> float:
    """Columns of both as a share of the columns of either (Jaccard index), from 0 to 1."""
    mine, theirs = set(first.columns), set(second.columns)
    return len(mine & theirs) / max(len(mine | theirs), 1)


def last_schema(workspace: Workspace, table: CataloguedTable) -> Schema | None:
    """The schema that was confirmed last for any version of a table."""
    datasets = {v.dataset for v in table.versions}
    files = sorted((workspace.root / "nouns" / "Schema").glob("[!.]*/value.json"), key=lambda f: -f.stat().st_mtime)
    for file in files:
        schema: Schema = codec.load(file.parent)
        if schema.dataset in datasets:
            return schema
    return None


def columns_that_still_fit(schema: Schema, before: Dataset, after: Dataset) -> tuple[Column, ...]:
    """The columns of a schema of `before` that `after` has too, holding the same type."""
    types = [{f.name: kind_of(f.type) for f in pq.read_schema(d.path)} for d in (before, after)]
    return tuple(c for c in schema.columns if c.name in types[1] and types[0].get(c.name) == types[1][c.name])


def _continues(dataset: Dataset, known: Dataset, named: bool, overlap: float) -> bool:
    common = len(set(dataset.columns) & set(known.columns))
    return overlap >= SAME_NAME_OVERLAP if named else overlap >= OTHER_NAME_OVERLAP and common >= FEW_COLUMNS


def _why(dataset: Dataset, known: Dataset, named: bool) -> str:
    common = len(set(dataset.columns) & set(known.columns))
    columns = f"{count(common)} of {count(len(set(dataset.columns) | set(known.columns)))} columns in common"
    if set(dataset.columns) == set(known.columns):
        columns = "the same columns"
    equal = table_name(dataset.name) == table_name(known.name)
    return f"the same name{'' if equal else ' apart from digits'}, and {columns}" if named else columns


def _stem(name: str) -> str:
    return _MARKS.sub("", _REVISION.sub("", table_name(name).casefold()).replace("_", " "))
