"""Versions of a table made from another version by an operation that is written down and can be repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from mlops_lib.data.catalogue import add_version, find_table, version_of
from mlops_lib.data.conditions import check_column, columns_of, in_words, parse_condition
from mlops_lib.data.datasets import keep_derived, open_dataset
from mlops_lib.data.draw_settings import Setting
from mlops_lib.data.joining import JOINS, join
from mlops_lib.data.matching import matches
from mlops_lib.data.row_codes import first_of_each, row_codes
from mlops_lib.data.sampling import draw
from mlops_lib.objects.dataset import ROW_IDS, WEIGHTS, Dataset, Operation, Sampling
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.words import count, counted
from mlops_lib.workspace.folder import Workspace

MAX_LEFT_OUT = 100_000
MAX_NAME = 120
QUICK_ROWS = 100_000


@dataclass(frozen=True, eq=False)
class Made:
    """What an operation makes of a table: `rows` of the parent (positions, int64; a join may repeat them) and `more`
    columns beside them.

    `said` are finished sentences, the first of which names the version. `weights` and `sampling` are those of a sample.
    """

    rows: np.ndarray
    said: tuple[str, ...]
    more: pa.Table | None = None
    weights: np.ndarray | None = None
    sampling: Sampling | None = None


@dataclass(frozen=True)
class Preview:
    """What a version would be: its rows, its columns, and what is said of it."""

    rows: int
    columns: int
    said: tuple[str, ...]


@dataclass(frozen=True)
class OperationKind:
    """A kind of operation: its name and a sentence for people, its settings, what it does, and what to say where that
    changes nothing."""

    title: str
    sentence: str
    parameters: tuple[str, ...]
    make: Callable[[Workspace, Dataset, Operation], Made]
    idle: str


def derive(workspace: Workspace, parent: Dataset, operation: Operation) -> Dataset:
    """Make a version of a table by an operation, keep it and make it the next version of the parent's table.

    The same operation on the same parent gives the same version.

    Raises
    ------
    InputError : the operation or one of its settings does not fit the table.
    NotPossibleError : it would change nothing or leave no row, or the same cells are here with other true shares.
    TooLargeError : the result would exceed the limits of reading.
    """
    made = plan(workspace, parent, operation)
    table = _table(parent, made)
    beside = {ROW_IDS: np.asarray(parent.row_ids())[made.rows]}
    weights = _weights(parent, made)
    if weights is not None:
        beside[WEIGHTS] = weights
    place = version_of(workspace, parent.fingerprint)
    entry = place[0] if place else find_table(workspace, add_version(workspace, parent).table)
    name = f"{entry.name}, {made.said[0][0].lower()}{made.said[0][1:]}"
    described = replace(
        parent,
        name=name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…",
        source="derived",
        reading=None,
        parent=parent.fingerprint,
        operation=replace(operation, said=made.said),
        sampling=made.sampling,
    )
    kept = keep_derived(workspace, table, described, beside)
    _check_origin(kept, described)
    add_version(workspace, kept, entry.id, made.said[0])
    return kept


def plan(workspace: Workspace, parent: Dataset, operation: Operation) -> Made:
    """What the operation would make of a table; nothing is stored. Raises as `derive`."""
    kind = kind_of(operation)
    unknown = [name for name, _ in operation.settings if name not in kind.parameters]
    if unknown:
        raise InputError(
            f"'{kind.title}' has no setting '{unknown[0]}'.", f"Its settings are: {', '.join(kind.parameters)}."
        )
    made = kind.make(workspace, parent, operation)
    if len(made.rows) == 0:
        raise NotPossibleError("No row would be left.", "Ask for less.")
    if made.more is None and np.array_equal(made.rows, np.arange(parent.rows)):
        raise NotPossibleError(kind.idle, "Choose another operation, or go on with this version.")
    return made


def preview(workspace: Workspace, parent: Dataset, asked: Operation) -> Preview:
    """How many rows and columns the version would have, and what would be said of it. Raises as `derive`."""
    made = plan(workspace, parent, asked)
    more = made.more.num_columns if made.more is not None else 0
    return Preview(len(made.rows), len(parent.columns) + more, made.said)


def is_quick(parent: Dataset, asked: Operation) -> bool:
    """Whether a preview takes less than about a second: repeated rows and keys of large tables do not."""
    return parent.rows <= QUICK_ROWS or asked.name not in ("drop_duplicates", "join")


def kind_of(operation: Operation) -> OperationKind:
    """The entry of OPERATIONS. Raises InputError where there is none."""
    if operation.name not in OPERATIONS:
        raise InputError(
            f"There is no operation called '{operation.name}'.", f"Choose one of: {', '.join(OPERATIONS)}."
        )
    return OPERATIONS[operation.name]


def operation(name: str, seed: int | None = None, other: str | None = None, **settings: Setting) -> Operation:
    """An operation with its settings in the order of their names; those that are None are left out."""
    return Operation(name, tuple(sorted((k, v) for k, v in settings.items() if v is not None)), seed, other)


def derive_spec(parent: Dataset, asked: Operation, attempt: str = "") -> dict[str, Any]:
    """The spec of the job kind "derive". Another `attempt` makes a version again that was removed meanwhile."""
    return {"dataset": parent.fingerprint, "operation": asked, "attempt": attempt}


def derive_job(workspace: Workspace, spec: Mapping[str, Any], emit: Callable[[object], None]) -> Dataset:
    """The job kind "derive"; raises what `derive` raises."""
    parent = open_dataset(workspace, spec["dataset"])
    emit(Progress(0, 1, f"Making a version of {counted(parent.rows, 'row')}"))
    return derive(workspace, parent, spec["operation"])


def _drop_duplicates(_: Workspace, parent: Dataset, asked: Operation) -> Made:
    columns = _texts(asked, "columns") or parent.columns
    for name in columns:
        check_column(name, parent.columns)
    rows = first_of_each(row_codes(parent.table(columns).columns))
    dropped = counted(parent.rows - len(rows), "repeated row")
    by = "" if columns == parent.columns else f" (the same in {', '.join(columns)})"
    return Made(rows, (f"Without {dropped}{by}", "Of rows that repeat each other, the first is kept."))


def _filter(_: Workspace, parent: Dataset, asked: Operation) -> Made:
    settings = dict(asked.settings)
    condition = parse_condition(str(settings.get("condition") or ""), parent.columns)
    met = matches(parent.table(columns_of(condition)), condition)
    keep = bool(settings.get("keep", True))
    rows = np.flatnonzero(met if keep else ~met)
    which = "Rows where" if keep else "Without rows where"
    how_many = f"{count(len(rows))} of {counted(parent.rows, 'row')} stay."
    return Made(rows, (f"{which} {in_words(condition)}", how_many, "A missing cell meets 'is missing' only."))


def _leave_out(_: Workspace, parent: Dataset, asked: Operation) -> Made:
    given = _texts(asked, "rows")
    wrong = [text for text in given if not text.isdecimal() or int(text) >= parent.rows]
    if wrong or len(given) > MAX_LEFT_OUT:
        raise InputError(
            f"There is no row {wrong[0]}." if wrong else f"{count(len(given))} rows are more than can be listed.",
            f"Rows count from 0 to {count(parent.rows - 1)}." if wrong else "Use a condition instead.",
        )
    out = np.unique(np.array([int(text) for text in given], dtype=np.int64))
    rows = np.setdiff1d(np.arange(parent.rows), out, assume_unique=True)
    return Made(rows, (f"Without {counted(len(out), 'row')} chosen by hand",))


def _join(workspace: Workspace, parent: Dataset, asked: Operation) -> Made:
    if asked.other is None:
        raise InputError("There is no second table to join.", "Choose one.")
    on = _texts(asked, "on")
    how = str(dict(asked.settings).get("how", "left"))
    if how not in JOINS:
        raise InputError(f"Tables cannot be joined '{how}'.", f"Choose one of: {', '.join(JOINS)}.")
    second = open_dataset(workspace, asked.other)
    joined = join(parent, second, on, _texts(asked, "other_on") or on, JOINS[how])
    return Made(joined.rows, joined.said, joined.columns if joined.columns.num_columns else None)


def _sample(_: Workspace, parent: Dataset, asked: Operation) -> Made:
    settings = dict(asked.settings)
    if asked.seed is None:
        raise InputError("A sample needs a seed.", "Give a whole number; the same one draws the same rows.")
    drawn = draw(parent, str(settings.pop("method", "")), settings, asked.seed)
    return Made(drawn.rows, drawn.said, weights=drawn.weights, sampling=drawn.sampling)


OPERATIONS: Mapping[str, OperationKind] = {
    "sample": OperationKind(
        "Draw a sample",
        "Some of the rows, drawn by chance in one of seven ways; the true shares are kept.",
        ("method", "rows", "share", "column", "order", "allocation", "numbers", "replace"),
        _sample,
        "The sample has every row.",
    ),
    "filter": OperationKind(
        "Filter rows",
        "Only rows that meet a condition, or all but these.",
        ("condition", "keep"),
        _filter,
        "Every row meets this; there is nothing to leave out.",
    ),
    "drop_duplicates": OperationKind(
        "Drop repeated rows",
        "Of rows that are the same in all columns, or in those you choose, the first stays.",
        ("columns",),
        _drop_duplicates,
        "No row repeats another one; there is nothing to drop.",
    ),
    "join": OperationKind(
        "Join another table",
        "Columns of a second table beside the rows of this one, by a key that both have.",
        ("on", "other_on", "how"),
        _join,
        "Every row finds its key and no column is added; nothing would change.",
    ),
    "leave_out": OperationKind(
        "Leave out single rows",
        "All rows but those you name.",
        ("rows",),
        _leave_out,
        "No row is named; there is nothing to leave out.",
    ),
}
"""The operations, by the name that `Operation.name` keeps."""


def _table(parent: Dataset, made: Made) -> pa.Table:
    table = parent.table()
    if len(made.rows) and (np.diff(made.rows) > 0).all():
        mask = np.zeros(parent.rows, dtype=bool)
        mask[made.rows] = True
        table = table.filter(pa.array(mask))
    else:
        table = table.take(made.rows)
    for name in made.more.column_names if made.more is not None else ():
        table = table.append_column(name, made.more[name])  # type: ignore[index]
    return table.replace_schema_metadata(None)


def _weights(parent: Dataset, made: Made) -> np.ndarray | None:
    """How many rows of the root each row stands for: those of the parent times those of this draw."""
    before = parent.weights()
    if before is None:
        return made.weights
    kept: np.ndarray = np.asarray(before)[made.rows]
    return kept if made.weights is None else kept * made.weights


def _check_origin(kept: Dataset, asked: Dataset) -> None:
    """The same cells may be here already, made in another way; then it must be known to be the same population."""
    shares = kept.sampling.shares if kept.sampling else ()
    if asked.sampling is not None and asked.sampling.shares != shares:
        raise NotPossibleError(
            "These rows, cell for cell, are here already as another version with other true shares.",
            "Choose another seed.",
        )


def _texts(asked: Operation, name: str) -> tuple[str, ...]:
    value = dict(asked.settings).get(name) or ()
    return value if isinstance(value, tuple) else (str(value),)
