"""Two versions of a table, column by column: one pass, one column in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mlops_lib.data.column_pairs import ColumnPair, column_pair, kind_of
from mlops_lib.data.datasets import open_dataset
from mlops_lib.data.difference import Difference, KeyedRows, RowCounts, Shift, TypeChange
from mlops_lib.data.profile import propose_column
from mlops_lib.data.shifts import shift_of
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.progress import Progress
from mlops_lib.workspace.folder import Workspace

JOB_ROWS = 100_000
"""Above so many rows of the two versions together, a page compares them in a job."""
_FIRST = 1000


def compare_versions(before: Dataset, after: Dataset, emit: Callable[[object], None] | None = None) -> Difference:
    """How the second version differs from the first.

    Rows are compared as multisets by a 64-bit digest of their cells in the common columns of one type: among two
    million different rows, two share a digest by chance with a probability of about 1e-7. Where an identifier names
    every row of both versions, rows are matched by it too.
    """
    types = [{f.name: f.type for f in pq.read_schema(d.path)} for d in (before, after)]
    shared = [c for c in before.columns if c in types[1]]
    retyped = tuple(TypeChange(c, kind_of(types[0][c]), kind_of(types[1][c])) for c in shared if _retyped(types, c))
    common = [c for c in shared if not _retyped(types, c)]
    key = _find_key(before, after, common)
    places = None if key is None else _places(column_pair(before, after, key))
    rows, matched = _Digests(before.rows, after.rows), _Matched(places)
    shifts: dict[str, Shift | str] = {}
    for place, column in enumerate(common):
        if emit is not None:
            emit(Progress(place, len(common), f"Comparing {column}"))
        pair = column_pair(before, after, column)
        rows.add(pair)
        matched.add(pair)
        shifts[column] = "it names the rows" if column == key else shift_of(pair)
    moved = [s for s in shifts.values() if isinstance(s, Shift)]
    return Difference(
        before.fingerprint,
        after.fingerprint,
        added_columns=tuple(c for c in after.columns if c not in types[0]),
        removed_columns=tuple(c for c in before.columns if c not in types[1]),
        retyped=retyped,
        reordered=shared != [c for c in after.columns if c in types[0]],
        rows=rows.counts(),
        keyed=None if key is None else matched.rows(key, before.rows, after.rows),
        shifts=tuple(sorted(moved, key=lambda s: (-s.moved, s.column))),
        not_compared=tuple((c, s) for c, s in shifts.items() if isinstance(s, str)),
    )


def compare_job(workspace: Workspace, spec: Mapping[str, Any], emit: Callable[[object], None]) -> Difference:
    """The job "compare_tables". `spec`: before and after (fingerprints)."""
    return compare_versions(
        open_dataset(workspace, str(spec["before"])), open_dataset(workspace, str(spec["after"])), emit
    )


def _retyped(types: list[dict[str, pa.DataType]], column: str) -> bool:
    return kind_of(types[0][column]) != kind_of(types[1][column])


def _find_key(before: Dataset, after: Dataset, common: list[str]) -> str | None:
    """The first column that looks like an identifier and is filled and different in every row of both versions."""
    return next((c for c in common if _is_key(after, c) and _names_rows(before, c)), None)


def _is_key(dataset: Dataset, column: str) -> bool:
    return _names_rows(dataset, column) and propose_column(dataset.table([column])[column], column).kind == "identifier"


def _names_rows(dataset: Dataset, column: str) -> bool:
    values = dataset.table([column]).column(0)
    if values.null_count or not len(values) or kind_of(values.type) == "date" or pa.types.is_floating(values.type):
        return False
    first = values.slice(0, _FIRST)
    return all(pc.count_distinct(cells).as_py() == len(cells) for cells in (first, values))


def _places(pair: ColumnPair) -> np.ndarray:
    """For each row before, the row after that has the same key: int64, -1 where there is none."""
    order = np.argsort(pair.after)
    found = np.searchsorted(pair.after[order], pair.before)
    candidates = order[np.minimum(found, len(order) - 1)]
    return np.where(pair.after[candidates] == pair.before, candidates, -1)


class _Matched:
    """Counts the cells that changed in rows matched by a key."""

    def __init__(self, places: np.ndarray | None) -> None:
        self.before = None if places is None else np.flatnonzero(places >= 0)
        self.after = None if places is None else places[places >= 0]
        self.changed = np.zeros(0 if self.before is None else len(self.before), dtype=bool)
        self.cells: dict[str, int] = {}

    def add(self, pair: ColumnPair) -> None:
        if self.before is None:
            return
        different = pair.before[self.before] != pair.after[self.after]
        self.changed |= different
        self.cells[pair.column] = int(np.count_nonzero(different))

    def rows(self, key: str, before: int, after: int) -> KeyedRows:
        matched = len(self.changed)
        cells = sorted(((c, n) for c, n in self.cells.items() if n), key=lambda entry: -entry[1])
        changed = int(np.count_nonzero(self.changed))
        return KeyedRows(key, matched, changed, after - matched, before - matched, tuple(cells))


class _Digests:
    """A 64-bit digest of each row of both versions, mixed column by column (finaliser of SplitMix64, Steele 2014)."""

    def __init__(self, before: int, after: int) -> None:
        self.before, self.after = np.zeros(before, np.uint64), np.zeros(after, np.uint64)
        self.columns = 0

    def add(self, pair: ColumnPair) -> None:
        self.columns += 1
        self.before, self.after = _mixed(self.before, pair.before), _mixed(self.after, pair.after)

    def counts(self) -> RowCounts:
        if not self.columns:
            return RowCounts(len(self.before), len(self.after), 0, in_order=False)
        same = bool(np.array_equal(self.before, self.after))
        unchanged = len(self.before) if same else _in_common(self.before, self.after)
        return RowCounts(len(self.before), len(self.after), unchanged, same)


def _mixed(digest: np.ndarray, bits: np.ndarray) -> np.ndarray:
    mixed = digest * np.uint64(0x9FB21C651E98DF25)
    mixed += bits
    mixed += np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def _in_common(before: np.ndarray, after: np.ndarray) -> int:
    """The size of the intersection of two multisets."""
    values, counts = np.unique(before, return_counts=True)
    others, other_counts = np.unique(after, return_counts=True)
    _, mine, theirs = np.intersect1d(values, others, assume_unique=True, return_indices=True)
    return int(np.minimum(counts[mine], other_counts[theirs]).sum())
