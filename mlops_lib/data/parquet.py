"""Parquet to a table of the columns that have a place in one."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from mlops_lib.data.arrow_file import collected, refused
from mlops_lib.data.declared import is_nested, nothing_plain, plain_column, words_for
from mlops_lib.data.limits import check_shape

__all__ = ["plain_column", "read_parquet"]

_BATCH_ROWS = 1 << 16


def read_parquet(path: Path, name: str) -> tuple[pa.Table, tuple[tuple[str, str], ...]]:
    """The table in the file, checked, and name and kind of its columns of lists or structs, which are not read.

    Raises InputError for a damaged file or one of nested columns only, TooLargeError at a limit.
    """
    with refused(name, "Parquet file"), pq.ParquetFile(path, page_checksum_verification=True) as file:
        check_shape(file.metadata.num_rows, len(file.schema_arrow))
        flat = [field.name for field in file.schema_arrow if not is_nested(field.type)]
        nested = tuple((field.name, words_for(field.type)) for field in file.schema_arrow if is_nested(field.type))
        if nested and not flat:
            raise nothing_plain(name)
        return collected(file.iter_batches(_BATCH_ROWS, columns=flat), name), nested
