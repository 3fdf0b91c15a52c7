"""One column of two versions in a common form, in which cells can be compared, counted and hashed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops_lib.data.difference import Kind
from mlops_lib.objects.dataset import Dataset

MISSING = np.uint64(0x7FF80F0F12345679)
"""What stands for a missing cell among the bits. As a double it is a NaN, which counts as missing too."""


@dataclass(frozen=True, eq=False)
class ColumnPair:
    """Cells of a column before and after.

    `before` and `after` are uint64, shape (rows,): equal exactly where the cells are. Numbers are their bits as float64
    (whole numbers on both sides as they are), dates microseconds since 1970, text codes into `labels`.
    """

    column: str
    kind: Kind
    before: np.ndarray
    after: np.ndarray
    whole: bool = False
    labels: pa.Array | None = None

    def values(self, after: bool) -> np.ndarray:
        """The filled cells of a side as float64 (for text: codes as int64), in the order of the rows."""
        bits = self.after if after else self.before
        filled = bits[bits != MISSING]
        if self.kind == "text" or self.whole:
            plain: np.ndarray = filled.view(np.int64)
            return plain if self.kind == "text" else plain.astype(np.float64)
        floats: np.ndarray = filled.view(np.float64)
        return floats


def kind_of(held: pa.DataType) -> Kind:
    """What a column holds."""
    if pa.types.is_temporal(held):
        return "date"
    return "text" if pa.types.is_string(held) or pa.types.is_large_string(held) else "number"


def column_pair(before: Dataset, after: Dataset, column: str) -> ColumnPair:
    """The column of both versions. Its kind has to be the same in both."""
    first, second = (d.table([column]).column(0) for d in (before, after))
    kind = kind_of(first.type)
    if kind == "text":
        return _text_pair(column, first, second)
    whole = all(kind == "date" or pa.types.is_integer(c.type) for c in (first, second))
    read = _whole_bits if whole else _float_bits
    return ColumnPair(column, kind, read(first), read(second), whole)


def _whole_bits(values: pa.ChunkedArray) -> np.ndarray:
    if pa.types.is_temporal(values.type):
        values = values.cast(pa.timestamp("us", getattr(values.type, "tz", None))).cast(pa.int64())
    bits = pc.fill_null(values.cast(pa.int64()), 0).to_numpy().view(np.uint64)
    return _with_missing(bits, values)


def _float_bits(values: pa.ChunkedArray) -> np.ndarray:
    # Adding 0.0 makes one zero of the two, which are equal as numbers and differ in their bits.
    floats = pc.fill_null(values.cast(pa.float64(), safe=False), 0.0).to_numpy() + 0.0
    return np.where(np.isnan(floats), MISSING, _with_missing(floats.view(np.uint64), values))


def _with_missing(bits: np.ndarray, values: pa.ChunkedArray) -> np.ndarray:
    if not values.null_count:
        return bits
    return np.where(pc.is_null(values).to_numpy(), MISSING, bits)


def _text_pair(column: str, before: pa.ChunkedArray, after: pa.ChunkedArray) -> ColumnPair:
    both = pa.chunked_array([*before.chunks, *after.chunks], before.type) if before.type == after.type else None
    if both is None:
        both = pa.chunked_array([*before.cast(pa.large_string()).chunks, *after.cast(pa.large_string()).chunks])
    encoded = both.dictionary_encode().unify_dictionaries()
    labels = encoded.chunk(0).dictionary if encoded.num_chunks else pa.array([], pa.string())
    codes = [pc.fill_null(chunk.indices, -1).to_numpy(zero_copy_only=False) for chunk in encoded.chunks]
    flat = np.concatenate(codes).astype(np.int64) if codes else np.empty(0, np.int64)
    bits = np.where(flat < 0, MISSING, flat.view(np.uint64))
    return ColumnPair(column, "text", bits[: len(before)], bits[len(before) :], labels=labels)
