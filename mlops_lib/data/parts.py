"""A split that the table brings along: a column names the part of every row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlops_lib.data.encoded import encoded_column
from mlops_lib.data.part_names import Meaning, fold_number, meaning_of
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.words import count, counted, listed

MOST_PARTS = 30
HELD, POOLED, TRAINS, NOWHERE = -1, -2, -3, -4


@dataclass(frozen=True)
class NamedPart:
    """A value of the split column, its rows, and what its name seems to mean ("" where it says nothing)."""

    value: str
    rows: int
    meaning: Meaning


@dataclass(frozen=True)
class NamedParts:
    """All values of a split column in the order of their folds, and how many cells are missing."""

    column: str
    parts: tuple[NamedPart, ...]
    missing: int

    @property
    def proposed(self) -> str:
        """The one value that is called test or hold-out; "" where there is none, or several."""
        called = [p.value for p in self.parts if p.meaning == "hold-out"]
        return called[0] if len(called) == 1 else ""


@dataclass(frozen=True, eq=False)
class Given:
    """What a column says about rows: `fold` int64 of every row of the table, `POOLED` where it is still to be dealt
    into folds, `TRAINS` where it trains every fold, `HELD`, or `NOWHERE`. `folds` counts the folds that are given."""

    fold: np.ndarray
    folds: int
    notes: tuple[str, ...]


def describe_parts(dataset: Dataset, column: str) -> NamedParts:
    """The values of a split column. Raises NotPossibleError where it has fewer than two, or more than can be parts."""
    held = encoded_column(dataset, column, "categorical")
    codes, levels = held.values.astype(np.int64), held.levels
    if not 2 <= len(levels) <= MOST_PARTS:
        raise NotPossibleError(
            f"'{column}' has {count(len(levels))} different values; a split needs 2 to {MOST_PARTS} parts.",
            "Give the role 'split' to a column that names the part of each row, such as train and test.",
        )
    rows = np.bincount(codes[codes >= 0], minlength=len(levels))
    parts = [NamedPart(str(v), int(n), meaning_of(str(v))) for v, n in zip(levels, rows, strict=True) if n]
    return NamedParts(column, tuple(sorted(parts, key=_place)), int(np.count_nonzero(codes < 0)))


def read_parts(dataset: Dataset, column: str, held: str = "") -> Given:
    """What the column says, where `held` is the value that is held out (default: the one called test or hold-out).

    Values that are called train or validation are taken together and still have to be dealt into folds, unless two or
    more others are numbered folds: then they train every fold. Where no value has such a name, each is a fold; a single
    one is dealt into folds.

    Raises
    ------
    InputError : no value was chosen as the hold-out, or there is no such value.
    NotPossibleError : nothing is left to train on.
    """
    named = describe_parts(dataset, column)
    held = _chosen(named, held)
    others = [p for p in named.parts if p.value != held]
    pooled = [p.value for p in others if p.meaning in ("train", "validation")]
    given = [p.value for p in others if p.meaning == "fold"] if pooled else [p.value for p in others]
    if len(given) < 2:
        pooled, given = pooled or given, []
    left = [p for p in others if p.value not in (*pooled, *given)]
    places = {held: HELD, **dict.fromkeys(pooled, TRAINS if given else POOLED), **{v: k for k, v in enumerate(given)}}
    encoded = encoded_column(dataset, column, "categorical")
    table = np.array([*(places.get(str(level), NOWHERE) for level in encoded.levels), NOWHERE])
    return Given(table[encoded.values.astype(np.int64)], len(given), tuple(_notes(named, pooled, given, left)))


def _chosen(named: NamedParts, held: str) -> str:
    held = held or named.proposed
    values = [p.value for p in named.parts]
    if not held:
        raise InputError(
            f"No single value of '{named.column}' is called test or hold-out.",
            f"Choose which one is held out: {listed(values)}.",
        )
    if held not in values:
        raise InputError(f"'{named.column}' has no value '{held}'.", f"Choose one of: {listed(values)}.")
    return held


def _notes(named: NamedParts, pooled: list[str], given: list[str], left: list[NamedPart]) -> list[str]:
    notes = []
    if pooled and given:
        notes.append(f"The rows of {_quoted(pooled)} train every fold and are never judged.")
    elif len(pooled) > 1:
        notes.append(
            f"The rows of {_quoted(pooled)} are taken together and dealt into folds: a single validation set would "
            "show no spread."
        )
    elif pooled:
        notes.append(f"The rows of {_quoted(pooled)} are dealt into folds by chance, classes in the same shares.")
    notes += [
        f"{counted(p.rows, 'row')} of '{p.value}' belong to no part that is used; they stay unused." for p in left
    ]
    if named.missing:
        notes.append(f"{counted(named.missing, 'row')} have no '{named.column}'; they stay unused.")
    return notes


def _quoted(values: list[str]) -> str:
    return listed([f"'{v}'" for v in values])


def _place(part: NamedPart) -> tuple[int, int, str]:
    """Words first, then folds by their number, then the rest by name."""
    found = fold_number(part.value)
    return (1, found, part.value) if found is not None else (0 if part.meaning else 2, 0, part.value)
