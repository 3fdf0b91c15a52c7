"""Delimited text to a table of text columns; rows that do not fit are named, each with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from mlops_lib.data.header import sniff_header
from mlops_lib.data.layout import Layout, find_layout
from mlops_lib.data.limits import MAX_ROW_BYTES, check_shape
from mlops_lib.data.lines import TextLines, count_fields, find_lines
from mlops_lib.data.separators import DELIMITER_NAMES, DELIMITERS, one_byte
from mlops_lib.objects.dataset import ReadingOptions, SkippedRow
from mlops_lib.objects.errors import InputError, TooLargeError
from mlops_lib.objects.words import counted, listed

__all__ = ["DELIMITERS", "DELIMITER_NAMES", "KEPT_SKIPS", "RawTable", "read_delimited", "sniff_header"]

KEPT_SKIPS = 100
"""Skipped rows that are listed one by one; all of them are counted."""

_SAMPLE_ROWS = 200
_NAMED_LINES = 10
_BLOCK = 1 << 22


@dataclass(eq=False)
class RawTable:
    """Text columns under their names as given (None: no name), and what happened on the way.

    `options` are those asked for, with delimiter, header, header row and comment sign as they were used.
    """

    columns: list[pa.ChunkedArray]
    names: tuple[str | None, ...]
    rows: int
    options: ReadingOptions
    skipped: tuple[SkippedRow, ...] = ()
    skipped_in_all: int = 0
    repairs: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()

    def give_away(self) -> Iterator[pa.ChunkedArray]:
        """The columns one by one, each forgotten here, so that its memory is free once it has been converted."""
        self.columns.reverse()
        while self.columns:
            yield self.columns.pop()


def read_delimited(text: bytes, options: ReadingOptions) -> RawTable:
    """Every cell as text, rows in file order, in the layout that the options ask for or that is found out.

    Raises InputError where rows and names cannot be brought together, TooLargeError at a limit.
    """
    layout = find_layout(text, options)
    plain, sign = one_byte(text, layout.delimiter)
    raw = _Parse(plain, sign, layout).table(options)
    return raw if sign == layout.delimiter else _with_delimiter(raw, sign, layout.delimiter)


def _with_delimiter(raw: RawTable, stand_in: str, delimiter: str) -> RawTable:
    """The delimiter again where it stood inside quoted cells."""
    columns = [pc.replace_substring(column, stand_in, delimiter) for column in raw.columns]
    names = tuple(name and name.replace(stand_in, delimiter) for name in raw.names)
    return replace(raw, columns=columns, names=names)


class _Parse:
    """One text in one layout; `delimiter` is of one byte."""

    def __init__(self, text: bytes, delimiter: str, layout: Layout) -> None:
        self.text, self.delimiter, self.layout = text, delimiter, layout
        self.lines, self.repeats, self.body = self._found_lines()

    def _found_lines(self, thorough: bool = False) -> tuple[TextLines, np.ndarray, np.ndarray]:
        """The lines, those of them that repeat the names (as where files were joined), and those of rows of values."""
        line = self.layout.line
        try:
            lines = find_lines(self.text, self.delimiter, line, self.layout.comment, thorough)
        except IndexError as error:
            says = f"The file has no line {line + 1:,}, only {counted(error.args[0], 'line')}."
            raise InputError(says, "Say on which line the names stand.") from None
        if line + 1 in [row.line for row in lines.removed] and self.layout.header:
            raise InputError(
                f"A quotation mark among the names on line {line + 1} is opened and never closed.", "Correct it."
            )
        if not len(lines.row_lines):
            raise InputError("The file has no readable row.", "Check its quotation marks and its delimiter.")
        if line and self.layout.header and lines.row_lines[0] != line:
            raise InputError(f"Line {line + 1:,} holds no names.", "Say on which line the names stand.")
        below = lines.row_lines[int(self.layout.header) :]
        if not self.layout.sure or self.delimiter.encode() not in lines.row(line):
            return lines, below[:0], below
        repeats = lines.again(line)
        return lines, repeats, below[~np.isin(below, repeats)] if len(repeats) else below

    def table(self, options: ReadingOptions) -> RawTable:
        names = self._first_row()
        width = self._width(names)
        check_shape(len(self.lines.row_lines), width)
        columns, skipped = self._columns(width)
        names = (names + [None] * (width - len(names)))[:width] if self.layout.header else [None] * width
        keep, repairs = self._named_or_filled(names, columns)
        return RawTable(
            columns=[columns[k] for k in keep],
            names=tuple(names[k] for k in keep),
            rows=len(columns[0]),
            options=self._used(options),
            skipped=tuple(skipped[:KEPT_SKIPS]),
            skipped_in_all=len(skipped),
            repairs=(*self._left_out(options.comment is not None), *repairs),
            guessed=(*self.layout.guessed, *self._comments(options.comment is None)),
        )

    def _used(self, options: ReadingOptions) -> ReadingOptions:
        line, header = self.layout.line, self.layout.header
        return replace(
            options,
            delimiter=self.layout.delimiter,
            header=header,
            header_row=line + 1 if header or line else None,
            comment=self.layout.comment,
        )

    def _left_out(self, comments_asked: bool) -> Iterator[str]:
        if self.lines.above:
            many = "was" if self.lines.above == 1 else "were"
            what = "names" if self.layout.header else "table"
            yield f"{counted(self.lines.above, 'line')} above the {what} {many} left out."
        yield from self._comments(comments_asked)
        if self.lines.blank:
            yield f"{counted(self.lines.blank, 'empty line')} {'was' if self.lines.blank == 1 else 'were'} left out."

    def _comments(self, wanted: bool) -> Iterator[str]:
        found = [f"{line + 1:,}" for line in self.lines.comments]
        if found and wanted:
            one = len(found) == 1
            begin, where = ("line that begins", "line") if one else ("lines that begin", "lines")
            yield (
                f"{len(found):,} {begin} with '{self.layout.comment}' {'was' if one else 'were'} left out "
                f"({where} {listed(found, most=_NAMED_LINES)})."
            )

    def _first_row(self) -> list[str | None]:
        first = self.lines.row(int(self.lines.row_lines[0])).decode("utf-8")
        try:
            return list(next(csv.reader(io.StringIO(first, newline=""), delimiter=self.delimiter)))
        except csv.Error:
            return list(first.rstrip("\r\n").split(self.delimiter))

    def _width(self, names: list[str | None]) -> int:
        """Fields per row. Raises InputError where most rows do not have as many as there are names."""
        width = len(names)
        body = self.lines.row_lines[1 if self.layout.header else 0 :][:_SAMPLE_ROWS]
        sample = [(int(number), self._row_fields(int(number))) for number in body]
        other = [(number, count) for number, count in sample if count != width]
        if not sample or len(other) <= 0.5 * len(sample):
            return width
        ending = [n for n, count in sample if count == width + 1 and self._ends_open(n)]
        if len(ending) >= 0.9 * len(sample):
            return width + 1
        shorter = max((count for _, count in sample if count < width), default=width)
        fitting = sum(count == shorter for _, count in sample)
        if self.layout.header and fitting > 0.5 * len(sample) and not any((n or "").strip() for n in names[shorter:]):
            return shorter
        line, count = other[0]
        first = counted(width, "name" if self.layout.header else "value")
        raise InputError(
            f"Line {int(self.lines.row_lines[0]) + 1} has {first}, but line {line + 1} has {counted(count, 'value')}, "
            f"and most rows that follow differ, too ({len(other)} of the first {len(sample)}).",
            "Say on which line the names stand, give every column a name, or choose another delimiter.",
        )

    def _ends_open(self, number: int) -> bool:
        return self.lines.row(number).rstrip(b"\r\n").endswith(self.delimiter.encode())

    def _row_fields(self, number: int) -> int:
        return count_fields(self.lines.row(number), self.delimiter) or 0

    def _columns(self, width: int) -> tuple[list[pa.ChunkedArray], list[SkippedRow]]:
        """Text columns and skipped rows; read again with line numbers where rows do not fit."""
        if not len(self.body):
            raise InputError(
                "The file has a row of names and no row of values.", "Upload a table with at least one row."
            )
        table, bad = self._read(width, numbered=False)
        if not self._adds_up(table, bad):
            self.lines, self.repeats, self.body = self._found_lines(thorough=True)
            table, bad = self._read(width, numbered=False)
        if not self._adds_up(table, bad):
            raise InputError(
                "The quotation marks in this file cannot be matched.", "Save it again with every text quoted."
            )
        if bad:
            table, bad = self._read(width, numbered=True)
        again = [SkippedRow(int(line) + 1, "it repeats the names") for line in self.repeats]
        skipped = sorted([*self.lines.removed, *again, *self._named_lines(bad, width)], key=lambda row: row.line)
        if not table.num_rows:
            raise InputError(
                f"None of the {len(skipped):,} rows has as many values as there are names.", "Check the delimiter."
            )
        return table.columns, skipped

    def _adds_up(self, table: pa.Table, bad: list[tuple[int, int]]) -> bool:
        return int(table.num_rows) + len(bad) == len(self.body)

    def _read(self, width: int, numbered: bool) -> tuple[pa.Table, list[tuple[int, int]]]:
        """The rows that fit, and (row number from 1, fields) of those that do not; numbers only where `numbered`."""
        bad: list[tuple[int, int]] = []

        def skip(row: pacsv.InvalidRow) -> str:
            bad.append((row.number or 0, row.actual_columns))
            return "skip"

        names = [str(k) for k in range(width)]
        left_out = [*(row.line - 1 for row in self.lines.removed), *self.lines.comments, *self.repeats]
        text = self.lines.without(np.unique(np.array(left_out, np.int64)), int(self.body[0]))
        try:
            table = pacsv.read_csv(
                pa.BufferReader(text),
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
        """Bytes that are taken apart at once: few, which is quickest, but no fewer than the longest row has."""
        starts = self.lines.starts[np.append(self.lines.row_lines, len(self.lines.starts) - 1)]
        longest = int(np.diff(starts).max())
        return min(MAX_ROW_BYTES, max(_BLOCK, 2 * longest))

    def _named_lines(self, bad: list[tuple[int, int]], width: int) -> list[SkippedRow]:
        rows = self.body
        return [
            SkippedRow(int(rows[number - 1]) + 1, f"{counted(fields, 'value')} instead of {width}")
            for number, fields in bad
        ]

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
