"""Excel workbooks to cells: .xlsx row by row, .xls and .xlsb by a reader of their binary records."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from mlops_lib.data.biff import has_password, sheet_facts
from mlops_lib.data.biff12 import extents
from mlops_lib.data.cells import ERROR, Cells, as_text, merged_note
from mlops_lib.data.limits import MAX_EXCEL_CELLS, check_decoded
from mlops_lib.data.ole2 import plain_container, stream_of
from mlops_lib.objects.errors import FulcrumError, InputError, TooLargeError
from mlops_lib.objects.words import counted, listed

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

_CHUNK = 1 << 20
_LOOKED_AT = 50
_UNSTORED = re.compile(rb"<f[ >/][^<]*(?:</f>)?\s*(?:<v\s*/>|<v></v>)?\s*</c>")


def read_xlsx(path: Path, name: str, sheet: str | None) -> Cells:
    """The cells of the sheet asked for, else of the first visible one that holds any."""
    import openpyxl

    check_unpacked(path, name)
    with sound(name), path.open("rb") as file, warnings.catch_warnings():
        # openpyxl warns of styles, validations and extensions it leaves out; none of them holds a value.
        warnings.simplefilter("ignore", UserWarning)
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        try:
            names = tuple(s.title for s in book.worksheets)
            hidden = tuple(s.title for s in book.worksheets if s.sheet_state != "visible")
            chosen = sheet or first_table(names, hidden, lambda title: _rows_with_cells(book[title]))
            check_sheet(chosen, names, name)
            found = book[chosen]
            found.reset_dimensions()
            rows = limited(
                [ERROR if c.data_type == "e" else as_text(c.value) for c in row] for row in found.iter_rows()
            )
            return Cells(names, hidden, chosen, rows, _notes(path, found._worksheet_path))
        finally:
            book.close()


def read_xls(path: Path, name: str, sheet: str | None) -> Cells:
    """As `read_xlsx`, for the old binary format."""
    with sound(name):
        stream = stream_of(path.read_bytes(), ("Workbook", "Book"))
        if stream is None:
            raise InputError(
                f"'{name}' is an old Office file that holds no workbook, or is cut off.", "Save the table as CSV."
            )
        if has_password(stream):
            raise InputError(f"'{name}' has a password.", "Save it again without one.")
        facts = sheet_facts(stream)
        for fact in facts:
            check_cells(fact.rows * fact.columns)
        book = _opened(BytesIO(plain_container("Workbook", stream)), name)
        cells = _binary_cells(book, name, sheet)
        place = [s.name for s in book.sheets_metadata].index(cells.chosen)
        return replace(cells, errors=facts[place].errors if place < len(facts) else 0)


def read_xlsb(path: Path, name: str, sheet: str | None) -> Cells:
    """As `read_xlsx`, for the binary format of today."""
    check_unpacked(path, name)
    with sound(name), path.open("rb") as file:
        for rows, columns in extents(path):
            check_cells(rows * columns)
        cells = _binary_cells(_opened(file, name), name, sheet)
        return replace(cells, notes=(*cells.notes, _BLIND))


_BLIND = "In this format a cell with an error (such as #N/A) cannot be told from an empty one; it counts as missing."


def _opened(file: IO[bytes], name: str) -> CalamineWorkbook:
    import python_calamine

    try:
        return python_calamine.load_workbook(file)
    except python_calamine.PasswordError:
        raise InputError(f"'{name}' has a password.", "Save it again without one.") from None


def _binary_cells(book: CalamineWorkbook, name: str, sheet: str | None) -> Cells:
    import python_calamine

    kept = [s for s in book.sheets_metadata if s.typ == python_calamine.SheetTypeEnum.WorkSheet]
    names = tuple(s.name for s in kept)
    hidden = tuple(s.name for s in kept if s.visible != python_calamine.SheetVisibleEnum.Visible)
    chosen = sheet or first_table(names, hidden, lambda title: book.get_sheet_by_name(title).height)
    check_sheet(chosen, names, name)
    found = book.get_sheet_by_name(chosen)
    check_cells(found.total_height * found.total_width)
    rows = [[as_text(cell) for cell in row] for row in found.to_python(skip_empty_area=False)]
    return Cells(names, hidden, chosen, rows, merged_note(len(found.merged_cell_ranges or ())))


@contextmanager
def sound(name: str) -> Iterator[None]:
    """Raise InputError for whatever a reader comes across in a damaged workbook."""
    try:
        yield
    except (FulcrumError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001  (these readers raise whatever a damaged file makes them stumble over)
        raise _damaged(name, error) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(name, error) from None


def _damaged(name: str, error: BaseException) -> InputError:
    first = (str(error).splitlines() or [""])[0].rstrip(".")[:150] or type(error).__name__
    return InputError(f"'{name}' is a damaged or cut-off workbook: {first}.", "Save it again and upload that.")


def check_unpacked(path: Path, name: str) -> None:
    """Raises TooLargeError where the parts of a workbook unpack to more than the limit."""
    with sound(name), zipfile.ZipFile(path) as archive:
        check_decoded(sum(entry.file_size for entry in archive.infolist()), name)


def first_table(names: Sequence[str], hidden: Sequence[str], rows: Callable[[str], int]) -> str:
    """The first sheet of at least two rows, visible ones first; else the first of one row; else the first.

    `rows` says how many rows of a sheet hold cells, as far as that matters.
    """
    order = [n for n in names if n not in hidden] + list(hidden)
    single = ""
    for title in order:
        found = rows(title)
        if found > 1:
            return title
        single = single or (title if found else "")
    return single or next(iter(order), "")


def check_sheet(chosen: str, names: Sequence[str], name: str) -> None:
    """Raises InputError where the workbook has no such sheet, or none at all."""
    if not names:
        raise InputError(f"'{name}' has no sheet of cells.", "Save the table as a sheet of its own.")
    if chosen not in names:
        raise InputError(f"There is no sheet '{chosen}' in '{name}'.", f"It has: {listed(list(names))}.")


def limited(rows: Any) -> list[list[Any]]:
    """The rows, up to the limit of cells. Raises TooLargeError beyond it."""
    kept: list[list[Any]] = []
    cells = 0
    for row in rows:
        kept.append(row)
        cells += max(1, len(row))
        check_cells(cells)
    return kept


def check_cells(cells: int) -> None:
    """Raises TooLargeError where a sheet has more cells than the limit."""
    if cells > MAX_EXCEL_CELLS:
        raise TooLargeError(
            f"The sheet has more than {MAX_EXCEL_CELLS:,} cells, the limit for workbooks.",
            "Save it as CSV or Parquet.",
        )


def _rows_with_cells(sheet: Any) -> int:
    sheet.reset_dimensions()
    rows = sheet.iter_rows(max_row=_LOOKED_AT, values_only=True)
    return sum(any(cell is not None for cell in row) for row in rows)


def _notes(path: Path, part: str) -> tuple[str, ...]:
    """What openpyxl passes over when it reads row by row: merged areas, and formulas without a stored value."""
    merged = unstored = 0
    rest = b""
    with zipfile.ZipFile(path) as archive, archive.open(part.lstrip("/")) as stream:
        while chunk := stream.read(_CHUNK):
            text = rest + chunk
            # A cell or a merged area may lie across two chunks: what follows the last ">" waits for the next one.
            end = max(text.rfind(b"</c>") + 4, text.rfind(b"/>") + 2) if len(text) < 4 * _CHUNK else len(text)
            merged += text.count(b"<mergeCell ", 0, end)
            unstored += len(_UNSTORED.findall(text, 0, end))
            rest = text[end:]
    formulas = f"{counted(unstored, 'formula')} without a stored result count as missing; open and save it in Excel."
    return (*merged_note(merged), *((formulas,) if unstored else ()))
