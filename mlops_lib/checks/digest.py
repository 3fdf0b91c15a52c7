"""One number a row, the same for equal rows: 64 bits, so that a million rows are compared in one sort.

Among a million different rows, the chance that any two are taken for equal is about 3e-8.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_HALF = np.uint64(32)


def digest_rows(table: pa.Table, before: np.ndarray | None = None) -> np.ndarray:
    """uint64 of shape (rows,), equal where rows are equal in every cell; missing cells equal each other.

    With `before`, the digests of other columns of the same rows, these columns are added to those.
    """
    return digest_columns((_as_bits(column) for column in table.columns), table.num_rows, before)


def digest_columns(columns: Iterable[np.ndarray], rows: int, before: np.ndarray | None = None) -> np.ndarray:
    """The same from columns of uint64 of shape (rows,), each equal where cells are equal."""
    digest = np.zeros(rows, np.uint64) if before is None else before
    for bits in columns:
        digest = _mixed(digest * _ODD + bits)
    return digest


def bits_of(values: np.ndarray) -> np.ndarray:
    """Numbers (n,) as uint64, equal where the numbers are equal; NaN equals NaN, and -0 equals 0."""
    if values.dtype.kind != "f":
        return _mixed(values.astype(np.int64).view(np.uint64))
    plain = np.where(np.isnan(values), np.nan, values + 0.0)
    return _mixed(plain.astype(np.float64).view(np.uint64))


def _as_bits(column: pa.ChunkedArray) -> np.ndarray:
    """A number per cell, equal where cells are equal."""
    if pa.types.is_string(column.type):
        column = pa.concat_arrays(column.chunks or [pa.array([], pa.string())]).dictionary_encode().indices
        filled = pc.fill_null(column, -1).to_numpy(zero_copy_only=False).astype(np.int64)
        bits: np.ndarray = filled.view(np.uint64)
        return bits
    valid = np.asarray(column.is_valid())
    plain = column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column
    values = np.ascontiguousarray(pc.fill_null(plain, 0).to_numpy())
    bits = (values + 0.0).view(np.uint64) if values.dtype.kind == "f" else values.astype(np.int64).view(np.uint64)
    return _mixed(bits + valid.astype(np.uint64))


def _mixed(digest: np.ndarray) -> np.ndarray:
    """Spread every bit over the whole number (the finaliser of SplitMix64, Steele, Lea & Flood 2014, shortened)."""
    once = (digest ^ (digest >> _HALF)) * _MIX
    mixed: np.ndarray = once ^ (once >> _HALF)
    return mixed
