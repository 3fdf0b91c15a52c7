"""Where the rows of a delimited text start, so that a line can be named, and which quotes are never closed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mlops_lib.objects.dataset import SkippedRow

_QUOTE, _NEWLINE, _RETURN = 0x22, 0x0A, 0x0D
_MAX_JOINED = 2_000
_MAX_TRIES = 8


@dataclass(frozen=True, eq=False)
class TextLines:
    """The physical lines of a text: `starts` are byte offsets, int64, one more than there are lines.

    `row_lines` are the line numbers (from 0) on which a row of the table starts, blank lines left out;
    `removed` the lines that hold a quote which is never closed; `blank` counts empty lines; `continues` is true for a
    line inside a cell that began on an earlier one.
    """

    text: bytes
    starts: np.ndarray
    row_lines: np.ndarray
    removed: tuple[SkippedRow, ...]
    blank: int
    continues: np.ndarray

    @property
    def joined(self) -> bool:
        """Whether some cell spans lines."""
        return bool(self.continues.any())

    def row(self, line: int) -> bytes:
        """The text of the row that starts on a line (counted from 0), with the lines that its cells span."""
        end = line + 1
        while end < len(self.continues) and self.continues[end]:
            end += 1
        return self.text[self.starts[line] : self.starts[end]]

    def without_removed(self, first: int) -> memoryview | bytes:
        """The text from line `first` on, without the removed lines."""
        cut = [r.line - 1 for r in self.removed if r.line - 1 >= first]
        if not cut:
            return memoryview(self.text)[int(self.starts[first]) :]
        edges = [first, *(c + 1 for c in cut)]
        ends = [*cut, len(self.starts) - 1]
        pieces = (self.text[self.starts[a] : self.starts[b]] for a, b in zip(edges, ends, strict=True))
        return b"".join(pieces)


def find_lines(text: bytes, delimiter: str, thorough: bool = False) -> TextLines:
    """Split a text into physical lines and rows; a quoted cell may span lines.

    Where `thorough`, every line with a quotation mark is looked at, not only those with an odd number of them: slower,
    and needed only where quotation marks also stand inside unquoted cells.
    """
    data = np.frombuffer(text, np.uint8)
    starts = _line_starts(data)
    filled = _filled(data, starts)
    inside, removed = _quoted_lines(text, _suspects(text, data, starts, thorough), starts, delimiter)
    continues = np.zeros(len(filled), bool)
    continues[inside] = True
    row = filled & ~continues
    row[[r.line - 1 for r in removed]] = False
    blank = int(np.count_nonzero(~filled & ~continues))
    return TextLines(text, starts, np.flatnonzero(row), removed, blank, continues)


def count_fields(row: bytes, delimiter: str, strict: bool = False) -> int | None:
    """How many fields one row has; None where a quote stays open or the text is more than one row.

    Where `strict`, a closing quote must be followed by a delimiter or the end of the row.
    """
    position, fields = 0, 0
    pattern = _field_pattern(delimiter, strict)
    while True:
        field = pattern.match(row, position)
        if field is None:
            return None
        fields, position = fields + 1, field.end()
        if field.group(1) != delimiter.encode():
            return fields if position == len(row) else None


@lru_cache(maxsize=16)
def _field_pattern(delimiter: str, strict: bool) -> re.Pattern[bytes]:
    mark = re.escape(delimiter).encode()
    plain = b"[^" + mark + b"\\r\\n]*"
    quoted = b'"(?:[^"]++|"")*+"' + (b"" if strict else plain)
    return re.compile(b"(?:" + quoted + b'|(?!")' + plain + b")(" + mark + b"|\\r\\n|\\n|\\r|\\Z)")


def _line_starts(data: np.ndarray) -> np.ndarray:
    ends = np.flatnonzero(data == _NEWLINE)
    returns = np.flatnonzero(data == _RETURN)
    if returns.size:
        following = np.minimum(returns + 1, len(data) - 1)
        lone = returns[(data[following] != _NEWLINE) | (returns == len(data) - 1)]
        ends = np.union1d(ends, lone)
    starts = np.concatenate([[0], ends + 1])
    return starts if len(data) == 0 or starts[-1] == len(data) else np.append(starts, len(data))


def _filled(data: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Whether a line holds anything besides its end."""
    first = data[starts[:-1]]
    filled: np.ndarray = np.logical_and(first != _NEWLINE, first != _RETURN)
    return filled


def _suspects(text: bytes, data: np.ndarray, starts: np.ndarray, thorough: bool) -> np.ndarray:
    """Lines that may open a quote and not close it."""
    if b'"' not in text:
        return np.empty(0, np.int64)
    quotes = (data == _QUOTE).view(np.uint8)
    if thorough:
        return np.flatnonzero(np.maximum.reduceat(quotes, starts[:-1]))
    # Counting modulo 256 keeps what is asked for: whether the number of quotes in a line is odd.
    return np.flatnonzero(np.add.reduceat(quotes, starts[:-1], dtype=np.uint8) % 2)


def _quoted_lines(
    text: bytes, suspects: np.ndarray, starts: np.ndarray, delimiter: str
) -> tuple[np.ndarray, tuple[SkippedRow, ...]]:
    """Lines that continue a quoted cell, and lines whose quote is never closed."""
    inside: list[np.ndarray] = []
    removed: list[SkippedRow] = []
    position = 0
    while position < len(suspects):
        first = int(suspects[position])
        position += 1
        if count_fields(text[starts[first] : starts[first + 1]], delimiter) is not None:
            continue
        last = _closing_line(text, starts, suspects, position, delimiter)
        if last is None:
            removed.append(SkippedRow(first + 1, "a quotation mark is opened and never closed"))
            continue
        inside.append(np.arange(first + 1, last + 1))
        position = int(np.searchsorted(suspects, last, side="right"))
    return np.concatenate(inside) if inside else np.empty(0, np.int64), tuple(removed)


def _closing_line(text: bytes, starts: np.ndarray, suspects: np.ndarray, position: int, delimiter: str) -> int | None:
    """The line that closes the cell opened on the suspect before `position`; None where the quote is a stray one.

    The joined lines must make one row with as many fields as the first row has.
    """
    first = int(suspects[position - 1])
    expected = count_fields(text[: starts[1]], delimiter) if first > 0 else None
    for last in suspects[position : position + _MAX_TRIES]:
        if last - first > _MAX_JOINED:
            return None
        joined = count_fields(text[starts[first] : starts[last + 1]], delimiter, strict=True)
        if joined is not None:
            return int(last) if expected in (None, joined) else None
    return None
