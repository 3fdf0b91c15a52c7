"""Rows as a database driver gives them to Arrow columns that keep their types."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops_lib.data.convert import Converted
from mlops_lib.data.dates import STAMP, read_dates
from mlops_lib.data.parquet import plain_column
from mlops_lib.objects.words import listed

_UTC = pa.timestamp("us", tz="UTC")
_BIG = 1e15


@dataclass
class SqlColumn:
    """One column of a result on its way: a chunk for every block, and the kinds of values that came by."""

    name: str
    chunks: list[pa.Array] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    nbytes: int = 0

    def add(self, values: Sequence[Any]) -> None:
        """Take the values of a block."""
        types = set(map(type, values)) - {type(None)}
        kinds = {_kind(t, values) for t in types}
        self.kinds |= {kind: min(t.__name__ for t in types if _kind(t, values) == kind) for kind in kinds}
        chunk = _chunk(values, kinds)
        self.nbytes += chunk.nbytes
        self.chunks.append(chunk)

    def converted(self, days_are_text: bool) -> Converted | None:
        """The whole column; None where it has no place in a table. `days_are_text`: the database has no dates."""
        kinds = frozenset(self.kinds)
        if "bytes" in kinds:
            return None
        if "decimal" in kinds and kinds <= _NUMBERS:
            return _decimals(self._as(pa.string()), self.name)
        kind = _common({chunk.type for chunk in self.chunks if chunk.null_count < len(chunk)})
        try:
            values = self._as(kind)
        except pa.ArrowInvalid:  # whole numbers beside decimals that are too large to be exact as such
            kind, values = pa.string(), self._as(pa.string())
        found = plain_column(values, self.name)
        if found is None or not pa.types.is_string(kind):
            return found
        if kinds == {"text"}:
            return _days(found, self.name) if days_are_text else found
        said = self._type_words()
        return replace(found, repairs=(*found.repairs, f"'{self.name}' is kept as text; in the database it is {said}."))

    def _as(self, kind: pa.DataType) -> pa.ChunkedArray:
        return pa.chunked_array([chunk.cast(kind) for chunk in self.chunks], kind)

    def _type_words(self) -> str:
        names = sorted({_WORDS.get(name, name) for name in self.kinds.values()})
        return f"of the type {names[0]}" if len(names) == 1 else f"of several types ({listed(names)})"


_WORDS = {
    "dict": "JSON",
    "list": "array or JSON",
    "timedelta": "interval",
    "str": "text",
    "int": "number",
    "float": "number",
}
_NUMBERS = {"whole", "number", "decimal"}


def _common(types: set[pa.DataType]) -> pa.DataType:
    """The type that holds all chunks of a column."""
    if len(types) < 2:
        return types.pop() if types else pa.null()
    joined = ((pa.float64(), {pa.int64(), pa.float64()}), (STAMP, {pa.date32(), STAMP}))
    return next((kind for kind, of in joined if types <= of), pa.string())


_KIND: dict[type, str] = {
    bool: "label", int: "whole", float: "number", Decimal: "decimal", str: "text", dt.date: "day", dt.datetime: "stamp",
    bytes: "bytes", bytearray: "bytes", memoryview: "bytes", dict: "json", list: "json",
}  # fmt: skip

_MADE: dict[str, tuple[pa.DataType, Callable[[Any], Any] | None]] = {
    "label": (pa.bool_(), None),
    "whole": (pa.int64(), None),
    "number": (pa.float64(), None),
    "decimal": (pa.string(), lambda value: format(value, "f")),
    "text": (pa.string(), None),
    "day": (pa.date32(), None),
    "stamp": (STAMP, None),
    "zoned": (_UTC, None),
    "bytes": (pa.null(), lambda _: None),
    "json": (pa.string(), lambda value: json.dumps(value, ensure_ascii=False, default=str)),
    "other": (pa.string(), str),
}
"""For each kind of value the Arrow type of its chunk, and what is done to a value first."""


def _kind(type_: type, values: Sequence[Any]) -> str:
    found = _KIND.get(type_, "other")
    if found != "stamp":
        return found
    first: Any = next(value for value in values if type(value) is type_)
    return "stamp" if first.tzinfo is None else "zoned"


def _chunk(values: Sequence[Any], kinds: set[str]) -> pa.Array:
    if not kinds:
        return pa.nulls(len(values))
    if len(kinds) == 1:
        made, prepare = _MADE[next(iter(kinds))]
        try:
            return pa.array(values if prepare is None else [None if v is None else prepare(v) for v in values], made)
        except (pa.ArrowInvalid, OverflowError):  # whole numbers beyond 64 bits, say
            return _texts(values)
    if kinds == {"whole", "number"} and all(abs(v) < _BIG for v in values if type(v) is int):
        return pa.array(values, pa.float64())
    return pa.nulls(len(values)) if "bytes" in kinds else _texts(values)


def _texts(values: Sequence[Any]) -> pa.Array:
    def text(value: Any) -> str | None:
        if value is None:
            return None
        prepare = _MADE[_KIND.get(type(value), "other")][1] or str
        return str(value).lower() if value is True or value is False else str(prepare(value))

    return pa.array([text(v) for v in values], pa.string())


def _decimals(column: pa.ChunkedArray, name: str) -> Converted | None:
    """Exact decimals as numbers where 15 digits hold them; whole parts of more digits stay text."""
    numbers = pc.cast(column, pa.float64())
    if (pc.max(pc.abs(pc.if_else(pc.is_finite(numbers), numbers, 0.0))).as_py() or 0) >= _BIG:
        return Converted(column, (f"'{name}' is kept as text, because it has numbers of more than 15 digits.",))
    if not pc.any(pc.match_substring_regex(column, r"[.a-zA-Z]")).as_py():
        return plain_column(pc.cast(column, pa.int64()), name)
    found = plain_column(numbers, name)
    digits = pc.utf8_length(pc.replace_substring_regex(column, r"^-?0*\.?0*|\.|\.?0*$", ""))
    if found is None or (pc.max(digits).as_py() or 0) <= 15:
        return found
    note = f"'{name}' has decimals of more than 15 digits; they are rounded to floating-point numbers."
    return replace(found, repairs=(*found.repairs, note))


def _days(found: Converted, name: str) -> Converted:
    """Texts as dates where every one of them is one; where day and month cannot be told apart they stay text."""
    encoded = pa.concat_arrays(found.values.chunks).dictionary_encode()
    cells = encoded.dictionary
    rows = np.bincount(encoded.indices.drop_null().to_numpy(), minlength=len(cells))
    dates = read_dates(cells, rows, name) if len(cells) else None
    if dates is None or dates.ambiguous or dates.why_not or dates.values.null_count > cells.null_count:
        return found
    values = pa.chunked_array([dates.values.take(encoded.indices)])
    return Converted(values, (*found.repairs, *dates.repairs), dates.guessed)
