"""Parquet to the few types that Fulcrum knows: whole and decimal numbers, timestamps, text."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mlops_lib.data.convert import Converted
from mlops_lib.data.dates import STAMP
from mlops_lib.data.limits import check_shape
from mlops_lib.objects.errors import InputError

MAX_EXACT = 2**53
"""Whole numbers beyond it are not exact as floating-point numbers; their column is kept as text."""


def read_parquet(path: Path, name: str) -> pa.Table:
    """The table as it is in the file, checked. Raises InputError for a damaged file, TooLargeError at a limit."""
    try:
        file = pq.ParquetFile(path)
        check_shape(file.metadata.num_rows, len(file.schema_arrow.names))
        table = file.read(use_pandas_metadata=False)
        table.validate(full=True)
    except (pa.ArrowInvalid, OSError, pa.ArrowNotImplementedError) as error:
        first = str(error).splitlines()[0]
        raise InputError(
            f"'{name}' is a damaged or unusual Parquet file: {first}", "Write it again and upload that."
        ) from None
    if not table.num_rows or not table.num_columns:
        raise InputError(f"'{name}' has no rows.", "Upload a table with at least one row.")
    return table


def plain_column(column: pa.ChunkedArray, name: str, as_text: bool = False) -> Converted | None:
    """The column as int64, float64, timestamp or text; None for a type (list, struct) that has no place in a table."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kind = column.type
    if as_text:
        return _text(column, name, "as you asked")
    if pa.types.is_null(kind):
        return Converted(column.cast(pa.string()))
    if pa.types.is_boolean(kind):
        return Converted(pc.if_else(column, "true", "false"), (f"The yes/no values of '{name}' are kept as labels.",))
    if pa.types.is_integer(kind):
        return _whole(column, name)
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _finite(column.cast(pa.float64()), name)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return _stamps(column, name)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _trimmed(column.cast(pa.string()), name)
    if pa.types.is_time(kind) or pa.types.is_duration(kind):
        return _text(column, name, "because it holds times without a day")
    return None


def _text(column: pa.ChunkedArray, name: str, why: str) -> Converted | None:
    try:
        return Converted(column.cast(pa.string()), (f"'{name}' is kept as text, {why}.",))
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return None


def _whole(column: pa.ChunkedArray, name: str) -> Converted | None:
    bounds = pc.min_max(column)
    low, high = bounds["min"].as_py(), bounds["max"].as_py()
    if low is not None and (low < -MAX_EXACT or high > MAX_EXACT):
        return _text(column, name, "because it has whole numbers of more than 15 digits")
    return Converted(column.cast(pa.int64()))


def _finite(column: pa.ChunkedArray, name: str) -> Converted:
    """NaN is missing; an infinite value is no number either, and that is said."""
    infinite = pc.sum(pc.is_inf(column)).as_py() or 0
    values = pc.if_else(pc.is_finite(column), column, pa.scalar(None, pa.float64()))
    return Converted(values, (f"{infinite:,} infinite values in '{name}' count as missing.",) if infinite else ())


def _stamps(column: pa.ChunkedArray, name: str) -> Converted:
    zone = getattr(column.type, "tz", None)
    if zone is not None:
        values = column.cast(pa.timestamp("us", tz="UTC"), safe=False).cast(STAMP)
        return Converted(values, (f"The times in '{name}' have a time zone; they are kept as UTC.",))
    return Converted(column.cast(STAMP, safe=False))


def _trimmed(column: pa.ChunkedArray, name: str) -> Converted:
    trimmed = pc.utf8_trim_whitespace(column)
    changed = pc.any(pc.and_(pc.not_equal(trimmed, column), pc.not_equal(trimmed, ""))).as_py()
    values = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
    return Converted(values, (f"Blanks around the cells of '{name}' were removed.",) if changed else ())
