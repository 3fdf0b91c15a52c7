"""Arrow files (Feather of version 2) and streams, batch by batch, every batch checked before anything touches it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc

from mlops_lib.data.limits import MAX_DECODED_BYTES, check_decoded, check_shape
from mlops_lib.objects.errors import InputError, TooLargeError
from mlops_lib.objects.words import size


def read_arrow_file(path: Path, name: str) -> pa.Table:
    """The table in an Arrow file. Raises InputError for a damaged file, TooLargeError at a limit."""
    with refused(name, "Arrow file"), pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as file:
        check_shape(0, len(file.schema))
        return collected((file.get_batch(k) for k in range(file.num_record_batches)), name)


def read_arrow_stream(path: Path, name: str) -> pa.Table:
    """The table in an Arrow stream. Raises InputError for a damaged one, TooLargeError at a limit."""
    with refused(name, "Arrow stream"), pa.memory_map(str(path)) as source, pa.ipc.open_stream(source) as stream:
        check_shape(0, len(stream.schema))
        return collected(stream, name)


@contextmanager
def refused(name: str, what: str) -> Iterator[None]:
    """One sentence about a file that pyarrow refuses (InputError), or whose sizes are beyond reason (TooLargeError)."""
    try:
        yield
    except pa.ArrowMemoryError as error:
        asked = re.search(r"size (\d+)", str(error))
        if asked is None or int(asked[1]) <= MAX_DECODED_BYTES:
            raise
        claim = f"it asks for {size(int(asked[1]))} at once, and the limit is {size(MAX_DECODED_BYTES)}"
        raise TooLargeError(f"'{name}' is damaged or too large: {claim}.", "Take a sample of its rows.") from None
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")[:200]
        raise InputError(
            f"'{name}' is a damaged, cut-off or unusual {what}: {first}.", "Write it again and upload that."
        ) from None


def collected(batches: Iterable[pa.RecordBatch], name: str) -> pa.Table:
    """The batches as one table, each checked for size and, cell by cell, for soundness as it comes."""
    kept: list[pa.RecordBatch] = []
    rows = decoded = 0
    for batch in batches:
        rows += batch.num_rows
        check_shape(rows, batch.num_columns)
        batch.validate(full=True)
        decoded += batch.nbytes
        check_decoded(decoded, name)
        kept.append(batch)
    if not rows or not kept[0].num_columns:
        raise InputError(f"'{name}' has no rows.", "Upload a table with at least one row.")
    return pa.Table.from_batches(kept)
