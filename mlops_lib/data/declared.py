"""Columns whose file says what they hold (Parquet, Arrow, JSON, SQL), as the few types that Fulcrum knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from mlops_lib.data.convert import Converted, Rules, convert_column
from mlops_lib.data.dates import STAMP
from mlops_lib.data.limits import check_decoded
from mlops_lib.data.numbers import TOO_LONG, WHOLE, without_numbers
from mlops_lib.objects.errors import InputError

MAX_EXACT = 2**53
"""Whole numbers beyond it are not exact as floating-point numbers; their column is kept as text."""

_FIRST_DAY, _END = -62_135_596_800_000_000, 253_402_300_800_000_000
"""Microseconds from 1970 to the first day of year 1 and to the end of year 9999: beyond them no calendar goes."""


@dataclass(frozen=True, eq=False)
class Declared:
    """Columns with their names, and a sentence for each that was left out."""

    columns: tuple[Converted, ...]
    names: tuple[str, ...]
    left_out: tuple[str, ...]


def plain_columns(table: pa.Table, names: Sequence[str], rules: Rules, name: str) -> Declared:
    """The columns of a table that have a place in one, under `names`.

    Raises InputError where there is none, TooLargeError where they unpack to more than `limits.MAX_DECODED_BYTES`.
    """
    check_decoded(sum(_unpacked_size(column) for column in table.columns), name)
    kept: list[tuple[str, Converted]] = []
    left_out: list[str] = []
    for column, title in zip(table.columns, names, strict=True):
        found = plain_column(column, title, as_text=title in rules.text_columns)
        if found is None:
            left_out.append(left_out_sentence(title, words_for(column.type)))
        else:
            kept.append((title, typed_text(found, title, rules)))
    if not kept:
        raise nothing_plain(name)
    return Declared(tuple(c for _, c in kept), tuple(title for title, _ in kept), tuple(left_out))


def nothing_plain(name: str) -> InputError:
    """What is said of a table of lists and structs only."""
    return InputError(
        f"'{name}' has no column of numbers, dates or text, only lists or other nested values.",
        "Upload a table of plain values.",
    )


def left_out_sentence(title: str, kind: str) -> str:
    """What is said of a column that has no place in a table."""
    return f"The column '{title}' holds {kind} and was left out."


def words_for(kind: pa.DataType) -> str:
    """What a column of that type holds, in a word."""
    return next((word for holds, word in _WORDS if holds(kind)), str(kind)[:60])


_WORDS: tuple[tuple[Callable[[pa.DataType], bool], str], ...] = (
    (pa.types.is_map, "maps"),
    (pa.types.is_struct, "structs"),
    (pa.types.is_union, "unions"),
    (pa.types.is_nested, "lists"),
    (pa.types.is_binary, "bytes that are no text"),
    (pa.types.is_large_binary, "bytes that are no text"),
    (pa.types.is_fixed_size_binary, "bytes"),
)


def is_nested(kind: pa.DataType) -> bool:
    """Whether a type holds lists, structs, maps or unions."""
    return pa.types.is_nested(kind) and not pa.types.is_run_end_encoded(kind)


def typed_text(column: Converted, title: str, rules: Rules, mixed: bool = False) -> Converted:
    """A text column under the rules of all text: missing tokens and dates. Numbers in it stay text unless asked for.

    With `mixed` the file declares some of its cells as numbers, so that it is a column of numbers where all cells are.
    """
    kind = column.values.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return replace(column, values=without_numbers(column.values, rules.missing))
    if not pa.types.is_string(kind):
        return column
    found = convert_column(column.values, title, rules)
    if not mixed and title not in rules.number_columns:
        found = _as_declared(found, column, title, rules)
    return replace(found, repairs=(*column.repairs, *found.repairs))


def _as_declared(found: Converted, column: Converted, title: str, rules: Rules) -> Converted:
    """Without numbers, and without what would be said about numbers."""
    if pa.types.is_integer(found.values.type) or pa.types.is_floating(found.values.type):
        text = convert_column(column.values, title, replace(rules, text_columns=(*rules.text_columns, title)))
        note = f"'{title}' holds numbers that the file declares as text; it is kept as text."
        return replace(text, guessed=(*text.guessed, note))
    misfits = tuple(misfit for misfit in found.misfits if misfit.kind != "number")
    suggested = found.suggested if found.suggested_kind != "number" else ()
    ambiguous = None if found.ambiguous == "number" else found.ambiguous
    return replace(found, misfits=misfits, suggested=suggested, ambiguous=ambiguous)


def typed_numbers(cells: pa.ChunkedArray, title: str, rules: Rules) -> Converted:
    """Numbers that the file declares as such, given as they are written there; text where digits would be lost."""
    if title in rules.text_columns or title in rules.date_columns:
        return convert_column(cells, title, rules)
    if pc.any(pc.match_substring_regex(cells, TOO_LONG)).as_py():
        note = f"'{title}' has whole numbers of more than 15 digits, so it is kept as text to lose none."
        return Converted(cells, (note,))
    whole = pc.all(pc.match_substring_regex(cells, WHOLE)).as_py()
    values = without_numbers(cells.cast(pa.int64() if whole else pa.float64()), rules.missing)
    return Converted(values) if whole else _finite(values, title)


def plain_column(column: pa.ChunkedArray, name: str, as_text: bool = False) -> Converted | None:
    """The column as int64, float64, timestamp or text; None for a type (list, struct) that has no place in a table."""
    column = _unwrapped(column)
    kind = column.type
    if as_text:
        return _text(column, name, "as you asked")
    if pa.types.is_null(kind):
        return Converted(column.cast(pa.string()))
    if pa.types.is_boolean(kind):
        return Converted(pc.if_else(column, "true", "false"), (f"The yes/no values of '{name}' are kept as labels.",))
    if pa.types.is_integer(kind):
        return _whole(column, name)
    if pa.types.is_decimal(kind):
        return _decimal(column, name)
    if pa.types.is_floating(kind):
        return _finite(column.cast(pa.float64()), name)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return _stamps(column, name)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _trimmed(column.cast(pa.string()), name)
    if pa.types.is_time(kind):
        return _text(column, name, "because it holds times without a day")
    if pa.types.is_duration(kind):
        return _seconds(column, name)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind):
        return _text(column, name, "though the file declares it as bytes")
    return None


def _unwrapped(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The values themselves: extension types, dictionaries and run-end encoding taken off."""
    while True:
        kind = column.type
        if isinstance(kind, pa.BaseExtensionType):
            column = pa.chunked_array([chunk.storage for chunk in column.chunks], kind.storage_type)
        elif pa.types.is_dictionary(kind):
            column = column.cast(kind.value_type)
        elif pa.types.is_run_end_encoded(kind):
            column = pa.chunked_array([pc.run_end_decode(chunk) for chunk in column.chunks], kind.value_type)
        else:
            return column


