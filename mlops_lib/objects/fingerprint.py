"""Fingerprints: short digests of what determines a thing, and of nothing else.

A field of a noun that does not determine it (a name, a note, a timing, a path) is declared with `described()`
and stays out of the digest.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

LENGTH = 16
"""Hex digits kept: 64 bits, so a collision among a million things has a chance of about 3e-8."""

_DESCRIBES = {"determines": False}
_LATER = {"later": True}


def described(**options: Any) -> Any:
    """Declare a dataclass field that describes a noun but does not determine it."""
    return dataclasses.field(metadata=_DESCRIBES, **options)


def later(default: Any) -> Any:
    """Declare a field that a noun of old did not have: it counts only where it is not its default.

    So what was stored before the field came keeps its fingerprint. The default must be immutable.
    """
    return dataclasses.field(default=default, metadata=_LATER)


def fingerprint(*values: object) -> str:
    """Digest of nouns and plain values: `LENGTH` lower-case hex digits.

    Class names count, so `Smote(k=5)` and `Adasyn(k=5)` differ; the order of a mapping does not count.

    Raises
    ------
    TypeError : a value is neither a dataclass nor plain data (None, bool, number, text, sequence, mapping, array).
    """
    text = json.dumps([_canonical(v) for v in values], separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH]


def _canonical(value: object) -> object:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return {"float": float(value).hex()}
    if isinstance(value, np.ndarray):
        digest = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
        return {"array": digest, "dtype": str(value.dtype), "shape": list(value.shape)}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        determining = [f for f in dataclasses.fields(value) if _counts(f, value)]
        kind = type(value)
        return {
            "class": f"{kind.__module__}.{kind.__qualname__}",
            "fields": {f.name: _canonical(getattr(value, f.name)) for f in determining},
        }
    if isinstance(value, Mapping):
        return {"mapping": sorted(([str(k), _canonical(v)] for k, v in value.items()), key=lambda kv: str(kv[0]))}
    if isinstance(value, (list, tuple)):
        return [_canonical(v) for v in value]
    raise TypeError(f"A {type(value).__name__} has no fingerprint; give nouns or plain values.")


def _counts(field: dataclasses.Field[Any], value: object) -> bool:
    if field.metadata.get("later"):
        found = getattr(value, field.name)
        return isinstance(found, np.ndarray) or bool(found != field.default)
    return bool(field.metadata.get("determines", True))


def table_fingerprint(table: pa.Table) -> str:
    """Digest of every cell, the column names and order, the types and the row order of an Arrow table.

    Chunking, slicing, dictionary encoding and what lies under a missing cell make no difference.
    """
    digest = hashlib.sha256(str(table.num_rows).encode())
    for name in table.column_names:
        column = table[name]
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        digest.update(f"\0{name}\0{column.type}\0".encode("utf-8", "surrogatepass"))
        for batch in _even_batches(column):
            _update(digest, batch)
    return digest.hexdigest()[:LENGTH]


_BATCH = 1 << 16


def _even_batches(column: pa.ChunkedArray) -> list[pa.Array]:
    """The column cut at fixed row numbers, whatever its own chunks are."""
    pieces = (column.slice(start, _BATCH) for start in range(0, len(column), _BATCH))
    return [pa.concat_arrays(p.chunks) if p.num_chunks != 1 else p.chunk(0) for p in pieces]


def _update(digest: Any, values: pa.Array) -> None:
    digest.update(pc.is_valid(values).to_numpy(zero_copy_only=False).tobytes())
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        filled = pc.fill_null(values, "").cast(pa.large_string())
        lengths = pc.binary_length(filled).to_numpy(zero_copy_only=False).astype(np.int64)
        digest.update(lengths.tobytes())
        first, last = np.frombuffer(filled.buffers()[1], np.int64)[[filled.offset, filled.offset + len(filled)]]
        if filled.buffers()[2] is not None:
            digest.update(memoryview(filled.buffers()[2])[int(first) : int(last)])
        return
    if pa.types.is_null(values.type):
        return
    if pa.types.is_boolean(values.type):
        plain = pc.fill_null(values, False).to_numpy(zero_copy_only=False)
    elif pa.types.is_temporal(values.type):
        width = pa.int32() if values.type.bit_width == 32 else pa.int64()
        plain = pc.fill_null(values.cast(width), 0).to_numpy(zero_copy_only=False)
    else:
        plain = pc.fill_null(values, 0).to_numpy(zero_copy_only=False)
    digest.update(np.ascontiguousarray(plain).tobytes())
