"""A file to a table, with everything that was found out, repaired or left out on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import cast

import pyarrow as pa

from mlops_lib.data.arrow_file import read_arrow_file, read_arrow_stream
from mlops_lib.data.convert import Converted, Rules, convert, decimal_used, rules_of
from mlops_lib.data.declared import left_out_sentence, nothing_plain, plain_columns, typed_numbers, typed_text
from mlops_lib.data.delimited import read_delimited
from mlops_lib.data.encoding import decode
from mlops_lib.data.formats import CONTAINERS, Format, detect_format
from mlops_lib.data.json_table import read_json
from mlops_lib.data.json_values import JsonColumn
from mlops_lib.data.limits import check_file_size
from mlops_lib.data.names import renamed, repair_names
from mlops_lib.data.packed import unpacked
from mlops_lib.data.parquet import read_parquet
from mlops_lib.data.spreadsheet import read_sheet
from mlops_lib.objects.dataset import Reading, ReadingOptions
from mlops_lib.objects.errors import NotFoundError
from mlops_lib.objects.words import listed


@dataclass(frozen=True, eq=False)
class ReadTable:
    """A table of int64, float64, timestamp[us] and text columns, and how it was read."""

    table: pa.Table
    reading: Reading


def read_table(path: str | Path, name: str, options: ReadingOptions | None = None) -> ReadTable:
    """Read a file of any format of `data.formats`, packed or not; its content decides which it is.

    Parameters
    ----------
    path : where the file lies.
    name : what the user calls it; appears in messages.
    options : None in a field means: find out, and say what was found.

    Raises
    ------
    NotFoundError : there is no such file.
    InputError : it is empty, is no table, or its rows and names cannot be brought together.
    TooLargeError : it exceeds a limit of `data.limits`.
    """
    path = Path(path)
    if not path.is_file():
        raise NotFoundError(f"There is no file '{name}' any more.", "Upload it again.")
    size = path.stat().st_size
    check_file_size(size)
    found = detect_format(path, name)
    asked = options or ReadingOptions()
    if found not in CONTAINERS:
        read = _READERS[cast("Format", found)](path, name, asked)
        return replace(
            read, reading=replace(read.reading, file_bytes=size, decoded_bytes=read.reading.decoded_bytes or size)
        )
    with unpacked(path, name, found) as inner:
        read = _READERS[inner.format](inner.path, inner.name, asked)
    packed = replace(read.reading, file_bytes=size, container=inner.container, decoded_bytes=inner.size)
    return replace(read, reading=packed)


def _from_text(path: Path, name: str, options: ReadingOptions) -> ReadTable:
    text = decode(path.read_bytes(), name, options.encoding)
    decoded = len(text.utf8)
    raw = read_delimited(text.utf8, options)
    text = replace(text, utf8=b"")  # its memory is needed for the columns
    names, repairs = repair_names(raw.names)
    rules = rules_of(options, raw.columns)
    columns = convert(raw.give_away(), names, rules)
    decimal, said = decimal_used(names, columns)
    used = replace(raw.options, encoding=text.encoding, decimal=options.decimal or decimal, missing=rules.missing)
    reading = Reading(
        format={",": "CSV", ";": "CSV", "\t": "TSV"}.get(used.delimiter or "", "delimited text"),
        options=used,
        rows_in_file=raw.rows + raw.skipped_in_all,
        rows_kept=raw.rows,
        skipped=raw.skipped,
        skipped_in_all=raw.skipped_in_all,
        repairs=(*text.repairs, *raw.repairs, *repairs),
        guessed=(*text.guessed, *(() if options.decimal else said), *raw.guessed),
        decoded_bytes=decoded,
        renamed=renamed(raw.names, names),
    )
    return _finished(columns, names, reading)


def _from_sheet(kind: Format, title: str, path: Path, name: str, options: ReadingOptions) -> ReadTable:
    sheet = read_sheet(path, name, kind, options)
    names, repairs = repair_names(sheet.names)
    # A sheet's numbers have a point, however an earlier table was written.
    rules = rules_of(replace(options, expected_decimal=None), sheet.columns)
    columns = convert(sheet.columns, names, rules)
    decimal, said = decimal_used(names, columns)
    rows = len(sheet.columns[0])
    used = replace(
        options,
        header=sheet.header,
        header_row=sheet.header_row,
        sheet=sheet.chosen,
        decimal=options.decimal or decimal,
        missing=rules.missing,
    )
    reading = Reading(
        format=title,
        options=used,
        rows_in_file=rows,
        rows_kept=rows,
        repairs=(*sheet.repairs, *repairs),
        sheets=sheet.sheets,
        renamed=renamed(sheet.names, names),
        guessed=(*sheet.guessed, *(() if options.decimal else said)),
    )
    return _finished(columns, names, reading)


def _from_parquet(path: Path, name: str, options: ReadingOptions) -> ReadTable:
    table, nested = read_parquet(path, name)
    left_out = tuple(left_out_sentence(title, kind) for title, kind in nested)
    return _declared(table, name, "Parquet", options, left_out)


def _from_arrow(read: Callable[[Path, str], pa.Table], path: Path, name: str, options: ReadingOptions) -> ReadTable:
    return _declared(read(path, name), name, "Arrow", options)


def _declared(
    table: pa.Table, name: str, title: str, options: ReadingOptions, left_out: tuple[str, ...] = ()
) -> ReadTable:
    names, repairs = repair_names(table.column_names)
    rules = rules_of(replace(options, decimal=options.decimal or "."), [])
    found = plain_columns(table, names, rules, name)
    reading = Reading(
        format=title,
        options=replace(options, missing=rules.missing),
        rows_in_file=table.num_rows,
        rows_kept=table.num_rows,
        repairs=(*repairs, *left_out, *found.left_out),
        renamed=renamed(table.column_names, names),
    )
    return _finished(found.columns, found.names, reading)


def _from_json(path: Path, name: str, options: ReadingOptions) -> ReadTable:
    text = decode(path.read_bytes(), name, options.encoding)
    read = read_json(text.utf8, name)
    names, repairs = repair_names([column.name for column in read.columns])
    rules = rules_of(replace(options, decimal=options.decimal or "."), [])
    plain = [(c, n) for c, n in zip(read.columns, names, strict=True) if not c.nested]
    if not plain:
        raise nothing_plain(name)
    left_out = [left_out_sentence(n, c.nested) for c, n in zip(read.columns, names, strict=True) if c.nested]
    reading = Reading(
        format=read.format,
        options=replace(options, encoding=text.encoding, missing=rules.missing),
        rows_in_file=read.rows + read.skipped_in_all,
        rows_kept=read.rows,
        skipped=read.skipped,
        skipped_in_all=read.skipped_in_all,
        repairs=(*text.repairs, *read.repairs, *repairs, *left_out),
        guessed=read.guessed,
        renamed=renamed([column.name for column in read.columns], names),
    )
    return _finished([_json_column(c, n, rules) for c, n in plain], tuple(n for _, n in plain), reading)


def _json_column(column: JsonColumn, title: str, rules: Rules) -> Converted:
    """Numbers as numbers; what the file declares as text, or mixes with it, under the rules of declared text."""
    if column.kinds <= {"number"}:
        return typed_numbers(column.cells, title, rules)
    stand_for_missing = column.texts is not None and column.texts <= {"", *rules.missing}
    found = typed_text(Converted(column.cells), title, rules, mixed="number" in column.kinds and stand_for_missing)
    if column.kinds == {"yes/no"}:
        return replace(found, repairs=(*found.repairs, f"The yes/no values of '{title}' are kept as labels."))
    if len(column.kinds) > 1 and pa.types.is_string(found.values.type):
        kinds = listed([f"{kind} values" for kind in sorted(column.kinds)])
        return replace(found, repairs=(*found.repairs, f"'{title}' mixes {kinds}; it is kept as text."))
    return found


_READERS: dict[Format, Callable[[Path, str, ReadingOptions], ReadTable]] = {
    "text": _from_text,
    "parquet": _from_parquet,
    "arrow": partial(_from_arrow, read_arrow_file),
    "arrow_stream": partial(_from_arrow, read_arrow_stream),
    "xlsx": partial(_from_sheet, "xlsx", "Excel"),
    "xlsb": partial(_from_sheet, "xlsb", "Excel (.xlsb)"),
    "xls": partial(_from_sheet, "xls", "Excel (.xls)"),
    "ods": partial(_from_sheet, "ods", "OpenDocument"),
    "json": _from_json,
}


def _finished(columns: Sequence[Converted], names: tuple[str, ...], reading: Reading) -> ReadTable:
    table = pa.table([column.values for column in columns], names=list(names))
    return ReadTable(
        table,
        replace(
            reading,
            repairs=(*reading.repairs, *(s for column in columns for s in column.repairs)),
            guessed=(
                *reading.guessed,
                *(s for column in columns for s in column.guessed),
                *_suggestions(names, columns),
            ),
            suggested_missing=tuple(dict.fromkeys(token for column in columns for token in column.suggested)),
            misfits=tuple(misfit for column in columns for misfit in column.misfits),
            ambiguous_dates=_ambiguous(names, columns, "date"),
            ambiguous_numbers=_ambiguous(names, columns, "number"),
            day_first=tuple(n for n, c in zip(names, columns, strict=True) if c.order == "day"),
            month_first=tuple(n for n, c in zip(names, columns, strict=True) if c.order == "month"),
        ),
    )


def _ambiguous(names: tuple[str, ...], columns: Sequence[Converted], kind: str) -> tuple[str, ...]:
    return tuple(name for name, column in zip(names, columns, strict=True) if column.ambiguous == kind)


def _suggestions(names: tuple[str, ...], columns: Sequence[Converted]) -> tuple[str, ...]:
    """A sentence for each cell text that keeps columns from being numeric or dates."""
    of: dict[tuple[str, str], list[str]] = {}
    for name, column in zip(names, columns, strict=True):
        for token in column.suggested:
            of.setdefault((token, column.suggested_kind), []).append(name)
    return tuple(_suggestion(token, kind, columns_) for (token, kind), columns_ in of.items())


def _suggestion(token: str, kind: str, names: list[str]) -> str:
    first = ", ".join(f"'{name}'" for name in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    would_be = "numeric" if kind == "number" else "a date" if len(names) == 1 else "dates"
    return f"{first} would be {would_be} if '{token}' counted as missing."
