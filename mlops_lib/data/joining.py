"""Columns of a second table beside the rows of a first one, by keys that both have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops_lib.data.conditions import check_column
from mlops_lib.data.limits import check_shape
from mlops_lib.data.row_codes import row_codes
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.words import count, counted, listed

How = Literal["left", "inner"]
JOINS: Mapping[str, How] = {"left": "left", "inner": "inner"}


@dataclass(frozen=True, eq=False)
class Joined:
    """`rows` of the first table (positions, ascending, repeated where several match), the second one's columns beside
    them, and finished sentences on keys that do not match, rows that repeat and names that clash."""

    rows: np.ndarray
    columns: pa.Table
    said: tuple[str, ...]


def join(first: Dataset, second: Dataset, on: Sequence[str], other_on: Sequence[str], how: How = "left") -> Joined:
    """Join a second table to a first one. Keys with a missing cell match nothing.

    Parameters
    ----------
    on, other_on : key columns of the first and the second table, equally many, paired in order.
    how : "left" keeps every row of the first table, "inner" only those whose key is found.

    Raises
    ------
    InputError : a key is no column, the keys differ in number or kind, or "left" would add no column.
    NotPossibleError : no key matches, or keys repeat in both tables, so that rows would multiply on both sides.
    TooLargeError : the joined table would exceed the limits of reading.
    """
    left, right = _keys(first, second, on, other_on)
    added = [name for name in second.columns if name not in other_on]
    if not added and how == "left":
        raise InputError(f"'{second.name}' has no column beside its keys.", "Choose a table with more columns.")
    order = np.argsort(right, kind="stable")
    order = order[right[order] >= 0]
    start = np.searchsorted(right[order], left, side="left")
    matches = np.where(left >= 0, np.searchsorted(right[order], left, side="right") - start, 0)
    _check_matches(left, matches, first, second)
    repeats = np.maximum(matches, 1) if how == "left" else matches
    check_shape(int(repeats.sum()), len(first.columns) + len(added))
    rows = np.repeat(np.arange(first.rows), repeats)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    found = matches[rows] > 0
    places = np.where(found, order[np.minimum(start[rows] + within, len(order) - 1)], 0)
    columns = second.table(added).take(pa.array(places, mask=~found))
    names = _free_names(added, first.columns)
    unused = second.rows - len(np.unique(places[found]))
    said = (*_said(first, second, on, matches, how, len(rows), unused), *_renamed(added, names, second))
    return Joined(rows, columns.rename_columns(names), said)


def _keys(first: Dataset, second: Dataset, on: Sequence[str], other_on: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Key codes of the rows of both tables, equal where keys are, -1 where a part of the key is missing."""
    if not on or len(on) != len(other_on):
        raise InputError(
            f"{counted(len(on), 'key column')} of the one table and {count(len(other_on))} of the other are no pairs.",
            "Choose one key column or more in each, in the same order.",
        )
    for name, dataset in [*((n, first) for n in on), *((n, second) for n in other_on)]:
        check_column(name, dataset.columns)
    mine, theirs = first.table(list(on)), second.table(list(other_on))
    pairs = [_same_kind(mine[a], theirs[b], a, b) for a, b in zip(on, other_on, strict=True)]
    codes = row_codes([pa.chunked_array([*a.chunks, *b.chunks]) for a, b in pairs])
    missing = np.zeros(len(codes), dtype=bool)
    for a, b in pairs:
        missing |= np.concatenate([pc.is_null(a).to_numpy(), pc.is_null(b).to_numpy()])
    codes = np.where(missing, -1, codes)
    return codes[: first.rows], codes[first.rows :]


def _same_kind(
    mine: pa.ChunkedArray, theirs: pa.ChunkedArray, name: str, other: str
) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    kinds = [_kind(mine.type), _kind(theirs.type)]
    if kinds[0] != kinds[1]:
        raise InputError(
            f"'{name}' holds {kinds[0]} here, and '{other}' holds {kinds[1]} there, so no key would match.",
            "Read one of the two again as the other's kind.",
        )
    if mine.type == theirs.type:
        return mine, theirs
    common = {"numbers": pa.float64(), "dates": pa.timestamp("us"), "text": pa.string()}[kinds[0]]
    return mine.cast(common, safe=False), theirs.cast(common, safe=False)


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return "numbers"
    return "dates" if pa.types.is_timestamp(kind) else "text"


def _check_matches(left: np.ndarray, matches: np.ndarray, first: Dataset, second: Dataset) -> None:
    if not matches.any():
        raise NotPossibleError(
            f"No key of '{first.name}' is found in '{second.name}'.", "Choose the columns that name the same things."
        )
    several = left[matches > 1]
    _, times = np.unique(several, return_counts=True)
    if (times > 1).any():
        raise NotPossibleError(
            f"{counted(int((times > 1).sum()), 'key')} repeat in both tables, so their rows would multiply "
            f"(one key {count(times.max())} times here).",
            "Add a key column, or drop the repeated rows of one table first.",
        )


def _said(
    first: Dataset, second: Dataset, on: Sequence[str], matches: np.ndarray, how: How, rows: int, unused: int
) -> tuple[str, ...]:
    found, lost = int((matches > 0).sum()), int((matches == 0).sum())
    more = int((matches > 1).sum())
    without = "have nothing in the new columns" if how == "left" else "were left out"
    kept = found if how == "inner" else first.rows
    said = [
        f"Joined with '{second.name}' by {listed(tuple(on))}",
        f"{count(found)} of {counted(first.rows, 'row')} found their key; {count(lost)} did not and {without}.",
        f"{counted(unused, 'row')} of '{second.name}' match no row here." if unused else "",
        f"{counted(more, 'row')} found their key more than once, so {counted(kept, 'row')} became {count(rows)}."
        if more
        else "",
    ]
    return tuple(s for s in said if s)


def _free_names(added: Sequence[str], taken: Sequence[str]) -> list[str]:
    """Names of the added columns; one that is taken gets "(2)", "(3)", ... behind it."""
    used, names = set(taken) | set(added), []
    for name in added:
        free, k = name, 2
        while free in taken or free in names or (free != name and free in used):
            free, k = f"{name} ({k})", k + 1
        names.append(free)
    return names


def _renamed(added: Sequence[str], names: Sequence[str], second: Dataset) -> tuple[str, ...]:
    changed = [f"'{a}' is now '{b}'" for a, b in zip(added, names, strict=True) if a != b]
    return (f"Names of '{second.name}' that were taken: {listed(changed)}.",) if changed else ()
