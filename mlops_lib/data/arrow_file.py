"""Arrow files (Feather of version 2) and streams, batch by batch, every batch checked before anything touches it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc

from mlops_lib.data.limits import check_decoded, check_shape
from mlops_lib.objects.errors import InputError


def read_arrow_file(path: Path, name: str) -> pa.Table:
    """The table in an Arrow file. Raises InputError for a damaged file, TooLargeError at a limit."""
    try:
        with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as file:
            check_shape(0, len(file.schema))
            return collected((file.get_batch(k) for k in range(file.num_record_batches)), name)
    except DAMAGE as error:
        raise damaged(name, "Arrow file", error) from None


def read_arrow_stream(path: Path, name: str) -> pa.Table:
    """The table in an Arrow stream. Raises InputError for a damaged one, TooLargeError at a limit."""
    try:
        with pa.memory_map(str(path)) as source, pa.ipc.open_stream(source) as stream:
            check_shape(0, len(stream.schema))
            return collected(stream, name)
    except DAMAGE as error:
        raise damaged(name, "Arrow stream", error) from None


DAMAGE = (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError, pa.ArrowIndexError, pa.ArrowKeyError,
          pa.ArrowSerializationError, OSError, UnicodeDecodeError, OverflowError)  # fmt: skip
"""What pyarrow raises for files that are not as they should be."""


def collected(batches: Iterable[pa.RecordBatch], name: str) -> pa.Table:
    """The batches as one table, each checked for size and, cell by cell, for soundness as it comes."""
    kept: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        rows += batch.num_rows
        check_shape(rows, batch.num_columns)
        batch.validate(full=True)
        size += batch.nbytes
        check_decoded(size, name)
        kept.append(batch)
    if not rows or not kept[0].num_columns:
        raise InputError(f"'{name}' has no rows.", "Upload a table with at least one row.")
    return pa.Table.from_batches(kept)


def damaged(name: str, what: str, error: Exception) -> InputError:
    """One sentence about a file that its reader refused."""
    first = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")[:200]
    return InputError(f"'{name}' is a damaged, cut-off or unusual {what}: {first}.", "Write it again and upload that.")
