"""A table as it was read: where it lies, how it was parsed, and what it came from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_lib.objects.fingerprint import described

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True)
class SkippedRow:
    """A row of the file that is not in the table. `line` counts from 1 as an editor shows it."""

    line: int
    reason: str


@dataclass(frozen=True)
class ReadingOptions:
    """How to read a file. None means: find out, and say what was found.

    `missing` are the cell texts that count as missing (matched after trimming blanks); empty cells always do.
    """

    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    header: bool | None = None
    sheet: str | None = None
    missing: tuple[str, ...] | None = None
    text_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """How a table was read: the options as they were used, and everything that was repaired or left out.

    `repairs` and `guessed` are finished sentences ("The column 'a' appeared twice; the second is now 'a (2)'.").
    `suggested_missing` are cell texts that keep a column from being numeric and probably mean "missing".
    `file` is the name under which the file lies in the workspace's uploads, "" where it was not uploaded.
    """

    format: str
    options: ReadingOptions
    rows_in_file: int
    rows_kept: int
    skipped: tuple[SkippedRow, ...] = ()
    skipped_in_all: int = 0
    repairs: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()
    file_bytes: int = 0
    suggested_missing: tuple[str, ...] = ()
    file: str = ""


@dataclass(frozen=True)
class Dataset:
    """An immutable version of a table, kept as Parquet. Only `fingerprint` (of every cell) determines it.

    `rows` counts all rows; a row's id is its position in the root version, 0 to rows - 1.
    """

    fingerprint: str
    name: str = described()
    source: str = described()
    rows: int = described()
    columns: tuple[str, ...] = described()
    path: str = described()
    created: str = described()
    reading: Reading | None = described(default=None)
    parent: str | None = described(default=None)
    operation: str | None = described(default=None)

    def table(self, columns: Sequence[str] | None = None) -> pa.Table:
        """The Arrow table, memory-mapped; `columns` in the order asked for."""
        import pyarrow.parquet as pq

        return pq.read_table(Path(self.path), columns=None if columns is None else list(columns), memory_map=True)

    def frame(self, columns: Sequence[str] | None = None, rows: np.ndarray | None = None) -> pd.DataFrame:
        """The table as a pandas frame with a plain row index: numbers float64, text `str`, dates datetime64.

        With `rows` (ids, in the order wanted) only those become pandas, which a few rows of a large table need.
        """
        import pandas as pd

        table = self.table(columns)
        frame: pd.DataFrame = (table if rows is None else table.take(rows)).to_pandas()
        integers = [c for c in frame.columns if pd.api.types.is_integer_dtype(frame[c].dtype)]
        return frame.astype(dict.fromkeys(integers, "float64"))
