"""The limits of reading. The upload page states them; beyond them reading refuses with TooLargeError."""

from __future__ import annotations

from mlops_lib.objects.errors import TooLargeError

MAX_FILE_BYTES = 500_000_000
MAX_ROWS = 5_000_000
MAX_COLUMNS = 2_000
MAX_CELLS = 100_000_000
MAX_EXCEL_CELLS = 5_000_000
MAX_ROW_BYTES = 16_000_000


def check_file_size(size: int) -> None:
    """Raises TooLargeError where a file has more than `MAX_FILE_BYTES` bytes."""
    if size > MAX_FILE_BYTES:
        raise TooLargeError(
            f"The file has {size / 1e6:,.0f} MB; the limit is {MAX_FILE_BYTES / 1e6:,.0f} MB.",
            "Leave out columns you do not need, or save it as Parquet, which is smaller.",
        )


def check_shape(rows: int, columns: int, max_cells: int = MAX_CELLS) -> None:
    """Raises TooLargeError where a table has too many rows, columns or cells."""
    for count, limit, what in ((rows, MAX_ROWS, "rows"), (columns, MAX_COLUMNS, "columns")):
        if count > limit:
            raise TooLargeError(f"The table has {count:,} {what}; the limit is {limit:,}.", f"Leave out {what}.")
    if rows * columns > max_cells:
        raise TooLargeError(
            f"The table has {rows:,} rows x {columns:,} columns = {rows * columns:,} cells; the limit is "
            f"{max_cells:,}.",
            "Leave out columns you do not need, or take a sample of the rows.",
        )
