"""The limits of reading. The upload page states them; beyond them reading refuses with TooLargeError."""

from __future__ import annotations

from mlops_lib.objects.errors import TooLargeError
from mlops_lib.objects.words import count, size

MAX_FILE_BYTES = 500_000_000
MAX_DECODED_BYTES = 2_000_000_000
MAX_ROWS = 10_000_000
MAX_COLUMNS = 2_000
MAX_CELLS = 100_000_000
MAX_EXCEL_CELLS = 5_000_000
MAX_ROW_BYTES = 16_000_000

_LESS = "Leave out columns you do not need, or take a sample of the rows."


def limits_sentence() -> str:
    """All limits that a table has to keep, as one sentence."""
    return (
        f"Up to {size(MAX_FILE_BYTES)} ({size(MAX_DECODED_BYTES)} once unpacked), {count(MAX_ROWS)} rows, "
        f"{count(MAX_COLUMNS)} columns and {count(MAX_CELLS)} cells ({count(MAX_EXCEL_CELLS)} in a workbook)."
    )


def check_file_size(found: int) -> None:
    """Raises TooLargeError where a file has more than `MAX_FILE_BYTES` bytes."""
    if found > MAX_FILE_BYTES:
        raise TooLargeError(
            f"The file has {found / 1e6:,.0f} MB; the limit is {MAX_FILE_BYTES / 1e6:,.0f} MB.",
            "Leave out columns you do not need, or save it as Parquet, which is smaller.",
        )


def check_decoded(found: int, name: str) -> None:
    """Raises TooLargeError where more than `MAX_DECODED_BYTES` bytes have come out of a file so far."""
    if found > MAX_DECODED_BYTES:
        raise TooLargeError(f"'{name}' unpacks to more than {size(MAX_DECODED_BYTES)}, the limit.", _LESS)


def check_shape(rows: int, columns: int, max_cells: int | None = None) -> None:
    """Raises TooLargeError where a table has too many rows, columns or cells (at most `max_cells`, else MAX_CELLS)."""
    limit_of_cells = MAX_CELLS if max_cells is None else max_cells
    for found, limit, what in ((rows, MAX_ROWS, "rows"), (columns, MAX_COLUMNS, "columns")):
        if found > limit:
            raise TooLargeError(f"The table has {found:,} {what}; the limit is {limit:,}.", f"Leave out {what}.")
    if rows * columns > limit_of_cells:
        raise TooLargeError(
            f"The table has {rows:,} rows x {columns:,} columns = {rows * columns:,} cells; the limit is "
            f"{limit_of_cells:,}.",
            _LESS,
        )
