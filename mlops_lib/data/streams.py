"""Files as streams of rows, block by block, for tables that do not fit into memory."""

from __future__ import annotations

import gzip
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq

from mlops_lib.data.formats import detect_format, format_of_head
from mlops_lib.data.reading import ReadTable, read_table
from mlops_lib.data.text_stream import BLOCK, HEAD, Passed, TextSource, text_rows
from mlops_lib.objects.dataset import ReadingOptions
from mlops_lib.objects.errors import FulcrumError, InputError, NotPossibleError, TooLargeError

_ROWS = 1 << 14


class LongRowError(TooLargeError):
    """A row of text is longer than a block."""


@dataclass(frozen=True)
class RowStream:
    """The rows of a file: `batches` in order, to be taken once; `table` reads rows that were kept like a whole file.

    `position` says how many bytes of the file have been read; `passed` what came by besides.
    """

    batches: Iterator[pa.RecordBatch]
    table: Callable[[pa.Table], ReadTable]
    position: Callable[[], int]
    passed: Passed = field(default_factory=Passed)


@contextmanager
def open_rows(path: Path, name: str, options: ReadingOptions | None = None, block: int = BLOCK) -> Iterator[RowStream]:
    """The rows of delimited text or JSON Lines (also packed as gzip or Zstandard), Parquet or Arrow.

    Text is read by `block` bytes. Raises InputError where the file is damaged or no table, NotPossibleError for a
    format without a stream of rows, LongRowError where a row of text is longer than a block.
    """
    kind, options = detect_format(path, name), options or ReadingOptions()
    try:
        with path.open("rb") as raw:
            if kind in _BINARY:
                with _BINARY[kind](raw) as batches:
                    yield RowStream(batches, _reader(name, options), raw.tell)
            elif kind in _TEXT:
                yield _text(_TEXT[kind](raw), raw.tell, name, options, block)
            else:
                raise NotPossibleError(
                    f"'{name}' is of a format that cannot be sampled in one pass.",
                    "Open it as a whole, or save it as CSV or Parquet.",
                )
    except (EOFError, zlib.error, pa.ArrowInvalid, OSError) as error:
        raise _damaged(name, str(error), block) from None


def _damaged(name: str, said: str, block: int) -> FulcrumError:
    if "straddling" in said:
        return LongRowError(
            f"'{name}' has a row of more than {block / 1e6:.0f} MB, or a quotation mark that is never closed.",
            "Correct that row.",
        )
    first = (said.splitlines() or ["it ends too early"])[0][:200].rstrip(".")
    return InputError(f"'{name}' is damaged or cut off: {first}.", "Write it again.")


_TEXT: dict[str, Callable[[IO[bytes]], Any]] = {
    "text": lambda raw: raw,
    "json": lambda raw: raw,
    "gzip": lambda raw: gzip.GzipFile(fileobj=raw),
    "zstd": lambda raw: pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), "zstd"),
}


def _text(source: Any, position: Callable[[], int], name: str, options: ReadingOptions, block: int) -> RowStream:
    head = b""
    while len(head) < HEAD and (piece := source.read(HEAD - len(head))):
        head += piece
    kind = format_of_head(head, name)
    if kind not in ("text", "json"):
        raise NotPossibleError(
            f"'{name}' holds a packed {kind} file, which cannot be sampled in one pass.", "Unpack it."
        )
    passed = Passed()
    rows = text_rows(TextSource(source, head, kind == "json", name, block), options, passed)
    return RowStream(rows.batches, rows.table, position, passed)


@contextmanager
def _parquet(raw: IO[bytes]) -> Iterator[Iterator[pa.RecordBatch]]:
    file = pq.ParquetFile(raw, buffer_size=1 << 20)
    yield map(_plain, file.iter_batches(batch_size=_ROWS, use_threads=False))


@contextmanager
def _arrow_file(raw: IO[bytes]) -> Iterator[Iterator[pa.RecordBatch]]:
    with ipc.open_file(pa.PythonFile(raw, mode="r")) as file:
        yield (_plain(file.get_batch(k)) for k in range(file.num_record_batches))


@contextmanager
def _arrow_stream(raw: IO[bytes]) -> Iterator[Iterator[pa.RecordBatch]]:
    with ipc.open_stream(pa.PythonFile(raw, mode="r")) as batches:
        yield map(_plain, batches)


_BINARY = {"parquet": _parquet, "arrow": _arrow_file, "arrow_stream": _arrow_stream}


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Without dictionaries, which differ from batch to batch."""
    columns = [c.cast(c.type.value_type) if pa.types.is_dictionary(c.type) else c for c in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _reader(name: str, options: ReadingOptions) -> Callable[[pa.Table], ReadTable]:
    def table(kept: pa.Table) -> ReadTable:
        with tempfile.TemporaryDirectory(prefix="fulcrum-") as folder:
            place = Path(folder) / "rows"
            pq.write_table(kept, place)
            return read_table(place, name, options)

    return table
