"""From a frame of original columns to the matrix that every model sees, fitted on the rows it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mlops_lib.objects.errors import InputError, TooLargeError
from mlops_lib.objects.recipe import Treatment
from mlops_lib.objects.schema import Kind, Schema
from mlops_lib.train.steps import (
    DATE_PARTS,
    AsCodes,
    AsFrequency,
    AsNumber,
    ClipToRange,
    DateParts,
    MendCells,
    SignedLog,
)

MAX_CELLS = 250_000_000
"""Cells (rows times encoded columns) that a fit holds in memory: 2 GB of float64."""

_FILLS = {"median": "median", "mean": "mean", "most_frequent": "most_frequent", "zero": "constant"}
_ALLOWED: dict[Kind, frozenset[str]] = {
    "numeric": frozenset({"median", "mean", "most_frequent", "zero", "indicator", "clip", "log", "drop", "as_missing"}),
    "date": frozenset({"median", "mean", "most_frequent", "zero", "indicator", "drop", "as_missing"}),
    "categorical": frozenset({"own_level", "most_frequent", "drop", "as_missing", "merge", "lump", "frequency"}),
}
LUMPED = 0.05
"""Levels in a smaller share of the fitted rows are one level together where a column is treated with "lump"."""

_INFREQUENT = "(rare levels)"


@dataclass(frozen=True)
class MatrixColumn:
    """A column of the encoded matrix: the original column it comes from, a label, and whether it is a one-hot part."""

    source: str
    label: str
    one_hot: bool = False


@dataclass(frozen=True)
class _Chain:
    """How one original column is encoded: columns with equal chains share a block."""

    kind: Kind
    fill: str
    indicator: bool = False
    clip: bool = False
    log: bool = False
    lump: bool = False
    frequency: bool = False
    merge: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def one_hot(self) -> bool:
        return self.kind == "categorical" and not self.frequency


def dropped(treatments: Sequence[Treatment]) -> frozenset[str]:
    """Columns that a treatment leaves out."""
    return frozenset(t.column for t in treatments if t.action == "drop")


def make_encoder(
    schema: Schema,
    kept: Sequence[str],
    treatments: Sequence[Treatment] = (),
    min_frequency: float = 0.01,
    scale: bool = True,
) -> ColumnTransformer:
    """The unfitted encoder of the columns `kept`: missing cells filled, categories one-hot, numbers and dates scaled.

    Levels seen in less than `min_frequency` of the fitted rows are one level together. Raises InputError for a
    treatment that a column of that kind cannot have.

    Several treatments of a column come in the order that `Treatment` states, however they are listed.
    """
    chains: dict[_Chain, list[str]] = {}
    for name in kept:
        chains.setdefault(_chain(schema.column(name).kind, name, treatments), []).append(name)
    ordered = sorted(chains.items(), key=lambda item: item[0].one_hot)
    blocks = [
        (f"{chain.kind} {i + 1}", _pipeline(chain, min_frequency, scale), columns)
        for i, (chain, columns) in enumerate(ordered)
    ]
    return ColumnTransformer(blocks, remainder="drop", sparse_threshold=0.0, verbose_feature_names_out=False)


def mend(frame: pd.DataFrame, schema: Schema, treatments: Sequence[Treatment]) -> pd.DataFrame:
    """The frame with cells merged and made missing as the encoder will do it; nothing is learnt from the rows."""
    mended = {}
    for name in dict.fromkeys(t.column for t in treatments if t.values and t.column in frame.columns):
        chain = _chain(schema.column(name).kind, name, treatments)
        mended[name] = MendCells(chain.merge, chain.missing).transform(frame[[name]])[name]
    return frame.assign(**mended) if mended else frame


def check_size(rows: int, columns: int) -> None:
    """Raises TooLargeError where an encoded matrix of that shape would exceed `MAX_CELLS`."""
    if rows * columns > MAX_CELLS:
        raise TooLargeError(
            f"{rows:,} rows and {columns:,} encoded columns make {rows * columns:,} cells; "
            f"the limit is {MAX_CELLS:,}, which take 2 GB.",
            "Ignore columns with many levels, or take a sample of the rows.",
        )


def matrix_columns(encoder: ColumnTransformer) -> tuple[MatrixColumn, ...]:
    """What each column of the matrix of a fitted encoder is, in matrix order."""
    blocks = [(block, list(names)) for _, block, names in encoder.transformers_ if isinstance(block, Pipeline)]
    return tuple(column for block, names in blocks for column in block_columns(block, names))


def source_columns(encoder: ColumnTransformer) -> tuple[str, ...]:
    """The original column of every column of the matrix of a fitted encoder."""
    return tuple(c.source for c in matrix_columns(encoder))


def category_groups(encoder: ColumnTransformer) -> tuple[tuple[int, int], ...]:
    """Start and stop of the one-hot parts of each categorical column in the matrix of a fitted encoder."""
    columns = matrix_columns(encoder)
    starts = [i for i, c in enumerate(columns) if c.one_hot and (i == 0 or columns[i - 1].source != c.source)]
    return tuple((start, start + sum(c.source == columns[start].source for c in columns)) for start in starts)


def check_encoded_size(frame: pd.DataFrame, schema: Schema, kept: Sequence[str], min_frequency: float) -> None:
    """Raises TooLargeError where the encoded matrix of these columns could exceed `MAX_CELLS`; allocates nothing."""
    kinds = [schema.column(name).kind for name in kept]
    others = kinds.count("numeric") + len(DATE_PARTS) * kinds.count("date")
    most = int(1 / min_frequency) + 1 if min_frequency > 0 else len(frame)
    if len(frame) * (others + most * kinds.count("categorical")) > MAX_CELLS:
        levels = [min(frame[n].nunique() + 1, most) for n, k in zip(kept, kinds, strict=True) if k == "categorical"]
        check_size(len(frame), others + sum(levels))


def fit_encode(encoder: ColumnTransformer, frame: pd.DataFrame) -> np.ndarray:
    """Fit the encoder on these rows and give their matrix, as `encode` would."""
    return np.ascontiguousarray(encoder.fit_transform(frame), dtype=np.float64)


def encode(encoder: ColumnTransformer, frame: pd.DataFrame) -> np.ndarray:
    """The matrix of a fitted encoder, C-ordered float64 of shape (rows, columns)."""
    return np.ascontiguousarray(encoder.transform(frame), dtype=np.float64)


def _chain(kind: Kind, name: str, treatments: Sequence[Treatment]) -> _Chain:
    actions = [t.action for t in treatments if t.column == name]
    for action in actions:
        if action not in _ALLOWED[kind]:
            raise InputError(
                f"The column '{name}' is {kind} and cannot be treated with '{action}'.",
                f"What fits it: {', '.join(sorted(_ALLOWED[kind]))}.",
            )
    mine = [t for t in treatments if t.column == name]
    merge = tuple(sorted({value: t.into for t in mine if t.action == "merge" for value in t.values}.items()))
    missing = tuple(sorted({value for t in mine if t.action == "as_missing" for value in t.values}))
    if kind == "categorical":
        fill = "most_frequent" if "most_frequent" in actions else "own_level"
        frequency = "frequency" in actions
        lump = "lump" in actions and not frequency
        return _Chain(kind, fill, lump=lump, frequency=frequency, merge=merge, missing=missing)
    fills = [_FILLS[a] for a in actions if a in _FILLS] or ["median"]
    return _Chain(
        kind, fills[-1], "indicator" in actions, "clip" in actions, "log" in actions, merge=merge, missing=missing
    )


def _pipeline(chain: _Chain, min_frequency: float, scale: bool) -> Pipeline:
    steps: list[tuple[str, Any]] = []
    steps += [("mend", MendCells(chain.merge, chain.missing))] if chain.merge or chain.missing else []
    if chain.one_hot:
        rare = max(min_frequency, LUMPED) if chain.lump else min_frequency
        one_hot = OneHotEncoder(min_frequency=rare or None, handle_unknown="infrequent_if_exist", sparse_output=False)
        return Pipeline([*steps, ("codes", AsCodes(chain.fill)), ("one_hot", one_hot)])
    if chain.frequency:
        return Pipeline([*steps, ("common", AsFrequency(chain.fill)), *_scaler(scale)])
    fill = SimpleImputer(strategy=chain.fill, fill_value=0.0, add_indicator=chain.indicator, keep_empty_features=True)
    steps += [("number", AsNumber() if chain.kind == "numeric" else DateParts())]
    steps += [("clip", ClipToRange())] if chain.clip else []
    steps += [("log", SignedLog())] if chain.log else []
    return Pipeline([*steps, ("fill", fill), *_scaler(scale)])


def _scaler(scale: bool) -> list[tuple[str, Any]]:
    return [("scale", StandardScaler())] if scale else []


def block_columns(block: Pipeline, names: list[str]) -> list[MatrixColumn]:
    if "one_hot" in block.named_steps:
        return _one_hot_columns(block.named_steps["one_hot"], block.named_steps["codes"].levels_, names)
    if "common" in block.named_steps:
        return [MatrixColumn(name, f"{name}: how common") for name in names]
    if "rule" in block.named_steps:
        return [MatrixColumn(names[0], block.named_steps["rule"].said(names[0]))]
    if isinstance(block.named_steps["number"], DateParts):
        columns = [MatrixColumn(name, f"{name}: {part}") for name in names for part in DATE_PARTS]
    else:
        columns = [MatrixColumn(name, name) for name in names]
    indicator = block.named_steps["fill"].indicator_
    gaps = [] if indicator is None else [columns[i] for i in indicator.features_]
    return columns + [MatrixColumn(c.source, f"{c.label} is missing") for c in gaps]


def _one_hot_columns(encoder: OneHotEncoder, levels: list[list[str]], names: list[str]) -> list[MatrixColumn]:
    infrequent = getattr(encoder, "infrequent_categories_", [None] * len(names))
    columns = []
    for name, labels, codes, rare in zip(names, levels, encoder.categories_, infrequent, strict=True):
        frequent = [labels[k] for k in codes if rare is None or k not in set(rare)]
        parts = [*frequent, *([] if rare is None else [_INFREQUENT])]
        columns += [MatrixColumn(name, f"{name} = {part}", one_hot=True) for part in parts]
    return columns
