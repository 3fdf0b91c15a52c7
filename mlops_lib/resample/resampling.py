"""Run a sampler on an encoded matrix and tell what it did, class by class."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.recipe import Sampler
from mlops_lib.objects.words import exact, listed
from mlops_lib.resample.catalogue import applies, make_sampler, ratio_of, sampler_spec
from mlops_lib.resample.spec import Method, SamplerSpec

Groups = Sequence[tuple[int, int]]
"""Start and stop of the one-hot parts of each categorical column."""


@dataclass(frozen=True, eq=False)
class Resampled:
    """Rows after a sampler. Its rows are for fitting one model on one fold, and for pictures.

    `x` float64 (n, columns), `y` codes (n,) of the type given, `origin` int64 (n,): the position of each row among
    those given, -1 for rows that were made (a repeated row counts as made, but for its first appearance).
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
    """Rows of each class code, for at least that many classes."""
    return tuple(int(c) for c in np.bincount(y, minlength=classes))


def resample(
    x: np.ndarray, y: np.ndarray, groups: Groups, sampler: Sampler | None, seed: int, names: Sequence[str] = ("0", "1")
) -> Resampled:
    """Rows of a fold's training part after the sampler; without one, the rows as they are.

    `x` float64 (rows, columns) encoded, `y` int codes (rows,) of any number of classes, `names` their labels. Raises
    NotPossibleError where the sampler cannot work on these rows, saying what would.
    """
    counts = class_counts(y, len(names))
    if sampler is None or sampler.name == "none":
        nothing = (0,) * len(counts)
        return Resampled(x, y, np.arange(len(y)), counts, counts, nothing, nothing)
    spec = sampler_spec(sampler.name)
    numbers = x.shape[1] - sum(stop - start for start, stop in groups)
    reason = applies(sampler, counts, len(groups), numbers, x.shape[1])
    if reason is not None:
        raise NotPossibleError(reason)
    given = _collapse(x, groups) if spec.nominal else x
    mask = np.arange(given.shape[1]) >= given.shape[1] - len(groups) if spec.nominal else np.zeros(x.shape[1], bool)
    present = np.flatnonzero(counts)
    steps = make_sampler(sampler, [counts[code] for code in present], mask, seed)
    rows = _run(steps, given, _dense(y, present), spec)
    if spec.nominal:
        rows = replace(rows, x=_expand(rows.x, x.shape[1], groups))
    rows = replace(rows, y=present[rows.y].astype(y.dtype))
    return _told(rows, counts, groups, spec, sampler, names)


