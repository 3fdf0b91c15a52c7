"""Scoring an uploaded table as a job: files to download, and what a page shows of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from mlops_lib.data.datasets import open_dataset
from mlops_lib.objects.fingerprint import fingerprint
from mlops_lib.objects.progress import Progress
from mlops_lib.registry.versions import open_version
from mlops_lib.serve.conform import Notice
from mlops_lib.serve.scorer import Scored, free_names, score_table
from mlops_lib.workspace import atomic
from mlops_lib.workspace.folder import Workspace

PREVIEW_ROWS = 200
BINS = 40
_CSV, _PARQUET = "scored.csv", "scored.parquet"
_FORMULA = r"^[=+\-@\t\r\n|%]"
"""What a spreadsheet would take for the beginning of a formula."""


@dataclass(frozen=True, eq=False)
class ScoredFiles:
    """A scored table as files in the workspace, with what a page shows of it.

    `preview` holds the first rows with the answers first; `bins` the number of rows in each of `BINS` equal parts of
    [0, 1] by probability. `folder` is relative to the workspace.
    """

    model: str
    version: int
    dataset: str
    rows: int
    alarms: int
    threshold: float
    names: tuple[str, ...]
    notices: tuple[Notice, ...]
    preview: pd.DataFrame
    bins: np.ndarray
    folder: str
    seconds: float

    def csv(self, workspace: Workspace) -> Path:
        """The scored table as CSV (UTF-8 with a mark for Excel; text that begins like a formula got an apostrophe)."""
        return workspace.root / self.folder / _CSV

    def parquet(self, workspace: Workspace) -> Path:
        """The scored table as Parquet, every cell as it was."""
        return workspace.root / self.folder / _PARQUET


def score_job(workspace: Workspace, spec: Mapping[str, Any], emit: Callable[[object], None]) -> ScoredFiles:
    """The job "score". `spec`: dataset (fingerprint), model (name), version (number)."""
    begun = time.perf_counter()
    dataset = open_dataset(workspace, str(spec["dataset"]))
    emit(Progress(0, 3, "Checking the version"))
    version = open_version(workspace, str(spec["model"]), int(spec["version"]))
    emit(Progress(1, 3, f"Scoring {dataset.rows:,} rows"))
    scored = score_table(workspace, version, dataset.frame())
    emit(Progress(2, 3, "Writing the files"))
    folder = workspace.root / "scored" / fingerprint(dataset.fingerprint, version.name, version.number, version.digest)
    _write(dataset.table(), scored, folder)
    return ScoredFiles(
        model=version.name,
        version=version.number,
        dataset=dataset.fingerprint,
        rows=dataset.rows,
        alarms=scored.alarms,
        threshold=scored.threshold,
        names=scored.names,
        notices=scored.notices,
        preview=_preview(scored),
        bins=np.histogram(scored.answers["probability"], bins=BINS, range=(0.0, 1.0))[0],
        folder=folder.relative_to(workspace.root).as_posix(),
        seconds=time.perf_counter() - begun,
    )


def disarm(table: pa.Table) -> pa.Table:
    """The table with an apostrophe before text cells and column names that a spreadsheet would take for a formula."""
    columns = [_disarmed(column) if _is_text(column.type) else column for column in table.columns]
    names = pc.replace_substring_regex(pa.array(table.column_names, pa.string()), f"({_FORMULA})", r"'\1")
    return pa.table(columns, names=names.to_pylist())


def _write(table: pa.Table, scored: Scored, folder: Path) -> None:
    if folder.is_dir():
        return
    names = free_names(table.column_names, list(scored.answers.columns))
    for name, column in zip(names, scored.answers.columns, strict=True):
        table = table.append_column(name, pa.array(scored.answers[column], from_pandas=True))
    with atomic.new_folder(folder) as new:
        pyarrow.parquet.write_table(table, new / _PARQUET, compression="zstd")
        with (new / _CSV).open("wb") as file:
            file.write(b"\xef\xbb\xbf")
            pyarrow.csv.write_csv(disarm(table), file, pyarrow.csv.WriteOptions(quoting_style="needed"))


def _preview(scored: Scored) -> pd.DataFrame:
    columns = list(scored.table.columns)
    added = len(scored.answers.columns)
    return scored.table[[*columns[-added:], *columns[:-added]]].head(PREVIEW_ROWS).reset_index(drop=True)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _disarmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.replace_substring_regex(column, f"({_FORMULA})", r"'\1")
