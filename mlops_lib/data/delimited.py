"""CSV and TSV to a table of text columns: delimiter, header, rows that do not fit, each with its line."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.csv as pacsv

from mlops_lib.data.limits import MAX_ROW_BYTES, check_shape
from mlops_lib.data.lines import count_fields, find_lines
from mlops_lib.data.numbers import is_number
from mlops_lib.objects.dataset import SkippedRow
from mlops_lib.objects.errors import InputError, TooLargeError

DELIMITERS: tuple[str, ...] = (",", ";", "\t", "|")
DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
KEPT_SKIPS = 100
"""Skipped rows that are listed one by one; all of them are counted."""

_SAMPLE_BYTES, _SAMPLE_ROWS = 1 << 18, 200


@dataclass(frozen=True, eq=False)
class RawTable:
    """Text columns under their names as given (None: no name), and what happened on the way."""

    columns: tuple[pa.ChunkedArray, ...]
    names: tuple[str | None, ...]
    delimiter: str
    header: bool
    skipped: tuple[SkippedRow, ...] = ()
    skipped_in_all: int = 0
    repairs: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()


def read_delimited(text: bytes, delimiter: str | None = None, header: bool | None = None) -> RawTable:
    """Every cell as text, rows in file order. Raises InputError where rows and names cannot be brought together."""
    guessed: list[str] = []
    if delimiter is None:
        delimiter = sniff_delimiter(text)
        guessed.append(f"The delimiter is a {DELIMITER_NAMES.get(delimiter, delimiter)}.")
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise InputError(f"'{delimiter}' cannot be a delimiter.", "Give one sign such as a comma, semicolon or tab.")
    if header is None:
        header = sniff_header(_sample_rows(text, delimiter))
        guessed.append("The first row holds the names." if header else "There is no row of names.")
    return _Parse(text, delimiter, header).table(tuple(guessed))


def sniff_delimiter(text: bytes) -> str:
    """The candidate that gives the most rows the width of the first one; a comma where none splits them."""
    best, best_score = ",", (0.0, 0)
    for candidate in DELIMITERS:
        rows = _sample_rows(text, candidate)
        widths = Counter(len(row) for row in rows[1:] or rows)
        first = len(rows[0]) if rows else 0
        # One field more than names is a row that ends with the delimiter; it is dealt with later.
        fitting = (widths[first] + widths[first + 1]) / max(1, widths.total())
        if first > 1 and (round(fitting, 2), first) > best_score:
            best, best_score = candidate, (round(fitting, 2), first)
    return best


def sniff_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row holds names: not where it has numbers in columns of numbers and no text above numbers."""
    if len(rows) < 2:
        return True
    above_text, above_number = 0, 0
    for position, cell in enumerate(rows[0]):
        below = [row[position] for row in rows[1:] if position < len(row) and row[position].strip()]
        if below and sum(map(is_number, below)) > 0.5 * len(below):
            above_number += is_number(cell)
            above_text += not is_number(cell)
    return above_text > 0 or above_number == 0


def _sample_rows(text: bytes, delimiter: str) -> list[list[str]]:
    """The first rows of the file, blank ones and the last, perhaps unfinished one left out."""
    sample = text[:_SAMPLE_BYTES].decode("utf-8", "replace")
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows.append(row)
            if len(rows) > _SAMPLE_ROWS:
                break
    except csv.Error:
        pass  # a cell beyond the csv module's limit: the rows before it are sample enough
    cut = len(text) > _SAMPLE_BYTES or len(rows) > _SAMPLE_ROWS
    return [row for row in (rows[:-1] if cut and len(rows) > 1 else rows) if row]


