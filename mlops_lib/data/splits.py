"""Which rows are held out and which fold judges every other row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlops_lib.data.forward import gap_words, split_forward
from mlops_lib.data.grouping import split_by_group
from mlops_lib.data.parts import HELD, MOST_PARTS, POOLED, TRAINS, read_parts
from mlops_lib.data.target import resolve_target
from mlops_lib.data.weights import row_weights
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import HOLD_OUT, UNUSED, WARM_UP, SplitKind, SplitPlan
from mlops_lib.objects.target import Target
from mlops_lib.objects.words import counted

MIN_FOLDS, MAX_FOLDS = 2, 20
MIN_HOLD_OUT, MAX_HOLD_OUT = 0.05, 0.5
MAX_REPEATS = 10
FEW_PER_FOLD = 5
"""With fewer rows of the rarest class in a fold, a note says that its figures will jump."""


@dataclass(frozen=True, eq=False)
class _Dealt:
    """What one kind of split gives: ids of the rows it places, the part of each (int8), sentences.

    `deal_again` are positions among `rows` that may be dealt into folds anew, None where folds are not by chance.
    """

    rows: np.ndarray
    codes: np.ndarray
    notes: Sequence[str] = ()
    folds: int | None = None
    usable_from: np.ndarray | None = None
    deal_again: np.ndarray | None = None


def split_kind(schema: Schema) -> SplitKind:
    """The kind that follows from the confirmed roles."""
    if schema.split:
        return "predefined"
    return "group" if schema.group else "time" if schema.time else "stratified"


def plan_split(
    dataset: Dataset,
    schema: Schema,
    folds: int = 5,
    hold_out: float = 0.25,
    seed: int = 0,
    repeats: int = 1,
    gap: float = 0.0,
    held: str = "",
) -> SplitPlan:
    """Assign every row of the dataset; the same arguments give the same plan.

    Stratified: hold-out and folds have the classes in the same shares (a number: its tenths). By group: none is cut.
    Forward in time: the latest rows are held out, the folds follow each other, and the earliest block only trains.
    Predefined: the column of the role "split" says it; `held` is its value that is held out (`data.parts.read_parts`),
    and `hold_out` counts for nothing. Rows whose target (or time, or part) is missing stay unused.

    `repeats` deals folds by chance that many times, with one hold-out. `gap` (days, or the unit of a column of numbers)
    keeps rows that lie closer before a fold of a split in time out of its training. A column of the role "weight" is
    checked (`data.weights.row_weights`).

    Raises
    ------
    InputError : a setting is out of range or not for this kind, the time column has no order, or weights are not
        positive.
    NotPossibleError : a fold or the hold-out would lack a class, or there are too few groups or points in time.
    """
    kind = split_kind(schema)
    _check_settings(kind, folds, hold_out, repeats, gap, held)
    target = resolve_target(dataset, schema)
    known = np.flatnonzero(target.known)
    row_weights(dataset, schema, known)
    dealt = _deal(kind, dataset, schema, target, known, folds, hold_out, seed, gap, held)
    folds = dealt.folds or folds
    assignment = _spread(dealt.codes, dealt, dataset.rows, UNUSED)
    again = _deal_again(dealt, target, folds, seed, repeats, dataset.rows)
    usable = None if dealt.usable_from is None else _spread(dealt.usable_from, dealt, dataset.rows, 0)
    notes = (*dealt.notes, *_check_parts(target, dealt.rows, dealt.codes, folds, kind))
    share = hold_out if kind != "predefined" else float(np.mean(dealt.codes == HOLD_OUT))
    plan = SplitPlan(
        dataset.fingerprint, schema.fingerprint, kind, folds, share, seed, assignment, notes, repeats, again, gap,
        usable, held,
    )  # fmt: skip
    _check_training(plan, target, schema)
    return plan


def _deal(
    kind: SplitKind,
    dataset: Dataset,
    schema: Schema,
    target: Target,
    rows: np.ndarray,
    folds: int,
    hold_out: float,
    seed: int,
    gap: float,
    held: str,
) -> _Dealt:
    if kind == "group":
        strata = _strata(target, rows)
        return _Dealt(rows, *split_by_group(dataset, str(schema.group), rows, strata, folds, hold_out, seed))
    if kind == "time":
        forward = split_forward(dataset, str(schema.time), rows, folds, hold_out, gap)
        return _Dealt(forward.rows, forward.codes, forward.notes, usable_from=forward.usable_from)
    if kind == "predefined":
        return _given(dataset, schema, target, rows, folds, seed, held)
    strata = _strata(target, rows)
    _check_counts(target, strata, folds, hold_out)
    assigned = stratify(strata, folds, hold_out, seed)
    return _Dealt(rows, assigned, deal_again=np.flatnonzero(assigned >= 0))


def _given(
    dataset: Dataset, schema: Schema, target: Target, rows: np.ndarray, folds: int, seed: int, held: str
) -> _Dealt:
    """What the split column says; what it leaves open is dealt into stratified folds."""
    given = read_parts(dataset, str(schema.split), held)
    said = given.fold[rows]
    pooled = np.flatnonzero(said == POOLED)
    codes = np.select([said >= 0, said == HELD, said == TRAINS], [said, HOLD_OUT, WARM_UP], UNUSED).astype(np.int8)
    if len(pooled):
        strata = _strata(target, rows[pooled])
        _check_counts(target, strata, folds, 0.0)
        codes[pooled] = stratify(strata, folds, 0.0, seed)
    placed = codes != UNUSED
    again = np.flatnonzero(said[placed] == POOLED)
    return _Dealt(rows[placed], codes[placed], given.notes, given.folds, deal_again=again if len(again) else None)


def _spread(codes: np.ndarray, dealt: _Dealt, rows: int, elsewhere: int) -> np.ndarray:
    """The codes of the rows that were dealt, in a table of `rows` rows."""
    whole = np.full(rows, elsewhere, np.int8)
    whole[dealt.rows] = codes
    return whole


def _deal_again(dealt: _Dealt, target: Target, folds: int, seed: int, repeats: int, rows: int) -> np.ndarray | None:
    """The further assignments, int8 (repeats - 1, rows)."""
    if repeats == 1:
        return None
    if dealt.deal_again is None:
        raise InputError(
            f"{repeats} repeats were asked for, and these folds are not by chance.",
            "Repeat a stratified split, or a predefined one whose training rows are dealt into folds.",
        )
    strata = _strata(target, dealt.rows[dealt.deal_again])
    further = []
    for repeat in range(1, repeats):
        codes = dealt.codes.copy()
        codes[dealt.deal_again] = stratify(strata, folds, 0.0, [seed, repeat])
        further.append(_spread(codes, dealt, rows, UNUSED))
    return np.stack(further)


def stratify(strata: np.ndarray, folds: int, hold_out: float, seed: int | Sequence[int]) -> np.ndarray:
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


def _check_settings(kind: SplitKind, folds: int, hold_out: float, repeats: int, gap: float, held: str) -> None:
    most = MOST_PARTS if kind == "predefined" else MAX_FOLDS
    if not MIN_FOLDS <= folds <= most:
        raise InputError(f"{folds} folds were asked for.", f"Choose {MIN_FOLDS} to {most}.")
    if kind != "predefined" and not MIN_HOLD_OUT <= hold_out <= MAX_HOLD_OUT:
        raise InputError(
            f"A hold-out of {hold_out:.1%} was asked for.",
            f"Choose {MIN_HOLD_OUT:.0%} to {MAX_HOLD_OUT:.0%} of the rows.",
        )
    if not 1 <= repeats <= MAX_REPEATS:
        raise InputError(f"{repeats} repeats were asked for.", f"Choose 1 to {MAX_REPEATS}.")
    if gap and kind != "time":
        raise InputError(
            f"A gap of {gap:g} was asked for, and this split does not go forward in time.",
            "Give a date the role 'time', or leave the gap out.",
        )
    if held and kind != "predefined":
        raise InputError(
            f"The value '{held}' was to be held out, and no column names the parts.",
            "Give that column the role 'split'.",
        )


def _check_counts(target: Target, strata: np.ndarray, folds: int, hold_out: float) -> None:
    """The rarest class must reach the hold-out and every fold."""
    sizes = np.bincount(strata)
    smallest = int(sizes.argmin())
    if sizes[smallest] - _held_per_stratum(sizes, hold_out)[smallest] < folds or sizes[smallest] < folds + 1:
        name = f"'{target.names[smallest]}'" if target.names else "the target"
        held = f"a hold-out of {hold_out:.1%} and " if hold_out else ""
        raise NotPossibleError(
            f"{name} has {sizes[smallest]:,} rows, too few for {held}{folds} folds with at least one each.",
            "Use fewer folds, collect more rows, or ask another question.",
        )


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


def _check_training(plan: SplitPlan, target: Target, schema: Schema) -> None:
    """A gap must leave every fold and the refit rows of every class to train on."""
    if plan.usable_from is None:
        return
    for fold in (*range(plan.folds), None):
        rows = plan.training_rows() if fold is None else plan.fold_training_rows(fold)
        missing = _missing_class(target, rows)
        if missing is None:
            continue
        whose = "the final model" if fold is None else f"fold {fold + 1}"
        left = counted(len(rows), "row") if len(rows) else "no row"
        gap = gap_words(plan.gap, dated=schema.column(str(schema.time)).kind == "date")
        raise NotPossibleError(
            f"A gap of {gap} leaves {whose} {left} to train on{missing}.",
            "Choose a shorter gap or fewer folds.",
        )


def _missing_class(target: Target, rows: np.ndarray) -> str | None:
    """Which class has no row, in words; None where every class has one."""
    if target.kind == "number":
        return None if len(rows) else ""
    counts = np.bincount(target.codes(rows), minlength=len(target.names))
    return None if counts.min() else f", none of them '{target.names[int(counts.argmin())]}'" if len(rows) else ""
