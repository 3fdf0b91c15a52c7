"""A simple random sample of a stream whose length is not known before its end, in one pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from mlops_lib.data.datasets import keep_derived
from mlops_lib.data.limits import MAX_DECODED_BYTES, MAX_ROW_BYTES, check_shape
from mlops_lib.data.reading import ReadTable
from mlops_lib.data.streams import LongRowError, RowStream, open_rows
from mlops_lib.data.text_stream import BLOCK
from mlops_lib.objects.dataset import ROW_IDS, Dataset, Operation, ReadingOptions, Sampling
from mlops_lib.objects.errors import InputError, TooLargeError
from mlops_lib.workspace.folder import Workspace

_BATCH = 4096
_FAR = 2.0**50


class Reservoir:
    """Says which rows of a stream enter a sample of `size` rows and whose place they take.

    Every row of the stream is in the sample with the same probability. The first `size` rows fill the reservoir; after
    that Algorithm L draws how many rows to pass over until the next one that enters, so that time goes with the rows
    that enter (K.-H. Li 1994, "Reservoir-sampling algorithms of time complexity O(n(1 + log(N/n)))", ACM Transactions
    on Mathematical Software 20(4), 481-493; Algorithm R before it: J. S. Vitter 1985, "Random sampling with a
    reservoir", ibid. 11(1), 37-57). The draws come in batches of a fixed length: the sample depends on the seed and the
    order of the rows, never on the size of the blocks in which they come.
    """

    def __init__(self, size: int, seed: int) -> None:
        self.size, self.seed = size, seed
        self.seen = 0
        self._random = np.random.default_rng(seed)
        self._log_w = 0.0
        self._last = size - 1
        self._positions = np.empty(0, np.int64)
        self._slots = np.empty(0, np.int64)

    def offer(self, rows: int) -> tuple[np.ndarray, np.ndarray]:
        """The next `rows` rows of the stream come by: which of them enter (from 0, ascending) and at which places.

        Both int64 of the same length. Where a place is named twice, the later row stays there.
        """
        start, stop = self.seen, self.seen + rows
        self.seen = stop
        filling = np.arange(start, max(start, min(stop, self.size)))
        while self._last < stop:
            self._draw()
        count = int(np.searchsorted(self._positions, stop))
        entering, slots = self._positions[:count], self._slots[:count]
        self._positions, self._slots = self._positions[count:], self._slots[count:]
        return np.concatenate([filling, entering]) - start, np.concatenate([filling, slots])

    def _draw(self) -> None:
        """The positions of the next rows that enter, and their places."""
        u, v = 1.0 - self._random.random((2, _BATCH))
        log_w = self._log_w + np.cumsum(np.log(u) / self.size)
        with np.errstate(divide="ignore"):
            log_passed = np.minimum(np.log1p(-np.exp(log_w)), -1e-300)
        skips = np.minimum(np.floor(np.log(v) / log_passed), _FAR).astype(np.int64) + 1
        positions = self._last + np.cumsum(skips)
        self._log_w, self._last = float(log_w[-1]), int(positions[-1])
        self._positions = np.concatenate([self._positions, positions])
        self._slots = np.concatenate([self._slots, self._random.integers(self.size, size=_BATCH)])


@dataclass(frozen=True, eq=False)
class SampledTable(ReadTable):
    """A sample of a table: `row_ids` are the places of its rows among those read, int64, shape (rows,), ascending."""

    row_ids: np.ndarray
    sampling: Sampling
    seed: int


def sample_file(
    path: str | Path,
    name: str,
    rows: int,
    seed: int,
    options: ReadingOptions | None = None,
    tell: Callable[[int, int], None] = lambda _rows, _bytes: None,
) -> SampledTable:
    """A simple random sample of the rows of a file that need not fit into memory, in the order of the file.

    Delimited text and JSON Lines (also packed as gzip or Zstandard), Parquet and Arrow are read block by block. Rows
    that do not fit are skipped and counted, so that every row that a whole reading would keep has the same chance.

    Parameters
    ----------
    path : where the file lies.
    name : what the user calls it; appears in messages.
    rows : how many rows to draw; a file with fewer gives all of them.
    seed : determines, with the file, which rows are drawn.
    options : as for `data.reading.read_table`.
    tell : is called with the rows and the bytes of the file read so far.

    Raises
    ------
    InputError : `rows` is below 1, the file is damaged or no table, or it has no row.
    NotPossibleError : the format cannot be read in one pass.
    TooLargeError : the sample itself exceeds a limit of `data.limits`.
    """
    if rows < 1:
        raise InputError(f"A sample has at least one row; you asked for {rows:,}.", "Ask for more.")
    asked = Path(path), name, rows, seed, options, tell
    try:
        return _drawn(*asked, BLOCK)
    except LongRowError:
        return _drawn(*asked, MAX_ROW_BYTES)


def _drawn(
    path: Path,
    name: str,
    rows: int,
    seed: int,
    options: ReadingOptions | None,
    tell: Callable[[int, int], None],
    block: int,
) -> SampledTable:
    """The sample; the size of the blocks changes nothing of it."""
    with open_rows(path, name, options, block) as stream:
        reservoir, kept = Reservoir(rows, seed), _Kept(rows)
        for batch in stream.batches:
            check_shape(min(rows, reservoir.seen + batch.num_rows), batch.num_columns)
            start = reservoir.seen
            kept.add(batch, *reservoir.offer(batch.num_rows), start)
            tell(reservoir.seen, stream.position())
        if stream.passed.swallowed:
            raise InputError(
                f"'{name}' has a quotation mark that is not closed where it should be, so that "
                f"{stream.passed.swallowed:,} lines cannot be told apart.",
                "Correct that row.",
            )
        if not reservoir.seen:
            raise InputError(f"'{name}' has no row that fits.", "Check the file and its delimiter.")
        table, ids = kept.table()
        return _sampled(stream.table(table), ids, reservoir, stream, path)


def keep_sample(workspace: Workspace, read: SampledTable, name: str, source: str) -> Dataset:
    """Keep a sample with the places of its rows and how many rows there were."""
    settings = (("method", "reservoir"), ("rows", read.table.num_rows))
    operation = Operation("sample", settings, read.seed, said=(_said(read),))
    dataset = Dataset("", name, source, 0, (), "", "", read.reading, operation=operation, sampling=read.sampling)
    return keep_derived(workspace, read.table, dataset, {ROW_IDS: read.row_ids})


def _sampled(read: ReadTable, ids: np.ndarray, reservoir: Reservoir, stream: RowStream, path: Path) -> SampledTable:
    found = read.reading
    if len(ids) != read.table.num_rows:
        # Lines of JSON that only their own parser found wanting; it names every one of them.
        wanting = np.array([row.line - 1 for row in found.skipped], np.int64)
        if len(ids) - len(wanting) != read.table.num_rows:
            raise InputError(
                f"{found.skipped_in_all:,} of the {len(ids):,} rows drawn cannot be read.", "Correct the file."
            )
        ids = np.delete(ids, wanting)
    skipped = stream.passed.skipped + found.skipped_in_all
    reading = replace(
        found,
        rows_in_file=reservoir.seen + stream.passed.skipped,
        skipped=(),
        skipped_in_all=skipped,
        repairs=(*stream.passed.repairs, *found.repairs),
        file_bytes=path.stat().st_size,
    )
    return SampledTable(read.table, reading, ids, Sampling("reservoir", reservoir.seen), reservoir.seed)


def _said(read: SampledTable) -> str:
    return f"Random sample of {len(read.row_ids):,} of {read.sampling.parent_rows:,} rows, drawn in one pass"


class _Kept:
    """The rows that are in the reservoir, and those that were and are not yet thrown away."""

    def __init__(self, size: int) -> None:
        self._places = np.full(size, -1, np.int64)
        self._positions = np.zeros(size, np.int64)
        self._tables: list[pa.Table] = []
        self._rows = 0
        self._bytes = 0

    def add(self, batch: pa.RecordBatch, rows: np.ndarray, slots: np.ndarray, start: int) -> None:
        """Put `rows` of a batch at `slots`; `start` is where the batch begins in the stream."""
        if not len(rows):
            return
        taken = pa.Table.from_batches([batch.take(pa.array(rows))])
        self._places[slots] = self._rows + np.arange(len(rows))
        self._positions[slots] = start + rows
        self._tables.append(taken)
        self._rows += len(rows)
        self._bytes += taken.nbytes
        if self._rows > 1.5 * len(self._places) or self._bytes > MAX_DECODED_BYTES / 8:
            self._throw_away()

    def table(self) -> tuple[pa.Table, np.ndarray]:
        """The rows in the order of the stream, and their places in it."""
        self._throw_away()
        order = np.argsort(self._positions[: self._rows], kind="stable")
        return self._tables[0].take(pa.array(order)), self._positions[: self._rows][order]

    def _throw_away(self) -> None:
        filled = self._places >= 0
        alive = pa.concat_tables(self._tables).take(pa.array(self._places[filled]))
        self._places[filled] = np.arange(alive.num_rows)
        pa.default_memory_pool().release_unused()
        self._tables, self._rows, self._bytes = [alive.combine_chunks()], alive.num_rows, alive.nbytes
        if self._bytes > MAX_DECODED_BYTES / 4:
            raise TooLargeError(
                f"{alive.num_rows:,} rows of the sample have more than {MAX_DECODED_BYTES / 4e6:,.0f} MB already.",
                "Ask for fewer rows.",
            )
