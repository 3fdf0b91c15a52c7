"""Where the table is in a text and what separates its cells, told from the first rows."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mlops_lib.data.header import header_evidence
from mlops_lib.data.lines import count_fields
from mlops_lib.data.separators import SEPARATORS, Separator, one_byte, says_of
from mlops_lib.objects.dataset import ReadingOptions
from mlops_lib.objects.errors import InputError

_SAMPLE_BYTES, _SAMPLE_ROWS, _MAX_ABOVE, _MAX_JOINED = 1 << 18, 200, 20, 40
_CONVINCING = 0.9
_HINT = re.compile(r'^"?sep=(.)"?\s*$')
"""The first line with which Excel says what the delimiter is."""


@dataclass(frozen=True)
class Layout:
    """The delimiter, whether there is a row of names, the line (from 0) where the table begins, and the comment sign.

    `sure` says that the names are told from numbers or dates below them; `guessed` are sentences on what was not asked
    for.
    """

    delimiter: str
    header: bool
    line: int
    comment: str
    sure: bool = False
    guessed: tuple[str, ...] = ()


@dataclass(frozen=True)
class SampleRow:
    """The cells of one row and the first and last line (from 0) it stands on."""

    cells: list[str]
    line: int
    last: int


def find_layout(text: bytes, options: ReadingOptions) -> Layout:
    """The layout that the options ask for, the rest of it found out. Raises InputError where there is no row."""
    return _Sniffer(text, options).layout()


def sample_rows(text: bytes, delimiter: str, comment: str = "", start: int = 0) -> list[SampleRow]:
    """The first rows from a line on; blank lines, comments and the last, perhaps unfinished row are left out."""
    plain, sign = one_byte(text[:_SAMPLE_BYTES], delimiter)
    lines = _lines(plain)
    cut = len(text) > _SAMPLE_BYTES
    rows: list[SampleRow] = []
    at = start
    while at < len(lines) and len(rows) <= _SAMPLE_ROWS:
        last = _last_line(lines, at, sign)
        row = "".join(lines[at : last + 1])
        if row.strip("\r\n") and not (comment and row.startswith(comment)):
            rows.append(SampleRow(_cells(row, sign), at, last))
        at = last + 1
    return rows[:-1] if len(rows) > 1 and (cut or at < len(lines)) else rows


def _lines(text: bytes) -> list[str]:
    return re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z", text.decode("utf-8", "replace"))


def _last_line(lines: list[str], first: int, delimiter: str) -> int:
    """The line on which the row that starts on `first` ends; `first` itself where a quote is never closed."""
    if '"' not in lines[first] or count_fields(lines[first].encode(), delimiter) is not None:
        return first
    joined = lines[first]
    for last in range(first + 1, min(len(lines), first + _MAX_JOINED)):
        joined += lines[last]
        if '"' in lines[last] and count_fields(joined.encode(), delimiter, strict=True) is not None:
            return last
    return first


def _cells(row: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([row], delimiter=delimiter), [])
    except csv.Error:  # a cell beyond the csv module's limit
        return row.split(delimiter)


class _Sniffer:
    """The first lines of one text, and what is asked of it."""

    def __init__(self, text: bytes, options: ReadingOptions) -> None:
        self.text, self.options = text[: _SAMPLE_BYTES + 1], options
        self.lines = _lines(self.text[:_SAMPLE_BYTES])
        hint = _HINT.match(self.lines[0]) if self.lines else None
        self.hint = hint[1] if hint else None
        self.start = 1 if hint else 0
        self.guessed: list[str] = []

    def layout(self) -> Layout:
        leading = self._leading_comments() if self.options.comment is None else 0
        delimiter = self._delimiter(self.start + leading)
        comment, names_at = self.options.comment or "", None
        if leading:
            comment, names_at = self._sniffed_comment(leading, delimiter)
        header, line = self._names(delimiter, comment, names_at)
        if self.hint:
            self.guessed.append(f"Line 1 says that the delimiter is '{self.hint}'.")
        top = [row.cells for row in sample_rows(self.text, delimiter, comment, line)] if header else []
        return Layout(delimiter, header, line, comment, header_evidence(top) > 0, tuple(self.guessed))

    def _leading_comments(self) -> int:
        """How many lines the block of comment lines at the beginning has; 0 where nothing else follows."""
        for position, line in enumerate(self.lines[self.start :]):
            if line.strip("\r\n") and not line.startswith("#"):
                return position
        return 0

    def _delimiter(self, start: int) -> str:
        if self.options.delimiter is not None:
            return self.options.delimiter
        if self.hint:
            return self.hint
        comment = self.options.comment or ("#" if start > self.start else "")
        found = sniff_delimiter(self.text, max(start, (self.options.header_row or 1) - 1), comment)
        self.guessed.append(says_of(found))
        return found

    def _sniffed_comment(self, leading: int, delimiter: str) -> tuple[str, int | None]:
        """The comment sign, and the line of the names where they are the last of the leading comment lines."""
        block = [row for row in sample_rows(self.text, delimiter, start=self.start) if row.line < self.start + leading]
        body = sample_rows(self.text, delimiter, "#", self.start + leading)
        width = usual_width(body)
        wide = [row for row in block if len(row.cells) == width] if width > 1 else []
        if len(wide) > 1 and len(wide) == len(block):
            return "", None
        if not wide or wide[-1] is not block[-1]:
            return "#", None
        cells = [row.cells for row in body]
        named = header_evidence([block[-1].cells, *cells]) >= 0 and header_evidence(cells) <= 0
        return ("#" if len(block) > 1 else "", block[-1].line) if named else ("#", None)

    def _names(self, delimiter: str, comment: str, names_at: int | None) -> tuple[bool, int]:
        """Whether there is a row of names, and the line on which the table begins."""
        asked = self.options.header
        if self.options.header_row is not None:
            return asked is not False, self.options.header_row - 1
        if names_at is not None and asked is not False:
            self.guessed.append(f"Line {names_at + 1} holds the names.")
            return True, names_at
        rows = sample_rows(self.text, delimiter, comment, self.start)
        if not rows:
            raise InputError("The file has no readable row.", "Check how its comments begin and its quotation marks.")
        begins = table_start(rows) if asked is not False else 0
        header = header_evidence([row.cells for row in rows[begins:]]) >= 0 if asked is None else asked
        line = rows[begins].line
        if header and (begins or asked is None):
            self.guessed.append(f"Line {line + 1} holds the names." if line else "The first row holds the names.")
        elif asked is None:
            self.guessed.append("There is no row of names.")
        return header, line


def sniff_delimiter(text: bytes, start: int = 0, comment: str = "") -> str:
    """The separator under which the most rows have one width; a comma where none splits them."""
    best, best_score = ",", (0.0, 0)
    for separator in SEPARATORS:
        if separator.trust != "usual" and best_score[0] >= _CONVINCING:
            break
        score = _score(sample_rows(text, separator.sign, comment, start), separator)
        if score > best_score:
            best, best_score = separator.sign, score
    return _doubled(text, start, comment, best, best_score[1])


def _doubled(text: bytes, start: int, comment: str, sign: str, width: int) -> str:
    """The sign twice where every second column is there only because it always stands twice."""
    twice = next((separator for separator in SEPARATORS if separator.sign == sign * 2 and sign.strip()), None)
    if twice is None:
        return sign
    score = _score(sample_rows(text, twice.sign, comment, start), twice)
    return twice.sign if score == (1.0, (width + 1) // 2) and width % 2 else sign


def _score(rows: list[SampleRow], separator: Separator) -> tuple[float, int]:
    """How many of the rows fit, and their width; zero where the separator is not to be believed."""
    width = usual_width(rows)
    begins = table_start(rows)
    if width < 2 or not _fits(rows[begins].cells, width, rows):
        return 0.0, 0
    table = [row.cells for row in rows[begins:]]
    fitting = round(sum(_fits(cells, width, rows) for cells in table) / len(table), 2)
    if separator.trust != "usual" and (fitting < 1 or begins or len(table) < 2):
        return 0.0, 0
    if separator.trust in ("clock", "blank") and not _telling(table, separator):
        return 0.0, 0
    return fitting, width


def _telling(table: list[list[str]], separator: Separator) -> bool:
    """Whether more than the sign itself shows columns: names above figures, or many columns."""
    evidence, width = header_evidence(table), len(table[0])
    if separator.trust == "clock":
        return any(len(cell) > 2 for row in table for cell in row) and (evidence > 0 or width > 3)
    if len(table) < 3 or any(not cell for row in table for cell in row):
        return False
    return evidence > 0 or (width > 2 and evidence < 0)


def usual_width(rows: Sequence[SampleRow]) -> int:
    """The commonest number of cells, the larger of two that are equally common; 0 where there are no rows."""
    widths = Counter(len(row.cells) for row in rows)
    return max(widths, key=lambda width: (widths[width], width), default=0)


def table_start(rows: Sequence[SampleRow]) -> int:
    """The position of the row of names below lines of a title; 0 where it is the first or cannot be told."""
    width = usual_width(rows)
    begins = next((k for k, row in enumerate(rows) if _fits(row.cells, width, rows)), 0)
    while width > 2 and begins + 1 < len(rows) and _filled(rows[begins].cells) < 2:
        begins += 1
    if width < 2 or not 0 < begins <= _MAX_ABOVE or begins + 1 >= len(rows):
        return 0
    evidence = header_evidence([row.cells for row in rows[begins:]])
    apart = rows[begins].line > rows[begins - 1].last + 1 or _filled(rows[begins - 1].cells) == 0
    return begins if evidence > 0 or (evidence == 0 and apart) else 0


def _filled(cells: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def _fits(cells: list[str], width: int, rows: Sequence[SampleRow]) -> bool:
    """Whether a row has the width, or differs from it only by a delimiter at the end of rows."""
    if len(cells) == width or (len(cells) > width and not any(cell.strip() for cell in cells[width:])):
        return True
    if len(cells) != width - 1:
        return False
    ending = [not row.cells[-1].strip() for row in rows if len(row.cells) == width]
    return sum(ending) >= _CONVINCING * len(ending)
