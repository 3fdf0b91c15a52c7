"""Text as a stream of UTF-8, and its rows block by block; nothing of the file stays in memory."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from mlops_lib.data.encoding import decode
from mlops_lib.data.reading import ReadTable, read_table
from mlops_lib.objects.dataset import ReadingOptions
from mlops_lib.objects.errors import InputError, NotPossibleError

HEAD, BLOCK = 1 << 18, 1 << 19
"""Bytes from which it is found out how a text is to be read, and bytes read at once. Small blocks keep memory small."""

_STATEFUL = ("utf-16", "utf-32", "utf-7", "iso2022", "hz")
_LINE, _MAX_JOINED = "line", 100


@dataclass
class Passed:
    """What came by besides the rows that were given out: rows that do not fit, and sentences on repairs.

    `swallowed` counts lines inside rows that do not fit because a quotation mark is not closed where it should be.
    """

    skipped: int = 0
    swallowed: int = 0
    repairs: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class TextRows:
    """The rows of a text: `batches` of text columns, to be taken once, and how rows that were kept become a table."""

    batches: Iterator[pa.RecordBatch]
    table: Callable[[pa.Table], ReadTable]


@dataclass(frozen=True)
class TextSource:
    """Where text comes from: a stream, the `head` that was taken from it already, and the bytes to read at once."""

    stream: Any
    head: bytes
    is_json: bool
    name: str
    block: int


class Utf8Stream:
    """A stream of bytes in any encoding as UTF-8, without byte-order mark; what is no text becomes the sign \ufffd."""

    def __init__(self, source: TextSource, encoding: str) -> None:
        self.replaced = 0
        self.closed = False
        self._source, self._raw, self._front = source.stream, source.head, b""
        self.block = source.block
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._ascii_is_ascii = not codecs.lookup(encoding).name.startswith(_STATEFUL)
        self._begun = self._ended = False

    def read(self, _size: int = 0) -> bytes:
        """The next bytes, as many as come at once; none only at the end."""
        if self._front:
            block, self._front = self._front, b""
            return block
        block = b""
        while not block and not self._ended:
            block = self._decoded()
        return block

    def peek(self, size: int) -> str:
        """About the next `size` bytes as text, which stay to be read."""
        while len(self._front) < size and (block := self._decoded()):
            self._front += block
        return self._front.decode("utf-8", "replace")

    def drop(self, size: int) -> None:
        """Leave out the first bytes of what was peeked at."""
        self._front = self._front[size:]

    def close(self) -> None:
        """Nothing: who opened the file closes it. (Arrow asks for the method.)"""
        self.closed = True

    def _decoded(self) -> bytes:
        raw = self._raw or self._source.read(self.block)
        self._raw, self._ended = b"", not raw
        if raw and self._ascii_is_ascii and raw.isascii() and not self._decoder.getstate()[0]:
            self._begun = True
            return bytes(raw)
        text = self._decoder.decode(raw, final=self._ended)
        if text and not self._begun:
            text, self._begun = text.removeprefix("\ufeff"), True
        self.replaced += text.count("\ufffd")
        return text.encode("utf-8", "replace")


class WithoutComments:
    """The lines of a stream but those that begin with a sign."""

    def __init__(self, stream: Utf8Stream, sign: str) -> None:
        self.closed, self.block = False, stream.block
        self._stream, self._rest, self._ended = stream, b"", False
        self._comment = re.compile(rb"^" + re.escape(sign.encode()) + rb"[^\r\n]*(?:\r\n|\r|\n|\Z)", re.MULTILINE)

    def read(self, _size: int = 0) -> bytes:
        """The next whole lines; none only at the end."""
        block = b""
        while not block and not self._ended:
            new = self._stream.read()
            self._ended = not new
            block = self._rest + new
            end = len(block) if self._ended else block.rfind(b"\n") + 1
            self._rest, block = block[end:], self._comment.sub(b"", block[:end])
        return block

    def close(self) -> None:
        """Nothing, as the stream below."""
        self.closed = True


def text_rows(source: TextSource, options: ReadingOptions, passed: Passed) -> TextRows:
    """The rows of delimited text or JSON Lines.

    What the whole-file reader finds out about the head (encoding, delimiter, where the names stand) holds for the file.
    Raises what that reader raises, and NotPossibleError where the text cannot be taken apart row by row.
    """
    head = _whole_lines(source.head)
    if source.is_json:
        _check_json_lines(decode(head, source.name, options.encoding).utf8, source.name)
    with _scratch(head) as place:
        used = read_table(place, source.name, options).reading.options
    stream = Utf8Stream(source, used.encoding or "utf-8")
    make = _json_lines if source.is_json else _delimited
    return make(stream, source, options, used, passed)


def _whole_lines(head: bytes) -> bytes:
    """Without the last line, which may be cut, unless it is the only one or the file ends here."""
    end = max(head.rfind(b"\n"), head.rfind(b"\r")) + 1
    if len(head) < HEAD or not end:
        return head
    return head[: end + (head[end : end + 1] == b"\x00")]  # in UTF-16 a line may end with a zero byte


@contextmanager
def _scratch(*pieces: bytes | memoryview) -> Iterator[Path]:
    """A file that lives as long as the block."""
    with tempfile.TemporaryDirectory(prefix="fulcrum-") as folder:
        place = Path(folder) / "rows"
        with place.open("wb") as file:
            file.writelines(pieces)
        yield place


def _check_json_lines(head: bytes, name: str) -> None:
    try:
        lines = isinstance(json.loads(head.lstrip().split(b"\n", 1)[0]), dict)
    except ValueError:
        lines = False
    if not lines:
        raise NotPossibleError(
            f"'{name}' is one JSON document and not one object a line.", "Save it as JSON Lines, or open it as a whole."
        )


def _json_lines(
    stream: Utf8Stream, source: TextSource, options: ReadingOptions, used: ReadingOptions, passed: Passed
) -> TextRows:
    parse = pacsv.ParseOptions(delimiter="\x01", quote_char=False, escape_char=False, double_quote=False)

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in _parsed(stream, (_LINE,), parse, passed):
            fitting = pc.match_substring_regex(batch.column(0), r"^\s*\{.*\}\s*$")
            passed.skipped += batch.num_rows - pc.sum(fitting).as_py()
            yield batch.filter(fitting)
        _say_replaced(stream, passed)

    def table(kept: pa.Table) -> ReadTable:
        with _scratch(*(f"{line}\n".encode() for line in kept.column(0).to_pylist())) as place:
            read = read_table(place, source.name, replace(options, encoding="utf-8"))
        as_found = replace(read.reading.options, encoding=used.encoding)
        return replace(read, reading=replace(read.reading, options=as_found))

    return TextRows(batches(), table)


def _delimited(
    stream: Utf8Stream, source: TextSource, options: ReadingOptions, used: ReadingOptions, passed: Passed
) -> TextRows:
    delimiter = used.delimiter or ","
    if len(delimiter.encode()) != 1:
        raise NotPossibleError(
            f"'{source.name}' has the delimiter '{delimiter}', with which it cannot be sampled in one pass.",
            "Save it with commas, semicolons or tabs.",
        )
    names, width, before = _first_rows(stream.peek(HEAD), used)
    stream.drop(before)
    lines = WithoutComments(stream, used.comment) if used.comment else stream
    columns = [str(k) for k in range(width)]
    parse = pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=True)

    def batches() -> Iterator[pa.RecordBatch]:
        yield from _parsed(lines, columns, parse, passed)
        _say_replaced(stream, passed)

    def table(kept: pa.Table) -> ReadTable:
        body = io.BytesIO()
        pacsv.write_csv(
            kept, body, pacsv.WriteOptions(include_header=False, delimiter=delimiter, quoting_style="all_valid")
        )
        again = replace(options, encoding="utf-8", delimiter=delimiter, header=names is not None, header_row=None,
                        comment="")  # fmt: skip
        with _scratch(_as_row(names, width, delimiter), body.getbuffer()) as place:
            read = read_table(place, source.name, again)
        as_found = replace(
            read.reading.options, encoding=used.encoding, header_row=used.header_row, comment=used.comment
        )
        return replace(read, reading=replace(read.reading, options=as_found))

    return TextRows(batches(), table)


def _first_rows(text: str, used: ReadingOptions) -> tuple[list[str] | None, int, int]:
    """The names (None: there are none), how many fields a row has, and how many bytes stand before the first row."""
    taken = 0

    def lines() -> Iterable[str]:
        nonlocal taken
        for line in io.StringIO(text, newline=""):
            taken += len(line.encode())
            yield line

    source = iter(lines())
    for _ in range((used.header_row or 1) - 1):
        next(source, None)
    above = taken
    comment = used.comment or None
    records = csv.reader(
        (ln for ln in source if not (comment and ln.startswith(comment))), delimiter=used.delimiter or ","
    )
    filled = (record for record in records if any(cell.strip() for cell in record))
    try:
        first = next(filled, [])
        before = taken if used.header else above
        widths = Counter(len(record) for record, _ in zip(filled, range(200), strict=False))
    except csv.Error as error:
        raise InputError(f"The first rows cannot be taken apart: {error}.", "Correct their quotation marks.") from None
    longer = used.header and widths and widths.most_common(1)[0][0] == len(first) + 1
    return first if used.header else None, len(first) + bool(longer), before


def _as_row(names: Sequence[str] | None, width: int, delimiter: str) -> bytes:
    if names is None:
        return b""
    row = io.StringIO(newline="")
    csv.writer(row, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerow([*names, *[""] * (width - len(names))])
    return row.getvalue().encode("utf-8", "replace")


def _parsed(
    lines: Utf8Stream | WithoutComments, names: Sequence[str], parse: pacsv.ParseOptions, passed: Passed
) -> Iterator[pa.RecordBatch]:
    """Blocks of rows that have as many fields as there are names; the others are counted."""

    def skip(row: pacsv.InvalidRow) -> str:
        passed.skipped += 1
        text = row.text or ""
        lines = text.count("\n") or text.count("\r")
        if lines > _MAX_JOINED or (lines and text.count('"') % 2):
            passed.swallowed += lines
        return "skip"

    parse.invalid_row_handler = skip
    yield from pacsv.open_csv(
        pa.PythonFile(lines, mode="r"),
        read_options=pacsv.ReadOptions(column_names=list(names), block_size=lines.block, use_threads=False),
        parse_options=parse,
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
        ),
    )


def _say_replaced(stream: Utf8Stream, passed: Passed) -> None:
    if stream.replaced:
        passed.repairs.append(f"{stream.replaced:,} bytes of the file are no valid text; each is the sign \ufffd.")
