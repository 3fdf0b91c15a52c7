"""A query on a database of the settings to a table."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from mlops_lib.data.convert import Converted
from mlops_lib.data.databases import QUERY_SECONDS, reading, too_slow
from mlops_lib.data.limits import MAX_CELLS, MAX_DECODED_BYTES, MAX_ROWS, check_shape
from mlops_lib.data.names import renamed, repair_names
from mlops_lib.data.reading import ReadTable
from mlops_lib.data.reservoir import Reservoir, SampledTable
from mlops_lib.data.sql_columns import SqlColumn
from mlops_lib.objects.dataset import Reading, ReadingOptions, Sampling
from mlops_lib.objects.errors import InputError, TooLargeError

MAX_QUERY = 20_000
_FIRST, _MOST, _BLOCK_BYTES = 200, 20_000, 16_000_000


@dataclass(frozen=True)
class Sample:
    """A simple random sample of so many rows of the result instead of all of it."""

    rows: int
    seed: int = 0


def read_query(
    name: str,
    query: str,
    sample: Sample | None = None,
    tell: Callable[[int], None] = lambda _: None,
    seconds: float = QUERY_SECONDS,
) -> ReadTable:
    """Ask a database of the settings and read the answer in blocks.

    Types are kept: booleans become labels, decimals numbers (text where digits would be lost), times with a zone UTC;
    JSON, arrays, UUIDs and the like become text, bytes are left out; each is said. A sample is a `SampledTable`.

    Parameters
    ----------
    name : of the database in the settings.
    query : one statement that reads. The database itself refuses everything else.
    sample : draw so many rows instead of keeping all of them.
    tell : is called with the number of rows read so far.
    seconds : how long it may take in all.

    Raises
    ------
    InputError : the database does not understand the query, or it gives no row.
    NotFoundError, NotPossibleError : there is no such database, or it cannot be reached.
    TooLargeError : it takes too long, or the answer exceeds a limit of `data.limits`.
    """
    if not 0 < len(query.strip()) <= MAX_QUERY:
        raise InputError(
            f"A query has 1 to {MAX_QUERY:,} characters; this one has {len(query.strip()):,}.", "Write a SELECT."
        )
    end = time.monotonic() + seconds
    with reading(name, seconds) as connection:
        options = {"stream_results": True, "no_parameters": True, "max_row_buffer": _MOST}
        result = connection.exec_driver_sql(query.strip(), execution_options=options)
        if not result.returns_rows:
            raise InputError(
                f"The statement gives no table from '{name}'.", "Ask one SELECT, WITH or VALUES statement."
            )
        with result:
            raw = list(result.keys())
            names, repairs = repair_names(raw)
            check_shape(0, len(names))
            columns, ids, rows = _read(_blocks(result, name, end, seconds), names, sample, tell)
        days_are_text = connection.dialect.name == "sqlite"
    read = _finished(columns, days_are_text, Asked(name, query.strip(), rows, repairs, renamed(raw, names)))
    if sample is None or ids is None:
        return read
    return SampledTable(read.table, read.reading, ids, Sampling("reservoir", rows), sample.seed)


@dataclass(frozen=True)
class Asked:
    """What was asked of which database, how many rows the answer has, and what was done to its names."""

    name: str
    query: str
    rows: int
    repairs: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]


def _blocks(result: sa.CursorResult[Any], name: str, end: float, seconds: float) -> Iterator[Sequence[Any]]:
    """The rows in blocks that grow as long as they are small, so that wide rows do not fill the memory."""
    size = _FIRST
    while block := result.fetchmany(size):
        if time.monotonic() > end:
            raise too_slow(name, seconds)
        yield block
        size = min(2 * size, _MOST)


def _read(
    blocks: Iterator[Sequence[Any]], names: Sequence[str], sample: Sample | None, tell: Callable[[int], None]
) -> tuple[list[SqlColumn], np.ndarray | None, int]:
    columns = [SqlColumn(name) for name in names]
    if sample is not None:
        drawn, ids, rows = _drawn(blocks, sample, tell)
        _add(columns, drawn)
        return columns, ids, rows
    rows = 0
    for block in blocks:
        rows += len(block)
        _check(rows, len(names), sum(c.nbytes for c in columns))
        _add(columns, block)
        tell(rows)
    return columns, None, rows


def _drawn(
    blocks: Iterator[Sequence[Any]], sample: Sample, tell: Callable[[int], None]
) -> tuple[list[Any], np.ndarray, int]:
    """The rows of a sample in the order of the answer, their places in it, and how many rows it has."""
    reservoir = Reservoir(sample.rows, sample.seed)
    kept: dict[int, tuple[int, Any]] = {}
    for block in blocks:
        start = reservoir.seen
        for row, slot in zip(*(a.tolist() for a in reservoir.offer(len(block))), strict=True):
            kept[slot] = (start + row, block[row])
        tell(reservoir.seen)
    ordered = sorted(kept.values(), key=lambda pair: pair[0])
    return [row for _, row in ordered], np.array([place for place, _ in ordered], np.int64), reservoir.seen


def _add(columns: Sequence[SqlColumn], block: Sequence[Any]) -> None:
    for column, values in zip(columns, zip(*block, strict=True), strict=False):
        column.add(values)


def _check(rows: int, columns: int, nbytes: int) -> None:
    most = min(MAX_ROWS, MAX_CELLS // max(1, columns))
    if rows > most:
        raise TooLargeError(
            f"The query gives more than {most:,} rows of {columns:,} columns; the limits are {MAX_ROWS:,} rows and "
            f"{MAX_CELLS:,} cells.",
            "Ask for fewer, or draw a sample of them.",
        )
    if nbytes > MAX_DECODED_BYTES:
        raise TooLargeError(
            f"The answer has more than {MAX_DECODED_BYTES / 1e6:,.0f} MB, the limit.",
            "Ask for fewer rows or columns, or draw a sample.",
        )


def _finished(columns: Sequence[SqlColumn], days_are_text: bool, asked: Asked) -> ReadTable:
    if not asked.rows:
        raise InputError(f"The query on '{asked.name}' gives no row.", "Check its conditions and ask again.")
    kept: list[tuple[str, Converted]] = []
    left_out: list[str] = []
    for column in columns:
        found = column.converted(days_are_text)
        if found is None:
            left_out.append(f"The column '{column.name}' holds bytes and was left out.")
        else:
            kept.append((column.name, found))
    if not kept:
        raise InputError("The query gives no column of numbers, dates or text.", "Ask for plain values.")
    table = pa.table([c.values for _, c in kept], names=[name for name, _ in kept])
    read = Reading(
        format="SQL",
        options=ReadingOptions(missing=()),
        rows_in_file=asked.rows,
        rows_kept=table.num_rows,
        repairs=(*asked.repairs, *left_out, *(s for _, c in kept for s in c.repairs)),
        guessed=tuple(s for _, c in kept for s in c.guessed),
        decoded_bytes=table.nbytes,
        renamed=asked.renamed,
        source=asked.name,
        query=asked.query,
    )
    return ReadTable(table, read)
