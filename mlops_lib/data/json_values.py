"""The values of JSON as cells: collected by name, a stretch of rows at a time, no digit lost.

A number stays the text that the file has for it; as bytes, which tell it apart from a text and cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from json import JSONDecoder
from typing import Any

import pyarrow as pa

from mlops_lib.data.limits import check_shape
from mlops_lib.objects.dataset import SkippedRow
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.words import counted, listed

_FLUSH_ROWS = 1 << 16
_FEW_TEXTS = 20


class Constant(str):
    """NaN, Infinity or -Infinity, which are no JSON but are written by many programs."""

    __slots__ = ()


class Object(list[tuple[str, Any]]):
    """The pairs of an object, in order; a name may come twice."""

    __slots__ = ()


DECODER = JSONDecoder(
    object_pairs_hook=Object, parse_float=str.encode, parse_int=str.encode, parse_constant=Constant, strict=False
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


_KINDS: dict[type, str] = {
    bytes: "number",
    Constant: "number",
    str: "text",
    bool: "yes/no",
    list: "list",
    Object: "object",
}


def kind_of(kind: type) -> str:
    return _KINDS[kind]


@dataclass(eq=False)
class Columns:
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
            self.kinds[key] |= {kind_of(kind) for kind in types}
            self.infinite += sum(cell != "NaN" for cell in column if type(cell) is Constant) if Constant in types else 0
            if str in types and len(self.texts[key]) <= _FEW_TEXTS:
                self.texts[key].update(islice({cell for cell in column if type(cell) is str}, _FEW_TEXTS + 1))
            plain = column if types <= {str, bytes} else [_TEXT[type(cell)](cell) for cell in column]
            self.done[key].append(self._array(plain))
            column.clear()
        self.waiting = 0

    def _few(self, key: str) -> frozenset[str] | None:
        return frozenset(self.texts[key]) if len(self.texts[key]) <= _FEW_TEXTS else None

    def _array(self, cells: list[str | bytes | None]) -> pa.Array:
        try:
            return pa.array(cells, pa.string())
        except UnicodeEncodeError:
            whole = [cell.encode("utf-8", "replace") if isinstance(cell, str) else cell for cell in cells]
            self.broken += sum(isinstance(cell, str) and not _encodes(cell) for cell in cells)
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
    bytes: lambda cell: cell,
    Constant: lambda _cell: None,
    bool: lambda cell: "true" if cell else "false",
    list: lambda _cell: None,
    Object: lambda _cell: None,
}


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
