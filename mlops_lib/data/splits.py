"""Which rows are held out and which fold judges every other row."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops_lib.data.grouping import split_groups
from mlops_lib.data.target import resolve_target
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import HOLD_OUT, UNUSED, WARM_UP, SplitKind, SplitPlan
from mlops_lib.objects.target import Target

MIN_FOLDS, MAX_FOLDS = 2, 20
MIN_HOLD_OUT, MAX_HOLD_OUT = 0.05, 0.5
FEW_PER_FOLD = 5
"""With fewer rows of the rarest class in a fold, a note says that its figures will jump."""


def split_kind(schema: Schema) -> SplitKind:
    """The kind that follows from the confirmed roles."""
    return "group" if schema.group else "time" if schema.time else "stratified"


def plan_split(dataset: Dataset, schema: Schema, folds: int = 5, hold_out: float = 0.25, seed: int = 0) -> SplitPlan:
    """Assign every row of the dataset; the same arguments give the same plan.

    Stratified: hold-out and folds have the classes in the same shares (a number: its tenths). By group: none is cut.
    Forward in time: the latest rows are held out, the folds follow each other, and the earliest block only trains.
    Rows whose target (or time) is missing stay unused.

    Raises
    ------
    InputError : folds or hold-out are out of range, or the time column has no order.
    NotPossibleError : a fold or the hold-out would lack a class, or there are too few groups or points in time.
    """
    _check_settings(folds, hold_out)
    target = resolve_target(dataset, schema)
    kind = split_kind(schema)
    rows = np.flatnonzero(target.known)
    assignment = np.full(dataset.rows, UNUSED, np.int8)
    if kind == "group":
        assigned, notes = _by_group(dataset, schema, target, rows, folds, hold_out, seed)
    elif kind == "time":
        rows, assigned, notes = _forward(dataset, schema, rows, folds, hold_out)
    else:
        strata = _strata(target, rows)
        _check_counts(target, strata, folds, hold_out)
        assigned, notes = stratify(strata, folds, hold_out, seed), []
    assignment[rows] = assigned
    plan_notes = (*notes, *_check_parts(target, rows, assigned, folds, kind))
    return SplitPlan(dataset.fingerprint, schema.fingerprint, kind, folds, hold_out, seed, assignment, plan_notes)


def stratify(strata: np.ndarray, folds: int, hold_out: float, seed: int) -> np.ndarray:
    """HOLD_OUT or a fold for each of n rows; the counts of a stratum differ by at most one between folds.

    Parameters
    ----------
    strata : int of shape (n,), codes from 0.
    """
    shuffled = np.random.default_rng(seed).permutation(len(strata))
    order = shuffled[np.argsort(strata[shuffled], kind="stable")]
    sizes = np.bincount(strata)
    held = _held_per_stratum(sizes, hold_out)
    place = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    is_held = place < np.repeat(held, sizes)
    assigned = np.empty(len(strata), np.int8)
    assigned[order[is_held]] = HOLD_OUT
    rest = order[~is_held]
    # Dealing through all strata without starting anew keeps the sizes of the folds within one row, too.
    assigned[rest] = np.arange(len(rest)) % folds
    return assigned


def _held_per_stratum(sizes: np.ndarray, hold_out: float) -> np.ndarray:
    """Whole rows per stratum that add up to the share asked for, by largest remainder."""
    wanted = sizes * hold_out
    held = np.floor(wanted).astype(np.int64)
    left = round(float(sizes.sum()) * hold_out) - int(held.sum())
    held[np.argsort(-(wanted - held), kind="stable")[:left]] += 1
    return held


def _strata(target: Target, rows: np.ndarray) -> np.ndarray:
    """In a small type, which numpy sorts by counting."""
    if target.kind != "number":
        return target.codes(rows)
    tenths = np.empty(len(rows), np.int8)
    tenths[np.argsort(target.values[rows], kind="stable")] = np.arange(len(rows)) * 10 // max(1, len(rows))
    return tenths


def _check_settings(folds: int, hold_out: float) -> None:
    if not MIN_FOLDS <= folds <= MAX_FOLDS:
        raise InputError(f"{folds} folds were asked for.", f"Choose {MIN_FOLDS} to {MAX_FOLDS}.")
    if not MIN_HOLD_OUT <= hold_out <= MAX_HOLD_OUT:
        raise InputError(
            f"A hold-out of {hold_out:.1%} was asked for.",
            f"Choose {MIN_HOLD_OUT:.0%} to {MAX_HOLD_OUT:.0%} of the rows.",
        )


def _check_counts(target: Target, strata: np.ndarray, folds: int, hold_out: float) -> None:
    """The rarest class must reach the hold-out and every fold."""
    sizes = np.bincount(strata)
    smallest = int(sizes.argmin())
    if sizes[smallest] - _held_per_stratum(sizes, hold_out)[smallest] < folds or sizes[smallest] < folds + 1:
        name = f"'{target.names[smallest]}'" if target.names else "the target"
        raise NotPossibleError(
            f"{name} has {sizes[smallest]:,} rows, too few for a hold-out of {hold_out:.1%} and {folds} folds "
            "with at least one each.",
            "Use fewer folds, collect more rows, or ask another question.",
        )


def _by_group(
    dataset: Dataset, schema: Schema, target: Target, rows: np.ndarray, folds: int, hold_out: float, seed: int
) -> tuple[np.ndarray, list[str]]:
    column = str(schema.group)
    encoded = (
        dataset.table([column])[column].take(pa.array(rows)).dictionary_encode().unify_dictionaries().combine_chunks()
    )
    encoded = encoded.chunk(0) if isinstance(encoded, pa.ChunkedArray) else encoded
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    alone = codes < 0
    codes[alone] = len(encoded.dictionary) + np.arange(int(alone.sum()))
    notes = []
    if alone.any():
        notes.append(f"{int(alone.sum()):,} rows have no '{column}'; each counts as a group of its own.")
    if len(np.unique(codes)) == len(codes):
        notes.append(f"Every row has a '{column}' of its own, so this split is like one without groups.")
    groups, needed = len(np.unique(codes)), 2 * (folds + 1)
    if groups < needed:
        raise NotPossibleError(
            f"'{column}' has {groups:,} groups; a hold-out and {folds} folds need at least {needed}.",
            "Use fewer folds, or another group column.",
        )
    assigned = split_groups(codes, _strata(target, rows), folds, hold_out, seed)
    share = float(np.mean(assigned == HOLD_OUT))
    if abs(share - hold_out) > 0.02:
        notes.append(f"Groups are not cut, so the hold-out has {share:.1%} of the rows instead of {hold_out:.1%}.")
    return assigned, notes


def _forward(
    dataset: Dataset, schema: Schema, rows: np.ndarray, folds: int, hold_out: float
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Rows with a time, their assignment and notes."""
    column = str(schema.time)
    times = dataset.table([column])[column]
    if pa.types.is_string(times.type):
        raise InputError(
            f"The time column '{column}' holds text, which has no order in time.", "Choose dates or numbers."
        )
    known = times.is_valid().to_numpy()[rows]
    notes = []
    if not known.all():
        notes.append(f"{int((~known).sum()):,} rows have no '{column}'; they have no place in time and stay unused.")
    used = rows[known]
    plain = times.cast(pa.int64()) if pa.types.is_timestamp(times.type) else times
    points, position = np.unique(plain.take(pa.array(used)).to_numpy(), return_inverse=True)
    edges = _edges(np.bincount(position), folds, hold_out)
    if len(np.unique(edges)) < len(edges) or edges[0] == 0 or edges[-1] == len(points):
        raise NotPossibleError(
            f"'{column}' has {len(points):,} points in time, too few or too uneven for {folds} folds and a hold-out.",
            "Use fewer folds, or another time column.",
        )
    block = np.searchsorted(edges, position, side="right")
    codes = np.array([WARM_UP, *range(folds), HOLD_OUT], np.int8)
    assigned = codes[block]
    share = float(np.mean(assigned == HOLD_OUT))
    if abs(share - hold_out) > 0.02:
        notes.append(
            f"Rows of one time stay together, so the hold-out has {share:.1%} instead of {hold_out:.1%} of the rows."
        )
    return used, assigned, notes


