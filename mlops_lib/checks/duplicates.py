"""Rows that repeat an earlier row in every cell."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops_lib.checks.check import Seen, Silent
from mlops_lib.checks.table import CheckedTable
from mlops_lib.objects.words import counted, percent

_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_HALF = np.uint64(32)


def repeated_rows(table: CheckedTable) -> Seen | Silent:
    """Rows that repeat an earlier one, in all rows: copies on both sides of a split are what makes them harmful."""
    skip = {c.name for c in table.schema.columns if c.kind == "identifier"}
    copies = count_copies(table.dataset.table([name for name in table.dataset.columns if name not in skip]))
    if not copies:
        return Silent("No row repeats an earlier one in every cell.")
    return Seen(
        "warning",
        (),
        copies,
        f"{counted(copies, 'row')} ({percent(copies / table.dataset.rows)}) repeat an earlier row in every cell.",
        "Equal cells in all columns but identifiers, in all rows.",
        "A copy in the hold-out of a row in training is no new row: it makes a model look better than it is.",
        "Remove what was entered twice on 'Sample & derive'; where one person has several rows, give "
        "the column that names the person the role 'group', and no group is cut by the split.",
    )


def count_copies(table: pa.Table) -> int:
    """How many rows equal an earlier one; missing cells equal each other.

    Rows are compared by a 64-bit digest: among a million different rows, the chance that any two are taken for equal
    is about 3e-8.
    """
    digest = np.zeros(table.num_rows, np.uint64)
    for column in table.columns:
        digest = _mixed(digest * _ODD + _as_bits(column))
    return int(table.num_rows - len(np.unique(digest)))


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
