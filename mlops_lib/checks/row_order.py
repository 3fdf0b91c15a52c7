"""Rows that follow each other in time: neighbours have more similar answers than chance gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from mlops_lib.checks.check import Seen, Silent
from mlops_lib.checks.likeness import Likeness, neighbours_alike
from mlops_lib.checks.table import CheckedTable
from mlops_lib.objects.schema import Role
from mlops_lib.objects.words import counted, number, p_value

ALIKE = 0.05
"""Likeness of neighbours below which an order does not matter, however certain it is."""
CERTAIN = 0.001
IN_ORDER = 0.99
"""Share of steps from row to row that must not go back for a column to be in the order of the file."""
_POINTS = 10
_ENOUGH = 50


@dataclass(frozen=True)
class Order:
    """An order of the rows: by a `column` ("" is the order of the file), whether the file is in it, and likeness."""

    column: str
    in_file_order: bool
    alike: Likeness
    is_date: bool = False

    @property
    def matters(self) -> bool:
        return self.alike.share >= ALIKE and self.alike.p < CERTAIN


def time_order(table: CheckedTable) -> Seen | Silent:
    """Rows in time order, by a date or by a number that runs with the rows, or without such a column."""
    if table.schema.time:
        return Silent(f"The split goes forward in '{table.schema.time}' already.", applies=False)
    if len(table.rows) < _ENOUGH:
        return Silent(f"{counted(len(table.rows), 'row')} are too few; {_ENOUGH} are needed.", applies=False)
    answers = table.target.values[table.rows]
    if sorted_by(answers, table.target.kind != "number"):
        return _sorted_by_answer(table)
    file_order = Order("", True, neighbours_alike(answers, table.target.kind != "number"))
    orders = _orders(table, answers, file_order)
    mattering = [o for o in orders if o.matters or (o.is_date and o.in_file_order)]
    best = max(mattering, key=_evidence, default=None)
    if best is not None:
        return _by_column(table, best)
    if file_order.matters:
        return _by_file(table, file_order)
    return _no_order(orders, file_order)


def _evidence(order: Order) -> tuple[bool, bool, bool, float]:
    return order.is_date and order.in_file_order, order.matters, order.is_date, order.alike.share


def _orders(table: CheckedTable, answers: np.ndarray, file_order: Order) -> list[Order]:
    orders = []
    for column in table.schema.columns:
        if column.role not in ("feature", "ignored") or column.kind not in ("date", "numeric"):
            continue
        values = _values(table, column.name)
        known = values is not None and not np.isnan(values).all()
        if values is None or not known or len(np.unique(values[:: max(1, len(values) // 1000)])) < _POINTS:
            continue
        running = runs_with_rows(values)
        if column.kind == "numeric" and not running:
            continue
        alike = file_order.alike if running else _alike_by(values, answers, table.target.kind != "number")
        orders.append(Order(column.name, running, alike, column.kind == "date"))
    return orders


def _values(table: CheckedTable, name: str) -> np.ndarray | None:
    """A column on the rows looked at as float64, dates as a count of time; None where it holds text."""
    if name in table.schema.features():
        return table.feature(name).values
    column = table.dataset.table([name])[name]
    if pa.types.is_string(column.type):
        return None
    plain = column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column
    values: np.ndarray = plain.cast(pa.float64(), safe=False).to_numpy()[table.rows]
    return values


def runs_with_rows(values: np.ndarray) -> bool:
    """Whether numbers (n,) rise, or fall, from row to row in `IN_ORDER` of the steps; missing ones are passed over."""
    known = values[~np.isnan(values)]
    if len(known) < max(_POINTS, 0.5 * len(values)):
        return False
    step = np.diff(known)
    return bool(max(np.mean(step >= 0), np.mean(step <= 0)) >= IN_ORDER) and bool(np.any(step != 0))


def sorted_by(answers: np.ndarray, classes: bool) -> bool:
    """Whether rows are sorted by the answer: each class stands in one block, or the numbers only rise or only fall."""
    if classes:
        return int(np.count_nonzero(np.diff(answers))) == len(np.unique(answers)) - 1
    step = np.diff(answers)
    return bool(np.all(step >= 0) or np.all(step <= 0))


def _alike_by(values: np.ndarray, answers: np.ndarray, classes: bool) -> Likeness:
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.argsort(values[known], kind="stable")]
    return neighbours_alike(answers[order], classes) if len(order) >= _ENOUGH else Likeness(0.0, 1.0)


def _measured(alike: Likeness) -> str:
    return f"likeness of neighbours {number(alike.share)} where chance gives 0, p {p_value(alike.p)}"


_DETECTED = (
    "Each row's answer against the next one's, among {which}: lag-1 autocorrelation of ranks, or for classes the share "
    "that agree beyond chance."
)
_WHY = (
    "A random split puts neighbours on both sides, so a model is judged on rows whose neighbours it knows. New rows "
    "come later, and there it will do worse."
)


def _by_column(table: CheckedTable, order: Order) -> Seen:
    target = table.schema.target
    where = "The file is in the order of" if order.in_file_order else "Rows can be put in the order of"
    alike = (
        f"rows next to each other in it have similar answers ({_measured(order.alike)})"
        if order.matters
        else f"though neighbours do not have more similar answers ({_measured(order.alike)})"
    )
    roles: tuple[tuple[str, Role], ...] = ((order.column, "time"),)
    return Seen(
        "warning" if order.matters and order.in_file_order else "info",
        (order.column,),
        0,
        f"{where} '{order.column}'; {alike}.",
        _DETECTED.format(which=table.which),
        _WHY,
        f"If '{order.column}' says when '{target}' came about, give it the role 'time': the split then goes forward in "
        "it. If it says something else (a birthday), leave it.",
        suggest_roles=roles,
    )


def _by_file(table: CheckedTable, order: Order) -> Seen:
    return Seen(
        "warning",
        (),
        0,
        f"Rows next to each other in the file have similar answers ({_measured(order.alike)}), and no column says why.",
        _DETECTED.format(which=table.which),
        _WHY,
        "If the file is in the order of time, add the column that says when; if rows of one case stand together, add "
        "the column that names the case. Then give it the role 'time' or 'group'.",
    )


def _sorted_by_answer(table: CheckedTable) -> Seen:
    return Seen(
        "info",
        (table.schema.target,),
        0,
        f"The rows are sorted by '{table.schema.target}'.",
        f"Each class stands in one block, or numbers only rise or only fall, among {table.which}.",
        "Every column that runs with the rows (a number given one after the other) then knows the answer; and whether "
        "rows came in time order can no longer be seen.",
        "Leave such columns out. The split draws rows by chance, so their order does no harm to it.",
    )


def _no_order(orders: Sequence[Order], file_order: Order) -> Silent:
    dates = [f"'{o.column}'" for o in orders if o.is_date]
    tried = f" Nor are they in the order of {dates[0]}." if dates else ""
    return Silent(
        f"Rows next to each other in the file do not have similar answers ({_measured(file_order.alike)}).{tried}"
    )