def _unpacked_size(column: pa.ChunkedArray) -> int:
    """Bytes of a dictionary-encoded text column once every row has its own text; 0 for what is unpacked already."""
    kind = column.type
    if not pa.types.is_dictionary(kind) or pa.types.is_nested(kind.value_type):
        return 0
    total = 0
    for chunk in column.chunks:
        try:
            lengths = pc.binary_length(chunk.dictionary)
        except pa.ArrowNotImplementedError:
            return 0
        total += pc.sum(pc.take(lengths, chunk.indices).cast(pa.int64())).as_py() or 0
    return total


def _text(column: pa.ChunkedArray, name: str, why: str) -> Converted | None:
    try:
        return Converted(column.cast(pa.string()), (f"'{name}' is kept as text, {why}.",))
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return None


def _whole(column: pa.ChunkedArray, name: str) -> Converted | None:
    bounds = pc.min_max(column)
    low, high = bounds["min"].as_py(), bounds["max"].as_py()
    if low is not None and (low < -MAX_EXACT or high > MAX_EXACT):
        return _text(column, name, "because it has whole numbers of more than 15 digits")
    return Converted(column.cast(pa.int64()))


def _decimal(column: pa.ChunkedArray, name: str) -> Converted | None:
    numbers = column.cast(pa.float64())
    if pc.any(pc.greater_equal(pc.abs(numbers), 1e15)).as_py():
        return _text(column, name, "because it has numbers of more than 15 digits before the decimal point")
    return _finite(numbers, name)


def _finite(column: pa.ChunkedArray, name: str) -> Converted:
    """NaN is missing; an infinite value is no number either, and that is said."""
    infinite = pc.sum(pc.is_inf(column)).as_py() or 0
    values = pc.if_else(pc.is_finite(column), column, pa.scalar(None, pa.float64()))
    return Converted(values, (f"{infinite:,} infinite values in '{name}' count as missing.",) if infinite else ())


def _seconds(column: pa.ChunkedArray, name: str) -> Converted:
    numbers = pc.divide(column.cast(pa.int64()).cast(pa.float64(), safe=False), _A_SECOND[column.type.unit])
    return Converted(numbers, (f"The durations of '{name}' are now numbers of seconds.",))


_A_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}


def _stamps(column: pa.ChunkedArray, name: str) -> Converted | None:
    zone = getattr(column.type, "tz", None)
    repairs: tuple[str, ...] = (
        (f"The times in '{name}' have a time zone; they are kept as UTC.",) if zone is not None else ()
    )
    try:
        # A timestamp with a zone is stored as UTC, so that taking the zone off leaves the time in UTC.
        plain = column.cast(pa.timestamp(column.type.unit)) if zone is not None else column
        finer = pa.types.is_timestamp(plain.type) and plain.type.unit == "ns"
        values = plain.cast(STAMP, safe=not finer)
        if finer and not pc.all(pc.equal(values.cast(plain.type), plain)).as_py():
            repairs += (f"The times in '{name}' are kept to the microsecond.",)
    except pa.ArrowInvalid:
        return _text(column, name, "because it has dates beyond the year 9999")
    return _within_calendar(values, name, repairs)


def _within_calendar(values: pa.ChunkedArray, name: str, repairs: tuple[str, ...]) -> Converted:
    ticks = values.cast(pa.int64())
    outside = pc.or_(pc.less(ticks, _FIRST_DAY), pc.greater_equal(ticks, _END))
    count = pc.sum(outside).as_py() or 0
    if not count:
        return Converted(values, repairs)
    note = f"{count:,} dates in '{name}' lie outside the years 1 to 9999 and count as missing."
    return Converted(pc.if_else(outside, pa.scalar(None, STAMP), values), (*repairs, note))


def _trimmed(column: pa.ChunkedArray, name: str) -> Converted:
    trimmed = pc.utf8_trim_whitespace(column)
    changed = pc.any(pc.and_(pc.not_equal(trimmed, column), pc.not_equal(trimmed, ""))).as_py()
    values = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
    return Converted(values, (f"Blanks around the cells of '{name}' were removed.",) if changed else ())
