"""Columns as numbers that need no decoding: each encoded once, kept beside its table and opened memory-mapped."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.schema import Column
from mlops_lib.stats.features import Feature, FeatureKind, ranked, sorted_levels
from mlops_lib.workspace import atomic

FOLDER = "encoded-1"
"""The folder beside a table. Another number in its name leaves what was encoded in the past alone."""

KEPT_ROWS = 50_000
"""Tables with fewer rows are decoded each time: that takes milliseconds, and no files are written for them."""

_LOOKED_AT, _MANY_LABELS = 1 << 16, 10_000
_MICROSECONDS_PER_DAY = 86_400e6


def encoded(dataset: Dataset, kinds: Mapping[str, str]) -> dict[str, Feature]:
    """All rows of some columns (name to kind in the schema), in that order, to be read only.

    Numbers and dates (days since 1970) are float64 with NaN for missing; categories are the smallest integers that
    hold their codes, in the order of `stats.features.sorted_levels`, -1 for missing. What is not kept yet is made from
    the table and kept; where it cannot be written it is made each time.

    Raises
    ------
    InputError : a kind says numbers or dates, and the cells are neither.
    """
    folder = _place(dataset)
    kept = {} if folder is None else _opened(folder, dataset, kinds)
    left = [name for name in kinds if name not in kept]
    table = dataset.table(left) if left else None
    for name in left:
        kept[name] = encode(table[name], name, kinds[name])  # type: ignore[index]
        if folder is not None:
            with suppress(OSError):  # a full disk or a table that is just being deleted keeps nobody from looking
                folder.mkdir(exist_ok=True)
                _keep(kept[name], folder / str(dataset.columns.index(name)), atomic.new_file)
    return {name: kept[name] for name in kinds}


def encoded_column(dataset: Dataset, name: str, kind: str) -> Feature:
    """`encoded` for one column."""
    return encoded(dataset, {name: kind})[name]


def keep_encoded(table: pa.Table, columns: Iterable[Column], folder: Path) -> None:
    """Encode the columns that may be features, as the kind that was proposed, into the folder of a new table.

    Small tables are left alone, and columns of very many labels, whose sorting would hold up the reading: they are
    encoded at their first use. The folder must be one that nobody else sees yet.
    """
    if table.num_rows < KEPT_ROWS:
        return
    into = folder / FOLDER
    into.mkdir()

    def keep(column: Column) -> None:
        values = table[column.name]
        if column.kind in ("numeric", "date") or (column.kind == "categorical" and not _many_labels(values)):
            made = encode(values, column.name, column.kind)
            _keep(made, into / str(table.column_names.index(column.name)), _unseen)

    with ThreadPoolExecutor(2) as pool:  # Arrow and numpy compute outside Python's lock
        list(pool.map(keep, columns))


def encode(column: pa.ChunkedArray, name: str, kind: str) -> Feature:
    """Cells of a column as numbers or codes, to be read only.

    Raises InputError where the kind says numbers, and they are text.
    """
    made = _encoded(column, name, kind)
    made.values.flags.writeable = False  # as those are that were kept: who writes to one has an error for it
    return made


def _encoded(column: pa.ChunkedArray, name: str, kind: str) -> Feature:
    if kind == "categorical":
        return Feature(name, "categorical", *_levels(column))
    if kind == "date" and pa.types.is_temporal(column.type):
        stamps = column.cast(pa.timestamp("us", getattr(column.type, "tz", None)), safe=False).cast(pa.int64())
        return Feature(name, "date", _floats(stamps) / _MICROSECONDS_PER_DAY)
    if kind not in ("numeric", "date") or not _is_number(column.type):
        raise InputError(f"The column '{name}' is marked {kind} but holds text.", "Change its kind to categorical.")
    return Feature(name, _numbers(kind), _floats(column))


def _many_labels(column: pa.ChunkedArray) -> bool:
    return pc.count_distinct(column.slice(0, _LOOKED_AT)).as_py() > _MANY_LABELS  # type: ignore[no-any-return]


def _form(kind: str) -> Literal["codes", "values"]:
    return "codes" if kind == "categorical" else "values"


def _numbers(kind: str) -> FeatureKind:
    return "date" if kind == "date" else "numeric"


def _place(dataset: Dataset) -> Path | None:
    """The folder for this dataset; None where nothing is kept.

    Numbers are kept only in a folder that is named by the cells they come from.
    """
    folder = Path(dataset.path).parent
    return folder / FOLDER if dataset.rows >= KEPT_ROWS and folder.name == dataset.fingerprint else None


def _opened(folder: Path, dataset: Dataset, kinds: Mapping[str, str]) -> dict[str, Feature]:
    """The columns that are kept."""
    found = {}
    for name, kind in kinds.items():
        with suppress(FileNotFoundError):
            found[name] = _open(folder / str(dataset.columns.index(name)), name, kind)
    return found


def _open(place: Path, name: str, kind: str) -> Feature:
    """A column that is kept. Raises FileNotFoundError where it is not."""
    # A view as a plain array: slices of numpy's own memory-mapped kind cost several times as much.
    values = np.asarray(np.load(f"{place}-{_form(kind)}.npy", mmap_mode="r"))
    if kind != "categorical":
        return Feature(name, _numbers(kind), values)
    levels = json.loads(Path(f"{place}-levels.json").read_text(encoding="ascii"))
    return Feature(name, "categorical", values, tuple(levels))


def _keep(column: Feature, place: Path, new_file: Callable[[Path], AbstractContextManager[BinaryIO]]) -> None:
    """The levels first: whoever finds codes finds what they mean."""
    if column.kind == "categorical":
        with new_file(Path(f"{place}-levels.json")) as file:
            file.write(json.dumps(column.levels).encode("ascii"))
    with new_file(Path(f"{place}-{_form(column.kind)}.npy")) as file:
        np.save(file, column.values)


def _unseen(path: Path) -> AbstractContextManager[BinaryIO]:
    return path.open("wb")


def _levels(column: pa.ChunkedArray) -> tuple[np.ndarray, tuple[str, ...]]:
    found = column.dictionary_encode().unify_dictionaries()
    if found.num_chunks == 0:
        return np.zeros(0, np.int8), ()
    codes = np.concatenate([pc.fill_null(c.indices, -1).to_numpy(zero_copy_only=False) for c in found.chunks])
    labels = found.chunk(0).dictionary
    if len(labels) and pa.types.is_string(labels.type) and not _reads_as_number(labels[0].as_py()):
        # Text goes by its letters, as `sorted_levels` would have it; Arrow sorts many labels ten times as fast.
        order = pc.array_sort_indices(labels)
        return ranked(codes, order.to_numpy()), tuple(labels.take(order).to_pylist())
    return sorted_levels(codes, labels.to_pylist())


def _reads_as_number(label: str) -> bool:
    try:
        return not math.isnan(float(label))
    except ValueError:
        return False


def _floats(column: pa.ChunkedArray) -> np.ndarray:
    return np.asarray(column.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind))
