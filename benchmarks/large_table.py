"""A seeded CSV of 1,000,000 rows x 30 columns, about 200 MB: what people upload, only large."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

ROWS, SEED = 1_000_000, 7
TARGET, YES = "churned", "Yes"

_LEVELS = (5, 12, 40, 200, 1_000)
_WHOLE = (2, 5, 20, 100, 1_000, 10_000, 100_000, 1_000_000, 5_000_000, 90)
_DIGITS = (1, 2, 2, 2, 3, 3, 4, 4, 5, 6, 6)
_MISSING = 0.02


def write_table(path: Path, rows: int = ROWS, seed: int = SEED) -> None:
    """An identifier, a customer number, a date, a yes/no target, 5 categories, 10 whole numbers and 11 decimals."""
    made = make_table(rows, seed)
    pacsv.write_csv(made, path, pacsv.WriteOptions(quoting_style="none"))


def make_table(rows: int, seed: int) -> pa.Table:
    """The same as a table, shape (rows, 30); 2 % of the cells are missing but those of identifier and target."""
    draw = np.random.default_rng(seed)
    columns: dict[str, pa.Array] = {
        "id": pa.array(np.arange(1, rows + 1)),
        "customer": pa.array(np.char.add("C", draw.integers(1_000_000, 1_400_000, rows).astype(str))),
        "day": pa.array(np.datetime64("2019-01-01") + draw.integers(0, 1_500, rows)),
        TARGET: pa.array(np.where(draw.random(rows) < 0.08, YES, "No")),
    }
    for number, levels in enumerate(_LEVELS):
        names = np.array([f"level {k}" if levels < 50 else f"L{k}" for k in range(levels)])
        columns[f"category {number}"] = pa.array(names[(draw.random(rows) ** 2 * levels).astype(int)])
    for number, below in enumerate(_WHOLE):
        columns[f"count {number}"] = pa.array(draw.integers(0, below, rows))
    for number, digits in enumerate(_DIGITS):
        columns[f"measure {number}"] = pa.array(np.round(draw.normal(100 * number, 100, rows), digits))
    for name in list(columns)[2:]:
        if name != TARGET:
            gone = pa.array(draw.random(rows) < _MISSING)
            columns[name] = pc.if_else(gone, pa.scalar(None, columns[name].type), columns[name])
    return pa.table(columns)
