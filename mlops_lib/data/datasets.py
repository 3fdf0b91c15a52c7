"""Tables in the workspace: one immutable folder a fingerprint, with Parquet and a JSON description."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mlops_lib.data.encoded import keep_encoded
from mlops_lib.data.limits import check_file_size
from mlops_lib.data.profile import keep_proposals
from mlops_lib.data.reading import ReadTable, read_table
from mlops_lib.objects.dataset import Dataset, ReadingOptions
from mlops_lib.objects.errors import NotFoundError
from mlops_lib.objects.fingerprint import table_fingerprint
from mlops_lib.workspace import atomic, codec
from mlops_lib.workspace.folder import Workspace

_TABLE, _DESCRIPTION = "table.parquet", "dataset.json"
TO_SCORE = "to score"
"""The source of a table that was uploaded only to be scored: it does not enter the catalogue."""


def keep_upload(workspace: Workspace, data: bytes | bytearray | memoryview) -> Path:
    """Store uploaded bytes under their SHA-256 and return where. Raises TooLargeError above the limit."""
    check_file_size(len(data))
    path = workspace.uploads / hashlib.sha256(data).hexdigest()
    if not path.is_file():
        atomic.write_bytes(path, data)
    return path


def keep_file(workspace: Workspace, source: Path) -> Path:
    """Store a copy of a file as an upload, under its SHA-256, and return where. Raises TooLargeError above a limit."""
    check_file_size(source.stat().st_size)
    workspace.uploads.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with tempfile.TemporaryDirectory(prefix=".copy-", dir=workspace.uploads) as folder, source.open("rb") as file:
        place = Path(folder, "file")
        with place.open("wb") as copy:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
                copy.write(chunk)
        return place.replace(workspace.uploads / digest.hexdigest())


def read_and_keep(
    workspace: Workspace, path: str | Path, name: str, options: ReadingOptions | None = None, source: str = "upload"
) -> Dataset:
    """Read a file and keep it as a dataset. Raises what `read_table` raises."""
    path = Path(path)
    read = read_table(path, name, options)
    if path.parent == workspace.uploads:
        read = replace(read, reading=replace(read.reading, file=path.name))
    return keep(workspace, read, name, source)


def keep(workspace: Workspace, read: ReadTable, name: str, source: str) -> Dataset:
    """Keep a table under its fingerprint. The same cells kept again take the new name and way of reading."""
    digest = table_fingerprint(read.table)
    folder = workspace.datasets / digest
    dataset = Dataset(
        fingerprint=digest,
        name=name,
        source=source,
        rows=read.table.num_rows,
        columns=tuple(read.table.column_names),
        path=str(folder / _TABLE),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        reading=read.reading,
    )
    if not folder.is_dir():
        _write(folder, read.table, dataset, {})
        return dataset
    return describe(workspace, dataset)


def keep_derived(workspace: Workspace, table: pa.Table, dataset: Dataset, beside: Mapping[str, np.ndarray]) -> Dataset:
    """Keep a table that was made from another one, with arrays in files `beside` it (ROW_IDS, WEIGHTS).

    `dataset` describes it (name, source, parent, operation, sampling); fingerprint, shape, path and time are filled in.
    Where the same cells are kept already with another origin, that origin stays, and what is returned tells it.
    """
    digest = table_fingerprint(table)
    folder = workspace.datasets / digest
    dataset = replace(
        dataset,
        fingerprint=digest,
        rows=table.num_rows,
        columns=tuple(table.column_names),
        path=str(folder / _TABLE),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    if not folder.is_dir():
        _write(folder, table, dataset, beside)
        return dataset
    merged = describe(workspace, dataset)
    if (merged.parent, merged.operation) == (dataset.parent, dataset.operation):
        for name, values in beside.items():
            content = io.BytesIO()
            np.save(content, values)
            atomic.write_bytes(folder / name, content.getvalue())
    return merged


def _write(folder: Path, table: pa.Table, dataset: Dataset, beside: Mapping[str, np.ndarray]) -> None:
    with atomic.new_folder(folder) as new:
        _write_parquet(table, new / _TABLE)
        (new / _DESCRIPTION).write_text(described_as(dataset), encoding="utf-8")
        columns = keep_proposals(table, new)
        if dataset.source != TO_SCORE:
            keep_encoded(table, columns, new)
        for name, values in beside.items():
            np.save(new / name, values)


def _write_parquet(table: pa.Table, path: Path) -> None:
    """Encodings by type: dictionaries of numbers, which are the default, take longer and make the file larger."""
    texts = [field.name for field in table.schema if pa.types.is_string(field.type)]
    whole = [field.name for field in table.schema if pa.types.is_integer(field.type)]
    pq.write_table(
        table,
        path,
        compression="zstd",
        row_group_size=1 << 17,
        use_dictionary=texts,
        column_encoding=dict.fromkeys(whole, "DELTA_BINARY_PACKED"),
    )


def describe(workspace: Workspace, dataset: Dataset) -> Dataset:
    """Make this the description of a dataset that is kept already: its name and how it was read.

    What the earlier description knows and this one does not (parent, operation and sampling; how it was read) stays.
    Returns the description as it is now; a table that is only to be scored changes none.
    """
    folder = workspace.datasets / dataset.fingerprint
    if not folder.is_dir():
        raise NotFoundError(f"The table '{dataset.name}' is not in this workspace any more.", "Upload it again.")
    if dataset.source == TO_SCORE:
        return dataset
    merged = _with_what_was_known(workspace, dataset, _opened(folder))
    atomic.write_bytes(folder / _DESCRIPTION, described_as(merged).encode())
    return merged


def _with_what_was_known(workspace: Workspace, dataset: Dataset, earlier: Dataset) -> Dataset:
    kept = dataset if dataset.reading is not None else replace(dataset, reading=earlier.reading)
    if earlier.parent is None and dataset.parent is not None and not _descends(workspace, dataset):
        return kept
    return replace(kept, parent=earlier.parent, operation=earlier.operation, sampling=earlier.sampling)


def _descends(workspace: Workspace, dataset: Dataset) -> bool:
    """Whether a dataset is among its own ancestors: an operation gave the cells of its parent, or of one before."""
    seen, parent = set[str](), dataset.parent
    while parent is not None and parent not in seen and (workspace.datasets / parent / _DESCRIPTION).is_file():
        seen.add(parent)
        parent = _opened(workspace.datasets / parent).parent
    return dataset.fingerprint in seen


def open_dataset(workspace: Workspace, fingerprint: str) -> Dataset:
    """The dataset of that fingerprint. Raises NotFoundError where the workspace has none."""
    folder = workspace.datasets / fingerprint
    if not fingerprint.isalnum() or not (folder / _DESCRIPTION).is_file():
        raise NotFoundError(f"There is no table '{fingerprint}' in this workspace.", "Upload it again or pick another.")
    return _opened(folder)


def list_datasets(workspace: Workspace, without: Collection[str] = ()) -> tuple[Dataset, ...]:
    """All datasets of the workspace but those of the fingerprints `without`, newest first."""
    folders = (path.parent for path in workspace.datasets.glob(f"[!.]*/{_DESCRIPTION}"))
    found = [_opened(folder) for folder in folders if folder.name not in without]
    return tuple(sorted(found, key=lambda d: (d.created, d.name), reverse=True))


def first_rows(dataset: Dataset, rows: int) -> pa.Table:
    """The first rows, without reading the others."""
    batches = pq.ParquetFile(dataset.path, memory_map=True).iter_batches(batch_size=max(1, rows))
    return pa.Table.from_batches([next(batches)])


def table_path(workspace: Workspace, fingerprint: str) -> Path:
    """Where the table of that fingerprint lies, or would lie."""
    return workspace.datasets / fingerprint / _TABLE


def described_as(dataset: Dataset) -> str:
    """The description of a dataset as JSON. The workspace may be moved, so it does not say where the table lies."""
    return codec.to_json(replace(dataset, path=""))


def _opened(folder: Path) -> Dataset:
    dataset: Dataset = codec.from_json((folder / _DESCRIPTION).read_text(encoding="utf-8"))
    return replace(dataset, path=str(folder / _TABLE))
