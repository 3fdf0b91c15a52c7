"""A number for every row of some columns: equal where all cells are equal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_MOST = 1 << 62


def row_codes(columns: Sequence[pa.ChunkedArray]) -> np.ndarray:
    """Codes >= 0, int64 of shape (rows,), equal exactly where the rows are; missing cells equal each other."""
    import pandas as pd

    codes, distinct = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        more, labels = _cell_codes(column)
        if distinct * labels > _MOST:
            codes, found = pd.factorize(codes)
            distinct = len(found)
        codes, distinct = codes * labels + more, distinct * labels
    return codes


def first_of_each(codes: np.ndarray) -> np.ndarray:
    """Positions of the rows that repeat no earlier one, ascending int64."""
    import pandas as pd

    return np.flatnonzero(~pd.Series(codes).duplicated().to_numpy())


def _cell_codes(column: pa.ChunkedArray) -> tuple[np.ndarray, int]:
    """Codes of one column, 0 where it is missing, and one more than the largest of them."""
    if pa.types.is_floating(column.type):
        column = pc.add(column, 0.0)  # -0.0 becomes 0.0: the two are equal and have different bits
    whole = pa.concat_arrays(column.chunks or [pa.array([], column.type)])
    encoded = whole if pa.types.is_dictionary(whole.type) else whole.dictionary_encode()
    indices = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return indices + 1, len(encoded.dictionary) + 1
