"""Where the rows of a delimited text start, so that a line can be named, and which quotes are never closed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from mlops_lib.objects.dataset import SkippedRow

_QUOTE, _NEWLINE, _RETURN = 0x22, 0x0A, 0x0D
_MAX_JOINED = 2_000
_MAX_TRIES = 8
_BLOCK = 1 << 23


@dataclass(frozen=True, eq=False)
class TextLines:
    """The physical lines of a text: `starts` are byte offsets, int64, one more than there are lines.

    `row_lines` are the line numbers (from 0) on which a row of the table starts, blank lines left out; `first` is the
    line on which the table begins and `above` counts the filled lines above it. `removed` are the lines that hold a
    quote which is never closed, `comments` (int64, from 0) those that begin with the comment sign; `blank` counts empty
    lines; `continues` is true for a line inside a cell that began on an earlier one.
    """

    text: bytes
    starts: np.ndarray
    row_lines: np.ndarray
    removed: tuple[SkippedRow, ...]
    blank: int
    continues: np.ndarray
    first: int
    above: int
    comments: np.ndarray

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

    def again(self, line: int) -> np.ndarray:
        """The rows (their lines, int64) that say exactly what the row on `line` says; none where that spans lines."""
        wanted = self.row(line).rstrip(b"\r\n")
        if int(self.starts[line + 1] - self.starts[line]) < len(wanted):
            return np.empty(0, np.int64)
        below = self.row_lines[self.row_lines > line]
        longer = self.starts[below + 1] - self.starts[below] - len(wanted)
        alike = below[(longer >= 0) & (longer <= 2)]
        data = np.frombuffer(self.text, np.uint8)
        for position, byte in enumerate(wanted):
            alike = alike[data[self.starts[alike] + position] == byte]
        return np.array([row for row in alike if self.row(row).rstrip(b"\r\n") == wanted], np.int64)

    def without(self, lines: np.ndarray, first: int) -> memoryview | bytes:
        """The text from line `first` on, without those lines."""
        cut = lines[lines >= first]
        if not len(cut):
            return memoryview(self.text)[int(self.starts[first]) :]
        edges = [first, *(int(c) + 1 for c in cut)]
        ends = [*(int(c) for c in cut), len(self.starts) - 1]
        pieces = (self.text[self.starts[a] : self.starts[b]] for a, b in zip(edges, ends, strict=True))
        return b"".join(pieces)


def find_lines(text: bytes, delimiter: str, first: int = 0, comment: str = "", thorough: bool = False) -> TextLines:
    """Split a text into physical lines and rows; the table begins on line `first`, and a quoted cell may span lines.

    The line `first` is a row even where it begins with the comment sign. Where `thorough`, every line with a quotation
    mark is looked at, not only those with an odd number of them: slower, and needed only where quotation marks also
    stand inside unquoted cells. Raises IndexError, with how many
    lines there are, where there is no such line.
    """
    data = np.frombuffer(text, np.uint8)
    starts = _line_starts(text, data)
    if first >= len(starts) - 1:
        raise IndexError(len(starts) - 1)
    filled = _filled(data, starts)
    comments = _beginning_with(comment.encode(), data, starts)
    comments[first] = False
    suspects = _suspects(text, data, starts, thorough)
    suspects = suspects[suspects >= first]
    inside, removed = _quoted_lines(text, suspects, starts, delimiter, comments, first)
    continues = np.zeros(len(filled), bool)
    continues[inside] = True
    comments &= ~continues
    row = filled & ~continues & ~comments
    above = int(np.count_nonzero(row[:first]))
    row[:first] = False
    row[[r.line - 1 for r in removed]] = False
    blank = int(np.count_nonzero(~filled[first:] & ~continues[first:]))
    return TextLines(
        text, starts, np.flatnonzero(row), removed, blank, continues, first, above, np.flatnonzero(comments)
    )


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


def _line_starts(text: bytes, data: np.ndarray) -> np.ndarray:
    # In blocks, so that what is true of each byte never takes as much memory as the text itself.
    blocks = range(0, len(data), _BLOCK)
    found = [np.flatnonzero(data[at : at + _BLOCK] == _NEWLINE) + at for at in blocks]
    if b"\r" in text:
        returns = np.concatenate([np.flatnonzero(data[at : at + _BLOCK] == _RETURN) + at for at in blocks])
        following = np.minimum(returns + 1, len(data) - 1)
        found.append(returns[(data[following] != _NEWLINE) | (returns == len(data) - 1)])
    ends = np.concatenate(found) if found else np.empty(0, np.int64)
    if b"\r" in text:
        ends.sort()
    starts = np.concatenate([[0], ends + 1])
    return starts if len(data) == 0 or starts[-1] == len(data) else np.append(starts, len(data))


def _filled(data: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Whether a line holds anything besides its end."""
    first = data[starts[:-1]]
    filled: np.ndarray = np.logical_and(first != _NEWLINE, first != _RETURN)
    return filled