def _edges(sizes: np.ndarray, folds: int, hold_out: float) -> np.ndarray:
    """First point in time of every block after the warm-up; rows of one point in time are never parted."""
    total = sizes.sum()
    before = np.concatenate([[0], np.cumsum(sizes)])
    shares = np.arange(1, folds + 2) / (folds + 1) * (1 - hold_out)
    wanted = shares * total
    right = np.searchsorted(before, wanted)
    left = np.maximum(right - 1, 0)
    nearer_left = wanted - before[left] < before[np.minimum(right, len(before) - 1)] - wanted
    edges: np.ndarray = np.where(nearer_left, left, right)
    return edges


def _check_parts(target: Target, rows: np.ndarray, assigned: np.ndarray, folds: int, kind: SplitKind) -> list[str]:
    """Every part must hold every class; a note where the rarest class is thin."""
    if target.kind == "number":
        return []
    width = folds - WARM_UP
    cells = target.codes(rows).astype(np.int32) * width + (assigned - np.int32(WARM_UP))
    counted = np.bincount(cells, minlength=len(target.names) * width).reshape(-1, width)
    parts = {HOLD_OUT: "the hold-out", **{k: f"fold {k + 1}" for k in range(folds)}}
    if kind == "time":
        parts[WARM_UP] = "the first block, which only trains,"
    thinnest = len(rows)
    for part, title in parts.items():
        counts = counted[:, part - WARM_UP]
        if counts.min() == 0:
            raise NotPossibleError(
                f"In this split, {title} has no row of '{target.names[int(counts.argmin())]}'.",
                "Use fewer folds, another seed, or another group or time column.",
            )
        if part >= 0:
            thinnest = min(thinnest, int(counts.min()))
    if thinnest >= FEW_PER_FOLD:
        return []
    return [f"One fold judges only {thinnest} rows of its rarest class; figures of single folds will jump."]
