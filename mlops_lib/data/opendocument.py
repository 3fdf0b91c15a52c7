"""OpenDocument spreadsheets (.ods) to cells, as a stream, so that repeated rows and cells cannot fill the memory."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, iterparse

from mlops_lib.data.cells import ERROR, Cell, Cells, Duration, as_text, merged_note
from mlops_lib.data.workbook import check_cells, check_sheet, check_unpacked, first_table, sound
from mlops_lib.objects.errors import InputError

_NAMESPACES = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
_OFFICE, _TABLE, _TEXT, _STYLE = ("{%s}" % _NAMESPACES.format(n) for n in ("office", "table", "text", "style"))  # noqa: UP031
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_SPAN = re.compile(r"^(-?)P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?$")
_DAY = re.compile(r"^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d(?:[.,]\d+)?))?")


def read_ods(path: Path, name: str, sheet: str | None) -> Cells:
    """The cells of the sheet asked for, else of the first visible one that holds any."""
    check_unpacked(path, name)
    with sound(name):
        with zipfile.ZipFile(path) as archive:
            if b"manifest:encryption-data" in archive.read("META-INF/manifest.xml"):
                raise InputError(f"'{name}' has a password.", "Save it again without one.")
            with archive.open("content.xml") as stream:
                found = _Document(sheet).read(stream)
        names, hidden = tuple(found.filled), tuple(found.hidden)
        chosen = sheet or first_table(names, hidden, found.filled.__getitem__)
        check_sheet(chosen, names, name)
        if chosen != found.kept and found.filled[chosen]:
            return read_ods(path, name, chosen)
        return Cells(names, hidden, chosen, found.rows, merged_note(found.merged))


@dataclass(eq=False)
class _Document:
    """One pass through a document: the names of all sheets, and the rows of one."""

    asked: str | None
    filled: dict[str, int] = field(default_factory=dict)
    hidden: list[str] = field(default_factory=list)
    unseen_styles: set[str] = field(default_factory=set)
    kept: str | None = None
    rows: list[list[Cell]] = field(default_factory=list)
    merged: int = 0
    cells: int = 0
    blank_rows: int = 0

    def read(self, stream: Any) -> _Document:
        title, inside = "", 0
        # Expat itself refuses entities that multiply, and knows nothing of files or addresses.
        for event, element in iterparse(stream, events=("start", "end")):  # noqa: S314
            if element.tag == f"{_TABLE}table":
                inside += 1 if event == "start" else -1
                # A table inside a cell's drawing is no sheet.
                if event == "start" and inside == 1:
                    title = self._begin(element)
            elif event == "end" and element.tag == f"{_STYLE}style":
                self._note_style(element)
            elif event == "end" and element.tag == f"{_TABLE}table-row" and inside == 1:
                self._row(element, title)
                element.clear()
        return self

    def _note_style(self, style: Element) -> None:
        shown = style.find(f"{_STYLE}table-properties")
        if shown is not None and shown.get(f"{_TABLE}display") == "false":
            self.unseen_styles.add(style.get(f"{_STYLE}name", ""))

    def _begin(self, table: Element) -> str:
        title = table.get(f"{_TABLE}name", "")
        self.filled[title] = 0
        self.blank_rows = 0
        if table.get(f"{_TABLE}style-name") in self.unseen_styles:
            self.hidden.append(title)
        return title

    def _row(self, row: Element, title: str) -> None:
        repeat = _times(row, "number-rows-repeated")
        cells = list(_cells(row))
        if not cells:
            self.blank_rows += repeat
            return
        self.filled[title] += repeat
        wanted = title == self.asked if self.asked else title not in self.hidden
        if not wanted or self.kept not in (None, title):
            return
        self.kept = title
        self.cells += self.blank_rows + repeat * len(cells)
        check_cells(self.cells)
        self.rows += [[] for _ in range(self.blank_rows)] + [cells] * repeat
        self.blank_rows = 0
        self.merged += sum(_times(c, "number-columns-spanned") > 1 or _times(c, "number-rows-spanned") > 1 for c in row)


def _cells(row: Element) -> Iterator[Cell]:
    """The cells of a row up to its last filled one."""
    blank = 0
    for cell in row:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        repeat = _times(cell, "number-columns-repeated")
        value = _value(cell)
        if value is None:
            blank += repeat
            continue
        check_cells(blank + repeat)
        yield from [None] * blank
        yield from [value] * repeat
        blank = 0


def _times(element: Element, attribute: str) -> int:
    return max(1, int(element.get(f"{_TABLE}{attribute}", "1")))


def _value(cell: Element) -> Cell:
    kind = cell.get(f"{_OFFICE}value-type")
    if cell.get(f"{_CALC}value-type") == "error":
        return ERROR
    if kind in ("float", "percentage", "currency"):
        return as_text(float(cell.get(f"{_OFFICE}value", "")))
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value", "").upper() or None
    if kind == "date":
        return _date(cell.get(f"{_OFFICE}date-value", ""))
    if kind == "time":
        return _span(cell.get(f"{_OFFICE}time-value", ""))
    given = cell.get(f"{_OFFICE}string-value")
    text = given if given is not None else "\n".join(map(_said, cell.findall(f"{_TEXT}p")))
    if cell.get(f"{_TABLE}formula") and re.match(r"^(#[A-Z/0!?]+|Err:\d+)$", text):
        return ERROR
    return text or None


def _said(paragraph: Element) -> str:
    """The text of a paragraph; runs of blanks, tabs and line breaks are elements of their own."""
    parts = [paragraph.text or ""]
    for child in paragraph:
        parts.append(_BLANKS[child.tag] * int(child.get(f"{_TEXT}c", "1")) if child.tag in _BLANKS else _said(child))
        parts.append(child.tail or "")
    return "".join(parts)


_BLANKS = {f"{_TEXT}s": " ", f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}


def _date(value: str) -> str | None:
    found = _DAY.match(value)
    return (" ".join(filter(None, found.groups())) if found else value) or None


def _span(value: str) -> Cell:
    found = _SPAN.match(value)
    if found is None:
        return value or None
    sign, days, hours, minutes, seconds = found.groups()
    total = 86_400 * int(days or 0) + 3600 * int(hours or 0) + 60 * int(minutes or 0)
    total_seconds = total + float((seconds or "0").replace(",", "."))
    return Duration(-total_seconds if sign else total_seconds, declared=False)
