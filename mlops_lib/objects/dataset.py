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


ROW_IDS, WEIGHTS = "rows.npy", "weights.npy"
"""Files beside the table of a derived version."""


@dataclass(frozen=True)
class SkippedRow:
    """A row of the file that is not in the table. `line` counts from 1 as an editor shows it."""

    line: int
    reason: str


@dataclass(frozen=True)
class ReadingOptions:
    """How to read a file. None means: find out, and say what was found.

    `header` says whether a row holds the names, `header_row` on which line (of a sheet: row) it stands, counted from 1;
    what lies above is left out. Lines that begin with `comment` are left out ("": there are none).
    `missing` are the cell texts that count as missing (matched after trimming blanks); empty cells always do.
    `thousands` is the sign between groups of three digits ("": none). `text_columns` stay text; `number_columns` and
    `date_columns` become numbers and dates even where cells do not fit, which then are missing and listed as misfits.
    `day_first` and `month_first` name the columns of dates such as 03/04/2021 for which the user has said which it is.
    `expected_decimal` decides where cells such as 1,234 leave open which sign is the decimal one and nothing else in
    the file shows it: an earlier table was written so.
    """

    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    header: bool | None = None
    sheet: str | None = None
    missing: tuple[str, ...] | None = None
    text_columns: tuple[str, ...] = ()
    header_row: int | None = None
    comment: str | None = None
    thousands: str | None = None
    number_columns: tuple[str, ...] = ()
    date_columns: tuple[str, ...] = ()
    day_first: tuple[str, ...] = ()
    month_first: tuple[str, ...] = ()
    expected_decimal: str | None = None


@dataclass(frozen=True)
class Misfit:
    """Cells of a column that do not read as its kind.

    `column` has `fitting` cells that read as `kind` ("number" or "date") and `cells` that do not; `examples` are the
    commonest of those with how often each occurs. Where `missing`, they were made missing because the user asked for
    that kind; else the column stays text and the kind is an offer.
    """

    column: str
    kind: str
    fitting: int
    cells: int
    examples: tuple[tuple[str, int], ...]
    missing: bool = False


@dataclass(frozen=True)
class Reading:
    """How a table was read: the options as they were used, and everything that was repaired or left out.

    `repairs` and `guessed` are finished sentences ("The column 'a' appeared twice; the second is now 'a (2)'.").
    `suggested_missing` are cell texts that keep a column from being numeric and probably mean "missing".
    `file` is the name under which the file lies in the workspace's uploads, "" where it was not uploaded.
    `container` says what the table was packed in ("gzip", "zip: data.csv"), "" where it was not; `decoded_bytes` is its
    size unpacked. `renamed` are names before and after; `ambiguous_dates` the columns whose day and month cannot be
    told apart, `ambiguous_numbers` those in which 1,234 may be 1234 or 1.234; the user is asked about both. `day_first`
    and `month_first` are the columns of dates such as 13/4/2021 by the order in which they were read. `source` is the
    name of the database in the settings and `query` what was asked of it, where the table came from one.
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
    container: str = ""
    decoded_bytes: int = 0
    renamed: tuple[tuple[str, str], ...] = ()
    misfits: tuple[Misfit, ...] = ()
    ambiguous_dates: tuple[str, ...] = ()
    ambiguous_numbers: tuple[str, ...] = ()
    day_first: tuple[str, ...] = ()
    month_first: tuple[str, ...] = ()
    source: str = ""
    query: str = ""


@dataclass(frozen=True)
class Operation:
    """What made a derived version of a table from its parent.

    `name` is an entry of `data.derive.OPERATIONS`, `settings` its parameters by name, `seed` the seed of what was drawn
    by chance, `other` the fingerprint of the second table where two were joined. `said` are finished sentences on what
    it did; the first names the version ("Without 66 repeated rows").
    """

    name: str
    settings: tuple[tuple[str, float | int | str | bool | tuple[str, ...] | None], ...] = ()
    seed: int | None = None
    other: str | None = None
    said: tuple[str, ...] = described(default=())


@dataclass(frozen=True)
class Sampling:
    """How a sample was drawn, so that what it changed on purpose can be put right later.

    `method` is one of `data.sampling.METHODS`, `parent_rows` how many rows it was drawn from. Where it changes shares
    on purpose, `column` is the column by which rows were drawn and `shares` are its true shares, label by label, among
    the parent's filled cells; `weighted` says that every row has a weight (`Dataset.weights`).
    """

    method: str
    parent_rows: int
    column: str | None = None
    shares: tuple[tuple[str, float], ...] = ()
    weighted: bool = False


@dataclass(frozen=True)
class Dataset:
    """An immutable version of a table, kept as Parquet. Only `fingerprint` (of every cell) determines it.

    `rows` counts all rows. A derived version has a `parent` (its fingerprint) and the `operation` that made it.
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
    operation: Operation | None = described(default=None)
    sampling: Sampling | None = described(default=None)

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

    def row_ids(self) -> np.ndarray:
        """Where each row stands in the root version: int64, shape (rows,). A derived version keeps its parent's."""
        import numpy as np

        kept = Path(self.path).with_name(ROW_IDS)
        return np.load(kept, mmap_mode="r") if kept.is_file() else np.arange(self.rows, dtype=np.int64)

    def weights(self) -> np.ndarray | None:
        """How many rows of the parent each row stands for: float64, shape (rows,); None where rows are not weighted."""
        import numpy as np

        kept = Path(self.path).with_name(WEIGHTS)
        return np.load(kept, mmap_mode="r") if kept.is_file() else None
