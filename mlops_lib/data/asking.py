"""What only the user can say about a table that was read, with an example of each answer."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops_lib.data.dates import Order, read_dates
from mlops_lib.data.number_finding import Signs, find_form
from mlops_lib.objects.dataset import Dataset, Misfit, ReadingOptions

_LOOKED_AT = 100_000
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """One way to read a cell: what it then means, and the options under which the file is read so."""

    means: str
    options: ReadingOptions


@dataclass(frozen=True)
class Question:
    """A cell of a column that can be read in two ways."""

    kind: Literal["date", "number"]
    column: str
    cell: str
    answers: tuple[Answer, ...]


def open_questions(dataset: Dataset) -> tuple[Question, ...]:
    """A question for each column whose dates or numbers can be read in two ways, with the cell that shows it best."""
    reading = dataset.reading
    if reading is None:
        return ()
    dates = [q for name in reading.ambiguous_dates if (q := _date_question(dataset, name, reading.options))]
    numbers = [q for name in reading.ambiguous_numbers if (q := _number_question(dataset, name, reading.options))]
    return (*dates, *numbers)


def as_kind(options: ReadingOptions, misfits: tuple[Misfit, ...]) -> ReadingOptions:
    """The options that read columns as the kind that nearly all of their cells have; the others become missing."""
    numbers = [m.column for m in misfits if m.kind == "number"]
    dates = [m.column for m in misfits if m.kind == "date"]
    return replace(
        options,
        number_columns=_joined(options.number_columns, numbers),
        date_columns=_joined(options.date_columns, dates),
    )


def all_dates(options: ReadingOptions, columns: tuple[str, ...], order: Order) -> ReadingOptions:
    """The options that read the dates of all these columns with the day or the month first."""
    if order == "day":
        return replace(options, day_first=_joined(options.day_first, list(columns)))
    return replace(options, month_first=_joined(options.month_first, list(columns)))


def as_text(options: ReadingOptions, column: str) -> ReadingOptions:
    """The options that keep a column as text."""
    return replace(
        options,
        text_columns=_joined(options.text_columns, [column]),
        number_columns=tuple(name for name in options.number_columns if name != column),
        date_columns=tuple(name for name in options.date_columns if name != column),
    )


def _date_question(dataset: Dataset, name: str, options: ReadingOptions) -> Question | None:
    cells = _cells(dataset, name)
    read = {order: _days(cells, name, order) for order in _ORDERS}
    best = next(_telling(read), None)
    if best is None:
        return None
    day_first, month_first = (read[order][best] for order in _ORDERS)
    answers = (
        Answer(
            f"{day_first.day} {_MONTHS[day_first.month - 1]} {day_first.year}",
            all_dates(options, (name,), "day"),
        ),
        Answer(
            f"{_MONTHS[month_first.month - 1]} {month_first.day}, {month_first.year}",
            all_dates(options, (name,), "month"),
        ),
    )
    return Question("date", name, cells[best].as_py(), answers)


_ORDERS: tuple[Order, Order] = ("day", "month")


def _days(cells: pa.Array, name: str, order: Order) -> list[datetime.datetime]:
    found = read_dates(cells, np.ones(len(cells), dtype=np.int64), name, order)
    return [] if found is None else found.values.to_pylist()


def _telling(read: dict[Order, list[datetime.datetime]]) -> Iterator[int]:
    """Where the two ways give different days."""
    for place, (one, other) in enumerate(zip(*(read[order] for order in _ORDERS), strict=False)):
        if one is not None and other is not None and one != other:
            yield place


def _number_question(dataset: Dataset, name: str, options: ReadingOptions) -> Question | None:
    cells = _cells(dataset, name)
    cells = cells.filter(pc.match_substring(cells, ","))
    if not len(cells):
        return None
    cell = cells.slice(0, 1)
    answers = (
        Answer(_plain(cell, Signs(thousands=",")), replace(options, thousands=",", decimal=".")),
        Answer(_plain(cell, Signs(decimal=",")), replace(options, thousands=None, decimal=",")),
    )
    return Question("number", name, cell[0].as_py(), answers)


def _plain(cell: pa.Array, signs: Signs) -> str:
    found = find_form(cell, np.ones(1, dtype=np.int64), signs)
    return "" if found is None else str(found.form.plain(cell)[0].as_py())


def _cells(dataset: Dataset, name: str) -> pa.Array:
    """Distinct filled cells of the first rows of a column that was kept as text."""
    column = dataset.table([name])[name].slice(0, _LOOKED_AT)
    return pc.unique(column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)).drop_null()


def _joined(names: tuple[str, ...], more: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*names, *more]))
