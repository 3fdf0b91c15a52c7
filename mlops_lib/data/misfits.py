"""Cells that do not read as the kind of nearly all others of their column."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from mlops_lib.objects.dataset import Misfit

_SHARE, _ROWS = 0.9, 20
_EXAMPLES = 5
_LONGEST = 80


def worth_offering(rows: np.ndarray, fits: np.ndarray, filled: np.ndarray) -> bool:
    """Whether at least 20 rows and nine in ten of the filled ones fit."""
    fitting = rows[fits].sum()
    return bool(fitting >= _ROWS and fitting >= _SHARE * rows[filled].sum())


def misfit(cells: pa.Array, rows: np.ndarray, fits: np.ndarray, name: str, kind: str, missing: bool = False) -> Misfit:
    """The filled cells that do not fit, counted in rows, the commonest as examples.

    Parameters
    ----------
    cells : distinct texts of the column, None where missing.
    rows : how many rows each stands for, shape (cells,).
    fits : which of them read as the kind, shape (cells,).
    """
    odd = np.flatnonzero(cells.is_valid().to_numpy(zero_copy_only=False) & ~fits)
    commonest = odd[np.argsort(-rows[odd], kind="stable")[:_EXAMPLES]]
    texts = cells.take(pa.array(commonest)).to_pylist()
    examples = tuple((_shortened(t), int(n)) for t, n in zip(texts, rows[commonest], strict=True))
    return Misfit(name, kind, int(rows[fits].sum()), int(rows[odd].sum()), examples, missing)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
