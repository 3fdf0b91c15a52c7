"""Which rows of a table meet a condition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mlops_lib.data.conditions import Comparison, Condition, Group, Value, check_column
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError

Kind = Literal["number", "date", "text"]


def column_kinds(dataset: Dataset) -> dict[str, Kind]:
    """What each column holds, in table order: this decides how it can be compared."""
    return {field.name: _kind(field.type) for field in pq.read_schema(dataset.path)}


def _kind(held: pa.DataType) -> Kind:
    if pa.types.is_timestamp(held):
        return "date"
    return "text" if _is_text(held) else "number"


def matches(table: pa.Table, condition: Condition) -> np.ndarray:
    """Which rows meet the condition: boolean, shape (rows,).

    Raises InputError where a column is not in the table or a value does not fit its column.
    """
    if isinstance(condition, Group):
        parts = [matches(table, part) for part in condition.parts]
        if condition.how == "none":
            parts = [~np.logical_or.reduce(parts)]
        joined: np.ndarray = (np.logical_or if condition.how == "any" else np.logical_and).reduce(parts)
        return joined
    check_column(condition.column, table.column_names)
    cells = table[condition.column]
    if condition.operator == "missing":
        return np.array(pc.is_null(cells, nan_is_null=True).to_numpy(), dtype=bool)
    if condition.operator == "filled":
        return ~matches(table, Comparison(condition.column, "missing"))
    return np.array(pc.fill_null(_compared(cells, condition), False).to_numpy(), dtype=bool)


_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": pc.equal, "!=": pc.not_equal, "<": pc.less, "<=": pc.less_equal, ">": pc.greater, ">=": pc.greater_equal,
}  # fmt: skip


def _compared(cells: pa.ChunkedArray, asked: Comparison) -> pa.ChunkedArray:
    if asked.operator == "in":
        return _one_of(cells, asked)
    if asked.operator == "between":
        low, high = asked.values
        above = _against_one(cells, Comparison(asked.column, ">=", (low,)))
        return pc.and_(above, _against_one(cells, Comparison(asked.column, "<=", (high,))))
    return _against_one(cells, asked)


def _one_of(cells: pa.ChunkedArray, asked: Comparison) -> pa.ChunkedArray:
    if not pa.types.is_timestamp(cells.type):
        fitting = [_fitting(cells.type, asked, value).as_py() for value in asked.values]
        text = _is_text(cells.type)
        values = pa.array(fitting if text else map(float, fitting), cells.type if text else pa.float64())
        return pc.is_in(cells.cast(values.type), values)
    met = _against_one(cells, Comparison(asked.column, "==", asked.values[:1]))
    for value in asked.values[1:]:
        met = pc.or_(met, _against_one(cells, Comparison(asked.column, "==", (value,))))
    return met


def _against_one(cells: pa.ChunkedArray, asked: Comparison) -> pa.ChunkedArray:
    if pa.types.is_timestamp(cells.type):
        return _against_date(cells, asked)
    if _is_text(cells.type) and asked.operator not in ("==", "!="):
        raise InputError(
            f"'{asked.column}' holds text, and {asked.operator} compares numbers or dates.", "Use == or in [...]."
        )
    met = _COMPARE[asked.operator](cells, _fitting(cells.type, asked, asked.values[0]))
    return pc.and_(met, pc.invert(pc.is_nan(cells))) if pa.types.is_floating(cells.type) else met


def _fitting(kind: pa.DataType, asked: Comparison, value: Value) -> pa.Scalar:
    """A value in the kind of the column. Raises InputError where it does not fit."""
    if _is_text(kind):
        if not isinstance(value, str):
            raise InputError(f"'{asked.column}' holds text; {value} is a number.", f"Put it in quotes: '{value}'.")
        return pa.scalar(value, kind)
    if isinstance(value, str):
        raise InputError(f"'{asked.column}' holds numbers; '{value}' is text.", "Write a number without quotes.")
    whole = pa.types.is_integer(kind) and isinstance(value, int) and abs(value) < 2**63
    return pa.scalar(value, pa.int64()) if whole else pa.scalar(float(value))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


_DAY = timedelta(days=1)


def _against_date(cells: pa.ChunkedArray, asked: Comparison) -> pa.ChunkedArray:
    """Against a moment, or a whole day where the value has no time."""
    first, beyond = date_bounds(asked)

    def than(sign: str, moment: datetime) -> pa.ChunkedArray:
        return _COMPARE[sign](cells, _moment(moment, cells.type))

    if first == beyond:
        return than(asked.operator, first)
    within = pc.and_(than(">=", first), than("<", beyond))
    return {
        "==": lambda: within, "!=": lambda: pc.invert(within), "<": lambda: than("<", first),
        "<=": lambda: than("<", beyond), ">": lambda: than(">=", beyond), ">=": lambda: than(">=", first),
    }[asked.operator]()  # fmt: skip


def date_bounds(asked: Comparison) -> tuple[datetime, datetime]:
    """The first moment of what the value means, and the first one beyond it (the same where it has a time).

    Raises InputError for a value that is no date.
    """
    value = asked.values[0]
    try:
        found = datetime.fromisoformat(str(value).strip()) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None:
        raise InputError(f"'{asked.column}' holds dates; '{value}' is none.", "Write it like '2024-05-31'.")
    whole_day = len(str(value).strip()) <= 10 and found.year < 9999
    return found, found + _DAY if whole_day else found


def _moment(moment: datetime, kind: pa.DataType) -> pa.Scalar:
    """A moment in the column's own type; where only one of the two has a zone, the other is taken as UTC."""
    if kind.tz is None:
        moment = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    elif moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return pa.scalar(moment, pa.timestamp("us", kind.tz)).cast(kind)
