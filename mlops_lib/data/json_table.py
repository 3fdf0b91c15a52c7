"""JSON and JSON Lines to text columns, object by object, so that no digit is lost and memory stays in bounds.

Numbers keep the text they have in the file; the rules for text columns then find their type.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from json import JSONDecodeError, JSONDecoder
from typing import Any

import pyarrow as pa

from mlops_lib.data.limits import check_shape
from mlops_lib.objects.dataset import SkippedRow
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.words import counted, listed

KEPT_SKIPS = 100
_FLUSH_ROWS = 1 << 16
_FEW_TEXTS = 20
_SPACE = re.compile(r"[ \t\r\n]*")
_NO_TABLE = "Upload an array of objects, one object a line, or an object of arrays of one length."


class _Number(str):
    """A number as it is written in the file."""

    __slots__ = ()


class _Constant(str):
    """NaN, Infinity or -Infinity, which are no JSON but are written by many programs."""

    __slots__ = ()


class _Object(list[tuple[str, Any]]):
    """The pairs of an object, in order; a name may come twice."""

    __slots__ = ()


_DECODER = JSONDecoder(
    object_pairs_hook=_Object, parse_float=_Number, parse_int=_Number, parse_constant=_Constant, strict=False
)


@dataclass(frozen=True, eq=False)
class JsonColumn:
    """The cells of one name as text (None: no such name, or null), and the kinds of value among them.

    `kinds` are of "number", "text", "yes/no", "list", "object". The cells of the last two are None. `texts` are the
    distinct cells of kind "text", None where they are more than a few.
    """

    name: str
    cells: pa.ChunkedArray
    kinds: frozenset[str]
    texts: frozenset[str] | None

    @property
    def nested(self) -> str:
        """What its nested values are ("lists", "objects"); "" where all values are plain."""
        return listed([f"{kind}s" for kind in sorted(self.kinds & {"list", "object"})])


@dataclass(frozen=True, eq=False)
class JsonTable:
    """Columns in the order in which their names first came, and what happened on the way."""

    columns: tuple[JsonColumn, ...]
    rows: int
    format: str
    skipped: tuple[SkippedRow, ...] = ()
    skipped_in_all: int = 0
    repairs: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()


def read_json(utf8: bytes, name: str) -> JsonTable:
    """An array of objects, JSON Lines, an object of arrays, or one of these inside an object.

    Raises InputError for anything else, for what is cut off or nested too deeply, TooLargeError at a limit.
    """
    try:
        return _read(utf8, name)
    except RecursionError:
        raise InputError(f"'{name}' is nested more deeply than a table can be.", _NO_TABLE) from None
    except JSONDecodeError as error:
        raise InputError(
            f"'{name}' is damaged or cut off: it is no JSON any more from line {error.lineno:,} on ({error.msg}).",
            "Write it again and upload that.",
        ) from None


def _read(utf8: bytes, name: str) -> JsonTable:
    if utf8.lstrip()[:1] == b"[":
        text = utf8.decode("utf-8")
        return _table(_elements(text), name, "JSON")
    first = _first_line(utf8)
    if first is not None and len(utf8.strip()) > len(first):
        return _lines(utf8, name)
    text = utf8.decode("utf-8")
    value, end = _DECODER.raw_decode(text, _skip(text, 0))
    if _skip(text, end) < len(text):
        raise InputError(
            f"'{name}' holds several JSON objects that are not one a line.", "Write one object a line, or an array."
        )
    return _of_object(value, name)


def _first_line(utf8: bytes) -> bytes | None:
    """The first line that is not blank, where it is a JSON value of its own."""
    stripped = utf8.lstrip()
    line = stripped[: stripped.find(b"\n") + 1].strip()
    try:
        _DECODER.decode(line.decode("utf-8"))
    except JSONDecodeError:
        return None
    return line


def _skip(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return position if found is None else found.end()


def _elements(text: str) -> Iterator[Any]:
    """The values of an array one after the other, none of them kept."""
    position = _skip(text, _skip(text, 0) + 1)
    while text[position : position + 1] != "]":
        value, position = _DECODER.raw_decode(text, position)
        yield value
        position = _skip(text, position)
        if text[position : position + 1] == ",":
            position = _skip(text, position + 1)
        elif text[position : position + 1] != "]":
            raise JSONDecodeError("',' or ']' is missing", text, position)
    if _skip(text, position + 1) < len(text):
        raise JSONDecodeError("Something follows the end", text, position + 1)


def _table(rows: Iterator[Any], name: str, kind: str) -> JsonTable:
    collected = _Columns()
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, _Object):
            raise InputError(f"Element {number:,} of '{name}' is {_what(row)} instead of an object.", _NO_TABLE)
        collected.add(row)
    return collected.table(name, kind)


def _lines(utf8: bytes, name: str) -> JsonTable:
    collected = _Columns()
    skipped: list[SkippedRow] = []
    left = 0
    for number, line in enumerate(io.TextIOWrapper(io.BytesIO(utf8), "utf-8", newline="\n"), start=1):
        stripped = line.strip()
        if not stripped:
            continue
        try:
            row = _DECODER.decode(stripped)
            reason = "" if isinstance(row, _Object) else f"{_what(row)} instead of an object"
        except JSONDecodeError as error:
            row, reason = None, f"no JSON ({error.msg})"
        if reason:
            left += 1
            skipped += [SkippedRow(number, reason)] if left <= KEPT_SKIPS else []
        else:
            collected.add(row)
    kept = collected.rows + collected.waiting
    if left > kept:
        raise InputError(
            f"{left:,} of the {left + kept:,} lines of '{name}' are no JSON objects, the first in line "
            f"{skipped[0].line:,}: {skipped[0].reason}.",
            _NO_TABLE,
        )
    return collected.table(name, "JSON Lines", tuple(skipped), left)


def _of_object(value: _Object, name: str) -> JsonTable:
    """An object of arrays, the split form of pandas, an object around a table, or the one row that an object is."""
    lists = {key: cells for key, cells in value if isinstance(cells, list) and not isinstance(cells, _Object)}
    if {"columns", "data"} <= set(lists) and all(isinstance(row, list) for row in lists["data"]):
        return _split_form(lists["columns"], lists["data"], name)
    tables = [key for key, cells in lists.items() if cells and all(isinstance(row, _Object) for row in cells)]
    if len(tables) == 1:
        found = _table(iter(lists[tables[0]]), name, "JSON")
        others = [key for key, _ in value if key != tables[0]]
        beside = f"; {listed(others)} beside it {'was' if len(others) == 1 else 'were'} left out" if others else ""
        return _with(found, f"The table is the array '{tables[0]}'{beside}.")
    if len(tables) > 1:
        raise InputError(f"'{name}' holds {len(tables)} tables: {listed(tables)}.", "Upload one of them by itself.")
    if lists and len(lists) == len(value):
        return _of_arrays(lists, name)
    indexed = [key for key, cells in value if isinstance(cells, _Object)]
    if value and len(indexed) == len(value):
        return _of_indexed(value, name)
    if value and not lists and not indexed:
        return _table(iter([value]), name, "JSON")
    raise InputError(f"'{name}' is one JSON object in which no table can be told for sure.", _NO_TABLE)


def _of_arrays(lists: dict[str, list[Any]], name: str) -> JsonTable:
    lengths = {len(cells) for cells in lists.values()}
    if len(lengths) > 1:
        raise InputError(
            f"The arrays of '{name}' have different lengths ({min(lengths):,} to {max(lengths):,}).", _NO_TABLE
        )
    check_shape(lengths.pop(), len(lists))
    rows = zip(*lists.values(), strict=True)
    return _table((_Object(zip(lists, row, strict=True)) for row in rows), name, "JSON")


def _of_indexed(value: _Object, name: str) -> JsonTable:
    """{"column": {"0": cell, "1": cell}}, which pandas writes unless told otherwise; all columns with one index."""
    indexes = [[key for key, _ in cells] for _, cells in value]
    counted_rows = indexes[0] == [str(k) for k in range(len(indexes[0]))]
    if any(index != indexes[0] for index in indexes) or (len(value) < 2 and not counted_rows):
        raise InputError(f"'{name}' is one JSON object in which no table can be told for sure.", _NO_TABLE)
    arrays = {key: [cell for _, cell in cells] for key, cells in value}
    found = _of_arrays(arrays, name)
    return _with(found, "Each column is an object of cells by row; the names of the rows were left out.")


def _split_form(names: list[Any], data: list[list[Any]], name: str) -> JsonTable:
    """{"columns": [...], "data": [[...], ...]}, with or without an index."""
    plain = all(type(title) in (str, _Number) for title in names)
    if not plain or len(set(names)) < len(names) or any(len(row) != len(names) for row in data):
        raise InputError(f"The rows of '{name}' do not go with its {counted(len(names), 'column')}.", _NO_TABLE)
    check_shape(len(data), len(names))
    found = _table((_Object(zip(map(str, names), row, strict=True)) for row in data), name, "JSON")
    return _with(found, "It is in the split form of pandas; an index is left out.")


def _with(found: JsonTable, guessed: str) -> JsonTable:
    return JsonTable(**{**vars(found), "guessed": (*found.guessed, guessed)})


def _what(value: Any) -> str:
    return f"{_ARTICLES[_kind(type(value))]}" if value is not None else "null"


_KINDS: dict[type, str] = {
    _Number: "number",
    _Constant: "number",
    str: "text",
    bool: "yes/no",
    list: "list",
    _Object: "object",
}
_ARTICLES = {"number": "a number", "text": "a text", "yes/no": "true or false", "list": "a list", "object": "an object"}


def _kind(kind: type) -> str:
    return _KINDS[kind]


@dataclass(eq=False)
class _Columns:
    """Cells by name, turned into Arrow text every so many rows."""

    rows: int = 0
    twice: int = 0
    infinite: int = 0
    broken: int = 0
    cells: dict[str, list[Any]] = field(default_factory=dict)
    done: dict[str, list[pa.Array]] = field(default_factory=dict)
    kinds: dict[str, set[str]] = field(default_factory=dict)
    texts: dict[str, set[str]] = field(default_factory=dict)
    waiting: int = 0

    def add(self, row: Sequence[tuple[str, Any]]) -> None:
        """One more row. Raises TooLargeError where that makes the table too large."""
        again = False
        for key, value in row:
            column = self.cells.get(key)
            if column is None:
                column = self._new(key)
            if len(column) > self.waiting:
                again = True
                column[-1] = value
            else:
                column.append(value)
        self.waiting += 1
        self.twice += again
        if again or len(row) < len(self.cells):
            for column in self.cells.values():
                if len(column) < self.waiting:
                    column.append(None)
        if self.waiting == _FLUSH_ROWS:
            self._flush()

    def _new(self, key: str) -> list[Any]:
        check_shape(self.rows, len(self.cells) + 1)
        self.cells[key] = [None] * self.waiting
        self.done[key] = [pa.nulls(self.rows, pa.string())] if self.rows else []
        self.kinds[key], self.texts[key] = set(), set()
        return self.cells[key]

    def _flush(self) -> None:
        self.rows += self.waiting
        check_shape(self.rows, len(self.cells))
        for key, column in self.cells.items():
            types = set(map(type, column)) - {type(None)}
            self.kinds[key] |= {_kind(kind) for kind in types}
            self.infinite += (
                sum(cell != "NaN" for cell in column if type(cell) is _Constant) if _Constant in types else 0
            )
            if str in types and len(self.texts[key]) <= _FEW_TEXTS:
                self.texts[key].update(islice({cell for cell in column if type(cell) is str}, _FEW_TEXTS + 1))
            plain = column if types <= {str, _Number} else [_TEXT[type(cell)](cell) for cell in column]
            self.done[key].append(self._array(plain))
            column.clear()
        self.waiting = 0

    def _few(self, key: str) -> frozenset[str] | None:
        return frozenset(self.texts[key]) if len(self.texts[key]) <= _FEW_TEXTS else None

    def _array(self, cells: list[str | None]) -> pa.Array:
        try:
            return pa.array(cells, pa.string())
        except UnicodeEncodeError:
            whole = [None if cell is None else cell.encode("utf-8", "replace").decode("utf-8") for cell in cells]
            self.broken += sum(a != b for a, b in zip(cells, whole, strict=True))
            return pa.array(whole, pa.string())

    def table(self, name: str, kind: str, skipped: tuple[SkippedRow, ...] = (), skipped_in_all: int = 0) -> JsonTable:
        """What was collected. Raises InputError where that is nothing."""
        self._flush()
        if not self.rows or not self.cells:
            raise InputError(f"'{name}' has no rows.", "Upload a table with at least one row.")
        repairs = []
        if self.twice:
            repairs.append(f"{counted(self.twice, 'row')} had a name more than once; the last value counts.")
        if self.infinite:
            repairs.append(f"{counted(self.infinite, 'infinite value')} count as missing.")
        if self.broken:
            repairs.append(f"{counted(self.broken, 'text')} had half a sign (a lone surrogate); it is now a '?'.")
        columns = tuple(
            JsonColumn(key, pa.chunked_array(self.done[key], pa.string()), frozenset(self.kinds[key]), self._few(key))
            for key in self.cells
        )
        return JsonTable(columns, self.rows, kind, skipped, skipped_in_all, tuple(repairs))


_TEXT: dict[type, Any] = {
    type(None): lambda _cell: None,
    str: lambda cell: cell,
    _Number: lambda cell: cell,
    _Constant: lambda _cell: None,
    bool: lambda cell: "true" if cell else "false",
    list: lambda _cell: None,
    _Object: lambda _cell: None,
}
