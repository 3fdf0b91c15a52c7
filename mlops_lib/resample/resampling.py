"""Run a sampler on an encoded matrix and tell what it did, class by class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.recipe import Sampler
from mlops_lib.resample.catalogue import SamplerSpec, applies, make_sampler, sampler_spec

Groups = Sequence[tuple[int, int]]
"""Start and stop of the one-hot parts of each categorical column."""


@dataclass(frozen=True, eq=False)
class Resampled:
    """Rows after a sampler. Its rows are for fitting one model on one fold, and for pictures.

    `x` float64 (n, columns), `y` int8 (n,), `origin` int64 (n,): the position of each row among those given, -1 for
    rows that were made (a repeated row counts as made, but for its first appearance).
    `before`, `after`, `added` and `removed` are counts by class; `fractional` counts made rows that have a category
    partly (one-hot parts other than 0 and 1). `notes` are finished sentences.
    """

    x: np.ndarray
    y: np.ndarray
    origin: np.ndarray
    before: tuple[int, ...]
    after: tuple[int, ...]
    added: tuple[int, ...]
    removed: tuple[int, ...]
    fractional: int = 0
    notes: tuple[str, ...] = ()


def class_counts(y: np.ndarray, classes: int = 2) -> tuple[int, ...]:
    """Rows of each class code."""
    return tuple(int(c) for c in np.bincount(y, minlength=classes))


def resample(
    x: np.ndarray, y: np.ndarray, groups: Groups, sampler: Sampler | None, seed: int, names: Sequence[str] = ("0", "1")
) -> Resampled:
    """Rows of a fold's training part after the sampler; without one, the rows as they are.

    `x` float64 (rows, columns) encoded, `y` int codes (rows,). Raises NotPossibleError where the sampler cannot work
    on these rows, saying what would.
    """
    counts = class_counts(y)
    if sampler is None or sampler.name == "none":
        nothing = (0,) * len(counts)
        return Resampled(x, y, np.arange(len(y)), counts, counts, nothing, nothing)
    spec = sampler_spec(sampler.name)
    numbers = x.shape[1] - sum(stop - start for start, stop in groups)
    reason = applies(sampler, counts, len(groups), numbers)
    if reason is not None:
        raise NotPossibleError(reason)
    given = _collapse(x, groups) if spec.nominal else x
    mask = np.arange(given.shape[1]) >= given.shape[1] - len(groups) if spec.nominal else np.zeros(x.shape[1], bool)
    rows = _run(make_sampler(sampler, counts, mask, seed), given, y, spec)
    if spec.nominal:
        rows = replace(rows, x=_expand(rows.x, x.shape[1], groups))
    return _told(rows, counts, groups, spec, names)


@dataclass(frozen=True, eq=False)
class _Rows:
    """Rows, labels, and where each came from: its position among the rows given, -1 where it was made."""

    x: np.ndarray
    y: np.ndarray
    origin: np.ndarray
    spared: bool = False


def _run(steps: Sequence[Any], x: np.ndarray, y: np.ndarray, spec: SamplerSpec) -> _Rows:
    """Run the steps in turn. One that would remove a whole class is left out (`spared`): no model could be fitted."""
    rows = _Rows(x, y, np.arange(len(y)))
    for step in steps:
        after = _step(step, rows, spec)
        rows = after if min(class_counts(after.y)) else replace(rows, spared=True)
    return rows


def _step(step: Any, rows: _Rows, spec: SamplerSpec) -> _Rows:
    try:
        x, y = step.fit_resample(rows.x, rows.y)
    except (ValueError, RuntimeError) as error:
        counts = class_counts(rows.y)
        raise NotPossibleError(
            f"{spec.label} could not work on {counts[1]:,} positive and {counts[0]:,} negative rows: {error}",
            "Random over-sampling or class weights work.",
        ) from error
    picked = getattr(step, "sample_indices_", None)
    if picked is None:
        origin = np.concatenate([rows.origin, np.full(len(y) - len(rows.origin), -1)])
    else:
        origin = _first_only(rows.origin[np.asarray(picked)])
    return replace(rows, x=np.asarray(x), y=np.asarray(y), origin=origin)


def _first_only(origin: np.ndarray) -> np.ndarray:
    """Repeated rows count as made, but for their first appearance."""
    result = np.full(len(origin), -1)
    values, first = np.unique(origin, return_index=True)
    real = values >= 0
    result[first[real]] = values[real]
    return result


def _told(rows: _Rows, before: tuple[int, ...], groups: Groups, spec: SamplerSpec, names: Sequence[str]) -> Resampled:
    made = rows.origin < 0
    after, added = class_counts(rows.y), class_counts(rows.y[made])
    removed = tuple(b - (a - new) for b, a, new in zip(before, after, added, strict=True))
    fractional = _fractional_rows(rows.x[made], groups)
    notes = []
    if rows.spared:
        notes.append(f"The cleaning of {spec.label} would have removed every row of one class, so it was left out.")
    elif sum(added) + sum(removed) == 0:
        rare = rare_class(before)
        notes.append(
            f"{spec.label} changed nothing: the {before[rare]:,} rows of '{names[rare]}' are too few "
            "or too far from the other class."
        )
    if fractional:
        notes.append(
            f"{fractional:,} of {sum(added):,} made rows have fractional categories: they lie between two levels, "
            "which no real row does. SMOTENC keeps categories whole."
        )
    return Resampled(rows.x, rows.y, rows.origin, before, after, added, removed, fractional, tuple(notes))


def rare_class(counts: Sequence[int]) -> int:
    """The code of the rare class."""
    return int(np.argmin(counts))


def _fractional_rows(x: np.ndarray, groups: Groups) -> int:
    fractional = np.zeros(len(x), dtype=bool)
    for start, stop in groups:
        parts = x[:, start:stop]
        fractional |= ((parts > 1e-9) & (parts < 1 - 1e-9)).any(axis=1)
    return int(fractional.sum())


def _collapse(x: np.ndarray, groups: Groups) -> np.ndarray:
    """Numeric columns, then one column of level codes a category."""
    numeric = x[:, _numeric_positions(x.shape[1], groups)]
    codes = [x[:, start:stop].argmax(axis=1).astype(np.float64) for start, stop in groups]
    return np.column_stack([numeric, *codes])


def _expand(collapsed: np.ndarray, columns: int, groups: Groups) -> np.ndarray:
    """The one-hot matrix again, from what `_collapse` made."""
    numeric = _numeric_positions(columns, groups)
    x = np.zeros((len(collapsed), columns))
    x[:, numeric] = collapsed[:, : len(numeric)]
    for i, (start, _) in enumerate(groups):
        x[np.arange(len(x)), start + collapsed[:, len(numeric) + i].astype(np.int64)] = 1.0
    return x


def _numeric_positions(columns: int, groups: Groups) -> np.ndarray:
    numeric = np.ones(columns, dtype=bool)
    for start, stop in groups:
        numeric[start:stop] = False
    return np.flatnonzero(numeric)