class _Parse:
    """One text under one delimiter."""

    def __init__(self, text: bytes, delimiter: str, header: bool) -> None:
        self.text, self.delimiter, self.header = text, delimiter, header
        self.lines = find_lines(text, delimiter)

    def table(self, guessed: tuple[str, ...]) -> RawTable:
        names = self._first_row()
        width = self._width(names)
        check_shape(len(self.lines.row_lines), width)
        columns, skipped = self._columns(width)
        names = names + [None] * (width - len(names)) if self.header else [None] * width
        keep, repairs = self._named_or_filled(names, columns)
        if self.lines.blank:
            repairs.append(f"{self.lines.blank:,} empty lines were left out.")
        return RawTable(
            columns=tuple(columns[k] for k in keep),
            names=tuple(names[k] for k in keep),
            delimiter=self.delimiter,
            header=self.header,
            skipped=tuple(skipped[:KEPT_SKIPS]),
            skipped_in_all=len(skipped),
            repairs=tuple(repairs),
            guessed=guessed,
        )

    def _first_row(self) -> list[str | None]:
        if not len(self.lines.row_lines):
            raise InputError("The file has no readable row.", "Check its quotation marks and its delimiter.")
        first = self.lines.row(int(self.lines.row_lines[0])).decode("utf-8")
        return list(next(csv.reader(io.StringIO(first, newline=""), delimiter=self.delimiter)))

    def _width(self, names: list[str | None]) -> int:
        """Fields per row. Raises InputError where most rows do not have as many as there are names."""
        width = len(names)
        body = self.lines.row_lines[1 if self.header else 0 :][:_SAMPLE_ROWS]
        sample = [(int(number), self._row_fields(int(number))) for number in body]
        other = [(number, count) for number, count in sample if count != width]
        if not sample or len(other) <= 0.5 * len(sample):
            return width
        ending = [
            n
            for n, count in sample
            if self.lines.row(n).rstrip(b"\r\n").endswith(self.delimiter.encode()) and count == width + 1
        ]
        if len(ending) >= 0.9 * len(sample):
            return width + 1
        line, count = other[0]
        first = "names" if self.header else "values"
        raise InputError(
            f"Line {int(self.lines.row_lines[0]) + 1} has {width} {first}, but line {line + 1} has {count} values, "
            f"and most rows that follow differ, too ({len(other)} of the first {len(sample)}).",
            "Give every column a name and remove lines above the names, or choose another delimiter.",
        )

    def _row_fields(self, number: int) -> int:
        return count_fields(self.lines.row(number), self.delimiter) or 0

    def _columns(self, width: int) -> tuple[list[pa.ChunkedArray], list[SkippedRow]]:
        """Text columns and skipped rows; read again with line numbers where rows do not fit."""
        if len(self.lines.row_lines) == int(self.header):
            raise InputError(
                "The file has a row of names and no row of values.", "Upload a table with at least one row."
            )
        table, bad = self._read(width, numbered=False)
        if not self._adds_up(table, bad):
            self.lines = find_lines(self.text, self.delimiter, thorough=True)
            table, bad = self._read(width, numbered=False)
        if not self._adds_up(table, bad):
            raise InputError(
                "The quotation marks in this file cannot be matched.", "Save it again with every text quoted."
            )
        if bad:
            table, bad = self._read(width, numbered=True)
        skipped = sorted([*self.lines.removed, *self._named_lines(bad, width)], key=lambda row: row.line)
        if not table.num_rows:
            raise InputError(
                f"None of the {len(skipped):,} rows has as many values as there are names.", "Check the delimiter."
            )
        return table.columns, skipped

    def _adds_up(self, table: pa.Table, bad: list[tuple[int, int]]) -> bool:
        return int(table.num_rows) + len(bad) == len(self.lines.row_lines) - int(self.header)

    def _read(self, width: int, numbered: bool) -> tuple[pa.Table, list[tuple[int, int]]]:
        """The rows that fit, and (row number from 1, fields) of those that do not; numbers only where `numbered`."""
        bad: list[tuple[int, int]] = []

        def skip(row: pacsv.InvalidRow) -> str:
            bad.append((row.number or 0, row.actual_columns))
            return "skip"

        names = [str(k) for k in range(width)]
        first = int(self.lines.row_lines[int(self.header)])
        try:
            table = pacsv.read_csv(
                pa.BufferReader(self.lines.without_removed(first)),
                read_options=pacsv.ReadOptions(
                    column_names=names, use_threads=not numbered, block_size=self._block_size(), encoding="utf8"
                ),
                parse_options=pacsv.ParseOptions(
                    delimiter=self.delimiter,
                    newlines_in_values=self.lines.joined,
                    ignore_empty_lines=True,
                    invalid_row_handler=skip,
                ),
                convert_options=pacsv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
                ),
            )
        except pa.ArrowInvalid as error:
            if "straddling" in str(error):
                raise TooLargeError(
                    f"A row is longer than {MAX_ROW_BYTES / 1e6:.0f} MB, the limit.", "Shorten it."
                ) from None
            raise InputError(
                f"The rows could not be taken apart: {error}", "Check delimiter and quotation marks."
            ) from None
        return table, bad

    def _block_size(self) -> int:
        return min(MAX_ROW_BYTES, max(1 << 20, len(self.text) // 8))

    def _named_lines(self, bad: list[tuple[int, int]], width: int) -> list[SkippedRow]:
        rows = self.lines.row_lines[int(self.header) :]
        return [SkippedRow(int(rows[number - 1]) + 1, f"{fields} values instead of {width}") for number, fields in bad]

    @staticmethod
    def _named_or_filled(names: list[str | None], columns: list[pa.ChunkedArray]) -> tuple[list[int], list[str]]:
        """Positions to keep: a column without name and without any value is left out, and said."""
        keep, repairs = [], []
        for position, (name, column) in enumerate(zip(names, columns, strict=True)):
            if (name is None or not name.strip()) and _is_blank(column):
                repairs.append(
                    f"Column {position + 1} has neither name nor value (rows end with a delimiter) and was left out."
                )
            else:
                keep.append(position)
        return keep, repairs


def _is_blank(column: pa.ChunkedArray) -> bool:
    return all(not value.strip() for value in column.unique().to_pylist())
