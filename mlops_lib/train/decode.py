"""From the columns of the encoded matrix back to the original ones: their levels, and numbers in their own unit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from mlops_lib.resample.impossible import Part
from mlops_lib.train.encode import MatrixColumn, block_columns
from mlops_lib.train.steps import DATE_PARTS, DateParts


def matrix_parts(encoder: ColumnTransformer) -> tuple[Part, ...]:
    """What the columns of the matrix of a fitted encoder mean, in matrix order."""
    parts: list[Part] = []
    start = 0
    for _, block, names in encoder.transformers_:
        if isinstance(block, Pipeline):
            found = _block_parts(block, list(names), start)
            parts += found
            start = found[-1].stop if found else start
    return tuple(parts)


def _block_parts(block: Pipeline, names: list[str], start: int) -> list[Part]:
    columns = block_columns(block, names)
    if "one_hot" in block.named_steps:
        return _categories(columns, names, start)
    scaler = block.named_steps.get("scale")
    shift = np.zeros(len(columns)) if scaler is None else scaler.mean_
    width = np.ones(len(columns)) if scaler is None else scaler.scale_
    return [
        replace(_single(block, columns, i), start=start + i, stop=start + i + 1, shift=float(c), width=float(w))
        for i, (c, w) in enumerate(zip(shift, width, strict=True))
    ]


def _categories(columns: list[MatrixColumn], names: list[str], start: int) -> list[Part]:
    parts = []
    for name in names:
        levels = tuple(c.label.removeprefix(f"{name} = ") for c in columns if c.source == name)
        parts.append(Part(name, name, "category", start, start + len(levels), levels))
        start += len(levels)
    return parts


def _single(block: Pipeline, columns: list[MatrixColumn], i: int) -> Part:
    """What column `i` of a block without one-hot parts means; where it stands and its scaling are left open."""
    source, label = columns[i].source, columns[i].label
    if "common" in block.named_steps:
        return Part(source, label, "share", 0, 1)
    placed = _placed(block)
    if i >= placed.shape[1]:
        return Part(source, label, "flag", 0, 1)
    values = tuple(float(v) for v in placed[:, i])
    if isinstance(block.named_steps["number"], DateParts) and i % len(DATE_PARTS) == 0:
        return Part(source, source, "date", 0, 1, placed=values)
    return Part(source, label, "number", 0, 1, log="log" in block.named_steps, placed=values)


def _placed(block: Pipeline) -> np.ndarray:
    """What was filled in, and the limits of a clip, in the columns' own unit: shape (1 or 3, columns)."""
    steps = block.named_steps
    filled = np.asarray(steps["fill"].statistics_, dtype=np.float64)[None, :]
    if "log" in steps:
        filled = np.sign(filled) * np.expm1(np.abs(filled))
    if "clip" not in steps:
        return filled
    return np.vstack([filled, steps["clip"].low_, steps["clip"].high_])
