"""An Excel sheet to text columns; the same rules as for CSV then find their types."""

from __future__ import annotations

import datetime
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from mlops_lib.data.delimited import sniff_header
from mlops_lib.data.limits import MAX_EXCEL_CELLS, check_shape
from mlops_lib.objects.errors import InputError, TooLargeError

_MAX_UNPACKED = 2_000_000_000
_SAMPLE_ROWS = 200


@dataclass(frozen=True, eq=False)
class Sheet:
    """Text columns of one sheet (None: empty cell), the names of all sheets, and what happened on the way."""

    columns: tuple[pa.ChunkedArray, ...]
    names: tuple[str | None, ...]
    header: bool
    chosen: str
    sheets: tuple[str, ...]
    first_line: int
    repairs: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()


def read_sheet(path: Path, name: str, sheet: str | None = None, header: bool | None = None) -> Sheet:
    """One sheet, every cell as text. Raises InputError for a sheet that is not there or is empty."""
    _check_unpacked(path, name)
    sheets, chosen, cells = _cells(path, name, sheet)
    guessed: tuple[str, ...] = ()
    if not sheet and len(sheets) > 1:
        guessed = (f"The sheet '{chosen}' is read, the first that holds cells of {len(sheets)} sheets.",)
    errors = sum(cell is _ERROR for row in cells for cell in row)
    rows = [[None if cell is _ERROR else cell for cell in row] for row in cells]
    first, rows = _framed(rows)
    if not rows:
        raise InputError(f"The sheet '{chosen}' in '{name}' is empty.", "Choose another sheet.")
    if header is None:
        header = sniff_header([[c or "" for c in row] for row in rows[:_SAMPLE_ROWS]])
        guessed += ("The first row holds the names." if header else "There is no row of names.",)
    names = rows[0] if header else [None] * len(rows[0])
    body = rows[1:] if header else rows
    if not body:
        raise InputError(f"The sheet '{chosen}' has a row of names and no row of values.", "Choose another sheet.")
    repairs = (f"{errors:,} cells with an Excel error (such as #N/A) count as missing.",) if errors else ()
    keep, left_out = _worth_keeping(names, body)
    columns = tuple(pa.chunked_array([pa.array([row[k] or "" for row in body], pa.string())]) for k in keep)
    return Sheet(columns, tuple(names[k] for k in keep), header, chosen, sheets, first, (*repairs, *left_out), guessed)


_ERROR: Any = object()


def _check_unpacked(path: Path, name: str) -> None:
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > _MAX_UNPACKED:
        raise TooLargeError(
            f"'{name}' unpacks to {unpacked / 1e9:.1f} GB; the limit is {_MAX_UNPACKED / 1e9:.0f} GB.",
            "Save the sheet as CSV or Parquet.",
        )


def _cells(path: Path, name: str, sheet: str | None) -> tuple[tuple[str, ...], str, list[list[Any]]]:
    """Names of the sheets that hold cells, the one read, and its cells as text, None or the mark of an error."""
    import openpyxl

    with path.open("rb") as file, warnings.catch_warnings():
        # openpyxl warns of styles, validations and extensions it leaves out; none of them holds a value.
        warnings.simplefilter("ignore", UserWarning)
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        except (KeyError, ValueError, zipfile.BadZipFile, OSError, SyntaxError) as error:
            raise InputError(f"'{name}' is a damaged Excel file: {error}", "Save it again in Excel.") from None
        try:
            names = tuple(s.title for s in book.worksheets)
            if sheet is not None and sheet not in names:
                raise InputError(f"There is no sheet '{sheet}' in '{name}'.", f"It has: {', '.join(names)}.")
            chosen = sheet or next((n for n in names if _holds_cells(book[n])), names[0] if names else "")
            return names, chosen, _rows(book[chosen])
        finally:
            book.close()


def _holds_cells(sheet: Any) -> bool:
    return any(cell is not None for row in sheet.iter_rows(max_row=50, values_only=True) for cell in row)


def _rows(sheet: Any) -> list[list[Any]]:
    rows: list[list[Any]] = []
    cells = 0
    for row in sheet.iter_rows():
        rows.append([_as_text(cell) for cell in row])
        cells += len(row)
        if cells > MAX_EXCEL_CELLS:
            raise TooLargeError(
                f"The sheet has more than {MAX_EXCEL_CELLS:,} cells, the limit for Excel files.",
                "Save it as CSV or Parquet.",
            )
    return rows


def _as_text(cell: Any) -> Any:
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "e":
        return _ERROR
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _framed(rows: list[list[Any]]) -> tuple[int, list[list[Any]]]:
    """Blank rows around the table left out, all rows of one width; the line (from 1) on which it starts."""
    filled = [k for k, row in enumerate(rows) if any(c is not None for c in row)]
    if not filled:
        return 0, []
    inner = rows[filled[0] : filled[-1] + 1]
    width = max(len(row) for row in inner)
    check_shape(len(inner), width, MAX_EXCEL_CELLS)
    return filled[0] + 1, [row + [None] * (width - len(row)) for row in inner]


def _worth_keeping(names: list[Any], body: list[list[Any]]) -> tuple[list[int], tuple[str, ...]]:
    keep = [k for k, name in enumerate(names) if name is not None or any(row[k] is not None for row in body)]
    left = len(names) - len(keep)
    return keep, (f"{left} columns without a name and without a value were left out.",) if left else ()