def _beginning_with(sign: bytes, data: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Whether a line begins with the sign; none does where it is empty."""
    found = np.full(len(starts) - 1, bool(sign))
    for position, byte in enumerate(sign):
        places = starts[:-1] + position
        found &= (data[np.minimum(places, len(data) - 1)] == byte) & (places < starts[1:])
    return found


def _suspects(text: bytes, data: np.ndarray, starts: np.ndarray, thorough: bool) -> np.ndarray:
    """Lines that may open a quote and not close it."""
    if b'"' not in text:
        return np.empty(0, np.int64)
    edges = np.unique(np.searchsorted(starts, [*range(0, len(data), _BLOCK), len(data)]))
    blocks = pairwise(edges)
    found = [_suspects_between(data, starts[a : b + 1], thorough) + a for a, b in blocks]
    return np.concatenate(found)


def _suspects_between(data: np.ndarray, starts: np.ndarray, thorough: bool) -> np.ndarray:
    quotes = (data[starts[0] : starts[-1]] == _QUOTE).view(np.uint8)
    begins = starts[:-1] - starts[0]
    if thorough:
        return np.flatnonzero(np.maximum.reduceat(quotes, begins))
    # Counting modulo 256 keeps what is asked for: whether the number of quotes in a line is odd.
    return np.flatnonzero(np.add.reduceat(quotes, begins, dtype=np.uint8) % 2)


def _quoted_lines(
    text: bytes, suspects: np.ndarray, starts: np.ndarray, delimiter: str, comments: np.ndarray, begins: int
) -> tuple[np.ndarray, tuple[SkippedRow, ...]]:
    """Lines that continue a quoted cell, and lines whose quote is never closed."""
    inside: list[np.ndarray] = []
    removed: list[SkippedRow] = []
    position = 0
    # The first row says how many fields there are, unless it is the one in question.
    expected = count_fields(text[starts[begins] : starts[begins + 1]], delimiter)
    while position < len(suspects):
        first = int(suspects[position])
        position += 1
        if comments[first] or count_fields(text[starts[first] : starts[first + 1]], delimiter) is not None:
            continue
        last = _closing_line(text, starts, suspects, position, delimiter, expected)
        if last is None:
            removed.append(SkippedRow(first + 1, "a quotation mark is opened and never closed"))
            continue
        inside.append(np.arange(first + 1, last + 1))
        position = int(np.searchsorted(suspects, last, side="right"))
    return np.concatenate(inside) if inside else np.empty(0, np.int64), tuple(removed)


def _closing_line(
    text: bytes, starts: np.ndarray, suspects: np.ndarray, position: int, delimiter: str, expected: int | None
) -> int | None:
    """The line that closes the cell opened on the suspect before `position`; None where the quote is a stray one.

    The joined lines must make one row with as many fields as are expected.
    """
    first = int(suspects[position - 1])
    for last in suspects[position : position + _MAX_TRIES]:
        if last - first > _MAX_JOINED:
            return None
        joined = count_fields(text[starts[first] : starts[last + 1]], delimiter, strict=True)
        if joined is not None:
            return int(last) if expected in (None, joined) else None
    return None
