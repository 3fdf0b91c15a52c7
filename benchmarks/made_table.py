"""A seeded table of 1,000,000 rows x 30 features and a target: what the tests and Explore are timed on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROWS, SEED = 1_000_000, 11
NARROW_ROWS, NARROW_BLOCK = 10_000_000, 500_000
TARGET, YES, POSITIVE_SHARE = "churned", "Yes", 0.02
GROUPS_TARGET, GROUPS = "segment", ("A", "B", "C", "D", "E")

Columns = Sequence["Number | Text"]
Draw = Callable[[np.random.Generator, int], np.ndarray]


@dataclass(frozen=True)
class Number:
    """A numeric column: how values are drawn, how far the target moves them, decimals kept, share of gaps."""

    name: str
    draw: Draw
    moved: float = 0.0
    decimals: int | None = None
    missing: float = 0.0


@dataclass(frozen=True)
class Text:
    """A categorical column: its number of levels, and how far the target moves its shares towards late levels."""

    name: str
    levels: int
    moved: float = 0.0
    missing: float = 0.0


NUMBERS = (
    Number("balance", lambda rng, n: rng.normal(1_200, 400, n), moved=250),
    Number("temperature", lambda rng, n: rng.normal(12, 8, n)),
    Number("signal", lambda rng, n: rng.standard_normal(n), moved=0.05),
    Number("position", lambda rng, n: rng.random(n)),
    Number("income", lambda rng, n: rng.lognormal(10.3, 0.6, n), moved=-4_000, missing=0.02),
    Number("wait", lambda rng, n: rng.exponential(7, n), moved=0.4),
    Number("return", lambda rng, n: rng.standard_t(3, n)),
    Number("share", lambda rng, n: rng.beta(0.5, 2, n)),
    Number("bearing", lambda rng, n: rng.vonmises(0, 2, n), missing=0.01),
    Number("latency", lambda rng, n: rng.gamma(2, 30, n), moved=3),
    Number("price", lambda rng, n: rng.lognormal(3, 1, n), decimals=2, moved=1.5),
    Number("score", lambda rng, n: rng.normal(60, 15, n), decimals=1, moved=-6),
    Number("spend", lambda rng, n: rng.exponential(80, n) * (rng.random(n) < 0.4), decimals=2),
    Number("age", lambda rng, n: rng.integers(18, 91, n), decimals=0, moved=5),
    Number("visits", lambda rng, n: rng.poisson(3, n), decimals=0, moved=1),
    Number("calls", lambda rng, n: rng.geometric(0.2, n), decimals=0, missing=0.03),
    Number("active", lambda rng, n: rng.integers(0, 2, n), decimals=0),
    Number("year", lambda rng, n: rng.integers(1_990, 2_025, n), decimals=0),
    Number("tenure days", lambda rng, n: rng.integers(700, 5_000, n), decimals=0, moved=-700),
    Number("meter", lambda rng, n: rng.integers(0, 50_000_000, n), decimals=0),
)
"""Twenty: ten continuous (some skewed), three rounded (ties, many zeros), seven whole."""

TEXTS = (
    Text("plan", 5, moved=0.15),
    Text("channel", 8),
    Text("region", 12, moved=0.05, missing=0.01),
    Text("device", 20),
    Text("month joined", 36, moved=0.1),
    Text("branch", 80),
    Text("product", 150, moved=0.02),
    Text("city", 300, missing=0.02),
    Text("agent", 600),
    Text("postcode", 1_000, moved=0.05),
)
"""Ten, with 5 to 1,000 levels of uneven size."""

NARROW = ("balance", "income", "score", "age", "tenure days", "plan", "region")
"""The seven features that, with the target, are the eight columns of the narrow table."""


def make_table(rows: int = ROWS, seed: int = SEED, *, groups: bool = False) -> pa.Table:
    """Thirty features and, last, the target: `TARGET` with 2 % "Yes", or `GROUPS_TARGET` with five equal groups.

    Some features follow the target, the others do not; the same rows and seed give the same table.
    """
    rng = np.random.default_rng(seed)
    return _made(rng, _groups(rng, rows) if groups else _yes(rng, rows), groups, (*NUMBERS, *TEXTS))


def narrow_table(rows: int, seed: int, block: int = 0) -> pa.Table:
    """Eight columns: those of `NARROW` and the target; each block of one seed is drawn anew."""
    rng = np.random.default_rng((seed, block))
    return _made(rng, _yes(rng, rows), False, [c for c in (*NUMBERS, *TEXTS) if c.name in NARROW])


def write_narrow(path: Path, rows: int = NARROW_ROWS, seed: int = SEED) -> None:
    """The narrow table as a Parquet file, one block in memory at a time."""
    with pq.ParquetWriter(path, narrow_table(1, seed).schema) as writer:
        for block, start in enumerate(range(0, rows, NARROW_BLOCK)):
            writer.write_table(narrow_table(min(NARROW_BLOCK, rows - start), seed, block))


def _yes(rng: np.random.Generator, rows: int) -> np.ndarray:
    """Exactly 2 % ones (at least one), in random places."""
    codes = np.zeros(rows, np.int8)
    codes[rng.permutation(rows)[: max(1, round(rows * POSITIVE_SHARE))]] = 1
    return codes


def _groups(rng: np.random.Generator, rows: int) -> np.ndarray:
    return rng.permutation(np.arange(rows) % len(GROUPS)).astype(np.int8)


def _made(rng: np.random.Generator, codes: np.ndarray, groups: bool, columns: Columns) -> pa.Table:
    labels = GROUPS if groups else ("No", YES)
    pull = codes / (len(labels) - 1)
    made = {c.name: _number(rng, c, pull) if isinstance(c, Number) else _text(rng, c, pull) for c in columns}
    target = pa.DictionaryArray.from_arrays(codes, pa.array(labels)).cast(pa.string())
    return pa.table({**made, GROUPS_TARGET if groups else TARGET: target})


def _number(rng: np.random.Generator, column: Number, pull: np.ndarray) -> pa.Array:
    values = column.draw(rng, len(pull)) + column.moved * pull
    gone = rng.random(len(pull)) < column.missing if column.missing else None
    if column.decimals is None:
        return pa.array(values, mask=gone)
    values = np.round(values, column.decimals)
    return pa.array(values if column.decimals else values.astype(np.int64), mask=gone)


def _text(rng: np.random.Generator, column: Text, pull: np.ndarray) -> pa.Array:
    place = rng.random(len(pull)) ** (1.5 - column.moved * pull)
    codes = np.minimum((place * column.levels).astype(np.int32), column.levels - 1)
    gone = rng.random(len(pull)) < column.missing if column.missing else None
    names = pa.array([f"{column.name} {k}" for k in range(column.levels)])
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=gone), names).cast(pa.string())
