"""A sheet of a workbook to text columns; the same rules as for CSV then find their types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from mlops_lib.data.cells import ERROR, Cell, Cells, Duration
from mlops_lib.data.delimited import sniff_header
from mlops_lib.data.limits import MAX_EXCEL_CELLS, check_shape
from mlops_lib.data.opendocument import read_ods
from mlops_lib.data.workbook import read_xls, read_xlsb, read_xlsx
from mlops_lib.objects.dataset import ReadingOptions
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.words import counted, listed

_SAMPLE_ROWS = 200
_TITLE_ROWS = 20
"""So many rows above a table may hold a title."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """Text columns of one sheet ("": empty cell), the names of all sheets, and what happened on the way.

    `header_row` is the row of the sheet, from 1, that holds the names; None where none does.
    """

    columns: tuple[pa.ChunkedArray, ...]
    names: tuple[str | None, ...]
    header: bool
    header_row: int | None
    chosen: str
    sheets: tuple[str, ...]
    repairs: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()


_READERS: dict[str, Callable[[Path, str, str | None], Cells]] = {
    "xlsx": read_xlsx,
    "xlsb": read_xlsb,
    "xls": read_xls,
    "ods": read_ods,
}


def read_sheet(path: Path, name: str, kind: str, options: ReadingOptions) -> Sheet:
    """One sheet, every cell as text, under `sheet`, `header` and `header_row` of the options.

    `kind` is "xlsx", "xlsb", "xls" or "ods". Raises InputError for a damaged workbook and for a sheet or row that is
    not there or is empty, TooLargeError at a limit.
    """
    cells = _READERS[kind](path, name, options.sheet)
    errors = cells.errors + sum(cell is ERROR for row in cells.rows for cell in row)
    above, rows = _framed([[None if cell is ERROR else cell for cell in row] for row in cells.rows])
    if not rows:
        raise InputError(f"The sheet '{cells.chosen}' in '{name}' is empty.", "Choose another sheet.")
    header, skip, said = _header(rows, above, cells.chosen, options)
    above, rows = above + skip, rows[skip:]
    names: list[Cell] = rows[0] if header else [None] * len(rows[0])
    body = [row for row in rows[int(header) :] if any(cell is not None for cell in row)]
    if not body:
        raise InputError(
            f"The sheet '{cells.chosen}' has a row of names and no row of values.", "Choose another sheet."
        )
    repairs: list[str] = []
    if errors:
        repairs.append(f"{counted(errors, 'cell')} with an error (such as #N/A) count as missing.")
    if (blank := len(rows) - int(header) - len(body)) > 0:
        repairs.append(f"{counted(blank, 'empty row')} left out.")
    keep, left_out = _worth_keeping(names, body)
    columns, spans = zip(*(_column([row[k] for row in body], names[k], k) for k in keep), strict=True)
    return Sheet(
        columns,
        tuple(names[k] for k in keep),
        header,
        above + 1 if header else None,
        cells.chosen,
        cells.sheets,
        (*repairs, *left_out, *(sentence for sentence in spans if sentence)),
        (*_which_sheet(cells, options), *said, *cells.notes),
    )


def _framed(rows: list[list[Cell]]) -> tuple[int, list[list[Cell]]]:
    """How many blank rows stand above the table, and its rows, all of one width, without the blank ones around it."""
    filled = [k for k, row in enumerate(rows) if any(c is not None for c in row)]
    if not filled:
        return 0, []
    inner = rows[filled[0] : filled[-1] + 1]
    width = max(_width(row) for row in inner)
    check_shape(len(inner), width, MAX_EXCEL_CELLS)
    return filled[0], [row[:width] + [None] * (width - len(row)) for row in inner]


def _width(row: list[Cell]) -> int:
    return next((k for k in range(len(row), 0, -1) if row[k - 1] is not None), 0)


def _header(
    rows: list[list[Cell]], above: int, sheet: str, options: ReadingOptions
) -> tuple[bool, int, tuple[str, ...]]:
    """Whether there is a row of names, how many rows stand above it (or above the table), and what was found out."""
    if options.header_row is not None and options.header is not False:
        skip = options.header_row - 1 - above
        if not 0 <= skip < len(rows):
            last = above + len(rows)
            raise InputError(
                f"Row {options.header_row:,} of the sheet '{sheet}' holds no names.",
                f"Its rows are {above + 1} to {last:,}.",
            )
        return True, skip, ()
    if options.header is not None:
        return options.header, 0, ()
    skip = _title_rows(rows)
    header = sniff_header([[c or "" for c in row] for row in rows[skip : skip + _SAMPLE_ROWS]])
    said = f"Row {above + skip + 1} holds the names." if header else "There is no row of names."
    left = (f"{counted(skip, 'row')} above the table left out: {_quoted(rows[:skip])}.",) if skip else ()
    return header, skip, (*left, said)


def _title_rows(rows: list[list[Cell]]) -> int:
    """Rows at the top with at most one filled cell, above a table of several columns."""
    filled = [sum(cell is not None for cell in row) for row in rows[: _TITLE_ROWS + 1]]
    first = next((k for k, count in enumerate(filled) if count > 1), 0)
    return first if len(rows) > first + 1 else 0


def _quoted(rows: list[list[Cell]]) -> str:
    return listed([f"'{cell}'" for row in rows for cell in row if cell is not None], most=3)


def _which_sheet(cells: Cells, options: ReadingOptions) -> tuple[str, ...]:
    hidden = " It is hidden in the workbook." if cells.chosen in cells.hidden else ""
    if options.sheet or len(cells.sheets) == 1:
        return (f"The sheet '{cells.chosen}' is hidden in the workbook.",) if hidden else ()
    return (f"The sheet '{cells.chosen}' is read, the first of {len(cells.sheets)} that holds a table.{hidden}",)


def _worth_keeping(names: list[Cell], body: list[list[Cell]]) -> tuple[list[int], tuple[str, ...]]:
    keep = [k for k, name in enumerate(names) if name is not None or any(row[k] is not None for row in body)]
    left = len(names) - len(keep)
    return keep, (f"{counted(left, 'column')} without a name and without a value left out.",) if left else ()


def _column(cells: list[Cell], name: Cell, position: int) -> tuple[pa.ChunkedArray, str]:
    """The cells as text; spans of time as numbers of seconds where all are such, and a sentence that says so."""
    filled = [cell for cell in cells if cell is not None]
    spans = [cell for cell in filled if isinstance(cell, Duration)]
    if spans and len(spans) == len(filled) and any(s.declared or s.seconds >= 86_400 for s in spans):
        seconds = [f"{cell.seconds:.15g}" if isinstance(cell, Duration) else "" for cell in cells]
        title = f"'{name}'" if name is not None else f"column {position + 1}"
        return pa.chunked_array(
            [pa.array(seconds, pa.string())]
        ), f"The durations of {title} are now numbers of seconds."
    return pa.chunked_array([pa.array([cell or "" for cell in cells], pa.string())]), ""
