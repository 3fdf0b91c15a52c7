"""JSON and JSON Lines to text columns, object by object: the shapes in which a table comes."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from json import JSONDecodeError
from typing import Any

from mlops_lib.data.json_values import DECODER, Columns, JsonTable, Object, kind_of
from mlops_lib.data.limits import check_shape
from mlops_lib.objects.dataset import SkippedRow
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.words import counted, listed

KEPT_SKIPS = 100
_SPACE = re.compile(r"[ \t\r\n]*")
_NO_TABLE = "Upload an array of objects, one object a line, or an object of arrays of one length."


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
    value, end = DECODER.raw_decode(text, _skip(text, 0))
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
        DECODER.decode(line.decode("utf-8"))
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
        value, position = DECODER.raw_decode(text, position)
        yield value
        position = _skip(text, position)
        if text[position : position + 1] == ",":
            position = _skip(text, position + 1)
        elif text[position : position + 1] != "]":
            raise JSONDecodeError("',' or ']' is missing", text, position)
    if _skip(text, position + 1) < len(text):
        raise JSONDecodeError("Something follows the end", text, position + 1)


def _table(rows: Iterator[Any], name: str, kind: str) -> JsonTable:
    collected = Columns()
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Object):
            raise InputError(f"Element {number:,} of '{name}' is {_what(row)} instead of an object.", _NO_TABLE)
        collected.add(row)
    return collected.table(name, kind)


def _lines(utf8: bytes, name: str) -> JsonTable:
    collected = Columns()
    skipped: list[SkippedRow] = []
    left = 0
    for number, line in enumerate(io.TextIOWrapper(io.BytesIO(utf8), "utf-8", newline="\n"), start=1):
        stripped = line.strip()
        if not stripped:
            continue
        try:
            row = DECODER.decode(stripped)
            reason = "" if isinstance(row, Object) else f"{_what(row)} instead of an object"
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


def _of_object(value: Object, name: str) -> JsonTable:
    """An object of arrays, the split form of pandas, an object around a table, or the one row that an object is."""
    lists = {key: cells for key, cells in value if isinstance(cells, list) and not isinstance(cells, Object)}
    if {"columns", "data"} <= set(lists) and all(isinstance(row, list) for row in lists["data"]):
        return _split_form(lists["columns"], lists["data"], name)
    tables = [key for key, cells in lists.items() if cells and all(isinstance(row, Object) for row in cells)]
    if len(tables) == 1:
        found = _table(iter(lists[tables[0]]), name, "JSON")
        others = [key for key, _ in value if key != tables[0]]
        beside = f"; {listed(others)} beside it {'was' if len(others) == 1 else 'were'} left out" if others else ""
        return _with(found, f"The table is the array '{tables[0]}'{beside}.")
    if len(tables) > 1:
        raise InputError(f"'{name}' holds {len(tables)} tables: {listed(tables)}.", "Upload one of them by itself.")
    if lists and len(lists) == len(value):
        return _of_arrays(lists, name)
    indexed = [key for key, cells in value if isinstance(cells, Object)]
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
    return _table((Object(zip(lists, row, strict=True)) for row in rows), name, "JSON")


def _of_indexed(value: Object, name: str) -> JsonTable:
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
    titles = [title.decode() if isinstance(title, bytes) else title for title in names]
    plain = all(isinstance(title, str) for title in titles)
    if not plain or len(set(titles)) < len(names) or any(len(row) != len(names) for row in data):
        raise InputError(f"The rows of '{name}' do not go with its {counted(len(names), 'column')}.", _NO_TABLE)
    check_shape(len(data), len(names))
    found = _table((Object(zip(titles, row, strict=True)) for row in data), name, "JSON")
    return _with(found, "It is in the split form of pandas; an index is left out.")


def _with(found: JsonTable, guessed: str) -> JsonTable:
    return replace(found, guessed=(*found.guessed, guessed))


def _what(value: Any) -> str:
    return "null" if value is None else _ARTICLES[kind_of(type(value))]


_ARTICLES = {"number": "a number", "text": "a text", "yes/no": "true or false", "list": "a list", "object": "an object"}