def _dense(y: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Codes 0, 1, ... of the classes that have rows; imbalanced-learn takes codes for positions here and there."""
    dense: np.ndarray = y if present[-1] == len(present) - 1 else np.searchsorted(present, y).astype(y.dtype)
    return dense


@dataclass(frozen=True, eq=False)
class _Rows:
    """Rows, labels, and where each came from: its position among the rows given, -1 where it was made."""

    x: np.ndarray
    y: np.ndarray
    origin: np.ndarray
    spared: bool = False


def _run(steps: Sequence[Method], x: np.ndarray, y: np.ndarray, spec: SamplerSpec) -> _Rows:
    """Run the steps in turn. One that would remove a whole class is left out (`spared`): no model could be fitted."""
    rows = _Rows(x, y, np.arange(len(y)))
    for step in steps:
        after = _step(step, rows, spec)
        lost = len(np.unique(after.y)) < len(np.unique(rows.y))
        rows = replace(rows, spared=True) if lost else after
    return rows


def _step(step: Method, rows: _Rows, spec: SamplerSpec) -> _Rows:
    try:
        with warnings.catch_warnings():
            # What a sampler could not do is told from what came out of it, in `_told`.
            warnings.simplefilter("ignore", UserWarning)
            made = step(rows.x, rows.y)
    except (ValueError, RuntimeError) as error:
        raise _refused(spec, class_counts(rows.y), error) from error
    if made.picked is None:
        origin = np.concatenate([rows.origin, np.full(len(made.y) - len(rows.origin), -1)])
    else:
        origin = _first_only(rows.origin[made.picked])
    return replace(rows, x=made.x, y=made.y, origin=origin)


def _refused(spec: SamplerSpec, counts: tuple[int, ...], error: Exception) -> NotPossibleError:
    said = (
        f"{counts[1]:,} positive and {counts[0]:,} negative" if len(counts) == 2 else listed([f"{c:,}" for c in counts])
    )
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    if first.startswith("No clusters found"):
        return NotPossibleError(
            f"{spec.label} found no cluster in which the rare class is common enough, on {said} rows.",
            "In Settings, more clusters or a least share of the rare class such as 0.1 may help. Random over-sampling "
            "or class weights work.",
        )
    return NotPossibleError(
        f"{spec.label} could not work on {said} rows: {first}", "Random over-sampling or class weights work."
    )


def _first_only(origin: np.ndarray) -> np.ndarray:
    """Repeated rows count as made, but for their first appearance."""
    result = np.full(len(origin), -1)
    values, first = np.unique(origin, return_index=True)
    real = values >= 0
    result[first[real]] = values[real]
    return result


def _told(
    rows: _Rows, before: tuple[int, ...], groups: Groups, spec: SamplerSpec, sampler: Sampler, names: Sequence[str]
) -> Resampled:
    made = rows.origin < 0
    after, added = class_counts(rows.y, len(before)), class_counts(rows.y[made], len(before))
    removed = tuple(b - (a - new) for b, a, new in zip(before, after, added, strict=True))
    fractional = _fractional_rows(rows.x[made], groups)
    notes = []
    if rows.spared:
        notes.append(f"The cleaning of {spec.label} would have removed every row of one class, so it was left out.")
    elif sum(added) + sum(removed) == 0:
        notes.append(_nothing(before, spec, sampler, names))
    else:
        notes.extend(_short_of(before, after, spec, sampler, names))
    if fractional:
        notes.append(
            f"{fractional:,} of {sum(added):,} made rows have fractional categories: they lie between two levels, "
            "which no real row does. SMOTENC keeps categories whole."
        )
    return Resampled(rows.x, rows.y, rows.origin, before, after, added, removed, fractional, tuple(notes))


def _nothing(before: tuple[int, ...], spec: SamplerSpec, sampler: Sampler, names: Sequence[str]) -> str:
    """Why a sampler changed nothing."""
    rare = rare_class(before)
    ratio = ratio_of(sampler)
    reached = before[rare] / max(before)
    if ratio is not None and reached >= ratio:
        return (
            f"{spec.label} changed nothing: there are {exact(round(reached, 3))} rows of '{names[rare]}' for each row "
            f"of the largest class already, and the ratio asks for {exact(ratio)}."
        )
    return (
        f"{spec.label} changed nothing: the {before[rare]:,} rows of '{names[rare]}' are too few "
        "or too far from the other class."
    )


def _short_of(
    before: tuple[int, ...], after: tuple[int, ...], spec: SamplerSpec, sampler: Sampler, names: Sequence[str]
) -> list[str]:
    """Sentences on classes that an over- or under-sampler left further than a twentieth from the rows asked for."""
    ratio = ratio_of(sampler)
    if ratio is None or spec.family == "combined":
        return []
    present = tuple(c for c in before if c)
    aim = int(max(present) * ratio) if spec.family == "over" else int(min(present) / ratio)
    return [
        f"{spec.label} was to bring '{name}' from {b:,} to {aim:,} rows and ended at {a:,}."
        for name, b, a in zip(names, before, after, strict=True)
        if b and ((b < aim) if spec.family == "over" else (b > aim)) and abs(a - aim) > 0.05 * aim
    ]


def rare_class(counts: Sequence[int]) -> int:
    """The code of the rarest class that has rows."""
    return min((code for code, rows in enumerate(counts) if rows), key=lambda code: counts[code])


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
